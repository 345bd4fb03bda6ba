"""Seconds of every figure of a forecast, after matplotlib is imported.

    python benchmarks/bench_plots.py [forecast.nc [later.nc]]

Without files the embedded case as of 5 February 2025 is fitted, or taken from the cache. "made" is the call, which asks
the forecast and lays out the figure, in wall time and in CPU time, which tells more where other jobs run; "drawn" is
the picture of it as PNG at 100 dots an inch. Medians of three, after one to warm up. The budget is half a second of CPU
time for each call.
"""

import io
import os
import statistics
import sys
import time
from collections.abc import Callable

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import vzforecast as vz

EVENT = "ever(chevron_licence = suspended) by 2025-06-30"
OPEN = "ever(sanctions = re_escalated)"
BUDGET = 0.5
REPEATS = 3


def figures(forecasts: list[vz.Forecast]) -> dict[str, Callable[[], Figure]]:
    """Return what draws each figure; what only explains is asked before."""
    fc = forecasts[0]
    passage, watch = fc.time_to(OPEN), vz.value_of_information(fc, None, EVENT)
    calls: dict[str, Callable[[], Figure]] = {
        "scenarios": lambda: vz.plot.scenarios(fc),
        "outcomes": lambda: vz.plot.outcomes(fc),
        "influence": lambda: vz.plot.influence(fc),
        "survival of all outcomes": lambda: vz.plot.survival(fc),
        "survival of one event": lambda: vz.plot.survival(fc, OPEN),
        "survival, asked before": lambda: vz.plot.survival(passage),
        "actors": lambda: vz.plot.actors(fc),
        "defection": lambda: vz.plot.defection(fc),
        "defection by agreement": lambda: vz.plot.defection(fc, by="agreement"),
        "history": lambda: vz.plot.history(forecasts, EVENT),
        "information": lambda: vz.plot.information(watch),
    }
    return calls


def seconds(call: Callable[[], Figure]) -> tuple[float, ...]:
    """Return the medians of making a figure, wall and CPU time, and of drawing it."""
    rows = []
    for _ in range(REPEATS + 1):
        begun, used = time.perf_counter(), time.process_time()
        figure = call()
        done, busy = time.perf_counter(), time.process_time() - used
        figure.savefig(io.BytesIO(), dpi=100)
        rows.append((done - begun, busy, time.perf_counter() - done))
    return tuple(map(statistics.median, zip(*rows[1:], strict=True)))


def main() -> None:
    """Print one line a figure."""
    plt.close(plt.figure())
    forecasts = [vz.load_forecast(path) for path in sys.argv[1:]] or [vz.fit(vz.load_case())]
    fc = forecasts[0]
    print(f"load {os.getloadavg()[0]:.1f}; {fc.simulated.draws:,} draws x {fc.simulated.paths} paths")
    slow = []
    for name, call in figures(forecasts).items():
        made, busy, drawn = seconds(call)
        print(f"{name:<26} made {made:5.2f} s ({busy:5.2f} s of CPU), drawn {drawn:5.2f} s", flush=True)
        slow += [name] if busy > BUDGET else []
    assert not slow, f"over {BUDGET} s: {', '.join(slow)}"


if __name__ == "__main__":
    main()
