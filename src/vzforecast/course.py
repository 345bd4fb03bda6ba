"""What changes the law of the paths as time goes by: dated changes, and the stretches of time between them.

Time is days after the end of the as-of day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vzforecast.path_kernel import layout
from vzforecast.path_kernel.layout import FREE, SHIFTED, SILENT, UNFORCED, floats
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


def stretches(
    course: Course, month_ends: Floats, months: tuple[Floats, Floats], order: tuple[Int64s, Int64s]
) -> layout.Course:
    """Cut the months at the changes of a course, as the kernel reads them.

    Parameters
    ----------
    course : Course
        What changes, and when.
    month_ends : float64[month]
        When each month ends.
    months : tuple of float64[month, faction]
        Known steps of office and of closeness when each month begins; those of the current one are not used.
    order : tuple of int64
        Order of outcomes and of factions in the kernel.

    Returns
    -------
    path_kernel.layout.Course
        One stretch after another; as many as months where nothing changes within one.
    """
    outcomes, factions = order
    begins = np.concatenate([[0.0], month_ends[:-1]])
    cuts = [
        [begin, *course.starts[(course.starts > begin) & (course.starts < end)]]
        for begin, end in zip(begins, month_ends, strict=True)
    ]
    month = np.repeat(np.arange(month_ends.size), [len(inside) for inside in cuts])
    start = np.concatenate(cuts)
    opens = np.diff(month, prepend=-1) > 0
    piece = np.searchsorted(course.starts, start, side="right") - 1
    fresh = np.diff(piece, prepend=-1) > 0  # where a change of standing steps in, once
    steps = [
        np.where((opens & (month > 0))[:, None], of_month[month], 0.0) + np.where(fresh[:, None], of_change[piece], 0.0)
        for of_month, of_change in zip(months, (course.office_steps, course.proximity_steps), strict=True)
    ]
    influence = course.influence[piece][:, factions]
    coupling = course.coupling_factor[piece][:, :, outcomes][..., outcomes]
    moves = np.any(np.diff(coupling, axis=0, prepend=1.0) != 0.0, axis=(1, 2, 3))
    return layout.Course(
        ends=floats(np.append(start[1:], month_ends[-1])),
        month_ends=floats(month_ends[month]),
        months=np.where(opens, month, 0),
        office_steps=floats(steps[0][:, factions]),
        proximity_steps=floats(steps[1][:, factions]),
        log_factor=floats(course.log_factor[piece][:, :, outcomes]),
        influence=np.ascontiguousarray(influence),
        points=floats(course.points[piece][:, factions]),
        moves_influence=np.any(influence != FREE, axis=1).astype(np.int64),
        forced=np.ascontiguousarray(course.forced[piece][:, outcomes]),
        coupling_factor=floats(coupling),
        moves_coupling=moves.astype(np.int64),
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


@dataclass(frozen=True)
class RateFactor:
    """A hazard's rate is multiplied until the outcome first changes.

    Attributes
    ----------
    begin, end : float
        When.
    hazard, outcome : int
        Which.
    factor : float
        Mean over the span, above 0.
    """

    begin: float
    end: float
    hazard: int
    outcome: int
    factor: float

    def write(self, course: Course, during: NDArray[np.bool_]) -> None:
        """Add its logarithm."""
        course.log_factor[during, self.hazard, self.outcome] += np.log(self.factor)


@dataclass(frozen=True)
class InfluenceMove:
    """Factions have more or less influence than the model says, or none.

    Attributes
    ----------
    begin, end : float
        When.
    points : tuple of (int, float or None)
        Added to the share of each faction, in shares of one, and to what earlier moves added; None silences it, and
        what was added to it before.
    """

    begin: float
    end: float
    points: tuple[tuple[int, float | None], ...]

    def write(self, course: Course, during: NDArray[np.bool_]) -> None:
        """Shift or silence."""
        for faction, points in self.points:
            if points is None:
                course.influence[during, faction], course.points[during, faction] = SILENT, 0.0
            else:
                free = during & (course.influence[:, faction] == FREE)
                course.influence[free, faction] = SHIFTED
                course.points[during, faction] += points


@dataclass(frozen=True)
class Forced:
    """An outcome is put into a state and held there.

    Attributes
    ----------
    begin, end : float
        When.
    outcome : int
        Which.
    active : bool
        The state.
    """

    begin: float
    end: float
    outcome: int
    active: bool

    def write(self, course: Course, during: NDArray[np.bool_]) -> None:
        """Hold it."""
        course.forced[during, self.outcome] = int(self.active)


@dataclass(frozen=True)
class CouplingFactor:
    """A coupling is stronger or weaker than it was.

    Attributes
    ----------
    begin, end : float
        When.
    cell : tuple of int
        Hazard, outcome and source outcome.
    factor : float
        Multiplies it; 0 cuts it.
    """

    begin: float
    end: float
    cell: tuple[int, int, int]
    factor: float

    def write(self, course: Course, during: NDArray[np.bool_]) -> None:
        """Multiply it."""
        course.coupling_factor[during, *self.cell] *= self.factor


@dataclass(frozen=True)
class StandingStep:
    """The factions' scores change at one moment.

    Attributes
    ----------
    begin : float
        When.
    office, proximity : tuple of float
        Change of each faction's score, in doublings.
    """

    begin: float
    office: tuple[float, ...]
    proximity: tuple[float, ...]

    @property
    def end(self) -> float:
        """A moment: it ends where it begins."""
        return self.begin

    def write(self, course: Course, during: NDArray[np.bool_]) -> None:
        """Step in the stretch that begins at that moment."""
        at = (course.starts == self.begin) | during
        course.office_steps[at] += self.office
        course.proximity_steps[at] += self.proximity
