"""Every course that one outcome can take after the as-of date, as far as a set of leaves can tell courses apart.

A course is a row of times at which the outcome changes state, in days after the end of the as-of day. Courses are grown
from one day that matters to the next (`vzforecast.stated.cells`). Two that every leaf sees alike, whatever may follow,
are one: see `_seen`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from vzforecast.errors import CoherenceError, Fault
from vzforecast.events import Count, First, Held
from vzforecast.events.event import Evaluation
from vzforecast.paths import Bools, Floats, Int64s, Paths, Record
from vzforecast.stated.leaves import Leaf, begun, dates_of, so_far

# More than these are the work of minutes; nobody states so many events at once by hand.
MAX_COURSES: Final = 200_000
MAX_ENTRIES: Final = 4_000_000


@dataclass(frozen=True, eq=False)
class Course:
    """One outcome, what is known of it, and what is asked of it.

    Parameters
    ----------
    outcome : str
        Its id.
    record : Record
        Of all outcomes.
    recurrent : bool
        Whether it is back at rest at the moment at which it becomes active.
    leaves : tuple of Leaf
        Those that look at it.
    cells : tuple of int
        Days, counted from the as-of date, in the course of the day after which it is enough to look for changes.
    slots : int
        Moments of such a day at which a state may first be reached: one, or as many as make every order possible of the
        outcomes whose order in time is asked for, and that two reach a state at once.
    """

    outcome: str
    record: Record
    recurrent: bool
    leaves: tuple[Leaf, ...]
    cells: tuple[int, ...] = ()
    slots: int = 1

    @property
    def held(self) -> tuple[Held, ...]:
        """The leaves that ask how long a state lasts."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf, Held))

    @property
    def named(self) -> list[int]:
        """Days that the leaves name, counted from the as-of date; those after it."""
        counted = {(day - self.record.as_of).days for leaf in self.leaves for day in dates_of(leaf)}
        return sorted(day for day in counted if day > 0)

    @property
    def is_ordered(self) -> bool:
        """Whether a leaf asks which of two states is reached first, one of them of this outcome."""
        return any(isinstance(leaf, First) for leaf in self.leaves)

    @property
    def since(self) -> float:
        """When its present state began, in days after the end of the as-of day; its own start included."""
        known = self.record.times[self.record.outcome == self.record.outcomes.index(self.outcome)]
        starts = [(leaf.since - self.record.as_of).days - 0.5 for leaf in self.held]
        return float(known[-1]) if known.size else min(starts, default=0.0)

    @property
    def least(self) -> int:
        """The most entries into a state that a leaf asks for; none by default."""
        return max((leaf.least for leaf in self.leaves if isinstance(leaf, Count)), default=0)

    @property
    def most(self) -> int:
        """How many changes on a day are enough to be seen as any number of them.

        One change or two, by the state they lead to; with ``count ... >= n``, n entries into either state.
        """
        if self.recurrent:
            return max(self.least, 1)
        return 2 * self.least + 1 if self.least else 2


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


def paths_of(record: Record, outcomes: Sequence[str], times: Sequence[Floats]) -> Paths:
    """Return paths on which each outcome takes the course of its own row.

    Parameters
    ----------
    record : Record
        Of all outcomes.
    outcomes : sequence of str
        Those to keep.
    times : sequence of float64[path, entry]
        A course of each of them for every path, as `trajectories` gives it.

    Returns
    -------
    Paths
        One draw.
    """
    places = [record.outcomes.index(outcome) for outcome in outcomes]
    known = np.isin(record.outcome, places)
    number = np.zeros(len(record.outcomes), dtype=np.int16)
    number[places] = np.arange(len(places))
    own = Record(
        record.as_of,
        record.horizon,
        tuple(outcomes),
        record.active_at_start[places],
        record.times[known],
        number[record.outcome[known]],
    )
    every = np.concatenate(times, axis=1)
    which = np.concatenate([np.full(rows.shape, o, dtype=np.int16) for o, rows in enumerate(times)], axis=1)
    if len(outcomes) > 1:  # one course is in order already; two entries at one time keep theirs
        order = np.argsort(every, axis=1, kind="stable")
        every, which = np.take_along_axis(every, order, axis=1), np.take_along_axis(which, order, axis=1)
    there = np.isfinite(every)
    offsets = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64)
    return Paths(own, 1, len(every), offsets, every[there], which[there])


def moments(course: Course, among: Evaluation, day: date) -> Iterator[Floats]:
    """Yield when each state was reached whose order in time a leaf asks for, inf if not by the day or the deadline."""
    for leaf in course.leaves:
        if isinstance(leaf, First) and begun(leaf, day):
            for reached in (leaf.one, leaf.other):
                if reached.outcome == course.outcome:
                    moment = reached.moment(leaf, among)[0]
                    yield np.where(moment <= among.end_of(leaf, leaf.by), moment, np.inf)


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
