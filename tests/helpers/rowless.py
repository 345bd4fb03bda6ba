"""A design without rows, whose posterior is its prior, and whether draws are those of that prior."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from helpers.cases import design_of, skeleton
from vzforecast.forecast.ess import effective_sample_sizes, split_chains
from vzforecast.hamiltonian.layout import NAMES
from vzforecast.hamiltonian.target import Prior
from vzforecast.history import Design

Floats = NDArray[np.float64]


def island(*without: str) -> Design:
    return design_of(skeleton().without(*without), "2024-08-15")


@cache
def rowless() -> Design:
    """The design of a case of which nothing was ever observed: its posterior is the prior."""
    full = island()
    return replace(full, data={name: rows if name == "standing" else rows[..., :0] for name, rows in full.data.items()})


def scores(draws: Mapping[str, Floats], prior: Prior) -> Floats:
    """Every number as the normal score of its place in the prior, dims (chain, draw, scalar)."""
    values = [draws[name] for name in NAMES if name in draws]
    flat = np.concatenate([one.reshape(*one.shape[:2], -1) for one in values], axis=2)
    z: Floats = (flat - prior.location) * prior.precision
    z[..., prior.positive] = stats.norm.isf(stats.halfnorm.sf(z[..., prior.positive]))
    return z


def errors(values: Floats, mean: float, variance: float) -> Floats:
    """How far the means over draws are from what they should be, in Monte Carlo errors, dims (scalar,)."""
    sizes = effective_sample_sizes(split_chains(np.moveaxis(values, 2, 0)))
    return (values.mean(axis=(0, 1)) - mean) / np.sqrt(variance / sizes)


STATISTICS: dict[str, tuple[Any, float, float]] = {
    "mean": (lambda z: z, 0.0, 1.0),
    "square": (np.square, 1.0, 2.0),
    **{
        f"{share:.0%} quantile": (lambda z, share=share: 1.0 * (z <= stats.norm.ppf(share)), share, share * (1 - share))
        for share in (0.05, 0.25, 0.5, 0.75, 0.95)
    },
}


def assert_standard_normal(z: Floats, statistic: str) -> None:
    """No scalar is far off, and all together are as far off as chance has it."""
    of, mean, variance = STATISTICS[statistic]
    found = errors(of(z), mean, variance)
    assert np.abs(found).max() < 5.0
    assert np.square(found).mean() < stats.chi2.isf(1e-5, found.size) / found.size
