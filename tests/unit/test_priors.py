"""A prior as data: intervals, parameters, and what is refused."""

import dataclasses
import math
import pickle

import pytest
from scipy import stats

from vzforecast.errors import PriorError
from vzforecast.priors import Distribution, PriorSpec, parse_interval


def frozen(prior: PriorSpec) -> stats.rv_continuous:
    """The same distribution in scipy, as a second route to its quantiles and mean."""
    if prior.distribution == "normal":
        return stats.norm(prior.mu, prior.sigma)
    if prior.distribution == "half_normal":
        return stats.halfnorm(scale=prior.sigma)
    return stats.lognorm(prior.sigma, scale=math.exp(prior.mu or 0.0))


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("0.2 to 1.2", (0.2, 1.2)),
        ("-2 to -0.5", (-2.0, -0.5)),
        ("1e-3 to 2.5E+1", (0.001, 25.0)),
        (" +.5  to  1. ", (0.5, 1.0)),
        ("-1e2 to 1", (-100.0, 1.0)),
    ],
)
def test_intervals_are_read(text: str, bounds: tuple[float, float]) -> None:
    assert parse_interval(text) == bounds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.2", '\'0.2\' is not an interval; write it as "lower to upper", for example "0.2 to 1.2"'),
        ("0.2 - 1.2", '\'0.2 - 1.2\' is not an interval; write it as "lower to upper", for example "0.2 to 1.2"'),
        ("a to 1", "'a' in 'a to 1' is not a number; write it as \"lower to upper\", for example \"0.2 to 1.2\""),
        (
            "1_0 to 2_0",
            "'1_0' in '1_0 to 2_0' is not a number; write it as \"lower to upper\", for example \"0.2 to 1.2\"",
        ),
        ("-inf to 1", "'-inf to 1' has a bound that is not finite; give two finite numbers"),
        ("0 to nan", "'0 to nan' has a bound that is not finite; give two finite numbers"),
        ("0 to 1e999", "the interval 0 to inf has a bound that is not finite; give two finite numbers"),
        ("1 to 0", "the interval 1 to 0 has its lower bound at or above its upper bound; swap or widen them"),
        ("1 to 1", "the interval 1 to 1 has its lower bound at or above its upper bound; swap or widen them"),
    ],
)
def test_what_is_no_interval_is_refused(text: str, message: str) -> None:
    with pytest.raises(PriorError) as caught:
        PriorSpec.parse(text, like=PriorSpec("normal", 0.0, 1.0))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("distribution", "interval"),
    [("normal", (-0.3, 1.2)), ("log_normal", (0.006, 0.06)), ("half_normal", (0.0, 0.98))],
)
def test_an_interval_fixes_the_quantiles(distribution: Distribution, interval: tuple[float, float]) -> None:
    prior = PriorSpec.from_interval(distribution, *interval)
    lower, upper = frozen(prior).ppf([0.05, 0.95])
    assert upper == pytest.approx(interval[1])
    if distribution != "half_normal":
        assert lower == pytest.approx(interval[0])
    assert prior.interval90 == interval


@pytest.mark.parametrize(
    "prior",
    [PriorSpec("normal", 0.4, 1.1), PriorSpec("log_normal", -2.0, 0.7), PriorSpec("half_normal", None, 0.5)],
    ids=lambda prior: prior.distribution,
)
def test_parameters_give_the_interval_and_the_mean(prior: PriorSpec) -> None:
    lower, upper = prior.interval90
    assert upper == pytest.approx(frozen(prior).ppf(0.95))
    assert lower == pytest.approx(0.0 if prior.distribution == "half_normal" else frozen(prior).ppf(0.05))
    assert prior.mean == pytest.approx(frozen(prior).mean())


def test_the_constants_are_those_of_the_contract() -> None:
    assert PriorSpec.from_interval("half_normal", 0, 1.959964).sigma == pytest.approx(1.0, abs=1e-7)
    assert PriorSpec.from_interval("normal", -1.644854, 1.644854).sigma == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("distribution", "mu", "sigma", "message"),
    [
        ("normal", None, 1.0, "a normal prior needs mu; give mu and sigma, or an interval"),
        ("log_normal", None, 1.0, "a log_normal prior needs mu; give mu and sigma, or an interval"),
        ("half_normal", 0.0, 1.0, "a half_normal prior has no mu, got 0; give sigma alone"),
        ("normal", math.nan, 1.0, "mu is nan; give a finite number"),
        ("normal", 0.0, 0.0, "sigma is 0; give a finite number above 0"),
        ("normal", 0.0, -1.0, "sigma is -1; give a finite number above 0"),
        ("half_normal", None, math.inf, "sigma is inf; give a finite number above 0"),
        ("cauchy", 0.0, 1.0, "unknown distribution 'cauchy'; choose one of normal, half_normal, log_normal"),
    ],
)
def test_parameters_are_checked(distribution: Distribution, mu: float | None, sigma: float, message: str) -> None:
    with pytest.raises(PriorError) as caught:
        PriorSpec(distribution, mu, sigma)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("distribution", "lower", "upper", "message"),
    [
        ("log_normal", 0.0, 1.0, "the interval 0 to 1 does not suit a log_normal prior; both bounds must be above 0"),
        ("log_normal", -1.0, 1.0, "the interval -1 to 1 does not suit a log_normal prior; both bounds must be above 0"),
        ("half_normal", 0.1, 1.0, 'the interval 0.1 to 1 does not suit a half_normal prior; write "0 to 1"'),
        ("half_normal", -1.0, 1.0, 'the interval -1 to 1 does not suit a half_normal prior; write "0 to 1"'),
        ("cauchy", 0.0, 1.0, "unknown distribution 'cauchy'; choose one of normal, half_normal, log_normal"),
    ],
)
def test_an_interval_must_suit_the_family(distribution: Distribution, lower: float, upper: float, message: str) -> None:
    with pytest.raises(PriorError) as caught:
        PriorSpec.from_interval(distribution, lower, upper)
    assert str(caught.value) == message


def test_a_new_interval_keeps_family_and_reasons() -> None:
    old = PriorSpec("log_normal", 0.0, 1.0, rationale="why", source="who", unit="per month")
    new = PriorSpec.parse("0.1 to 0.4", like=old)
    assert new == PriorSpec.from_interval("log_normal", 0.1, 0.4, rationale="why", source="who", unit="per month")


def test_it_is_frozen_and_pickles() -> None:
    prior = PriorSpec("normal", 0.0, 1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        prior.sigma = 2.0  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(prior)) == prior  # noqa: S301
    assert str(prior) == "normal(mu=0, sigma=1)"
    assert str(PriorSpec("half_normal", None, 0.5)) == "half_normal(sigma=0.5)"
