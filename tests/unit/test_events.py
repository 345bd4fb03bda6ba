"""Events: parsing, canonical text, meaning on paths made by hand."""

import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from vzforecast.errors import EventError
from vzforecast.events import (
    And,
    Count,
    Event,
    Ever,
    First,
    Held,
    Not,
    Or,
    Reached,
    StateOn,
    Vocabulary,
    evaluate,
    evaluate_all,
    parse_event,
    parse_open_event,
)
from vzforecast.paths import Paths, Record
from vzforecast.paths.timeline import Timeline

NAMES = Vocabulary(
    {"chevron_licence": ("in_force", "suspended"), "deportation_flights": ("running", "halted"), "on": ("by", "and")},
    origin=date(2025, 1, 20),
    horizon=date(2025, 12, 31),
    starts={"chevron_licence": date(2025, 1, 20), "deportation_flights": date(2025, 1, 31)},
)
LOST = Ever("chevron_licence", "suspended", True, None, date(2025, 6, 1))
RUNNING = StateOn("deportation_flights", "running", False, date(2025, 3, 1))
LICENCE_LOST = Reached("chevron_licence", "suspended", True, date(2025, 1, 20))
FLIGHTS_HALTED = Reached("deportation_flights", "halted", True, date(2025, 1, 31))
LOST_TEXT = "ever(chevron_licence = suspended) by 2025-06-01"
RUNNING_TEXT = "state(deportation_flights = running) on 2025-03-01"


@pytest.mark.parametrize(
    ("text", "tree", "canonical"),
    [
        (LOST_TEXT, LOST, LOST_TEXT),
        (RUNNING_TEXT, RUNNING, RUNNING_TEXT),
        (
            "ever(chevron_licence=suspended)after 2025-02-05 by 2025-06-01",
            Ever("chevron_licence", "suspended", True, date(2025, 2, 5), date(2025, 6, 1)),
            "ever(chevron_licence = suspended) after 2025-02-05 by 2025-06-01",
        ),
        (
            "count(chevron_licence=suspended)after 2025-02-05 by 2025-06-01>=2",
            Count("chevron_licence", "suspended", True, date(2025, 2, 5), date(2025, 6, 1), 2),
            "count(chevron_licence = suspended) after 2025-02-05 by 2025-06-01 >= 2",
        ),
        (
            "count( deportation_flights = running ) by 2025-06-01 >= 001",
            Count("deportation_flights", "running", False, None, date(2025, 6, 1), 1),
            "count(deportation_flights = running) by 2025-06-01 >= 1",
        ),
        (
            "first(chevron_licence=suspended)before first(deportation_flights=halted)by 2025-06-01",
            First(LICENCE_LOST, FLIGHTS_HALTED, None, date(2025, 6, 1)),
            "first(chevron_licence = suspended) before first(deportation_flights = halted) by 2025-06-01",
        ),
        (
            "not held(deportation_flights=halted,days=14)by 2025-06-01",
            Not(Held("deportation_flights", "halted", True, 14, date(2025, 1, 31), None, date(2025, 6, 1))),
            "not held(deportation_flights = halted, days = 14) by 2025-06-01",
        ),
        (
            f"{FLIGHTS_HALTED}before {LICENCE_LOST}after 2025-02-05\nby 2025-06-01",
            First(FLIGHTS_HALTED, LICENCE_LOST, date(2025, 2, 5), date(2025, 6, 1)),
            f"{FLIGHTS_HALTED} before {LICENCE_LOST} after 2025-02-05 by 2025-06-01",
        ),
        (
            "held(deportation_flights=halted,days=14)after 2025-04-05 by 2025-07-31",
            Held("deportation_flights", "halted", True, 14, date(2025, 1, 31), date(2025, 4, 5), date(2025, 7, 31)),
            "held(deportation_flights = halted, days = 14) after 2025-04-05 by 2025-07-31",
        ),
        # Whitespace is free, between words and within brackets.
        ("  ever\n( chevron_licence\t= suspended )\r\n by 2025-06-01 ", LOST, LOST_TEXT),
        # A keyword is a name where a name stands.
        (
            "state(on = by) on 2025-03-01 and state(on = and) on 2025-03-01",
            And(tuple(StateOn("on", state, state == "and", date(2025, 3, 1)) for state in ("by", "and"))),
            "state(on = by) on 2025-03-01 and state(on = and) on 2025-03-01",
        ),
        # not binds tighter than and, and tighter than or.
        (
            f"{LOST_TEXT} or not {RUNNING_TEXT} and {LOST_TEXT}",
            Or((LOST, And((Not(RUNNING), LOST)))),
            f"{LOST_TEXT} or not {RUNNING_TEXT} and {LOST_TEXT}",
        ),
        (
            f"({LOST_TEXT} or {RUNNING_TEXT}) and {LOST_TEXT}",
            And((Or((LOST, RUNNING)), LOST)),
            f"({LOST_TEXT} or {RUNNING_TEXT}) and {LOST_TEXT}",
        ),
        (f"not ({LOST_TEXT} or {RUNNING_TEXT})", Not(Or((LOST, RUNNING))), f"not ({LOST_TEXT} or {RUNNING_TEXT})"),
        (f"not (not ({LOST_TEXT}))", Not(Not(LOST)), f"not not {LOST_TEXT}"),
        # Brackets that change nothing go.
        (f"((({LOST_TEXT})))", LOST, LOST_TEXT),
        (
            f"{LOST_TEXT} and ({RUNNING_TEXT} and ({LOST_TEXT} and {RUNNING_TEXT}))",
            And((LOST, RUNNING, LOST, RUNNING)),
            f"{LOST_TEXT} and {RUNNING_TEXT} and {LOST_TEXT} and {RUNNING_TEXT}",
        ),
    ],
    ids=[
        "ever",
        "state",
        "after",
        "count-after",
        "count",
        "first",
        "held",
        "first-after",
        "held-after",
        "whitespace",
        "keywords-as-names",
        "precedence",
        "brackets",
        "not-brackets",
        "not-not",
        "needless-brackets",
        "flat",
    ],
)
def test_a_text_has_one_tree_and_one_canonical_form(text: str, tree: object, canonical: str) -> None:
    event = parse_event(text, NAMES)
    assert event == tree
    assert str(event) == canonical
    assert parse_event(canonical, NAMES) == event
    assert hash(parse_event(canonical, NAMES)) == hash(event)


