"""Effective sample size of a mean, in numpy: answers from a saved forecast must not import ArviZ for it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Of a chain: two in each half, or nothing is known of its spread.
LEAST_DRAWS: Final = 4


def effective_sample_size(values: Array) -> float:
    r"""Return the effective number of independent draws behind the mean of a chain of values.

    Split-chain estimator with Geyer's initial monotone sequence of pairs :math:`\hat P_t`, and the even lag after it,
    :math:`ESS = \frac{MN}{-1 + 2 \sum_{t \le T} \hat P_t + \max(\hat\rho_{2T+2}, 0)}`.

    Parameters
    ----------
    values : ndarray, dims (chain, draw)
        One scalar per draw.

    Returns
    -------
    float
        At most ``M N log10(M N)``; ``M N`` for a constant, whose mean has no error.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), section 3.2.
    """
    return float(effective_sample_sizes(split_chains(values)[None])[0])


def split_chains(values: Array) -> Array:
    """Return the halves of chains as chains of their own, so that a drift within a chain shows.

    Parameters
    ----------
    values : ndarray, dims (..., chain, draw)
        Of an odd number of draws the middle one is left out.

    Returns
    -------
    ndarray, dims (..., chain, draw)
        Twice as many chains.
    """
    half = values.shape[-1] // 2
    return np.concatenate([values[..., :half], values[..., -half:]], axis=-2)


def effective_sample_sizes(chains: Array) -> Array:
    """Return the effective sample size of several scalars at once.

    Parameters
    ----------
    chains : ndarray, dims (scalar, chain, draw)
        Chains that are split already.

    Returns
    -------
    ndarray, dims (scalar,)
        As in ``effective_sample_size``.
    """
    _, count, length = chains.shape
    total = float(count * length)
    lags = _autocovariance(chains) * length / (length - 1)
    within = lags[:, 0]
    pooled = within * (length - 1) / length + chains.mean(axis=2).var(axis=1, ddof=1)
    # Too small a spread for floats is as good as a constant.
    constant = (np.ptp(chains, axis=(1, 2)) == 0.0) | ~(pooled > 0.0)
    correlation = 1.0 - (within[:, None] - lags) / np.where(constant, 1.0, pooled)[:, None]
    correlation[:, 0] = 1.0
    time = -1.0 + _monotone_sequence(correlation)
    return np.where(constant, total, total / np.maximum(time, 1.0 / np.log10(total)))


def _autocovariance(chains: Array) -> Array:
    """Biased autocovariance at every lag, the mean of all chains, by the Fourier transform (which is linear)."""
    length = chains.shape[-1]
    spectrum = np.fft.rfft(chains - chains.mean(axis=-1, keepdims=True), n=2 * length, axis=-1)
    power = (np.square(spectrum.real) + np.square(spectrum.imag)).mean(axis=1)
    return np.asarray(np.fft.irfft(power, axis=-1)[..., :length] / length)


def _monotone_sequence(correlation: Array) -> Array:
    """Return twice the sum of correlations while neighbouring pairs stay positive, pairs made non-increasing.

    Of the pair that ends the sequence the even lag still counts, once, if it is positive.
    """
    even = correlation.shape[1] // 2 * 2
    lags = correlation[:, :even].reshape(len(correlation), -1, 2)
    pairs = lags.sum(axis=2)
    kept = np.logical_and.accumulate(pairs >= 0.0, axis=1)
    ended = ~kept & np.hstack([np.ones((len(kept), 1), dtype=bool), kept[:, :-1]])
    last = np.where(ended, np.maximum(lags[..., 0], 0.0), 0.0).sum(axis=1)
    return np.asarray(2.0 * np.where(kept, np.minimum.accumulate(pairs, axis=1), 0.0).sum(axis=1) + last)
