"""Small multiples: panels of one size that share their axes, on axes of their own or given."""

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Final

from vzforecast.plots.canvas import new_axes
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TITLE: Final = 0.42  # inches above a panel for its title
_LEAST: Final = 7.4  # inches of all panels beside each other, which titles and labels need
_HIGHEST: Final = 2.6  # inches of a panel that was made wider
_BESIDE: Final = 0.16  # of a panel's width, between two
_LINE: Final = 0.27  # inches for a line of a panel of lines
_LABEL: Final = 0.5  # inches below such a panel for numbers and label
_TICKS: Final = 23.0  # points below the panels for the days, above the label of all


def panel_axes(count: int, columns: int, panel: tuple[float, float], ax: "Axes | None") -> tuple["Axes", list["Axes"]]:
    """Return the axes around panels, and the panels row by row.

    Parameters
    ----------
    count : int
        Panels, at least one.
    columns : int
        Panels beside each other, at most.
    panel : (float, float)
        Width and height of one in inches, where there is room to choose.
    ax : matplotlib.axes.Axes or None
        Where to draw; a new figure if None.

    Returns
    -------
    outer : matplotlib.axes.Axes
        With title and labels of all panels, and nothing drawn on it.
    inner : list of matplotlib.axes.Axes
        Sharing both axes; only those at the edge show the numbers.
    """
    across = min(columns, count)
    rows = ceil(count / across)
    width, height = _roomy(panel, across)
    outer = _around(new_axes(1.2 + across * width, 1.3 + rows * (height + _TITLE)) if ax is None else ax)
    outer.xaxis.labelpad, outer.yaxis.labelpad = _TICKS, 1.5 * _TICKS
    inner: list[Axes] = []
    share = height / (height + _TITLE) / rows
    wide = 1.0 / (across + (across - 1) * _BESIDE)
    for number in range(count):
        row, column = divmod(number, across)
        bounds = (column * wide * (1.0 + _BESIDE), 1.0 - (row + 1) / rows, wide, share)
        shared = {"sharex": inner[0], "sharey": inner[0]} if inner else {}
        inner.append(outer.inset_axes(bounds, **shared))  # type: ignore[arg-type]  # the stub takes floats alone
        _outer_numbers(inner[-1], left=column == 0, bottom=number + across >= count)
        inner[-1].set_in_layout(column == across - 1)  # only these can reach past all; each asked makes drawing slower
    return outer, inner


def _roomy(panel: tuple[float, float], across: int) -> tuple[float, float]:
    """Return the size of a panel where there are so few that title and label would be wider than all of them."""
    width, height = panel
    wider = max(1.0, _LEAST / across / width)
    return wider * width, max(height, min(wider * height, _HIGHEST))


def _around(outer: "Axes") -> "Axes":
    """Take away what axes show of themselves, apart from title and labels."""
    outer.set(xticks=[], yticks=[])
    outer.patch.set_visible(False)
    outer.spines[:].set_visible(False)
    return outer


def _outer_numbers(panel: "Axes", *, left: bool, bottom: bool) -> None:
    panel.tick_params(labelleft=left, labelbottom=bottom, labelsize="small")
    panel.xaxis.offsetText.set_visible(bottom)
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis="y", alpha=0.3)


def panel_title(panel: "Axes", text: object, below: object, width: int = 36) -> None:
    """Name a panel in two lines, each cut where it is too long."""
    lines = label(text, width, lines=1), label(below, width, lines=1)
    panel.set_title("\n".join(lines), loc="left", fontsize="small", pad=3.0)


def stacked_axes(lines: Sequence[int], ax: "Axes | None") -> tuple["Axes", list["Axes"]]:
    """Return the axes around panels that stand on each other, each as high as its lines need and on its own scale.

    Parameters
    ----------
    lines : sequence of int
        Lines of text beside each panel.
    ax : matplotlib.axes.Axes or None
        Where to draw; a new figure if None.

    Returns
    -------
    outer : matplotlib.axes.Axes
        With the title and the label of all panels, and nothing drawn on it.
    inner : list of matplotlib.axes.Axes
        From the top; room for a title above each and for its own label below.
    """
    heights = [_LINE * count for count in lines]
    whole = sum(heights) + len(lines) * _TITLE + (len(lines) - 1) * _LABEL
    outer = _around(new_axes(8.5, 1.9 + whole) if ax is None else ax)
    inner, reached = [], 0.0
    for height in heights:
        reached += _TITLE + height
        inner.append(outer.inset_axes((0.0, 1.0 - reached / whole, 1.0, height / whole)))
        reached += _LABEL
    outer.xaxis.labelpad = 2.0 * _TICKS
    return outer, inner
