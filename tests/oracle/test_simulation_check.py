"""The core of simulation-based calibration against models whose posterior is known: it passes what is right only."""

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from vzforecast import Calibration, calibration
from vzforecast.checking.calibration_report import SimulationCheck
from vzforecast.checking.ranks import Ranks, simulated_ranks
from vzforecast.checking.uniformity import chi_square, envelope, uniformity, whole

Floats = NDArray[np.float64]
SETS, DRAWS, ROWS = 300, 200, 4
Alter = Callable[[Floats], Floats]


def same(draws: Floats) -> Floats:
    return draws


def tree(**draws: Floats) -> xr.DataTree:
    """Independent draws as two chains; the last dim of two counts draws."""
    own = {}
    for name, values in draws.items():
        dims = ("chain", "draw", *(f"{name}_dim_{i}" for i in range(values.ndim - 1)))
        own[name] = (dims, values.reshape(2, -1, *values.shape[1:]))
    return xr.DataTree.from_dict({"posterior": xr.Dataset(own)})


@cache
def normal(alter: Alter = same, prior_sd: float = 1.0, weight: float = 1.0) -> Ranks:
    """Three means with prior N(0, 1), each seen four times with error 2; posterior by the usual formula.

    `prior_sd` is what the inference believes, `weight` how much of the data it uses, `alter` what it does to draws.
    """
    rng = np.random.default_rng(20250205)
    mean = rng.normal(size=(SETS, 3))
    data = mean[:, None, :] + 2.0 * rng.normal(size=(SETS, ROWS, 3))

    def fit(number: int) -> xr.DataTree:
        precision = 1.0 / prior_sd**2 + weight * ROWS / 4.0
        centre = weight * data[number].sum(axis=0) / 4.0 / precision
        return tree(mean=alter(centre + rng.normal(size=(DRAWS, 3)) / np.sqrt(precision)))

    def quantities(draws: dict[str, Floats], number: int) -> dict[tuple[str, str], Floats]:
        error = (data[number][None] - draws["mean"][:, None, :]) / 2.0
        return {("log_likelihood", "data"): -0.5 * (error**2).sum(axis=(1, 2))}

    truths = xr.Dataset({"mean": (("set", "place"), mean)}, coords={"place": ["a", "b", "c"]})
    return simulated_ranks(truths, fit, seed=1, quantities=quantities)


@cache
def poisson(alter: Alter = same) -> Ranks:
    """Rates from Gamma(2, 1), counts on an exposure of 3: the posterior is Gamma(2 + n, 4)."""
    rng = np.random.default_rng(20250206)
    rate = rng.gamma(2.0, size=SETS)
    events = rng.poisson(3.0 * rate)

    def fit(number: int) -> xr.DataTree:
        return tree(rate=alter(rng.gamma(2.0 + events[number], 0.25, size=DRAWS)))

    return simulated_ranks(xr.Dataset({"rate": ("set", rate)}), fit, seed=2)


def shrunk(draws: Floats) -> Floats:
    """Overconfident: every draw half way to the mean."""
    return draws.mean(axis=0) + 0.5 * (draws - draws.mean(axis=0))


def test_exact_posteriors_pass() -> None:
    for ranks in (normal(), poisson()):
        found = SimulationCheck.of(ranks, "exact")
        assert found.ok, found.text
        assert found.table["coverage"].between(0.84, 0.95).all()
        assert found.table["mean_rank"].between(0.44, 0.56).all()


def test_every_scalar_has_its_name() -> None:
    assert normal().scalars.tolist() == [("mean", "a"), ("mean", "b"), ("mean", "c"), ("log_likelihood", "data")]
    assert poisson().scalars.tolist() == [("rate", "")]


@pytest.mark.parametrize("ranks", [lambda: normal(shrunk), lambda: poisson(shrunk)], ids=["normal", "poisson"])
def test_an_overconfident_posterior_is_found(ranks: Callable[[], Ranks]) -> None:
    found = SimulationCheck.of(ranks(), "shrunk")
    assert not found.ok
    assert "NOT calibrated" in found.text
    assert (found.blocks.drop(index="log_likelihood", errors="ignore")["coverage"] < 0.75).all()


def test_a_prior_half_as_wide_as_the_truth_is_found() -> None:
    found = SimulationCheck.of(normal(prior_sd=0.5), "narrow")
    assert not found.blocks.loc["mean", "ok"]


def test_a_bias_shows_in_the_mean_rank() -> None:
    found = SimulationCheck.of(normal(lambda draws: draws - 0.5), "low")
    assert not found.ok
    assert (found.table.loc["mean", "mean_rank"] > 0.6).all()


def test_a_posterior_that_ignores_the_data_passes_on_parameters_and_fails_on_the_likelihood() -> None:
    found = SimulationCheck.of(normal(weight=0.0), "prior")
    assert found.blocks.loc["mean", "ok"]
    assert not found.blocks.loc["log_likelihood", "ok"]


