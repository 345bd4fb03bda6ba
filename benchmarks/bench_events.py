"""Seconds and peak memory of a hundred events on the same paths, and their growth.

    python benchmarks/bench_events.py [--paths 100000] [--weeks 104] [--outcomes 8] [--changes 8] [--events 100]
        [--deadlines 103]

Each line is a process of its own, because peak memory is a property of a process. The paths are random transitions made
here, without the simulator; "changes" is how many a path has. "parse" reads the texts, "first" evaluates all of them on
paths never asked before, "again" is the best of three further evaluations, "singly" evaluates them one by one: what is
gained by asking together depends on how many deadlines they share, with 103 of them hardly anything.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vzforecast.paths import Paths

AS_OF = date(2025, 2, 5)
DRAWS = 1_000


@dataclass(frozen=True)
class Size:
    """How much is asked of how much."""

    paths: int = 100_000
    weeks: int = 104
    outcomes: int = 8
    changes: float = 8
    events: int = 100
    deadlines: int = 103


def texts(size: Size, random: Random) -> Iterator[str]:
    """Yield events of every form, half of them joined from two or three others."""

    def condition() -> str:
        return f"o{random.randrange(size.outcomes)} = {random.choice(('rest', 'active'))}"

    def day() -> date:
        step = (size.weeks - 1) / size.deadlines
        return AS_OF + timedelta(weeks=round(1 + step * random.randrange(1, size.deadlines + 1)))

    def leaf() -> str:
        forms = (
            f"state({condition()}) on {day()}",
            f"ever({condition()}) by {day()}",
            f"ever({condition()}) after {AS_OF + timedelta(days=random.randrange(7))} by {day()}",
            f"count({condition()}) by {day()} >= {random.randrange(1, 4)}",
            f"first({condition()}) before first({condition()}) by {day()}",
            f"held({condition()}, days = {random.randrange(7, 60)}) by {day()}",
        )
        return random.choice(forms)

    for number in range(size.events):
        parts = [leaf() for _ in range(1 if number % 2 else random.randrange(2, 4))]
        yield random.choice((" and ", " or ", " and not ")).join(parts)


def random_paths(size: Size) -> "Paths":
    """Return paths whose transitions lie anywhere, as many on each outcome."""
    import numpy as np  # noqa: PLC0415  (loading is not what is timed)

    from vzforecast.paths import Paths, Record  # noqa: PLC0415

    random, days = np.random.default_rng(1), 7 * size.weeks
    counts = random.poisson(size.changes, size.paths)
    path_of = np.repeat(np.arange(size.paths), counts)
    times = np.sort(path_of + random.uniform(1e-6, 1.0, path_of.size)) - path_of  # in order within each path
    record = Record.from_transitions(
        AS_OF,
        AS_OF + timedelta(days=days),
        {f"o{o}": o % 2 == 1 for o in range(size.outcomes)},
        [(f"o{o}", AS_OF - timedelta(days=o)) for o in range(size.outcomes)],
    )
    return Paths(
        record,
        DRAWS,
        size.paths // DRAWS,
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        times=np.clip(times, 1e-9, 1.0) * days,
        outcome=random.integers(0, size.outcomes, path_of.size).astype(np.int16),
    )


def measure(size: Size) -> dict[str, float]:
    """Evaluate in this process and return what it took."""
    from vzforecast.events import Vocabulary, evaluate, evaluate_all, parse_event  # noqa: PLC0415

    paths = random_paths(size)
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = dict.fromkeys(paths.outcomes, ("rest", "active"))
    names = Vocabulary(outcomes, AS_OF - timedelta(days=16), paths.horizon)
    asked = list(texts(size, Random(1)))  # noqa: S311  (no secret)
    parse_event(asked[0], names)  # loads the parser

    def timed(action: object) -> float:
        started = time.perf_counter()
        assert callable(action)
        action()
        return time.perf_counter() - started

    parse = timed(lambda: [parse_event(text, names) for text in asked])
    events = [parse_event(text, names) for text in asked]
    first, *again = [timed(lambda: evaluate_all(events, paths)) for _ in range(4)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    singly = timed(lambda: [evaluate(event, paths) for event in events])
    together = evaluate_all(events, paths)
    assert all((evaluate(event, paths) == together[event]).all() for event in events[:10])
    return {
        "parse": parse,
        "first": first,
        "again": min(again),
        "singly": singly,
        "megabytes": peak / 1024,
        "base": base / 1024,
        "happens": sum(float(happens.mean()) for happens in together.values()) / len(together),
    }


def report(name: str, size: Size) -> None:
    options = [f"--{key}={value}" for key, value in vars(size).items()]
    command = [sys.executable, __file__, "--measure", *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603  (this very file)
    found: dict[str, float] = json.loads(done.stdout)
    print(
        f"{name:<14} parse {found['parse']:5.3f} s   first {found['first']:5.2f} s   again {found['again']:5.2f} s   "
        f"singly {found['singly']:5.2f} s   {found['megabytes']:5.0f} MB ({found['base']:.0f} before)   "
        f"mean P {found['happens']:.2f}",
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
    report("as asked", size)
    report("6 deadlines", replace(size, deadlines=6))
    for name, growing in (
        ("paths", ("paths",)),
        ("weeks", ("weeks", "changes")),
        ("outcomes", ("outcomes", "changes")),
        ("events", ("events",)),
    ):
        for factor in (2, 4):
            report(f"{name} x {factor}", replace(size, **{key: factor * options[key] for key in growing}))


if __name__ == "__main__":
    main()
