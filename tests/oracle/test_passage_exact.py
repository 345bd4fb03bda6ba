"""When an event comes true, on exact paths of chains with constant rates: quantiles and survival in closed form."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.linalg import expm

from helpers.chains import AS_OF, Chain, Floats, beginning, chain, generator, simulated
from vzforecast.forecast.passage import FirstPassage, first_passage
from vzforecast.forecast.probability import path_probability

PATHS, DAYS = 400_000, 210


def passage(law: Chain, event: str, days: int = DAYS) -> FirstPassage:
    paths = simulated(law, days, PATHS)
    weekly = [AS_OF + timedelta(days=day) for day in range(7, days + 1, 7)]
    return first_passage(
        event, law.vocabulary(days), paths, weekly, lambda happened: path_probability(happened, 4, ok=True)
    )


def survives_as(found: FirstPassage, exact: Floats) -> bool:
    """Tell whether every point of the curve is within 4.5 standard errors of P(not by day), given for every day."""
    days = [(day.date() - AS_OF).days for day in found.survival.index]
    error = np.sqrt(exact[days] * (1.0 - exact[days]) / PATHS)
    assert error.max() < 0.001
    return bool(np.all(np.abs(found.survival["probability"] - exact[days]) <= 4.5 * error))


def reached(exact: Floats, share: float) -> set[date]:
    """Return the first day by which the probability is at least a share, and those within 4.5 errors of it."""
    error = 4.5 * np.sqrt(share * (1.0 - share) / PATHS)
    first, last = (int(np.argmax(1.0 - exact >= share + slack)) for slack in (-error, error))
    assert last - first <= 4, "so many paths leave hardly a doubt about the day"
    return {AS_OF + timedelta(days=day) for day in range(first, last + 1)}


@pytest.mark.parametrize("rate", [0.02, 0.05])
def test_an_event_at_a_constant_rate_has_the_quantiles_of_an_exponential(rate: float) -> None:
    found = passage(chain([rate], [0.05]), "ever(o0 = active)")
    exact = np.exp(-rate * np.arange(DAYS + 1))
    assert survives_as(found, exact)
    for share, day in ((0.05, found.lower), (0.5, found.median), (0.95, found.upper)):
        assert day in reached(exact, share)
        # A quantile of the exponential lies in the day by whose end it has been passed.
        assert AS_OF + timedelta(days=int(np.ceil(-np.log1p(-share) / rate))) in reached(exact, share)
    assert found.not_by_horizon.mean == found.survival["probability"].iloc[-1]
    # All draws have one rate: what is uncertain about the median is nothing but a day of rounding.
    assert found.median is not None
    assert abs((found.median_lower - found.median).days) <= 3  # type: ignore[operator]
    assert abs((found.median_upper - found.median).days) <= 3  # type: ignore[operator]


def test_beyond_the_horizon_there_is_no_date() -> None:
    found = passage(chain([0.002], [0.05]), "ever(o0 = active)", 60)  # by then 11 % have happened
    assert found.lower in reached(np.exp(-0.002 * np.arange(61)), 0.05)
    assert (found.median, found.median_lower, found.median_upper, found.upper) == (None,) * 4
    assert abs(found.not_by_horizon.mean - np.exp(-0.12)) < 4.5 * np.sqrt(0.1 / PATHS)


def test_a_stretch_is_complete_so_many_days_after_it_began() -> None:
    # Active from noon of the as-of day on: it lasts 20 days with exp(-20 g), and is then complete on one day for all;
    # later only if it is left and entered again, which takes a rate of onset that is zero here.
    found = passage(chain([0.0], [0.02], "a"), "held(o0 = active, days = 20)")
    lasts = np.exp(-0.02 * 19.5)
    assert survives_as(found, np.where(np.arange(DAYS + 1) >= 20, 1.0 - lasts, 1.0))
    assert found.lower == found.median == AS_OF + timedelta(days=20)
    assert found.upper is None


def test_a_stretch_of_a_chain_that_never_leaves_is_an_exponential_later() -> None:
    rate, length = 0.02, 30
    found = passage(chain([rate], [0.0]), f"held(o0 = active, days = {length})")
    exact = np.exp(-rate * np.maximum(np.arange(DAYS + 1) - length, 0))
    assert survives_as(found, exact)
    for share, day in ((0.05, found.lower), (0.5, found.median), (0.95, found.upper)):
        assert day in reached(exact, share)


def test_the_first_of_two_comes_with_its_share_of_the_race() -> None:
    # P(X < Y, X <= t) = a / (a + b) (1 - exp(-(a + b) t)), which never reaches more than a / (a + b).
    a, b = 0.06, 0.04
    found = passage(chain([a, b], [0.1, 0.1]), "first(o0 = active) before first(o1 = active)")
    exact = 1.0 - a / (a + b) * -np.expm1(-(a + b) * np.arange(DAYS + 1))
    assert survives_as(found, exact)
    assert found.median in reached(exact, 0.5)
    assert found.upper is None
    assert abs(found.not_by_horizon.mean - b / (a + b)) < 4.5 * np.sqrt(0.24 / PATHS)


def test_entries_come_true_as_the_chain_of_state_and_count_has_it() -> None:
    law = chain([0.06], [0.08])
    found = passage(law, "count(o0 = active) >= 2")
    matrix = generator(law, 3, lambda flag, _, active: min(flag + active, 2))
    step, now, exact = expm(matrix), beginning(law, 3), []
    for _ in range(DAYS + 1):
        exact.append(1.0 - now.reshape(-1, 3)[:, 2].sum())
        now = now @ step
    assert survives_as(found, np.array(exact))
    assert found.median in reached(np.array(exact), 0.5)


@pytest.mark.parametrize(("word", "joined"), [("and", np.maximum), ("or", np.minimum)])
def test_of_events_joined_the_last_or_the_first_decides(word: str, joined: np.ufunc) -> None:
    a, b = np.exp(-0.01 * np.arange(DAYS + 1)), np.exp(-0.03 * np.arange(DAYS + 1))
    found = passage(chain([0.01, 0.03], [0.1, 0.1]), f"ever(o0 = active) {word} ever(o1 = active)")
    exact = a * b if joined is np.minimum else 1.0 - (1.0 - a) * (1.0 - b)
    assert survives_as(found, exact)
    assert found.median in reached(exact, 0.5)


def test_after_a_day_the_chain_starts_anew_and_what_is_held_then_counts_for_the_next_day() -> None:
    onset, recovery, begin = 0.02, 0.05, 40
    law = chain([onset], [recovery], "a")
    found = passage(law, f"ever(o0 = active) after {AS_OF + timedelta(days=begin)}")
    active = (recovery * np.exp(-(onset + recovery) * begin) + onset) / (onset + recovery)
    days = np.arange(DAYS + 1)
    exact = np.where(days > begin, (1.0 - active) * np.exp(-onset * np.maximum(days - begin, 0)), 1.0)
    assert survives_as(found, exact)
    assert found.lower == AS_OF + timedelta(days=begin + 1)
