"""The record of promises as a table: what was counted, and what the model makes of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast import latent, likelihood, names
from vzforecast.case import Case
from vzforecast.case.processes import CommitmentsProcess
from vzforecast.forecast.weights import Weights
from vzforecast.history import Design, History
from vzforecast.latent import Array, Draws

# Log distance below which a raw rate counts as equal to the expected one, so that shrinkage has no meaning.
SAME_RATE: Final = 0.05

COLUMNS: Final = ["n", "broken", "raw", "pooled", "lower", "upper", "mcse", "shrinkage", "shrinkage_mcse"]

Line = tuple[str, str]  # of the record: grouping, level
# Takes a number of every draw, and returns the Monte Carlo error of its mean.
Error = Callable[[Array], float]


def defection_table(
    draws: Draws, case: Case, history: History, design: Design, weights: Weights, error: Error
) -> pd.DataFrame:
    """Return raw and partially pooled rates of breach, by grouping and level, for each form of promise."""
    forms = {name: one for name, one in case.spec.processes.items() if isinstance(one, CommitmentsProcess)}
    promised = np.flatnonzero(history.rows["process"].isin(list(forms)) & (history.rows["outcome"] == ""))
    rows, mean = history.rows.iloc[promised], _Mean(weights, error)
    lines: dict[Line, dict[str, float]] = {}
    rates = np.exp(likelihood.row_log_rates(draws, _with_rows(design, promised)))
    by_hazard = np.exp(latent.base_log_rates(draws, design))
    effects = dict(zip(design.coords[names.LEVEL], latent.level_effects(draws, design).T, strict=True))
    for process, declared in forms.items():
        own = np.flatnonzero(rows["process"] == process)
        if not own.size:
            continue  # nothing promised yet: no rate to show
        lines |= _record_lines(process, declared, rows.iloc[own], rates[:, own], effects, mean)
        for outcome, rate in _outcome_rates(by_hazard, case, process):
            lines[f"{process}.outcome", outcome] = {"n": 0, "broken": 0.0, "raw": np.nan} | mean.pooled(rate)
    index = pd.MultiIndex.from_arrays([[key[i] for key in lines] for i in (0, 1)], names=[names.GROUPING, names.LEVEL])
    return pd.DataFrame(list(lines.values()), index=index, columns=COLUMNS)


def _with_rows(design: Design, chosen: NDArray[np.int64]) -> Design:
    """Return a design with some of its rows alone."""
    own = {name: array[..., chosen] for name, array in design.data.items() if name.startswith("row_")}
    return replace(design, data=design.data | own)


def _outcome_rates(by_hazard: Array, case: Case, process: str) -> Iterator[tuple[str, Array]]:
    """Yield the base rate of each outcome that stands for this process: its members, its codes and its own doubt."""
    for position, outcome in enumerate(case.spec.outcomes):
        for transition, hazard in outcome.hazards.items():
            if hazard.process == process:
                yield outcome.id, by_hazard[:, names.TRANSITIONS.index(transition), position]


def _record_lines(
    process: str,
    declared: CommitmentsProcess,
    rows: pd.DataFrame,
    rates: Array,
    effects: Mapping[str, Array],
    mean: "_Mean",
) -> dict[Line, dict[str, float]]:
    """Return the lines of one form of promise: breaches per promise (one-off) or per month (flow)."""
    lines = {}
    exposure, events = (rows[name].to_numpy(float) for name in ("exposure", "events"))
    for grouping, label, chosen in _members(process, rows, declared):
        months, broken = exposure[chosen], float(events[chosen].sum())
        raw, pooled = broken / months.sum(), rates[:, chosen] @ months / months.sum()
        effect = effects.get(names.level(f"{declared.family}.{grouping.split('.', 1)[1]}", label))
        counted = {"n": chosen.size, "broken": broken, "raw": raw}
        lines[grouping, label] = counted | mean.pooled(pooled) | mean.shrinkage(raw, pooled, effect)
    return lines


def _members(
    process: str, rows: pd.DataFrame, declared: CommitmentsProcess
) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
    """Yield (grouping, level, places of rows) for all rows together, and for each level of each grouping and code."""
    yield f"{process}.all", "all", np.arange(len(rows))
    keys: dict[str, list[str]] = {
        **{g: [each[i].split(":", 1)[1] for each in rows["members"]] for i, g in enumerate(declared.groupings)},
        **{c: [str(round(codes[c] + 1)) for codes in rows["covariates"]] for c in declared.covariates},
    }
    for grouping, labels in keys.items():
        found = np.array(labels, dtype=object)
        for label in sorted(set(labels)):
            yield f"{process}.{grouping}", label, np.flatnonzero(found == label)


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
