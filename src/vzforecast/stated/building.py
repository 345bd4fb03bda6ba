"""From events to their possible worlds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Final

import numpy as np

from vzforecast.errors import CoherenceError, Fault
from vzforecast.events import Event, evaluate_all
from vzforecast.events.event import Evaluation
from vzforecast.paths import Bools, Floats, Record
from vzforecast.stated.cells import with_cells
from vzforecast.stated.course import Course, moments, paths_of
from vzforecast.stated.leaves import Leaf, leaves, outcomes_of
from vzforecast.stated.ordering import thinned
from vzforecast.stated.trajectories import trajectories
from vzforecast.stated.worlds import Component, Ints, Part

MAX_COMBINATIONS: Final = 200_000


@dataclass(frozen=True, eq=False)
class _Lane:
    """One outcome of a component while its worlds are built.

    Parameters
    ----------
    course : Course
        The outcome and the leaves on it.
    courses : float64[course, entry]
        From `trajectories`.
    kind : int64[course]
        Which of them the events over several outcomes see alike.
    """

    course: Course
    courses: Floats
    kind: Ints

    @cached_property
    def kinds(self) -> int:
        """Number of kinds."""
        return int(self.kind.max()) + 1

    @cached_property
    def shown(self) -> Ints:
        """One course of each kind (int64[kind])."""
        return np.unique(self.kind, return_index=True)[1]


def components(events: Sequence[Event], record: Record, recurrent: Collection[str]) -> list[Component]:
    """Return the possible worlds of some events.

    Parameters
    ----------
    events : sequence of Event
        From `vzforecast.events.parse_event`.
    record : Record
        What has happened already.
    recurrent : collection of str
        Outcomes that are back at rest at the moment at which they become active.

    Returns
    -------
    list of Component
        Events of different ones have nothing to do with each other.

    Raises
    ------
    CoherenceError
        There are too many.
    """
    of_events = [tuple(dict.fromkeys(leaves(event))) for event in events]
    looks_at = [frozenset(name for leaf in own for name in outcomes_of(leaf)) for own in of_events]
    found = []
    for names in _joined(looks_at):
        places = np.array([n for n, seen in enumerate(looks_at) if seen & names], dtype=np.int64)
        asked = list(dict.fromkeys(leaf for n in places for leaf in of_events[n]))
        joining = {leaf for n in places if len(looks_at[n]) > 1 for leaf in of_events[n]}
        courses = _courses(asked, names, record, recurrent)
        lanes = [_lane(course, rows, joining) for course, rows in zip(courses, _rows(courses), strict=True)]
        found.append(_component(events, places, looks_at, lanes))
    return found


def _courses(asked: Sequence[Leaf], names: Collection[str], record: Record, recurrent: Collection[str]) -> list[Course]:
    """Return the outcomes of a component in the order of the record, with what is asked of each."""
    plain = {
        name: Course(name, record, name in recurrent, tuple(leaf for leaf in asked if name in outcomes_of(leaf)))
        for name in sorted(names, key=record.outcomes.index)
    }
    ordered = [course for course in plain.values() if course.is_ordered]
    groups = [ordered, *([course] for course in plain.values() if not course.is_ordered)]
    ready = {course.outcome: course for group in groups if group for course in with_cells(group)}
    return [ready[name] for name in plain]


def _rows(courses: Sequence[Course]) -> list[Floats]:
    """Find the courses of the outcomes of a component."""
    rows = {course.outcome: trajectories(course) for course in courses}
    ordered = [course for course in courses if course.is_ordered]
    if ordered:
        few = thinned(ordered, [rows[course.outcome] for course in ordered])
        rows |= dict(zip((course.outcome for course in ordered), few, strict=True))
    return [rows[course.outcome] for course in courses]


def _joined(looks_at: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Return the outcomes that some event looks at, those that events join together."""
    groups: list[frozenset[str]] = []
    for seen in looks_at:
        apart = [group for group in groups if not group & seen]
        groups = [*apart, seen.union(*(group for group in groups if group & seen))]
    return groups


def _lane(course: Course, courses: Floats, joining: Collection[Leaf]) -> _Lane:
    """Find which courses of an outcome the leaves of joining events see alike."""
    among = Evaluation(paths_of(course.record, [course.outcome], [courses]))
    asked = [leaf for leaf in course.leaves if leaf in joining]
    alone = [among.truth(leaf)[0] for leaf in asked if len(outcomes_of(leaf)) == 1]
    reached = moments(replace(course, leaves=tuple(asked)), among, course.record.horizon)
    seen = [*alone, *reached, np.zeros(len(courses))]
    return _Lane(course, courses, np.unique(np.stack(seen, axis=1), axis=0, return_inverse=True)[1].ravel())


def _component(
    events: Sequence[Event], places: Ints, looks_at: Sequence[frozenset[str]], lanes: Sequence[_Lane]
) -> Component:
    joining = np.array([n for n, place in enumerate(places) if len(looks_at[place]) > 1], dtype=np.int64)
    parts = []
    for lane in lanes:
        only = {lane.course.outcome}
        own = np.array([n for n, place in enumerate(places) if looks_at[place] == only], dtype=np.int64)
        paths = paths_of(lane.course.record, [lane.course.outcome], [lane.courses])
        truths = evaluate_all([events[places[n]] for n in own], paths)
        rows = [truths[events[places[n]]][0] for n in own]
        different = np.unique(np.stack([lane.kind, *rows], axis=1), axis=0)
        parts.append(Part(own, different[:, 1:].astype(np.bool_), different[:, 0].astype(np.int64)))
    return Component(places, tuple(parts), joining, _joint([events[places[n]] for n in joining], lanes))


def _joint(events: Sequence[Event], lanes: Sequence[_Lane]) -> Bools:
    """Tell which of the joining events happen in each combination of kinds (bool[combination, event])."""
    shape = tuple(lane.kinds for lane in lanes)
    if prod(shape) > MAX_COMBINATIONS:
        raise _too_many(events, lanes)
    if not events:
        return np.zeros((1, 0), dtype=np.bool_)
    chosen = np.unravel_index(np.arange(prod(shape)), shape)
    courses = [lane.courses[lane.shown[kind]] for lane, kind in zip(lanes, chosen, strict=True)]
    truths = evaluate_all(events, paths_of(lanes[0].course.record, [lane.course.outcome for lane in lanes], courses))
    return np.stack([truths[event][0] for event in events], axis=1)


def _too_many(events: Sequence[Event], lanes: Sequence[_Lane]) -> CoherenceError:
    over = ", ".join(f"{lane.course.outcome} ({lane.kinds})" for lane in lanes)
    problem = f"see the outcomes in too many ways together, more than {MAX_COMBINATIONS:,}: {over}"
    remedy = "state fewer of them at once"
    return CoherenceError([Fault("stated", f"{len(events)} events about several outcomes", "", problem, remedy)])


def possible_pairs(parts: Sequence[Component], size: int) -> Bools:
    """Tell which literals can be true at once.

    Parameters
    ----------
    parts : sequence of Component
        Some of those from `components`; of events in others nothing is ruled out.
    size : int
        Number of events.

    Returns
    -------
    bool[literal, literal]
        The events, then their opposites.
    """
    alone = np.ones(2 * size, dtype=np.bool_)
    places = [np.concatenate([part.events, part.events + size]) for part in parts]
    for part, place in zip(parts, places, strict=True):
        alone[place] = part.possible.diagonal()
    both = np.outer(alone, alone)
    for part, place in zip(parts, places, strict=True):
        both[np.ix_(place, place)] = part.possible
    return both
