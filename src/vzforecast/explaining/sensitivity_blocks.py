"""The blocks that are power-scaled: log density of each group of priors, and of each group of rows, in each draw."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast.explaining.leaving import fits_of
from vzforecast.explaining.powerscale import PowerScaling
from vzforecast.explaining.precision import clear
from vzforecast.explaining.sensitivity_priors import Ruled, log_density
from vzforecast.forecast import Forecast
from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.likelihood import log_likelihood
from vzforecast.names import EVENTS, OUTCOME, PROCESS

PRIOR: Final = "prior"
LIKELIHOOD: Final = "likelihood"
ALL: Final = "all"
POWER_COLUMNS: Final = ["psense", "psense_mcse", "points", "mcse", "khat", "clear", "why_not"]
# What is read before there are draws, so that none of them says what another prior would have given.
NOT_SAMPLED: Final = "no draw knows it: the schedule is learnt by quadrature before the fit"
_POINTS: Final = 100.0

Blocks = Mapping[tuple[str, str], Array]


def block_of(prior_id: str) -> str:
    """Return the block of a prior: the part of its id before the first dot, as in priors.toml."""
    return prior_id.partition(".")[0]


def densities(fc: Forecast, ruled: Mapping[str, Ruled]) -> dict[tuple[str, str], Array]:
    """Return the log density of every block of priors and rows.

    Parameters
    ----------
    fc : Forecast
        Any.
    ruled : mapping of str to Ruled
        Elements of the draws by prior.

    Returns
    -------
    dict of (str, str) to ndarray, dims (sample,)
        By kind (``prior``, ``likelihood``) and block, in nats up to a constant; ``all`` of a kind is their sum.
    """
    found: dict[tuple[str, str], Array] = {}
    for kind, blocks in ((PRIOR, _priors(fc, ruled)), (LIKELIHOOD, _rows(fc))):
        found |= {(kind, name): values for name, values in blocks.items()}
        found[kind, ALL] = sum(blocks.values(), np.zeros(fc.simulated.draws))
    return found


def _priors(fc: Forecast, ruled: Mapping[str, Ruled]) -> dict[str, Array]:
    """Return the log density of each block of priors, every variable of it whole."""
    groups: dict[str, dict[str, list[Ruled]]] = {}
    for prior_id, own in ruled.items():
        groups.setdefault(block_of(prior_id), {}).setdefault(own.variable, []).append(own)
    return {
        block: sum(
            (
                log_density(fc.draws, fc.design, Ruled(name, np.any([one.elements for one in own], axis=0)))
                for name, own in variables.items()
            ),
            np.zeros(fc.simulated.draws),
        )
        for block, variables in groups.items()
    }


def _rows(fc: Forecast) -> dict[str, Array]:
    """Return the log likelihood of each block of rows, as each of the fits read them."""
    parts = [dict(_rows_of(draws, design)) for draws, design in fits_of(fc)]
    silent = np.zeros(fc.simulated.draws // len(parts))  # a variant without the record
    found = dict.fromkeys(name for part in parts for name in part)
    return {name: np.concatenate([part.get(name, silent) for part in parts]) for name in found}


def _rows_of(draws: Draws, design: Design) -> Iterator[tuple[str, Array]]:
    """Yield the same for one fit: news, the reference rows of each class, each outcome's own history."""
    nats, data = log_likelihood(draws, design), dict[str, Any](design.data)
    for name, values in nats.items():
        if name != EVENTS and values.shape[1]:
            yield name, values.sum(axis=1)
    own, outcomes = data["row_own"] > 0.0, design.coords[OUTCOME]
    for number, process in enumerate(design.coords[PROCESS]):
        rows = ~own & (data["row_process"] == number)
        if rows.any():
            yield f"{EVENTS}.class.{process}", nats[EVENTS][:, rows].sum(axis=1)
    for number, outcome in enumerate(outcomes):
        rows = own & (data["row_hazard"] % len(outcomes) == number)
        if rows.any():
            yield f"{EVENTS}.outcome.{outcome}", nats[EVENTS][:, rows].sum(axis=1)


def power_tables(fc: Forecast, ruled: Mapping[str, Ruled], targets: Mapping[str, Array]) -> dict[str, pd.DataFrame]:
    """Power-scale every block, and measure what it counts for each target.

    Parameters
    ----------
    fc : Forecast
        Any.
    ruled : mapping of str to Ruled
        Elements of the draws by prior.
    targets : mapping of str to ndarray, dims (sample,)
        Share of the paths of each draw on which each target happens.

    Returns
    -------
    dict of str to DataFrame
        By target; index ``(kind, block)``, within each kind by the size of ``points``, all of it first.
    """
    lines: dict[str, dict[tuple[str, str], dict[str, Any]]] = {name: {} for name in targets}
    for block, values in densities(fc, ruled).items():
        scaling = PowerScaling.of(fc, values)
        for name, shares in targets.items():
            lines[name][block] = _line(scaling, shares)
    for prior_id in fc.case.prior_specs:
        if prior_id not in ruled:
            for own in lines.values():
                own[PRIOR, block_of(prior_id)] = {"clear": False, "why_not": NOT_SAMPLED}
    return {name: _table(own) for name, own in lines.items()}


def _line(scaling: PowerScaling, shares: Array) -> dict[str, Any]:
    found = scaling.measured(shares)
    points, error = _POINTS * found.slope, _POINTS * found.slope_mcse
    figures = {"psense": found.psense, "psense_mcse": found.psense_mcse, "points": points, "mcse": error}
    return figures | {"khat": scaling.khat, "clear": clear(points, error), "why_not": ""}


def _table(lines: Mapping[tuple[str, str], Mapping[str, Any]]) -> pd.DataFrame:
    kinds, names = zip(*lines, strict=True)
    index = pd.MultiIndex.from_arrays([kinds, names], names=["kind", "block"])
    table = pd.DataFrame(list(lines.values()), index=index, columns=POWER_COLUMNS)
    moved = table["points"].abs().to_numpy(float)
    order = sorted(
        range(len(lines)), key=lambda row: (kinds[row] != PRIOR, names[row] != ALL, -np.nan_to_num(moved[row]))
    )
    return table.iloc[order]
