"""The possible worlds of some events: which of them can happen together.

A world says of every event whether it happens. Outcomes move freely of each other as far as logic goes, so the worlds
are a product: outcomes that no event joins form components, and within one the courses of each outcome are grouped by
what the joining events see of them (`Part.kind`). The product over kinds is small where the product over courses is
astronomically large, and all that is asked of worlds can be asked of it.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from vzforecast.paths import Bools, Floats

type Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """What one outcome adds to the worlds of its component.

    Parameters
    ----------
    events : int64[event]
        Places, within the component, of the events that look at this outcome alone.
    rows : bool[row, event]
        Every way in which these can happen, once for every kind of course that allows it.
    kind : int64[row]
        Which kind of course, from 0, ascending.
    """

    events: Ints
    rows: Bools
    kind: Ints

    @cached_property
    def kinds(self) -> int:
        """Number of kinds."""
        return int(self.kind[-1]) + 1

    def cheapest(self, costs: Floats) -> tuple[Floats, Ints]:
        """Return the least cost of each kind (float64[kind]) and its row (int64[kind])."""
        price = self._rows @ costs[self.events]
        order = np.lexsort((price, self.kind))
        first = order[np.searchsorted(self.kind[order], np.arange(self.kinds))]
        return price[first], first

    def by_kind(self, literals: Bools) -> Bools:
        """Tell for each kind which literals can be true in it (bool[kind, literal])."""
        any_of: Bools = np.logical_or.reduceat(literals, np.searchsorted(self.kind, np.arange(self.kinds)), axis=0)
        return any_of

    @cached_property
    def _rows(self) -> Floats:
        return self.rows.astype(np.float64)


@dataclass(frozen=True, eq=False)
class Component:
    """Events about outcomes that these events join, and their worlds.

    Parameters
    ----------
    events : int64[event]
        Places of its events among all that are stated.
    parts : tuple of Part
        One for each outcome.
    joining : int64[event]
        Places, within the component, of the events that look at several outcomes.
    joint : bool[combination, event]
        Whether each of these happens, for every combination of kinds; the last part moves fastest.
    """

    events: Ints
    parts: tuple[Part, ...]
    joining: Ints
    joint: Bools

    @property
    def shape(self) -> tuple[int, ...]:
        """Kinds of each part."""
        return tuple(part.kinds for part in self.parts)

    def cheapest(self, costs: Floats, most: int) -> tuple[Bools, Floats]:
        """Return worlds of least cost.

        Parameters
        ----------
        costs : float64[event]
            What it costs that an event of the component happens.
        most : int
            How many at most; each is the cheapest of another combination of kinds.

        Returns
        -------
        worlds : bool[world, event]
            The cheapest of all worlds first.
        totals : float64[world]
            Their costs.
        """
        found = [part.cheapest(costs) for part in self.parts]
        total = (self._joint @ costs[self.joining]).reshape(self.shape)
        for axis, (least, _) in enumerate(found):
            total = total + np.expand_dims(least, tuple(a for a in range(len(self.shape)) if a != axis))
        flat = total.ravel()
        chosen = np.arange(flat.size) if flat.size <= most else np.argpartition(flat, most)[:most]
        chosen = chosen[np.argsort(flat[chosen], kind="stable")]
        worlds = np.zeros((len(chosen), len(self.events)), dtype=np.bool_)
        worlds[:, self.joining] = self.joint[chosen]
        kinds = np.unravel_index(chosen, self.shape)
        for part, kind, (_, row) in zip(self.parts, kinds, found, strict=True):
            worlds[:, part.events] = part.rows[row[kind]]
        return worlds, flat[chosen]

    def least(self, costs: Floats) -> float:
        """Return the least cost of a world, with the cost of each event of the component (float64[event])."""
        return float(self.cheapest(costs, 1)[1][0])

    @cached_property
    def count(self) -> int:
        """Number of different worlds."""
        _, code = np.unique(self.joint, axis=0, return_inverse=True)
        groups = [_alike(part) for part in self.parts]
        if all(len(kinds) == 1 for group in groups for kinds, _ in group):  # an outcome's own events tell its kind
            return prod(sum(count for _, count in group) for group in groups)
        # Sets of joint truths, as the bits of whole numbers: united over the kinds that own events leave open.
        ways = np.array([1 << int(bit) for bit in code.ravel()], dtype=object).reshape(self.shape)
        for axis, group in enumerate(groups):
            united = [np.bitwise_or.reduce(np.take(ways, kinds, axis=axis), axis=axis) for kinds, _ in group]
            ways = np.stack(united, axis=axis)
        numbers = [[count for _, count in group] for group in groups]
        return sum(way.bit_count() * prod(several) for way, several in zip(ways.flat, product(*numbers), strict=True))

    @cached_property
    def possible(self) -> Bools:
        """Whether two literals can be true at once (bool[literal, literal]): the events, then their opposites."""
        size = len(self.events)
        linked = np.concatenate([self.joining, self.joining + size])
        joint = _literals(self.joint)
        alone = np.zeros(2 * size, dtype=np.bool_)
        alone[linked] = joint.any(axis=0)
        own = [(np.concatenate([part.events, part.events + size]), _literals(part.rows)) for part in self.parts]
        for places, literals in own:
            alone[places] = literals.any(axis=0)
        both = np.outer(alone, alone)
        both[np.ix_(linked, linked)] = _together(joint, joint)
        kinds = np.unravel_index(np.arange(len(joint)), self.shape)
        for part, (places, literals), kind in zip(self.parts, own, kinds, strict=True):
            both[np.ix_(places, places)] = _together(literals, literals)
            order = np.argsort(kind, kind="stable")
            seen = Part(self.joining, joint[order], kind[order]).by_kind(joint[order])
            both[np.ix_(places, linked)] = _together(part.by_kind(literals), seen)
            both[np.ix_(linked, places)] = both[np.ix_(places, linked)].T
        return both

    @cached_property
    def _joint(self) -> Floats:
        return self.joint.astype(np.float64)


def _literals(truths: Bools) -> Bools:
    """Return events and, after them, their opposites (bool[row, literal])."""
    return np.concatenate([truths, ~truths], axis=1)


def _together(one: Bools, other: Bools) -> Bools:
    """Tell which columns of two tables are true in the same row (bool[column, column])."""
    return (one.T.astype(np.float32) @ other.astype(np.float32)) > 0.0


def _alike(part: Part) -> list[tuple[Ints, int]]:
    """Return sets of kinds, each with the number of different rows that are possible in exactly those kinds."""
    rows, inverse = np.unique(part.rows, axis=0, return_inverse=True)
    allowed = np.zeros((len(rows), part.kinds), dtype=np.bool_)
    allowed[inverse.ravel(), part.kind] = True
    sets, number = np.unique(allowed, axis=0, return_counts=True)
    return [(np.flatnonzero(kinds), int(count)) for kinds, count in zip(sets, number, strict=True)]
