"""A saved forecast is read as xarray reads it, and what somebody else wrote is left to xarray."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from helpers.cases import embedded, skeleton
from helpers.synthetic import synthetic_forecast
from vzforecast.errors import ForecastFileError
from vzforecast.evidence import Signal
from vzforecast.forecast import Forecast, load_forecast
from vzforecast.forecast.netcdf import read_tree
from vzforecast.updating import update


def plain() -> Forecast:
    return synthetic_forecast(embedded(), draws=40, paths=3)


def with_a_record() -> Forecast:
    return synthetic_forecast(embedded(), "2025-08-31", draws=40, paths=3)


def updated() -> Forecast:
    leak = Signal(id="leak", date="2025-09-02", kind="rumour", faction="oil", outcome="sanctions", lean="active")
    return update(synthetic_forecast(embedded(), "2025-08-31", draws=300, paths=3, width=0.2), [leak], "reweight")


def last_day() -> Forecast:
    return synthetic_forecast(embedded(), "2025-12-31", draws=40, paths=3)


@pytest.fixture(params=[plain, with_a_record, updated, last_day], ids=lambda made: made.__name__)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made: Callable[[], Forecast] = request.param
    return made().save(tmp_path / "fc.nc")


def by_xarray(path: Path) -> xr.DataTree:
    with xr.open_datatree(path, engine="h5netcdf") as opened:
        return opened.load()


def test_every_array_label_and_attribute_is_that_of_xarray(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = by_xarray(path)
    monkeypatch.delattr(xr, "open_datatree")
    own = read_tree(path)
    xr.testing.assert_identical(own, theirs)
    assert list(own.attrs) == list(theirs.attrs)
    for name in theirs.children:
        mine, other = own[name].to_dataset(), theirs[name].to_dataset()
        assert list(mine.variables) == list(other.variables)
        assert list(map(type, mine.attrs.values())) == list(map(type, other.attrs.values()))
        for variable, wanted in other.variables.items():
            read = mine.variables[variable]
            assert (type(read), read.dtype, read.attrs) == (type(wanted), wanted.dtype, wanted.attrs)
            assert read.values.flags.writeable == wanted.values.flags.writeable
        for label, index in other.indexes.items():
            assert (mine.indexes[label].dtype, mine.indexes[label].name) == (index.dtype, index.name)


def packed(path: Path) -> None:
    """Whole numbers with a scale, which stand for others."""
    with h5py.File(path, "a") as file:
        file["posterior/tau"].attrs["scale_factor"] = 2.0


def another_blank(path: Path) -> None:
    with h5py.File(path, "a") as file:
        tau = file["posterior/tau"]
        tau.attrs["_FillValue"] = tau[0, :1]


def an_array_beside_the_groups(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file.create_dataset("more", data=np.arange(3)).make_scale("more")


def a_group_in_a_group(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["posterior"].create_group("more")


@pytest.mark.parametrize(
    "changed", [packed, another_blank, an_array_beside_the_groups, a_group_in_a_group], ids=lambda made: made.__name__
)
def test_what_is_not_as_we_write_it_is_read_by_xarray(
    changed: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = synthetic_forecast(skeleton(), "2024-04-15", draws=40, paths=2).save(tmp_path / "fc.nc")
    changed(path)
    theirs, asked = by_xarray(path), []
    opened = xr.open_datatree
    monkeypatch.setattr(xr, "open_datatree", lambda *given, **more: asked.append(given) or opened(*given, **more))
    xr.testing.assert_identical(read_tree(path), theirs)
    assert asked == [(path,)]


def test_a_file_that_xarray_wrote_anew_gives_the_same_forecast(tmp_path: Path) -> None:
    path = plain().save(tmp_path / "fc.nc")
    again = tmp_path / "again.nc"
    by_xarray(path).to_netcdf(again, engine="h5netcdf", encoding={"/posterior": {"tau": {"zlib": True}}})
    one, other = load_forecast(path), load_forecast(again)
    xr.testing.assert_identical(one.posterior, other.posterior)
    assert one.scenarios().equals(other.scenarios())


def test_a_file_with_a_damaged_inside_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = synthetic_forecast(skeleton(), "2024-04-15", draws=40, paths=2).save(tmp_path / "fc.nc")

    def broken(*_: object) -> None:
        raise RuntimeError("Link iteration failed (incorrect metadata checksum)")

    monkeypatch.setattr(h5py.Group, "__getitem__", broken)
    with pytest.raises(ForecastFileError, match=r"fc\.nc: not a whole vzforecast forecast \(Link iteration failed"):
        load_forecast(path)
