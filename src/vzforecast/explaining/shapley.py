r"""Shapley values: what each part of a whole adds, over the orders in which the parts may enter.

.. math:: \phi_i = \frac{1}{n!} \sum_{orders} [v(\text{before } i \text{ and } i) - v(\text{before } i)]

They sum to the value of all parts less that of none. Up to twelve parts every set is valued and the mean is exact;
beyond, it is over random orders, each together with its reverse.

References
----------
Shapley (1953), A value for n-person games; Mitchell, Cooper, Frank and Holmes (2022), Sampling permutations for
Shapley value estimation, JMLR 23, section 3.1 (antithetic orders).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.latent import Array

EXACT_PARTS: Final = 12


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
    """

    sets: NDArray[np.int64]
    coefficients: Array
    chains: NDArray[np.int64] | None = None

    @property
    def exact(self) -> bool:
        """Whether every order counts."""
        return self.chains is None

    def shares(self, values: Array) -> Array:
        """Return the Shapley value of each part, dims (part, ...), from the values of the sets, dims (set, ...)."""
        return np.tensordot(self.coefficients, values, axes=1)

    def by_pair(self, values: Array) -> Array:
        """Return the share of each part in each pair of orders, dims (pair, part); the mean of pairs is the share."""
        if self.chains is None:
            return np.repeat(self.shares(values)[None], 2, axis=0)
        steps = np.diff(values[self.chains], axis=-1)  # of the part that entered, in the order of entry
        part = np.log2(np.diff(self.sets[self.chains], axis=-1)).round().astype(np.int64)
        added = np.zeros_like(steps)
        np.put_along_axis(added, part, steps, axis=-1)
        return np.asarray(added.mean(axis=1))


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


def some_orders(parts: int, orders: int, seed: int) -> Orders:
    """Return the sets that random orders pass through.

    Parameters
    ----------
    parts : int
        How many.
    orders : int
        Drawn in pairs of an order and its reverse; two pairs at least, or nothing would be known of their noise.
    seed : int
        Of the orders.

    Returns
    -------
    Orders
        Their mean is unbiased, and sums to the whole in every order.
    """
    random = np.random.default_rng(seed)
    drawn = np.stack([random.permutation(parts) for _ in range(max(2, orders // 2))])
    pairs = np.stack([drawn, drawn[:, ::-1]], axis=1)
    reached = np.cumsum(np.int64(1) << pairs, axis=-1)
    passed = np.concatenate([np.zeros_like(reached[..., :1]), reached], axis=-1)
    sets, place = np.unique(passed, return_inverse=True)
    chains = place.reshape(passed.shape)
    coefficients, each = np.zeros((parts, sets.size)), 1.0 / (pairs.shape[0] * 2)
    np.add.at(coefficients, (pairs, chains[..., 1:]), each)
    np.add.at(coefficients, (pairs, chains[..., :-1]), -each)
    return Orders(sets, coefficients, chains)
