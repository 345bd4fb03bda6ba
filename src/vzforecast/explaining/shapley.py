r"""Shapley values: what each part of a whole adds, over the orders in which the parts may enter.

.. math:: \phi_i = \frac{1}{n!} \sum_{orders} [v(\text{before } i \text{ and } i) - v(\text{before } i)]

They sum to the value of all parts less that of none. Up to twelve parts every set is valued and the mean is exact;
beyond, it is over random orders, each together with its reverse.

References
----------
Shapley (1953), A value for n-person games; Mitchell, Cooper, Frank and Holmes (2022), Sampling permutations for
Shapley value estimation, JMLR 23, section 3.1 (antithetic orders).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.latent import Array

EXACT_PARTS: Final = 12
# A set is a number of 63 bits.
MOST_PARTS: Final = 62


def as_number(members: Iterable[int]) -> int:
    """Return the number of a set of parts.

    Examples
    --------
    >>> as_number([0, 3])
    9
    """
    return sum(1 << place for place in set(members))


def as_members(number: int) -> tuple[int, ...]:
    """Return the places of the parts of a set, ascending.

    Examples
    --------
    >>> as_members(9)
    (0, 3)
    """
    return tuple(place for place in range(number.bit_length()) if number >> place & 1)


@dataclass(frozen=True, eq=False)
class Orders:
    """Sets of parts to be valued, and how their values are shared out. A set is a number: bit i stands for part i.

    Attributes
    ----------
    sets : ndarray of int, dims (set,)
        Each once; the first is the empty one, the last that of all parts.
    coefficients : ndarray, dims (part, set)
        What the value of a set adds to the value of a part: shares are linear in the values.
    chains : ndarray of int, dims (pair of orders, 2, part + 1), or None
        Place in `sets` of what has entered after each step of an order; None if every order counts.
    apart : int, default 0
        How many draws of pairs are independent: as many pairs as follow each other in each have parts in one order.
    """

    sets: NDArray[np.int64]
    coefficients: Array
    chains: NDArray[np.int64] | None = None
    apart: int = 0

    @property
    def exact(self) -> bool:
        """Whether every order counts."""
        return self.chains is None

    def shares(self, values: Array) -> Array:
        """Return the Shapley value of each part, dims (part, ...), from the values of the sets, dims (set, ...)."""
        return np.tensordot(self.coefficients, values, axes=1)

    @property
    def drawn(self) -> int | None:
        """How many orders were drawn; None if every order counts."""
        return None if self.chains is None else 2 * len(self.chains)

    def by_draw(self, values: Array) -> Array:
        """Return the share of each part in each independent draw of orders, dims (draw, part); their mean is the share.

        A draw is a pair of orders, or all pairs that have some parts in the same order.
        """
        if self.chains is None:
            return np.repeat(self.shares(values)[None], 2, axis=0)
        steps = np.diff(values[self.chains], axis=-1)  # of the part that entered, in the order of entry
        part = np.log2(np.diff(self.sets[self.chains], axis=-1)).round().astype(np.int64)
        added = np.zeros_like(steps)
        np.put_along_axis(added, part, steps, axis=-1)
        return np.asarray(added.mean(axis=1).reshape(self.apart, -1, len(self.coefficients)).mean(axis=1))


def every_order(parts: int) -> Orders:
    r"""Return all sets of parts, with :math:`|S|! (n - |S| - 1)! / n!` for each set that a part joins.

    Parameters
    ----------
    parts : int
        How many; the sets double with each.

    Returns
    -------
    Orders
        Exact.

    Examples
    --------
    >>> every_order(2).shares(np.array([0.0, 1.0, 2.0, 5.0])).tolist()  # of none, the first, the second, both
    [2.0, 3.0]
    """
    sets = np.arange(1 << parts, dtype=np.int64)
    member = sets >> np.arange(parts)[:, None] & 1
    size = member.sum(axis=0)
    joining = [factorial(s) * factorial(parts - s - 1) / factorial(parts) for s in range(parts)]
    weight = np.array([0.0, *joining]), np.array([*joining, 0.0])  # of a set with the part, of one without it
    return Orders(sets, np.where(member == 1, weight[0][size], -weight[1][size]))


def some_orders(parts: int, orders: int, seed: int, tied: Sequence[int] = (), pairs_of_tied: int = 2) -> Orders:
    """Return the sets that random orders pass through.

    Where sets of some parts are dear to value, few orders of those are drawn, and each is run through several orders of
    all parts. An order of all is as random as any other; but those that share one of the tied parts err together.

    Parameters
    ----------
    parts : int
        How many.
    orders : int
        Drawn in pairs of an order and its reverse; two pairs at least, or nothing would be known of their noise.
    seed : int
        Of the orders.
    tied : sequence of int, optional
        Places of the parts of which few orders are drawn; by default none.
    pairs_of_tied : int, default 2
        How many pairs of orders of those; two at least.

    Returns
    -------
    Orders
        Their mean is unbiased, and sums to the whole in every order.
    """
    random = np.random.default_rng(seed)
    drawn = np.stack([random.permutation(parts) for _ in range(max(2, orders // 2))])
    apart = min(len(drawn), max(2, pairs_of_tied)) if tied else len(drawn)
    drawn = drawn[: len(drawn) // apart * apart]
    for alike in np.split(drawn, apart) if tied else ():
        alike[np.isin(alike, tied)] = np.tile(random.permutation(np.array(tied)), len(alike))
    pairs = np.stack([drawn, drawn[:, ::-1]], axis=1)
    reached = np.cumsum(np.int64(1) << pairs, axis=-1)
    passed = np.concatenate([np.zeros_like(reached[..., :1]), reached], axis=-1)
    sets, place = np.unique(passed, return_inverse=True)
    chains = place.reshape(passed.shape)
    coefficients, each = np.zeros((parts, sets.size)), 1.0 / (pairs.shape[0] * 2)
    np.add.at(coefficients, (pairs, chains[..., 1:]), each)
    np.add.at(coefficients, (pairs, chains[..., :-1]), -each)
    return Orders(sets, coefficients, chains, apart)
