"""Whether draws of two samplers are of one posterior: means of all scalars, as far apart as chance puts them."""

import numpy as np
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.forecast import Forecast
from vzforecast.forecast.ess import effective_sample_sizes, split_chains

Floats = NDArray[np.float64]


def scalars(forecast: Forecast) -> Floats:
    """Every free number of the model, dims (scalar, chain, draw)."""
    posterior = forecast.posterior[names.POSTERIOR].to_dataset().drop_vars("influence")
    values = [posterior[name].to_numpy() for name in sorted(map(str, posterior.data_vars))]
    flat = [one.reshape(*one.shape[:2], -1) for one in values]
    return np.moveaxis(np.concatenate(flat, axis=2), 2, 0)


def mean_and_variance(values: Floats) -> tuple[Floats, Floats]:
    """Mean of every scalar, and the square of its Monte Carlo error."""
    return values.mean(axis=(1, 2)), values.var(axis=(1, 2)) / effective_sample_sizes(split_chains(values))


def assert_as_far_as_chance(one: Floats, other: Floats) -> None:
    """Means of all scalars differ as much as those of two fits of the same rows, no more and no less."""
    (first, error), (second, other_error) = mean_and_variance(one), mean_and_variance(other)
    apart = (first - second) / np.sqrt(error + other_error)
    assert apart.size > 500
    assert np.abs(apart).max() < 5.0
    assert 0.6 < np.square(apart).mean() < 1.5  # scalars are not independent, so the mean wavers


def spreads(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Squares of both around the means of the second, whose means are the spreads."""
    middle = other.mean(axis=(1, 2), keepdims=True)
    return np.square(one - middle), np.square(other - middle)
