"""Seconds of a move ledger of twelve items on the embedded case as of 5 February 2025, 4,000 draws.

    python benchmarks/bench_explain.py [forecast.nc [later.nc]]

Without a file the case is fitted, or taken from the cache. Medians of three after one to warm up, wall and CPU time.
All 4,096 sets of the items are valued. "news" is twelve items of news, each of its own; "next month" the same in March,
with eight futures of that month a draw; "tied" has two items of one episode, a transition and a departure among them,
whose sets have rows, and paths, of their own. With a second file the move to that forecast is split once: two fits by
files have many items that bear on each other, of which orders are drawn.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

import vzforecast as vz
from vzforecast.forecast import Forecast
from vzforecast.reweight import Reweighted

SETTINGS = vz.SamplerSettings(draws=1000)
EVENT = "ever(sanctions = re_escalated) by 2025-06-30"
FACTIONS = ("hardliners", "engagement", "oil")
REPEATS = 3


def news(month: int, count: int) -> list[vz.Evidence]:
    """Return items that favour one faction after the other, on different days."""
    return [
        vz.Signal(id=f"n{number}", date=f"2025-{month:02d}-{10 + number}", strength=1, faction=FACTIONS[number % 3])
        for number in range(count)
    ]


def tied() -> list[vz.Evidence]:
    """Return eight items of news and four that bear on each other."""
    return [
        *news(2, 8),
        vz.Signal(id="talks", date="2025-02-20", faction="oil", episode="talks"),
        vz.Signal(id="leak", date="2025-02-21", faction="oil", strength=1, episode="talks"),
        vz.Transition(id="stalled", date="2025-02-22", outcome="detained_americans", to="stalled"),
        vz.Departure(id="leaves", date="2025-02-23", actor="Mike Waltz"),
    ]


def seconds(action: Callable[[], object]) -> tuple[float, float]:
    """Return the median wall time and CPU time, after one run to warm up."""
    action()
    wall, busy = [], []
    for _ in range(REPEATS):
        begun, used = time.perf_counter(), time.process_time()
        action()
        wall.append(time.perf_counter() - begun)
        busy.append(time.process_time() - used)
    return statistics.median(wall), statistics.median(busy)


def main() -> None:
    """Print one line a set of items."""
    Reweighted.failures = ()  # type: ignore[assignment, misc]  # a ledger of what weights cannot carry costs as much
    saved = sys.argv[1:]
    fc: Forecast = (
        vz.load_forecast(saved[0]) if saved else vz.fit(vz.load_case(), as_of="2025-02-05", settings=SETTINGS, seed=1)
    )
    print(f"load {os.getloadavg()[0]:.1f}; {fc.simulated.draws:,} draws x {fc.simulated.paths} paths")
    for name, items in {"news": news(2, 12), "next month": news(3, 12), "tied": tied()}.items():
        after = vz.update(fc, items)
        assert vz.explain(fc, after, EVENT).orders is None
        wall, busy = seconds(lambda after=after: vz.explain(fc, after, EVENT))  # type: ignore[misc]
        print(f"{name:<12} {len(items)} items: {wall:5.2f} s, {busy:5.2f} s of CPU", flush=True)
    for file in saved[1:]:
        later = vz.load_forecast(file)
        begun, used = time.perf_counter(), time.process_time()
        move = vz.explain(fc, later, EVENT)
        wall, busy = time.perf_counter() - begun, time.process_time() - used
        print(f"{file}: {wall:5.1f} s, {busy:5.1f} s of CPU; {move.drawn or 'every order'}", flush=True)


if __name__ == "__main__":
    main()
