"""What became of promises: as counted, and as the model reads it."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from vzforecast.case.processes import CommitmentsProcess
from vzforecast.convergence import quietly
from vzforecast.errors import PlotError
from vzforecast.inputs.wording import choices
from vzforecast.plots.canvas import BLACK, BLUE, DARK, ORANGE, finish
from vzforecast.plots.panels import stacked_axes
from vzforecast.plots.sources import source_of
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vzforecast.forecast import Forecast  # only named here: drawing loads no simulator

_ALL: Final = "all"


def defection(fc: "Forecast", by: str | None = None, ax: "Axes | None" = None) -> "Figure":
    """Draw the record of broken promises: raw rates, pooled rates, and how far pooling moved them.

    One panel a form of promise, since breaches per promise and breaches per month cannot share a scale. An open mark is
    the rate as counted, a filled one the pooled rate (posterior mean) on its 90 % interval over draws, the arrow
    between them the shrinkage. The first line is the whole record; the others stand by pooled rate.

    Parameters
    ----------
    fc : Forecast
        Any; a failed fit is marked on the figure.
    by : str, optional
        A grouping or code of the record: ``"kind"``, ``"agreement"``, ``"regime_threat"``, ``"relief_at_stake"`` or
        ``"outcome"``, which has pooled rates alone; by default the first that the case pools by.
    ax : matplotlib.axes.Axes, optional
        Where to draw, panels one below the other; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Raises
    ------
    PlotError
        If the record is empty, or has no such grouping.

    Examples
    --------
    >>> vz.plot.defection(fc, by="agreement")  # doctest: +SKIP
    """
    record = quietly(fc.defection)
    if record.empty:
        raise PlotError(f"defection: nothing was promised by {fc.as_of}, so there is no record; draw a later forecast")
    chosen = _grouping(fc, record, by)
    parts = {process: _lines(record, process, chosen) for process in _processes(record)}
    outer, panels = stacked_axes([len(rows) for rows in parts.values()], ax)
    for (process, rows), panel in zip(parts.items(), panels, strict=True):
        _draw(panel, rows)
        unit = fc.case.spec.processes[process].unit
        panel.set_title(label(process, 60, lines=1), loc="left", fontsize="medium")
        panel.set_xlabel(f"Breaches {unit}", fontsize="small")
    outer.set_xlabel("Open: as counted; filled: pooled, with its 90 % interval over draws; arrow: shrinkage")
    outer.set_title(label(f"{fc.case.spec.title}: promises by {chosen}", 80), pad=10.0)
    return finish(outer, source_of(fc), ok=fc.ok)


def _processes(record: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(grouping.split(".", 1)[0] for grouping, _ in record.index))


def _grouping(fc: "Forecast", record: pd.DataFrame, by: str | None) -> str:
    """Return the grouping asked for, or the first that the case declares for a form of promise."""
    there = [name for name in dict.fromkeys(g.split(".", 1)[1] for g, _ in record.index) if name != _ALL]
    if by is None:
        forms = [one for one in fc.case.spec.processes.values() if isinstance(one, CommitmentsProcess)]
        declared = [str(grouping) for one in forms for grouping in one.groupings if grouping in there]
        return declared[0] if declared else _ALL
    if by not in there:
        raise PlotError(f"defection: by is {by!r}, which the record does not have; {choices(by, there)}")
    return by


def _lines(record: pd.DataFrame, process: str, grouping: str) -> pd.DataFrame:
    """Return the lines of one form of promise by level, the whole first and then by pooled rate."""
    names = record.index.get_level_values("grouping")
    whole, own = (record[names == f"{process}.{name}"].droplevel("grouping") for name in (_ALL, grouping))
    ranked = own.sort_values("pooled", ascending=False, kind="stable")
    return whole if grouping == _ALL else pd.concat([whole, ranked])


def _draw(panel: "Axes", rows: pd.DataFrame) -> None:
    place = np.arange(len(rows))
    raw, pooled, lower, upper = (rows[name].to_numpy(float) for name in ("raw", "pooled", "lower", "upper"))
    panel.hlines(place, lower, upper, color=BLUE, linewidth=4, alpha=0.35)
    panel.plot(pooled, place, "o", color=BLUE, markersize=7, clip_on=False)
    panel.plot(raw, place, "D", markerfacecolor="white", markeredgecolor=BLACK, markersize=6, clip_on=False)
    for height, start, end in zip(place, raw, pooled, strict=True):
        if np.isfinite(start):
            arrow = {"arrowstyle": "->", "color": ORANGE, "linewidth": 1.5, "shrinkA": 3.0, "shrinkB": 3.0}
            panel.annotate("", (end, height), (start, height), arrowprops=arrow)
    panel.set_yticks(place, [label(name, 34, lines=1) for name in rows.index], fontsize="small")
    for height, count, broken in zip(place, rows["n"], rows["broken"], strict=True):
        said = f"{broken:g} of {count:g} broken" if count else ""
        panel.annotate(
            said,
            (1.0, height),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize="small",
            color=DARK,
        )
    panel.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0.0, None))
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis="x", alpha=0.3)
