"""The PyMC model in plain Python: every operation runs, none is compiled, so that a test costs seconds."""

from collections.abc import Mapping

import numpy as np
import pymc as pm
import xarray as xr
from numpy.typing import NDArray
from pytensor.compile.mode import Mode

Draws = dict[str, NDArray[np.float64]]

PLAIN = {"mode": Mode(linker="py", optimizer="fast_compile")}


def prior_tree(model: pm.Model, draws: int, seed: int) -> xr.DataTree:
    """Return draws from the priors and of the observed variables."""
    return pm.sample_prior_predictive(draws, model=model, random_seed=seed, compile_kwargs=PLAIN)


def stack(group: xr.DataTree) -> Draws:
    """Return variables with chains and draws stacked, leading dim ``sample``."""
    return {str(name): array.to_numpy().reshape(-1, *array.shape[2:]) for name, array in group.data_vars.items()}


def pymc_log_likelihood(model: pm.Model, draws: Mapping[str, NDArray[np.float64]]) -> Draws:
    """Return PyMC's own pointwise log likelihood of every observed variable, leading dim ``sample``."""
    variables = {name: (("chain", "draw", *_dims(model, name)), values[None]) for name, values in draws.items()}
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(variables)})
    found = pm.compute_log_likelihood(
        tree, model=model, extend_inferencedata=False, progressbar=False, compile_kwargs=PLAIN
    )
    return {str(name): array.to_numpy()[0] for name, array in found.data_vars.items()}


def _dims(model: pm.Model, name: str) -> tuple[str, ...]:
    return tuple(map(str, model.named_vars_to_dims.get(name, ())))
