"""The ranks of a small hierarchical model by our route and by simuk's: the same data, two samplers, two sets of code.

simuk compiles the model anew for every data set; ours is compiled once and reads other data.
"""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import pymc as pm
import pytest
import simuk
import xarray as xr
from numpy.typing import NDArray

from vzforecast import inference
from vzforecast.checking.calibration_report import SimulationCheck
from vzforecast.checking.ranks import Ranks, simulated_ranks
from vzforecast.inference import CompiledModel
from vzforecast.settings import SamplerSettings

pytestmark = pytest.mark.slow

SETS, GROUPS, BELIEVED = 12, 6, 1.0
SETTINGS = SamplerSettings(draws=200, tune=300, chains=2, target_accept=0.95)
THEIRS = {"draws": 200, "tune": 300, "chains": 2, "cores": 1, "progressbar": False, "target_accept": 0.95}


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    logger = logging.getLogger("pymc")
    before = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(before)


def small_model() -> pm.Model:
    """Build means of groups around a common one, each seen once."""
    with pm.Model(coords={"group": range(GROUPS)}) as model:
        seen = pm.Data("seen", np.zeros(GROUPS), dims="group")
        mu, tau = pm.Normal("mu", 0.0, 2.0), pm.HalfNormal("tau", 1.0)
        deviation = pm.Normal("deviation", dims="group")
        pm.Normal("observed", mu + tau * deviation, BELIEVED, observed=seen, dims="group")
    return model


@pytest.fixture(scope="module")
def compiled() -> CompiledModel:
    return inference.compile_model(small_model())


def both(compiled: CompiledModel, error: float) -> tuple[Ranks, xr.Dataset]:
    """Ranks by both routes when data have this error and the model believes in its own."""
    data: dict[float, NDArray[np.float64]] = {}  # by the mean that made them: simuk shuffles

    def simulator(mu: Any, tau: Any, deviation: Any, seed: int) -> dict[str, NDArray[np.float64]]:
        rng = np.random.default_rng(seed)
        data[float(mu)] = mu + tau * deviation + error * rng.normal(size=GROUPS)
        return {"observed": data[float(mu)]}

    theirs = simuk.SBC(
        small_model(),
        num_simulations=SETS,
        seed=11,
        simulator=simulator,
        progress_bar=False,
        sample_kwargs=dict(THEIRS),
    )
    theirs.run_simulations()
    names = ("mu", "tau", "deviation")
    truths = xr.Dataset(
        {n: theirs.ref_params[n].reset_index("sample", drop=True).transpose("sample", ...) for n in names}
    )

    def fit(number: int) -> xr.DataTree:
        return inference.sample(compiled.with_data({"seen": data[float(truths["mu"][number])]}), SETTINGS, seed=number)

    ranks = simulated_ranks(truths, fit, seed=1)
    return ranks, theirs.simulations["prior_sbc"].to_dataset().isel(chain=0)


@pytest.fixture(scope="module", params=[BELIEVED, 3.0], ids=["right", "overconfident"])
def routes(request: pytest.FixtureRequest, compiled: CompiledModel) -> tuple[float, Ranks, xr.Dataset]:
    return (request.param, *both(compiled, request.param))


def test_both_routes_rank_every_truth_alike(routes: tuple[float, Ranks, xr.Dataset]) -> None:
    _, ours, theirs = routes
    second = np.concatenate(
        [theirs[name].to_numpy().reshape(SETS, -1) for name in ("mu", "tau", "deviation")], axis=1
    ) / (THEIRS["draws"] * THEIRS["chains"])  # type: ignore[operator]
    # Each rank is a share of some two hundred effective draws by either route: its error is 0.035 at most.
    assert np.sqrt(np.mean((ours.share - second) ** 2)) < 0.06
    assert np.corrcoef(ours.share.ravel(), second.ravel())[0, 1] > 0.97


def test_both_routes_judge_alike(routes: tuple[float, Ranks, xr.Dataset]) -> None:
    error, ours, theirs = routes
    found = SimulationCheck.of(ours, "small model")
    assert found.ok == (error == BELIEVED), found.text
    # The excess scatter goes into tau, whose true value then lies below nearly all draws.
    assert ((theirs["tau"].to_numpy() < 0.05 * 400).mean() > 0.3) == (error != BELIEVED)
