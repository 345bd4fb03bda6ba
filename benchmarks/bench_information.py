"""Seconds of what explains a forecast: fifty candidates, the factions, the record, every block that it rests on.

    python benchmarks/bench_information.py [forecast.nc]

Without a file the embedded case as of 5 February 2025 is fitted, 4,000 draws, or taken from the cache. The candidates
are those that are made up for the case, and further events and signals up to fifty. "first" loads what later answers
share.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import vzforecast as vz

EVENT = "ever(chevron_licence = suspended) by 2025-06-01"
OTHER = "ever(sanctions = re_escalated) by 2025-06-01"
SETTINGS = vz.SamplerSettings(draws=1000)
CANDIDATES = 50
REPEATS = 5


def candidates(fc: vz.Forecast) -> list[vz.Evidence | str]:
    """Return fifty questions: signals of every strength, and changes of every outcome by several days."""
    kinds = [kind for kind in fc.history.signal_kinds if not kind.startswith("spare")]
    found: list[vz.Evidence | str] = [
        vz.Signal(date=fc.as_of, kind=kind, strength=strength, faction=fc.history.factions[0])
        for kind in kinds[:5]
        for strength in (1, 2, 3)
    ]
    days = [fc.as_of + timedelta(number) for number in range(20, 330, 30)]
    found.extend(
        f"ever({outcome.id} = {outcome.active}) after {fc.as_of} by {day}"
        for day in days
        for outcome in fc.case.spec.outcomes
    )
    return found[:CANDIDATES]


def report(name: str, ask: Callable[[], object]) -> None:
    """Print how long the first answer takes, and the fastest of the others; in brackets, seconds of CPU."""
    taken, busy = [], []
    for _ in range(REPEATS + 1):
        begun, used = time.perf_counter(), time.process_time()
        ask()
        taken.append(time.perf_counter() - begun)
        busy.append(time.process_time() - used)
    then = f"{min(taken[1:]):6.2f} s ({min(busy[1:]):.2f})"
    print(f"{name:<28} first {taken[0]:6.2f} s ({busy[0]:.2f})   then {then}", flush=True)


def main() -> None:
    """Print one line an explanation."""
    fc = vz.load_forecast(sys.argv[1]) if len(sys.argv) > 1 else vz.fit(vz.load_case(), settings=SETTINGS)
    asked = candidates(fc)
    shape = f"{fc.simulated.draws:,} draws x {fc.simulated.paths} paths"
    print(f"load {os.getloadavg()[0]:.1f}; {shape}; {len(asked)} candidates")
    report("value of information", lambda: vz.value_of_information(fc, asked, EVENT))
    report("value of information, made up", lambda: vz.value_of_information(fc, None, EVENT))
    report("by faction", lambda: vz.by_faction(fc, EVENT))
    report("by record", lambda: vz.by_record(fc, EVENT))
    # A forecast asked for the first time, then one whose blocks are known already.
    report("what it rests on, by weights", lambda: vz.leave_out(replace(fc), EVENT, refit=False))
    vz.leave_out(fc, EVENT, refit=False)
    report("the same, another event", lambda: vz.leave_out(fc, OTHER, refit=False))
    table = vz.leave_out(fc, EVENT, refit=False).table
    print(f"{len(table)} blocks; weights cannot take out {', '.join(table.index[table['path'] == ''])}")


if __name__ == "__main__":
    main()
