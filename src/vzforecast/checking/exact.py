"""The density of a row under the posterior without it, by fitting again: for rows that weights cannot leave out."""

from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.checking.replicated import OBSERVED, PREFIX
from vzforecast.fitting import preparation
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import stacked, switched_off
from vzforecast.history import Design
from vzforecast.latent import Array
from vzforecast.likelihood import log_likelihood
from vzforecast.settings import SamplerSettings


def exact_elpd(fc: Forecast, rows: NDArray[np.int64]) -> tuple[Array, NDArray[np.bool_]]:
    """Fit the model of a forecast without each of some rows, and return the log density of the row it lacks.

    Parameters
    ----------
    fc : Forecast
        Its rows, settings and seed are used again; compiled once.
    rows : ndarray of int
        Places among all rows, kind after kind.

    Returns
    -------
    elpd : ndarray, dims (row,)
        In nats.
    sound : ndarray of bool, dims (row,)
        Whether the fit without the row passed its diagnostics.
    """
    from vzforecast import inference  # noqa: PLC0415 (needs nutpie)
    from vzforecast.mixing import convergence  # noqa: PLC0415

    design, settings = fc.design, SamplerSettings(**fc.provenance["settings"])
    prepare = preparation(settings.density, {})

    def density(row: int) -> tuple[float, bool]:
        kind, place = _located(design, row)
        tree: xr.DataTree = inference.sample(
            prepare(without(design, kind, place), settings.chains), settings, int(fc.provenance["seed"])
        )
        own = log_likelihood(stacked(switched_off(tree, design)), design)[kind][:, place]
        return float(np.logaddexp.reduce(own) - np.log(len(own))), convergence(tree).ok

    elpd, sound = zip(*(density(int(row)) for row in rows), strict=True)
    return np.array(elpd), np.array(sound)


def without(design: Design, kind: str, place: int) -> Design:
    """Return the design without one row of a kind."""
    data = {
        name: np.delete(values, place, axis=-1) if name.split("_", maxsplit=1)[0] == PREFIX[kind] else values
        for name, values in design.data.items()
    }
    return replace(design, data=data)


def _located(design: Design, row: int) -> tuple[str, int]:
    """Return kind and place within the kind of a row counted over all kinds."""
    for kind in (names.FAVOURED, names.LEAN, names.EVENTS):
        count = len(design.data[OBSERVED[kind]])
        if row < count:
            return kind, row
        row -= count
    raise IndexError(row)
