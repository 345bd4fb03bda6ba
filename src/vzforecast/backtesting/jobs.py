"""One day's work, as it travels to a worker: a cut case and how to fit it, and nothing learnt later."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from vzforecast.backtesting.plan import Plan, day_of
from vzforecast.backtesting.pricing import snapshot
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.case import Case
from vzforecast.forecast import Forecast
from vzforecast.history import Places

# What fits a cut case: `vzforecast.fitting.fit_known`, or what stands in for it in tests.
Fit = Callable[..., Forecast]

# Compiling and the memory of compiled models are not made for several threads, which a worker of a cluster may have.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, eq=False)
class Job:
    """A day to fit and to ask.

    Attributes
    ----------
    known : Case
        Cut to the day.
    plan : Plan
        With the cut of this day alone.
    places : Places or None
        Labels of its draws, if they are not its own.
    fit : callable
        What fits.
    cache : bool
        Whether to look for the fit on disk and keep it there.
    """

    known: Case
    plan: Plan
    places: Places | None
    fit: Fit
    cache: bool

    @property
    def name(self) -> str:
        """The day, ISO."""
        return str(day_of(self.known))


def fitted(job: Job, cores: int | None) -> tuple[Forecast, float]:
    """Return the fit of a day, and the wall seconds it took."""
    begun = time.perf_counter()
    forecast = job.fit(
        job.known,
        job.plan.settings,
        job.plan.seed,
        places=job.places,
        cores=cores,
        cache=job.cache,
        progress=False,
    )
    return forecast, time.perf_counter() - begun


def done(job: Job, cores: int | None) -> Snapshot:
    """Fit a day by itself and ask it.

    Parameters
    ----------
    job : Job
        The day.
    cores : int or None
        Cores to use; None for all of the machine.

    Returns
    -------
    Snapshot
        The same whoever does it, wall times and times of day apart.
    """
    with _one_at_a_time:
        forecast, seconds = fitted(job, cores)
        return snapshot(forecast, job.known, job.plan, seconds)
