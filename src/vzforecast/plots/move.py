"""What moved a probability: a waterfall from one forecast to the next."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.plots.canvas import BLUE, GREY, ORANGE, finish, new_axes
from vzforecast.plots.sources import said as source_said
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vzforecast.explaining import MoveLedger  # only named here: drawing loads no simulator

_WIDTH: Final = 42  # letters of a label in a line


def move(result: "MoveLedger", ax: "Axes | None" = None) -> "Figure":
    """Draw a move ledger as a waterfall in percentage points.

    It starts at what the earlier forecast says; every line begins where the one above it ends, and the last ends at
    what the later forecast says. Blue is up, orange is down; a grey bar is less than twice its Monte Carlo error, which
    the whisker shows on either side of its end.

    Parameters
    ----------
    result : MoveLedger
        From `vzforecast.explain`; grouped, if its ``by`` says so.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Examples
    --------
    >>> vz.plot.move(vz.explain(fc, fc2, event))  # doctest: +SKIP
    """
    table = result.table
    axes = new_axes(8.0, 1.8 + 0.4 * (len(table) + 2)) if ax is None else ax
    points, place = table["points"].to_numpy(float), np.arange(len(table)) + 1
    ends = 100.0 * result.before.mean + np.cumsum(points)
    colours = [_colour(value, certain=bool(told)) for value, told in zip(points, table["clear"], strict=True)]
    axes.barh(place, points, left=ends - points, color=colours)
    axes.errorbar(ends, place, xerr=2.0 * table["mcse"], fmt="none", ecolor="black", elinewidth=1)
    said = 100.0 * np.array([result.before.mean, result.after.mean])
    edges = np.array([0, len(table) + 1])
    axes.scatter(said, edges, color="black", zorder=3)
    for height, end in zip(edges, said, strict=True):
        axes.annotate(f"  {end:.1f} %", (end, height), va="center", fontsize="small")
    for height, end, value, error in zip(place, ends, points, 2.0 * table["mcse"], strict=True):
        right = max(end + error, end - value)
        axes.annotate(f"  {figures.points(value)}", (right, height), va="center", fontsize="small")
    _label(result, table, axes)
    return finish(axes, source_said(*result.origins), ok=result.before.ok and result.after.ok)


def _colour(points: float, *, certain: bool) -> str:
    if not certain:
        return GREY
    return BLUE if points > 0.0 else ORANGE


def _label(result: "MoveLedger", table: pd.DataFrame, axes: "Axes") -> None:
    first, last = result.days
    names = [f"as of {first}", *(_name(table, name) for name in table.index), f"as of {last}"]
    axes.set_yticks(np.arange(len(names)), [label(name, _WIDTH) for name in names], fontsize="small")
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("Probability, % (whisker: twice the Monte Carlo error of the line)")
    title = f"What moved {result.event}"
    warning = "" if result.trusted else "\nk-hat too large: do not rely on the split"
    axes.set_title(label(title, 60) + warning, fontsize="medium")


def _name(table: pd.DataFrame, name: str) -> str:
    """Return the headline of an item, if it has one."""
    headline = str(table.loc[name, "headline"]) if "headline" in table.columns else ""
    return headline or name
