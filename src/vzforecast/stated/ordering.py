"""Fewer moments at which states are reached whose order in time leaves ask for: as many as make a difference."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, islice
from typing import Final

import numpy as np

from vzforecast.events import First
from vzforecast.events.event import Evaluation
from vzforecast.paths import Floats
from vzforecast.stated.course import Course, moments, paths_of
from vzforecast.stated.leaves import dates_of, outcomes_of

_THEN: Final = -1e9  # in the place of the moment itself; no moment is as early

type _Ways = defaultdict[float, frozenset[tuple[float, ...]]]


def thinned(courses: Sequence[Course], times: Sequence[Floats]) -> list[Floats]:
    """Return the courses of outcomes without those that only reach a state at one more moment like others.

    Neighbouring moments are alike if each outcome can do the same things otherwise whether it reaches a state at one
    or at the other, and no leaf that asks for an order looks between them. Of moments that are alike it takes as many
    as there are outcomes to have these reach their states in every order, and at once.

    Parameters
    ----------
    courses : sequence of Course
        The outcomes whose order in time is asked for.
    times : sequence of float64[course, entry]
        From `trajectories`, for each of them.

    Returns
    -------
    list of float64[course, entry]
        Some of the rows of each.
    """
    reached = [_reached(course, rows) for course, rows in zip(courses, times, strict=True)]
    ways = [_ways(course, rows, own) for course, rows, own in zip(courses, times, reached, strict=True)]
    looks = sorted({day for course in courses for day in _looks(course)})
    found = sorted({float(m) for own in reached for m in own.ravel() if 0.0 < m < np.inf})
    alike = groupby(found, key=lambda m: (int(np.searchsorted(looks, m)), [way[m] for way in ways]))
    kept = [m for _, group in alike for m in islice(group, len(courses))]
    return [
        rows[np.all((own <= 0.0) | np.isinf(own) | np.isin(own, kept), axis=1)]
        for rows, own in zip(times, reached, strict=True)
    ]


def _reached(course: Course, times: Floats) -> Floats:
    """Return when states are reached whose order is asked for (float64[course, state])."""
    among = Evaluation(paths_of(course.record, [course.outcome], [times]))
    return np.stack(list(moments(course, among, course.record.horizon)), axis=1)


def _looks(course: Course) -> list[int]:
    """Return the days at whose end leaves look that ask for an order."""
    days = {day for leaf in course.leaves if isinstance(leaf, First) for day in dates_of(leaf)}
    return [(day - course.record.as_of).days for day in days]


def _ways(course: Course, times: Floats, reached: Floats) -> _Ways:
    """Return, for each moment, all that the outcome can do otherwise if it reaches a state then."""
    among = Evaluation(paths_of(course.record, [course.outcome], [times]))
    truths = [among.truth(leaf)[0] for leaf in course.leaves if len(outcomes_of(leaf)) == 1]
    rows = np.unique(np.column_stack([reached, *truths]).astype(np.float64), axis=0)
    ways: defaultdict[float, set[tuple[float, ...]]] = defaultdict(set)
    width = reached.shape[1]
    for row in rows.tolist():
        for moment in set(row[:width]):
            # What else is reached at the same moment moves with it.
            ways[moment].add(tuple(_THEN if n < width and m == moment else m for n, m in enumerate(row)))
    return defaultdict(frozenset, {moment: frozenset(found) for moment, found in ways.items()})
