"""The future cut into stretches, and what differs in each. Time is days after the end of the as-of day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vzforecast.path_kernel.layout import FREE, UNFORCED
from vzforecast.paths import Floats, Int64s


@dataclass(frozen=True, eq=False)
class Course:
    """How the law differs from stretch to stretch; hazard 0 is onset, 1 recovery.

    Parameters
    ----------
    starts : float64[stretch]
        When each stretch begins; the first at 0, the others later and ascending.
    log_factor : float64[stretch, 2, outcome]
        Added to a log rate until the outcome first changes after as-of: what is scheduled concerns the present spell.
    office_steps, proximity_steps : float64[stretch, faction]
        Known changes of the two scores when the stretch begins, beside those of the months.
    influence : int64[stretch, faction]
        FREE, SHIFTED or SILENT.
    points : float64[stretch, faction]
        Added to the influence share of a shifted faction, and to nothing of a silent one; the free ones shrink or grow
        in proportion.
    forced : int64[stretch, outcome]
        0 or 1, the state in which the outcome is held; UNFORCED.
    coupling_factor : float64[stretch, 2, outcome, outcome]
        Multiplies a coupling: effect on the hazards of the first outcome while the second is active.
    """

    starts: Floats
    log_factor: Floats
    office_steps: Floats
    proximity_steps: Floats
    influence: Int64s
    points: Floats
    forced: Int64s
    coupling_factor: Floats

    @classmethod
    def unchanged(cls, starts: Sequence[float], outcomes: int, factions: int) -> "Course":
        """Return stretches that begin at some times, in which nothing differs."""
        size = len(starts)
        return cls(
            starts=np.array(starts, dtype=float),
            log_factor=np.zeros((size, 2, outcomes)),
            office_steps=np.zeros((size, factions)),
            proximity_steps=np.zeros((size, factions)),
            influence=np.full((size, factions), FREE, dtype=np.int64),
            points=np.zeros((size, factions)),
            forced=np.full((size, outcomes), UNFORCED, dtype=np.int64),
            coupling_factor=np.ones((size, 2, outcomes, outcomes)),
        )


class Change(Protocol):
    """Something that differs between two times, or from one on."""

    @property
    def begin(self) -> float:
        """When it begins."""

    @property
    def end(self) -> float:
        """When it ends."""

    def write(self, course: Course, during: NDArray[np.bool_]) -> None:
        """Write it into the stretches that it covers (bool[stretch])."""


def course_of(changes: Iterable[Change], outcomes: int, factions: int, horizon: float) -> Course:
    """Cut the future at every change and write them in.

    Parameters
    ----------
    changes : iterable of Change
        A later one has the last word where two concern the same.
    outcomes, factions : int
        How many there are.
    horizon : float
        Where the future ends.

    Returns
    -------
    Course
        With as many stretches as it takes.
    """
    listed = tuple(changes)
    times = {time for change in listed for time in (change.begin, change.end)}
    course = Course.unchanged([0.0, *sorted(time for time in times if 0.0 < time < horizon)], outcomes, factions)
    for change in listed:
        change.write(course, (course.starts >= change.begin) & (course.starts < change.end))
    return course
