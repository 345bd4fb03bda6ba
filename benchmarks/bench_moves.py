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

import numpy as np
import pandas as pd

import vzforecast as vz
from vzforecast.backtesting.backtesting import LEADS, SETTINGS
from vzforecast.backtesting.plan import make_plan
from vzforecast.convergence import ConvergenceReport
from vzforecast.fitting import fit_known
from vzforecast.forecast.posterior import stacked
from vzforecast.hamiltonian import moving_on, target_of
from vzforecast.history import Design, Known
from vzforecast.latent import Array, Draws
from vzforecast.mixing import mixing
from vzforecast.names import SAMPLE_STATS
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
    moving_on.LENGTH = length  # type: ignore[misc]
    design: Design = start.known.design
    begun = time.perf_counter()
    moved = moving_on.move_on(
        design, start.draws, start.weights, longer * start.step, chains=SETTINGS.chains, seed=1, transitions=transitions
    )
    seconds = time.perf_counter() - begun
    flat = np.concatenate([one.reshape(*one.shape[:2], -1) for one in moved.draws.values()], axis=2)
    found = mixing(flat)
    diverged = int(moved.stats["diverging"].sum())
    return _figures(found.rhat.max(), found.bulk.min(), found.tail.min(), diverged, seconds)


def fitted(start: Start) -> dict[str, float]:
    known = start.known
    begun = time.perf_counter()
    fc = fit_known(known.case, SETTINGS, 1, places=known.room, progress=False)
    report: ConvergenceReport = fc.diagnostics
    table = report.table
    seconds = time.perf_counter() - begun
    least = table["ess_bulk"].min(), table["ess_tail"].min()
    return _figures(table["rhat"].max(), *least, report.divergences, seconds)


def _figures(rhat: float, bulk: float, tail: float, diverged: int, seconds: float) -> dict[str, float]:
    ok = rhat < 1.01 and min(bulk, tail) >= 400.0
    return {"rhat": rhat, "bulk": bulk, "tail": tail, "diverged": diverged, "seconds": seconds, "failed": not ok}


def told(name: str, rows: list[dict[str, float]]) -> None:
    table = pd.DataFrame(rows)
    low, high = table.min(), table.max()
    print(
        f"{name:<44} R-hat {low.rhat:.3f} to {high.rhat:.3f}; bulk {high.bulk:,.0f} to {low.bulk:,.0f}; "
        f"tail {high.tail:,.0f} to {low.tail:,.0f}; {table.failed.sum()} of {len(table)} fail; "
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
