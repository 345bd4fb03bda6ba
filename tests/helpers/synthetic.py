"""Forecasts put together without sampling: draws from the priors, real rows, real paths.

Everything but the sampler is the library's own, so such a forecast behaves like a fitted one in all that is not about
the posterior itself.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from vzforecast import latent, names
from vzforecast.case import Case, load_case
from vzforecast.convergence import ConvergenceReport
from vzforecast.forecast import Forecast
from vzforecast.forecast.future import future
from vzforecast.forecast.posterior import stacked, switched_off
from vzforecast.history import Design, Known, Places
from vzforecast.inputs.dates import DateLike
from vzforecast.settings import SamplerSettings
from vzforecast.updating.basis import Basis
from vzforecast.updating.move import Move
from vzforecast.updating.weigh import Verdict

Floats = NDArray[np.float64]

# Dims of every free variable of the model, after (chain, draw).
DIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "rho": (names.SCORE,),
    "tau": (),
    "influence_step": (names.PERIOD, names.FACTION),
    "log_kappa": (names.SIGNAL_KIND,),
    "bearing_effect": (names.BEARING, names.FACTION),
    "tone_step": (names.PERIOD, names.OUTCOME),
    "lambda": (),
    "cutpoint": (),
    "leverage": (names.OUTCOME, names.FACTION),
    "leverage_doubt": (names.OUTCOME, names.FACTION),
    "delta": (names.TRANSITION, names.OUTCOME),
    "psi": (),
    "log_rate": (names.PROCESS,),
    "spread": (names.GROUPING,),
    "level_offset": (names.LEVEL,),
    "slope": (names.COVARIATE,),
    "coupling_effect": (names.COUPLING,),
}
POSITIVE: Final = frozenset({"rho", "tau", "lambda", "cutpoint", "psi", "spread"})


def synthetic_forecast(
    case: Case | None = None,
    as_of: DateLike | None = None,
    *,
    draws: int = 100,
    chains: int = 2,
    paths: int = 10,
    seed: int = 1,
    width: float = 0.5,
    report: ConvergenceReport | None = None,
    places: Places | None = None,
) -> Forecast:
    """Return a forecast whose draws come from the priors, `width` times as wide as declared; no sampling.

    `draws` counts per chain, as in `SamplerSettings`. The embedded case at its default date by default, with draws
    labelled by `places` if given.
    """
    case = load_case() if case is None else case
    known = case if case.as_of and as_of is None else case.known_on(as_of or case.spec.default_as_of)
    rows = Known(known, places)
    tree = synthetic_posterior(rows.design, draws=draws, chains=chains, seed=seed, width=width)
    simulated = future(stacked(tree), rows, paths=paths, seed=seed)
    settings = SamplerSettings(draws=max(50, draws), tune=50, chains=chains, paths=paths)
    provenance = {
        "case": known.spec.name,
        "case_digest": known.digest,
        "priors_digest": known.priors_digest,
        "as_of": str(known.as_of),
        "seed": seed,
        "settings": settings.as_dict(),
        "versions": {"vzforecast": "0"},
        "made": "2025-02-05T00:00:00+00:00",
        "seconds": {"importing": 1.0, "compiling": 12.3, "sampling": 4.5, "checking": 0.5, "simulating": 0.25},
        "cache_key": "synthetic",
    }
    return Forecast(known, tree, simulated, report or passing_report(draws * chains), provenance)


def synthetic_posterior(
    design: Design, *, draws: int = 100, chains: int = 2, seed: int = 1, width: float = 0.5
) -> xr.DataTree:
    """Return draws of every free variable of the model, with the influence shares that a fit adds."""
    random = np.random.default_rng(seed)
    dims = {name: own for name, own in DIMS.items() if all(design.coords[dim] for dim in own)}
    variables = {}
    for name, own in dims.items():
        shape = (chains, draws, *(len(design.coords[dim]) for dim in own))
        values = _location(design, name) + width * _scale(design, name) * random.standard_normal(shape)
        variables[name] = ((names.CHAIN, names.DRAW, *own), np.abs(values) if name in POSITIVE else values)
    used = {dim for own in dims.values() for dim in own}
    coords = {names.CHAIN: range(chains), names.DRAW: range(draws), **{dim: list(design.coords[dim]) for dim in used}}
    posterior = xr.Dataset(variables, coords=coords)
    shares = latent.influence(stacked(xr.DataTree.from_dict({names.POSTERIOR: posterior})), design)
    influence_dims = (names.CHAIN, names.DRAW, names.PERIOD, names.FACTION)
    posterior["influence"] = (influence_dims, shares.reshape(chains, draws, *shares.shape[1:]))
    of_sampler = {"diverging": np.zeros((chains, draws), dtype=bool), "step_size": np.full((chains, draws), 0.15)}
    stats = xr.Dataset({name: ((names.CHAIN, names.DRAW), values) for name, values in of_sampler.items()})
    return switched_off(xr.DataTree.from_dict({names.POSTERIOR: posterior, names.SAMPLE_STATS: stats}), design)


def _location(design: Design, name: str) -> Floats:
    return np.asarray(design.priors.get(f"{name}_mu", np.zeros(())), dtype=float)


def _scale(design: Design, name: str) -> Floats:
    """Scale of the prior; standard normal variables (steps, offsets) have none declared."""
    return np.asarray(design.priors.get(f"{name}_sigma", np.ones(())), dtype=float)


class Refits:
    """Stands in for ``fit_known``: draws from the priors at once, and a note of everything asked for."""

    def __init__(self, **shape: Any) -> None:
        self.shape = {"draws": 400, "chains": 2} | shape
        self.calls: list[dict[str, Any]] = []

    def __call__(self, known: Case, settings: SamplerSettings, seed: int, **options: Any) -> Forecast:
        self.calls.append({"known": known, "settings": settings, "seed": seed} | options)
        return synthetic_forecast(known, seed=seed, places=options["places"], **self.shape)


def immovable(_basis: Basis, _known: Known, verdict: Verdict, _progress: bool | None = None) -> Move:
    """Stand in for ``moved``: draws that cannot be moved on, for no reason of their own."""
    return Move(None, None, verdict.why)


def passing_report(draws: int = 200) -> ConvergenceReport:
    """Return the verdict on a fit that may be used."""
    return _report(1.002, 900.0, 0, draws)


def failing_report(draws: int = 200) -> ConvergenceReport:
    """Return the verdict on a fit that may not be used."""
    return _report(1.25, 37.0, 12, draws)


def _report(rhat: float, ess: float, divergences: int, draws: int) -> ConvergenceReport:
    table = pd.DataFrame(
        {"rhat": [rhat, 1.0], "ess_bulk": [ess, 2 * ess], "ess_tail": [ess, 2 * ess]},
        index=pd.Index(["rho", "tau"], name="variable"),
    )
    return ConvergenceReport(table, 0.9, divergences, draws)
