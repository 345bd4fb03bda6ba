"""Laws of events on random records and paths, against an evaluator slow and plain enough to be believed."""

import math
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

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
    check_names,
    evaluate,
    evaluate_all,
    first_moments,
    parse_event,
    parse_open_event,
)
from vzforecast.paths import Paths, Record

ORIGIN, AS_OF, HORIZON = date(2025, 1, 20), date(2025, 1, 26), date(2025, 2, 3)
STARTS = {"a": ORIGIN, "b": date(2025, 1, 22), "by": date(2025, 1, 25)}
NAMES = Vocabulary({"a": ("rest", "active"), "b": ("calm", "storm"), "by": ("on", "off")}, ORIGIN, HORIZON, STARTS)
DAYS = [ORIGIN + timedelta(days=d) for d in range((HORIZON - ORIGIN).days + 1)]
SPAN = (HORIZON - AS_OF).days

# Quarters of a day: transitions often fall on the very end of a day, and two outcomes often change at once.
moments = st.integers(1, SPAN * 4).map(lambda quarter: quarter / 4)
path_logs = st.lists(st.tuples(moments, st.integers(0, 2)), max_size=6).map(sorted)


@st.composite
def all_paths(draw: st.DrawFn) -> Paths:
    names = list(NAMES.outcomes)
    known = [
        (name, day)
        for name, day in draw(
            st.lists(
                st.tuples(st.sampled_from(names), st.sampled_from(DAYS[1 : (AS_OF - ORIGIN).days + 1])), max_size=5
            )
        )
        if day > STARTS[name]
    ]
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


conditions = st.tuples(st.sampled_from(list(NAMES.outcomes)), st.booleans()).map(
    lambda pair: (pair[0], NAMES.outcomes[pair[0]][pair[1]], pair[1])
)
days = st.sampled_from(DAYS)


@st.composite
def spans(draw: st.DrawFn) -> tuple[date | None, date]:
    """``after`` or nothing, and a deadline later than it."""
    first, last = sorted(draw(st.lists(days, min_size=2, max_size=2, unique=True)))
    return draw(st.sampled_from([None, first])), last


@st.composite
def leaves(draw: st.DrawFn) -> StateOn | Ever:
    outcome, state, active = draw(conditions)
    if draw(st.booleans()):
        return StateOn(outcome, state, active, draw(days))
    return Ever(outcome, state, active, *draw(spans()))


@st.composite
def counts(draw: st.DrawFn) -> Count:
    return Count(*draw(conditions), *draw(spans()), draw(st.integers(1, 4)))


@st.composite
def firsts(draw: st.DrawFn) -> First:
    one, other = (Reached(*condition, STARTS[condition[0]]) for condition in (draw(conditions), draw(conditions)))
    return First(one, other, *draw(spans()))


@st.composite
def helds(draw: st.DrawFn) -> Held:
    condition = draw(conditions)
    return Held(*condition, draw(st.integers(1, 16)), STARTS[condition[0]], *draw(spans()))


@st.composite
def evers(draw: st.DrawFn) -> Ever:
    return Ever(*draw(conditions), *draw(spans()))


every_leaf = st.one_of(leaves(), counts(), firsts(), helds())
events = st.recursive(
    every_leaf,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=6,
)


@dataclass
class Spell:
    """A stretch of one outcome's path in one state; a change at its end belongs to the next spell.

    Before its own start an outcome has the state it starts in, but is not yet there.
    """

    begin: float
    end: float
    active: bool
    outcome: str

    @property
    def since(self) -> float:
        """When it began, for an outcome that exists: its start stands at noon."""
        return max(self.begin, (STARTS[self.outcome] - AS_OF).days - 0.5)


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
    return [Spell(begin, end, start ^ (n % 2 == 1), outcome) for n, (begin, end) in enumerate(pairwise(edges))]


def first_moment(paths: Paths, path: int, reached: Reached, after: date | None = None) -> float:
    start, own = beginning_of(after), spells(paths, path, reached.outcome)
    moments = (max(s.since, start) for s in own if s.active == reached.active and s.end > start)
    return min(moments, default=math.inf)


