"""The possible worlds are all that can happen and nothing else, against courses drawn at random and written out."""

from datetime import date, timedelta
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from helpers.worlds import AS_OF, HORIZON, NAMES, RECURRENT, all_worlds, entries, events, one_path, records
from vzforecast.errors import CoherenceError
from vzforecast.events import Count, Event, Ever, First, Held, Not, Reached, StateOn, evaluate, evaluate_all
from vzforecast.paths import Record
from vzforecast.stated.building import components, possible_pairs
from vzforecast.stated.course import paths_of
from vzforecast.stated.worlds import Component

DAYS = [date(2025, 1, 6), AS_OF, date(2025, 1, 12), date(2025, 1, 15), date(2025, 1, 21), date(2025, 2, 1), HORIZON]
SPAN = (HORIZON - AS_OF).days
several = st.lists(events(DAYS), min_size=1, max_size=5)
# Anywhere; at noon, as a record would have it; and crowded into a day or two.
moments = st.one_of(
    st.floats(0.01, SPAN - 0.01),
    st.integers(0, SPAN - 1).map(lambda day: day + 0.5),
    st.tuples(st.sampled_from([0, 1, 4, 9, 10]), st.integers(1, 99)).map(lambda at: at[0] + at[1] / 100),
)
changes = st.lists(st.tuples(st.integers(0, 2), moments), max_size=25)


def parts_of(stated: list[Event], record: Record) -> list[Component]:
    try:
        parts = components(stated, record, RECURRENT)
    except CoherenceError:
        reject()  # too many to be looked at; rare
    assume(all(np.prod(part.shape, dtype=float) < 2_000 for part in parts))  # they are written out one by one
    return parts


