"""Probabilities from paths: the interval is that of the per-draw probability, whatever the number of paths."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from vzforecast.forecast.probability import Probability, parameter_probability, path_probability

DRAWS = 8000
TRUTHS = {"even": (4.0, 8.0), "wide": (1.0, 3.0), "narrow": (30.0, 60.0), "rare": (2.0, 40.0)}


def paths(share: NDArray[np.float64], number: int, seed: int) -> NDArray[np.bool_]:
    """Paths of draws whose probabilities are given."""
    return np.random.default_rng(seed).random((share.size, number)) < share[:, None]


def estimate(a: float, b: float, number: int, seed: int = 1) -> Probability:
    share = np.random.default_rng(seed).beta(a, b, DRAWS)
    return path_probability(paths(share, number, seed + 100), 4, ok=True)


@pytest.mark.parametrize("truth", list(TRUTHS))
@pytest.mark.parametrize("number", [10, 25, 100])
def test_the_interval_is_the_true_one(truth: str, number: int) -> None:
    # Shares of few paths are coarse, and the noise of a rare event is skew: the ends may be off by a third of a step.
    a, b = TRUTHS[truth]
    lower, upper = stats.beta(a, b).ppf([0.05, 0.95])
    found = estimate(a, b, number)
    assert found.mean == pytest.approx(a / (a + b), abs=0.01)
    assert found.lower == pytest.approx(lower, abs=0.35 / number + 0.01)
    assert found.upper == pytest.approx(upper, abs=0.35 / number + 0.01)


@pytest.mark.parametrize("truth", list(TRUTHS))
def test_width_does_not_depend_on_the_number_of_paths(truth: str) -> None:
    a, b = TRUTHS[truth]
    true_width = np.subtract(*stats.beta(a, b).ppf([0.95, 0.05]))
    widths = [
        np.mean([np.subtract(e.upper, e.lower) for e in (estimate(a, b, r, s) for s in range(5))])
        for r in (10, 25, 100)
    ]
    assert widths == pytest.approx([true_width] * 3, rel=0.2, abs=0.01)


def test_without_shrinking_it_would_be_far_too_wide() -> None:
    share = np.random.default_rng(1).beta(30, 60, DRAWS)
    raw = np.quantile(paths(share, 10, 2).mean(axis=1), [0.05, 0.95])
    assert np.ptp(raw) > 2.5 * np.ptp(stats.beta(30, 60).ppf([0.05, 0.95]))


def test_draws_that_agree_have_an_interval_of_no_width() -> None:
    # All draws have probability 0.3: the shares spread over 0.30 from noise alone, and a tenth of it may be left.
    found = [path_probability(paths(np.full(DRAWS, 0.3), 25, seed), 4, ok=True) for seed in range(10)]
    assert np.median([one.upper - one.lower for one in found]) < 0.04
    for one in found:
        assert one.lower <= one.mean <= one.upper
        assert one.mean == pytest.approx(0.3, abs=0.005)


@pytest.mark.parametrize("happens", [False, True])
def test_what_never_or_always_happens(happens: bool) -> None:
    found = path_probability(np.full((400, 10), happens), 4, ok=True)
    assert (found.mean, found.lower, found.upper, found.mcse) == (happens, happens, happens, 0.0)
    assert found.ess == found.draws == 400


def test_the_interval_stays_within_0_and_1() -> None:
    for number in (2, 5, 25):
        for share in (0.001, 0.5, 0.999):
            happened = paths(np.full(400, share), number, seed=number)
            found = path_probability(happened, 4, ok=True)
            assert 0.0 <= found.lower <= found.mean <= found.upper <= 1.0


@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_monte_carlo_error_is_that_of_replications(rho: float) -> None:
    """The standard deviation of the mean over 400 replications of correlated chains, against the error each gives."""
    random, found = np.random.default_rng(7), []
    for _ in range(400):
        state = random.standard_normal((4, 200))
        for t in range(1, 200):
            state[:, t] = rho * state[:, t - 1] + np.sqrt(1 - rho**2) * state[:, t]
        share = stats.norm.cdf(state - 0.5).ravel()
        happened = random.random((share.size, 10)) < share[:, None]
        found.append(path_probability(happened, 4, ok=True))
    actual = np.std([one.mean for one in found])
    # The standard deviation of 400 values is known to within 3.5 % (one standard error).
    assert np.mean([one.mcse for one in found]) == pytest.approx(actual, rel=0.12)


def test_chains_are_read_in_order() -> None:
    """Draws come chain by chain: one chain apart from the others lowers the effective size, a shuffle does not."""
    share = np.repeat([0.1, 0.1, 0.1, 0.9], 250)
    apart = path_probability(paths(share, 20, 1), 4, ok=True)
    mixed = path_probability(paths(np.random.default_rng(1).permutation(share), 20, 1), 4, ok=True)
    assert apart.ess < 20
    assert mixed.ess > 500
    assert apart.mcse > 5 * mixed.mcse


def test_two_fits_that_disagree_on_purpose_are_each_as_sure_as_they_are() -> None:
    """Readings of partial promises pooled in equal parts: how far apart they lie is no Monte Carlo error."""
    random, found = np.random.default_rng(11), []
    for _ in range(300):
        share = np.concatenate([random.beta(20, 80, 400), random.beta(80, 20, 400)])
        happened = random.random((share.size, 20)) < share[:, None]
        found.append(path_probability(happened, 4, readings=2, ok=True))
    assert np.mean([one.mcse for one in found]) == pytest.approx(np.std([one.mean for one in found]), rel=0.15)
    assert np.mean([one.ess for one in found]) == pytest.approx(800, rel=0.15)
    assert found[0].upper - found[0].lower > 0.6  # the interval does hold both


def test_a_statement_about_parameters_has_no_interval() -> None:
    holds = np.random.default_rng(1).random((4, 1000)) < 0.7
    found = parameter_probability(holds, ok=True)
    assert found.mean == holds.mean()
    assert np.isnan([found.lower, found.upper]).all()
    assert found.mcse == pytest.approx(np.sqrt(0.7 * 0.3 / 4000), rel=0.15)
    assert found.draws == 4000


def test_it_works_as_a_float_and_says_what_it_is() -> None:
    found = Probability(0.25, 0.1, 0.4, 0.01, 4000, 3000.0)
    assert float(found) == 0.25
    assert str(found) == "25.0% [10.0%, 40.0%] (90 % interval over draws; Monte Carlo error 1.00%)"
    assert str(Probability(0.25, 0.1, 0.4, 0.01, 4000, 3000.0, ok=False)).endswith("FAILED FIT: do not use")
    assert "[" not in str(parameter_probability(np.ones((2, 50), dtype=bool), ok=True))
    assert found.row == {"probability": 0.25, "lower": 0.1, "upper": 0.4, "mcse": 0.01}
