"""Carry out a plan: every day's forecast by the strategy asked for, and what is kept of it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from vzforecast.backtesting.folder import Folder
from vzforecast.backtesting.jobs import Fit, Job, fitted
from vzforecast.backtesting.plan import Plan, day_of
from vzforecast.backtesting.pricing import snapshot
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.backtesting.workers import by_processes, on_cluster, serially
from vzforecast.case import Case
from vzforecast.errors import BacktestError
from vzforecast.fitting import fit_known
from vzforecast.forecast import Forecast
from vzforecast.progress import Stages
from vzforecast.updating import update


@dataclass(frozen=True)
class How:
    """How to carry a plan out. Nothing here changes a row.

    Attributes
    ----------
    workers : int
        Processes of this machine.
    client : distributed.Client or None
        A cluster, in their place.
    out : Path or None
        Folder of what is finished.
    cache : bool
        Of every fit.
    progress : bool or None
        Show a bar; None shows it only on a terminal or in a notebook.
    """

    workers: int = 1
    client: Any = None
    out: Path | None = None
    cache: bool = False
    progress: bool | None = None


def replay(plan: Plan, how: How, fit: Fit = fit_known) -> list[Snapshot]:
    """Return a snapshot of every day of a plan, in order.

    Parameters
    ----------
    plan : Plan
        What is asked.
    how : How
        By whom it is done, and where it is kept.
    fit : callable, optional
        What fits a cut case; tests put something quicker here.

    Returns
    -------
    list of Snapshot
        Days that an earlier run finished are read from its folder.

    Raises
    ------
    BacktestError
        Options contradict each other, the folder is of another plan, or workers died.
    """
    _check(plan, how)
    folder = None if how.out is None else Folder(how.out, plan)
    finished = {} if folder is None else folder.finished()
    with Stages(how.progress).stage("backtest") as report:
        report(len(finished) / len(plan.days))
        for made in _rest(plan, how, fit, folder, finished):
            if folder is not None:
                folder.keep(made)
            finished[made.day] = made
            report(len(finished) / len(plan.days))
    return [finished[day] for day in plan.days]


def _check(plan: Plan, how: How) -> None:
    workers: object = how.workers  # callers may well pass what the annotation forbids
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        raise BacktestError(f"workers is {workers!r}; give a whole number from 1")
    if how.client is not None and how.workers > 1:
        raise BacktestError("workers and client exclude each other; give one of them")
    if plan.strategy != "refit" and (how.workers > 1 or how.client is not None):
        remedy = "use one worker and no client, or strategy='refit'"
        raise BacktestError(f"strategy {plan.strategy!r} is a chain, each day after the one before it; {remedy}")


def _rest(plan: Plan, how: How, fit: Fit, folder: Folder | None, finished: dict[date, Snapshot]) -> Iterator[Snapshot]:
    """Yield the snapshots that are missing."""
    if plan.strategy != "refit":
        return _chain(plan, how, fit, folder, list(finished))
    jobs = [job for job in jobs_of(plan, how, fit) if day_of(job.known) not in finished]
    if not jobs:
        return iter(())
    if how.client is not None:
        return on_cluster(jobs, how.client)
    return serially(jobs) if how.workers == 1 else by_processes(jobs, how.workers)


def jobs_of(plan: Plan, how: How, fit: Fit) -> list[Job]:
    """Return a job for each day.

    Parameters
    ----------
    plan : Plan
        What is asked.
    how : How
        Whether fits are cached.
    fit : callable
        What fits.

    Returns
    -------
    list of Job
        Each carries the case as known on its day and no other.
    """
    return [
        Job(known, replace(plan, cuts=(known,)), places, fit, how.cache)
        for known, places in zip(plan.cuts, plan.places(), strict=True)
    ]


def _chain(plan: Plan, how: How, fit: Fit, folder: Folder | None, finished: Sequence[date]) -> Iterator[Snapshot]:
    """Yield the days after the last one finished, each from the forecast before it."""
    step = _updated if plan.strategy == "update" else _left_alone
    forecast, number = _resumed(plan, folder, finished)
    for known in plan.cuts[number:]:
        begun = time.perf_counter()
        before = forecast
        if before is None:
            forecast = fitted(jobs_of(replace(plan, cuts=(known,)), how, fit)[0], None)[0]
        else:
            forecast = step(before, known, how)
        seconds = time.perf_counter() - begun
        if folder is not None and forecast is not before:
            folder.keep_forecast(forecast, day_of(known))
        yield snapshot(forecast, known, plan, seconds)  # kept before the forecast that it follows is dropped
        if folder is not None and before is not None and forecast is not before:
            folder.forget_forecast(before.as_of)


def _resumed(plan: Plan, folder: Folder | None, finished: Sequence[date]) -> tuple[Forecast | None, int]:
    """Return the forecast to go on from, and the number of the first day that it has still to be brought to.

    A chain whose last forecast is gone begins anew: its days come out the same.
    """
    number = next((n for n, day in enumerate(plan.days) if day not in finished), len(plan.days))
    if folder is None or number in {0, len(plan.days)}:
        return None, number
    kept = folder.forecast(plan.days[0 if plan.strategy == "none" else number - 1])
    return kept, 0 if kept is None else number


def _updated(before: Forecast, known: Case, how: How) -> Forecast:
    return update(before, as_of=day_of(known), case=known, cache=how.cache, progress=False)


def _left_alone(before: Forecast, _known: Case, _how: How) -> Forecast:
    return before
