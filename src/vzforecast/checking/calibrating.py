"""Simulation-based calibration of a case: simulate data, refit the one compiled model to each set, rank the truth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from vzforecast import names
from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.checking.calibration_report import SimulationCheck
from vzforecast.checking.ranks import simulated_ranks
from vzforecast.checking.replicated import OBSERVED, Rows, doubled, replicated, rows_of, with_rows
from vzforecast.errors import SettingsError
from vzforecast.fitting import preparation
from vzforecast.forecast.posterior import stacked, switched_off
from vzforecast.history import Design
from vzforecast.inputs.dates import DateLike
from vzforecast.latent import Array, Draws
from vzforecast.likelihood import log_likelihood
from vzforecast.progress import Stages
from vzforecast.settings import SamplerSettings, checked_seed

# Fewer data sets than this cannot tell a sound inference from a poor one.
LEAST: Final = 20
# Data drawn from the prior are harder than real ones (rows with a hundred events), hence the short steps. Some two
# hundred effective draws a fit are plenty for a rank.
CAREFUL: Final = SamplerSettings(draws=250, tune=300, chains=2, target_accept=0.97)
LOG_LIKELIHOOD: Final = "log_likelihood"


@dataclass(frozen=True, eq=False)
class _Simulated:
    """Parameters, their first dim numbering them, and the rows of the fit to the data simulated from each."""

    truths: xr.Dataset
    design: Callable[[int], Design]

    def quantities(self, draws: Draws, number: int) -> dict[tuple[str, str], Array]:
        """Return the log likelihood of each observed variable, which no posterior that ignored the data would pass."""
        found = log_likelihood(draws, self.design(number))
        return {(LOG_LIKELIHOOD, kind): values.sum(axis=-1) for kind, values in found.items()}


def simulation_check(
    case: Case,
    as_of: DateLike | None = None,
    *,
    replications: int = 100,
    settings: SamplerSettings | None = None,
    seed: int = 1,
    given_data: bool = False,
    progress: bool | None = None,
) -> SimulationCheck:
    r"""Check that the inference finds again the parameters from which data are simulated.

    Parameters are drawn, data of the same shape as the real ones are simulated from them, and the model is fitted to
    each such data set. If priors, simulation, density and sampler are one model, the rank of the truth among the draws
    is uniform for every parameter, and for every function of parameters and data: ranked are all scalars of all free
    variables, and the log likelihood of each observed variable.

    With ``given_data`` parameters :math:`\theta'` come from the posterior of the real data y, new rows
    :math:`y' \sim p(y' | \theta')` stand beside the real ones, and :math:`\theta'` is ranked among draws from
    :math:`p(\theta | y, y')`: the check where it matters, near the parameters that the real data leave, instead of over
    the whole prior.

    Parameters
    ----------
    case : Case
        Any case.
    as_of : date-like, optional
        Day whose rows give the shape of the data; the case's default by default.
    replications : int, default 100
        Simulated data sets, each fitted once: a few seconds apiece for the embedded case.
    settings : SamplerSettings, optional
        Of every fit; two chains of 250 draws at target acceptance 0.97 by default. What is checked is the density that
        they name: data always come from the ``pm.Model``.
    seed : int, default 1
        The same seed gives the same check.
    given_data : bool, default False
        Draw parameters from the posterior of the real data instead of the prior.
    progress : bool, optional
        Show progress; by default only on a terminal or in a notebook.

    Returns
    -------
    SimulationCheck
        Verdict, and tables by scalar and by block.

    Raises
    ------
    DateError
        If ``as_of`` is not a date of the case.
    SettingsError
        If the seed is out of range or there are fewer than 20 replications.

    Notes
    -----
    Where partial promises count half, which is two fits pooled, the reading as broken is checked: half a count cannot
    be simulated.

    References
    ----------
    Talts et al. (2018), Validating Bayesian inference algorithms with simulation-based calibration. Säilynoja,
    Schmitt, Bürkner and Vehtari (2025), Posterior SBC: simulation-based calibration checking conditional on data.

    Examples
    --------
    >>> print(simulation_check(load_case(), given_data=True))  # doctest: +SKIP
    """
    from vzforecast import inference  # noqa: PLC0415 (needs nutpie)
    from vzforecast.model import build_model  # noqa: PLC0415 (needs PyMC)

    settings, seed = settings or CAREFUL, checked_seed(seed)
    if replications < LEAST:
        raise SettingsError(f"replications is {replications!r}; give a whole number of at least {LEAST}")
    known = given_case(case, "simulation_check").known_when_asked(as_of)
    design, stages = rows_of(known).design, Stages(progress)
    with stages.stage("compiling"):
        prepare = preparation(settings.density, {})
        prepare(design, settings.chains)
    with stages.stage("simulating") as report:
        if given_data:
            long = SamplerSettings(target_accept=settings.target_accept, density=settings.density)
            posterior = inference.sample(prepare(design, long.chains), long, seed, report)
            simulated = _from_posterior(switched_off(posterior, design), design, replications, seed)
        else:
            prior = inference.sample_prior(build_model(design), replications, seed)
            simulated = _from_prior(switched_off(prior, design), design)

    def fit(number: int) -> xr.DataTree:
        data = prepare(simulated.design(number), settings.chains)
        return switched_off(inference.sample(data, settings, _seed(seed, number)), design)

    with stages.stage("calibrating") as report:
        ranks = simulated_ranks(simulated.truths, fit, seed=seed, quantities=simulated.quantities, progress=report)
    source = "data from the posterior beside the real ones" if given_data else "data from the prior"
    source += ", fits on the density written out" if settings.density == "written" else ""
    return SimulationCheck.of(ranks, f"{known.spec.label} as of {known.as_of}, {source}")


def _from_prior(tree: xr.DataTree, design: Design) -> _Simulated:
    """Take parameters from the prior, and data as the model itself simulates them."""
    predicted = {kind: tree["prior_predictive"][kind].to_numpy()[0] for kind in OBSERVED}

    def own(number: int) -> Design:
        return with_rows(design, _numbered(predicted, number))

    return _Simulated(tree[names.POSTERIOR].to_dataset().isel({names.CHAIN: 0}), own)


def _from_posterior(tree: xr.DataTree, design: Design, replications: int, seed: int) -> _Simulated:
    """Take parameters evenly from the draws of the real fit, and simulate a second set of rows from each."""
    posterior = tree[names.POSTERIOR].to_dataset().stack(sample=(names.CHAIN, names.DRAW), create_index=False)
    places = np.linspace(0, posterior.sizes["sample"] - 1, replications).astype(int)
    truths = posterior.isel(sample=places).transpose("sample", ...)
    draws = {name: values[places] for name, values in stacked(tree).items()}
    rows = replicated(draws, design, np.random.default_rng(_seed(seed, replications)))

    def own(number: int) -> Design:
        return doubled(design, _numbered(rows, number))

    return _Simulated(truths, own)


def _numbered(rows: Rows, number: int) -> Rows:
    return {kind: values[number] for kind, values in rows.items()}


def _seed(seed: int, number: int) -> int:
    """Return a seed of its own for every fit."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
