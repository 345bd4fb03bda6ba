"""How likely it is that something has not happened yet."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from vzforecast import figures
from vzforecast.convergence import quietly
from vzforecast.errors import PlotError
from vzforecast.forecast import FirstPassage, Forecast
from vzforecast.forecast.coming import coming
from vzforecast.plots import sources
from vzforecast.plots.bands import draw_band
from vzforecast.plots.canvas import BLACK, DARK, date_axis, day_number, finish
from vzforecast.plots.outcomes import deadlines
from vzforecast.plots.panels import panel_axes, panel_title
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS: Final = 4


class _Curve(NamedTuple):
    """What one panel shows."""

    event: str
    table: pd.DataFrame
    passage: FirstPassage | None = None
    said: str = ""  # before the figures


def survival(
    result: Forecast | FirstPassage | Iterable[FirstPassage],
    events: str | Iterable[str] | None = None,
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw the probability that something has not happened yet, day by day to the horizon.

    One panel an event, all on one scale, with the 90 % interval over draws as a band. Where a time to the event is
    asked for, the day by which it is as likely as not to have happened is a dashed line, and the days on which the ends
    of the band cross one half are dotted ones.

    Parameters
    ----------
    result : Forecast, FirstPassage or iterable of FirstPassage
        A forecast, or what its ``time_to`` gave, of one as-of date and horizon.
    events : str or iterable of str, optional
        Of a forecast: events without their deadline that stay true once they are; by default that each outcome becomes
        active after the as-of date (without the day for one half, which takes longer to find).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Raises
    ------
    EventError
        If an event does not parse, carries a deadline, or may become false again.
    PlotError
        If there is nothing to draw, if events are asked of what has its own, or if as-of dates or horizons differ.

    Examples
    --------
    >>> vz.plot.survival(fc, "ever(sanctions = re_escalated)")  # doctest: +SKIP
    >>> vz.plot.survival(fc.time_to("ever(sanctions = re_escalated)"))  # doctest: +SKIP
    """
    if isinstance(result, Forecast):
        return _of_forecast(result, events, ax)
    if events is not None:
        raise PlotError(f"survival: events is {events!r}, but times to events have their own; leave it out")
    passages = [result] if isinstance(result, FirstPassage) else list(result)
    days = sorted({(one.as_of, one.horizon) for one in passages})
    if len(days) != 1:
        listed = ", ".join(f"{first} to {last}" for first, last in days) or "none"
        raise PlotError(f"survival: times to events of one span are needed, got {listed}; draw each by itself")
    outer = _draw([_Curve(one.event, one.survival, one) for one in passages], days[0], ax)
    outer.set_title(f"Not yet, and not by {days[0][1]}")
    return finish(outer, _source(passages), ok=all(one.not_by_horizon.ok for one in passages))


def _source(passages: list[FirstPassage]) -> str:
    """Return what the times come from; of those worked out from bare paths, as far as it is known."""
    origins = [one.origin for one in passages if one.origin is not None]
    if len(origins) == len(passages):
        return sources.said(*dict.fromkeys(origins))
    return f"{sources.as_of([passages[0].as_of])}, {sources.size(passages[0].not_by_horizon.draws)}"


def _of_forecast(fc: Forecast, events: str | Iterable[str] | None, ax: "Axes | None") -> "Figure":
    if events is None:
        curves = list(_each_outcome(fc))
    else:
        asked = [events] if isinstance(events, str) else list(events)
        if not asked:
            raise PlotError("survival: events is empty; name at least one, or leave it out for each outcome")
        passages = quietly(lambda: [fc.time_to(event) for event in asked])
        curves = [_Curve(one.event, one.survival, one) for one in passages]
    outer = _draw(curves, (fc.as_of, fc.horizon), ax)
    outer.set_title(label(f"{fc.case.spec.title}: not yet, and not by {fc.horizon}", 80))
    return finish(outer, sources.source_of(fc), ok=fc.ok)


def _each_outcome(fc: Forecast) -> Iterator[_Curve]:
    """Yield what the curve of each outcome says, from its other side."""
    other = {"probability": "probability", "upper": "lower", "lower": "upper"}
    for one, table in coming(fc, deadlines(fc)):
        yield _Curve(one.label, 1.0 - table[list(other)].rename(columns=other), said=f"not {one.active}: ")


def _draw(curves: list[_Curve], span: tuple[date, date], ax: "Axes | None") -> "Axes":
    one = len(curves) == 1
    outer, panels = panel_axes(len(curves), _COLUMNS, (6.0, 3.2) if one else (2.3, 1.25), ax)
    ends = pd.Timestamp(span[0]), pd.Timestamp(span[1]) + pd.Timedelta(days=1)
    panels[0].set(ylim=(0.0, 100.0), xlim=ends)  # before each panel looks for its own
    for curve, panel in zip(curves, panels, strict=True):
        draw_band(panel, curve.table, mark="" if len(curve.table) > 1 else "o")
        if curve.passage is not None:
            _halves(panel, curve.passage)
        last = figures.percent_with_interval(*curve.table[["probability", "lower", "upper"]].to_numpy()[-1])
        panel_title(panel, curve.event, f"{curve.said}{last}", width=80 if one else 36)
    date_axis(panels[0], 8 if one else 4)
    outer.set_ylabel("Probability of not yet, %")
    halves = any(curve.passage is not None for curve in curves)
    lines = "; dashed: median day, dotted: its band" if halves else ""
    outer.set_xlabel(label(f"End of day (band: 90 % interval over draws{lines})", 90))
    return outer


def _halves(panel: "Axes", passage: FirstPassage) -> None:
    panel.axhline(50.0, color=DARK, linewidth=0.5)
    for day, style in ((passage.median, "--"), (passage.median_lower, ":"), (passage.median_upper, ":")):
        if day is not None and day >= passage.as_of:
            panel.axvline(day_number(day), color=BLACK, linestyle=style, linewidth=1)
