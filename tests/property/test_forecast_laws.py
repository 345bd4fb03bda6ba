"""Laws of probability that the answers of a forecast obey exactly, whatever the draws: nothing is sampled."""

import datetime as dt
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cases import embedded, skeleton
from helpers.synthetic import synthetic_forecast
from vzforecast.errors import DateError
from vzforecast.forecast import Forecast

AS_OF, HORIZON = dt.date(2025, 2, 5), dt.date(2025, 12, 31)
MIDWAY = dt.date(2025, 8, 31)  # several outcomes are active, and all have a past

days = st.dates(AS_OF + dt.timedelta(1), HORIZON)
late_days = st.dates(MIDWAY + dt.timedelta(1), HORIZON)
seeds = st.integers(0, 7)
EVENTS = [
    "ever(chevron_licence = suspended) by {}",
    "state(sanctions = re_escalated) on {}",
    "ever(deportation_flights = halted) by {} and not state(deportation_flights = halted) on {}",
    "state(detained_americans = stalled) on {} or ever(formal_relief = eased) by {}",
]


@cache
def forecast(seed: int, as_of: dt.date = AS_OF) -> Forecast:
    return synthetic_forecast(embedded(), as_of, draws=40, chains=2, paths=6, seed=seed, width=1.0)


@given(seeds, days)
def test_scenarios_sum_to_one_on_every_day(seed: int, day: dt.date) -> None:
    table = forecast(seed).scenarios(by=day)
    assert table["probability"].sum() == pytest.approx(1.0, abs=1e-12)
    assert (table["probability"] >= 0).all()
    assert ((table["lower"] <= table["upper"]) & (table["lower"] >= 0) & (table["upper"] <= 1)).all()


@given(seeds, late_days)
def test_so_they_do_when_much_has_happened(seed: int, day: dt.date) -> None:
    assert forecast(seed, MIDWAY).scenarios(by=day)["probability"].sum() == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=30)
@given(seeds, late_days)
def test_a_scenario_is_the_first_whose_states_all_hold(seed: int, day: dt.date) -> None:
    """Written out path by path from the declarations."""
    fc = forecast(seed, MIDWAY)
    states = fc.paths([day]).isel(date=0)
    counts = dict.fromkeys((scenario.id for scenario in fc.case.spec.scenarios), 0)
    for held in states.to_numpy().reshape(-1, states.sizes["outcome"]):
        now = {o.id: o.states[int(value)] for o, value in zip(fc.case.spec.outcomes, held, strict=True)}
        first = next(s for s in fc.case.spec.scenarios if all(now[o] == state for o, state in s.when.items()))
        counts[first.id] += 1
    total = sum(counts.values())
    expected = {scenario: count / total for scenario, count in counts.items()}
    assert fc.scenarios(by=day)["probability"].to_dict() == pytest.approx(expected, abs=1e-12)


@given(seeds, st.lists(days, min_size=2, max_size=5, unique=True))
def test_ever_rises_with_the_deadline_and_at_never_exceeds_it(seed: int, by: list[dt.date]) -> None:
    table = forecast(seed).outcomes(by=sorted(by))
    for _, rows in table.groupby("outcome", sort=False):
        assert rows["ever"].is_monotonic_increasing
        assert (rows["at"] <= rows["ever"] + 1e-12).all()


@given(seeds, st.sampled_from([o.id for o in embedded().spec.outcomes]), st.sampled_from([AS_OF, MIDWAY]))
def test_a_curve_never_falls_and_ends_where_the_event_is(seed: int, outcome: str, as_of: dt.date) -> None:
    fc = forecast(seed, as_of)
    active = fc.case.outcome(outcome).active
    curve = fc.curve(f"ever({outcome} = {active})", dates=[dt.date(2025, 9, 1), dt.date(2025, 10, 1), HORIZON])
    assert curve["probability"].is_monotonic_increasing
    whole = fc.probability(f"ever({outcome} = {active}) by {HORIZON}")
    assert curve["probability"].iloc[-1] == whole.mean


