"""Nothing learnt after an as-of date reaches what a backtest says of it, by any strategy; whoever peeks is caught.

Everything that was not known on a day is filled with nonsense, then deleted; what is said on that day and before it
must be the same to the bit. What is said later is free to differ, and does.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.cases import embedded
from helpers.poison import deleted, poisoned
from helpers.replayed import SETTINGS, plan_of, quick_fit, said
from vzforecast import Forecast
from vzforecast.backtesting.replay import How, replay
from vzforecast.case import Case

DAYS = ("2025-02-12", "2025-03-26")

Fit = Callable[..., Forecast]


def futures(day: str) -> list[Case]:
    """Return the embedded case with its future after a day garbled, and without it."""
    stamp = pd.Timestamp(day)
    return [poisoned(embedded(), stamp, np.random.default_rng(5)), deleted(embedded(), stamp)]


def spoken(case: Case, strategy: str, fit: Fit = quick_fit, days: tuple[str, ...] = DAYS) -> list[dict[str, Any]]:
    return said(replay(plan_of(case, days, strategy), How(progress=False), fit))


def same(one: object, other: object) -> bool:
    """Compare to the bit; what is missing on both sides is equal."""
    return repr(one) == repr(other)


@pytest.fixture(autouse=True)
def refits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vzforecast.updating.advance.fit_known", quick_fit)


@pytest.mark.parametrize("strategy", ["refit", "update", "none"])
def test_what_is_said_does_not_depend_on_what_came_later(strategy: str) -> None:
    plain = spoken(embedded(), strategy)
    assert all(one["questions"] for one in plain)
    for number, day in enumerate(DAYS, start=1):
        for case in futures(day):
            found = spoken(case, strategy, days=DAYS[:number])
            assert same(found, plain[:number])


def test_the_poison_reaches_the_days_after_it() -> None:
    late = spoken(deleted(embedded(), pd.Timestamp(DAYS[0])), "refit", days=DAYS[1:2])
    assert not same(late, spoken(embedded(), "refit", days=DAYS[1:2]))


def peeking(case: Case) -> Fit:
    """Return a forecaster that looks up what happened: its seed is how much happens in the whole case."""
    secret = len(case.tables["transitions"])

    def fit(known: Case, _settings: object, seed: int, **options: Any) -> Forecast:
        return quick_fit(known, SETTINGS, seed + secret, **options)

    return fit


def test_a_forecaster_that_peeks_is_caught() -> None:
    day = DAYS[:1]
    plain = spoken(embedded(), "refit", peeking(embedded()), day)
    assert not any(same(spoken(case, "refit", peeking(case), day), plain) for case in futures(day[0]))
