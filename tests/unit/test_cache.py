"""Fits kept on disk: found again when nothing changed, and never trusted when anything did. Nothing is sampled."""

import dataclasses
import os
import shutil
import stat
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from helpers.cases import skeleton
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast import cache
from vzforecast.cache import CacheWarning, cache_folder, cache_key
from vzforecast.case import Case
from vzforecast.forecast import Forecast
from vzforecast.history import Known
from vzforecast.settings import SamplerSettings

# The module, not the function of the same name that the package gives.
FIT = import_module("vzforecast.fitting")
SMALL = SamplerSettings(draws=50, tune=50, chains=2, paths=2)
PRIOR = "coupling.onset.ferry_permit.fishing_truce"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VZFORECAST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def fits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the fits that were made: of synthetic draws instead of sampled ones."""
    made: list[str] = []

    def unsampled(
        known: Known, settings: SamplerSettings, seed: int, stages: Any, key: str, _cores: object
    ) -> Forecast:
        del stages
        made.append(key)
        forecast = synthetic_forecast(known.case, draws=settings.draws, paths=settings.paths, seed=seed)
        return dataclasses.replace(forecast, provenance={**forecast.provenance, "cache_key": key})

    monkeypatch.setattr(FIT, "_fit", unsampled)
    return made


def fit(case: Case | None = None, as_of: str = "2024-04-15", seed: int = 1, **options: Any) -> Forecast:
    return FIT.fit(case or skeleton(), as_of, options.pop("settings", SMALL), seed, **options)  # type: ignore[no-any-return]


def only_entry(folder: Path) -> Path:
    (entry,) = folder.glob("*.nc")
    return entry


def test_the_second_time_nothing_is_fitted(folder: Path, fits: list[str]) -> None:
    first, second = fit(), fit()
    assert len(fits) == 1
    assert only_entry(folder).stem == fits[0]
    assert second.scenarios().equals(first.scenarios())
    assert second.provenance["from_cache"]
    assert "from_cache" not in first.provenance


def test_without_the_cache_nothing_is_read_or_written(folder: Path, fits: list[str]) -> None:
    fit(cache=False)
    assert not folder.exists()
    fit()
    fit(cache=False)
    assert len(fits) == 3


DIFFERENT: dict[str, Any] = {
    "a prior": lambda: fit(skeleton().with_prior(PRIOR, "-0.2 to 1.3")),
    "the seed": lambda: fit(seed=2),
    "the draws": lambda: fit(settings=dataclasses.replace(SMALL, draws=51)),
    "the tuning": lambda: fit(settings=dataclasses.replace(SMALL, tune=51)),
    "the chains": lambda: fit(settings=dataclasses.replace(SMALL, chains=3)),
    "the target acceptance": lambda: fit(settings=dataclasses.replace(SMALL, target_accept=0.91)),
    "the density": lambda: fit(settings=dataclasses.replace(SMALL, density="written")),
    "the paths": lambda: fit(settings=dataclasses.replace(SMALL, paths=3)),
    "the as-of date": lambda: fit(as_of="2024-04-16"),
    "an agreement left out": lambda: fit(skeleton().without_agreement("harbour_2018")),
    "how partial counts": lambda: fit(skeleton().with_partial("as_kept")),
}


@pytest.mark.parametrize("what", list(DIFFERENT))
@pytest.mark.usefixtures("folder")
def test_fits_that_differ_never_share_an_entry(what: str, fits: list[str]) -> None:
    fit()
    DIFFERENT[what]()
    assert len(set(fits)) == 2


@pytest.mark.usefixtures("folder")
def test_what_does_not_decide_the_draws_does_not_count(fits: list[str]) -> None:
    fit(skeleton())
    fit(skeleton().known_on("2024-06-01"), as_of="2024-04-15")
    fit(skeleton(), progress=False)
    assert len(fits) == 1


def test_other_versions_and_another_code_never_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    key = cache_key({"case": "x"})
    assert key == cache_key({"case": "x"})
    monkeypatch.setattr(cache, "versions", lambda: {"numpy": "0"})
    older = cache_key({"case": "x"})
    monkeypatch.setattr(cache, "code_digest", lambda: "0")
    assert len({key, older, cache_key({"case": "x"})}) == 3


def test_the_code_digest_reads_every_module() -> None:
    sources = list(Path(cache.__file__).parent.rglob("*.py"))
    assert {"inference.py", "kernel.py", "tension.py"} <= {source.name for source in sources}
    assert len(cache.code_digest()) == 64


def damage_a_byte(entry: Path) -> None:
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 0xFF
    entry.write_bytes(content)


def cut_short(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[: entry.stat().st_size // 2])


def empty(entry: Path) -> None:
    entry.write_bytes(b"")


def lose_the_checksum(entry: Path) -> None:
    entry.with_suffix(".sha256").unlink()


def garble_the_checksum(entry: Path) -> None:
    entry.with_suffix(".sha256").write_bytes(b"\xff\xfe not a digest")


def replace_by_a_forecast_without_its_checksum(entry: Path) -> None:
    synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2).save(entry)


DAMAGE = [damage_a_byte, cut_short, empty, lose_the_checksum, garble_the_checksum]
DAMAGE.append(replace_by_a_forecast_without_its_checksum)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda function: function.__name__)
def test_a_damaged_entry_is_reported_and_fitted_again(folder: Path, fits: list[str], damage: Any) -> None:
    whole = fit().scenarios()
    damage(only_entry(folder))
    with pytest.warns(
        CacheWarning, match=rf"cached fit {fits[0]}.nc cannot be trusted \(.*\); fitting again"
    ) as caught:
        again = fit()
    assert len(caught) == 1
    assert len(fits) == 2
    assert again.scenarios().equals(whole)
    assert fit().provenance["from_cache"]  # repaired
    assert len(fits) == 2


def test_an_entry_of_another_fit_is_not_taken_for_this_one(folder: Path, fits: list[str]) -> None:
    fit()
    fit(seed=2)
    mine, other = (folder / f"{key}.nc" for key in fits)
    shutil.copy(other, mine)
    shutil.copy(other.with_suffix(".sha256"), mine.with_suffix(".sha256"))
    with pytest.warns(CacheWarning, match="it holds another fit"):
        again = fit()
    assert len(fits) == 3
    assert again.provenance["seed"] == 1


def test_a_failed_fit_found_again_still_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(known: Known, settings: SamplerSettings, seed: int, stages: Any, key: str, _: object) -> Forecast:
        del stages
        forecast = synthetic_forecast(known.case, draws=settings.draws, paths=2, seed=seed, report=failing_report())
        return dataclasses.replace(forecast, provenance={**forecast.provenance, "cache_key": key})

    monkeypatch.setattr(FIT, "_fit", failing)
    assert not fit().ok
    assert not fit().ok
    assert only_entry(folder).is_file()


def test_the_users_own_folder_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VZFORECAST_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("VZFORECAST_CACHE")
    assert cache_folder().name == "vzforecast"
    monkeypatch.setenv("VZFORECAST_CACHE", "")
    assert cache_folder().name == "vzforecast"


@pytest.fixture
def unwritable(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    folder.chmod(stat.S_IREAD | stat.S_IEXEC)
    yield folder
    folder.chmod(stat.S_IRWXU)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.usefixtures("unwritable")
def test_a_folder_that_may_not_be_written_costs_only_a_warning() -> None:
    with pytest.warns(CacheWarning, match="the fit could not be kept in"):
        assert fit().ok


def test_a_folder_that_is_a_file_costs_only_a_warning(folder: Path) -> None:
    folder.write_text("in the way")
    with pytest.warns(CacheWarning, match="the fit could not be kept in"):
        assert fit().ok
    assert folder.read_text() == "in the way"


def test_nothing_is_left_behind_when_writing_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("xarray.DataTree.to_netcdf", Mock(side_effect=full))
    with pytest.warns(CacheWarning, match="No space left on device"):
        fit()
    assert list(folder.iterdir()) == []