@given(seeds, st.sampled_from(EVENTS), st.sampled_from(EVENTS), late_days, late_days)
def test_laws_of_two_events(seed: int, one: str, other: str, first: dt.date, second: dt.date) -> None:
    fc = forecast(seed, MIDWAY)
    a, b = one.format(first, first), other.format(second, second)
    p = {text: fc.probability(text).mean for text in (a, b, f"({a}) and ({b})", f"({a}) or ({b})", f"not ({a})")}
    both, either = p[f"({a}) and ({b})"], p[f"({a}) or ({b})"]
    assert both <= min(p[a], p[b]) + 1e-12
    assert both >= p[a] + p[b] - 1 - 1e-12
    assert either == pytest.approx(p[a] + p[b] - both, abs=1e-12)
    assert p[f"not ({a})"] == pytest.approx(1 - p[a], abs=1e-12)


@given(seeds, days)
def test_the_outcome_table_is_made_of_events(seed: int, day: dt.date) -> None:
    fc = forecast(seed)
    table = fc.outcomes(by=[day])
    for outcome in fc.case.spec.outcomes:
        row = table.loc[(outcome.id, pd.Timestamp(day))]
        if outcome.recurrent:  # at rest at the end of every day, so that no event asks for it
            assert (row["at"], row["at_lower"], row["at_upper"], row["at_mcse"]) == (0.0, 0.0, 0.0, 0.0)
            continue
        at = fc.probability(f"state({outcome.id} = {outcome.active}) on {day}")
        assert row["at"] == at.mean
        assert (row["at_lower"], row["at_upper"], row["at_mcse"]) == (at.lower, at.upper, at.mcse)


@given(seeds)
def test_on_the_as_of_day_nothing_is_open(seed: int) -> None:
    fc = forecast(seed, MIDWAY)
    table = fc.scenarios(by=MIDWAY)
    assert sorted(table["probability"]) == [0.0] * (len(table) - 1) + [1.0]
    assert (table["mcse"] == 0).all()
    held = fc.history.states["active"].to_numpy()
    assert (fc.paths([MIDWAY]).isel(date=0).to_numpy() == held).all()


def test_on_the_last_day_no_deadline_is_left() -> None:
    fc = synthetic_forecast(embedded(), HORIZON, draws=40, paths=2)
    assert fc.scenarios()["probability"].max() == 1.0
    for table, like in (
        (fc.outcomes(), forecast(0).outcomes()),
        (fc.curve("ever(sanctions = re_escalated)"), forecast(0).curve("ever(sanctions = re_escalated)")),
    ):
        assert table.empty
        assert table.columns.tolist() == like.columns.tolist()
        assert table.index.names == like.index.names


@given(seeds)
def test_the_same_seed_gives_the_same_forecast_and_influence_sums_to_one(seed: int) -> None:
    again = synthetic_forecast(embedded(), AS_OF, draws=40, chains=2, paths=6, seed=seed, width=1.0)
    pd.testing.assert_frame_equal(again.scenarios(), forecast(seed).scenarios(), check_exact=True)
    assert forecast(seed).influence()["mean"].groupby("period").sum().to_numpy() == pytest.approx(1.0)


@given(st.one_of(st.dates(dt.date(2024, 1, 1), AS_OF - dt.timedelta(1)), st.dates(HORIZON + dt.timedelta(1))))
def test_days_outside_the_forecast_are_refused(day: dt.date) -> None:
    for first, ask in (
        (AS_OF, lambda fc: fc.scenarios(by=day)),
        (AS_OF + dt.timedelta(1), lambda fc: fc.outcomes(by=[day])),
        (AS_OF, lambda fc: fc.curve("ever(sanctions = re_escalated)", dates=[day])),
    ):
        message = f"{day} is outside this forecast; give a day from {first} to {HORIZON}"
        with pytest.raises(DateError, match=message):
            ask(forecast(0))


def test_a_case_of_two_outcomes_obeys_them_too() -> None:
    fc = synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=5)
    assert fc.scenarios()["probability"].sum() == pytest.approx(1.0, abs=1e-12)