def test_long_and_deeply_bracketed_texts_parse() -> None:
    assert parse_event("(" * 2_000 + LOST_TEXT + ")" * 2_000, NAMES) == LOST
    long = parse_event(" or ".join([LOST_TEXT] * 2_000), NAMES)
    assert isinstance(long, Or)
    assert len(long.events) == 2_000


def test_an_outcome_without_a_first_day_starts_at_the_origin() -> None:
    event = parse_event("held(on = by, days = 3) by 2025-02-01", NAMES)
    assert event == Held("on", "by", False, 3, NAMES.origin, None, date(2025, 2, 1))


def test_the_origin_and_the_horizon_may_be_named() -> None:
    event = parse_event("ever(chevron_licence = suspended) after 2025-01-20 by 2025-12-31", NAMES)
    assert event == Ever("chevron_licence", "suspended", True, NAMES.origin, NAMES.horizon)


def test_open_events_are_closed_with_any_deadline() -> None:
    text = "ever(chevron_licence = suspended) after 2025-02-05 and not state(deportation_flights = running)"
    event = parse_open_event(text, NAMES)
    assert str(event) == text
    assert event == parse_open_event(str(event), NAMES)
    assert str(event.on(date(2025, 6, 1))) == (
        "ever(chevron_licence = suspended) after 2025-02-05 by 2025-06-01 "
        "and not state(deportation_flights = running) on 2025-06-01"
    )
    assert event.on(NAMES.horizon) == parse_event(str(event.on(NAMES.horizon)), NAMES)


def test_every_form_has_an_open_event() -> None:
    parts = [
        "count(chevron_licence = suspended) after 2025-02-05{} >= 2",
        "count(deportation_flights = halted){} >= 1",
        "first(chevron_licence = suspended) before first(deportation_flights = halted){}",
        "held(deportation_flights = halted, days = 14){}",
        "first(chevron_licence = suspended) before first(deportation_flights = halted) after 2025-02-05{}",
        "held(deportation_flights = halted, days = 14) after 2025-02-05{}",
    ]
    text = " or ".join(parts)
    event = parse_open_event(text.format(*[""] * 6), NAMES)
    assert str(event) == text.format(*[""] * 6)
    assert str(event.on(date(2025, 6, 1))) == text.format(*[" by 2025-06-01"] * 6)
    for part in (parts[0], *parts[4:]):
        with pytest.raises(EventError, match="deadline 2025-02-05 is not after 2025-02-05"):
            parse_open_event(part.format(""), NAMES).on(date(2025, 2, 5))


