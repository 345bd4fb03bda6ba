"""Milliseconds of what is asked of the embedded case's forecast, opened from its file.

    python benchmarks/bench_ask.py

The forecast comes from the cache, or is fitted first; it is saved and opened again. "first" is the first answer of its
kind (it loads the parser, or builds what later answers share), "then" the median of twenty others, each with deadlines
of its own, so that none repeats another.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import vzforecast as vz

REPEATS = 20
START = date(2025, 3, 1)


def milliseconds(ask: Callable[[date], object]) -> tuple[float, float]:
    """Return how long the first answer takes, and the median of the others."""
    taken = []
    for number in range(REPEATS + 1):
        begun = time.perf_counter()
        ask(START + timedelta(days=11 * number))
        taken.append(1e3 * (time.perf_counter() - begun))
    return taken[0], statistics.median(taken[1:])


def questions(fc: vz.Forecast) -> dict[str, Callable[[date], object]]:
    """Return what is asked, by name; each takes a day from spring to autumn."""
    halted, lost = "ever(deportation_flights = halted)", "ever(chevron_licence = suspended)"
    held = "held(deportation_flights = halted, days = 14)"
    return {
        "probability": lambda day: fc.probability(f"{lost} by {day}"),
        "conditional query": lambda day: fc.probability(f"{lost} by {day + timedelta(60)}", given=f"{halted} by {day}"),
        "conditional, held": lambda day: fc.probability(f"{held} by {day + timedelta(60)}", given=f"{lost} by {day}"),
        "conditional table": lambda day: fc.given("deportation_flights", on=day),
        "scenarios": lambda day: fc.scenarios(by=day),
        "open questions": lambda _: fc.questions(),
        "time to event": lambda _: fc.time_to("ever(sanctions = re_escalated)"),
        "intervention": lambda day: vz.intervene(fc, outcomes={"chevron_licence": "in_force"}, start=day),
        "coherence": lambda _: vz.coherence(fc, {f"{lost} by 2025-06-30": 0.2, f"{lost} by 2025-12-31": 0.1}),
    }


def main() -> None:
    """Print one line a question."""
    with tempfile.TemporaryDirectory() as folder:
        file = vz.fit(vz.load_case()).save(Path(folder) / "forecast.nc")
        begun = time.perf_counter()
        fc = vz.load_forecast(file)
        print(f"{'opened':<18} {1e3 * (time.perf_counter() - begun):8.0f} ms")
    print(f"{fc.simulated.draws:,} draws of {fc.simulated.paths} paths, {len(fc.simulated.outcomes)} outcomes")
    for name, ask in questions(fc).items():
        first, then = milliseconds(ask)
        print(f"{name:<18} first {first:8.1f} ms   then {then:8.1f} ms", flush=True)


if __name__ == "__main__":
    main()
