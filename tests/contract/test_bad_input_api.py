"""Bad input to a forecast in Python: one error of the family, naming the place; the forecast is none the worse."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vzforecast as vz
from helpers.synthetic import synthetic_forecast
from vzforecast.errors import DateError, EventError, VzForecastError
from vzforecast.forecast import Forecast


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(draws=50, paths=2)


def test_an_unknown_outcome_is_named_with_what_there_is(fc: Forecast) -> None:
    with pytest.raises(EventError) as caught:
        fc.probability("ever(chevron = suspended) by 2025-06-01")
    message = str(caught.value)
    assert "column 6" in message
    assert "'chevron'" in message
    assert "chevron_licence" in message


def test_a_syntax_error_shows_its_column(fc: Forecast) -> None:
    with pytest.raises(EventError) as caught:
        fc.probability("ever(chevron_licence = suspended by 2025-06-01")
    assert "column 34" in str(caught.value)
    assert isinstance(caught.value, VzForecastError)
    assert isinstance(caught.value, ValueError)


def test_a_date_of_an_event_outside_the_case(fc: Forecast) -> None:
    with pytest.raises(EventError, match="2026-01-01"):
        fc.probability("ever(chevron_licence = suspended) by 2026-01-01")


@pytest.mark.parametrize("day", ["2025-02-04", "2026-01-01"])
def test_a_day_outside_the_forecast(fc: Forecast, day: str) -> None:
    with pytest.raises(DateError) as caught:
        fc.scenarios(by=day)
    assert str(caught.value) == f"{day} is outside this forecast; give a day from 2025-02-05 to 2025-12-31"
    with pytest.raises(DateError, match=f"{day} is outside this forecast; give a day from .* to 2025-12-31"):
        fc.outcomes(by=[day])


NOT_A_CASE: dict[str, Callable[[Any], object]] = {
    "fit": vz.fit,
    "backtest": lambda case: vz.backtest(case, ["2025-02-05"]),
    "update": lambda case: vz.update(synthetic_forecast(draws=50, paths=2), case=case),
    "stack": vz.stack,
    "prior_check": vz.prior_check,
    "prior_predictive": vz.prior_predictive,
    "simulation_check": vz.simulation_check,
    "coherence": vz.coherence,
    "actors": vz.plot.actors,
    "history": lambda case: vz.plot.history(synthetic_forecast(draws=50, paths=2), "two_track", case=case),
}


@pytest.mark.parametrize("function", list(NOT_A_CASE))
def test_the_name_of_a_case_is_no_case(function: str) -> None:
    with pytest.raises(vz.CaseError) as caught:
        NOT_A_CASE[function]("venezuela-2025")
    (fault,) = caught.value.faults
    assert (fault.file, fault.place, fault.value) == (function, "case", "venezuela-2025")
    assert fault.problem == "the name of a case, or of its folder, and not a case"
    assert fault.remedy == "load it first, with vzforecast.load_case('venezuela-2025')"


def test_what_is_no_case_at_all_is_named_by_its_type() -> None:
    with pytest.raises(vz.CaseError, match="prior_check: case: of type DataFrame, and not a case; give what"):
        vz.prior_check(pd.DataFrame())  # type: ignore[arg-type]


TABLE = pd.DataFrame({"question": list("abcd"), "probability": [0.1, 0.4, 0.6, 0.9], "resolution": [0, 1, 0, 1]})


@pytest.mark.parametrize("call", [vz.score, vz.calibration, partial(vz.skill, against="base")])
@pytest.mark.parametrize("by", [["question"], None, 3])
def test_blocks_are_by_the_name_of_one_column(call: Callable[..., object], by: object) -> None:
    with pytest.raises(vz.ScoreError) as caught:
        call(TABLE, by=by)
    assert str(caught.value.faults[0]) == (
        f"table: by ({str(by)!r}): not the name of a column; give the name of one column, such as by='question'"
    )


@pytest.mark.parametrize("floor", ["0.1", None, [0.1]])
def test_a_floor_is_a_number(floor: object) -> None:
    for call in (vz.score, partial(vz.skill, against="base")):
        with pytest.raises(vz.ScoreError) as caught:
            call(TABLE, floor=floor)  # type: ignore[operator]
        assert str(caught.value.faults[0]) == (
            f"log score: floor ({str(floor)!r}): not a number; give a number above 0 and below 0.5, such as 0.001"
        )
    assert vz.score(TABLE, floor=np.float64(0.01)).equals(vz.score(TABLE, floor=0.01))


@pytest.mark.parametrize("by", [["faction"], {}, 3, pd.DataFrame()])
def test_a_move_is_grouped_by_one_name(fc: Forecast, by: Any) -> None:
    event = "ever(chevron_licence = suspended) by 2025-06-01"
    message = f"by is of type {type(by).__name__}; choose one of faction, kind, source, month"
    with pytest.raises(vz.ExplainError, match=message):
        vz.explain(fc, fc, event, by=by)
    with pytest.raises(vz.ExplainError, match=message):
        vz.explain(fc, fc, event).grouped(by)
    with pytest.raises(vz.ExplainError, match="by is 'factions'; choose one of faction, kind"):
        vz.explain(fc, fc, event, by="factions")
