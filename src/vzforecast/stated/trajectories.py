"""Every course that one outcome can take after the as-of date, as far as a set of leaves can tell courses apart.

A course is a row of times at which the outcome changes state, in days after the end of the as-of day. Courses are grown
from one day that matters to the next (`vzforecast.stated.cells`). Two that every leaf sees alike, whatever may follow,
are one: see `_seen`.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np

from vzforecast.errors import CoherenceError, Fault
from vzforecast.events.event import Evaluation
from vzforecast.paths import Bools, Floats, Int64s
from vzforecast.stated.course import Course, moments, paths_of
from vzforecast.stated.leaves import dates_of, so_far

# More than these are the work of minutes; nobody states so many events at once by hand.
MAX_COURSES: Final = 200_000
MAX_ENTRIES: Final = 4_000_000


def trajectories(course: Course) -> Floats:
    """Return courses of an outcome such that whatever its leaves can see of any course, they see of one of these.

    Parameters
    ----------
    course : Course
        The outcome and its leaves.

    Returns
    -------
    float64[course, entry]
        Times of changes in order, after them inf. The first course is that without any change.

    Raises
    ------
    CoherenceError
        There are too many.
    """
    times = np.full((1, 0), np.inf)
    for cell in course.cells:
        grown = _compact(np.concatenate(list(_grown(course, times, cell))))
        among = Evaluation(paths_of(course.record, [course.outcome], [grown]))
        seen = _seen(course, grown, among, course.record.as_of + timedelta(days=cell + 1))
        times = _compact(grown[_first_of_each(seen)])
    return times


def _grown(course: Course, times: Floats, cell: int) -> Iterator[Floats]:
    """Yield the courses without a change on the day after a cell, then with one more and one more change."""
    each = 2 if course.recurrent else 1
    width = times.shape[1] + each * course.most
    wide = np.pad(times, ((0, 0), (0, width - times.shape[1])), constant_values=np.inf)
    count = np.isfinite(times).sum(axis=1)
    ways = list(_openings(course, times, count, cell))
    _check(course, len(times) + course.most * sum(len(rows) for rows, _ in ways), width)
    yield wide
    for changes in range(1, course.most + 1):
        for rows, opening in ways:
            # The others follow the first one before anything else can happen.
            room = (1.0 - opening) / (course.slots + 1) ** 2
            places = opening[:, None] + room[:, None] * np.arange(changes) / changes
            longer = wide[rows]
            entries = count[rows, None] + np.arange(each * changes)
            longer[np.arange(len(rows))[:, None], entries] = cell + np.repeat(places, each, axis=1)
            yield longer


def _openings(course: Course, times: Floats, count: Int64s, cell: int) -> Iterator[tuple[Int64s, Floats]]:
    """Yield courses and at which place of the day their next change may come, from 0 to 1.

    If a stretch completes on this day a number of days asked for, the change may come just before it does. That it may
    come at that moment or later goes without saying: one of the places of any day is there for it.
    """
    every = np.arange(len(times))
    for slot in range(1, course.slots + 1):
        yield every, np.full(len(every), slot / (course.slots + 1))
    if course.held:
        last = _last_change(course, times, count)
        completes = np.flatnonzero(np.isin(cell - np.floor(last), [leaf.days for leaf in course.held]))
        yield completes, (last - np.floor(last))[completes] / 2.0


def _seen(course: Course, times: Floats, among: Evaluation, day: date) -> list[Floats | Bools]:
    """Return all that the leaves remember of the time until the end of a day (each [course]).

    The state; what is settled of each leaf; when states were reached whose order a leaf asks for; on which day the
    present state was reached, as long as a leaf may ask whether it has lasted.
    """
    active = among.paths.active_at(course.outcome, among.paths.days(day))[0]
    parts = dict.fromkeys(event for leaf in course.leaves for event in so_far(leaf, day))
    columns: list[Floats | Bools] = [active, *(among.truth(event)[0] for event in parts)]
    columns += moments(course, among, day)
    pending = [leaf for leaf in course.held if leaf.by is None or leaf.by > day]
    for state in {leaf.active for leaf in pending}:
        longest = max(leaf.days for leaf in pending if leaf.active == state)
        since = np.floor(_last_change(course, times, np.isfinite(times).sum(axis=1)))
        counts = (active == state) & (among.paths.days(day) - since <= longest + 1)
        columns.append(np.where(counts, since, -np.inf))
    return columns


def _first_of_each(columns: Sequence[Floats | Bools]) -> Int64s:
    """Return the first of the courses that all columns show alike (int64[course], ascending)."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, number = np.unique(column, return_inverse=True)
        code = np.unique(code * len(values) + number, return_inverse=True)[1]
    return np.sort(np.unique(code, return_index=True)[1])


def _last_change(course: Course, times: Floats, count: Int64s) -> Floats:
    """Return when the present state was reached (float64[course])."""
    padded = np.concatenate([np.full((len(times), 1), course.since), times], axis=1)
    return np.take_along_axis(padded, count[:, None], axis=1)[:, 0]


def _compact(times: Floats) -> Floats:
    """Return courses without columns that none of them fills."""
    return times[:, : int(np.isfinite(times).sum(axis=1).max(initial=0))]


def _check(course: Course, courses: int, width: int) -> None:
    """Refuse what would take minutes."""
    if courses > MAX_COURSES or courses * width > MAX_ENTRIES:
        dates = len({day for leaf in course.leaves for day in dates_of(leaf)})
        problem = f"with {dates} dates can happen in too many ways (more than {MAX_COURSES:,} at a time)"
        remedy = "state fewer of them at once, or with fewer dates or smaller counts"
        raise CoherenceError([Fault("stated", f"events about {course.outcome}", "", problem, remedy)])
