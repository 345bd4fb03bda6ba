"""The tables of a forecast: scenarios, outcomes, curves, influence. Pure functions of arrays."""

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from vzforecast import latent, names
from vzforecast.case import Case
from vzforecast.events import OpenEvent, evaluate_all
from vzforecast.forecast.probability import FIGURES, Probability
from vzforecast.forecast.weights import Weights
from vzforecast.history import Design, History
from vzforecast.latent import Array, Draws
from vzforecast.paths import Paths

Estimate = Callable[[NDArray[np.bool_]], Probability]
# Takes a number of every draw, and returns the Monte Carlo error of its mean.
Error = Callable[[Array], float]


def scenario_table(case: Case, paths: Paths, by: date, estimate: Estimate) -> pd.DataFrame:
    """Return the probability of every scenario on a day; the first match wins, so they sum to one."""
    rows = {scenario: estimate(holds).row for scenario, holds in scenarios_on(case, paths, by)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")


def scenarios_on(case: Case, paths: Paths, by: date) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield every scenario, and on which paths (bool[draw, path]) it is the first match on a day."""
    active = dict(zip(paths.outcomes, np.moveaxis(paths.active_on([by])[:, :, 0], -1, 0), strict=True))
    open_still = np.ones(active[paths.outcomes[0]].shape, dtype=bool)
    for scenario in case.spec.scenarios:
        holds = open_still.copy()
        for outcome, state in scenario.when.items():
            holds &= active[outcome] == (state == case.outcome(outcome).active)
        open_still &= ~holds
        yield scenario.id, holds


def outcome_table(paths: Paths, by: tuple[date, ...], estimate: Estimate) -> pd.DataFrame:
    """Return, for every outcome and deadline, how likely it is active by then (ever) and on the day (at)."""
    rows = {}
    for outcome, answers in paths.answers().items():  # which count the changes up to a moment once
        for day in by:
            end = paths.days(day)
            ever = estimate(answers.active_between(active=True, after=0.0, until=end))
            at = estimate(answers.active_at(end))
            rows[outcome, pd.Timestamp(day)] = _columns("ever", ever) | _columns("at", at)
    index = pd.MultiIndex.from_tuples(list(rows), names=["outcome", "by"])
    columns = [name + part for name in ("ever", "at") for part in ("", "_lower", "_upper", "_mcse")]
    return pd.DataFrame(list(rows.values()), index=index, columns=columns)


def _columns(name: str, value: Probability) -> dict[str, float]:
    row = value.row
    return {name: row["probability"]} | {f"{name}_{part}": row[part] for part in ("lower", "upper", "mcse")}


def curve_table(event: OpenEvent, days: list[date], paths: Paths, estimate: Estimate) -> pd.DataFrame:
    """Return the probability of an event with each day as its deadline."""
    events = [event.on(day) for day in days]
    happens = evaluate_all(events, paths)  # one reading of the paths for all of them
    rows = [estimate(happens[one]).row for one in events]
    return pd.DataFrame(rows, index=pd.DatetimeIndex(days, name=names.DATE), columns=FIGURES)


def state_array(case: Case, paths: Paths, days: list[date], weights: Weights) -> xr.DataArray:
    """Return the state of every outcome at the end of each day, on every path, and how much each path counts."""
    return xr.DataArray(
        paths.active_on(days).astype(np.int8),
        dims=(names.DRAW, names.PATH, names.DATE, names.OUTCOME),
        coords={
            names.DATE: pd.DatetimeIndex(days),
            names.OUTCOME: list(paths.outcomes),
            names.WEIGHT: ((names.DRAW, names.PATH), weights.of_each_path(paths.draws, paths.paths)),
        },
        name="state",
        attrs={"states": str({outcome.id: list(outcome.states) for outcome in case.spec.outcomes})},
    )


def influence_table(draws: Draws, history: History, design: Design, weights: Weights, error: Error) -> pd.DataFrame:
    """Return influence shares by month up to the as-of date, and faction: mean, interval over draws, error."""
    share = latent.influence(draws, design)[:, : history.period_now + 1]
    months = pd.to_datetime(list(history.periods.labels[: history.period_now + 1]))
    index = pd.MultiIndex.from_product([months, history.factions], names=["period", "faction"])
    values = share.reshape(len(share), -1)
    lower, upper = weights.interval(values)
    mcse = [error(column) for column in values.T]
    return pd.DataFrame({"mean": weights.mean(values), "lower": lower, "upper": upper, "mcse": mcse}, index=index)
