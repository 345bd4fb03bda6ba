"""A stack with the sampler: its members are the fits of the variants, and what is on disk is not fitted again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import vzforecast as vz
from helpers.cases import skeleton
from vzforecast import inference
from vzforecast.settings import SamplerSettings
from vzforecast.stacking import stacking
from vzforecast.stacking.members import MEMBERS

# Fits this short may fail their diagnostics; what members and cache have in common does not rest on it.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::vzforecast.convergence.UnconvergedWarning")]

AS_OF = "2024-06-15"
SHORT = vz.SamplerSettings(draws=300, tune=300, chains=2, paths=5)
EVENT = "ever(ferry_permit = withdrawn) by 2024-09-30"


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VZFORECAST_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def fc(cached: Path) -> vz.Forecast:
    made = vz.stack(skeleton(), AS_OF, SHORT, progress=False)
    assert len(list(cached.glob("*.nc"))) == 4 + 3 * 4
    return made


def test_members_are_the_fits_of_the_variants(fc: vz.Forecast) -> None:
    assert fc.averaged is not None
    fits = [vz.fit(skeleton().without(*terms), AS_OF, SHORT, progress=False) for terms in MEMBERS.values()]
    assert all(one.provenance["from_cache"] for one in fits)
    mean = sum(w * one.probability(EVENT).mean for w, one in zip(fc.averaged.weights, fits, strict=True))
    assert fc.probability(EVENT).mean == pytest.approx(mean, rel=1e-12)


def test_a_second_stack_samples_nothing(fc: vz.Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    def sampled(*_: Any, **__: Any) -> None:
        raise AssertionError("sampled again")

    monkeypatch.setattr(inference, "sample", sampled)
    again = vz.stack(skeleton(), AS_OF, SHORT, progress=False)
    assert again.provenance["from_cache"] is True
    assert again.scenarios().equals(fc.scenarios())


def test_past_months_are_fitted_by_the_density_of_the_members(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[SamplerSettings] = []
    real = stacking.fit_known

    def recorded(known: vz.Case, settings: SamplerSettings, *args: Any, **options: Any) -> vz.Forecast:
        asked.append(settings)
        return real(known, settings, *args, **options)

    def compiled(*_: object, **__: object) -> None:
        raise AssertionError("a model was compiled")

    monkeypatch.setattr(stacking, "fit_known", recorded)
    monkeypatch.setattr(inference, "compile_model", compiled)
    found = vz.stack(skeleton(), AS_OF, replace(SHORT, density="written"), cache=False, progress=False)
    assert {one.density for one in asked} == {"written"}
    assert {one.draws for one in asked} == {SHORT.draws, stacking.LIGHT.draws}
    assert found.averaged is not None


def test_a_refit_compiles_nothing(fc: vz.Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    def compiled(*_: Any, **__: Any) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(inference, "compile_model", compiled)
    after = vz.update(fc, as_of="2024-06-25", method="refit", progress=False)
    assert after.averaged is not None
    assert after.averaged.months == 3
    assert after.averaged.members == MEMBERS
