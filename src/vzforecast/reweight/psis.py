r"""Pareto smoothed importance sampling, in numpy: ArviZ takes five seconds to import, an update a fraction of one.

The largest importance ratios are replaced by expected order statistics of a generalised Pareto distribution fitted to
them. Its shape :math:`\hat k` says how heavy the tail is, and so whether an average over weighted draws can be trusted.

Direction: `smoothed` takes the log ratio of the target to the draws' own distribution, so the log likelihood of what is
*added* enters with a plus (ArviZ's ``psislw`` negates what it is given, which is what leaving data out needs).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from vzforecast.latent import Array

# Fewer points than this give no shape.
_LEAST_TAIL: Final = 5


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Weights after smoothing.

    Attributes
    ----------
    weights : ndarray, dims (sample,)
        They sum to one.
    khat : float
        Shape of the tail of the raw ratios; -inf if they have none (all large ones are equal), inf if it has no shape.
    """

    weights: Array
    khat: float


def khat_limit(draws: int) -> float:
    r"""Return the largest shape with which this many draws may be weighted.

    :math:`\min(1 - 1 / \log_{10} S,\ 0.7)`.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao and Gabry (2024), Pareto smoothed importance sampling, section 3.2.4.

    Examples
    --------
    >>> round(khat_limit(1000), 4), khat_limit(4000)
    (0.6667, 0.7)
    """
    return min(1.0 - 1.0 / math.log10(draws), 0.7)


def smoothed(log_ratio: Array, relative_ess: float = 1.0) -> Smoothed:
    r"""Smooth importance ratios and normalise them.

    Parameters
    ----------
    log_ratio : ndarray, dims (sample,)
        Log density of the target less that of the distribution of the draws; a constant does not matter.
    relative_ess : float, default 1
        Effective share of independent draws among them; fewer give a longer tail.

    Returns
    -------
    Smoothed
        Weights and shape. The tail holds the :math:`\min(S/5,\ 3\sqrt{S/r})` largest ratios; none of them is raised
        above the largest raw one.

    References
    ----------
    Vehtari et al. (2024), section 2.2 and appendix C.
    """
    raw = log_ratio - log_ratio.max()
    tail = math.floor(min(raw.size / 5, 3.0 * math.sqrt(raw.size / relative_ess)))
    if tail < _LEAST_TAIL:
        return Smoothed(_normalised(raw), math.inf)
    order = np.argsort(raw, kind="stable")
    largest, cutoff = order[-tail:], raw[order[-tail - 1]]
    excess = np.exp(raw[largest]) - math.exp(cutoff)
    if excess[-1] <= 0.0:
        return Smoothed(_normalised(raw), -math.inf)
    if _quartile(excess) <= 0.0:
        return Smoothed(_normalised(raw), math.inf)
    shape, scale = fit_pareto(excess)
    middle = (np.arange(tail) + 0.5) / tail
    log_weights = raw.copy()
    log_weights[largest] = np.minimum(np.log(math.exp(cutoff) + _pareto_quantile(middle, shape, scale)), 0.0)
    return Smoothed(_normalised(log_weights), shape)


def fit_pareto(excess: Array) -> tuple[float, float]:
    r"""Return shape and scale of the generalised Pareto distribution behind some excesses.

    The profile likelihood of :math:`\theta = -k/\sigma` is averaged over a grid: a posterior mean under a vague prior.
    The shape is then drawn towards one half with the weight of ten observations.

    Parameters
    ----------
    excess : ndarray, dims (point,)
        Ascending, from 0 up, the first quartile above 0.

    Returns
    -------
    tuple of float
        Shape and scale. A positive shape is a heavy tail.

    References
    ----------
    Zhang and Stephens (2009), A new and efficient estimation method for the generalized Pareto distribution.
    """
    count, points = excess.size, 30 + int(math.sqrt(excess.size))
    grid = 1.0 - np.sqrt(points / (np.arange(points) + 0.5))
    theta = 1.0 / excess[-1] + grid / (3.0 * _quartile(excess))
    shapes = np.log1p(-theta[:, None] * excess).mean(axis=1)
    profile = count * (np.log(-theta / shapes) - shapes - 1.0)
    weight = np.exp(profile - profile.max())
    mean = float(weight @ theta / weight.sum())
    shape = float(np.log1p(-mean * excess).mean())
    return (count * shape + 5.0) / (count + 10.0), -shape / mean


def _quartile(ascending: Array) -> float:
    return float(ascending[math.floor(ascending.size / 4 + 0.5) - 1])


def _pareto_quantile(share: Array, shape: float, scale: float) -> Array:
    if abs(shape) < 1e-12:
        return -scale * np.log1p(-share)
    return np.asarray(scale * np.expm1(-shape * np.log1p(-share)) / shape)


def _normalised(log_weights: Array) -> Array:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())