@given(stated=several, record=records(), courses=st.lists(changes, min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_happens_is_a_possible_world(
    stated: list[Event], record: Record, courses: list[list[tuple[int, float]]]
) -> None:
    parts = parts_of(stated, record)
    worlds = all_worlds(parts, len(stated))
    for course in courses:
        path = one_path(record, entries(course))
        assert tuple(bool(evaluate(event, path).item()) for event in stated) in worlds


@given(stated=several, record=records())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_worlds_are_counted_and_asked_about_as_if_they_were_written_out(stated: list[Event], record: Record) -> None:
    parts = parts_of(stated, record)
    worlds = np.array(sorted(all_worlds(parts, len(stated))))
    assert np.prod([part.count for part in parts]) == len(worlds)
    literals = np.concatenate([worlds, ~worlds], axis=1)
    np.testing.assert_array_equal(possible_pairs(parts, len(stated)), (literals.T.astype(int) @ literals) > 0)


@given(stated=several, record=records(), seed=st.integers(0, 2**32 - 1))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_the_cheapest_world_is_the_cheapest_of_all(stated: list[Event], record: Record, seed: int) -> None:
    costs = np.random.default_rng(seed).integers(-5, 6, len(stated)).astype(float)
    for part in parts_of(stated, record):
        own = costs[part.events]
        written = np.array(sorted(all_worlds([part], len(stated))))[:, part.events]
        worlds, totals = part.cheapest(own, 4)
        assert totals[0] == (written @ own).min()
        np.testing.assert_allclose(worlds @ own, totals)
        assert {tuple(world) for world in worlds.tolist()} <= {tuple(world) for world in written.tolist()}


# --- Against every course there is on a fine grid --------------------------------------------------------------------

SOON = [AS_OF + timedelta(days=n) for n in range(5)]
DOOR, LAMP, BELL = (("door", "open", True), ("lamp", "lit", True), ("bell", "rung", True))
SHUT = ("door", "shut", False)
SINCE = date(2025, 1, 1)


def written_out(stated: list[Event], record: Record, most: int, days: int) -> set[tuple[bool, ...]]:
    """Evaluate the events on every course with so many changes of each outcome, at four moments of each day."""
    used = [name for name in NAMES.outcomes if any(f"({name} =" in str(event) for event in stated)]
    grid = [day + quarter for day in range(days) for quarter in (0.2, 0.4, 0.6, 0.8)]
    courses = [chosen for number in range(most + 1) for chosen in combinations(grid, number)]
    padded = {}
    for name in used:
        twice = [sorted(times * 2) if name in RECURRENT else times for times in courses]
        padded[name] = np.array([[*times, *[np.inf] * (2 * most - len(times))] for times in twice])
    rows = np.array(list(product(range(len(courses)), repeat=len(used))))
    paths = paths_of(record, used, [padded[name][rows[:, n]] for n, name in enumerate(used)])
    truths = evaluate_all(stated, paths)
    return {tuple(row) for row in np.stack([truths[event][0] for event in stated], axis=1).tolist()}


def check_against_all_courses(stated: list[Event], most: int, *known: tuple[str, date], days: int = 4) -> None:
    record = Record.from_transitions(AS_OF, HORIZON, dict.fromkeys(NAMES.outcomes, False), known, RECURRENT)
    found = all_worlds(components(stated, record, RECURRENT), len(stated))
    assert found == written_out(stated, record, most, days)


def test_states_and_visits_of_one_outcome() -> None:
    check_against_all_courses([StateOn(*DOOR, day) for day in SOON[1:]], 4)
    check_against_all_courses([Ever(*DOOR, None, SOON[1]), Ever(*SHUT, SOON[2], SOON[3]), StateOn(*DOOR, SOON[3])], 4)


def test_counts_of_both_states_in_one_interval() -> None:
    check_against_all_courses(
        [Count(*DOOR, None, SOON[2], 2), Count(*SHUT, None, SOON[2], 2), StateOn(*DOOR, SOON[2])], 5
    )
    check_against_all_courses([Count(*BELL, None, SOON[1], 2), Count(*BELL, SOON[1], SOON[3], 1)], 4)


def test_first_passages_of_two_outcomes_come_in_every_order_and_at_once() -> None:
    door, lamp = Reached(*DOOR, SINCE), Reached(*LAMP, SINCE)
    stated: list[Event] = [First(door, lamp, None, SOON[3]), First(lamp, door, None, SOON[3])]
    check_against_all_courses([*stated, Ever(*DOOR, None, SOON[1]), Ever(*LAMP, None, SOON[1])], 2)
    check_against_all_courses([*stated, First(door, lamp, SOON[2], SOON[4]), StateOn(*LAMP, SOON[2])], 2)


def test_first_passages_have_their_order_where_another_leaf_looks_at_one_of_them() -> None:
    """The lamp may be lit before the door opens although the door opens on the first day."""
    door, lamp = Reached(*DOOR, SINCE), Reached(*LAMP, SINCE)
    stated: list[Event] = [First(lamp, door, None, SOON[4]), Ever(*DOOR, None, SOON[1])]
    check_against_all_courses(stated, 2)
    check_against_all_courses([*stated, First(door, lamp, SOON[1], SOON[3]), Held(*DOOR, 1, SINCE, None, SOON[3])], 2)


def test_first_passages_of_an_outcome_that_is_over_at_once() -> None:
    bell, lamp = Reached(*BELL, SINCE), Reached(*LAMP, SINCE)
    first = First(bell, lamp, None, SOON[3])
    check_against_all_courses([first, Ever(*LAMP, None, SOON[2]), StateOn(*BELL, SOON[2])], 2)


def test_stretches_that_must_fit_between_two_days() -> None:
    held, still = Held(*DOOR, 1, SINCE, None, SOON[3]), Held(*DOOR, 2, SINCE, None, SOON[3])
    shut = Held(*SHUT, 2, SINCE, SOON[0], SOON[4])
    check_against_all_courses([held, still, shut, StateOn(*DOOR, SOON[4]), Ever(*DOOR, None, SOON[1])], 4)
    check_against_all_courses([held, Not(shut), StateOn(*DOOR, SOON[4])], 4, ("door", AS_OF - timedelta(days=1)))


def test_stretches_one_after_the_other_that_just_fit() -> None:
    """Two days open and then two days shut within four days and a bit: only the right order and the right hours do."""
    stated: list[Event] = [
        Held(*DOOR, 2, SINCE, None, SOON[3]),
        Held(*SHUT, 1, SINCE, SOON[2], SOON[4]),
        Held(*DOOR, 1, SINCE, SOON[3], SOON[4]),
        StateOn(*DOOR, SOON[2]),
    ]
    check_against_all_courses(stated, 4)


def test_stretches_that_end_just_before_they_last() -> None:
    """Open from the second day into the fourth, once, and yet for less than two days."""
    stated: list[Event] = [*(StateOn(*DOOR, day) for day in SOON[2:]), Held(*DOOR, 2, SINCE, None, SOON[4])]
    check_against_all_courses([*stated, Count(*DOOR, None, SOON[4], 2)], 4)


@pytest.mark.parametrize("after", [None, AS_OF])
def test_stretches_that_begin_on_no_day_that_is_named(after: date | None) -> None:
    """Only the tenth day is named, and yet there is a shut door after two days open, and one open for less."""
    last = AS_OF + timedelta(days=10)
    stated: list[Event] = [Held(*DOOR, 2, SINCE, after, last), StateOn(*DOOR, last), Count(*DOOR, after, last, 2)]
    check_against_all_courses(stated, 4, days=10)
    check_against_all_courses([*stated[:2], Held(*SHUT, 6, SINCE, after, last)], 4, days=10)
