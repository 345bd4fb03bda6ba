"""The inference layer against quadrature: eight schools (Rubin 1981), mu ~ N(0, 5), tau ~ HalfCauchy(5), non-centred.

The one compilation of this file serves every test of the sampler: reference values, seeds, other data, verdicts.
"""

from typing import Any

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from arviz_stats import ess
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import quad

from vzforecast import inference
from vzforecast.inference import CompiledModel
from vzforecast.mixing import convergence
from vzforecast.settings import SamplerSettings

EFFECT = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
ERROR = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])
# Posterior means (and standard deviations) by quadrature. The often quoted 4.411 (3.309) and 3.602 (3.198) are sampled.
REFERENCE = {"mu": (4.3968, 3.3177), "tau": (3.5977, 3.2200)}
LONG = SamplerSettings(draws=10_000, tune=1_000)
SHORT = SamplerSettings(draws=100, tune=100, chains=2)


def rows(copies: int = 1) -> dict[str, NDArray[Any]]:
    """Every school observed several times, each time so much less precisely that the posterior is the same."""
    school = np.tile(np.arange(8), copies)
    return {"school_index": school, "effect": EFFECT[school], "error": ERROR[school] * np.sqrt(copies)}


@pytest.fixture(scope="module")
def compiled() -> CompiledModel:
    with pm.Model(coords={"school": range(8)}) as model:
        data = {name: pm.Data(name, values, shape=(None,)) for name, values in rows().items()}
        mu, tau = pm.Normal("mu", 0.0, 5.0), pm.HalfCauchy("tau", 5.0)
        deviation = pm.Normal("deviation", dims="school")
        centre = mu + tau * deviation[data["school_index"]]
        pm.Normal("observed", centre, data["error"], observed=data["effect"])
    return inference.compile_model(model)


@pytest.fixture(scope="module")
def tree(compiled: CompiledModel) -> xr.DataTree:
    return inference.sample(compiled, LONG, seed=1)


def test_the_reference_values_are_those_of_quadrature() -> None:
    """Given tau the effects are normal around mu, so mu integrates out by hand and one integral is left."""

    def given(tau: float) -> tuple[float, float, float]:
        precision = 1 / (ERROR**2 + tau**2)
        variance = 1 / (precision.sum() + 1 / 25)
        mean = variance * (precision @ EFFECT)
        log_density = 0.5 * (np.log(precision).sum() + np.log(variance) - precision @ EFFECT**2 + mean**2 / variance)
        return float(np.exp(log_density + 30) * stats.halfcauchy.pdf(tau, scale=5)), float(mean), float(variance)

    def average(of: Any) -> float:
        def integrand(tau: float) -> float:
            density, mean, variance = given(tau)
            return density * of(tau, mean, variance)

        return sum(quad(integrand, *part, limit=200)[0] for part in ((0, 20), (20, 200), (200, np.inf)))

    mass = average(lambda *_: 1.0)
    mu, tau = average(lambda _, m, __: m) / mass, average(lambda t, *_: t) / mass
    mu_square, tau_square = average(lambda _, m, v: v + m**2) / mass, average(lambda t, *_: t**2) / mass
    assert (mu, np.sqrt(mu_square - mu**2)) == pytest.approx(REFERENCE["mu"], abs=6e-5)
    assert (tau, np.sqrt(tau_square - tau**2)) == pytest.approx(REFERENCE["tau"], abs=6e-5)


def assert_agrees(tree: xr.DataTree, name: str) -> None:
    """Mean and standard deviation lie within four Monte Carlo errors of the reference."""
    draws = tree["posterior"][name].to_numpy()
    mean, sd = REFERENCE[name]
    effective = float(ess(draws, method="mean"))
    assert effective > 5_000
    assert draws.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(effective))
    squares = (draws - draws.mean()) ** 2
    error = squares.std() / np.sqrt(float(ess(squares, method="mean")))
    assert squares.mean() == pytest.approx(sd**2, abs=4 * error)


