"""Seconds of updates of the embedded case as of 5 February 2025, 4,000 draws: weights, table, refit, command.

    python benchmarks/bench_update.py

Medians. "weights" is everything from items to weighted draws (evidence into rows, rows into arrays, likelihoods, PSIS);
"table" adds new paths and the scenario table. The refit runs in the process of the fit, and the number of models
compiled meanwhile is counted. The command is a process of its own that opens a saved forecast; it must not import PyMC.
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


def hundred(items: list[vz.Evidence]) -> list[vz.Evidence]:
    """Return a hundred items: the real ones of the weeks after the fit, again and again under other ids."""
    signals = [item for item in items if isinstance(item, vz.Signal)]
    chosen = enumerate(signals[number % len(signals)] for number in range(100))
    changes = {"episode": None, "strength": 1}
    return [vz.Signal(**item.model_dump() | changes | {"id": f"copy_{number}"}) for number, item in chosen]


def report(fc: vz.Forecast, name: str, items: list[vz.Evidence], as_of: str) -> None:
    weights = median(lambda: weights_only(fc, items, as_of))
    whole = median(lambda: vz.update(fc, items, "reweight", as_of=as_of).scenarios())
    print(f"{name:<28} weights {weights:5.0f} ms   with the table {whole:5.0f} ms", flush=True)


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


def command_line(fc: vz.Forecast) -> None:
    with tempfile.TemporaryDirectory() as folder:
        saved = fc.save(Path(folder) / "fc.nc")
        command = [Path(sys.executable).with_name("vzforecast"), "update", str(saved), "--item", ITEM]
        environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
        whole = median(lambda: subprocess.run(command, capture_output=True, check=True), 5)  # noqa: S603 (our own)
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    heavy = sorted(loaded & {"pymc", "pytensor", "nutpie", "arviz", "arviz_stats", "numba", "scipy", "matplotlib"})
    print(f"vzforecast update            {whole / 1000:5.1f} s whole process; heavy modules: {', '.join(heavy)}")
    assert "pymc" not in loaded


def main() -> None:
    case = vz.load_case()
    fc = vz.fit(case, settings=SETTINGS)
    one = [parse_item(ITEM)]
    soon = list(case.evidence_between(fc.as_of, "2025-02-26"))
    print(f"load {os.getloadavg()[0]:.1f}; {fc.simulated.draws:,} draws x {fc.simulated.paths} paths")
    report(fc, "one item, same month", one, "2025-02-26")
    report(fc, "one item, next month", one, NEXT_MONTH)
    report(fc, "a hundred items", hundred(soon), "2025-02-26")
    refit_line(fc, soon)
    command_line(fc)
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, the refit's compiler included"
    )


if __name__ == "__main__":
    main()
