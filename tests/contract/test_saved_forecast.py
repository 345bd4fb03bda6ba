"""A saved forecast gives identical answers, without PyMC; a file that is not one is refused."""

import dataclasses
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers.cases import embedded, skeleton
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.convergence import UnconvergedWarning
from vzforecast.errors import ForecastFileError
from vzforecast.evidence import MarketQuote, Signal
from vzforecast.forecast import FirstPassage, Forecast, Probability, load_forecast
from vzforecast.updating import update

EVENT = "ever(chevron_licence = suspended) by 2025-06-01 and not state(deportation_flights = halted) on 2025-07-01"

ANSWERS: dict[str, Callable[[Forecast], Any]] = {
    "scenarios": lambda fc: fc.scenarios(),
    "scenarios by a day": lambda fc: fc.scenarios(by="2025-09-30"),
    "outcomes": lambda fc: fc.outcomes(),
    "outcomes by days": lambda fc: fc.outcomes(by=["2025-09-30", "2025-10-31"]),
    "probability": lambda fc: fc.probability(EVENT),
    "curve": lambda fc: fc.curve("ever(sanctions = re_escalated)"),
    "curve on dates": lambda fc: fc.curve("ever(sanctions = re_escalated)", dates=["2025-09-30"]),
    "time_to": lambda fc: (str(fc.time_to("ever(sanctions = not_escalated) after 2025-09-30")), passage(fc).survival),
    "when": lambda fc: (str(passage(fc)), passage(fc).table),
    "questions": lambda fc: fc.questions(),
    "influence": lambda fc: fc.influence(),
    "closeness_beats_office": lambda fc: fc.closeness_beats_office,
    "defection": lambda fc: fc.defection(),
    "paths": lambda fc: fc.paths(["2025-09-30", "2025-12-31"]),
    "diagnostics": lambda fc: (fc.diagnostics.text, fc.diagnostics.table),
    "provenance": lambda fc: dict(fc.provenance),
    "given": lambda fc: quietly(lambda: fc.given("sanctions")),
    "weights": lambda fc: (fc.weights.of_draws, fc.weights.of_paths),
    "evidence": lambda fc: fc.evidence,
    "interventions": lambda fc: fc.interventions,
    "update_report": lambda fc: fc.update_report and (str(fc.update_report), fc.update_report.items),
    "quotes": lambda fc: fc.update_report and fc.update_report.quotes,
    "repr": repr,
    "dates": lambda fc: (fc.as_of, fc.horizon, fc.chains),
    "case": lambda fc: (fc.case, fc.case.as_of, fc.case.digest, fc.case.priors),
    "rows": lambda fc: fc.history.rows,
    "draws": lambda fc: fc.draws,
    "posterior": lambda fc: fc.posterior["posterior"].to_dataset(),
    "sample_stats": lambda fc: fc.posterior["sample_stats"].to_dataset(),
}
METHODS = {
    *("scenarios", "outcomes", "probability", "curve", "influence", "closeness_beats_office", "defection", "paths"),
    *("given", "weights", "evidence", "interventions", "update_report", "time_to", "questions"),
}
NEWS = (
    Signal(id="leak", date="2025-09-02", kind="rumour", faction="oil", outcome="sanctions", lean="active"),
    MarketQuote(
        id="quote",
        date="2025-09-02",
        event="state(sanctions = re_escalated) on 2025-12-31",
        probability=0.5,
        platform="x",
    ),
)


def passage(fc: Forecast) -> FirstPassage:
    return fc.time_to(
        "held(deportation_flights = halted, days = 14) and ever(maduro_exit = in_office) after 2025-09-30"
    )


