"""What a simulation check asks of the model and of the sampler; both are replaced: nothing is compiled."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from helpers.cases import design_of, skeleton
from helpers.models import prior_tree
from helpers.synthetic import synthetic_forecast
from vzforecast import SimulationCheck, inference, simulation_check
from vzforecast.errors import SettingsError
from vzforecast.model import build_model, pack
from vzforecast.settings import SamplerSettings

AS_OF, SETS, MANY = "2024-04-15", 20, 200
SMALL = SamplerSettings(draws=50, tune=50, chains=2)
Tables = dict[str, NDArray[Any]]


class Stub:
    """Stands for a compiled model: it remembers every data set, and its draws come from the prior."""

    def __init__(self) -> None:
        self.fits: list[tuple[Tables, SamplerSettings, int]] = []
        made = synthetic_forecast(skeleton(), AS_OF, draws=1_000, chains=2, paths=2, width=1.0, seed=9)
        prior = made.posterior["posterior"].to_dataset().drop_vars("influence")
        self.prior = prior.stack(sample=("chain", "draw"), create_index=False).transpose("sample", ...)
        self.simulated: xr.DataTree | None = None

    def sample(self, compiled: Tables, settings: SamplerSettings, seed: int, *_: Any, **__: Any) -> xr.DataTree:
        self.fits.append((compiled, settings, seed))
        size = (settings.chains, settings.draws)
        chosen = np.random.default_rng(seed).integers(self.prior.sizes["sample"], size=size)
        return xr.DataTree.from_dict({"posterior": self.prior.isel(sample=(("chain", "draw"), chosen))})

    def sample_prior(self, model: Any, draws: int, seed: int) -> xr.DataTree:
        """Some of the draws that are made once: what costs is to compile."""
        if self.simulated is None:
            self.simulated = prior_tree(model, MANY, 1)
        chosen = np.random.default_rng(seed).choice(MANY, draws, replace=False)
        groups = {"posterior": self.simulated["prior"], "prior_predictive": self.simulated["prior_predictive"]}
        return xr.DataTree.from_dict({name: own.to_dataset().isel(draw=chosen) for name, own in groups.items()})


@pytest.fixture(scope="module")
def made() -> Iterator[Stub]:
    class Compiled:
        def with_data(self, tables: Tables) -> Tables:
            return tables

    made = Stub()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inference, "compile_model", lambda _: Compiled())
        patch.setattr(inference, "sample_prior", made.sample_prior)
        patch.setattr(inference, "sample", made.sample)
        yield made


@pytest.fixture
def stub(made: Stub) -> Stub:
    made.fits.clear()
    return made


@pytest.fixture(scope="module")
def usual(made: Stub) -> tuple[SimulationCheck, list[tuple[Tables, SamplerSettings, int]]]:
    """A check from the prior, and every fit that it asked for."""
    made.fits.clear()
    return simulation_check(skeleton(), AS_OF, replications=SETS, settings=SMALL), list(made.fits)


def test_every_scalar_is_ranked_in_every_data_set(usual: tuple[SimulationCheck, Any], stub: Stub) -> None:
    found, _ = usual
    model = build_model(design_of(skeleton(), AS_OF))
    free = {variable.name for variable in model.free_RVs}
    assert set(found.blocks.index) == free | {"log_likelihood"}
    sizes = {name: int(np.prod(stub.prior[name].shape[1:])) for name in free} | {"log_likelihood": 3}
    assert found.blocks["scalars"].to_dict() == sizes
    assert found.ranks.shape == (SETS, sum(sizes.values()))
    shares = found.ranks.to_numpy()
    assert shares.min() > 0
    assert shares.max() < 1
    assert ("delta", "onset, fishing_truce") in found.table.index
    assert found.divergent == 0


def test_every_data_set_is_another_and_has_the_shape_of_the_real_one(usual: tuple[SimulationCheck, Any]) -> None:
    _, fits = usual
    real = pack(design_of(skeleton(), AS_OF))
    assert len(fits) == SETS
    assert len({tables["row_events"].tobytes() for tables, _, _ in fits}) == SETS
    assert len({seed for *_, seed in fits}) == SETS
    for tables, settings, _ in fits:
        assert settings == SMALL
        assert {name: values.shape for name, values in tables.items()} == {n: v.shape for n, v in real.items()}


@pytest.mark.usefixtures("stub")
def test_draws_that_ignore_the_data_are_found_by_the_likelihood() -> None:
    """Parameters alone cannot tell: draws from the prior have their distribution."""
    found = simulation_check(skeleton(), AS_OF, replications=4 * SETS, settings=SMALL, seed=3)
    assert not found.ok
    assert found.blocks.index[~found.blocks["ok"]].tolist() == ["log_likelihood"]
    assert found.table.loc[("log_likelihood", "events"), "mean_rank"] > 0.6
    assert "data from the prior: NOT calibrated: log_likelihood" in found.text


def test_given_data_every_row_stands_twice_the_real_one_first(stub: Stub) -> None:
    found = simulation_check(skeleton(), AS_OF, replications=SETS, settings=SMALL, given_data=True)
    real = pack(design_of(skeleton(), AS_OF))
    first, *others = stub.fits
    np.testing.assert_array_equal(first[0]["row_events"], real["row_events"])
    assert len(others) == SETS == len(found.ranks)
    for tables, *_ in others:
        for name, values in real.items():
            if name in ("standing", "prior_values"):
                np.testing.assert_array_equal(tables[name], values)
            else:
                count = values.shape[-1]
                assert tables[name].shape[-1] == 2 * count
                np.testing.assert_array_equal(tables[name][..., :count], values)
        np.testing.assert_array_equal(tables["row_value"], np.concatenate([real["row_value"]] * 2, axis=-1))
    assert len({tables["row_events"].tobytes() for tables, *_ in others}) > SETS / 2
    assert "beside the real ones" in found.title


def test_the_same_seed_gives_the_same_check(usual: tuple[SimulationCheck, Any]) -> None:
    one, other = (
        simulation_check(skeleton(), AS_OF, replications=SETS, settings=SMALL, seed=seed).ranks for seed in (1, 2)
    )
    assert one.equals(usual[0].ranks)
    assert not one.equals(other)


@pytest.mark.parametrize("given_data", [False, True])
def test_fits_sample_the_density_of_their_settings(
    given_data: bool, stub: Stub, usual: tuple[SimulationCheck, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    del usual
    monkeypatch.setattr(inference, "compile_model", lambda _: pytest.fail("a model was compiled"))
    asked = dataclasses.replace(SMALL, density="written")
    found = simulation_check(skeleton(), AS_OF, replications=SETS, settings=asked, given_data=given_data)
    assert found.title.endswith(", fits on the density written out")
    assert {settings.density for _, settings, _ in stub.fits} == {"written"}
    models: list[Any] = [compiled.compiled.logp_func for compiled, _, _ in stub.fits]  # type: ignore[attr-defined]
    assert [len(one.kept) for one in models] == [settings.chains for _, settings, _ in stub.fits]
    assert len({one.kept[0][0].rows.events.sum() for one in models}) > 1, "every fit has data of its own"


def test_too_few_data_sets_are_refused() -> None:
    with pytest.raises(SettingsError, match="at least 20"):
        simulation_check(skeleton(), replications=19)
