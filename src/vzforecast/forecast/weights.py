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

    def of_each_path(self, draws: int, paths: int) -> Array:
        """Return the weight of every path, dims (sample, path), summing to one, whatever differs."""
        if self.of_paths is not None:
            return self.of_paths
        if self.of_draws is None:
            return np.full((draws, paths), 1.0 / (draws * paths))
        return np.repeat(self.of_draws[:, None] / paths, paths, axis=1)

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
            # A product counts in half the time of a mean, and whole numbers that small are exact in it.
            share = (happened.astype(np.float32) @ np.ones(paths, np.float32)).astype(np.float64) / paths
            return share, share * (1.0 - share) / (paths - 1)
        total, squared, counting = self._within_draws
        share = (self.path * happened).sum(axis=1) / total  # of one sum: exactly one where it happens throughout
        squares = (squared * (happened - share[:, None]) ** 2).sum(axis=1)
        return share, _noise(squares, counting)

    @cached_property
    def _within_draws(self) -> tuple[Array, Array, NDArray[np.int64]]:
        """Of weights of paths: their sum in each draw, their squared shares of it, and how many paths count."""
        path = np.asarray(self.path)
        total = path.sum(axis=1)
        total = np.where(total > 0.0, total, 1.0)
        return total, (path / total[:, None]) ** 2, np.count_nonzero(path, axis=1)

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
        columns = values.reshape(len(values), -1).T
        found = [_quantiles(column[weights > 0.0], weights[weights > 0.0], ends) for column in columns]
        return np.stack(found, axis=1).reshape(len(ends), *values.shape[1:])


def _quantiles(values: Array, weights: Array, ends: list[float]) -> Array:
    """Interpolate between the middles of the steps of the distribution function; of even weights, numpy's quantiles."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - weights[order] / 2.0
    return np.interp(ends, (middle - middle[0]) / max(middle[-1] - middle[0], np.finfo(float).tiny), values[order])


def _noise(squares: Array, paths: NDArray[np.int64]) -> Array:
    """Return the variance of shares of so many paths, from the squares of what each path adds.

    A draw with one path that counts tells nothing about it: it is given what the others have a path, pooled.
    """
    several = paths > 1
    noise = np.where(several, squares * paths / np.maximum(paths - 1, 1), 0.0)
    if several.any() and not several.all():
        pooled = (squares * paths**2)[several].sum() / (paths[several] - 1).sum()
        noise[paths == 1] = pooled
    return noise