@pytest.mark.parametrize(
    ("deadline", "problem"),
    [
        (date(2025, 1, 19), "deadline 2025-01-19 is outside 2025-01-20 to 2025-12-31"),
        (date(2026, 1, 1), "deadline 2026-01-01 is outside 2025-01-20 to 2025-12-31"),
        (date(2025, 2, 5), "deadline 2025-02-05 is not after 2025-02-05"),
    ],
    ids=str,
)
def test_open_events_refuse_a_deadline_without_a_meaning(deadline: date, problem: str) -> None:
    text = "not (ever(chevron_licence = suspended) after 2025-02-05 or state(deportation_flights = halted))"
    with pytest.raises(EventError) as error:
        parse_open_event(text, NAMES).on(deadline)
    assert str(error.value) == f"{text}: {problem}"


@pytest.fixture
def paths() -> Paths:
    """As of 5 February; the licence was lost on 25 January and returned on 3 February.

    Then one draw of three paths: nothing; the licence lost at the last moment of 6 February; flights halted from noon
    of 7 February to noon of 9 February.
    """
    record = Record.from_transitions(
        date(2025, 2, 5),
        date(2025, 2, 25),
        {"chevron_licence": False, "deportation_flights": False},
        [("chevron_licence", date(2025, 1, 25)), ("chevron_licence", date(2025, 2, 3))],
    )
    return Paths(
        record,
        draws=1,
        paths=3,
        offsets=np.array([0, 0, 1, 3]),
        times=np.array([1.0, 1.5, 3.5]),
        outcome=np.array([0, 1, 1], dtype=np.int16),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # By a date includes the day; without after the record counts.
        ("ever(chevron_licence = suspended) by 2025-01-24", [0, 0, 0]),
        ("ever(chevron_licence = suspended) by 2025-01-25", [1, 1, 1]),
        ("ever(chevron_licence = suspended) by 2025-02-25", [1, 1, 1]),
        ("ever(chevron_licence = in_force) by 2025-01-20", [1, 1, 1]),
        ("ever(deportation_flights = halted) by 2025-02-06", [0, 0, 0]),
        ("ever(deportation_flights = halted) by 2025-02-07", [0, 0, 1]),
        # After a day: being there at its end and staying counts, having left on it does not.
        ("ever(chevron_licence = suspended) after 2025-02-02 by 2025-02-04", [1, 1, 1]),
        ("ever(chevron_licence = suspended) after 2025-02-03 by 2025-02-05", [0, 0, 0]),
        ("ever(chevron_licence = suspended) after 2025-02-05 by 2025-02-06", [0, 1, 0]),
        ("ever(chevron_licence = suspended) after 2025-02-06 by 2025-02-07", [0, 1, 0]),
        ("ever(deportation_flights = halted) after 2025-02-08 by 2025-02-20", [0, 0, 1]),
        ("ever(deportation_flights = halted) after 2025-02-09 by 2025-02-20", [0, 0, 0]),
        # State at the end of a day, past days included.
        ("state(chevron_licence = suspended) on 2025-01-25", [1, 1, 1]),
        ("state(chevron_licence = suspended) on 2025-02-05", [0, 0, 0]),
        ("state(chevron_licence = suspended) on 2025-02-06", [0, 1, 0]),
        ("state(deportation_flights = running) on 2025-02-07", [1, 1, 0]),
        ("state(deportation_flights = running) on 2025-02-09", [1, 1, 1]),
        # Entries: the state held at the beginning is none, a change at the end of the deadline is one.
        ("count(chevron_licence = suspended) by 2025-01-24 >= 1", [0, 0, 0]),
        ("count(chevron_licence = suspended) by 2025-01-25 >= 1", [1, 1, 1]),
        ("count(chevron_licence = suspended) by 2025-02-05 >= 2", [0, 0, 0]),
        ("count(chevron_licence = suspended) by 2025-02-06 >= 2", [0, 1, 0]),
        ("count(chevron_licence = suspended) by 2025-02-25 >= 3", [0, 0, 0]),
        ("count(chevron_licence = in_force) by 2025-02-25 >= 1", [1, 1, 1]),
        ("count(chevron_licence = in_force) by 2025-02-25 >= 2", [0, 0, 0]),
        ("count(deportation_flights = running) by 2025-02-08 >= 1", [0, 0, 0]),
        ("count(deportation_flights = running) by 2025-02-09 >= 1", [0, 0, 1]),
        ("count(chevron_licence = suspended) after 2025-01-24 by 2025-02-02 >= 1", [1, 1, 1]),
        ("count(chevron_licence = suspended) after 2025-01-25 by 2025-02-02 >= 1", [0, 0, 0]),
        ("count(chevron_licence = suspended) after 2025-01-25 by 2025-02-25 >= 1", [0, 1, 0]),
        ("count(chevron_licence = suspended) after 2025-02-06 by 2025-02-25 >= 1", [0, 0, 0]),
        # What comes first, on record and after it; strictly, and by the deadline.
        (f"{LICENCE_LOST} before {FLIGHTS_HALTED} by 2025-01-24", [0, 0, 0]),
        (f"{LICENCE_LOST} before {FLIGHTS_HALTED} by 2025-01-25", [1, 1, 1]),
        (f"{FLIGHTS_HALTED} before {LICENCE_LOST} by 2025-02-25", [0, 0, 0]),
        (f"{LICENCE_LOST} before {LICENCE_LOST} by 2025-02-25", [0, 0, 0]),
        # A state held at the start is reached there: the licence on 20 January, flights on the 31st.
        (f"first(chevron_licence = in_force) before {LICENCE_LOST} by 2025-01-20", [1, 1, 1]),
        ("first(chevron_licence = in_force) before first(deportation_flights = running) by 2025-02-25", [1, 1, 1]),
        ("first(deportation_flights = running) before first(chevron_licence = in_force) by 2025-02-25", [0, 0, 0]),
        (f"first(deportation_flights = running) before {FLIGHTS_HALTED} by 2025-01-30", [0, 0, 0]),
        (f"first(deportation_flights = running) before {FLIGHTS_HALTED} by 2025-01-31", [1, 1, 1]),
        (f"{LICENCE_LOST} before first(deportation_flights = running) by 2025-02-25", [1, 1, 1]),
        # A stretch: nine days of suspension on record, from noon to noon.
        ("held(chevron_licence = suspended, days = 9) by 2025-02-02", [0, 0, 0]),
        ("held(chevron_licence = suspended, days = 9) by 2025-02-03", [1, 1, 1]),
        ("held(chevron_licence = suspended, days = 10) by 2025-02-25", [0, 1, 0]),
        # One that began on record goes on after it: in force since noon of the 3rd, until the last moment of the 6th.
        ("held(chevron_licence = in_force, days = 5) by 2025-01-24", [0, 0, 0]),
        ("held(chevron_licence = in_force, days = 5) by 2025-01-25", [1, 1, 1]),
        ("held(chevron_licence = in_force, days = 6) by 2025-02-08", [0, 0, 0]),
        ("held(chevron_licence = in_force, days = 6) by 2025-02-09", [1, 0, 1]),
        # One that began with the outcome counts from noon of its first day; one of the future as it falls.
        ("held(deportation_flights = running, days = 7) by 2025-02-06", [0, 0, 0]),
        ("held(deportation_flights = running, days = 7) by 2025-02-07", [1, 1, 1]),
        ("held(deportation_flights = running, days = 8) by 2025-02-08", [1, 1, 0]),
        ("held(deportation_flights = running, days = 16) by 2025-02-25", [1, 1, 1]),
        ("held(deportation_flights = running, days = 17) by 2025-02-25", [1, 1, 0]),
        ("held(deportation_flights = halted, days = 2) by 2025-02-08", [0, 0, 0]),
        ("held(deportation_flights = halted, days = 2) by 2025-02-09", [0, 0, 1]),
        ("held(deportation_flights = halted, days = 3) by 2025-02-25", [0, 0, 0]),
        # After a day: what of a stretch comes later, a running one from the end of that day. The licence was lost from
        # noon of 25 January to noon of 3 February.
        ("held(chevron_licence = suspended, days = 4) after 2025-01-30 by 2025-02-02", [0, 0, 0]),
        ("held(chevron_licence = suspended, days = 3) after 2025-01-30 by 2025-02-02", [1, 1, 1]),
        ("held(chevron_licence = suspended, days = 4) after 2025-01-30 by 2025-02-05", [0, 0, 0]),
        ("held(chevron_licence = suspended, days = 9) after 2025-01-24 by 2025-02-03", [1, 1, 1]),
        ("held(chevron_licence = suspended, days = 9) after 2025-01-25 by 2025-02-03", [0, 0, 0]),
        ("held(chevron_licence = suspended, days = 9) after 2025-02-03 by 2025-02-25", [0, 1, 0]),
        ("held(chevron_licence = suspended, days = 18) after 2025-02-06 by 2025-02-24", [0, 1, 0]),
        ("held(chevron_licence = suspended, days = 18) after 2025-02-06 by 2025-02-23", [0, 0, 0]),
        ("held(chevron_licence = suspended, days = 15) after 2025-02-10 by 2025-02-25", [0, 1, 0]),
        ("held(chevron_licence = suspended, days = 16) after 2025-02-10 by 2025-02-25", [0, 0, 0]),
        ("held(chevron_licence = in_force, days = 1) after 2025-02-05 by 2025-02-06", [1, 1, 1]),
        ("held(chevron_licence = in_force, days = 1) after 2025-02-06 by 2025-02-25", [1, 0, 1]),
        ("held(deportation_flights = running, days = 7) after 2025-01-25 by 2025-02-07", [1, 1, 1]),
        ("held(deportation_flights = halted, days = 1) after 2025-02-07 by 2025-02-08", [0, 0, 1]),
        ("held(deportation_flights = halted, days = 1) after 2025-02-08 by 2025-02-25", [0, 0, 0]),
        # What comes first after a day: a state held then is reached at that moment, both at once is no first.
        (f"{LICENCE_LOST} before {FLIGHTS_HALTED} after 2025-01-31 by 2025-02-01", [1, 1, 1]),
        (f"{LICENCE_LOST} before {FLIGHTS_HALTED} after 2025-02-03 by 2025-02-05", [0, 0, 0]),
        (f"{LICENCE_LOST} before {FLIGHTS_HALTED} after 2025-02-03 by 2025-02-25", [0, 1, 0]),
        (f"{FLIGHTS_HALTED} before {LICENCE_LOST} after 2025-02-03 by 2025-02-25", [0, 0, 1]),
        (f"{FLIGHTS_HALTED} before {LICENCE_LOST} after 2025-02-09 by 2025-02-25", [0, 0, 0]),
        (f"{LICENCE_LOST} before {FLIGHTS_HALTED} after 2025-02-10 by 2025-02-11", [0, 1, 0]),
        (f"first(deportation_flights = running) before {LICENCE_LOST} after 2025-01-20 by 2025-01-31", [0, 0, 0]),
        (f"first(deportation_flights = running) before {LICENCE_LOST} after 2025-02-08 by 2025-02-25", [1, 0, 1]),
        (
            (  # both held on the day
                "first(chevron_licence = in_force) before first(deportation_flights = running) "
                "after 2025-02-05 by 2025-02-25"
            ),
            [0, 0, 0],
        ),
        # Connectives.
        ("not state(deportation_flights = running) on 2025-02-07", [0, 0, 1]),
        (
            "state(chevron_licence = suspended) on 2025-02-08 or state(deportation_flights = halted) on 2025-02-08",
            [0, 1, 1],
        ),
        (
            "ever(chevron_licence = suspended) by 2025-02-08 and not ever(deportation_flights = halted) by 2025-02-08",
            [1, 1, 0],
        ),
    ],
    ids=str,
)
def test_what_happens_on_paths_made_by_hand(paths: Paths, text: str, expected: list[int]) -> None:
    happens = evaluate(parse_event(text, NAMES), paths)
    assert happens.dtype == np.bool_
    np.testing.assert_array_equal(happens, [expected])


