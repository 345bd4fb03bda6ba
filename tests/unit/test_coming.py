"""Curves of all outcomes at once are those of each asked by itself."""

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pytest

from helpers.cases import embedded, skeleton
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.case import Case
from vzforecast.convergence import quietly
from vzforecast.forecast.coming import coming
from vzforecast.forecast.days import evenly


@pytest.mark.parametrize(
    ("case", "day"),
    [(skeleton, "2024-04-15"), (embedded, "2025-02-05"), (embedded, "2025-08-31"), (embedded, "2025-12-30")],
)
def test_every_curve_is_that_of_its_event(case: Callable[[], Case], day: str) -> None:
    fc = synthetic_forecast(case(), day, draws=60, paths=5)
    days = evenly(date.fromisoformat(day) + timedelta(days=1), fc.horizon, 6)
    found = list(coming(fc, days))
    assert [one for one, _ in found] == list(fc.case.spec.outcomes)
    for one, curve in found:
        asked = fc.curve(f"ever({one.id} = {one.active}) after {day}", days)
        pd.testing.assert_frame_equal(curve, asked[list(curve.columns)], check_exact=True)


def test_a_failed_fit_is_told_by_whoever_shows_them(recwarn: pytest.WarningsRecorder) -> None:
    fc = synthetic_forecast(skeleton(), "2024-04-15", draws=60, paths=5, report=failing_report())
    ((_, curve), *_) = coming(fc, pd.DatetimeIndex([fc.horizon]))
    assert not recwarn.list
    one = fc.case.spec.outcomes[0]
    asked = quietly(lambda: fc.curve(f"ever({one.id} = {one.active}) after {fc.as_of}", [fc.horizon]))
    pd.testing.assert_frame_equal(curve, asked[list(curve.columns)], check_exact=True)
