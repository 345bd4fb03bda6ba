"""Intervals of mean scores when the forecasts of one question stand or fall together."""

from statistics import NormalDist
from typing import Final

import numpy as np

from vzforecast.names import INTERVAL_MASS, LOWER_QUANTILE, UPPER_QUANTILE
from vzforecast.scoring.judged import Ints
from vzforecast.scoring.rules import Floats

RESAMPLES: Final = 2_000
# With more blocks the bootstrap distribution of a mean is normal for all that an interval shows, and its standard
# deviation is known without resampling.
MOST_RESAMPLED: Final = 2_000
_CHUNK: Final = 2_000_000  # numbers drawn at a time, to bound memory


def block_interval(scores: Floats, block: Ints, seed: int) -> Floats:
    """Return the 90 % interval of mean scores, by resampling whole blocks.

    Blocks are drawn with replacement, as many as there are, and the mean is taken over the rows of those drawn: the 5
    and 95 % points of 2,000 such means. With more than 2,000 blocks their normal limit is used, in which the mean has
    the standard error sqrt(sum over blocks of (sum over rows of (score - mean))^2) / n.

    Parameters
    ----------
    scores : numpy.ndarray, dims (row, score)
        Scores of each forecast.
    block : numpy.ndarray of int, dims (row)
        The block of each.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    numpy.ndarray, dims (end, score)
        Lower and upper end; NaN if there are fewer than two blocks, which say nothing about how much blocks differ.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall, chapter 13. Field, C. A.
    and Welsh, A. H. (2007). Bootstrapping clustered data. Journal of the Royal Statistical Society B 69, 369-390.
    """
    sums = _sums(scores, block)
    blocks, kinds = sums.shape[1], sums.shape[0] - 1
    if blocks < 2:
        return np.full((2, kinds), np.nan)
    if blocks > MOST_RESAMPLED:
        return _limit(sums)
    totals = sums[:, np.lexsort(sums)].T  # who draws which block depends on nothing but the sums
    rng = np.random.default_rng(seed)
    means = np.empty((RESAMPLES, kinds))
    step = max(1, _CHUNK // blocks)
    for begin in range(0, RESAMPLES, step):
        size = min(step, RESAMPLES - begin)
        drawn = totals[rng.integers(blocks, size=(size, blocks))].sum(axis=1)
        means[begin : begin + size] = drawn[:, 1:] / drawn[:, :1]
    return np.quantile(means, [LOWER_QUANTILE, UPPER_QUANTILE], axis=0)


def _sums(scores: Floats, block: Ints) -> Floats:
    """Return the number of rows and the sum of each score by block, dims (1 + score, block)."""
    sums = np.stack([np.bincount(block), *(np.bincount(block, weights=column) for column in scores.T)])
    return sums[:, sums[0] > 0.0]  # other forecasters may have blocks that this one has not


def _limit(sums: Floats) -> Floats:
    n = sums[:1].sum()
    mean = _sum(sums[1:]) / n
    error = np.sqrt(_sum((sums[1:] - sums[:1] * mean[:, None]) ** 2)) / n
    reach = NormalDist().inv_cdf(0.5 + INTERVAL_MASS / 2) * error
    return np.stack([mean - reach, mean + reach])


def _sum(numbers: Floats) -> Floats:
    """Return sums over blocks that are the same to the last digit in whatever order the blocks come."""
    return np.sort(numbers, axis=1).sum(axis=1)