def test_two_changes_of_one_day_on_record_are_at_one_moment() -> None:
    day = date(2025, 1, 31)
    record = Record.from_transitions(
        date(2025, 2, 5),
        date(2025, 2, 25),
        {"chevron_licence": False, "deportation_flights": True},
        [("chevron_licence", day), ("deportation_flights", day)],
    )
    paths = Paths(record, 1, 1, np.array([0, 0]), np.empty(0), np.empty(0, dtype=np.int16))
    for one, other in ((LICENCE_LOST, FLIGHTS_HALTED), (FLIGHTS_HALTED, LICENCE_LOST)):
        # The flights are halted as their clock starts, at noon of the same day.
        assert not evaluate(First(one, other, None, date(2025, 2, 5)), paths).any()


def test_a_change_away_and_back_within_a_day_ends_a_stretch() -> None:
    day = date(2025, 1, 31)
    record = Record.from_transitions(
        date(2025, 2, 5), date(2025, 2, 25), {"chevron_licence": False}, [("chevron_licence", day)] * 2
    )
    paths = Paths(record, 1, 1, np.array([0, 0]), np.empty(0), np.empty(0, dtype=np.int16))
    for days, by, expected in ((11, date(2025, 1, 31), True), (12, date(2025, 2, 11), False), (12, day, False)):
        event = Held("chevron_licence", "in_force", False, days, date(2025, 1, 20), None, by)
        assert evaluate(event, paths).item() == expected
    by = date(2025, 2, 12)
    assert evaluate(Held("chevron_licence", "in_force", False, 12, date(2025, 1, 20), None, by), paths).all()


