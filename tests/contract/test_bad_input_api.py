"""Bad input to a forecast in Python: one error of the family, naming the place; the forecast is none the worse."""

import pytest

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
