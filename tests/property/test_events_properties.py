"""Laws of events on random records and paths, against an evaluator slow and plain enough to be believed."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vzforecast.events import And, Event, Ever, Not, Or, StateOn, Vocabulary, evaluate, parse_event, parse_open_event
from vzforecast.paths import Paths, Record

ORIGIN, AS_OF, HORIZON = date(2025, 1, 20), date(2025, 1, 26), date(2025, 2, 3)
NAMES = Vocabulary({"a": ("rest", "active"), "b": ("calm", "storm"), "by": ("on", "off")}, ORIGIN, HORIZON)
DAYS = [ORIGIN + timedelta(days=d) for d in range((HORIZON - ORIGIN).days + 1)]
SPAN = (HORIZON - AS_OF).days

# Quarters of a day: transitions often fall on the very end of a day, and two outcomes often change at once.
moments = st.integers(1, SPAN * 4).map(lambda quarter: quarter / 4)
path_logs = st.lists(st.tuples(moments, st.integers(0, 2)), max_size=6).map(sorted)


@st.composite
def all_paths(draw: st.DrawFn) -> Paths:
    names = list(NAMES.outcomes)
    known = draw(
        st.lists(st.tuples(st.sampled_from(names), st.sampled_from(DAYS[: (AS_OF - ORIGIN).days + 1])), max_size=5)
    )
    start = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    record = Record.from_transitions(AS_OF, HORIZON, dict(zip(names, start, strict=True)), known)
    draws, paths = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    logs = [draw(path_logs) for _ in range(draws * paths)]
    entries = [entry for log in logs for entry in log]
    return Paths(
        record,
        draws,
        paths,
        offsets=np.cumsum([0, *map(len, logs)], dtype=np.int64),
        times=np.array([time for time, _ in entries], dtype=np.float64),
        outcome=np.array([outcome for _, outcome in entries], dtype=np.int16),
    )


@st.composite
def leaves(draw: st.DrawFn) -> Event:
    outcome = draw(st.sampled_from(list(NAMES.outcomes)))
    active = draw(st.booleans())
    state = NAMES.outcomes[outcome][active]
    if draw(st.booleans()):
        return StateOn(outcome, state, active, draw(st.sampled_from(DAYS)))
    first, last = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=2, unique=True)))
    return Ever(outcome, state, active, draw(st.sampled_from([None, first])), last)


events = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=6,
)


@dataclass
class Spell:
    """A stretch of one outcome's path in one state; a change at its end belongs to the next spell."""

    begin: float
    end: float
    active: bool


def spells(paths: Paths, path: int, outcome: str) -> list[Spell]:
    o = paths.outcomes.index(outcome)
    record = paths.record
    begin, end = paths.offsets[path : path + 2]
    changes = [
        time
        for times, outcomes in ((record.times, record.outcome), (paths.times[begin:end], paths.outcome[begin:end]))
        for time, which in zip(times, outcomes, strict=True)
        if which == o
    ]
    edges = [-math.inf, *changes, math.inf]
    start = bool(paths.active_at_start[o])
    return [Spell(begin, end, start ^ (n % 2 == 1)) for n, (begin, end) in enumerate(pairwise(edges))]


def plainly(event: Event, paths: Paths, path: int) -> bool:
    """Evaluate an event on one path by looking at every spell."""
    match event:
        case StateOn(outcome, _, active, on):
            assert on is not None
            moment = (on - AS_OF).days
            here = [spell for spell in spells(paths, path, outcome) if spell.begin <= moment < spell.end]
            assert len(here) == 1
            return here[0].active == active
        case Ever(outcome, _, active, after, by):
            assert by is not None
            until = (by - AS_OF).days
            start = -math.inf if after is None else (after - AS_OF).days
            return any(
                spell.active == active and spell.begin <= until and spell.end > start
                for spell in spells(paths, path, outcome)
            )
        case Not(inner):
            return not plainly(inner, paths, path)
        case And(parts):
            return all(plainly(part, paths, path) for part in parts)
        case Or(parts):
            return any(plainly(part, paths, path) for part in parts)
    raise AssertionError(event)


