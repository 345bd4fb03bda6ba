r"""Are shares uniform between 0 and 1? An exact test on their whole distribution function.

The number of N uniform shares at or below :math:`z_i = i/K` is binomial. Säilynoja, Bürkner and Vehtari (2022) draw
an envelope around the empirical distribution function in which every point has the same chance of being inside by
itself, and choose that chance so that the whole function is inside with the probability wanted. Here the question is
turned round: how narrow an envelope would just be touched, and how often would a uniform sample touch it? That is a
p-value.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from vzforecast.latent import Array

MOST_POINTS = 100
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Grid:
    """What is the same for all samples of one size: points, and how unusual each count is at each of them.

    ``unusual`` has dims (point, count): twice the smaller tail probability, the count itself in both.
    """

    points: Array
    unusual: Array


@cache
def _grid(size: int) -> _Grid:
    number = min(size, MOST_POINTS)
    points = np.arange(1, number) / number
    counts = np.arange(size + 1)
    lower = stats.binom.cdf(counts, size, points[:, None])
    upper = stats.binom.sf(counts - 1, size, points[:, None])
    return _Grid(points, 2.0 * np.minimum(lower, upper))


def uniformity(share: Array) -> float:
    """Return the exact p-value of the envelope test that shares are uniform.

    Parameters
    ----------
    share : ndarray, dims (replication,)
        Between 0 and 1.

    Returns
    -------
    float
        Chance that a uniform sample of this size strays as far from the diagonal at its worst point.

    References
    ----------
    Säilynoja, Bürkner and Vehtari (2022), Graphical test for discrete uniformity and its applications in
    goodness-of-fit evaluation and multiple sample comparison, Statistics and Computing 32.
    """
    grid = _grid(share.size)
    counts = np.searchsorted(np.sort(share), grid.points, side="right")
    return _chance_as_unusual(share.size, float(grid.unusual[np.arange(len(counts)), counts].min()))


@lru_cache(maxsize=4096)
def _chance_as_unusual(size: int, worst: float) -> float:
    """Return the chance that some count of a uniform sample is as unusual; there are few values that it can have."""
    grid = _grid(size)
    # What is exactly as unusual counts as touching, whatever the last digit of its tail probability says.
    inside = grid.unusual > worst * (1.0 + 1e-9)
    return float(np.clip(1.0 - _chance_inside(inside), 0.0, 1.0))


def envelope(size: int, probability: float = 0.99) -> tuple[Array, Counts, Counts]:
    """Return the envelope within which the distribution function of a uniform sample lies as a whole.

    Parameters
    ----------
    size : int
        Size of the sample.
    probability : float, default 0.99
        Least probability that all points are inside.

    Returns
    -------
    points : ndarray, dims (point,)
        Shares at which the function is looked at.
    lower, upper : ndarray of int, dims (point,)
        Smallest and largest number of the sample at or below each that is inside.
    """
    grid = _grid(size)
    levels = np.unique(grid.unusual)
    first, last = 0, len(levels) - 1
    while first < last:  # the widest level that still keeps the probability
        middle = (first + last + 1) // 2
        if _chance_inside(grid.unusual >= levels[middle]) >= probability:
            first = middle
        else:
            last = middle - 1
    inside = grid.unusual >= levels[first]
    upper = inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    return grid.points, inside.argmax(axis=1), upper


def chi_square(share: Array, bins: int = 10) -> float:
    """Return the p-value of the chi-square test on equal bins: weaker in the tails, but known to all."""
    return float(stats.chisquare(np.histogram(share, bins=bins, range=(0.0, 1.0))[0]).pvalue)


def whole(share: Array) -> float:
    """Return the p-value that the scalars of a block, taken together, are neither biased nor too wide or too narrow.

    What is slightly wrong everywhere shows in no scalar by itself. Per data set two means over scalars are taken, of
    the shares and of their squared distance from the middle; data sets are independent, however scalars hang together,
    so the means of these means are judged by t-tests, the smaller p-value counted twice.

    Parameters
    ----------
    share : ndarray, dims (replication, scalar)
        Between 0 and 1.

    Returns
    -------
    float
        Approximate: of five scalars that are independent and thirty data sets, up to a third too small in its far tail.
    """
    away, count = share - 0.5, len(share)
    measures = np.stack([away.mean(axis=1), (12.0 * away**2 - 1.0).mean(axis=1)])
    ratio = np.abs(measures.mean(axis=1)) * np.sqrt(count) / measures.std(axis=1, ddof=1)
    return float(min(1.0, 4.0 * stats.t.sf(ratio.max(), count - 1)))


def _chance_inside(inside: NDArray[np.bool_]) -> float:
    """Return the chance that a uniform sample has a count that is inside at every point.

    Counts between neighbouring points are independent Poisson variables given that they sum to the size.
    """
    points, size = inside.shape[0] + 1, inside.shape[1] - 1
    step = stats.poisson.pmf(np.arange(size + 1), size / points)
    chance = np.zeros(size + 1)
    chance[0] = 1.0
    for allowed in inside:
        chance = np.convolve(chance, step)[: size + 1] * allowed
    return float(np.convolve(chance, step)[size] / stats.poisson.pmf(size, size))
