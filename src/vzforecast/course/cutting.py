"""A course and the months together, as the compiled kernel reads them."""

import numpy as np
from numpy.typing import NDArray

from vzforecast.course.course import Course
from vzforecast.path_kernel import layout
from vzforecast.path_kernel.layout import FREE, floats
from vzforecast.paths import Floats, Int64s

type Cells = tuple[Int64s, Int64s, Int64s]


def stretches(
    course: Course, month_ends: Floats, months: tuple[Floats, Floats], order: tuple[Int64s, Int64s], cells: Cells
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
    cells : tuple of int64[coupling]
        Hazard, outcome and source outcome of each coupling that there is, by their places in the kernel.

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
    log_factor, forced = course.log_factor[piece][:, :, outcomes], course.forced[piece][:, outcomes]
    coupling = course.coupling_factor[piece][:, :, outcomes][..., outcomes]
    moves = np.any(np.diff(coupling, axis=0, prepend=1.0) != 0.0, axis=(1, 2, 3))
    renews = opens | np.any([*steps, _differs(influence), _differs(course.points[piece])], axis=(0, 2))
    own = _differs(log_factor).any(axis=1) | _differs(forced)
    return layout.Course(
        ends=floats(np.append(start[1:], month_ends[-1])),
        month_ends=floats(month_ends[month]),
        months=np.where(opens, month, 0),
        office_steps=floats(steps[0][:, factions]),
        proximity_steps=floats(steps[1][:, factions]),
        log_factor=floats(log_factor),
        influence=np.ascontiguousarray(influence),
        points=floats(course.points[piece][:, factions]),
        moves_influence=np.any(influence != FREE, axis=1).astype(np.int64),
        renews_influence=renews.astype(np.int64),
        forced=np.ascontiguousarray(forced),
        coupling_factor=floats(coupling[:, *cells]),
        moves_coupling=moves.astype(np.int64),
        renews_own=(renews[:, None] | own).astype(np.int64),
    )


def _differs(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return where the values of a stretch are not those of the one before; those of the first always are not."""
    return np.concatenate([np.full((1, *values.shape[1:]), fill_value=True), values[1:] != values[:-1]])


def _cut(course: Course, month_ends: Floats) -> tuple[Int64s, Floats]:
    """Return the month in which each stretch lies, and when it starts."""
    begins = np.concatenate([[0.0], month_ends[:-1]])
    cuts = [
        [begin, *course.starts[(course.starts > begin) & (course.starts < end)]]
        for begin, end in zip(begins, month_ends, strict=True)
    ]
    return np.repeat(np.arange(month_ends.size), [len(inside) for inside in cuts]), np.concatenate(cuts)
