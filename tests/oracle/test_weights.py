"""Weighted draws and paths: against repeating draws, against simulation, and against published networks."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from vzforecast.forecast.judgement import log_odds, marginal_ratio, pooled_with_market, virtual_weights
from vzforecast.forecast.probability import Probability, parameter_probability, path_probability
from vzforecast.forecast.weights import Weights

CHAINS = 4


def shares(draws: int, paths: int, seed: int = 1) -> NDArray[np.bool_]:
    random = np.random.default_rng(seed)
    return random.random((draws, paths)) < random.beta(2.0, 4.0, draws)[:, None]


def estimate(happened: NDArray[np.bool_], weights: Weights, chains: int = CHAINS) -> Probability:
    return path_probability(happened, chains, ok=True, weights=weights)


def test_even_weights_change_nothing() -> None:
    happened = shares(2000, 25)
    plain = estimate(happened, Weights())
    even = estimate(happened, Weights(np.full(2000, 1 / 2000), np.ones((2000, 25))))
    for part in ("mean", "lower", "upper", "mcse", "ess"):
        assert getattr(even, part) == pytest.approx(getattr(plain, part), rel=1e-9), part


def test_a_weight_of_two_is_a_draw_that_stands_twice() -> None:
    happened, count = shares(1000, 25), np.random.default_rng(2).integers(0, 4, 1000)
    repeated = path_probability(np.repeat(happened, count, axis=0), 1, ok=True)
    weighted = estimate(happened, Weights(count / count.sum()))
    assert weighted.mean == pytest.approx(repeated.mean, rel=1e-12)
    assert weighted.lower == pytest.approx(repeated.lower, rel=1e-9)
    assert weighted.upper == pytest.approx(repeated.upper, rel=1e-9)


@pytest.mark.parametrize("sigma", [0.3, 1.0])
def test_the_monte_carlo_error_is_that_of_repeated_runs(sigma: float) -> None:
    # Draws whose probability and weight go together: the error of the weighted mean over many independent samples.
    found, errors = [], []
    for seed in range(400):
        random = np.random.default_rng(seed)
        theta = random.standard_normal(1000)
        happened = random.random((1000, 10)) < 1.0 / (1.0 + np.exp(-theta - 1.0))[:, None]
        weight = np.exp(sigma * theta)
        one = estimate(happened, Weights(weight / weight.sum()))
        found.append(one.mean)
        errors.append(one.mcse)
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.1)


def test_uneven_weights_cost_effective_draws() -> None:
    happened = shares(2000, 25)
    weight = np.random.default_rng(3).lognormal(0.0, 1.0, 2000)
    plain, weighted = estimate(happened, Weights()), estimate(happened, Weights(weight / weight.sum()))
    assert weighted.mcse > plain.mcse
    assert weighted.ess == pytest.approx(2000 / np.exp(1.0), rel=0.3)  # exp(-sigma^2) of them, as if independent


def test_path_weights_shift_the_paths_of_every_draw_and_the_draws_themselves() -> None:
    # Two draws, p = 0.5 and 0.25, ratio 3: per draw 3p / (3p + 1 - p); draws count by 1 + 2p.
    happened = np.array([[True, True, False, False], [True, False, False, False]])
    weights = Weights(path=virtual_weights(happened, 3.0))
    np.testing.assert_allclose(weights.shares(happened)[0], [0.75, 0.5])
    np.testing.assert_allclose(weights.of_draws, np.array([2.0, 1.5]) / 3.5)
    p = 0.375
    assert float(weights.mean(weights.shares(happened)[0])) == pytest.approx(3 * p / (3 * p + 1 - p))


def test_weighted_paths_sum_to_one_and_agree_with_the_draws() -> None:
    happened, draw = shares(50, 8), np.random.default_rng(4).random(50)
    weights = Weights(draw / draw.sum(), virtual_weights(happened, 5.0))
    of_paths = weights.of_paths
    assert of_paths is not None
    assert of_paths.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(of_paths.sum(axis=1), weights.of_draws, rtol=1e-12)
    assert float(weights.mean(weights.shares(happened)[0])) == pytest.approx(float((of_paths * happened).sum()))


def test_what_holds_everywhere_is_certain_to_the_last_digit() -> None:
    weight = np.random.default_rng(5).random(1000)
    weights = Weights(weight / weight.sum(), np.random.default_rng(6).random((1000, 4)))
    assert estimate(np.ones((1000, 4), dtype=bool), weights).mean == 1.0
    assert estimate(np.zeros((1000, 4), dtype=bool), weights).mean == 0.0
    assert parameter_probability(np.ones((4, 250), dtype=bool), ok=True, weights=weights).mean == 1.0


def test_weighted_quantiles_are_those_of_the_weighted_distribution() -> None:
    values = np.random.default_rng(7).standard_normal(40_000)
    weight = np.exp(values)  # tilts N(0, 1) to N(1, 1)
    lower, upper = Weights(weight / weight.sum()).interval(values)
    assert (lower, upper) == pytest.approx((1 - 1.645, 1 + 1.645), abs=0.05)


# Published numbers ---------------------------------------------------------------------------------------------


class Network:
    """An enumerated joint distribution, as draws of one path each with their probabilities as weights."""

    def __init__(self, states: Iterator[tuple[tuple[bool, ...], float]]) -> None:
        worlds, chances = zip(*states, strict=True)
        self.holds: NDArray[np.bool_] = np.array(worlds)
        self.weights = Weights(np.array(chances))

    def event(self, number: int) -> NDArray[np.bool_]:
        return self.holds[:, number : number + 1]

    def chance(self, number: int, weights: Weights | None = None) -> float:
        weights = weights or self.weights
        return float(weights.mean(self.event(number)[:, 0].astype(float)))

    def after(self, number: int, ratio: float) -> Weights:
        return Weights(self.weights.draw, virtual_weights(self.event(number), ratio))


def _chance(value: bool, true: float) -> float:
    return true if value else 1.0 - true


def _asia() -> Iterator[tuple[tuple[bool, ...], float]]:
    """Lauritzen and Spiegelhalter (1988): visit, smoking, tuberculosis, lung cancer, bronchitis, x-ray, dyspnoea."""
    for a, s, t, c, b, x, d in product((False, True), repeat=7):
        either = t or c
        dyspnoea = (0.9 if b else 0.7) if either else (0.8 if b else 0.1)
        chance = _chance(a, 0.01) * _chance(s, 0.5) * _chance(t, 0.05 if a else 0.01)
        chance *= _chance(c, 0.1 if s else 0.01) * _chance(b, 0.6 if s else 0.3)
        yield (a, s, t, c, b, x, d), chance * _chance(x, 0.98 if either else 0.05) * _chance(d, dyspnoea)


VISIT, SMOKING, TUBERCULOSIS, LUNG_CANCER, BRONCHITIS, XRAY, DYSPNOEA = range(7)


@pytest.fixture(scope="module")
def asia() -> Network:
    return Network(_asia())


def test_asia_as_virtual_evidence(asia: Network) -> None:
    # oracles.md: "0.8 / 0.2" on a positive x-ray, read as a likelihood.
    weights = asia.after(XRAY, 0.8 / 0.2)
    assert asia.chance(LUNG_CANCER, weights) == pytest.approx(0.162826, abs=5e-7)
    assert asia.chance(TUBERCULOSIS, weights) == pytest.approx(0.030789, abs=5e-7)


def test_asia_as_a_stated_probability(asia: Network) -> None:
    # oracles.md: the same words, read as Jeffrey's marginal.
    weights = asia.after(XRAY, marginal_ratio(asia.chance(XRAY), 0.8))
    assert asia.chance(XRAY, weights) == pytest.approx(0.8, abs=1e-12)
    assert asia.chance(LUNG_CANCER, weights) == pytest.approx(0.391216, abs=5e-7)
    # By hand 0.8 x .010192 / .11029004 + 0.2 x .000208 / .88970996 = .0739755; oracles.md rounds it up to .073976.
    assert asia.chance(TUBERCULOSIS, weights) == pytest.approx(0.0739755, abs=5e-8)


def test_asia_with_hard_evidence(asia: Network) -> None:
    # A ratio beyond all doubt is an observation. oracles.md: given dyspnoea, and given the visit as well.
    given = asia.after(DYSPNOEA, 1e12)
    expected = {SMOKING: 0.633997, TUBERCULOSIS: 0.018845, LUNG_CANCER: 0.102759, BRONCHITIS: 0.833967, XRAY: 0.162098}
    for number, chance in expected.items():
        assert asia.chance(number, given) == pytest.approx(chance, abs=5e-7)
    path = virtual_weights(asia.event(DYSPNOEA), 1e12) * virtual_weights(asia.event(VISIT), 1e12)
    both = Weights(asia.weights.draw, path)
    for number, chance in {TUBERCULOSIS: 0.087751, LUNG_CANCER: 0.099525, BRONCHITIS: 0.811402}.items():
        assert asia.chance(number, both) == pytest.approx(chance, abs=5e-7)


def test_one_judgement_in_numbers() -> None:
    # oracles.md, "Judgements": P(E) = .3.
    p = 0.3
    assert 3 * p / (3 * p + 1 - p) == pytest.approx(0.5625)
    assert marginal_ratio(p, 0.8) == pytest.approx(28 / 3)
    assert pooled_with_market(p, 0.6, 0.3) == pytest.approx(0.3843, abs=5e-5)
    assert log_odds(0.8) - log_odds(p) == pytest.approx(np.log(28 / 3))
    # and "Odds": prior 0.30, likelihood ratio 4.
    happened = np.arange(1000)[:, None] < 300
    weights = Weights(path=virtual_weights(happened, 4.0))
    assert float(weights.mean(happened[:, 0].astype(float))) == pytest.approx(0.631579, abs=5e-7)


def test_virtual_evidence_commutes_and_a_stated_probability_does_not(asia: Network) -> None:
    def stated(first: int, second: int) -> Weights:
        once = virtual_weights(asia.event(first), marginal_ratio(asia.chance(first), 0.8))
        middle = Weights(asia.weights.draw, once)
        ratio = marginal_ratio(asia.chance(second, middle), 0.8)
        return Weights(asia.weights.draw, once * virtual_weights(asia.event(second), ratio))

    one, other = stated(XRAY, DYSPNOEA), stated(DYSPNOEA, XRAY)
    assert asia.chance(DYSPNOEA, one) == pytest.approx(0.8)
    assert abs(asia.chance(DYSPNOEA, other) - 0.8) > 0.01
    product_one = virtual_weights(asia.event(XRAY), 4.0) * virtual_weights(asia.event(DYSPNOEA), 2.0)
    product_other = virtual_weights(asia.event(DYSPNOEA), 2.0) * virtual_weights(asia.event(XRAY), 4.0)
    np.testing.assert_array_equal(product_one, product_other)