def quietly[T](ask: Callable[[], T]) -> T:
    """Ask what few of these few paths can answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ask()


@pytest.fixture(scope="module", params=["2025-02-05", "2025-08-31", "updated"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Forecast, Forecast]:
    """A forecast and what comes back of it from a file."""
    if request.param == "updated":
        fc = update(
            synthetic_forecast(embedded(), "2025-08-31", draws=300, paths=5, seed=3, width=0.2), NEWS, "reweight"
        )
    else:
        fc = synthetic_forecast(embedded(), request.param, draws=60, paths=5, seed=3)
    path = tmp_path_factory.mktemp("saved") / "fc.nc"
    assert fc.save(path) == path
    assert list(path.parent.iterdir()) == [path]
    return fc, load_forecast(path)


@pytest.mark.parametrize("what", list(ANSWERS))
def test_every_answer_is_identical(pair: tuple[Forecast, Forecast], what: str) -> None:
    assert_identical(*(ANSWERS[what](fc) for fc in pair))


def assert_identical(one: Any, other: Any) -> None:
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    elif isinstance(one, xr.Dataset | xr.DataArray):
        xr.testing.assert_identical(one, other)
        for name in one.coords:
            assert one[name].dtype.kind == other[name].dtype.kind
    elif isinstance(one, Probability):
        np.testing.assert_equal(dataclasses.asdict(one), dataclasses.asdict(other))  # NaN equals NaN
    elif isinstance(one, tuple):
        for first, second in zip(one, other, strict=True):
            assert_identical(first, second)
    else:
        np.testing.assert_equal(one, other)


def test_every_method_is_asked(pair: tuple[Forecast, Forecast]) -> None:
    own = {name for name in dir(Forecast) if not name.startswith("_")}
    inner = {
        "as_of",
        "horizon",
        "ok",
        "history",
        "design",
        "draws",
        "chains",
        "vocabulary",
        "save",
        "scenarios_unchecked",
        "questions_unchecked",
        "known",
        "readings",
        "revision",
        "intervened",
        "averaged",
    }
    assert own - inner == METHODS
    assert pair[1].ok == pair[0].ok


def test_saved_again_it_is_the_same(pair: tuple[Forecast, Forecast], tmp_path: Path) -> None:
    again = load_forecast(pair[1].save(tmp_path / "again.nc"))
    assert_identical(again.scenarios(), pair[0].scenarios())
    assert again.case.digest == pair[0].case.digest


def test_a_failed_fit_stays_failed(tmp_path: Path) -> None:
    fc = synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2, report=failing_report())
    again = load_forecast(fc.save(tmp_path / "fc.nc"))
    assert not again.ok
    assert repr(again) == repr(fc)
    with pytest.warns(UnconvergedWarning, match="failed fit"):
        again.scenarios()


def test_a_forecast_of_every_as_of_kind_of_state_is_saved(tmp_path: Path) -> None:
    """The day of a transition, and the last day of all, on which no time is left."""
    for day in ("2025-03-24", "2025-12-31"):
        fc = synthetic_forecast(embedded(), day, draws=50, paths=2)
        again = load_forecast(fc.save(tmp_path / f"{day}.nc"))
        assert_identical(again.scenarios(), fc.scenarios())
        assert_identical(again.simulated.to_arrays(), fc.simulated.to_arrays())


def test_saving_replaces_a_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "fc.nc"
    path.write_text("something else")
    fc = synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2)
    fc.save(path)
    assert_identical(load_forecast(path).scenarios(), fc.scenarios())


def test_saving_into_no_folder_leaves_nothing(tmp_path: Path) -> None:
    fc = synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2)
    with pytest.raises(OSError, match="absent"):
        fc.save(tmp_path / "absent" / "fc.nc")
    assert list(tmp_path.iterdir()) == []


OPEN = """
import sys
import warnings
import vzforecast as vz
fc = vz.load_forecast(sys.argv[1])
fc.scenarios(), fc.outcomes(), fc.influence(), fc.defection(), fc.closeness_beats_office, repr(fc)
fc.curve("ever(sanctions = re_escalated)", dates=["2025-12-31"]), fc.paths(["2025-12-31"]), fc.history, fc.draws
fc.questions(), fc.time_to("ever(sanctions = re_escalated)")
print(",".join(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_opens_and_answers_without_the_sampler(pair: tuple[Forecast, Forecast], tmp_path: Path) -> None:
    path = pair[0].save(tmp_path / "fc.nc")
    command = [sys.executable, "-W", "error", "-c", OPEN, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.strip().split(","))
    assert "xarray" in loaded
    assert not loaded & {"pymc", "pytensor", "nutpie", "arviz", "arviz_stats", "arviz_base", "matplotlib", "numba"}


def not_a_forecast(path: Path) -> None:
    xr.Dataset({"x": 1}).to_netcdf(path, engine="h5netcdf")


def text(path: Path) -> None:
    path.write_text("no netCDF")


def half(path: Path) -> None:
    synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2).save(path)
    path.write_bytes(path.read_bytes()[:-5000])


def without_a_group(path: Path) -> None:
    synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2).save(path)
    with xr.open_datatree(path, engine="h5netcdf") as opened:
        tree = opened.load()
    pruned = xr.DataTree.from_dict({name: tree[name].to_dataset() for name in ("posterior", "sample_stats")})
    pruned.attrs = tree.attrs
    path.unlink()
    pruned.to_netcdf(path, engine="h5netcdf")


def another_case(path: Path) -> None:
    synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2).save(path)
    with xr.open_datatree(path, engine="h5netcdf") as opened:
        tree = opened.load()
    tree.attrs["case"] = "{}"
    path.unlink()
    tree.to_netcdf(path, engine="h5netcdf")


@pytest.mark.parametrize(
    "damage", [not_a_forecast, text, half, without_a_group, another_case], ids=lambda function: function.__name__
)
def test_what_is_not_a_whole_forecast_is_refused(damage: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "fc.nc"
    damage(path)
    with pytest.raises(ForecastFileError, match=r"fc\.nc: not a whole vzforecast forecast"):
        load_forecast(path)


def test_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ForecastFileError, match=r"fc\.nc: no such file; give a forecast written by Forecast.save"):
        load_forecast(tmp_path / "fc.nc")
