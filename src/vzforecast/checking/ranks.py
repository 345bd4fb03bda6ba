"""Ranks of a truth among posterior draws: the raw material of simulation-based calibration. Knows no model."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from vzforecast import names
from vzforecast.forecast.ess import effective_sample_size
from vzforecast.latent import Array, Draws

SCALAR_INDEX = ["variable", "coordinate"]
# From the number of a data set to the draws of the model fitted to it (and the sampler's statistics, if there).
Fit = Callable[[int], xr.DataTree]
# From draws (leading dim sample) and the number of a data set to further scalars of each draw, by (variable, label).
Quantities = Callable[[Draws, int], Mapping[tuple[str, str], Array]]


@dataclass(frozen=True, eq=False)
class Ranks:
    """Where each truth lies among the draws of the fit to its data.

    Attributes
    ----------
    scalars : MultiIndex
        ``variable`` and ``coordinate`` of every scalar.
    share : ndarray, dims (replication, scalar)
        Rank as a share, between 0 and 1; uniform if the inference is calibrated.
    ess : ndarray, dims (replication, scalar)
        Effective number of draws behind each rank.
    divergent : ndarray of bool, dims (replication,)
        Whether the fit had a divergent transition.
    """

    scalars: pd.MultiIndex
    share: Array
    ess: Array
    divergent: np.typing.NDArray[np.bool_]


def simulated_ranks(
    truths: xr.Dataset,
    fit: Fit,
    *,
    seed: int,
    quantities: Quantities | None = None,
    progress: Callable[[float], None] | None = None,
) -> Ranks:
    """Fit every simulated data set and rank the parameters that made it among the draws.

    Parameters
    ----------
    truths : Dataset
        Parameters by name, the first dim numbering the data sets; labels of the other dims become coordinates.
    fit : callable
        From the number of a data set to draws, dims (chain, draw, ...).
    seed : int
        Of the ties and of the place within a rank.
    quantities : callable, optional
        Further scalars to rank, functions of the parameters and the data. The log likelihood is the one to take: a
        posterior that ignored the data would pass on the parameters alone.
    progress : callable, optional
        Takes the share done, 0 to 1.

    Returns
    -------
    Ranks
        Of every scalar in every data set.

    References
    ----------
    Talts, Betancourt, Simpson, Vehtari and Gelman (2018), Validating Bayesian inference algorithms with
    simulation-based calibration. Modrák, Moon, Kim, Bürkner, Huurre, Faltejsková, Gelman and Vehtari (2023),
    Simulation-based calibration checking for Bayesian computation: the choice of test quantities shapes sensitivity.
    """
    rng = np.random.default_rng(seed)
    found, divergent, labels = [], [], list(_labels(truths))
    count = next(iter(truths.values())).shape[0]
    for number in range(count):
        tree = fit(number)
        truth = {str(name): values.to_numpy()[[number]] for name, values in truths.items()}
        draws, true = _scalars(truth, tree, labels)
        if quantities is not None:
            more, truer = (quantities(one, number) for one in (_stacked(tree), truth))
            labels = [*labels[: true.size], *more]
            chains = draws.shape[0]
            draws = np.concatenate([draws, *(v.reshape(chains, -1, 1) for v in more.values())], axis=2)
            true = np.concatenate([true, *(truer[name] for name in more)])
        found.append(rank_shares(draws, true, rng))
        divergent.append("sample_stats" in tree and bool(tree[names.SAMPLE_STATS]["diverging"].any()))
        if progress is not None:
            progress((number + 1) / count)
    share, ess = (np.stack(values) for values in zip(*found, strict=True))
    return Ranks(pd.MultiIndex.from_tuples(labels, names=SCALAR_INDEX), share, ess, np.array(divergent))


def rank_shares(draws: Array, truth: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    r"""Return the rank of each truth among its draws as a share of all ranks, and the effective draws behind it.

    :math:`(r + V) / (L + 1)` with r of L thinned draws below the truth and V uniform on (0, 1): uniform whatever L, so
    that every scalar is thinned by its own effective sample size. Draws equal to the truth, which rounding may bring,
    count as below it or not with even odds for every split.

    Parameters
    ----------
    draws : ndarray, dims (chain, draw, scalar)
        From the posterior.
    truth : ndarray, dims (scalar,)
        What the data were simulated from.
    rng : Generator
        Breaks ties.

    Returns
    -------
    share : ndarray, dims (scalar,)
        Ranks as shares of all ranks.
    ess : ndarray, dims (scalar,)
        Effective draws, at most the number of draws.
    """
    chains, length, scalars = draws.shape
    total = chains * length
    share, ess = np.empty(scalars), np.empty(scalars)
    for place in range(scalars):
        own = draws[..., place]
        ess[place] = min(effective_sample_size(own), total)
        thin = own[:, :: max(1, int(np.ceil(total / ess[place])))]
        below, equal = int((thin < truth[place]).sum()), int((thin == truth[place]).sum())
        share[place] = (below + rng.integers(equal + 1) + rng.random()) / (thin.size + 1)
    return share, ess


def _labels(truths: xr.Dataset) -> Iterator[tuple[str, str]]:
    """Yield name and coordinates of every element of every parameter."""
    for name, values in truths.items():
        labels = [
            list(map(str, values[dim].to_numpy())) if dim in values.coords else list(map(str, range(size)))
            for dim, size in zip(values.dims[1:], values.shape[1:], strict=True)
        ]
        for place in np.ndindex(*values.shape[1:]):
            yield str(name), ", ".join(own[i] for own, i in zip(labels, place, strict=True))


def _scalars(truth: Draws, tree: xr.DataTree, labels: list[tuple[str, str]]) -> tuple[Array, Array]:
    """Return the draws, dims (chain, draw, scalar), and the truth, dims (scalar,), of all parameters side by side."""
    posterior = tree[names.POSTERIOR]
    values: list[Any] = [
        posterior[name].to_numpy() for name in dict.fromkeys(name for name, _ in labels if name in truth)
    ]
    draws = np.concatenate([own.reshape(*own.shape[:2], -1) for own in values], axis=2)
    return draws, np.concatenate([own.ravel() for own in truth.values()])


def _stacked(tree: xr.DataTree) -> dict[str, Array]:
    variables = tree[names.POSTERIOR].data_vars
    return {str(name): v.to_numpy().reshape(-1, *v.shape[2:]) for name, v in variables.items()}
