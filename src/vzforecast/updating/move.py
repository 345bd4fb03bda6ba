"""Where weights fail: chains that go on from the draws of the last fit, judged as those of a fit are."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import numpy as np
import xarray as xr

from vzforecast import names
from vzforecast.convergence import ConvergenceReport
from vzforecast.forecast.posterior import stacked, switched_off
from vzforecast.history import Known
from vzforecast.latent import Array
from vzforecast.updating.basis import Basis
from vzforecast.updating.weigh import Verdict, part_of


@dataclass(frozen=True, eq=False)
class Move:
    """What came of the attempt.

    Attributes
    ----------
    posterior : xarray.DataTree or None
        Draws of the new posterior, if there are such.
    diagnostics : ConvergenceReport or None
        The verdict on them, if it came to that.
    why : str
        What speaks against them; empty if nothing does.
    """

    posterior: xr.DataTree | None
    diagnostics: ConvergenceReport | None
    why: str


def moved(basis: Basis, known: Known, verdict: Verdict) -> Move:
    """Sample what is known now by chains that go on from the draws of the last fit.

    Parameters
    ----------
    basis : Basis
        The last fit.
    known : Known
        With all evidence, as rows for the draws of the fit.
    verdict : Verdict
        Of the weights on those draws, by which chains choose where to begin; it need not be a good one.

    Returns
    -------
    Move
        Draws only if they pass every limit that a fit has to pass.
    """
    if verdict.weights is None:
        return Move(None, None, verdict.why)
    if basis.averaged is not None:
        return Move(None, None, "a forecast that averages several fits is fitted again")
    parts = [_sampled(basis, known, number, verdict.weights) for number in range(len(known.readings))]
    from vzforecast.mixing import convergence  # noqa: PLC0415 - scipy, which weights do without

    # As for a fit: each reading by itself, and before what is left out is set to 0.
    report = reduce(ConvergenceReport.worst_with, map(convergence, parts))
    why = "" if report.ok else f"moved draws failed: {'; '.join(report.failures)}"
    return Move(switched_off(_pooled(parts), known.design) if report.ok else None, report, why)


def _sampled(basis: Basis, known: Known, number: int, weights: Array) -> xr.DataTree:
    """Return the draws of one reading, named and ordered as those of the fit."""
    from vzforecast.hamiltonian import move_on  # noqa: PLC0415 - numba

    readings, size = len(known.readings), basis.posterior[names.POSTERIOR].sizes[names.CHAIN]
    chains = slice(number * size // readings, (number + 1) * size // readings)
    fitted, stats = (
        basis.posterior[group].to_dataset().isel({names.CHAIN: chains})
        for group in (names.POSTERIOR, names.SAMPLE_STATS)
    )
    found = move_on(
        known.readings[number],
        part_of(stacked(basis.posterior), number, readings),
        part_of({names.WEIGHT: weights}, number, readings)[names.WEIGHT],
        float(stats["step_size"].median()),
        chains=fitted.sizes[names.CHAIN],
        seed=_seed(basis, known, number),
    )
    own = [str(name) for name in fitted.data_vars if name in found.draws]  # not the shares, which are those of the fit
    posterior = fitted[own].assign(
        {name: (fitted[name].dims, found.draws[name].reshape(fitted[name].shape)) for name in own}
    )
    sample = xr.Dataset({name: ((names.CHAIN, names.DRAW), values) for name, values in found.stats.items()})
    coords = {name: fitted[name] for name in (names.CHAIN, names.DRAW)}
    return xr.DataTree.from_dict({names.POSTERIOR: posterior, names.SAMPLE_STATS: sample.assign_coords(coords)})


def _pooled(parts: list[xr.DataTree]) -> xr.DataTree:
    """Return the draws of all readings, chain after chain."""
    groups = (names.POSTERIOR, names.SAMPLE_STATS)
    return xr.DataTree.from_dict(
        {group: xr.concat([part[group].to_dataset() for part in parts], names.CHAIN) for group in groups}
    )


def _seed(basis: Basis, known: Known, reading: int) -> int:
    """Return a seed of its own for each day and reading: chains of later days do not repeat momenta."""
    day = known.history.as_of.toordinal()
    return int(np.random.SeedSequence([basis.seed, day, reading]).generate_state(1)[0])


def provenance_of(basis: Basis, known: Known) -> dict[str, Any]:
    """Return where moved draws come from: the settings and seed of the fit, and the day it was of."""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    kept = {name: value for name, value in basis.provenance.items() if name != "cache_key"}  # the cache has only fits
    own = {"as_of": str(known.case.as_of), "case_digest": known.case.digest, "made": made}
    return {**kept, **own, "from_cache": False, "moved_from": str(basis.as_of)}
