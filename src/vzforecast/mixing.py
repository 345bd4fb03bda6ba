"""How well chains mixed, and the verdict: R-hat and effective sample sizes of all scalars of a fit at once, in numpy.

ArviZ takes one scalar at a time, three seconds for the five hundred of a fit, as long as simulating and asking it
together. It is the second route in the tests.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtri

from vzforecast.convergence import ConvergenceReport
from vzforecast.forecast.ess import effective_sample_sizes, split_chains
from vzforecast.names import CHAIN, DRAW, LOWER_QUANTILE, POSTERIOR, SAMPLE_STATS, UPPER_QUANTILE

Array = NDArray[np.float64]

# Scalars that are judged together: few enough that a batch of Fourier transforms stays within tens of megabytes.
_BATCH = 64


@dataclass(frozen=True, eq=False)
class Mixing:
    """Measures of mixing, one a scalar; not a number where a draw is not finite.

    Attributes
    ----------
    rhat : ndarray, dims (scalar,)
        Rank-normalised split R-hat, the larger of the plain and the folded one.
    bulk : ndarray, dims (scalar,)
        Effective sample size of the ranks.
    tail : ndarray, dims (scalar,)
        The smaller of those of the two quantiles that bound intervals.
    """

    rhat: Array
    bulk: Array
    tail: Array


def mixing(values: Array) -> Mixing:
    r"""Return how well the chains of every scalar mixed.

    Draws are replaced by the normal scores of their ranks, :math:`z = \Phi^{-1}\big((r - 3/8) / (S + 1/4)\big)`, and
    R-hat compares the variance of the pooled chains with that within them; folded, :math:`|x - \mathrm{median}|` takes
    the place of x, and different scales show.

    Parameters
    ----------
    values : ndarray, dims (chain, draw, scalar)
        At least four draws of two chains.

    Returns
    -------
    Mixing
        Of every scalar.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Rank-normalization, folding, and localization: an
    improved R-hat, equations 3, 4, 14 and sections 4.1 to 4.3.
    """
    scalars = np.moveaxis(values, 2, 0)
    batches = [scalars[first : first + _BATCH] for first in range(0, len(scalars), _BATCH)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # sorting and Fourier transforms leave Python to others
        rhat, bulk, tail = np.concatenate(list(pool.map(_measured, batches)), axis=1)
    return Mixing(rhat, bulk, tail)


def convergence(tree: xr.DataTree) -> ConvergenceReport:
    """Judge draws: rank-normalised R-hat, bulk and tail ESS, E-BFMI and divergences.

    Parameters
    ----------
    tree : xarray.DataTree
        Groups ``posterior`` and ``sample_stats``.

    Returns
    -------
    ConvergenceReport
        With a verdict.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Rank-normalization, folding, and localization: an
    improved R-hat. Betancourt (2016), Diagnosing suboptimal cotangent disintegrations.
    """
    posterior = tree[POSTERIOR].to_dataset()
    variables = {str(name): _scalars(values) for name, values in posterior.data_vars.items()}
    found = mixing(np.concatenate(list(variables.values()), axis=2))
    ends = np.cumsum([values.shape[2] for values in variables.values()])[:-1]
    columns = {
        "rhat": [float(own.max()) for own in np.split(found.rhat, ends)],
        "ess_bulk": [float(own.min()) for own in np.split(found.bulk, ends)],
        "ess_tail": [float(own.min()) for own in np.split(found.tail, ends)],
    }
    table = pd.DataFrame(columns, index=pd.Index(list(variables), name="variable"))
    stats, draws = tree[SAMPLE_STATS], posterior.sizes[CHAIN] * posterior.sizes[DRAW]
    energy = _bfmi(stats["energy"].transpose(CHAIN, DRAW).to_numpy()).min()
    return ConvergenceReport(table, float(energy), int(stats["diverging"].sum()), draws)


def _bfmi(energies: Array) -> Array:
    """Return the energy Bayesian fraction of missing information of every chain (Betancourt 2016), dims (chain,)."""
    return np.asarray(np.square(np.diff(energies, axis=1)).mean(axis=1) / energies.var(axis=1, ddof=1))


def _measured(chains: Array) -> Array:
    """Return R-hat, bulk and tail size of some scalars, dims (measure, scalar)."""
    finite = np.isfinite(chains).all(axis=(1, 2))
    chains = np.where(finite[:, None, None], chains, 0.0)
    halves = split_chains(chains)
    scores, ordered = _normal_scores(halves)
    median = ordered[:, [(ordered.shape[1] - 1) // 2, ordered.shape[1] // 2]].mean(axis=1)
    folded, _ = _normal_scores(np.abs(halves - median[:, None, None]))
    bounds = np.quantile(chains, (LOWER_QUANTILE, UPPER_QUANTILE), axis=(1, 2), keepdims=True)
    measures = (
        np.maximum(_rhat(scores), _rhat(folded)),
        effective_sample_sizes(scores),
        np.minimum(*(_size_below(chains, bound) for bound in bounds)),
    )
    return np.where(finite, np.stack(measures), np.nan)


def _normal_scores(chains: Array) -> tuple[Array, Array]:
    """Return normal scores of ranks, dims as given, and all draws of a scalar in ascending order.

    Equal draws share the mean of their ranks. So a rank is a whole number or half of one, and all scores that there can
    be are worked out once.
    """
    flat = chains.reshape(len(chains), -1)
    size = flat.shape[1]
    places = np.argsort(flat, axis=1) + np.arange(len(flat))[:, None] * size  # in all scalars laid end to end
    ordered = flat.ravel()[places]
    new = np.diff(ordered, axis=1, prepend=np.nan) != 0.0  # the first of a scalar is equal to none before it
    starts = np.flatnonzero(new)
    equal = np.diff(starts, append=new.size)
    twice_rank = np.repeat(2 * (starts % size) + equal + 1, equal)
    score_of = ndtri((np.arange(2 * size + 1) / 2.0 - 0.375) / (size + 0.25))
    scores = np.empty(flat.size)
    scores[places.ravel()] = score_of[twice_rank]
    return scores.reshape(chains.shape), ordered


def _rhat(chains: Array) -> Array:
    length = chains.shape[2]
    between = length * chains.mean(axis=2).var(axis=1, ddof=1)
    within = chains.var(axis=2, ddof=1).mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # chains that never moved have no R-hat, and fail by it
        return np.asarray(np.sqrt((between / within + length - 1.0) / length))


def _size_below(chains: Array, bound: Array) -> Array:
    """Return the effective size behind a quantile: that of the mean of "not above it"."""
    return effective_sample_sizes(split_chains((chains <= bound).astype(np.float64)))


def _scalars(values: xr.DataArray) -> NDArray[np.float64]:
    """Return every element of a variable, dims (chain, draw, scalar)."""
    ordered = values.transpose(CHAIN, DRAW, ...).to_numpy().astype(np.float64)
    return ordered.reshape(*ordered.shape[:2], -1)
