"""Simulation-based calibration of the embedded case as of 31 August 2025, reduced (`make calibrate`: the full form).

One model is compiled. Parameters and all three observed variables are drawn from it, it is fitted to each data set
through ``with_data``, and every scalar of every free variable, with the log likelihoods, is ranked among the draws:
from the prior, and from the posterior of the real data. A prior half as wide as the one that made the data must be
found out. A sound inference fails one of these in about a hundred runs; seeds are fixed. Power of twenty data sets, by
simulation: an sd 10 % too small in each of 130 independent scalars is found 17 times of 20, by the block as a whole.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from helpers.cases import design_of, embedded
from vzforecast import inference
from vzforecast.checking import SimulationCheck, simulation_check
from vzforecast.checking.ranks import simulated_ranks
from vzforecast.checking.replicated import OBSERVED, with_rows
from vzforecast.history import Design
from vzforecast.inference import CompiledModel
from vzforecast.mixing import convergence
from vzforecast.model import build_model, pack
from vzforecast.settings import SamplerSettings

pytestmark = pytest.mark.slow

AS_OF, SEED = "2025-08-31", 20250831
FROM_PRIOR, FROM_POSTERIOR, SIMULATED, NARROW = 20, 20, 20, 12
SHORT = SamplerSettings(draws=150, tune=250, chains=2, target_accept=0.97)
CAREFUL = SamplerSettings(draws=1_500, tune=1_000, target_accept=0.99)


@pytest.fixture(scope="module")
def design() -> Design:
    return design_of(embedded(), AS_OF)


@pytest.fixture(scope="module")
def compiled(design: Design) -> Iterator[CompiledModel]:
    """The one compilation of this module: whoever asks for another of the same model gets it."""
    only = inference.compile_model(build_model(design))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inference, "compile_model", lambda _: only)
        yield only


@pytest.fixture(scope="module")
def from_prior(compiled: CompiledModel) -> SimulationCheck:
    del compiled
    return simulation_check(embedded(), AS_OF, replications=FROM_PRIOR, settings=SHORT, seed=SEED)


@pytest.fixture(scope="module")
def from_posterior(compiled: CompiledModel) -> SimulationCheck:
    del compiled
    return simulation_check(embedded(), AS_OF, replications=FROM_POSTERIOR, settings=SHORT, seed=SEED, given_data=True)


@pytest.fixture(params=["from_prior", "from_posterior"])
def check(request: pytest.FixtureRequest) -> SimulationCheck:
    found: SimulationCheck = request.getfixturevalue(request.param)
    print(found)  # noqa: T201 (pytest -rP)
    return found


def test_every_block_is_calibrated(check: SimulationCheck) -> None:
    assert check.ok, check.text


def test_every_scalar_is_ranked(check: SimulationCheck, design: Design) -> None:
    free = {variable.name: int(np.prod(variable.shape.eval())) for variable in build_model(design).free_RVs}
    assert check.blocks["scalars"].to_dict() == free | {"log_likelihood": 3}
    assert len(check.table) > 400


def test_intervals_of_all_scalars_together_cover_at_the_right_rate(check: SimulationCheck) -> None:
    """Scalars of one data set are not independent: the error is that of the mean coverage over data sets."""
    inside = ((check.ranks >= 0.05) & (check.ranks <= 0.95)).mean(axis=1)
    error = inside.std(ddof=1) / np.sqrt(len(inside))
    assert inside.mean() == pytest.approx(0.9, abs=4 * error)
    assert error < 0.01


def test_no_scalar_is_biased(check: SimulationCheck) -> None:
    """The mean of n uniform ranks has standard deviation 1 / sqrt(12 n); the largest of
    five hundred is above five of them once in some thousand runs.
    """
    away = (check.table["mean_rank"] - 0.5).abs() * np.sqrt(12 * check.table["n"])
    assert away.max() < 5.0, away.sort_values().tail()


def test_ranks_rest_on_enough_draws(check: SimulationCheck) -> None:
    assert check.table["ess"].min() > 50


@pytest.fixture(scope="module")
def simulated(design: Design) -> xr.DataTree:
    return inference.sample_prior(build_model(design), SIMULATED, SEED)


def data_of(design: Design, simulated: xr.DataTree, number: int) -> Design:
    return with_rows(design, {kind: simulated["prior_predictive"][kind].to_numpy()[0, number] for kind in OBSERVED})


def test_priors_half_as_wide_as_the_truth_are_found_out(
    design: Design, compiled: CompiledModel, simulated: xr.DataTree
) -> None:
    """An overconfident model: the same machine code, reading scales of the priors that are half of the true ones.

    Power: of choices of eight data sets among twenty, 60 of 60 find it; by single scalars alone 19 would.
    """
    priors = {name: values / 2.0 if name.endswith("_sigma") else values for name, values in design.priors.items()}
    settings = SamplerSettings(draws=200, tune=300, chains=2)

    def fit(number: int) -> xr.DataTree:
        narrow: dict[str, NDArray[Any]] = pack(data_of(design, simulated, number))
        narrow["prior_values"] = np.concatenate([np.ravel(values) for values in priors.values()])
        return inference.sample(compiled.with_data(narrow), settings, seed=number)

    truths = simulated["posterior"].to_dataset().isel(chain=0, draw=slice(NARROW))
    found = SimulationCheck.of(simulated_ranks(truths, fit, seed=SEED), "priors half as wide")
    assert not found.ok
    assert found.table["coverage"].mean() < 0.86
    # Steps have no prior scale of their own: where only those are judged, nothing is wrong.
    assert found.blocks.loc["tone_step", "coverage"] > found.blocks.loc["leverage", "coverage"]


def test_the_data_say_something(design: Design, compiled: CompiledModel, simulated: xr.DataTree) -> None:
    """Where there are data the posterior is narrower than the prior, or covering the truth would prove nothing."""
    prior = simulated["posterior"].to_dataset()
    widths: dict[str, list[float]] = {name: [] for name in ("log_rate", "lambda", "slope")}
    for number in range(5):
        tables = pack(data_of(design, simulated, number))
        posterior = inference.sample(compiled.with_data(tables), SamplerSettings(draws=200, tune=300, chains=2), number)
        for name, found in widths.items():
            own = posterior["posterior"][name].std(("chain", "draw")) / prior[name].std(("chain", "draw"))
            found.append(float(own.min()))
    for name, found in widths.items():
        assert np.median(found) < 0.8, name


def test_a_fit_to_wild_data_converges_in_short_steps(
    design: Design, simulated: xr.DataTree, compiled: CompiledModel
) -> None:
    """At target acceptance 0.97 a fit to these data had 15 divergent transitions in 6,000 draws."""
    tables = pack(data_of(design, simulated, 0))
    report = convergence(inference.sample(compiled.with_data(tables), CAREFUL, seed=1))
    assert report.table["rhat"].max() < 1.01
    assert report.ok, report.text
