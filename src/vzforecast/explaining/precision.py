"""Monte Carlo error of whatever is a smooth function of weighted means over draws (the delta method)."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from vzforecast.forecast import Forecast
from vzforecast.forecast.ess import effective_sample_size
from vzforecast.latent import Array

# A figure counts as clear of its Monte Carlo error from so many of it on; below so little, in points or bits, it is
# rounding: nothing is clear of nothing, also where there is no error.
ERRORS: Final = 2.0
ROUNDING: Final = 1e-9


def clear(figure: float, error: float) -> bool:
    """Tell whether a figure is at least twice its Monte Carlo error, and more than rounding: the rule of every table.

    Parameters
    ----------
    figure, error : float
        In points of probability, or bits; NaN is never clear.

    Returns
    -------
    bool
        Whether to read anything into the figure.

    Examples
    --------
    >>> clear(-1.0, 0.5), clear(0.9, 0.5), clear(0.0, 0.0)
    (True, False, False)
    """
    return bool(abs(figure) >= max(ERRORS * error, ROUNDING))


def even_or(weights: Array | None, draws: int) -> Array:
    """Return weights of draws that sum to one, even ones if none are given."""
    return np.full(draws, 1.0 / draws) if weights is None else weights / weights.sum()


def standard_error(fc: Forecast, *parts: tuple[Array, Array]) -> float:
    r"""Return the Monte Carlo standard error of a sum of weighted means over the draws of a forecast.

    A weighted mean :math:`\sum_j w_j x_j` of self-normalised weights errs to first order as the plain mean of
    :math:`S w_j (x_j - \bar x)` does. Terms of several means are added draw by draw before the error is taken, so that
    what they have in common cancels: the difference of two weightings of the same draws errs less than either.

    Parameters
    ----------
    fc : Forecast
        Whose draws they are: chain after chain, fit after fit.
    *parts : tuple of (ndarray, ndarray), dims (sample,)
        Weights that sum to one, and values.

    Returns
    -------
    float
        In the unit of the values.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao and Gabry (2024), Pareto smoothed importance sampling, section 2.1.
    """
    terms = [_terms(fc, weights, values) for weights, values in parts]
    fits = np.sum(terms, axis=0).reshape(fc.readings, fc.chains // fc.readings, -1)
    return float(np.sqrt(sum(float(fit.var()) / effective_sample_size(fit) for fit in fits)) / len(fits))


def mean_by_fit(fc: Forecast, weights: Array, values: Array) -> Array:
    """Return the weighted mean of the fit that each draw is of, dims (sample,); 0 of a fit without weight."""
    weight, value = (array.reshape(fc.readings, -1) for array in (weights, values))
    whole = weight.sum(axis=1)
    mean = (weight * value).sum(axis=1) / np.where(whole > 0.0, whole, 1.0)
    return np.repeat(mean, weight.shape[1])


def errors(fc: Forecast, weights: Array, columns: Iterable[Array]) -> Array:
    """Return the standard error of the weighted mean of each column of values."""
    return np.array([standard_error(fc, (weights, values)) for values in columns])


def _terms(fc: Forecast, weights: Array, values: Array) -> Array:
    """Return what each draw adds, centred within its fit: chains of one fit are not to agree with another's."""
    return np.asarray(weights.size * weights * (values - mean_by_fit(fc, weights, values)))
