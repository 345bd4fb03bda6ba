"""Settings of the sampler: what is accepted, and what each refusal says."""

from typing import Any

import numpy as np
import pytest

from vzforecast.errors import SettingsError, VzForecastError
from vzforecast.settings import SamplerSettings, checked_seed, density_for


def test_defaults() -> None:
    settings = SamplerSettings()
    assert list(settings.as_dict()) == ["draws", "tune", "chains", "target_accept", "paths", "density"]
    assert settings.total == settings.draws * settings.chains
    assert settings.chains == 4
    assert settings.density == "pymc"


@pytest.mark.parametrize(
    ("setting", "value", "least"),
    [
        ("draws", 49, 50),
        ("draws", 0, 50),
        ("draws", -1, 50),
        ("draws", 100.0, 50),
        ("draws", "100", 50),
        ("draws", True, 50),
        ("tune", 49, 50),
        ("chains", 1, 2),
        ("paths", 1, 2),
        ("paths", None, 2),
    ],
)
def test_counts_refused(setting: str, value: Any, least: int) -> None:
    with pytest.raises(SettingsError) as caught:
        SamplerSettings(**{setting: value})
    assert str(caught.value) == f"{setting} is {value!r}; give a whole number of at least {least}"


@pytest.mark.parametrize("value", [0.49, 1.0, 1.5, -0.9, float("nan")])
def test_target_acceptance_refused(value: float) -> None:
    with pytest.raises(SettingsError) as caught:
        SamplerSettings(target_accept=value)
    assert str(caught.value) == f"target_accept is {value!r}; give a number from 0.5 to below 1"


def test_target_acceptance_that_is_no_number_is_refused() -> None:
    with pytest.raises(SettingsError, match="target_accept is 'high'; give a number"):
        SamplerSettings(target_accept="high")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("density", "message"),
    [
        ("writen", "density is 'writen'; did you mean written? choose one of pymc, written"),
        ("numba", "density is 'numba'; choose one of pymc, written"),
        (None, "density is None; choose one of pymc, written"),
        (
            np.array(["pymc", "written"]),
            r"density is array(['pymc', 'written'], dtype='<U7'); choose one of pymc, written",
        ),
    ],
)
def test_density_refused(density: Any, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        SamplerSettings(density=density)
    assert str(caught.value) == message


def test_settings_kept_before_there_was_a_choice_are_of_pymcs_density() -> None:
    kept = {name: value for name, value in SamplerSettings(draws=70).as_dict().items() if name != "density"}
    assert SamplerSettings(**kept) == SamplerSettings(draws=70, density="pymc")  # type: ignore[arg-type]


@pytest.mark.parametrize(("strategy", "density"), [("refit", "pymc"), ("update", "written"), ("none", "pymc")])
def test_a_backtest_by_updates_begins_on_the_density_that_moves_run_on(strategy: Any, density: str) -> None:
    assert density_for(strategy) == density


def test_bounds_are_accepted() -> None:
    settings = SamplerSettings(draws=50, tune=50, chains=2, target_accept=0.5, paths=2)
    assert settings.total == 100


def test_refusals_are_of_the_one_family() -> None:
    assert issubclass(SettingsError, VzForecastError)
    assert issubclass(SettingsError, ValueError)


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_seeds_accepted(seed: int) -> None:
    assert checked_seed(seed) == seed


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, "1", None, True, np.float64(3)])
def test_seeds_refused(seed: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        checked_seed(seed)
    assert str(caught.value) == f"seed is {seed!r}; give a whole number from 0 to 4294967295"