def plainly(event: Event, paths: Paths, path: int) -> bool:
    """Evaluate an event on one path by looking at every spell."""
    match event:
        case Not(inner):
            return not plainly(inner, paths, path)
        case And(parts):
            return all(plainly(part, paths, path) for part in parts)
        case Or(parts):
            return any(plainly(part, paths, path) for part in parts)
        case First(one, other, after, by):
            moment = first_moment(paths, path, one, after)
            return moment < first_moment(paths, path, other, after) and moment <= end_of(by)
        case StateOn() | Ever() | Count() | Held():
            return seen(event, spells(paths, path, event.outcome))
    raise AssertionError(event)


def seen(event: StateOn | Ever | Count | Held, every: list[Spell]) -> bool:
    """Look for what a leaf asks of one outcome among all its spells."""
    own = [spell for spell in every if spell.active == event.active]
    if isinstance(event, StateOn):
        here = [spell for spell in every if spell.begin <= end_of(event.on) < spell.end]
        assert len(here) == 1
        return here[0].active == event.active
    until, start = end_of(event.by), beginning_of(event.after)
    if isinstance(event, Held):
        return any(min(spell.end, until) >= max(spell.since, start) + event.days for spell in own)
    if isinstance(event, Ever):
        return any(spell.begin <= until and spell.end > start for spell in own)
    return len([spell for spell in own if start < spell.begin <= until]) >= event.least


def end_of(day: date | None) -> float:
    assert day is not None
    return (day - AS_OF).days


def beginning_of(after: date | None) -> float:
    return -math.inf if after is None else end_of(after)


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
    words = re.sub(r"(>=|[()=,])", r" \1 ", str(event)).split()
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


@given(several=st.lists(events, min_size=1, max_size=6), paths=all_paths())
def test_many_events_at_once_are_each_by_itself(several: list[Event], paths: Paths) -> None:
    together = evaluate_all(several, paths)
    assert set(together) == set(several)
    for event in several:
        np.testing.assert_array_equal(together[event], evaluate(event, paths))


@given(event=st.one_of(counts(), firsts(), helds()), paths=all_paths())
def test_what_may_still_happen_may_happen_later(event: Count | First | Held, paths: Paths) -> None:
    assert event.by is not None
    for later in (day for day in DAYS if day > event.by):
        assert implies(evaluate(event, paths), evaluate(replace(event, by=later), paths))


@given(event=counts(), paths=all_paths())
def test_an_entry_is_a_visit_and_more_of_them_are_rarer(event: Count, paths: Paths) -> None:
    outcome, state, active, after, by = event.outcome, event.state, event.active, event.after, event.by
    happens = evaluate(event, paths)
    assert implies(happens, evaluate(Ever(outcome, state, active, after, by), paths))
    assert implies(evaluate(replace(event, least=event.least + 1), paths), happens)
    # Between two entries into a state lies one into the other.
    other = NAMES.outcomes[outcome][not active]
    if event.least > 1:
        assert implies(happens, evaluate(Count(outcome, other, not active, after, by, event.least - 1), paths))
    # It has been entered, or was held from the beginning, where it has been visited.
    once = evaluate(replace(event, least=1), paths)
    begins = evaluate(StateOn(outcome, state, active, after), paths) if after else held_at_start(outcome, active, paths)
    np.testing.assert_array_equal(once | begins, evaluate(Ever(outcome, state, active, after, by), paths))


def held_at_start(outcome: str, active: bool, paths: Paths) -> NDArray[np.bool_]:
    return np.full((paths.draws, paths.paths), paths.active_at_start[paths.outcomes.index(outcome)] == active)


@given(event=firsts(), paths=all_paths())
def test_one_of_two_is_first_unless_both_are_at_once(event: First, paths: Paths) -> None:
    one, other, after, by = event.one, event.other, event.after, event.by
    assert by is not None
    here, there = evaluate(event, paths), evaluate(First(other, one, after, by), paths)
    assert not np.any(here & there)
    assert implies(here, evaluate(Ever(one.outcome, one.state, one.active, after, by), paths))
    if by >= max(one.since, other.since):  # from then on both outcomes exist
        reached, rival = (evaluate(Ever(r.outcome, r.state, r.active, after, by), paths) for r in (one, other))
        np.testing.assert_array_equal(here & ~rival, reached & ~rival)
        together = [
            first_moment(paths, path, one, after) == first_moment(paths, path, other, after)
            for path in range(paths.draws * paths.paths)
        ]
        np.testing.assert_array_equal((here | there).ravel(), (reached | rival).ravel() & ~np.array(together))