def test_sticky_chains_do_not_look_miscalibrated() -> None:
    """Each draw ten times in a row: without thinning by effective size the ranks would clump."""
    found = SimulationCheck.of(normal(lambda draws: np.repeat(draws[::10], 10, axis=0)), "sticky")
    assert found.ok, found.text
    assert found.table["ess"].max() < 40


def test_an_overconfident_posterior_shows_as_miscalibrated_forecasts() -> None:
    """Asked whether each mean is above zero: the share of draws above it is the forecast, the truth the resolution."""

    def asked(alter: Alter) -> Calibration:
        rng = np.random.default_rng(12)
        mean = rng.normal(size=1_500)
        data = mean[:, None] + 2.0 * rng.normal(size=(1_500, ROWS))
        centre, sd = data.sum(axis=1) / 4.0 / 2.0, np.sqrt(0.5)
        draws = alter(centre + sd * rng.normal(size=(400, 1_500)))
        said = {"question": np.arange(1_500), "probability": (draws > 0).mean(axis=0), "resolution": mean > 0}
        return calibration(pd.DataFrame(said).astype({"resolution": int}))

    honest, overconfident = asked(same), asked(shrunk)
    assert honest.by_chance > 0.01
    assert overconfident.by_chance < 0.01
    assert overconfident.parts.miscalibration > 2 * honest.parts.miscalibration


def touching(share: Floats) -> float:
    """The p-value by listing every way in which a sample of this size can fall into equal bins."""
    size = share.size
    points = np.arange(1, size) / size

    def worst(counts: NDArray[np.int64]) -> float:
        tails = stats.binom.cdf(counts, size, points), stats.binom.sf(counts - 1, size, points)
        return float(2 * np.minimum(*tails).min())

    own = worst(np.searchsorted(np.sort(share), points, side="right"))
    bins = np.array(list(product(range(size), repeat=size)))
    found = [worst(np.array([(one < place).sum() for place in range(1, size)])) for one in bins]
    return float(np.mean([value <= own * (1 + 1e-9) for value in found]))


@pytest.mark.parametrize("share", [[0.1, 0.4, 0.7, 0.9], [0.02, 0.05, 0.1, 0.2], [0.6, 0.7, 0.8, 0.9, 0.95]])
def test_the_test_of_uniformity_equals_enumeration(share: list[float]) -> None:
    assert uniformity(np.array(share)) == pytest.approx(touching(np.array(share)), abs=1e-12)


def test_p_values_of_uniform_samples_are_honest() -> None:
    rng = np.random.default_rng(3)
    found = np.array([uniformity(rng.random(80)) for _ in range(1_000)])
    for level in (0.01, 0.1, 0.5):
        assert np.mean(found <= level) <= level + 3.5 * np.sqrt(level * (1 - level) / 1_000)
    assert np.mean(found <= 0.1) > 0.05  # and not merely cautious


def test_the_envelope_is_where_the_p_value_crosses_its_level() -> None:
    rng = np.random.default_rng(4)
    points, lower, upper = envelope(60, 0.9)
    for _ in range(300):
        share = rng.beta(1.0, 1.3, size=60)
        counts = np.searchsorted(np.sort(share), points, side="right")
        inside = bool(((counts >= lower) & (counts <= upper)).all())
        assert inside == (uniformity(share) > 0.1)


def test_chi_square_is_that_of_scipy_on_ten_bins() -> None:
    share = np.random.default_rng(5).random(100)
    counts = [(np.floor(10 * share) == place).sum() for place in range(10)]
    assert chi_square(share) == pytest.approx(stats.chisquare(counts).pvalue)


def test_p_values_of_sound_blocks_are_honest() -> None:
    """Scalars that share half of their variance: what counts is that data sets are independent."""
    rng = np.random.default_rng(6)
    normal = np.sqrt(0.5) * rng.normal(size=(2_000, 40, 1)) + np.sqrt(0.5) * rng.normal(size=(2_000, 40, 8))
    found = np.array([whole(own) for own in stats.norm.cdf(normal)])
    for level in (0.01, 0.1):
        assert np.mean(found <= level) < 1.3 * level + 3.5 * np.sqrt(level / 2_000)
    assert np.mean(found <= 0.1) > 0.05


@pytest.mark.parametrize("power", [1.2, 0.85], ids=["too narrow", "too wide"])
def test_what_is_slightly_wrong_in_all_scalars_of_a_block_is_found_in_none_but_in_the_block(power: float) -> None:
    draws = power * np.random.default_rng(7).normal(size=(60, 80))
    scalars = pd.MultiIndex.from_tuples([("mean", str(place)) for place in range(80)], names=["variable", "coordinate"])
    found = SimulationCheck.of(Ranks(scalars, stats.norm.cdf(draws), np.full((60, 80), 99.0), np.zeros(60, bool)), "x")
    assert found.table["ecdf"].min() * 80 > 0.01
    assert not found.blocks.loc["mean", "ok"]
    assert not found.ok


def test_few_scalars_are_judged_one_by_one() -> None:
    assert np.isnan(SimulationCheck.of(normal(), "exact").blocks["whole"]).all()
