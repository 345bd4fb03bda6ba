"""Effective sample size of a mean, against ArviZ and against what is known of autoregressions."""

import numpy as np
import pytest
from arviz_stats import ess
from numpy.typing import NDArray

from vzforecast.forecast.ess import effective_sample_size


def autoregression(rho: float, chains: int, draws: int, seed: int = 1) -> NDArray[np.float64]:
    """Stationary, unit variance."""
    steps = np.random.default_rng(seed).standard_normal((chains, draws))
    values = steps.copy()
    for t in range(1, draws):
        values[:, t] = rho * values[:, t - 1] + np.sqrt(1 - rho**2) * steps[:, t]
    return values


@pytest.mark.parametrize("rho", [-0.9, -0.5, 0.0, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize(("chains", "draws", "within"), [(4, 1000, 0.01), (2, 300, 0.03), (4, 51, 0.08)])
def test_equals_arviz(rho: float, chains: int, draws: int, within: float) -> None:
    values = autoregression(rho, chains, draws)
    assert effective_sample_size(values) == pytest.approx(float(ess(values, method="mean")), rel=within)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_equals_theory(rho: float) -> None:
    # Of an autoregression the mean of n draws is worth n (1 - rho) / (1 + rho) independent ones.
    found = np.mean([effective_sample_size(autoregression(rho, 4, 5000, seed)) for seed in range(20)])
    assert found == pytest.approx(20_000 * (1 - rho) / (1 + rho), rel=0.05)


def test_chains_that_disagree_are_worth_little() -> None:
    values = autoregression(0.0, 4, 1000) + np.array([[0.0], [0.0], [5.0], [5.0]])
    assert effective_sample_size(values) < 20


def test_a_chain_that_drifts_is_worth_little() -> None:
    values = autoregression(0.0, 1, 1000) + np.linspace(0.0, 10.0, 1000)
    assert effective_sample_size(values) < 20


def test_the_mean_of_a_constant_has_no_error() -> None:
    assert effective_sample_size(np.full((4, 100), 0.3)) == 400.0


def test_an_odd_number_of_draws_leaves_the_middle_out() -> None:
    values = autoregression(0.5, 2, 301)
    moved = values.copy()
    moved[:, 150] = 1e6
    assert effective_sample_size(moved) == effective_sample_size(values)


@pytest.mark.parametrize("draws", [4, 5, 10, 20])
@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.9])
def test_of_a_short_chain_it_is_finite_and_bounded(draws: int, rho: float) -> None:
    total = 2 * 2 * (draws // 2)
    for seed in range(20):
        found = effective_sample_size(autoregression(rho, 2, draws, seed))
        assert 1.0 <= found <= total * np.log10(total) * (1 + 1e-12)


def test_shift_and_scale_change_nothing() -> None:
    values = autoregression(0.6, 4, 400)
    assert effective_sample_size(1e-3 * values + 0.2) == pytest.approx(effective_sample_size(values), rel=1e-9)
