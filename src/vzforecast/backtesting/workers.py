"""Days that stand by themselves, fitted one after another, by processes of this machine, or on a cluster."""

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from vzforecast.backtesting.jobs import Job, done
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.errors import BacktestError


def serially(jobs: Sequence[Job]) -> Iterator[Snapshot]:
    """Yield each day's snapshot, with all cores for one day at a time."""
    for job in jobs:
        yield done(job, None)


def by_processes(jobs: Sequence[Job], workers: int) -> Iterator[Snapshot]:
    """Yield each day's snapshot as a worker process finishes it; the workers share the cores of the machine.

    Each compiles the model once, from the compiled code on disk if there is any.

    Raises
    ------
    BacktestError
        A worker was killed, or could not start.
    """
    cores = max(1, (os.cpu_count() or 1) // workers)
    spawn = multiprocessing.get_context("spawn")  # a fork would take over the threads of compiled code half-way
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=spawn, initializer=_end_with_parent) as pool:
        futures = [pool.submit(done, job, cores) for job in jobs]
        try:
            yield from _as_they_come(futures)
        except BrokenProcessPool as error:
            remedy = (
                "start a script's own work under if __name__ == '__main__', use fewer workers if memory ran out; "
                "with the same out=DIR the next run goes on from what is done"
            )
            raise BacktestError(f"a worker process ended before it was done; {remedy}") from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def on_cluster(jobs: Sequence[Job], client: Any) -> Iterator[Snapshot]:
    """Yield each day's snapshot as a cluster finishes it; a day whose worker dies is given to another.

    Raises
    ------
    BacktestError
        ``client`` is no client of ``distributed``, or several workers died on the same day.
    """
    distributed = _distributed()
    if not isinstance(client, distributed.Client):
        raise BacktestError(f"client is {client!r}; give a dask.distributed.Client")
    # pure=False: a key of its own each time, so that no earlier result is taken for this one.
    futures = [client.submit(_done_on_cluster, job, pure=False, retries=0) for job in jobs]
    try:
        for future in distributed.as_completed(futures):
            yield future.result()
    except distributed.KilledWorker as error:
        remedy = "see the logs of the workers; with the same out=DIR the next run goes on from what is done"
        raise BacktestError(f"several workers of the cluster died on the same day's fit; {remedy}") from error
    finally:
        client.cancel([future for future in futures if not future.done()])


def _done_on_cluster(job: Job) -> Snapshot:
    """Do a day with the cores of this worker."""
    worker = _distributed().get_worker()
    return done(job, int(worker.state.nthreads))


def _distributed() -> Any:
    try:
        import distributed  # noqa: PLC0415 - an extra, which only those need who hand in a client
    except ImportError as error:
        raise BacktestError("client= needs dask.distributed; install vzforecast[distributed]") from error
    return distributed


def _as_they_come(futures: Sequence["Future[Snapshot]"]) -> Iterator[Snapshot]:
    for future in as_completed(futures):
        yield future.result()


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone, however it went."""
    threading.Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # at once: nobody is left to take what it works on
