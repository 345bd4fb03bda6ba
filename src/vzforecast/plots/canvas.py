"""What all figures share: a place to draw, colours and marks that everybody can tell apart, and what stands below."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe, M. and Ito, K. (2008). Color universal design: told apart with every kind of colour vision. Their yellow is
# left out, which white paper swallows.
BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
SKY: Final = "#56B4E9"
BLACK: Final = "#000000"
GREY: Final = "#999999"
DARK: Final = "#555555"  # of small print
ALARM: Final = "#B00020"

# As many marks as have no divisor in common with the colours: fifty-six pairs before one comes again.
_COLOURS: Final = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BLACK)
_MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")

# Names by which tests and users find these parts of a figure.
SOURCE: Final = "source"
FAILED: Final = "failed fit"
BAND: Final = 0.25  # how much a band covers
_DAYS: Final = ("%b %Y", "%d %b")  # of ticks a month apart or more, and of closer ones


class Look(NamedTuple):
    """How one of several series is drawn: a colour, and a mark that tells it apart without colour."""

    colour: str
    marker: str


def look(number: int) -> Look:
    """Return the look of a series by its number, from 0."""
    return Look(_COLOURS[number % len(_COLOURS)], _MARKS[number % len(_MARKS)])


def new_axes(width: float, height: float, room: float = 0.04) -> "Axes":
    """Return axes on a figure of their own, sizes in inches, with so much room above and below all that is written.

    pyplot forgets the figure at once, so that a notebook shows it once, where it is the value of a cell, and a script
    that draws a hundred keeps none open.
    """
    import matplotlib.pyplot as plt  # noqa: PLC0415 - drawing alone needs it
    from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(width, height), layout=ConstrainedLayoutEngine(h_pad=room))
    plt.close(figure)
    return axes


def figure_of(axes: "Axes") -> "Figure":
    """Return the figure that axes are on, the outermost if they are on a part of one."""
    figure = axes.get_figure(root=True)
    if figure is None:  # axes taken off their figure
        message = "the axes are on no figure"
        raise ValueError(message)
    return figure


def finish(axes: "Axes", source: str, *, ok: bool = True, below: str = "", width: int = 110) -> "Figure":
    """Say where the numbers come from, and across the axes whether they may be used.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        With its label below, if it has one: the source stands under it.
    source : str
        Case, as-of date, seed and draws, as far as they are known.
    ok : bool, default True
        Whether every fit behind the figure passed its diagnostics.
    below : str, default ""
        Lines that stand between the axes and the source, ready to be shown.
    width : int, default 110
        Letters in a line of the source, at most.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.
    """
    lines = [below, ""] if below else []
    axes.annotate(
        "\n".join([*lines, label(source, width)]),
        xy=(0.0, 0.0),
        xycoords=("axes fraction", axes.xaxis.label),  # wherever tick labels have pushed it
        xytext=(0.0, -5.0),
        textcoords="offset points",
        va="top",
        fontsize="x-small",
        color=DARK,
        gid=SOURCE,
    )
    if not ok:
        _alarm(axes)
    return figure_of(axes)


def _alarm(axes: "Axes") -> None:
    """Write over the figure, so that no cutting out of it loses the verdict."""
    box = {"boxstyle": "round", "facecolor": "white", "edgecolor": ALARM, "alpha": 0.85}
    axes.annotate(
        "FAILED FIT, DO NOT USE",
        xy=(0.5, 0.5),
        xycoords="axes fraction",
        ha="center",
        va="center",
        color=ALARM,
        fontsize="x-large",
        fontweight="bold",
        bbox=box,
        zorder=10,
        gid=FAILED,
    )


def date_axis(axes: "Axes", most: int = 8) -> None:
    """Let the axis below show days, at no more than so many places, each saying its year or its day by itself.

    The places are those of the limits that the axis has now, and stay: to look for them again, in every panel and for
    each of the several looks that laying out takes, is what drawing panels of days would spend most of its time on.
    """
    from matplotlib import dates, ticker  # noqa: PLC0415 - drawing alone needs it

    days: Any = dates  # which has no types of its own
    first, last = sorted(axes.get_xlim())
    few = last - first <= most  # else hours would be shown
    locator = days.DayLocator() if few else days.AutoDateLocator(minticks=min(3, most), maxticks=most)
    finer = [_DAYS[1]] * 3  # than a day: there is nothing
    formats = {"formats": ["%Y", *_DAYS, *finer], "zero_formats": ["%Y", *_DAYS, *finer]}
    locator.set_axis(axes.xaxis)
    places = [place for place in locator() if first <= place <= last]
    said = days.ConciseDateFormatter(locator, show_offset=False, **formats).format_ticks(places)
    axes.xaxis.set_major_locator(ticker.FixedLocator(places))
    axes.xaxis.set_major_formatter(ticker.FixedFormatter(said))


def day_number(day: Any) -> float:
    """Return a day as matplotlib counts it along an axis."""
    from matplotlib import dates  # noqa: PLC0415 - drawing alone needs it

    days: Any = dates
    return float(days.date2num(day))
