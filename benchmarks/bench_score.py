"""Seconds and megabytes of scoring a million forecasts, in process, after imports.

    python benchmarks/bench_score.py

At first every row is a question of its own, the hardest case for blocks. The other lines vary what a row costs: labels
that are Python objects, as-of dates, few questions asked often, two forecasters.
"""

import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd

import vzforecast as vz

ROWS = 1_000_000


def table(rows: int, questions: int) -> pd.DataFrame:
    """Return forecasts by a calibrated forecaster, each question asked equally often."""
    rng = np.random.default_rng(1)
    question = np.arange(rows) % questions
    p = rng.random(questions)
    yes = (rng.random(questions) < p).astype(int)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(rows) // questions, unit="D")
    labels = [f"question {number}" for number in question]
    return pd.DataFrame(
        {"question": labels, "as_of": days, "probability": p[question], "resolution": yes[question]},
    )


def measured(ask: Callable[[], object]) -> str:
    """Return the best of three times, and the peak memory of a further run."""
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begun)
    tracemalloc.start()
    ask()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{min(taken):6.2f} s, {max(taken):.2f} s the slowest of three, {peak / 1e6:5.0f} MB"


def main() -> None:
    """Print one line a table."""
    own = table(ROWS, ROWS)
    vz.score(own.head(10))  # imports
    plain = own.drop(columns="as_of")
    objects = plain.astype({"question": object})
    repeated = table(ROWS, 1_000)
    halves = pd.concat(
        [half.assign(forecaster=name) for name, half in zip("ab", 2 * [own.head(ROWS // 2)], strict=True)]
    )
    lines: dict[str, Callable[[], object]] = {
        "a million questions": lambda: vz.score(plain),
        "the same, labels as objects": lambda: vz.score(objects),
        "the same, with as-of dates": lambda: vz.score(own),
        "a thousand questions, a thousand dates": lambda: vz.score(repeated),
        "two forecasters, half a million each": lambda: vz.score(halves),
        "their skill": lambda: vz.skill(halves, "a"),
        "calibration of ten thousand questions": lambda: vz.calibration(plain.head(10_000)),
    }
    for name, ask in lines.items():
        print(f"{name:<40} {measured(ask)}", flush=True)


if __name__ == "__main__":
    main()
