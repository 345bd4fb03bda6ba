"""What to watch for: the expected information in each question."""

from typing import TYPE_CHECKING, Final

import numpy as np

from vzforecast.plots.canvas import BLUE, GREY, finish, new_axes
from vzforecast.plots.sources import said
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vzforecast.explaining import Information  # only named here: drawing loads no simulator

_WIDTH: Final = 46  # letters of a label in a line


def information(value: "Information", top: int = 10, ax: "Axes | None" = None) -> "Figure":
    """Draw how much the answer to each question is expected to say about an event.

    Bars are expected information in bits, with a whisker of twice the Monte Carlo error on either side; a grey bar is
    within it. Beside each bar stands by how many points the answer is expected to move the probability.

    Parameters
    ----------
    value : Information
        From `vzforecast.value_of_information`.
    top : int, default 10
        Questions to draw, the most informative first.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Examples
    --------
    >>> vz.plot.information(vz.value_of_information(fc, None, event))  # doctest: +SKIP
    """
    shown = value.table.head(top)
    axes = new_axes(8.0, 1.4 + 0.45 * len(shown)) if ax is None else ax
    place = np.arange(len(shown))
    colours = [BLUE if clear else GREY for clear in shown["clear"]]
    error = 2.0 * shown["bits_mcse"]
    below = np.minimum(error, shown["bits"])  # information is never below zero
    axes.barh(place, shown["bits"], xerr=[below, error], color=colours, ecolor="black", error_kw={"elinewidth": 1})
    for height, end, shift in zip(place, shown["bits"] + error, shown["shift"], strict=True):
        axes.annotate(f" {shift:.1f} points", (end, height), va="center", fontsize="small")
    axes.set_yticks(place, [label(question, _WIDTH) for question in shown.index], fontsize="small")
    axes.invert_yaxis()
    axes.margins(x=0.2)
    axes.set(xlabel="Expected information in bits (whisker: twice the Monte Carlo error)", xlim=(0.0, None))
    axes.set_title(
        f"{label(f'What to watch for: {value.event}', 80)}\n{value.probability.mean:.0%} as of {value.as_of}",
        fontsize="medium",
    )
    return finish(axes, said(value.origin), ok=value.probability.ok)
