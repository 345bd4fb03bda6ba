"""Rules of probability that stated numbers break, each found from the possible worlds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from vzforecast.paths import Floats
from vzforecast.stated.cliques import maximal_cliques
from vzforecast.stated.logic import Logic

CERTAIN: Final = "certain"
IMPLIES: Final = "implies"
EXCLUSIVE: Final = "exclusive"
EXHAUSTIVE: Final = "exhaustive"
PARTITION: Final = "partition"
JOINT: Final = "joint"
_ROUNDING: Final = 1e-9


def beyond(excess: float, numbers: float, tolerance: float) -> bool:
    """Tell whether a rule about so many numbers is broken by more than they may be off, each by the tolerance."""
    return excess > numbers * tolerance + _ROUNDING


@dataclass(frozen=True)
class Broken:
    """A rule that some of the stated numbers break.

    Parameters
    ----------
    kind : str
        One of the kinds above.
    events : tuple of int
        Their places among all that are stated.
    rule : str
        The rule in words.
    excess : float
        By how much it is broken.
    """

    kind: str
    events: tuple[int, ...]
    rule: str
    excess: float


def broken_pairs_and_sums(logic: Logic, stated: Floats, tolerance: float) -> Iterator[Broken]:
    """Yield the rules about one event, two events and sums that stated numbers break, each cause once.

    Parameters
    ----------
    logic : Logic
        What the possible worlds say.
    stated : float64[event]
        The numbers.
    tolerance : float
        How far each of them may be off; a rule about k numbers is broken by more than k times that.

    Yields
    ------
    Broken
        First what concerns single events, then events that are the same or opposites, then the others. What is certain
        takes no part in rules about several events, and of equal or opposite ones the first stands for all.
    """
    settled = logic.always | logic.never
    for n in np.flatnonzero(settled).tolist():
        known = float(logic.always[n])
        if beyond(abs(stated[n] - known), 1, tolerance):
            rule = "it happens" if known else "it happens not"
            yield Broken(CERTAIN, (n,), f"{rule}, in every world that is still possible", abs(stated[n] - known))
    open_still = np.flatnonzero(~settled).tolist()
    first, opposites = _stand_ins(logic, open_still)
    for n, one in opposites.items():
        total = float(stated[n] + stated[one])
        if beyond(abs(total - 1.0), 2, tolerance):
            yield Broken(PARTITION, (one, n), "exactly one of them happens, so they sum to 1", abs(total - 1.0))
    yield from _implied(logic, [n for n in open_still if n not in opposites], stated, tolerance)
    yield from _sums(logic, sorted(set(first.values())), stated, tolerance)


def _stand_ins(logic: Logic, events: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return for each event the first that is the same, and for those that are the opposite of an earlier one, that."""
    first: dict[int, int] = {}
    opposites: dict[int, int] = {}
    for n in events:
        stands = sorted(set(first.values()))
        same = [one for one in stands if logic.implies[n, one] and logic.implies[one, n]]
        opposite = [one for one in stands if logic.exclusive[n, one] and logic.exhaustive[n, one]]
        if opposite:
            opposites[n] = opposite[0]
        else:
            first[n] = (same or [n])[0]
    return first, opposites


def _implied(logic: Logic, events: Sequence[int], stated: Floats, tolerance: float) -> Iterator[Broken]:
    """Yield events that are stated likelier than what they imply; within a chain, neighbours only."""
    excess = {
        (one, other): float(stated[one] - stated[other])
        for one in events
        for other in events
        if one != other and logic.implies[one, other]
    }
    broken = {pair: by for pair, by in excess.items() if beyond(by, 2, tolerance)}

    def between(one: int, other: int) -> Iterator[int]:
        for n in events:
            strictly = not logic.implies[n, one] and not logic.implies[other, n]
            if strictly and (one, n) in excess and (n, other) in excess:
                yield n

    kept = {
        pair: by
        for pair, by in broken.items()
        if not any((pair[0], n) in broken or (n, pair[1]) in broken for n in between(*pair))
    }
    for (one, other), by in kept.items():
        same = [
            pair
            for pair in kept
            if all(logic.implies[a, b] and logic.implies[b, a] for a, b in zip(pair, (one, other), strict=True))
        ]
        if (one, other) == max(same, key=lambda pair: (kept[pair], -pair[0], -pair[1])):
            yield Broken(IMPLIES, (one, other), "the first implies the second, so it is no likelier", by)


def _sums(logic: Logic, events: Sequence[int], stated: Floats, tolerance: float) -> Iterator[Broken]:
    """Yield sets of events that sum to too much or too little."""
    exclusive = logic.exclusive[np.ix_(events, events)] & ~np.eye(len(events), dtype=np.bool_)
    cliques = [tuple(events[n] for n in clique) for clique in maximal_cliques(exclusive)]
    whole = [clique for clique in cliques if logic.one_must_happen(clique)]
    for clique in whole:
        by = abs(float(stated[list(clique)].sum()) - 1.0)
        if beyond(by, len(clique), tolerance):
            yield Broken(PARTITION, clique, "exactly one of them happens, so they sum to 1", by)
    rest = [clique for clique in cliques if clique not in whole]
    high = {clique: float(stated[list(clique)].sum()) - 1.0 for clique in rest}
    high = {clique: by for clique, by in high.items() if beyond(by, len(clique), tolerance)}
    for clique, by in high.items():
        if not any(_covers(logic, other, clique) for other in high if other != clique):
            yield Broken(EXCLUSIVE, clique, "no two of them happen together, so they sum to 1 at most", by)
    yield from _too_low(logic, events, stated, tolerance)


def _covers(logic: Logic, other: Sequence[int], clique: Sequence[int]) -> bool:
    """Tell whether a set says all that another one says: each event of that one implies an event of this one."""
    return all(any(logic.implies[n, m] for m in other) for n in clique)


def _too_low(logic: Logic, events: Sequence[int], stated: Floats, tolerance: float) -> Iterator[Broken]:
    """Yield sets of events of which one must happen that sum to less than one: all pairs, and one larger set at a time.

    Of pairs only those are shown whose events no others imply that are a pair of this kind, too. A larger set is the
    least that is left when events are taken away from all, the likeliest first, while one of the rest must still
    happen.
    """
    pairs = [pair for pair in combinations(events, 2) if logic.exhaustive[pair]]
    low = {pair: 1.0 - float(stated[list(pair)].sum()) for pair in pairs}
    low = {pair: by for pair, by in low.items() if beyond(by, 2, tolerance)}
    for pair, by in low.items():
        if not any(_covers(logic, pair, other) for other in low if other != pair):
            yield Broken(EXHAUSTIVE, pair, "at least one of them happens, so they sum to 1 at least", by)
    for part in logic.parts:
        left = [n for n in events if n in part.events]
        while left and logic.one_must_happen(left):
            cover = _least_cover(logic, left, stated)
            by = 1.0 - float(stated[cover].sum())
            exclusive = all(logic.exclusive[pair] for pair in combinations(cover, 2))
            if beyond(by, len(cover), tolerance) and len(cover) > 2 and not exclusive:
                rule = "at least one of them happens, so they sum to 1 at least"
                yield Broken(EXHAUSTIVE, tuple(sorted(cover)), rule, by)
            left = [n for n in left if n not in cover]


def _least_cover(logic: Logic, events: Sequence[int], stated: Floats) -> list[int]:
    cover = list(events)
    for n in sorted(events, key=lambda n: -float(stated[n])):
        rest = [m for m in cover if m != n]
        if rest and logic.one_must_happen(rest):
            cover = rest
    return cover