def test_many_events_are_evaluated_as_each_by_itself(paths: Paths) -> None:
    texts = [LOST_TEXT.replace("06-01", "02-06"), "held(deportation_flights = halted, days = 2) by 2025-02-09"]
    events = [parse_event(text, NAMES) for text in [*texts, f"{texts[0]} and not {texts[1]}", *texts]]
    together = evaluate_all(events, paths)
    assert list(together) == events[:3]
    for event, happens in together.items():
        np.testing.assert_array_equal(happens, evaluate(event, paths))
        assert not happens.flags.writeable  # it is shared with the events it is part of


def test_what_events_have_in_common_is_computed_once(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, object]] = []
    for name in ("flips_by", "first_held"):
        plain = getattr(Timeline, name)
        monkeypatch.setattr(Timeline, name, lambda *a, plain=plain, name=name: asked.append((name, a[1:])) or plain(*a))
    evaluated: list[Event] = []
    happens = Ever.happens
    monkeypatch.setattr(Ever, "happens", lambda self, among: evaluated.append(self) or happens(self, among))
    lost = "ever(chevron_licence = suspended) by 2025-02-20"
    texts = [
        lost,
        f"not {lost} or state(chevron_licence = in_force) on 2025-02-20",
        "count(chevron_licence = suspended) by 2025-02-20 >= 2",
        *(f"held(chevron_licence = suspended, days = 9) by 2025-02-{day}" for day in (10, 15, 20)),
        *(f"{LICENCE_LOST} before {FLIGHTS_HALTED} by 2025-02-{day}" for day in (10, 15, 20)),
    ]
    evaluate_all([parse_event(text, NAMES) for text in texts], paths)
    assert len(evaluated) == 1
    assert len(asked) == len(set(asked)) == 5  # changes by two moments, one stretch, two first passages


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        (
            parse_open_event("state(on = by)", NAMES).event,
            "the paths have no outcome 'on'; they have chevron_licence, ",
        ),
        (LOST, "2025-06-01 is after the paths end on 2025-02-25"),
        (
            parse_open_event("ever(chevron_licence = suspended)", NAMES).event,
            "has no deadline; close it with .on(date)",
        ),
        (
            First(LICENCE_LOST, Reached("on", "by", False, date(2025, 1, 20)), None, date(2025, 2, 20)),
            "the paths have no outcome 'on'; they have chevron_licence, ",
        ),
        (
            parse_open_event("held(chevron_licence = suspended, days = 3)", NAMES).event,
            "has no deadline; close it with .on(date)",
        ),
        (
            parse_event("count(chevron_licence = suspended) by 2025-02-26 >= 1", NAMES),
            "2025-02-26 is after the paths end on 2025-02-25",
        ),
    ],
    ids=["outcome", "horizon", "open", "other-outcome", "open-held", "count-beyond"],
)
def test_events_that_the_paths_cannot_answer_are_refused(paths: Paths, event: Ever, problem: str) -> None:
    with pytest.raises(EventError) as error:
        evaluate(event, paths)
    assert str(error.value).startswith(f"{event}: {problem}")


def test_a_junction_needs_two_events() -> None:
    with pytest.raises(EventError, match="'and' joins at least two events"):
        And((LOST,))


def test_importing_events_loads_neither_the_parser_nor_the_simulator() -> None:
    code = "import sys, vzforecast.events; print(*{'lark', 'numpy', 'numba', 'pymc'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
