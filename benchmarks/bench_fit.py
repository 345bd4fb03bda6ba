"""Seconds of a whole fit of the embedded case: empty caches, warm caches, and the command again from the cache.

    python benchmarks/bench_fit.py [--warm 3] [--skip-forecast] [--density pymc|written]

Each line is a process of its own, timed from outside, with cache folders that this script makes and removes: PyTensor's
and numba's compiled code, cached fits, and the user's cache folder. "cold" starts with all of them empty, "warm" with
compiled code but no cached fit. "make forecast" is run twice at the end: the first fits what the summary needs, the
second must find it and must not import PyMC.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def measure(density: str) -> None:
    """Fit in this process, without the cache of fits, and print what it took as JSON."""
    import vzforecast as vz  # noqa: PLC0415  (loading is part of what is timed)

    forecast = vz.fit(vz.load_case(), settings=vz.SamplerSettings(density=density), cache=False)
    seconds = dict(forecast.provenance["seconds"])
    table = forecast.diagnostics.table
    found = {
        "seconds": seconds,
        "ess": float(table["ess_bulk"].min()),
        "least": str(table["ess_bulk"].idxmin()),
        "verdict": forecast.diagnostics.text,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


def environment(folder: Path) -> dict[str, str]:
    """Return this environment with every cache moved into a folder."""
    flags = [flag for flag in os.environ.get("PYTENSOR_FLAGS", "").split(",") if flag and "compiledir" not in flag]
    moved = {
        "PYTENSOR_FLAGS": ",".join([*flags, f"base_compiledir={folder / 'pytensor'}"]),
        "NUMBA_CACHE_DIR": str(folder / "numba"),
        "VZFORECAST_CACHE": str(folder / "fits"),
        "XDG_CACHE_HOME": str(folder / "user"),
    }
    return {**os.environ, **moved}


def timed(command: list[str], env: dict[str, str]) -> tuple[float, "subprocess.CompletedProcess[str]"]:
    """Run a command and return its wall time and what it said."""
    begun = time.perf_counter()
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  (our own)
    seconds = time.perf_counter() - begun
    if done.returncode not in (0, 1):  # 1: the fit failed its diagnostics, which the report shows
        raise SystemExit(done.stderr)
    return seconds, done


def fit_line(name: str, density: str, env: dict[str, str]) -> None:
    load = os.getloadavg()[0]
    whole, done = timed([sys.executable, __file__, "--measure", "--density", density], env)
    found = json.loads(done.stdout)
    stages = "  ".join(f"{stage} {seconds:.1f}" for stage, seconds in found["seconds"].items())
    rate = found["ess"] / found["seconds"]["sampling"]
    print(
        f"{name:<6} {whole:6.1f} s whole process ({stages})   {found['megabytes']:.0f} MB   load before {load:.1f}\n"
        f"       smallest bulk ESS {found['ess']:.0f} ({found['least']}): {rate:.0f} a second; {found['verdict']}",
        flush=True,
    )


def forecast_lines(env: dict[str, str]) -> None:
    command = ["make", "--no-print-directory", "forecast"]
    print(f"make forecast, nothing cached  {timed(command, env)[0]:6.1f} s", flush=True)
    print(f"make forecast again            {min(timed(command, env)[0] for _ in range(3)):6.1f} s (best of three)")
    imports = timed(command, {**env, "PYTHONPROFILEIMPORTTIME": "1"})[1].stderr
    loaded = {line.rpartition("|")[2].strip() for line in imports.splitlines() if line.startswith("import time:")}
    heavy = sorted(loaded & {"pymc", "pytensor", "nutpie", "arviz", "numba", "scipy", "matplotlib"})
    print(f"heavy modules loaded by the latter: {', '.join(heavy) or 'none'}")
    assert "vzforecast" in loaded
    assert "pymc" not in loaded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warm", type=int, default=3, help="runs with warm caches")
    parser.add_argument("--skip-forecast", action="store_true", help="leave out the command line")
    parser.add_argument("--density", choices=("pymc", "written"), default="pymc", help="what the fits sample")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.density)
        return
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder))
        fit_line("cold", options.density, env)
        for _ in range(options.warm):
            fit_line("warm", options.density, env)
        if not options.skip_forecast:
            forecast_lines(env)


if __name__ == "__main__":
    main()
