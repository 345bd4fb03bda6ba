"""One outcome with what is known and what is asked of it, and its courses as paths of the event language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from vzforecast.events import Count, First, Held
from vzforecast.events.event import Evaluation
from vzforecast.paths import Floats, Paths, Record
from vzforecast.stated.leaves import Leaf, begun, dates_of


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


def paths_of(record: Record, outcomes: Sequence[str], times: Sequence[Floats]) -> Paths:
    """Return paths on which each outcome takes the course of its own row.

    Parameters
    ----------
    record : Record
        Of all outcomes.
    outcomes : sequence of str
        Those to keep.
    times : sequence of float64[path, entry]
        A course of each of them for every path, as `vzforecast.stated.trajectories` gives it.

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
