"""The file of a saved forecast as a tree of datasets, read straight from HDF5.

``xarray.open_datatree`` gives the same and takes five times as long: it is made for files of any kind that are read
piece by piece, asks of every array whether it is one of dask's, and loads dask for that wherever it is installed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from xarray.indexes import PandasIndex

# What netCDF notes beside arrays, which is none of the attributes of a dataset.
_OF_ARRAYS: Final = {
    *("CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates"),
    *("_FillValue", "dtype"),
}
_OF_FILES: Final = "_NCProperties"
_LENGTH_ALONE: Final = b"This is a netCDF dimension but not a netCDF variable"


def read_tree(path: Path) -> xr.DataTree:
    """Read a file of groups of arrays whole.

    A file that was written in another way than a forecast is, by another program say, is left to xarray.

    Parameters
    ----------
    path : Path
        NetCDF 4.

    Returns
    -------
    xarray.DataTree
        As xarray reads it.

    Raises
    ------
    OSError
        It is no HDF5 file, or not a whole one.
    """
    try:
        with h5py.File(path, "r") as file:
            if all(map(_is_plain, file.values())):
                tree = xr.DataTree.from_dict({name: _dataset(group) for name, group in file.items()})
                tree.attrs = _attributes(file)
                return tree
        with xr.open_datatree(path, engine="h5netcdf") as opened:
            return opened.load()
    # What HDF5 and h5netcdf raise where the inside of a file is damaged.
    except (RuntimeError, AttributeError) as error:
        raise OSError(str(error)) from error


def _is_plain(group: Any) -> bool:
    """Tell whether a member of the file is a group of arrays with named dimensions, and no more than that."""
    return isinstance(group, h5py.Group) and all(
        isinstance(array, h5py.Dataset)
        and _OF_ARRAYS.issuperset(array.attrs)
        and np.all(np.isnan(array.attrs.get("_FillValue", np.nan)))  # NaN stands for NaN
        and (array.is_scale or all(len(dim) == 1 for dim in array.dims))
        for array in group.values()
    )


def _dataset(group: Any) -> xr.Dataset:
    variables, labels = {}, xr.Coordinates()
    for name, array in _arrays(group):
        values = _values(array)
        if array.is_scale:
            # Made from a pandas index: of an array, xarray would ask whether it is one of dask's.
            labels |= xr.Coordinates.from_xindex(PandasIndex(pd.Index(values), name, values.dtype))
        else:
            dims = [dim[0].name.rsplit("/", 1)[1] for dim in array.dims]
            variables[name] = xr.Variable(dims, values, fastpath=True)  # as is, without the same question
    return xr.Dataset(variables, labels, _attributes(group))


def _arrays(group: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of a group in the order of the file, without dimensions that have no labels."""
    for name, array in group.items():
        if not bytes(array.attrs.get("NAME", b"")).startswith(_LENGTH_ALONE):
            yield name, array


def _values(array: Any) -> NDArray[Any]:
    if h5py.check_string_dtype(array.dtype):
        return np.asarray(array.asstr()[()], dtype=np.str_)
    values: NDArray[Any] = np.asarray(array[()])
    return values.astype(np.bool_) if array.attrs.get("dtype") == "bool" else values


def _attributes(of: Any) -> dict[str, Any]:
    """Return the attributes of the file or of a group, several texts as a list."""
    return {
        name: value.tolist() if isinstance(value, np.ndarray) and value.dtype == object else value
        for name, value in of.attrs.items()
        if name != _OF_FILES
    }
