"""Laws of conditional probability that hold exactly, whatever the draws and however they are weighted."""

import dataclasses
import datetime as dt
import warnings
from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers.cases import embedded
from helpers.synthetic import synthetic_forecast
from vzforecast import LowEvidenceWarning
from vzforecast.forecast import Forecast
from vzforecast.forecast.weights import Weights

MIDWAY, HORIZON = dt.date(2025, 8, 31), dt.date(2025, 12, 31)
DRAWS, PATHS = 80, 6
WEIGHTS = ["even", "draws", "paths", "both"]

days = st.dates(MIDWAY + dt.timedelta(1), HORIZON)
events = st.builds(
    lambda text, day: text.format(day=day),
    st.sampled_from(
        [
            "ever(chevron_licence = suspended) after 2025-08-31 by {day}",
            "state(sanctions = not_escalated) on {day}",
            "count(deportation_flights = halted) after 2025-08-31 by {day} >= 1",
            "first(formal_relief = no_easing) before first(maduro_exit = out) by {day}",
            "held(detained_americans = releasing, days = 60) by {day} and not state(sanctions = re_escalated) on {day}",
            "licence_lost_and_sanctions_back or state(deportation_flights = halted) on {day}",
        ]
    ),
    days,
)
forecasts = st.tuples(st.integers(0, 3), st.sampled_from(WEIGHTS))


@cache
def forecast(seed: int, weighted: str = "even") -> Forecast:
    """Return a forecast weighted in one way; as after an update, without one."""
    plain = synthetic_forecast(embedded(), MIDWAY, draws=DRAWS // 2, chains=2, paths=PATHS, seed=seed, width=1.0)
    random = np.random.default_rng(seed)
    draw = random.lognormal(size=DRAWS) if weighted in ("draws", "both") else None
    path = random.lognormal(size=(DRAWS, PATHS)) if weighted in ("paths", "both") else None
    made = dataclasses.replace(plain)
    vars(made)["weights"] = Weights(draw, path)
    return made


@pytest.fixture(autouse=True)
def few_paths_are_meant() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LowEvidenceWarning)
        yield


@given(forecasts, events, events)
def test_a_conditional_probability_is_the_joint_one_by_that_of_the_condition(
    which: tuple[int, str], one: str, other: str
) -> None:
    fc = forecast(*which)
    condition, both = fc.probability(other).mean, fc.probability(f"({one}) and ({other})").mean
    assume(condition > 0.0)
    found = fc.probability(one, given=other)
    assert found.mean * condition == pytest.approx(both, abs=1e-12)
    assert 0.0 <= found.lower <= found.upper <= 1.0
    assert found.draws == DRAWS
    # Bayes.
    if fc.probability(one).mean > 0.0:
        assert fc.probability(other, given=one).mean * fc.probability(one).mean == pytest.approx(both, abs=1e-12)


@given(forecasts, events, events)
def test_the_law_of_total_probability(which: tuple[int, str], one: str, other: str) -> None:
    fc = forecast(*which)
    share = fc.probability(other).mean
    assume(0.0 < share < 1.0)
    here, elsewhere = fc.probability(one, given=other), fc.probability(one, given=f"not ({other})")
    assert share * here.mean + (1.0 - share) * elsewhere.mean == pytest.approx(fc.probability(one).mean, abs=1e-12)
    assert fc.probability(f"not ({one})", given=other).mean == pytest.approx(1.0 - here.mean, abs=1e-12)


@given(forecasts, events)
def test_an_event_is_certain_given_itself_and_impossible_given_its_opposite(which: tuple[int, str], one: str) -> None:
    fc = forecast(*which)
    share = fc.probability(one).mean
    assume(0.0 < share < 1.0)
    itself, opposite = fc.probability(one, given=one), fc.probability(one, given=f"not ({one})")
    assert (itself.mean, itself.lower, itself.upper, itself.mcse) == (1.0, 1.0, 1.0, 0.0)
    assert (opposite.mean, opposite.lower, opposite.upper, opposite.mcse) == (0.0, 0.0, 0.0, 0.0)


@given(forecasts, events)
def test_a_condition_that_always_holds_changes_nothing(which: tuple[int, str], one: str) -> None:
    fc = forecast(*which)
    sure = "ever(maduro_exit = in_office) by 2025-12-31"
    plain, found = fc.probability(one), fc.probability(one, given=sure)
    for part in ("mean", "lower", "upper", "mcse", "ess"):
        assert getattr(found, part) == pytest.approx(getattr(plain, part), rel=1e-8, abs=1e-12), part


@given(forecasts, events, events, events)
def test_one_condition_after_another_is_both_at_once(which: tuple[int, str], one: str, other: str, third: str) -> None:
    fc = forecast(*which)
    both = f"({other}) and ({third})"
    assume(fc.probability(both).mean > 0.0)
    chained = fc.probability(one, given=both).mean * fc.probability(other, given=third).mean
    assert chained == pytest.approx(fc.probability(f"({one}) and ({other})", given=third).mean, abs=1e-12)


@given(forecasts, st.sampled_from([o.id for o in embedded().spec.outcomes if not o.recurrent]), days, days)
def test_scenarios_given_each_state_are_a_partition_and_average_to_the_forecast(
    which: tuple[int, str], outcome: str, one: dt.date, other: dt.date
) -> None:
    fc = forecast(*which)
    on, by = sorted((one, other))
    table = fc.given(outcome, by=by, on=on)
    condition = table["condition"].groupby("state", sort=False).first()
    assert condition.index.tolist() == list(fc.case.outcome(outcome).states)
    assert condition.sum() == pytest.approx(1.0, abs=1e-12)
    happens = table[table["condition"] > 0.0]
    for _, rows in happens.groupby("state"):
        assert rows["probability"].sum() == pytest.approx(1.0, abs=1e-12)
    averaged = (happens["probability"] * happens["condition"]).groupby("scenario", sort=False).sum()
    pd.testing.assert_series_equal(averaged, fc.scenarios(by=by)["probability"], check_names=False, atol=1e-12)


@given(forecasts, days)
def test_the_table_is_made_of_conditional_events(which: tuple[int, str], day: dt.date) -> None:
    fc = forecast(*which)
    table = fc.given("sanctions", by=day)
    escalated = f"state(sanctions = re_escalated) on {day}"
    assume(fc.probability(escalated).mean > 0.0)
    row = table.loc[("re_escalated", "transition")]
    found = fc.probability(f"state(maduro_exit = out) on {day}", given=escalated)
    assert (row["probability"], row["lower"], row["upper"], row["mcse"]) == tuple(found.row.values())
    assert row["condition"] == fc.probability(escalated).mean
