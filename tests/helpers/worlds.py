"""Possible worlds written out one by one, and courses of outcomes at random."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product

import numpy as np
from hypothesis import strategies as st

from vzforecast.events import And, Count, Event, Ever, First, Held, Not, Or, Reached, StateOn, Vocabulary
from vzforecast.paths import Paths, Record
from vzforecast.stated.worlds import Component

ORIGIN, AS_OF, HORIZON = date(2025, 1, 1), date(2025, 1, 11), date(2025, 2, 10)
NAMES = Vocabulary(
    {"door": ("shut", "open"), "lamp": ("off", "lit"), "bell": ("still", "rung")},
    ORIGIN,
    HORIZON,
    starts=dict.fromkeys(("door", "lamp", "bell"), ORIGIN),
)
RECURRENT = frozenset({"bell"})  # over at once

World = tuple[bool, ...]


def all_worlds(parts: Sequence[Component], size: int) -> set[World]:
    """Write out the worlds of all components; for few events."""
    worlds = np.zeros((1, size), dtype=bool)
    for part in parts:
        own = np.array(sorted(_of_component(part)), dtype=bool).reshape(-1, len(part.events))
        first = np.repeat(worlds, len(own), axis=0)
        first[:, part.events] = np.tile(own, (len(worlds), 1))
        worlds = first
    return {tuple(world) for world in worlds.tolist()}


def _of_component(part: Component) -> set[World]:
    found = set()
    for number, kinds in enumerate(product(*(range(n) for n in part.shape))):
        rows = [own.rows[own.kind == kind] for own, kind in zip(part.parts, kinds, strict=True)]
        for chosen in product(*rows):
            world = np.zeros(len(part.events), dtype=bool)
            world[part.joining] = part.joint[number]
            for own, row in zip(part.parts, chosen, strict=True):
                world[own.events] = row
            found.add(tuple(world.tolist()))
    return found


def one_path(record: Record, entries: Sequence[tuple[float, int]]) -> Paths:
    """Return a path of (time, outcome number) entries."""
    entries = sorted(entries)
    times = np.array([time for time, _ in entries], dtype=float)
    return Paths(record, 1, 1, np.array([0, len(entries)]), times, np.array([o for _, o in entries], dtype=np.int16))


def days_between(first: date, last: date) -> list[date]:
    """Return every day from one to another, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


conditions = st.sampled_from(
    [(name, state, bool(n)) for name, states in NAMES.outcomes.items() for n, state in enumerate(states)]
)


@st.composite
def spans(draw: st.DrawFn, days: Sequence[date]) -> tuple[date | None, date]:
    by = draw(st.sampled_from(days[1:]))
    return draw(st.one_of(st.none(), st.sampled_from([day for day in days if day < by]))), by


@st.composite
def leaves(draw: st.DrawFn, days: Sequence[date], lengths: Sequence[int] = (1, 2, 5, 9)) -> Event:
    """Draw any leaf with dates among some days."""
    condition, span = draw(conditions), draw(spans(days))
    match draw(st.integers(0, 4)):
        case 0:
            return StateOn(*condition, draw(st.sampled_from(days)))
        case 1:
            return Ever(*condition, *span)
        case 2:
            return Count(*condition, *span, draw(st.integers(1, 3)))
        case 3:
            return Held(*condition, draw(st.sampled_from(lengths)), ORIGIN, *span)
        case _:
            return First(Reached(*condition, ORIGIN), Reached(*draw(conditions), ORIGIN), *span)


def events(days: Sequence[date]) -> st.SearchStrategy[Event]:
    """Draw events of up to four leaves."""
    return st.recursive(
        leaves(days),
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=2).map(lambda parts: And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=2).map(lambda parts: Or(tuple(parts))),
        ),
        max_leaves=4,
    )


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Draw what has happened by the as-of date."""
    days = st.sampled_from(days_between(ORIGIN + timedelta(days=1), AS_OF))
    changes = draw(st.lists(st.tuples(st.sampled_from(list(NAMES.outcomes)), days), max_size=4))
    start = {name: name not in RECURRENT and draw(st.booleans()) for name in NAMES.outcomes}
    return Record.from_transitions(AS_OF, HORIZON, start, changes, RECURRENT)


def entries(times: Sequence[tuple[int, float]]) -> list[tuple[float, int]]:
    """Return (time, outcome number) entries of changes, those of a recurrent outcome doubled."""
    recurrent = {number for number, name in enumerate(NAMES.outcomes) if name in RECURRENT}
    return [(time, number) for number, time in times for _ in range(2 if number in recurrent else 1)]
