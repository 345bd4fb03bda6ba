"""What only a process of its own can show: what is imported, and how the installed command ends."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from helpers.cached import OPTIONS, case_folder, plant
from vzforecast.case import load_case
from vzforecast.cli import FAILED_FIT

# What takes seconds to import, and what an answer without sampling has no use for.
SAMPLING: Final = {"pymc", "pytensor", "nutpie", "arviz", "arviz_stats", "matplotlib", "numba", "llvmlite", "scipy"}

REPORT: Final = "import sys; print('IMPORTED', *sorted(sys.modules), file=sys.stderr)"
# As installed without the extra `distributed`: where dask is found, xarray imports all of it, and with it scipy.
COMMAND: Final = f"""
import atexit, sys
sys.modules["dask"] = None
atexit.register(lambda: exec({REPORT!r}))
from vzforecast.cli import main
main()
"""


def run(code: str, *arguments: str, patience: int = 120) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=patience)


def imported(stderr: str) -> set[str]:
    line = next(line for line in stderr.splitlines() if line.startswith("IMPORTED"))
    return {name.split(".")[0] for name in line.split()[1:]}


def test_importing_the_package_imports_nearly_nothing() -> None:
    done = run(f"import vzforecast; {REPORT}")
    assert not imported(done.stderr) & (SAMPLING | {"numpy", "pandas", "xarray", "pydantic", "rich"})


def test_importing_the_command_line_imports_little() -> None:
    done = run(COMMAND, "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("vzforecast ")
    assert not imported(done.stderr) & (SAMPLING | {"numpy", "pandas", "xarray"})


@pytest.mark.parametrize("options", [(), ("--json",), ("--csv",)], ids=["tables", "json", "csv"])
def test_a_cached_forecast_imports_no_sampler(tmp_path: Path, options: Sequence[str]) -> None:
    folder = case_folder(tmp_path / "case", headline=True)
    case = load_case(folder)
    plant(case)
    plant(case.without_agreement("harbour_2018"))
    done = run(COMMAND, "forecast", "--case", str(folder), *OPTIONS, *options)
    assert done.returncode == 0, done.stderr
    assert "calm" in done.stdout
    assert not imported(done.stderr) & SAMPLING
    names = {name for name in done.stderr.split() if name.startswith("rich.")}
    assert "rich.progress" not in names, "no bar without a terminal"


def test_a_fit_on_the_written_density_imports_no_model(tmp_path: Path) -> None:
    folder = case_folder(tmp_path / "case")
    done = run(COMMAND, "forecast", "--case", str(folder), *OPTIONS, "--density", "written", "--no-cache", patience=600)
    assert done.returncode in {0, FAILED_FIT}, done.stderr
    assert "nutpie" in imported(done.stderr)
    assert not imported(done.stderr) & {"pymc", "pytensor"}


INTERRUPTED: Final = """
import os, signal, threading
from vzforecast import inference
from vzforecast.cli import main

real = inference.sample

def sample(compiled, settings, seed, progress=None, cores=None):
    def interrupt_at_once(share):
        if share > {share} and not done:
            done.append(share)
            os.kill(os.getpid(), signal.SIGINT)

    done = []
    return real(compiled, settings, seed, interrupt_at_once, cores)

inference.sample = sample
main()
"""


@pytest.mark.parametrize("share", [0.0, 0.5], ids=["while tuning", "while drawing"])
def test_an_interrupt_while_sampling_ends_the_command_and_keeps_nothing(share: float, tmp_path: Path) -> None:
    # nutpie itself returns the draws made so far.
    folder = case_folder(tmp_path / "case")
    options = ("--draws", "100000", "--tune", "50000", "--chains", "2", "--density", "written")
    code = f"import os; os.environ['VZFORECAST_CACHE'] = {str(tmp_path / 'fits')!r}" + INTERRUPTED.format(share=share)
    done = run(code, "forecast", "--case", str(folder), *options, patience=600)
    assert (done.returncode, done.stdout) == (130, ""), done.stderr
    assert done.stderr == "interrupted\n"
    assert not list((tmp_path / "fits").glob("*"))


def test_bad_input_ends_the_process_with_code_2(tmp_path: Path) -> None:
    done = run("from vzforecast.cli import main; main()", "forecast", "--case", str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout) == (2, "")
    nowhere = str(tmp_path / "nowhere")
    assert done.stderr == f"error: no case or folder {nowhere!r}; the embedded cases are: venezuela-2025\n"


def test_an_unexpected_exception_keeps_its_traceback(tmp_path: Path) -> None:
    folder = case_folder(tmp_path / "case")
    broken = "import vzforecast.fitting; vzforecast.fitting.fit = None; from vzforecast.cli import main; main()"
    done = run(broken, "forecast", "--case", str(folder), *OPTIONS)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert done.stderr.rstrip().endswith("TypeError: 'NoneType' object is not callable")


def test_letters_the_output_cannot_encode_cost_no_forecast(tmp_path: Path) -> None:
    folder = case_folder(tmp_path / "case")
    text = (folder / "case.toml").read_text(encoding="utf-8").replace('label = "Calm"', 'label = "Détente"')
    (folder / "case.toml").write_text(text, encoding="utf-8")
    plant(load_case(folder))
    code = "import sys; sys.stdout.reconfigure(encoding='ascii'); from vzforecast.cli import main; main()"
    done = run(code, "forecast", "--case", str(folder), *OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "D?tente" in done.stdout
