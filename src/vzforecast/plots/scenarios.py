"""How likely each scenario is."""

from typing import TYPE_CHECKING, Final

import numpy as np

from vzforecast import figures
from vzforecast.inputs.dates import DateLike, as_day
from vzforecast.plots.canvas import BLACK, BLUE, DARK, finish, new_axes
from vzforecast.plots.sources import source_of
from vzforecast.plots.words import label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vzforecast.forecast import Forecast  # only named here: drawing loads no simulator

_ROOM: Final = 1.12  # beside the longest interval, for the number


def scenarios(fc: "Forecast", by: DateLike | None = None, ax: "Axes | None" = None) -> "Figure":
    """Draw the probability of every scenario on a day, with its two errors.

    A bar is a probability, the thin line on it its 90 % interval over draws (what we do not know), the thick one twice
    the Monte Carlo error on either side (what we did not compute long enough). Scenarios keep the order of the case.

    Parameters
    ----------
    fc : Forecast
        Any; a failed fit is marked on the figure.
    by : date-like, optional
        The day whose states decide; the case's horizon by default.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Raises
    ------
    DateError
        If the day is before the as-of date or after the horizon.

    Examples
    --------
    >>> vz.plot.scenarios(fc, by="2025-06-30")  # doctest: +SKIP
    """
    day = fc.horizon if by is None else as_day(by)
    table = fc.scenarios_unchecked(day)
    axes = new_axes(8.0, 1.7 + 0.5 * len(table)) if ax is None else ax
    _draw(axes, table)
    names = [label(declared.label, 30, lines=2) for declared in fc.case.spec.scenarios]
    axes.set_yticks(np.arange(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("Probability, % (thin: 90 % interval over draws; thick: twice the Monte Carlo error)")
    axes.set_title(label(f"{fc.case.spec.title}: scenarios on {day}", 80))
    return finish(axes, source_of(fc), ok=fc.ok)


def _draw(axes: "Axes", table: "pd.DataFrame") -> None:
    place, said = np.arange(len(table)), 100.0 * table["probability"].to_numpy(float)
    lower, upper = (100.0 * table[name].to_numpy(float) for name in ("lower", "upper"))
    error = 200.0 * table["mcse"].to_numpy(float)
    axes.barh(place, said, height=0.62, color=BLUE)
    axes.hlines(place, lower, upper, color=BLACK, linewidth=1.2)
    axes.plot(np.r_[lower, upper], np.r_[place, place], "|", color=BLACK, markersize=8, linestyle="none")
    axes.hlines(place, said - error, said + error, color=BLACK, linewidth=5)
    right = np.maximum(upper, said + error)
    for height, end, chance in zip(place, right, table["probability"], strict=True):
        axes.annotate(
            figures.percent(chance), (end, height), (6, 0), textcoords="offset points", va="center", color=DARK
        )
    axes.set_xlim(0.0, max(1.0, _ROOM * float(np.nanmax(right))))
    axes.spines[["top", "right"]].set_visible(False)
