"""The draws of a forecast, weighted otherwise: weights, whether they can be trusted, and how far they err."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vzforecast.explaining.precision import even_or, mean_by_fit, standard_error
from vzforecast.forecast import Forecast
from vzforecast.latent import Array


@dataclass(frozen=True, eq=False)
class Left:
    """The draws of a forecast without some rows.

    Attributes
    ----------
    weights : ndarray, dims (sample,)
        They sum to one.
    khat : float
        Shape of the tail of the importance ratios, the largest of the fits that are pooled.
    safe : bool
        Whether k-hat is below its limit in each of them, so that the weights can be trusted.
    rows : ndarray, dims (sample,), or None
        Weights by rows alone, each fit counting as in `weights`, where judgements of events move what the fits of a
        pool count: how they differ says how well that is known. None if nothing moves it.
    """

    weights: Array
    khat: float
    safe: bool
    rows: Array | None = None


@dataclass(frozen=True, eq=False)
class Mean:
    """A mean over the weighted draws of a forecast.

    Attributes
    ----------
    fc : Forecast
        Whose draws they are.
    left : Left
        How they are weighted.
    values : ndarray, dims (sample,)
        What is averaged.
    """

    fc: Forecast
    left: Left
    values: Array

    @cached_property
    def value(self) -> float:
        """The mean."""
        return float(self.left.weights @ self.values)

    @cached_property
    def error(self) -> float:
        """Its Monte Carlo standard error."""
        return standard_error(self.fc, *self.terms())

    def less(self, other: "Mean") -> tuple[float, float]:
        """Return by how much this mean is above another, and the Monte Carlo error of that.

        Parameters
        ----------
        other : Mean
            Over the same draws, so that what both have in common cancels; or over those of another fit, which errs
            independently.

        Returns
        -------
        tuple of float
            In the unit of the values.
        """
        if self.fc.posterior is other.fc.posterior:
            error = standard_error(self.fc, *self.terms(), *other.terms(-1.0))
        else:
            error = float(np.hypot(self.error, other.error))
        return self.value - other.value, error

    def terms(self, sign: float = 1.0) -> Iterator[tuple[Array, Array]]:
        r"""Yield the parts that `standard_error` takes of the mean, or of its negative.

        The mean over a pool is :math:`\sum_f D_f u_f m_f / \sum_f D_f u_f`, where fit f counts :math:`D_f` by
        declaration, stacking or news and :math:`u_f` is the mean weight that judgements give its paths. That is
        estimated, too: :math:`m_f` less the mean of the pool is multiplied by :math:`w_j - r_j`, *r* being the weights
        by rows alone (the delta method).

        Parameters
        ----------
        sign : float, default 1
            1 or -1.

        Yields
        ------
        tuple of ndarray, dims (sample,)
            Weights that sum to one, and values.
        """
        weights, values, rows = self.left.weights, sign * self.values, self.left.rows
        yield weights, values
        if rows is not None:
            gap = mean_by_fit(self.fc, weights, values) - weights @ values
            yield even_or(None, values.size), values.size * (weights - rows) * gap


def as_it_is(fc: Forecast) -> Left:
    """Return the draws of a forecast with everything in: nothing is left out.

    Parameters
    ----------
    fc : Forecast
        Any.

    Returns
    -------
    Left
        Its own weights; there is no k-hat.
    """
    weights = even_or(fc.weights.of_draws, fc.simulated.draws)
    return Left(weights, np.nan, safe=True, rows=rows_alone(fc, even_or(fc.weights.draw, weights.size), weights))


def rows_alone(fc: Forecast, rows: Array, weights: Array) -> Array | None:
    """Return weights by rows with each fit counting as in others; None where judgements do not move that.

    Parameters
    ----------
    fc : Forecast
        Whose draws they are.
    rows : ndarray, dims (sample,)
        Weights without what was judged, up to a factor of each fit.
    weights : ndarray, dims (sample,)
        Weights with it, summing to one.

    Returns
    -------
    ndarray, dims (sample,), or None
        As ``Left.rows``.
    """
    if fc.readings == 1 or fc.weights.path is None:
        return None
    own, whole = (array.reshape(fc.readings, -1) for array in (rows, weights))
    total = own.sum(axis=1, keepdims=True)
    return np.asarray((own * whole.sum(axis=1, keepdims=True) / np.where(total > 0.0, total, 1.0)).ravel())
