"""Grids of sets: the unions of some first sets with each of some second ones, valued together by matrix products."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vzforecast.explaining.weighing import Weighing, fit_shares
from vzforecast.latent import Array


@dataclass(frozen=True, eq=False)
class Grid:
    r"""What each set gives to draws and futures: the product of what its two halves give.

    A set *(a, b)* has the probability :math:`p_{ab} = \sum_{fs} A_{afs} B_{bfs} H_{fs} / \sum_{fs} A_{afs} B_{bfs}
    C_{fs}`. The sums over futures *f* and draws *s* are products of matrices, and so is every linear combination of
    what draws move, so that no array over sets and draws is ever made.

    Attributes
    ----------
    first, second : ndarray, dims (set, future, sample)
        What the halves give.
    happens, counts : ndarray, dims (future, sample)
        Weight of the paths on which the event happens (H), and of all (C).
    weighing : Weighing
        Whose fits the draws are.
    """

    first: Array
    second: Array
    happens: Array
    counts: Array
    weighing: Weighing

    @cached_property
    def counted(self) -> Array:
        """Weight of all paths, dims (first set, second set); 0 where no draw allows a set."""
        return self._pooled(self.counts)

    @cached_property
    def values(self) -> Array:
        """Probabilities, dims (first set, second set)."""
        return self._pooled(self.happens) / self.counted

    def moved(self, linear: Array) -> Array:
        """Return how far each draw moves some sums of the sets' probabilities, dims (line, sample).

        It is the empirical influence function of a ratio of two weighted means, and sums to zero over draws: Monte
        Carlo errors follow from it.

        Parameters
        ----------
        linear : ndarray, dims (line, first set, second set)
            What each probability adds to a line.
        """
        found = np.zeros((len(linear), self.first.shape[-1]))
        for line in np.flatnonzero(linear.any(axis=(1, 2))):
            share = linear[line] / self.counted
            for fit, own in enumerate(self._fits):
                scaled = share * self._scale[fit]
                gained, counted = (self._over_sets(scaled * one, own) for one in (1.0, self.values))
                found[line, own] = (self.happens[:, own] * gained - self.counts[:, own] * counted).sum(axis=0)
        return found

    def _over_sets(self, coefficients: Array, own: slice) -> Array:
        """Return a sum over the grid of what its sets give to the draws of a fit, dims (future, sample)."""
        second = np.tensordot(coefficients, self.second[..., own], axes=1)
        return np.asarray(np.einsum("afs,afs->fs", self.first[..., own], second))

    def _pooled(self, share: Array) -> Array:
        return np.asarray((self._scale * self._by_fit(share)).sum(axis=0))

    def _by_fit(self, share: Array) -> Array:
        """Return sums over the futures and draws of each fit, dims (fit, first set, second set)."""
        first, over = self.first * share, ((1, 2), (1, 2))
        return np.stack([np.tensordot(first[..., own], self.second[..., own], axes=over) for own in self._fits])

    @cached_property
    def _scale(self) -> Array:
        """What makes each fit count as in an update, dims (fit, first set, second set)."""
        if self.weighing.fits == 1:
            return np.ones((1, len(self.first), len(self.second)))
        return fit_shares(self._by_fit(np.ones_like(self.counts)), self.weighing)

    @cached_property
    def _fits(self) -> list[slice]:
        size = self.first.shape[-1] // self.weighing.fits
        return [slice(first, first + size) for first in range(0, size * self.weighing.fits, size)]