def implies(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    return bool(np.all(~one | other))


@given(event=events, paths=all_paths())
def test_evaluation_agrees_with_looking_at_every_spell(event: Event, paths: Paths) -> None:
    expected = [plainly(event, paths, path) for path in range(paths.draws * paths.paths)]
    np.testing.assert_array_equal(evaluate(event, paths).ravel(), expected)


@given(event=events)
def test_the_canonical_text_parses_back_to_the_same_tree(event: Event) -> None:
    again = parse_event(str(event), NAMES)
    assert again == event
    assert hash(again) == hash(event)
    assert str(again) == str(event)


@given(event=events, spaces=st.lists(st.sampled_from([" ", "\n", "\t", "  "]), min_size=1))
def test_layout_does_not_matter(event: Event, spaces: list[str]) -> None:
    words = str(event).replace("(", " ( ").replace(")", " ) ").replace("=", " = ").split()
    text = "".join(word + spaces[n % len(spaces)] for n, word in enumerate(words))
    assert parse_event(text, NAMES) == event


@given(leaf=leaves(), paths=all_paths(), days=st.lists(st.sampled_from(DAYS), min_size=2, max_size=2, unique=True))
def test_ever_is_monotone_in_its_deadline_and_its_start(leaf: Event, paths: Paths, days: list[date]) -> None:
    assert isinstance(leaf, Ever | StateOn)
    early, late = sorted(days)
    origin = Ever(leaf.outcome, leaf.state, leaf.active, None, early)
    assert implies(evaluate(origin, paths), evaluate(Ever(leaf.outcome, leaf.state, leaf.active, None, late), paths))
    for start in (day for day in DAYS if day < early):
        sooner = evaluate(Ever(leaf.outcome, leaf.state, leaf.active, start, early), paths)
        assert implies(sooner, evaluate(Ever(leaf.outcome, leaf.state, leaf.active, start, late), paths))
        assert implies(sooner, evaluate(origin, paths))


@given(leaf=leaves(), paths=all_paths(), day=st.sampled_from(DAYS))
def test_being_in_a_state_on_a_day_is_having_been_there_by_that_day(leaf: Event, paths: Paths, day: date) -> None:
    assert isinstance(leaf, Ever | StateOn)
    on = evaluate(StateOn(leaf.outcome, leaf.state, leaf.active, day), paths)
    assert implies(on, evaluate(Ever(leaf.outcome, leaf.state, leaf.active, None, day), paths))
    for start in (start for start in DAYS if start < day):
        assert implies(on, evaluate(Ever(leaf.outcome, leaf.state, leaf.active, start, day), paths))
    later = [end for end in DAYS if end > day]
    for end in later:
        assert implies(on, evaluate(Ever(leaf.outcome, leaf.state, leaf.active, day, end), paths))


@given(leaf=leaves(), paths=all_paths())
def test_the_two_states_exclude_each_other_on_a_day_and_cover_every_span(leaf: Event, paths: Paths) -> None:
    assert isinstance(leaf, Ever | StateOn)
    rest, active = NAMES.outcomes[leaf.outcome]
    day = leaf.on if isinstance(leaf, StateOn) else leaf.by
    resting = evaluate(StateOn(leaf.outcome, rest, False, day), paths)
    np.testing.assert_array_equal(resting, ~evaluate(StateOn(leaf.outcome, active, True, day), paths))
    after = leaf.after if isinstance(leaf, Ever) else None
    ever = [
        evaluate(Ever(leaf.outcome, state, is_active, after, day), paths)
        for is_active, state in enumerate((rest, active))
    ]
    assert np.all(ever[0] | ever[1])


@given(one=events, other=events, paths=all_paths())
def test_connectives_obey_the_laws_of_logic(one: Event, other: Event, paths: Paths) -> None:
    p, q = evaluate(one, paths), evaluate(other, paths)
    np.testing.assert_array_equal(evaluate(And((one, other)), paths), p & q)
    np.testing.assert_array_equal(evaluate(Or((one, other)), paths), p | q)
    np.testing.assert_array_equal(evaluate(Not(Not(one)), paths), p)
    neither = And((Not(one), Not(other)))
    np.testing.assert_array_equal(evaluate(Not(Or((one, other))), paths), evaluate(neither, paths))
    np.testing.assert_array_equal(evaluate(And((other, one)), paths), evaluate(And((one, other)), paths))


@given(leaf=leaves(), day=st.sampled_from(DAYS[1:]))
def test_closing_an_open_event_gives_the_event_with_that_deadline(leaf: Event, day: date) -> None:
    assert isinstance(leaf, Ever | StateOn)
    text = f"{'state' if isinstance(leaf, StateOn) else 'ever'}({leaf.outcome} = {leaf.state})"
    word = "on" if isinstance(leaf, StateOn) else "by"
    assert parse_open_event(text, NAMES).on(day) == parse_event(f"{text} {word} {day}", NAMES)
