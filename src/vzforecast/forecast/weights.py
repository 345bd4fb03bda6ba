"""Weights of draws and of their paths: what an update leaves of a sample, and how averages and quantiles use them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vzforecast.names import LOWER_QUANTILE, UPPER_QUANTILE

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Weights:
    """How much each draw, and each path of it, counts.

    Attributes
    ----------
    draw : ndarray, dims (sample,), or None
        From reweighting; None if all draws count alike.
    path : ndarray, dims (sample, path), or None
        From judgements about events; None if all paths count alike.

    Examples
    --------
    >>> float(Weights(np.array([0.75, 0.25])).mean(np.array([1.0, 0.0])))
    0.75
    """

    draw: Array | None = None
    path: Array | None = None

    @cached_property
    def of_draws(self) -> Array | None:
        """Weight of each draw with its paths together, summing to one; None if all count alike.

        A judgement about an event is news about the parameters, too: a draw counts by the mean weight of its paths.
        """
        if self.path is None:
            return None if self.draw is None else self.draw / self.draw.sum()
        whole = self.path.mean(axis=1) * (1.0 if self.draw is None else self.draw)
        return np.asarray(whole / whole.sum())

    @property
    def of_paths(self) -> Array | None:
        """Weight of each path, dims (sample, path), summing to one; None if only draws differ or nothing does."""
        if self.path is None:
            return None
        whole = self.path if self.draw is None else self.path * self.draw[:, None]
        return np.asarray(whole / whole.sum())

    def shares(self, happened: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Return the share of each draw's paths on which an event happened, and the noise in it.

        Parameters
        ----------
        happened : ndarray of bool, dims (sample, path)
            The event.

        Returns
        -------
        share : ndarray, dims (sample,)
            Weighted, if paths are.
        noise : ndarray, dims (sample,)
            Variance that a share has because its paths are few.
        """
        paths = happened.shape[1]
        if self.path is None:
            share = happened.mean(axis=1)
            return share, share * (1.0 - share) / (paths - 1)
        total = self.path.sum(axis=1, keepdims=True)
        relative = self.path / np.where(total > 0.0, total, 1.0)
        share = (relative * happened).sum(axis=1)
        return share, (relative**2 * (happened - share[:, None]) ** 2).sum(axis=1) * paths / (paths - 1)

    def mean(self, values: NDArray[Any]) -> Any:
        """Return the mean over draws, the first dim."""
        weights = self.of_draws
        if weights is None:
            return values.mean(axis=0)
        # Divided by the same sum, so that what holds in every draw has probability one and not nearly so.
        return np.tensordot(weights, values, axes=1) / np.tensordot(weights, np.ones(len(values)), axes=1)

    def interval(self, values: Array) -> Array:
        """Return the lower and upper end of the 90 % interval over draws, the first dim."""
        weights, ends = self.of_draws, [LOWER_QUANTILE, UPPER_QUANTILE]
        if weights is None:
            return np.asarray(np.quantile(values, ends, axis=0))
        return np.asarray(np.quantile(values, ends, axis=0, weights=weights, method="inverted_cdf"))
