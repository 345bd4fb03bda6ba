"""Sets of events of which no two can happen together."""

from collections.abc import Iterator
from typing import Final

from vzforecast.paths import Bools

MAX_SETS: Final = 2_000


def maximal_cliques(exclusive: Bools) -> list[tuple[int, ...]]:
    """Return the largest sets of events of which each two exclude each other.

    Parameters
    ----------
    exclusive : bool[event, event]
        Whether two events exclude each other; symmetric, false on the diagonal.

    Returns
    -------
    list of tuple of int
        Sets of at least two that no further event can join (Bron and Kerbosch, Communications of the ACM 16 (1973),
        algorithm 457, with pivots). The first 2,000, where there are more.
    """
    near = [frozenset(n for n, met in enumerate(row) if met) for row in exclusive.tolist()]
    found: list[tuple[int, ...]] = []
    for clique in _grown((), frozenset(range(len(near))), frozenset(), near):
        if len(clique) > 1:
            found.append(tuple(sorted(clique)))
        if len(found) == MAX_SETS:
            break
    return sorted(found)


def _grown(
    clique: tuple[int, ...], may: frozenset[int], done: frozenset[int], near: list[frozenset[int]]
) -> Iterator[tuple[int, ...]]:
    """Yield the maximal cliques that hold ``clique``, events from ``may``, and none from ``done``."""
    if not may:
        if not done:
            yield clique
        return
    pivot = max(may | done, key=lambda n: len(near[n] & may))
    for event in sorted(may - near[pivot]):
        yield from _grown((*clique, event), may & near[event], done & near[event], near)
        may, done = may - {event}, done | {event}
