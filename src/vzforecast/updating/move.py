"""Where weights fail: chains that go on from the draws of the last fit, judged as those of a fit are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from typing import Any, Final

import numpy as np
import xarray as xr

from vzforecast import names
from vzforecast.cache import versions
from vzforecast.convergence import ConvergenceReport
from vzforecast.forecast.posterior import stacked, switched_off
from vzforecast.history import Known
from vzforecast.progress import Stages
from vzforecast.reweight import Reweighted
from vzforecast.updating.basis import Basis
from vzforecast.updating.weigh import Verdict, part_of

# From draw to draw: one transition, as in a fit; where that does not do, two, which take a second or two more. The
# chains are the same then, only longer: what did not find its way gets more time, and not another start.
_TRANSITIONS: Final = 1
_MORE_TRANSITIONS: Final = 2


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
    seconds : mapping of str to float
        Wall time of each stage.
    """

    posterior: xr.DataTree | None
    diagnostics: ConvergenceReport | None
    why: str
    seconds: Mapping[str, float] = field(default_factory=dict)


def moved(basis: Basis, known: Known, verdict: Verdict, progress: bool | None = None) -> Move:
    """Sample what is known now by chains that go on from the draws of the last fit.

    Parameters
    ----------
    basis : Basis
        The last fit.
    known : Known
        With all evidence, as rows for the draws of the fit.
    verdict : Verdict
        Of the weights on those draws, by which chains choose where to begin; it need not be a good one.
    progress : bool, optional
        Show progress; by default only on a terminal or in a notebook.

    Returns
    -------
    Move
        Draws only if they pass every limit that a fit has to pass.
    """
    if verdict.tried is None:
        return Move(None, None, verdict.why)
    if basis.averaged is not None:
        return Move(None, None, "a forecast that averages several fits is fitted again")
    if "step_size" not in basis.posterior[names.SAMPLE_STATS]:
        return Move(None, None, "the fit kept no step size")
    stages = Stages(progress)
    parts, report = _attempt(basis, known, verdict.tried, _TRANSITIONS, stages)
    if not report.ok:
        parts, report = _attempt(basis, known, verdict.tried, _MORE_TRANSITIONS, stages)
    if not report.ok:
        return Move(None, report, f"moved draws failed: {'; '.join(report.failures)}")
    return Move(switched_off(_pooled(parts), known.design), report, "", stages.seconds)


def _attempt(
    basis: Basis, known: Known, tried: Reweighted, transitions: int, stages: Stages
) -> tuple[list[xr.DataTree], ConvergenceReport]:
    """Return the draws of every reading, so many transitions apart, and the verdict on them."""
    with stages.stage("moving"):
        parts = [_sampled(basis, known, number, tried, transitions) for number in range(len(known.readings))]
    with stages.stage("checking"):
        from vzforecast.mixing import convergence  # noqa: PLC0415 - scipy, which weights do without

        # As for a fit: each reading by itself, and before what is left out is set to 0.
        return parts, reduce(ConvergenceReport.worst_with, map(convergence, parts))


def _sampled(basis: Basis, known: Known, number: int, tried: Reweighted, transitions: int) -> xr.DataTree:
    """Return the draws of one reading, named and ordered as those of the fit."""
    from vzforecast.hamiltonian import move_on  # noqa: PLC0415 - numba

    readings, size = len(known.readings), basis.posterior[names.POSTERIOR].sizes[names.CHAIN]
    chains = slice(number * size // readings, (number + 1) * size // readings)
    fitted, stats = (
        basis.posterior[group].to_dataset().isel({names.CHAIN: chains})
        for group in (names.POSTERIOR, names.SAMPLE_STATS)
    )
    # Later months as weights have them, not as an update on the way left them: it makes no difference to chains where
    # they come from, but two updates are to be one with all the news.
    later = {"influence_step": tried.influence_step, "tone_step": tried.tone_step}
    found = move_on(
        known.readings[number],
        part_of({**stacked(basis.posterior), **later}, number, readings),
        part_of({names.WEIGHT: tried.weights}, number, readings)[names.WEIGHT],
        float(stats["step_size"].median()),
        chains=fitted.sizes[names.CHAIN],
        seed=_seed(basis, known, number),
        transitions=transitions,
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
    """Return a seed of its own for each reading and all that is known: no chain repeats the momenta of its start."""
    state = int(known.case.digest[:16], 16)
    return int(np.random.SeedSequence([basis.seed, state, reading]).generate_state(1)[0])


def provenance_of(basis: Basis, known: Known, seconds: Mapping[str, float]) -> dict[str, Any]:
    """Return where moved draws come from: settings and seed of the fit, the day it was of, and what is their own."""
    kept = {name: value for name, value in basis.provenance.items() if name != "cache_key"}  # the cache has only fits
    own = {
        "as_of": str(known.case.as_of),
        "case_digest": known.case.digest,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seconds": {name: round(taken, 3) for name, taken in seconds.items()},
        "from_cache": False,
        "moved_from": str(basis.as_of),
    }
    return {**kept, **own}
