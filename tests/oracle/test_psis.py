"""Pareto smoothed importance sampling against ArviZ, and against answers that are known."""

import math

import numpy as np
import pytest
from arviz_stats.base import array_stats
from numpy.typing import NDArray
from scipy import stats

from vzforecast.reweight.psis import fit_pareto, khat_limit, smoothed

RATIOS = {
    "normal": lambda random: random.standard_normal(4000),
    "wide normal": lambda random: 3.0 * random.standard_normal(4000),
    "Student": lambda random: random.standard_t(4, 1000),
    "exponential": lambda random: 0.5 * random.standard_exponential(2000),
    "bounded": lambda random: np.log(random.random(6000)),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("relative_ess", [1.0, 0.3])
@pytest.mark.parametrize("kind", list(RATIOS))
def test_weights_and_shape_are_those_of_arviz(kind: str, relative_ess: float, seed: int) -> None:
    log_ratio = RATIOS[kind](np.random.default_rng(seed))
    # ArviZ takes the log likelihood of what is left out, and negates it.
    log_weights, khat = array_stats.psislw(-log_ratio, r_eff=relative_ess)
    expected = np.exp(log_weights - log_weights.max())
    found = smoothed(log_ratio, relative_ess)
    assert found.khat == pytest.approx(float(khat), abs=1e-6)
    np.testing.assert_allclose(found.weights, expected / expected.sum(), rtol=1e-6, atol=1e-12)


def test_adding_an_observation_moves_a_normal_mean_towards_it() -> None:
    # Prior N(0, 1), one observation y = 1 with sd 1: posterior N(1/2, 1/2). The direction is the point of this test.
    theta = np.random.default_rng(1).standard_normal(100_000)
    found = smoothed(-0.5 * (1.0 - theta) ** 2)
    mean = float(found.weights @ theta)
    assert mean == pytest.approx(0.5, abs=0.02)
    assert float(found.weights @ (theta - mean) ** 2) == pytest.approx(0.5, abs=0.02)
    assert found.khat < khat_limit(theta.size)


def test_seven_of_ten_moves_beta_to_nine_fourteenths() -> None:
    # oracles.md: Beta(2, 2) with 7 of 10 gives mean 9/14.
    share = np.random.default_rng(2).beta(2.0, 2.0, 200_000)
    found = smoothed(stats.binom.logpmf(7, 10, share))
    assert float(found.weights @ share) == pytest.approx(9 / 14, abs=0.003)


def test_limits_of_the_shape() -> None:
    # oracles.md: .6667 for 1,000 draws and .7 for 4,000.
    assert khat_limit(1000) == pytest.approx(0.6667, abs=1e-4)
    assert khat_limit(4000) == 0.7


@pytest.mark.parametrize("shape", [-0.3, 0.2, 0.8])
def test_a_pareto_tail_is_found_again(shape: float) -> None:
    excess = np.sort(stats.genpareto.rvs(shape, scale=2.0, size=20_000, random_state=3))
    found = fit_pareto(excess)
    assert found == pytest.approx((shape, 2.0), abs=0.04)


def test_heavy_ratios_are_refused_and_light_ones_are_not() -> None:
    random = np.random.default_rng(4)
    heavy = np.log(stats.pareto.rvs(1.0, size=4000, random_state=random))  # k = 1: no mean
    assert smoothed(heavy).khat > khat_limit(4000)
    assert smoothed(np.log(stats.pareto.rvs(4.0, size=4000, random_state=random))).khat < khat_limit(4000)


def test_equal_ratios_leave_all_draws_alike_and_have_no_tail() -> None:
    found = smoothed(np.full(1000, -3.7))
    assert found.khat == -math.inf
    np.testing.assert_array_equal(found.weights, np.full(1000, 1e-3))


def test_too_few_draws_for_a_shape_are_not_trusted() -> None:
    assert smoothed(np.array([0.0, -1.0, -2.0])).khat == math.inf


def test_a_few_giants_on_a_flat_tail_are_not_trusted() -> None:
    log_ratio = np.zeros(4000)
    log_ratio[:5] = 40.0
    assert smoothed(log_ratio).khat == math.inf


def _sums(weights: NDArray[np.float64]) -> float:
    return float(weights.sum())


@pytest.mark.parametrize("shift", [-800.0, 0.0, 800.0])
def test_a_constant_does_not_matter(shift: float) -> None:
    log_ratio = np.random.default_rng(5).standard_normal(2000)
    moved, plain = smoothed(log_ratio + shift), smoothed(log_ratio)
    np.testing.assert_allclose(moved.weights, plain.weights, rtol=1e-9)
    assert _sums(moved.weights) == pytest.approx(1.0)