@given(event=helds(), paths=all_paths())
def test_what_is_held_longer_is_rarer_and_was_visited(event: Held, paths: Paths) -> None:
    happens = evaluate(event, paths)
    assert implies(evaluate(replace(event, days=event.days + 1), paths), happens)
    assert implies(happens, evaluate(Ever(event.outcome, event.state, event.active, event.after, event.by), paths))


# Events that stay true once they are, without their deadlines.
lasting = st.recursive(
    st.one_of(evers(), counts(), firsts(), helds()).map(lambda leaf: replace(leaf, by=None)),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=4,
)


@given(event=lasting, paths=all_paths())
def test_an_event_has_happened_by_every_deadline_from_its_moment_on(event: Event, paths: Paths) -> None:
    moments = first_moments(event, paths, STARTS)
    for day in DAYS:
        if day >= max(STARTS.values()) and all(start < day for start in event.starts()):
            np.testing.assert_array_equal(moments <= end_of(day), evaluate(event.closed(day), paths))


@given(event=helds(), paths=all_paths(), later=days)
def test_of_a_stretch_only_what_lies_in_the_span_counts(event: Held, paths: Paths, later: date) -> None:
    assert event.by is not None
    happens = evaluate(event, paths)
    assert implies(happens, evaluate(replace(event, after=None), paths))
    if event.after is None:
        return
    if event.after < later < event.by:
        assert implies(evaluate(replace(event, after=later), paths), happens)
    if event.after + timedelta(days=event.days) > event.by:
        assert not happens.any()


histories = st.lists(st.tuples(st.sampled_from(list(NAMES.outcomes)), st.sampled_from(DAYS[6:])), max_size=8)


@given(event=events, history=histories, start=st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_a_text_means_the_same_at_every_as_of_date(
    event: Event, history: list[tuple[str, date]], start: tuple[bool, bool, bool]
) -> None:
    """One history: all of it still to come, all of it on record, and everything between."""
    history = sorted(history, key=lambda change: change[1])
    begins = dict(zip(NAMES.outcomes, start, strict=True))
    answers = set()
    for as_of in DAYS[5:]:
        coming = [((day - as_of).days - 0.5, list(begins).index(name)) for name, day in history if day > as_of]
        record = Record.from_transitions(as_of, HORIZON, begins, [change for change in history if change[1] <= as_of])
        times, outcome = np.array([time for time, _ in coming]), np.array([o for _, o in coming], dtype=np.int16)
        paths = Paths(record, 1, 1, np.array([0, len(coming)]), times, outcome)
        answers.add(evaluate(event, paths).item())
    assert len(answers) == 1


@given(
    leaf=st.one_of(counts(), firsts(), helds()),
    day=st.sampled_from(DAYS[1:]),
)
def test_closing_any_open_event_gives_the_event_with_that_deadline(leaf: Count | First | Held, day: date) -> None:
    if leaf.after is not None and leaf.after >= day:
        return
    opened = replace(leaf, by=None)
    assert parse_open_event(str(opened), NAMES).event == opened
    assert parse_open_event(str(opened), NAMES).on(day) == parse_event(str(replace(leaf, by=day)), NAMES)


@given(parts=st.lists(events, min_size=1, max_size=4), data=st.data())
def test_events_with_names_are_the_events_written_out(parts: list[Event], data: st.DataObject) -> None:
    """Every name stands for an event joined with names before it, and the text shown holds none of them."""
    texts, trees = {}, {}
    for number, part in enumerate(parts):
        tree, text = part, str(part)
        for used in data.draw(st.lists(st.sampled_from(sorted(trees)), max_size=2)) if trees else []:
            word, join = data.draw(st.sampled_from([("and", And), ("or", Or)]))
            tree, text = join((tree, Not(trees[used]))), f"({text}) {word} not {used}"
        trees[f"e{number}"], texts[f"e{number}"] = tree, text
    order = data.draw(st.permutations(sorted(texts)))
    named = replace(NAMES, events={name: texts[name] for name in order})
    for name, tree in trees.items():
        assert parse_event(name, named) == tree
        assert parse_event(str(tree), NAMES) == tree
    assert list(check_names(named)) == []
