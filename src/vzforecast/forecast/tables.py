"""The tables of a forecast: scenarios, outcomes, curves, influence, the defection record. Pure functions of arrays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from vzforecast import latent, likelihood, names
from vzforecast.case import Case
from vzforecast.case.processes import CommitmentsProcess
from vzforecast.events import OpenEvent, evaluate_all
from vzforecast.forecast.probability import FIGURES, Probability
from vzforecast.forecast.weights import Weights
from vzforecast.history import Design, History
from vzforecast.latent import Array, Draws
from vzforecast.paths import Paths

# Log distance below which a raw rate counts as equal to the expected one, so that shrinkage has no meaning.
SAME_RATE = 0.05

DEFECTION_COLUMNS = ["n", "broken", "raw", "pooled", "lower", "upper", "mcse", "shrinkage", "shrinkage_mcse"]

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


def defection_table(
    draws: Draws, case: Case, history: History, design: Design, weights: Weights, error: Error
) -> pd.DataFrame:
    """Return raw and partially pooled rates of breach, by grouping and level, for each form of promise."""
    rates = np.exp(likelihood.row_log_rates(draws, design))
    effects = dict(zip(design.coords[names.LEVEL], latent.level_effects(draws, design).T, strict=True))
    rows, lines, mean = history.rows.reset_index(drop=True), {}, _Mean(weights, error)
    for process, declared in case.spec.processes.items():
        if not isinstance(declared, CommitmentsProcess):
            continue
        own = rows[(rows["process"] == process) & (rows["outcome"] == "")]
        if own.empty:
            continue  # nothing promised yet: no rate to show
        for grouping, label, chosen in _members(process, own, declared):
            level = names.level(f"{declared.family}.{grouping.split('.', 1)[1]}", label)
            lines[grouping, label] = _record_line(rates[:, chosen], own.loc[chosen], effects.get(level), mean)
        for outcome, rate in _outcome_rates(draws, case, design, process):
            lines[f"{process}.outcome", outcome] = {"n": 0, "broken": 0.0, "raw": np.nan} | mean.pooled(rate)
    index = pd.MultiIndex.from_arrays([[key[i] for key in lines] for i in (0, 1)], names=[names.GROUPING, names.LEVEL])
    return pd.DataFrame(list(lines.values()), index=index, columns=DEFECTION_COLUMNS)


def _outcome_rates(draws: Draws, case: Case, design: Design, process: str) -> Iterator[tuple[str, Array]]:
    """Yield the base rate of each outcome that stands for this process: its members, its codes and its own doubt."""
    rates = np.exp(latent.base_log_rates(draws, design))
    for position, outcome in enumerate(case.spec.outcomes):
        for transition, hazard in outcome.hazards.items():
            if hazard.process == process:
                yield outcome.id, rates[:, names.TRANSITIONS.index(transition), position]


def _members(
    process: str, rows: pd.DataFrame, declared: CommitmentsProcess
) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
    """Yield (grouping, level, row numbers) for all rows together, and for each level of each grouping and code."""
    yield f"{process}.all", "all", rows.index.to_numpy()
    keys: dict[str, pd.Series] = {
        **{g: rows["members"].str[i].str.split(":", n=1).str[1] for i, g in enumerate(declared.groupings)},
        **{c: rows["covariates"].map(lambda codes, c=c: str(round(codes[c] + 1))) for c in declared.covariates},
    }
    for grouping, key in keys.items():
        for label, group in rows.groupby(key):
            yield f"{process}.{grouping}", str(label), group.index.to_numpy()


def _record_line(rates: Array, rows: pd.DataFrame, effect: Array | None, mean: "_Mean") -> dict[str, float]:
    """One line of the record: breaches per promise (one-off) or per month (flow)."""
    exposure = rows["exposure"].to_numpy(float)
    broken = float(rows["events"].sum())
    raw, pooled = broken / exposure.sum(), rates @ exposure / exposure.sum()
    return {"n": len(rows), "broken": broken, "raw": raw} | mean.pooled(pooled) | mean.shrinkage(raw, pooled, effect)


@dataclass(frozen=True, eq=False)
class _Mean:
    """What is a mean over draws, with its Monte Carlo error."""

    weights: Weights
    error: Error

    def pooled(self, rate: Array) -> dict[str, float]:
        lower, upper = self.weights.interval(rate)
        mean = float(self.weights.mean(rate))
        return {"pooled": mean, "lower": float(lower), "upper": float(upper), "mcse": self.error(rate)}

    def shrinkage(self, raw: float, pooled: Array, effect: Array | None) -> dict[str, float]:
        r"""Return how far pooling moved a level's raw rate to what its class expects of the same promises.

        On the log scale, :math:`1 - E[effect] / (\ln raw - E[\ln expected])` with ``expected`` the pooled rate less the
        level's effect: 0 keeps the raw rate, 1 keeps nothing of its distance. Blank where a level has no effect of its
        own, no breach (its log is infinite), or hardly any distance. The error is that of the ratio of the two means by
        the delta method: of the mean of :math:`(effect + kept \ln expected) / distance`.
        """
        if effect is None or raw <= 0.0:
            return {}
        expected = np.log(pooled) - effect
        distance = float(np.log(raw) - self.weights.mean(expected))
        if abs(distance) <= SAME_RATE:
            return {}
        kept = float(self.weights.mean(effect)) / distance
        return {"shrinkage": 1.0 - kept, "shrinkage_mcse": self.error((effect + kept * expected) / distance)}
