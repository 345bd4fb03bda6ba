"""Updates against refits of the same evidence, along the real timeline: weights give the figures of docs/agreement.md.

One compiled model serves every fit, and an update that refits compiles nothing either.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.agreement import assert_as_far_as_chance, mean_and_variance, scalars, spreads
from vzforecast import inference, names
from vzforecast.case import Case, load_case
from vzforecast.forecast import Forecast
from vzforecast.settings import SamplerSettings
from vzforecast.updating import update

pytestmark = pytest.mark.slow

SETTINGS = SamplerSettings(draws=1000)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that writes the page."""
    path = Path(__file__).parents[2] / "scripts" / "agreement.py"
    spec = importlib.util.spec_from_file_location("agreement", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def compiled() -> Iterator[list[Any]]:
    """Every model compiled while this module runs."""
    found: list[Any] = []
    real = inference.compile_model

    def counted(model: Any) -> inference.CompiledModel:
        found.append(model)
        return real(model)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inference, "compile_model", counted)
        yield found


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case()


@pytest.fixture(scope="module")
def made(script: ModuleType, case: Case, compiled: list[Any]) -> list[Any]:
    fits = script.fits(case, SETTINGS, every="7D")
    assert len(compiled) <= 1, "a fit in the places of the first one was compiled again"
    assert sum(not one.forecast.ok for one in fits) <= 3, "a few in a hundred may fail, not more"
    return fits


@pytest.fixture(scope="module")
def table(script: ModuleType, case: Case, made: list[Any]) -> pd.DataFrame:
    found: pd.DataFrame = script.compare(case, made, (1, 2))
    return found


def test_enough_updates_are_accepted_and_some_are_refused(table: pd.DataFrame) -> None:
    assert int(table["accepted"].sum()) >= 30
    assert not table["accepted"].all(), "news that no weights can carry must be refused"
    assert (table.loc[table["accepted"], "khat"] < 0.7).all()


def test_scenarios_differ_by_no_more_than_chance_gives(script: ModuleType, table: pd.DataFrame) -> None:
    count = 6 * int(table["accepted"].sum())
    assert script.beyond(table, 4.0) == 0
    for limit in (2.0, 3.0):
        most = stats.binom.ppf(0.999, count, 2 * stats.norm.sf(limit))
        assert script.beyond(table, limit) <= most, f"more than {limit} errors apart"


def test_a_refit_by_update_compiles_nothing_and_is_the_fit_of_that_day(
    case: Case, made: list[Any], compiled: list[Any]
) -> None:
    before = len(compiled)
    start, day = made[0].forecast, made[8].day
    found = update(start, case.evidence_between(start.as_of, day), "refit", as_of=day, cache=False)
    assert len(compiled) == before
    assert found.provenance["seconds"]["compiling"] < 1.0
    again = update(start, case.evidence_between(start.as_of, day), "refit", as_of=day, cache=False)
    one, other = (forecast.posterior[names.POSTERIOR]["log_rate"].to_numpy() for forecast in (found, again))
    np.testing.assert_array_equal(one, other)
    quick, slow = found.scenarios_unchecked(), made[8].forecast.scenarios_unchecked()
    assert ((quick - slow)["probability"].abs() < 4 * np.hypot(quick["mcse"], slow["mcse"])).all()


@pytest.fixture(scope="module", params=[8, 1], ids=["in one go", "week by week"])
def moved(request: pytest.FixtureRequest, case: Case, made: list[Any]) -> Forecast:
    """The first fit moved on to the day of the ninth, further than weights could carry it."""
    found: Forecast = made[0].forecast
    for week in range(request.param, 9, request.param):
        day = made[week].day
        found = update(found, case.evidence_between(found.as_of, day), "move", as_of=day)
    return found


def test_moved_draws_are_those_of_a_refit(moved: Forecast, made: list[Any]) -> None:
    one, other = scalars(moved), scalars(made[8].forecast)
    assert_as_far_as_chance(one, other)
    assert_as_far_as_chance(*spreads(one, other))


def test_moved_draws_say_what_a_refit_says(moved: Forecast, made: list[Any]) -> None:
    one, other = moved.scenarios(), made[8].forecast.scenarios()
    assert ((one - other)["probability"].abs() < 4 * np.hypot(one["mcse"], other["mcse"])).all()


def test_they_went_further_than_what_chance_moves(moved: Forecast, made: list[Any]) -> None:
    # Else the draws that they came from would pass as well.
    (first, error), (second, other_error) = (mean_and_variance(scalars(one)) for one in (moved, made[0].forecast))
    assert np.square((first - second) / np.sqrt(error + other_error)).mean() > 5.0
