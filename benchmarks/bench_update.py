"""Seconds of updates of the embedded case as of 5 February 2025, 4,000 draws: weights, table, move, refit, command.

    python benchmarks/bench_update.py

Medians. "weights" is likelihoods and PSIS; "from the items on" adds evidence into rows and rows into arrays; "table"
adds new paths and the scenario table. A hundred items that all bear on the model say too much for weights: the refusal
is timed. A move is what follows: chains that go on from the draws, with new paths and the table, the kernel loaded
before. The refit runs in the process of the fit, and the number of models compiled meanwhile is counted. The command
is a process of its own that opens a saved forecast, with one item by weights and by a move; it must not import PyMC.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import vzforecast as vz
from vzforecast import inference
from vzforecast.evidence import parse_item
from vzforecast.history import Known
from vzforecast.updating.basis import Basis
from vzforecast.updating.weigh import weigh

SETTINGS = vz.SamplerSettings(draws=1000)
ITEM = (
    "signal id=concession date=2025-02-26 kind=decision strength=3 faction=hardliners outcome=chevron_licence "
    "lean=active"
)
NEXT_MONTH = "2025-03-03"
LEANS = ("rest", "neither", "active")
REPEATS = 7


def median(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median wall time in milliseconds, after one run to warm up."""
    action()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def weights_only(fc: vz.Forecast, items: list[vz.Evidence], as_of: str) -> None:
    """Do what an update does up to the weights."""
    basis = Basis.of(fc)
    weigh(basis, Known(basis.known.case.with_evidence(items, as_of=as_of), basis.known.places))


def weigh_only(fc: vz.Forecast, items: list[vz.Evidence], as_of: str) -> float:
    """Return the median time of likelihoods and PSIS alone, the rows at hand."""
    basis = Basis.of(fc)
    known = Known(basis.known.case.with_evidence(items, as_of=as_of), basis.known.places)
    return median(lambda: weigh(basis, known))


def hundred(fc: vz.Forecast, *, signals: int) -> list[vz.Evidence]:
    """Return a hundred statements of three weeks, so many of which favour a camp; if all do, they lean too."""
    factions, outcomes = ([label.id for label in labels] for labels in (fc.case.spec.factions, fc.case.spec.outcomes))
    items: list[vz.Evidence] = []
    for number in range(100):
        says = {"faction": factions[number % 3] if number < signals else "mixed"}
        if signals == 100:
            says |= {"outcome": outcomes[number % 6], "lean": LEANS[number % 3]}
        items.append(vz.Signal(id=f"item_{number}", date=f"2025-02-{6 + number % 20:02}", strength=1, **says))
    return items


def report(fc: vz.Forecast, name: str, items: list[vz.Evidence], as_of: str) -> None:
    weights = median(lambda: weights_only(fc, items, as_of))
    alone = weigh_only(fc, items, as_of)
    line = f"{name:<28} weights {alone:4.0f} ms, from the items on {weights:4.0f} ms"
    try:
        whole = median(lambda: vz.update(fc, items, "reweight", as_of=as_of).scenarios())
        print(f"{line}, with the table {whole:4.0f} ms", flush=True)
    except vz.UpdateError as error:
        print(f"{line}; refused (k-hat {error.khat:.1f}, ESS {error.ess:.0f})", flush=True)


def move_line(fc: vz.Forecast, items: list[vz.Evidence]) -> None:
    whole = median(lambda: vz.update(fc, items, "move").scenarios(), 5)
    print(f"{len(items)} items by a move            {whole / 1000:5.1f} s with the table", flush=True)


def refit_line(fc: vz.Forecast, items: list[vz.Evidence]) -> None:
    compiled, real = [], inference.compile_model

    def counted(model: object) -> object:
        compiled.append(model)
        return real(model)

    inference.compile_model = counted
    again = vz.fit(fc.case, settings=SETTINGS, cache=False)  # this process now has the compiled model
    first = len(compiled)
    begun = time.perf_counter()
    refitted = vz.update(again, items, "refit", cache=False)
    seconds = time.perf_counter() - begun
    stages = "  ".join(f"{stage} {took:.1f}" for stage, took in refitted.provenance["seconds"].items())
    print(f"refit in process             {seconds:5.1f} s ({stages}); models compiled: {len(compiled) - first}")
    assert len(compiled) == first


def command_line(fc: vz.Forecast, method: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        saved = fc.save(Path(folder) / "fc.nc")
        program = Path(sys.executable).with_name("vzforecast")
        command = [program, "update", str(saved), "--item", ITEM, "--method", method]
        environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
        whole = median(lambda: subprocess.run(command, capture_output=True, check=True), 5)  # noqa: S603 (our own)
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    heavy = sorted(loaded & {"pymc", "pytensor", "nutpie", "arviz", "arviz_stats", "numba", "scipy", "matplotlib"})
    print(f"vzforecast update, {method:<8} {whole / 1000:5.1f} s whole process; heavy modules: {', '.join(heavy)}")
    assert "pymc" not in loaded


def main() -> None:
    case = vz.load_case()
    fc = vz.fit(case, settings=SETTINGS)
    one = [parse_item(ITEM)]
    soon = list(case.evidence_between(fc.as_of, "2025-02-26"))
    print(f"load {os.getloadavg()[0]:.1f}; {fc.simulated.draws:,} draws x {fc.simulated.paths} paths")
    report(fc, "one item, same month", one, "2025-02-26")
    report(fc, "one item, next month", one, NEXT_MONTH)
    report(fc, "100 items, 10 with rows", hundred(fc, signals=10), "2025-02-26")
    report(fc, "100 items, all with rows", hundred(fc, signals=100), "2025-02-26")
    move_line(fc, soon)
    refit_line(fc, soon)
    for method in ("auto", "move"):
        command_line(fc, method)
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, the refit's compiler included"
    )


if __name__ == "__main__":
    main()
