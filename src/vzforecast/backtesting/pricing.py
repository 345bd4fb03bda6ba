"""From a day's forecast to what is kept of it."""

import time
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from vzforecast.backtesting.plan import Plan, day_of
from vzforecast.backtesting.references import base_rate, market, persistence
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.case import Case
from vzforecast.forecast import Forecast


def snapshot(forecast: Forecast, known: Case, plan: Plan, fit_time: float) -> Snapshot:
    """Ask a forecast everything that is kept of a day.

    Parameters
    ----------
    forecast : Forecast
        Of the day, or of an earlier one that is left as it was.
    known : Case
        Cut to the day.
    plan : Plan
        Which questions, and how far ahead.
    fit_time : float
        Wall seconds that the forecast took.

    Returns
    -------
    Snapshot
        Nothing in it is from after the day.
    """
    begun, day = time.perf_counter(), day_of(known)
    questions = _questions(forecast, known, plan.questions)
    scenarios = _scenarios(forecast, day, plan.leads)
    passages = next_changes(forecast, day)
    return Snapshot(
        as_of=str(day),
        questions=questions,
        base_rate=base_rate(known),
        scenarios=scenarios,
        passages=passages,
        **_how(forecast, day),
        ok=forecast.ok,
        fit_time=fit_time,
        pred_time=time.perf_counter() - begun,
        provenance=_provenance(forecast),
    )


def _questions(forecast: Forecast, known: Case, chosen: tuple[str, ...] | None) -> list[dict[str, Any]]:
    table = forecast.questions_unchecked(known)
    table = table if chosen is None else table.loc[table.index.isin(chosen)]
    priced = table.loc[table["why_not"] == "", "event"]
    table = table.assign(persistence=persistence(known, priced), market=market(known, table))
    table["horizon"] = table["horizon"].dt.strftime("%Y-%m-%d")
    return _rows(table)


def _scenarios(forecast: Forecast, day: date, leads: tuple[int, ...]) -> list[dict[str, Any]]:
    days = [day + timedelta(lead) for lead in leads]
    ends = sorted({end for end in days if end < forecast.horizon} | {forecast.horizon})
    rows: list[dict[str, Any]] = []
    for end in ends:
        rows += [{"by": str(end), **row} for row in _rows(forecast.scenarios_unchecked(end))]
    return rows


def next_changes(forecast: Forecast, day: date) -> dict[str, list[float]]:
    """Return, by outcome, how likely its next change is on each day after a day, and not by the horizon.

    Parameters
    ----------
    forecast : Forecast
        Its paths begin on the day or before.
    day : datetime.date
        Changes after its end count.

    Returns
    -------
    dict of str to list of float
        One probability a day up to the horizon, and the rest; they sum to one.
    """
    paths, begin = forecast.simulated, forecast.simulated.days(day)
    length = (paths.horizon - day).days
    weight = forecast.weights.of_each_path(paths.draws, paths.paths)
    found = {}
    for outcome in paths.outcomes:
        first = paths.first_change(outcome, begin)
        changes = np.isfinite(first)
        on = np.ceil(first[changes] - begin).astype(int) - 1
        mass = np.bincount(on, weights=weight[changes], minlength=length)
        found[outcome] = [*mass.tolist(), max(0.0, 1.0 - float(mass.sum()))]
    return found


def _how(forecast: Forecast, day: date) -> dict[str, Any]:
    """Return how the forecast of a day came about."""
    report = forecast.update_report
    if forecast.as_of < day:
        return {"method": "none", "khat": float("nan"), "ess": float("nan")}
    if report is None:
        return {"method": "fit", "khat": float("nan"), "ess": float("nan")}
    return {"method": report.method, "khat": float(report.khat), "ess": float(report.ess)}


def _provenance(forecast: Forecast) -> dict[str, Any]:
    report = forecast.update_report
    fitted = str(forecast.as_of) if report is None else report.fitted
    own = {"fitted": fitted, "why": "" if report is None else report.why, "diagnostics": forecast.diagnostics.text}
    return {**forecast.provenance, **own}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values by name, the index among them."""
    records = table.reset_index().to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in records]
