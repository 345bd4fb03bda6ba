"""Effective sample size of a mean, in numpy: answers from a saved forecast must not import ArviZ for it."""

import numpy as np
from numpy.typing import NDArray


def effective_sample_size(values: NDArray[np.float64]) -> float:
    r"""Return the effective number of independent draws behind the mean of a chain of values.

    Split-chain estimator with Geyer's initial monotone sequence,
    :math:`ESS = \frac{MN}{-1 + 2 \sum_t \hat P_t}`.

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
    half = values.shape[1] // 2
    chains = np.concatenate([values[:, :half], values[:, -half:]])
    count, length = chains.shape
    total = count * length
    if np.ptp(chains) == 0.0:
        return float(total)
    autocovariance = _autocovariance(chains)
    within = autocovariance[:, 0].mean() * length / (length - 1)
    pooled = within * (length - 1) / length + chains.mean(axis=1).var(ddof=1)
    if not pooled > 0.0:  # too small a spread for floats: as good as a constant
        return float(total)
    correlation = 1.0 - (within - autocovariance.mean(axis=0) * length / (length - 1)) / pooled
    correlation[0] = 1.0
    time = -1.0 + 2.0 * _monotone_pairs(correlation).sum()
    return float(total / max(time, 1.0 / np.log10(total)))


def _autocovariance(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Biased autocovariance of each chain at every lag, by the Fourier transform."""
    length = chains.shape[1]
    spectrum = np.fft.rfft(chains - chains.mean(axis=1, keepdims=True), n=2 * length, axis=1)
    return np.asarray(np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :length] / length)


def _monotone_pairs(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sums of neighbouring correlations while they stay positive, made non-increasing."""
    even = len(correlation) // 2 * 2
    pairs = correlation[:even].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    kept = pairs[: negative[0]] if negative.size else pairs
    return np.minimum.accumulate(kept)