@pytest.mark.parametrize("name", list(REFERENCE))
def test_posterior_equals_quadrature(tree: xr.DataTree, name: str) -> None:
    assert_agrees(tree, name)


def test_groups_and_dims(tree: xr.DataTree) -> None:
    assert set(tree) == {"posterior", "sample_stats"}
    posterior = tree["posterior"]
    assert {str(name): array.dims for name, array in posterior.data_vars.items()} == {
        "mu": ("chain", "draw"),
        "tau": ("chain", "draw"),
        "deviation": ("chain", "draw", "school"),
    }
    assert dict(posterior.sizes) == {"chain": 4, "draw": 10_000, "school": 8}
    kept = {"diverging", "energy", "logp", "n_steps", "step_size"}
    assert {str(name) for name in tree["sample_stats"].data_vars} <= kept
    assert {"diverging", "energy"} <= {str(name) for name in tree["sample_stats"].data_vars}


def test_the_verdict_equals_arviz_on_every_element(tree: xr.DataTree) -> None:
    report = convergence(tree)
    assert report.ok, report.text
    assert report.table.index.tolist() == list(map(str, tree["posterior"].data_vars))
    assert report.table.index.name == "variable"
    for name, row in report.table.iterrows():
        draws = tree["posterior"][str(name)].to_numpy()
        elements = draws.reshape(*draws.shape[:2], -1)
        # The tails of the intervals that the library shows, whatever ArviZ is configured to take for them.
        for method, options in {"bulk": {}, "tail": {"prob": (0.05, 0.95)}}.items():
            each = [float(ess(elements[..., i], method=method, **options)) for i in range(elements.shape[-1])]
            assert row[f"ess_{method}"] == pytest.approx(min(each), rel=0.01)
    assert report.draws == 40_000
    assert report.divergences == int(tree["sample_stats"]["diverging"].sum())


def test_too_few_draws_do_not_pass(compiled: CompiledModel) -> None:
    report = convergence(inference.sample(compiled, SHORT, seed=1))
    assert not report.ok
    assert "bulk ESS" in report.text


def draws_of(compiled: CompiledModel, seed: int) -> NDArray[np.float64]:
    return inference.sample(compiled, SHORT, seed)["posterior"]["deviation"].to_numpy()


def test_the_same_seed_gives_the_same_draws_bit_for_bit(compiled: CompiledModel) -> None:
    np.testing.assert_array_equal(draws_of(compiled, 7), draws_of(compiled, 7))


def test_another_seed_gives_other_draws(compiled: CompiledModel) -> None:
    assert not np.isin(draws_of(compiled, 7), draws_of(compiled, 8)).any()


def test_chains_differ(compiled: CompiledModel) -> None:
    first, second = draws_of(compiled, 7)
    assert not np.isin(first, second).any()


def test_progress_rises_to_one(compiled: CompiledModel) -> None:
    seen: list[float] = []
    inference.sample(compiled, SamplerSettings(draws=4_000, tune=1_000), 1, seen.append)
    assert seen == sorted(seen)
    assert seen[0] >= 0.0
    assert seen[-1] == 1.0


def test_other_rows_in_number_need_no_compiling(compiled: CompiledModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_again(*_: Any, **__: Any) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(inference.nutpie, "compile_pymc_model", compile_again)
    thrice = inference.sample(compiled.with_data(rows(copies=3)), LONG, seed=2)
    for name in REFERENCE:
        assert_agrees(thrice, name)
    half = {name: values[:4] for name, values in rows().items()}
    fewer = inference.sample(compiled.with_data(half), LONG, seed=2)["posterior"]["mu"]
    assert abs(float(fewer.mean()) - REFERENCE["mu"][0]) > 0.3  # schools A to D alone say something else


def test_other_data_leave_the_compiled_model_as_it_was(compiled: CompiledModel) -> None:
    before = draws_of(compiled, 3)
    compiled.with_data({"effect": EFFECT + 50.0})
    np.testing.assert_array_equal(draws_of(compiled, 3), before)
