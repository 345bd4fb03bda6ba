"""How a probability went from one as-of date to the next, and the news that came between."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.convergence import quietly
from vzforecast.display.summary import rows as by_index
from vzforecast.errors import PlotError
from vzforecast.forecast import Forecast
from vzforecast.inputs.wording import choices
from vzforecast.plots import sources
from vzforecast.plots.bands import draw_band, rows_of
from vzforecast.plots.canvas import ALARM, date_axis, finish, new_axes
from vzforecast.plots.news import COLUMNS, chosen_news, draw_news, listed
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vzforecast.backtesting import BacktestResult  # only named here: drawing loads no scores

_ANSWERS: Final = {1.0: ", which happened", 0.0: ", which did not happen"}


class _Track(NamedTuple):
    """What is drawn: ``table`` by as-of date with ``probability``, ``lower``, ``upper``, ``ok``."""

    title: str
    table: pd.DataFrame
    source: str

    @property
    def span(self) -> tuple[date, date]:
        days = self.table.index
        return days[0].date(), days[-1].date()


def history(
    result: "Forecast | Iterable[Forecast] | BacktestResult",
    event: str,
    news: int = 8,
    case: Case | None = None,
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw how the probability of an event went over as-of dates, and the news that came between.

    A point is what was said as of that day, the band its 90 % interval over draws. Numbers stand on the days on which
    the strongest news was published, which is listed below: changes of state first, then by strength.

    Parameters
    ----------
    result : Forecast, iterable of Forecast, or BacktestResult
        Forecasts of one case as of different days, in any order: fits, or updates of each other. Or a backtest.
    event : str
        An event with its deadline, or the id of a scenario, which is meant for the horizon. Of a backtest: the id of a
        question.
    news : int, default 8
        Items of news to mark, at most.
    case : Case, optional
        Whose news to mark; by default that of the last forecast. A backtest carries none, so that without a case
        nothing is marked.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Raises
    ------
    PlotError
        If there is no forecast, two are as of one day, they are of several cases or under interventions; or the
        backtest does not have the question, or no probability of it.
    EventError
        If the event does not parse.

    Examples
    --------
    >>> vz.plot.history([fc, fc2], "ever(chevron_licence = suspended) by 2025-06-30")  # doctest: +SKIP
    >>> vz.plot.history(vz.backtest(case, days), "chevron_licence_jun", case=case)  # doctest: +SKIP
    """
    if case is not None:
        given_case(case, "history")
    if isinstance(result, Forecast | Iterable):
        forecasts = _in_order([result] if isinstance(result, Forecast) else list(result))
        return _draw(_of_forecasts(forecasts, event), case or forecasts[-1].case, news, ax)
    return _draw(_of_backtest(result, event), case, news, ax)


def _in_order(forecasts: list[Forecast]) -> list[Forecast]:
    """Return forecasts by as-of date, after a look at whether they make one history."""
    if not forecasts:
        raise PlotError("history: there is no forecast; give at least one")
    if len(cases := dict.fromkeys(fc.case.spec.label for fc in forecasts)) > 1:
        raise PlotError(f"history: forecasts of several cases ({', '.join(cases)}); draw each by itself")
    seen: set[date] = set()
    for fc in forecasts:
        if fc.interventions:
            raise PlotError(f"history: as of {fc.as_of} under an intervention, which nobody believed; leave it out")
        if fc.as_of in seen:
            raise PlotError(f"history: two forecasts are as of {fc.as_of}; leave one out")
        seen.add(fc.as_of)
    return sorted(forecasts, key=lambda fc: fc.as_of)


def _of_forecasts(forecasts: list[Forecast], event: str) -> _Track:
    spec = forecasts[0].case.spec
    labels = {one.id: one.label for one in spec.scenarios if one.id not in spec.events}
    rows = quietly(lambda: [_asked(fc, event, scenario=event in labels) for fc in forecasts])
    index = pd.DatetimeIndex([fc.as_of for fc in forecasts], name="as_of")
    table = pd.DataFrame(rows, index=index).assign(ok=[fc.ok for fc in forecasts])
    title = f"{labels[event]} on {forecasts[-1].horizon}" if event in labels else event
    return _Track(title, table, sources.source_of(*forecasts))


def _asked(fc: Forecast, event: str, *, scenario: bool) -> dict[str, float]:
    return by_index(fc.scenarios())[event] if scenario else fc.probability(event).row


def _of_backtest(result: "BacktestResult", question: str) -> _Track:
    asked = list(dict.fromkeys(result.table.index.get_level_values("question")))
    if question not in asked:
        raise PlotError(f"history: the backtest has no question {question!r}; {choices(question, asked)}")
    rows = rows_of(result.table, "question", question)
    said = rows[rows["why_not"] == ""]
    if said.empty:
        why = rows["why_not"].iloc[-1]
        raise PlotError(f"history: question {question!r} has no probability ({why}); choose another")
    answer = _ANSWERS.get(float(said["resolution"].to_numpy(float)[-1]), "")
    made = result.provenance.loc[said.index]
    sizes = dict.fromkeys(sources.size(one["draws"] * one["chains"], one["paths"]) for one in made["settings"])
    parts = [f"{result.label} {sources.as_of([day.date() for day in said.index])}", sources.seeds(made["seed"]), *sizes]
    table = said[["probability", "lower", "upper", "ok"]]
    return _Track(f"{question}: {said['event'].iloc[-1]}{answer}", table, ", ".join(parts))


def _draw(track: _Track, case: Case | None, most: int, ax: "Axes | None") -> "Figure":
    news = pd.DataFrame(columns=COLUMNS) if case is None else chosen_news(case, track.span, most)
    axes = new_axes(8.5, 4.2 + 0.16 * len(news)) if ax is None else ax
    table, failed = track.table, ~track.table["ok"].to_numpy(bool)
    draw_band(axes, table, mark="o")
    axes.plot(
        table.index.to_numpy()[failed], 100.0 * table["probability"][failed], "X", color=ALARM, markersize=10, zorder=4
    )
    top = float(np.clip(100.0 * table[["probability", "upper"]].to_numpy(float).max(), 1.0, 100.0))
    day = pd.Timedelta(days=1)
    axes.set(xlim=(table.index[0] - day, table.index[-1] + day), ylim=(0.0, top))
    axes.set_yticks([tick for tick in axes.get_yticks() if 0.0 <= tick <= top])
    if len(news):
        draw_news(axes, news, top)
        axes.set_ylim(0.0, 1.28 * top)
    date_axis(axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_ylabel("Probability, %")
    axes.set_xlabel("As-of date (band: 90 % interval over draws; numbers: news, on the day it was published)")
    axes.set_title(label(track.title, 90), fontsize="medium")
    return finish(axes, track.source, ok=not failed.any(), below=listed(news))
