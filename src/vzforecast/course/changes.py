"""The kinds of dated change. Time is days after the end of the as-of day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vzforecast.course.course import Course
from vzforecast.path_kernel.layout import FREE, SHIFTED, SILENT


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
