"""The nearest coherent numbers: a projection onto the hull of the possible worlds."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vzforecast.paths import Bools, Floats
from vzforecast.stated.worlds import Component

_BATCH: Final = 32  # worlds taken in at a time; any number from 1 gives the same answer
_EXACT: Final = 1e-13


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest coherent numbers, and why none are nearer.

    Parameters
    ----------
    coherent : float64[event]
        The numbers.
    slope : float64[event]
        ``coherent - stated``: in no world is the sum of ``slope`` over the events that happen below ``least``, and with
        the stated numbers for an expectation it would be.
    least : float
        The least such sum.
    """

    coherent: Floats
    slope: Floats
    least: float


def nearest(component: Component, stated: Floats, among: Bools | None = None) -> Nearest:
    r"""Return the coherent numbers with the least sum of squared changes.

    With a row :math:`a` for each world, find the point of their convex hull nearest to s: minimise
    :math:`|A^T p - s|^2` over :math:`p \ge 0, \sum p = 1`. Non-negative least squares of :math:`[A^T - s 1^T; 1^T]`
    against :math:`[0; 1]` does it. Why: write :math:`p = \lambda q` with :math:`\sum q = 1`; the sum of squares is
    :math:`\lambda^2 d(q)^2 + (1 - \lambda)^2` with the distance d, at best
    :math:`d^2 / (1 + d^2)`, which grows with d, so the least one has the least d.

    Not all worlds are written down. Those that the answer rests on so far are joined by the worlds that
    :math:`a \mapsto a \cdot (A^T p - s)` finds least, until none is less than the answer itself; then the answer
    is that of all worlds (Wolfe, Mathematical Programming 11 (1976) 128-149).

    Parameters
    ----------
    component : Component
        The worlds.
    stated : float64[event]
        Numbers for the events of the component.
    among : bool[event], optional
        The events whose numbers count; all by default. Others come back as stated.

    Returns
    -------
    Nearest
        The numbers; coherent ones come back as they are.
    """
    from scipy.optimize import nnls  # noqa: PLC0415 - not loaded where nothing is projected

    among = np.ones(stated.size, dtype=np.bool_) if among is None else among
    wanted = stated[among]
    worlds, _ = component.cheapest(np.where(among, 1.0 - 2.0 * stated, 0.0), _BATCH)
    columns = np.unique(worlds[:, among], axis=0)
    last = np.inf
    while True:
        table = np.vstack([columns.T - wanted[:, None], np.ones(len(columns))])
        target = np.append(np.zeros(wanted.size), 1.0)
        weight, _ = nnls(table, target, maxiter=100 * (len(columns) + 10))
        point = weight @ columns / weight.sum()
        slope = np.zeros(stated.size)
        slope[among] = point - wanted
        worlds, totals = component.cheapest(slope, _BATCH)
        better = totals < slope[among] @ point - _EXACT
        columns = columns[weight > 0.0]
        new = _without(np.unique(worlds[better][:, among], axis=0), columns)
        distance = float(slope @ slope)
        if not len(new) or not distance < last or np.abs(slope).max() < _EXACT:
            coherent = stated.copy()
            coherent[among] = point
            return Nearest(coherent, slope, float(totals[0]))
        columns, last = np.vstack([columns, new]), distance


def _without(rows: Bools, known: Bools) -> Bools:
    """Return the rows that are not among the known ones."""
    there = {row.tobytes() for row in known}
    return rows[[row.tobytes() not in there for row in rows]] if len(rows) else rows
