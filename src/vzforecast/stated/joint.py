"""Numbers that no joint distribution gives, although no pair and no sum is at fault."""

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, permutations
from typing import Final

import numpy as np

from vzforecast.paths import Bools, Floats
from vzforecast.stated.logic import Logic
from vzforecast.stated.nearest import Nearest, nearest
from vzforecast.stated.rules import JOINT, Broken, beyond
from vzforecast.stated.worlds import Component

_NEGLIGIBLE: Final = 1e-7


def broken_together(logic: Logic, stated: Floats, tolerance: float, broken: Sequence[Broken]) -> Iterator[Broken]:
    """Yield sets of events whose numbers are impossible together, smallest sets of each.

    From each rule that is broken already one event is left out, first the one and then the other at its ends, so that
    what is found is another matter. Sets that share an event are taken for one cause.

    Parameters
    ----------
    logic : Logic
        What the possible worlds say.
    stated : float64[event]
        All numbers.
    tolerance : float
        How far each of them may be off.
    broken : sequence of Broken
        Rules about one event, pairs and sums.

    Yields
    ------
    Broken
        With the inequality that holds in every world and not for the numbers.
    """
    told: set[int] = set()
    for left_out in dict.fromkeys(frozenset(rule.events[end] for rule in broken) for end in (0, -1)):
        for part in logic.parts:
            for rule in _of_component(part, stated, tolerance, left_out):
                if told.isdisjoint(rule.events) and not _said(logic, rule.events, stated, tolerance):
                    told |= set(rule.events)
                    yield rule


def _of_component(part: Component, stated: Floats, tolerance: float, left_out: Collection[int]) -> Iterator[Broken]:
    own = stated[part.events]
    among = ~np.isin(part.events, list(left_out))
    while among.any():
        found = nearest(part, own, among)
        if not _excess(found, own, tolerance):
            break
        least, found = _least_set(part, own, tolerance, found)
        events = tuple(part.events[least].tolist())
        yield Broken(JOINT, events, _inequality(found, least), _gap(found, own))
        among &= ~least


def _said(logic: Logic, events: Sequence[int], stated: Floats, tolerance: float) -> bool:
    """Tell whether a rule about pairs or sums is broken, too: then it follows from one that is told."""
    for one, other in permutations(events, 2):
        total = stated[one] + stated[other]
        if (
            (logic.implies[one, other] and beyond(stated[one] - stated[other], 2, tolerance))
            or (logic.exclusive[one, other] and beyond(total - 1.0, 2, tolerance))
            or (logic.exhaustive[one, other] and beyond(1.0 - total, 2, tolerance))
        ):
            return True
    total = float(stated[list(events)].sum())
    exclusive = all(logic.exclusive[pair] for pair in combinations(events, 2))
    return (exclusive and total > 1.0) or (total < 1.0 and logic.one_must_happen(events))


def _gap(found: Nearest, stated: Floats) -> float:
    """Return by how much the numbers fall short of what holds in every world, the largest coefficient being one."""
    return (found.least - float(found.slope @ stated)) / float(np.abs(found.slope).max())


def _excess(found: Nearest, stated: Floats, tolerance: float) -> bool:
    """Tell whether the numbers are impossible however far each is off within the tolerance."""
    slope = np.abs(found.slope)
    if slope.max() < _NEGLIGIBLE:
        return False
    return beyond(_gap(found, stated), float(slope.sum() / slope.max()), tolerance)


def _least_set(part: Component, stated: Floats, tolerance: float, found: Nearest) -> tuple[Bools, Nearest]:
    """Take away events, those that matter least first, as long as the rest are impossible together."""
    slope = np.abs(found.slope)
    least = slope > _NEGLIGIBLE * slope.max()
    for n in sorted(np.flatnonzero(least), key=lambda n: slope[n]):
        fewer = least.copy()
        fewer[n] = False
        if fewer.any():
            without = nearest(part, stated, fewer)
            if _excess(without, stated, tolerance):
                least, found = fewer, without
    least &= np.abs(found.slope) > _NEGLIGIBLE * np.abs(found.slope).max()
    return least, found


def _inequality(found: Nearest, events: Bools) -> str:
    """Say what holds in every world of some events, numbered in the order in which they are shown."""
    scale = -float(np.abs(found.slope[events]).max())
    terms = []
    for number, coefficient in enumerate(found.slope[events] / scale, start=1):
        size = abs(float(coefficient))
        factor = "" if abs(size - 1.0) < 1e-6 else f"{size:.3g} "
        terms.append(f"{'-' if coefficient < 0 else '+'} {factor}P{number}")
    left = " ".join(terms).removeprefix("+ ")
    bound = found.least / scale
    return f"{left} is at most {0.0 if abs(bound) < 1e-9 else bound:.3g} for numbers that go together"
