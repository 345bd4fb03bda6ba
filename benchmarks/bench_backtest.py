"""Seconds of a backtest of the embedded case: 14 days refitted, updated, and refitted by one and by two workers.

    python benchmarks/bench_backtest.py [--days 14] [--only refit|update|workers]

Every fortnight from 5 February 2025 on, the default settings of ``backtest`` (4 chains of 1,000 draws), compiled code
on disk. "refit" and "update" start after the first compile of their process, which is timed by itself. "one worker"
is a process of its own that has one core; "two workers" are two such. They are compared as whole processes, compiling
included, and by the days alone: twice the seconds of all days in one over those in two. The rows of all three ways to
refit must be the same. What a loop of plain Python took just before is printed beside each figure: a shared machine may
change its own speed by two within minutes.
"""

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pandas as pd

import vzforecast as vz
from vzforecast.backtesting.backtesting import LEADS, SETTINGS, settings_for
from vzforecast.backtesting.jobs import done
from vzforecast.backtesting.plan import Plan, make_plan
from vzforecast.backtesting.replay import How, jobs_of, replay
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.fitting import fit_known
from vzforecast.settings import Strategy

FIRST = "2025-02-05"


def planned(days: int, strategy: Strategy) -> Plan:
    as_of = [day.date() for day in pd.date_range(FIRST, periods=days, freq="14D")]
    return make_plan(vz.load_case(), as_of, None, strategy, (settings_for(strategy), 1), LEADS)


def answers(snapshots: list[Snapshot]) -> str:
    return repr([(one.questions, one.scenarios, one.passages) for one in snapshots])


def one_core(days: int) -> list[Snapshot]:
    """Do every day in this process with one core."""
    return [done(job, 1) for job in jobs_of(planned(days, "refit"), How(), fit_known)]


def yardstick() -> float:
    """Return the seconds of a loop that is the same whatever the library does: the machine's own speed just now."""
    begun = time.perf_counter()
    total = 0
    for number in range(10_000_000):
        total += number
    return time.perf_counter() - begun


def timed(name: str, days: int, strategy: Strategy, workers: int) -> tuple[float, list[Snapshot]]:
    speed = yardstick()
    begun = time.perf_counter()
    made = replay(planned(days, strategy), How(workers=workers, progress=False))
    seconds = time.perf_counter() - begun
    methods = pd.Series([one.method for one in made]).value_counts().to_dict()
    asked = sum(one.pred_time for one in made)
    print(
        f"{name:<28} {seconds:6.1f} s; {seconds / days:4.1f} s a day, of which {asked / days:.1f} s asking; {methods}; "
        f"failed fits {sum(not one.ok for one in made)}; ten million additions before it {speed:.2f} s",
        flush=True,
    )
    return seconds, made


def of_days(made: list[Snapshot]) -> float:
    """Return the seconds of all days, each worker's compile taken off."""
    stages = [one.provenance["seconds"] for one in made]
    once = sum(own.get(stage, 0.0) for own in stages for stage in ("importing", "compiling"))
    return sum(one.fit_time + one.pred_time for one in made) - once


def refits(days: int) -> list[Snapshot]:
    timed("first day, compiling", 1, "refit", 1)
    _, made = timed("refit, all cores", days, "refit", 1)
    stages = pd.DataFrame([one.provenance["seconds"] for one in made]).mean().round(2).to_dict()
    print(f"  stages of a fit, means: {stages}", flush=True)
    return made


def updates(days: int) -> None:
    timed("first day, compiling", 1, "update", 1)
    _, made = timed("update", days, "update", 1)
    for one in made:
        print(f"  {one.as_of} {one.method:<9} {one.fit_time:5.1f} s  {one.provenance['why'][:90]}", flush=True)


def workers(days: int) -> list[Snapshot]:
    begun = time.perf_counter()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        alone = pool.submit(one_core, days).result()
    single = time.perf_counter() - begun
    print(f"one worker of one core       {single:6.1f} s, {of_days(alone):.1f} of them the days", flush=True)
    double, parallel = timed("two workers of one core each", days, "refit", 2)
    by_day = 2.0 * of_days(alone) / of_days(parallel)
    print(f"two workers against one: {single / double:.2f} times as whole processes, {by_day:.2f} by the days alone")
    assert answers(alone) == answers(parallel)
    return alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--only", choices=("refit", "update", "workers"))
    asked = parser.parse_args()
    print(
        f"load {os.getloadavg()[0]:.1f}; {asked.days} days, {SETTINGS.total:,} draws x {SETTINGS.paths} paths",
        flush=True,
    )
    made = [
        run(asked.days) for name, run in {"refit": refits, "workers": workers}.items() if asked.only in (None, name)
    ]
    assert all(answers(one) == answers(made[0]) for one in made)
    if asked.only in (None, "update"):
        updates(asked.days)


if __name__ == "__main__":
    main()
