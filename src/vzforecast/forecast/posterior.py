"""Posterior draws as a tree: stacked for computing, labelled for people."""

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from vzforecast import latent, names
from vzforecast.history import Design, Places


def stacked(tree: xr.DataTree) -> dict[str, NDArray[np.float64]]:
    """Return the posterior draws of every variable with chains and draws stacked, leading dim ``sample``.

    By ``values``, here and below: ``to_numpy`` would ask whether they are dask's, and load it for that.
    """
    posterior = tree[names.POSTERIOR].to_dataset()
    values = {str(name): posterior[name].values for name in posterior.data_vars}
    return {name: value.reshape(-1, *value.shape[2:]) for name, value in values.items()}


def switched_off(tree: xr.DataTree, design: Design) -> xr.DataTree:
    """Set the variables of the terms that a design does without to exactly 0 in every draw.

    Inside the model they are multiplied by 0 and keep their priors, so that its shape stays that of the full model;
    what reads draws afterwards need not know that there are variants.
    """
    off = [name for term, own in _OF_TERM.items() if not design.priors[f"{term}_switch"] for name in own]
    posterior = tree[names.POSTERIOR].to_dataset()
    zeros = {name: xr.zeros_like(posterior[name]) for name in off if name in posterior}
    groups = {name: group.to_dataset() for name, group in tree.children.items()}
    return xr.DataTree.from_dict({**groups, names.POSTERIOR: posterior.assign(zeros)})


_OF_TERM: Final = {
    "coupling": ("coupling_effect",),
    "influence": ("leverage", "leverage_doubt"),
    "tone": ("psi", "lambda"),
}


def labelled(tree: xr.DataTree, design: Design) -> xr.DataTree:
    """Label the draws with this design's coordinates and add the influence shares, for plots of the posterior."""
    posterior = tree[names.POSTERIOR].to_dataset()
    labels = {str(dim): list(design.coords[str(dim)]) for dim in posterior.dims if dim in design.coords}
    posterior = posterior.assign_coords(labels)
    shares = latent.influence(stacked(tree), design)
    dims = (names.CHAIN, names.DRAW, names.PERIOD, names.FACTION)
    sizes = [posterior.sizes[names.CHAIN], posterior.sizes[names.DRAW]]
    posterior["influence"] = (dims, shares.reshape(*sizes, *shares.shape[1:]))
    stats = tree[names.SAMPLE_STATS].to_dataset()
    return xr.DataTree.from_dict({names.POSTERIOR: posterior, names.SAMPLE_STATS: stats})


def places(tree: xr.DataTree) -> Places:
    """Return the labels of the draws, against which rows are encoded."""
    coords = tree[names.POSTERIOR].coords
    labels = {
        dim: tuple(map(str, coords[dim].values)) if dim in coords else () for dim in (names.LEVEL, names.SIGNAL_KIND)
    }
    return Places(labels[names.LEVEL], labels[names.SIGNAL_KIND])
