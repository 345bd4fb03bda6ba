"""From any ``pm.Model``, or a density written by hand, to draws: compile once, sample as often as rows change.

Sampling is NUTS by nutpie (Rust). A compiled model takes new values of its ``pm.Data`` without compiling again,
as long as free variables keep their shapes. A density written by hand does without PyMC, which is imported where a
model needs it and not before.
"""

import gc
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING, Any

import nutpie
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from vzforecast.names import POSTERIOR, SAMPLE_STATS
from vzforecast.progress import Report
from vzforecast.settings import SamplerSettings

if TYPE_CHECKING:
    import pymc as pm

    from vzforecast.hamiltonian import WrittenModel

# Statistics of the sampler worth keeping; the rest is for debugging nutpie itself.
KEPT_STATS = ("diverging", "energy", "logp", "n_steps", "step_size")


@dataclass(frozen=True)
class CompiledModel:
    """A model ready to sample.

    Attributes
    ----------
    compiled : nutpie compiled model
        The density and its gradient in machine code.
    """

    compiled: Any

    def with_data(self, tables: Mapping[str, NDArray[Any]]) -> "CompiledModel":
        """Return the same machine code reading other data; the number of rows may differ.

        Parameters
        ----------
        tables : mapping of str to ndarray
            New values of the model's ``pm.Data``, by name.

        Returns
        -------
        CompiledModel
            Shares the compiled code; nothing is compiled.
        """
        return CompiledModel(self.compiled.with_data(**tables))


def compile_model(model: "pm.Model") -> CompiledModel:
    """Compile the density of a model and its gradient, keeping its data replaceable.

    Parameters
    ----------
    model : pm.Model
        Any model with continuous free variables.

    Returns
    -------
    CompiledModel
        For ``sample``.
    """
    import pytensor  # noqa: PLC0415 - see the head of this file

    # Fast maths may reorder sums, and does so differently with empty and with warm compile caches: the same seed would
    # not give the same draws.
    with pytensor.config.change_flags(numba__fastmath=False), _collector_paused():
        return CompiledModel(nutpie.compile_pymc_model(model, freeze_model=False))


def from_written(written: "WrittenModel") -> CompiledModel:
    """Return a density written by hand as what ``sample`` takes.

    Parameters
    ----------
    written : WrittenModel
        With functions of the signature of those that nutpie compiles from a ``pm.Model``, and in their place.

    Returns
    -------
    CompiledModel
        For ``sample``; other rows make another one, at no cost.
    """
    from nutpie.compile_pymc import CompiledPyMCModel  # noqa: PLC0415 - nutpie promises it to nobody; only this needs it

    shapes, size = written.shapes, sum(map(prod, written.shapes.values()))
    ends = list(accumulate(map(prod, shapes.values())))
    slices = [slice(end - prod(shape), end) for end, shape in zip(ends, shapes.values(), strict=True)]
    compiled = CompiledPyMCModel(
        dims=written.dims,
        compiled_logp_func=written.density,
        compiled_expand_func=written.expand,
        initial_point_func=written.initial,
        shared_data={},
        shared_var_keys={},
        user_data=written.memory,
        n_expanded=size,
        shape_info=(list(shapes), slices, list(shapes.values())),
        logp_func=written,  # nothing reads this, but it lives as long as a chain that could touch its memory
        expand_func=None,
        _n_dim=size,
        _shapes=shapes,
        _coords={dim: pd.Index(labels) for dim, labels in written.coords.items()},
    )
    return CompiledModel(compiled)


def sample(
    compiled: CompiledModel,
    settings: SamplerSettings,
    seed: int,
    progress: Report | None = None,
    cores: int | None = None,
) -> xr.DataTree:
    """Draw from the posterior.

    Parameters
    ----------
    compiled : CompiledModel
        What to sample.
    settings : SamplerSettings
        Chains, draws, tuning and target acceptance.
    seed : int
        The same seed gives the same draws.
    progress : callable, optional
        Takes the share of all draws done, 0 to 1; called from another thread.
    cores : int, optional
        Chains that run at a time; by default as many as the machine has cores. Draws do not depend on it.

    Returns
    -------
    xarray.DataTree
        Groups ``posterior`` and ``sample_stats``, dims (chain, draw, ...).

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted; all chains are stopped.
    """

    def report(chains: list[Any]) -> None:
        if progress is not None:
            progress(sum(c.finished_draws for c in chains) / max(1, sum(c.total_draws for c in chains)))

    running = nutpie.sample(
        compiled.compiled,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        cores=min(settings.chains, cores or os.cpu_count() or 1),
        seed=seed,
        target_accept=settings.target_accept,
        # Scales from the draws alone, as in Stan: for these funnels twice the ESS of nutpie's own scheme, at 1.5 times
        # the steps.
        adaptation="draw_diag",
        save_warmup=False,
        progress_bar=False,
        progress_callback=report,
        blocking=False,  # else an interrupt is caught by nutpie, which returns the draws made so far
    )
    try:
        tree = running.wait()
    except BaseException:
        running.cancel()
        raise
    stats = tree[SAMPLE_STATS].to_dataset()
    kept = stats[[name for name in KEPT_STATS if name in stats]]
    return xr.DataTree.from_dict({POSTERIOR: tree[POSTERIOR].to_dataset(), SAMPLE_STATS: kept})


def sample_prior(model: "pm.Model", draws: int, seed: int) -> xr.DataTree:
    """Draw the free variables from the prior and the observed ones from the prior predictive.

    Parameters
    ----------
    model : pm.Model
        The model that is fitted, unchanged.
    draws : int
        How many draws.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    xarray.DataTree
        Group ``posterior`` holds the free variables drawn from the prior, named as in a fit, dims (chain, draw, ...);
        group ``prior_predictive`` the observed variables.
    """
    import pymc as pm  # noqa: PLC0415 - see the head of this file

    with _quiet():
        tree = pm.sample_prior_predictive(draws=draws, model=model, random_seed=seed)
    groups = {POSTERIOR: tree["prior"], "prior_predictive": tree["prior_predictive"]}
    return xr.DataTree.from_dict({name: group.to_dataset() for name, group in groups.items()})


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause garbage collection: compiling makes millions of objects that live to its end (a tenth of its time)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep PyMC from announcing on standard error what it draws."""
    logger = logging.getLogger("pymc.sampling.forward")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
