"""A forecast as one netCDF file: draws, paths, the case and where they come from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from vzforecast.case import Case
from vzforecast.convergence import ConvergenceReport
from vzforecast.errors import ForecastFileError
from vzforecast.forecast.averaged import Averaged
from vzforecast.forecast.intervention import Intervened, read_made, write_made
from vzforecast.forecast.netcdf import read_tree
from vzforecast.forecast.parts import Parts
from vzforecast.forecast.posterior import places
from vzforecast.forecast.revision import Revision
from vzforecast.forecast.revision_file import read_revision, write_revision
from vzforecast.forecast.weights import Weights
from vzforecast.history import Known
from vzforecast.names import POSTERIOR, SAMPLE_STATS, WEIGHT
from vzforecast.paths import Paths
from vzforecast.whole_file import whole_file

# An updated forecast has weights, one under interventions says nothing of what will be, and the draws of a stack do not
# count alike: a version that knows nothing of these must not read it.
FORMAT, UPDATED_FORMAT, INTERVENED_FORMAT, AVERAGED_FORMAT = (f"vzforecast forecast {n}" for n in (1, 2, 3, 4))
FORMATS = (FORMAT, UPDATED_FORMAT, INTERVENED_FORMAT, AVERAGED_FORMAT)
PATHS, REVISION, INTERVENTIONS, INTERVENED, AVERAGED = "paths", "revision", "interventions", "intervened", "averaged"


def write_parts(parts: Parts, path: Path) -> Path:
    """Write a forecast whole or not at all: to a temporary file beside its place, then renamed."""
    groups = {name: parts.posterior[name].to_dataset() for name in (POSTERIOR, SAMPLE_STATS)}
    tree = xr.DataTree.from_dict({**groups, PATHS: _paths_dataset(parts.simulated)})
    tree.attrs = {
        "format": FORMAT,
        "case": json.dumps(parts.case.to_payload()),
        "diagnostics": json.dumps(parts.diagnostics.to_dict()),
        "provenance": json.dumps(dict(parts.provenance)),
    }
    if parts.revision is not None:
        tree.attrs |= {"format": UPDATED_FORMAT, REVISION: write_revision(parts.revision)}
    if parts.intervened is not None:
        tree.attrs |= {"format": INTERVENED_FORMAT, INTERVENTIONS: write_made(parts.intervened.made)}
        tree[INTERVENED] = xr.DataTree(_weights_dataset(parts.intervened.weights))
    if parts.averaged is not None:
        tree.attrs |= {"format": AVERAGED_FORMAT, AVERAGED: json.dumps(parts.averaged.to_dict())}
    with whole_file(path) as temporary:
        tree.to_netcdf(temporary, engine="h5netcdf")
    return path


def read_parts[Kind: Parts](path: Path, kind: type[Kind]) -> Kind:
    """Read what ``write_parts`` wrote.

    Parameters
    ----------
    path : Path
        The file.
    kind : type
        What is made of the parts.

    Returns
    -------
    Parts
        Of that kind.

    Raises
    ------
    ForecastFileError
        If there is no such file, or it is not a whole saved forecast.
    """
    if not path.is_file():
        raise ForecastFileError(f"{path}: no such file; give a forecast written by Forecast.save or --save")
    try:
        return _rebuild(read_tree(path), kind)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise ForecastFileError(
            f"{path}: not a whole vzforecast forecast ({error}); fit again, or give a file written by Forecast.save"
        ) from error


def _rebuild[Kind: Parts](tree: xr.DataTree, kind: type[Kind]) -> Kind:
    if tree.attrs.get("format") not in FORMATS:
        raise ValueError(f"format is {tree.attrs.get('format')!r}, not one of {', '.join(map(repr, FORMATS))}")
    groups = {name: tree[name].to_dataset() for name in (POSTERIOR, SAMPLE_STATS)}
    case, posterior = Case.from_payload(json.loads(tree.attrs["case"])), xr.DataTree.from_dict(groups)
    return kind(
        case=case,
        posterior=posterior,
        simulated=Paths.from_arrays(_path_arrays(tree[PATHS].to_dataset())),
        diagnostics=ConvergenceReport.from_dict(json.loads(tree.attrs["diagnostics"])),
        provenance=json.loads(tree.attrs["provenance"]),
        revision=_revision(tree, Known(case, places(posterior))),
        intervened=_intervened(tree),
        averaged=Averaged.from_dict(json.loads(tree.attrs[AVERAGED])) if AVERAGED in tree.attrs else None,
    )


def _revision(tree: xr.DataTree, known: Known) -> Revision | None:
    """Read what was added by updates; the weights of the draws are among the statistics of the sample."""
    if REVISION not in tree.attrs:
        return None
    stats = tree[SAMPLE_STATS].to_dataset()
    weights = stats[WEIGHT].values.ravel() if WEIGHT in stats else None
    return read_revision(tree.attrs[REVISION], known, weights)


def _intervened(tree: xr.DataTree) -> Intervened | None:
    """Read what was brought about, and the weights of the forecast without it."""
    if INTERVENTIONS not in tree.attrs:
        return None
    kept = tree[INTERVENED].to_dataset()
    draw, path = (kept[name].values if name in kept else None for name in ("draw_weight", "path_weight"))
    return Intervened(read_made(tree.attrs[INTERVENTIONS]), Weights(draw, path))


def _weights_dataset(weights: Weights) -> xr.Dataset:
    """Weights as a dataset; what counts alike is left out."""
    dataset = xr.Dataset()
    if weights.draw is not None:
        dataset["draw_weight"] = ("sample", weights.draw)
    if weights.path is not None:
        dataset["path_weight"] = (("sample", "path_of_sample"), weights.path)
    return dataset


def _paths_dataset(paths: Paths) -> xr.Dataset:
    """Paths as a dataset; each array has dims of its own."""
    arrays = paths.to_arrays()
    return xr.Dataset({name: ([f"{name}_{axis}" for axis in range(a.ndim)], _plain(a)) for name, a in arrays.items()})


def _plain(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array.astype(object) if array.dtype.kind == "U" else array


def _path_arrays(dataset: xr.Dataset) -> dict[str, np.ndarray[Any, Any]]:
    return {str(name): dataset[name].values for name in dataset.data_vars}
