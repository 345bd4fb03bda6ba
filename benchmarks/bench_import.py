"""Seconds that `import vzforecast` takes, and that it loads nothing heavy.

    python benchmarks/bench_import.py [--runs 7]

Each run is a process of its own. "import" is the statement alone, "process" the whole process around it.
The first run, which may read from a cold file cache, is shown apart.
"""

import argparse
import statistics
import subprocess
import sys
import time

HEAVY = ("pymc", "pytensor", "arviz", "arviz_stats", "nutpie", "numba", "matplotlib", "scipy", "pandas", "xarray")
CODE = f"""
import sys, time
begun = time.perf_counter()
import vzforecast
print(time.perf_counter() - begun, *[name for name in {HEAVY} if name in sys.modules])
"""


def one_run() -> tuple[float, float, list[str]]:
    """Return the seconds of the import and of the process, and what heavy modules were loaded."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)  # noqa: S603  (our own)
    whole = time.perf_counter() - begun
    seconds, *loaded = done.stdout.split()
    return float(seconds), whole, loaded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = [one_run() for _ in range(1 + parser.parse_args().runs)]
    first, *rest = runs
    print(f"first run   import {first[0]:.3f} s   process {first[1]:.3f} s")
    imports, processes = ([run[i] for run in rest] for i in (0, 1))
    print(f"median      import {statistics.median(imports):.3f} s   process {statistics.median(processes):.3f} s")
    loaded = sorted({name for _, _, names in runs for name in names})
    print(f"heavy modules loaded: {', '.join(loaded) or 'none'}")
    assert not {"pymc", "arviz", "matplotlib"} & set(loaded)


if __name__ == "__main__":
    main()
