"""How well chains mix that move draws on, by their length and number of transitions, where weights fail.

    python benchmarks/bench_moves.py [--fits]

Every fortnight of the embedded case from 5 February 2025 on, brought up to date day after day as a backtest with
updates does, with two seeds. On each day on which weights may not be used, chains start from the same draws in every
way of the table; ``--fits`` fits the model again on these days, too. Largest R-hat and smallest effective sizes of all
scalars, from the best to the worst day; seconds of sampling alone.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from unittest.mock import patch

import pandas as pd
import xarray as xr

import vzforecast as vz
from vzforecast.backtesting.backtesting import LEADS, SETTINGS
from vzforecast.backtesting.plan import make_plan
from vzforecast.convergence import ConvergenceReport
from vzforecast.fitting import fit_known
from vzforecast.forecast.posterior import stacked
from vzforecast.hamiltonian import moving_on, target_of
from vzforecast.history import Known
from vzforecast.latent import Array, Draws
from vzforecast.mixing import convergence
from vzforecast.names import CHAIN, DRAW, POSTERIOR, SAMPLE_STATS
from vzforecast.updating.basis import Basis
from vzforecast.updating.weigh import weigh

FIRST, DAYS = "2025-02-05", 14
# Transitions a draw, length in standard deviations, and what the step size is multiplied by.
WAYS = [(1, 1.8, 1.0), (2, 1.8, 1.0), (3, 1.8, 1.0), (1, 1.4, 1.0), (1, 2.4, 1.0), (1, 3.0, 1.0), (1, 1.8, 1.2)]


@dataclass(frozen=True)
class Start:
    """A day on which weights fail: what is known on it, and the draws that chains begin at."""

    known: Known
    draws: Draws
    weights: Array
    step: float


def starts(seed: int) -> Iterator[Start]:
    days = [day.date() for day in pd.date_range(FIRST, periods=DAYS, freq="14D")]
    plan = make_plan(vz.load_case(), days, None, "update", (SETTINGS, seed), LEADS)
    fc = fit_known(plan.cuts[0], SETTINGS, seed, places=plan.places()[0], progress=False)
    for day, cut in zip(days[1:], plan.cuts[1:], strict=True):
        basis = Basis.of(fc)
        known = Known(cut, basis.known.places)
        verdict = weigh(basis, known)
        if verdict.result is None and verdict.tried is not None:
            later = {"influence_step": verdict.tried.influence_step, "tone_step": verdict.tried.tone_step}
            step = float(basis.posterior[SAMPLE_STATS]["step_size"].median())
            yield Start(known, {**stacked(basis.posterior), **later}, verdict.tried.weights, step)
        fc = vz.update(fc, as_of=day, case=cut, progress=False)


def chains(start: Start, transitions: int, length: float, longer: float) -> dict[str, float]:
    """Return figures of one attempt."""
    begun = time.perf_counter()
    with patch.object(moving_on, "LENGTH", length):
        moved = moving_on.move_on(
            start.known.design,
            start.draws,
            start.weights,
            longer * start.step,
            chains=SETTINGS.chains,
            seed=1,
            transitions=transitions,
        )
    seconds = time.perf_counter() - begun
    draws = {name: ((CHAIN, DRAW, *_dims(name, values.ndim)), values) for name, values in moved.draws.items()}
    stats = {name: ((CHAIN, DRAW), values) for name, values in moved.stats.items()}
    groups = {POSTERIOR: xr.Dataset(draws), SAMPLE_STATS: xr.Dataset(stats)}
    return _figures(convergence(xr.DataTree.from_dict(groups)), seconds)


def _dims(name: str, number: int) -> list[str]:
    return [f"{name}_{dim}" for dim in range(number - 2)]


def fitted(start: Start) -> dict[str, float]:
    begun = time.perf_counter()
    fc = fit_known(start.known.case, SETTINGS, 1, places=start.known.room, progress=False)
    return _figures(fc.diagnostics, time.perf_counter() - begun)


def _figures(report: ConvergenceReport, seconds: float) -> dict[str, float]:
    table = report.table
    return {
        "rhat": table["rhat"].max(),
        "ess_bulk": table["ess_bulk"].min(),
        "ess_tail": table["ess_tail"].min(),
        "diverged": report.divergences,
        "seconds": seconds,
        "failed": not report.ok,
    }


def told(name: str, rows: list[dict[str, float]]) -> None:
    table = pd.DataFrame(rows)
    low, high = table.min(), table.max()
    print(
        f"{name:<44} R-hat {low.rhat:.3f} to {high.rhat:.3f}; bulk {high.ess_bulk:,.0f} to {low.ess_bulk:,.0f}; "
        f"tail {high.ess_tail:,.0f} to {low.ess_tail:,.0f}; {table.failed.sum()} of {len(table)} fail; "
        f"{table.diverged.sum():.0f} divergent; {table.seconds.median():.2f} s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fits", action="store_true")
    asked = parser.parse_args()
    days = [start for seed in (1, 2) for start in starts(seed)]
    sizes = {target_of(start.known.design).prior.location.size for start in days}
    print(f"{len(days)} days on which weights fail; {min(sizes)} to {max(sizes)} scalars", flush=True)
    for transitions, length, longer in WAYS:
        name = f"{transitions} a draw, length {length}, steps times {longer}"
        told(name, [chains(start, transitions, length, longer) for start in days])
    if asked.fits:
        told("a fit, wall time with its paths", [fitted(start) for start in days])


if __name__ == "__main__":
    main()
