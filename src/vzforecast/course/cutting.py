"""A course and the months together, as the compiled kernel reads them."""

import numpy as np

from vzforecast.course.course import Course
from vzforecast.path_kernel import layout
from vzforecast.path_kernel.layout import FREE, floats
from vzforecast.paths import Floats, Int64s


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
    month, start = _cut(course, month_ends)
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


def _cut(course: Course, month_ends: Floats) -> tuple[Int64s, Floats]:
    """Return the month in which each stretch lies, and when it starts."""
    begins = np.concatenate([[0.0], month_ends[:-1]])
    cuts = [
        [begin, *course.starts[(course.starts > begin) & (course.starts < end)]]
        for begin, end in zip(begins, month_ends, strict=True)
    ]
    return np.repeat(np.arange(month_ends.size), [len(inside) for inside in cuts]), np.concatenate(cuts)
