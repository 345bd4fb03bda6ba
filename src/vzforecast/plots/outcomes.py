"""How likely each outcome is to have come by a deadline, as the deadline moves."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pandas as pd

from vzforecast import figures
from vzforecast.forecast.coming import active_on, coming
from vzforecast.forecast.days import day_within, evenly
from vzforecast.inputs.dates import DateLike
from vzforecast.plots.bands import draw_band
from vzforecast.plots.canvas import BLACK, date_axis, finish
from vzforecast.plots.panels import panel_axes, panel_title
from vzforecast.plots.sources import source_of
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vzforecast.forecast import Forecast  # only named here: drawing loads no simulator

_COLUMNS: Final = 4
_POINTS: Final = 7  # of a curve: it bends little, and each costs a count of all paths


def outcomes(fc: "Forecast", by: Iterable[DateLike] | None = None, ax: "Axes | None" = None) -> "Figure":
    """Draw, for every outcome, how likely it is to have come by a deadline as the deadline moves.

    One panel an outcome, all on one scale. The line is the probability that it is active at some moment after the as-of
    date and by the deadline, the band its 90 % interval over draws; dashed, how likely it is active on the day itself,
    which a recurrent outcome never is. Above stands the former at the last deadline.

    Parameters
    ----------
    fc : Forecast
        Any; a failed fit is marked on the figure.
    by : iterable of date-like, optional
        Deadlines; some to the horizon by default.
    ax : matplotlib.axes.Axes, optional
        Where to draw, panels side by side; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Raises
    ------
    DateError
        If a deadline is not after the as-of date, or after the horizon; or nothing is left to forecast.

    Examples
    --------
    >>> vz.plot.outcomes(fc)  # doctest: +SKIP
    """
    first = fc.as_of + timedelta(days=1)
    days = sorted(day_within(day, first, fc.horizon) for day in (deadlines(fc) if by is None else by))
    declared, last_day = fc.case.spec.outcomes, pd.Timestamp(days[-1])
    outer, panels = panel_axes(len(declared), _COLUMNS, (2.3, 1.25), ax)
    panels[0].set(xlim=(pd.Timestamp(fc.as_of), last_day), ylim=(0.0, 100.0))  # before each panel looks for its own
    for (one, ever), panel in zip(coming(fc, days), panels, strict=True):
        draw_band(panel, ever, mark="" if len(ever) > 1 else "o")
        if not one.recurrent:  # which is over before the day ends
            on = 100.0 * active_on(fc, one, days)
            panel.plot(ever.index.to_numpy(), on, color=BLACK, linestyle="--", linewidth=1)
        last = figures.percent_with_interval(*ever.to_numpy()[-1])
        panel_title(panel, one.label, f"{one.active}: {last}")
    date_axis(panels[0], 4)
    outer.set_xlabel("Deadline (line and band: active by then, 90 % interval over draws; dashed: active on the day)")
    outer.set_ylabel("Probability, %")
    outer.set_title(label(f"{fc.case.spec.title}: outcomes by {last_day.date()}", 80))
    return finish(outer, source_of(fc), ok=fc.ok)


def deadlines(fc: "Forecast") -> pd.DatetimeIndex:
    """Return days from the one after the as-of date to the horizon, evenly spread; one, if that is all there is."""
    first = fc.as_of + timedelta(days=1)
    return pd.DatetimeIndex(evenly(first, max(first, fc.horizon), _POINTS))
