"""What `vzforecast report` writes, says and returns; its forecast is put together without sampling."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import vzforecast as vz
from helpers.cases import embedded, skeleton
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.cli import app


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Forecasts of the skeleton case: two days, a failed fit; and one of another case."""
    folder = tmp_path_factory.mktemp("saved")
    made = {
        "early": synthetic_forecast(skeleton(), "2024-04-10", draws=40, paths=5),
        "late": synthetic_forecast(skeleton(), "2024-04-15", draws=40, paths=5),
        "failed": synthetic_forecast(skeleton(), "2024-04-15", draws=40, paths=5, report=failing_report()),
        "other": synthetic_forecast(embedded(), draws=10, paths=2),
    }
    return {name: forecast.save(folder / f"{name}.nc") for name, forecast in made.items()}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def test_a_page_is_written_and_said_on_standard_error(saved: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    result = run(saved["late"], "-o", target)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"wrote {target}\n")
    own = vz.report(vz.load_forecast(saved["late"]), tmp_path / "own.html")
    assert target.read_bytes() == own.read_bytes()


WRITE = """
import sys
from vzforecast.cli import app
app(["report", sys.argv[1], "-o", sys.argv[2]], standalone_mode=False)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_a_page_needs_no_compiler_no_sampler_no_figures_no_dask(saved: dict[str, Path], tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITE, str(saved["late"]), str(tmp_path / "r.html")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    loaded = set(done.stdout.split())
    assert "jinja2" in loaded
    assert not loaded & {"numba", "llvmlite", "pymc", "pytensor", "nutpie", "arviz", "matplotlib"}
    assert not loaded & {"dask", "scipy"}  # which xarray would load to ask whether arrays are dask's


def test_since_and_event_reach_the_page(saved: dict[str, Path], tmp_path: Path) -> None:
    event = "ever(fishing_truce = broken) by 2024-09-30"
    result = run(saved["late"], "--output", tmp_path / "r.html", "--since", saved["early"], "--event", event)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"Since 10 April 2024. {event}: " in text


def test_a_failed_fit_is_written_marked_and_returned_as_one(saved: dict[str, Path], tmp_path: Path) -> None:
    result = run(saved["failed"], "-o", tmp_path / "r.html")
    assert result.exit_code == 1
    assert "warning: failed fit, do not use its numbers: R-hat 1.250 is above 1.01" in result.stderr
    assert "FAILED FIT, DO NOT USE" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_bad_input_ends_with_one_message_and_code_2(saved: dict[str, Path], tmp_path: Path) -> None:
    target, missing = tmp_path / "r.html", tmp_path / "none" / "r.html"
    no_forecast = tmp_path / "no.nc"
    no_forecast.write_text("no forecast", encoding="utf-8")
    messages = {
        (saved["late"], "-o", missing): (
            f"error: --output {str(missing)!r}: there is no folder {str(missing.parent)!r}; make it first\n"
        ),
        (saved["late"], "-o", tmp_path): f"error: --output {str(tmp_path)!r} is a folder; give the name of a file\n",
        (saved["early"], "-o", target, "--since", saved["late"]): (
            "error: since: as of 2024-04-15, later than the report's forecast, 2024-04-10; swap them\n"
        ),
        (saved["late"], "-o", target, "--since", saved["other"]): (
            "error: since: a forecast of 'venezuela-2025', and the report is of 'two-islands'; give an earlier "
            "forecast of the same case\n"
        ),
    }
    for arguments, message in messages.items():
        result = run(*arguments)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", message)
    for wrong in ((no_forecast, "-o", target), (saved["late"], "-o", target, "--event", "ever(truce")):
        result = run(*wrong)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")
    assert not target.exists()
