"""What all figures share: a place to draw, and colours that everybody can tell apart."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe, M. and Ito, K. (2008). Color universal design: told apart with every kind of colour vision.
BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREY: Final = "#999999"


def new_axes(width: float, height: float) -> "Axes":
    """Return axes on a figure of their own, sizes in inches.

    pyplot forgets the figure at once, so that a notebook shows it once, where it is the value of a cell, and a script
    that draws a hundred keeps none open.
    """
    import matplotlib.pyplot as plt  # noqa: PLC0415 - drawing alone needs it

    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    plt.close(figure)
    return axes


def figure_of(axes: "Axes") -> "Figure":
    """Return the figure that axes are on, the outermost if they are on a part of one."""
    figure = axes.get_figure(root=True)
    if figure is None:  # axes taken off their figure
        message = "the axes are on no figure"
        raise ValueError(message)
    return figure
