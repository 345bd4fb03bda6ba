"""Seconds and peak memory of the path simulator, with and without numba's disk cache, and their growth.

    python benchmarks/bench_simulate.py [--draws 4000] [--paths 25] [--weeks 100] [--outcomes 6] [--changes 6]

Each line is a process of its own, because peak memory is a property of a process. "first" is the first call, which
compiles the kernel (or loads it from the disk cache), on ten draws; "run" the best of three full runs after it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Size:
    """How much is simulated; ``changes`` is roughly the number of transitions on a path."""

    draws: int = 4_000
    paths: int = 25
    weeks: int = 100
    outcomes: int = 6
    changes: float = 6


def measure(size: Size) -> dict[str, float]:
    """Simulate in this process and return what it took."""
    begin = time.perf_counter()
    import numpy as np  # noqa: PLC0415  (loading is part of what is timed)

    from vzforecast.names import DAYS_PER_MONTH  # noqa: PLC0415
    from vzforecast.paths import Record  # noqa: PLC0415
    from vzforecast.simulate import Dynamics, simulate, stream_id  # noqa: PLC0415

    loaded = time.perf_counter()
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    days, factions, as_of = 7 * size.weeks, 3, date(2025, 2, 5)
    active = np.arange(size.outcomes) % 2 == 1
    record = Record.from_transitions(
        as_of, as_of + timedelta(days=days), {f"outcome {o}": bool(active[o]) for o in range(size.outcomes)}, []
    )
    months = np.append(np.arange(23.0, days, DAYS_PER_MONTH), float(days))

    def dynamics(draws: int) -> Dynamics:
        rng = np.random.default_rng(1)
        pairs = rng.random((size.outcomes, size.outcomes)) < 0.25  # a case declares few of the possible couplings
        np.fill_diagonal(pairs, val=False)
        level = np.log(size.changes / size.outcomes / (days / DAYS_PER_MONTH)) - 0.4
        scale = (draws,)
        return Dynamics(
            log_rate=rng.normal(level, 0.5, (draws, 2, size.outcomes)),
            leverage=rng.normal(0, 0.7, (draws, 2, size.outcomes, factions)),
            coupling=rng.normal(0.4, 0.4, (draws, 2, size.outcomes, size.outcomes)) * pairs,
            influence_now=rng.normal(0, 0.7, (draws, factions)),
            tone_now=rng.normal(0, 1, (draws, size.outcomes)),
            tau=abs(rng.normal(0, 0.4, scale)),
            psi=abs(rng.normal(0, 0.5, scale)),
            rho_office=abs(rng.normal(0, 0.5, scale)),
            rho_proximity=abs(rng.normal(0, 0.5, scale)),
            persistence=2 ** (-1 / 3),
            office_steps=np.zeros((months.size, factions)),
            proximity_steps=np.zeros((months.size, factions)),
            month_ends=months,
            active_now=active,
            active_for=1.5 * active,
            fade_half_life=1.0,
            lasting_share=0.25,
            outcome_streams=np.array([stream_id(name) for name in record.outcomes], dtype=np.uint64),
            faction_streams=np.array([stream_id(f"faction {k}") for k in range(factions)], dtype=np.uint64),
        )

    few, all_draws = dynamics(10), dynamics(size.draws)
    started = time.perf_counter()
    simulate(few, record, paths=1, seed=1)
    first = time.perf_counter() - started
    runs = []
    for _ in range(3):
        started = time.perf_counter()
        paths = simulate(all_draws, record, paths=size.paths, seed=1)
        runs.append(time.perf_counter() - started)
    assert paths.offsets.size == size.draws * size.paths + 1
    return {
        "load": loaded - begin,
        "first": first,
        "run": min(runs),
        "changes": paths.times.size / (size.draws * size.paths),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "base": base / 1024,
    }


def in_new_process(size: Size, cache: str) -> dict[str, float]:
    """Measure in a process of its own, whose numba keeps compiled code in ``cache``."""
    options = [f"--{name}={value}" for name, value in vars(size).items()]
    done = subprocess.run(  # noqa: S603  (this very file)
        [sys.executable, __file__, "--measure", *options],
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def report(name: str, size: Size, cache: str) -> None:
    found = in_new_process(size, cache)
    print(
        f"{name:<28} load {found['load']:5.2f} s   first {found['first']:5.2f} s   run {found['run']:5.2f} s   "
        f"{found['changes']:5.1f} changes a path   {found['megabytes']:5.0f} MB ({found['base']:.0f} before)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in vars(Size()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = vars(parser.parse_args())
    only_measure = options.pop("measure")
    size = Size(**options)
    if only_measure:
        print(json.dumps(measure(size)))
        return
    with tempfile.TemporaryDirectory() as cache:
        report("empty cache", size, cache)
        report("warm cache", size, cache)
        for factor in (2, 4):
            report(f"paths x {factor}", Size(**{**options, "paths": size.paths * factor}), cache)
        for factor in (2, 4):
            longer = {"weeks": size.weeks * factor, "changes": size.changes * factor}
            report(f"weeks x {factor}", Size(**{**options, **longer}), cache)
        for factor in (2, 4):
            wider = {"outcomes": size.outcomes * factor, "changes": size.changes * factor}
            report(f"outcomes x {factor}", Size(**{**options, **wider}), cache)


if __name__ == "__main__":
    main()
