"""Events: parsing, canonical text, meaning on paths made by hand."""

import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from vzforecast.errors import EventError
from vzforecast.events import And, Ever, Not, Or, StateOn, Vocabulary, evaluate, parse_event, parse_open_event
from vzforecast.paths import Paths, Record

NAMES = Vocabulary(
    {"chevron_licence": ("in_force", "suspended"), "deportation_flights": ("running", "halted"), "on": ("by", "and")},
    origin=date(2025, 1, 20),
    horizon=date(2025, 12, 31),
)
LOST = Ever("chevron_licence", "suspended", True, None, date(2025, 6, 1))
RUNNING = StateOn("deportation_flights", "running", False, date(2025, 3, 1))
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
    ],
    ids=["outcome", "horizon", "open"],
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
