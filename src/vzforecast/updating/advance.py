"""Bring the last fit to what is known on a day: by weights on its draws, by moving them on, or by another fit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

import xarray as xr

from vzforecast import names
from vzforecast.case import Case
from vzforecast.convergence import ConvergenceReport
from vzforecast.errors import UpdateError
from vzforecast.evidence import Evidence, in_order
from vzforecast.fitting import fit_known
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import labelled, stacked
from vzforecast.forecast.revision import Revision, UpdateReport
from vzforecast.history import Known
from vzforecast.reweight import Reweighted
from vzforecast.settings import Method
from vzforecast.stacking import stack_known
from vzforecast.updating.basis import Basis
from vzforecast.updating.move import moved, provenance_of
from vzforecast.updating.tables import NO_ITEMS, NO_QUOTES
from vzforecast.updating.weigh import Verdict, weigh


@dataclass(frozen=True, eq=False)
class Request:
    """How to update.

    Attributes
    ----------
    method : {"auto", "reweight", "move", "refit"}
        The path asked for.
    case : Case or None
        The whole case, if its files are to be read again; else the case of the last fit is taken on.
    cache, progress : bool, bool or None
        Of a refit; progress of a move, too.
    """

    method: Method
    case: Case | None
    cache: bool
    progress: bool | None


def advance(basis: Basis, items: tuple[Evidence, ...], day: date, request: Request) -> Forecast:
    """Return the forecast of a day, without the judgements among its items.

    Parameters
    ----------
    basis : Basis
        The last fit.
    items : tuple of Evidence
        Everything added since then and published by the day, in canonical order.
    day : date
        The new as-of date.
    request : Request
        How to update.

    Returns
    -------
    Forecast
        With a revision whose ratios, tables and time are still to be filled in.

    Raises
    ------
    EvidenceError
        An item contradicts the case.
    UpdateError
        Reweighting or moving was asked for and cannot be trusted.
    """
    basis = basis if request.case is None else replace(basis, files=_cut(request.case, day))
    known = Known(case_on(basis, items, day), basis.known.places)
    if request.method == "refit":
        return _refitted(basis, known, items, request, Verdict(None, "a refit was asked for"))
    verdict = weigh(basis, known)
    if verdict.result is not None and request.method != "move":
        return _reweighted(basis, known, items, verdict, verdict.result)
    if request.method == "reweight":
        raise UpdateError(verdict.why, khat=verdict.khat, ess=verdict.ess)
    move = moved(basis, known, verdict, request.progress)
    if move.posterior is not None and move.diagnostics is not None:
        why = "moving was asked for" if request.method == "move" else verdict.why
        forecast = _moved(basis, known, (move.posterior, move.diagnostics), move.seconds)
        report = _report("move", replace(verdict, why=why), forecast.simulated.draws, forecast.as_of)
        return replace(forecast, revision=_from_here(basis, known, items, report))
    if request.method == "move":
        raise UpdateError(move.why, khat=verdict.khat, ess=verdict.ess, asked="moved on")
    whys = dict.fromkeys((verdict.why, move.why))
    return _refitted(basis, known, items, request, replace(verdict, why=", ".join(whys)))


def _cut(case: Case, day: date) -> Case:
    """Return the case as known on a day; one that is cut to it already, as those of a backtest, is not cut again."""
    return case if case.as_of == day else case.known_on(day)


def case_on(basis: Basis, items: tuple[Evidence, ...], day: date) -> Case:
    """Return the case with all evidence, cut to the day."""
    if basis.files is None:
        return basis.known.case.with_evidence(items, as_of=day)
    files = basis.files if basis.files.as_of is None or basis.files.as_of <= day else basis.files.known_on(day)
    return files.with_evidence((*basis.fitted, *items), as_of=day)


def _reweighted(
    basis: Basis, known: Known, items: tuple[Evidence, ...], verdict: Verdict, result: Reweighted
) -> Forecast:
    """Return the weighted draws with paths that start from the new as-of date."""
    from vzforecast.forecast.future import future  # noqa: PLC0415 - numba, which no other answer needs

    tree = labelled(_with_weights(basis.posterior, result), known.design)
    paths = future(stacked(tree), known, paths=basis.settings.paths, seed=basis.seed)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    as_of, digest = str(known.case.as_of), known.case.digest
    provenance = {**basis.provenance, "as_of": as_of, "case_digest": digest, "made": made}
    report = _report("reweight", verdict, result.weights.size, basis.as_of)
    revision = Revision(basis.known, known, basis.fitted, items, {}, result.weights, report, basis.files)
    averaged = None if basis.averaged is None else basis.averaged.moved(result.weights)
    return Forecast(known.case, tree, paths, basis.diagnostics, provenance, revision, averaged=averaged)


def _with_weights(posterior: xr.DataTree, result: Reweighted) -> xr.DataTree:
    """Return the draws with their weights among the statistics of the sample, and with the later months they know."""
    draws, stats = (posterior[group].to_dataset() for group in (names.POSTERIOR, names.SAMPLE_STATS))
    for name, values in (("influence_step", result.influence_step), ("tone_step", result.tone_step)):
        draws[name] = (draws[name].dims, values.reshape(draws[name].shape))
    shape = draws.sizes[names.CHAIN], draws.sizes[names.DRAW]
    stats[names.WEIGHT] = ((names.CHAIN, names.DRAW), result.weights.reshape(shape))
    return xr.DataTree.from_dict({names.POSTERIOR: draws, names.SAMPLE_STATS: stats})


def _moved(
    basis: Basis, known: Known, made: tuple[xr.DataTree, ConvergenceReport], seconds: Mapping[str, float]
) -> Forecast:
    """Return draws that were moved on, with paths that start from the new as-of date."""
    from vzforecast.forecast.future import future  # noqa: PLC0415 - numba, which no other answer needs

    posterior, diagnostics = made
    paths = future(stacked(posterior), known, paths=basis.settings.paths, seed=basis.seed)
    return Forecast(
        known.case, labelled(posterior, known.design), paths, diagnostics, provenance_of(basis, known, seconds)
    )


def _refitted(basis: Basis, known: Known, items: tuple[Evidence, ...], request: Request, verdict: Verdict) -> Forecast:
    """Fit again, in the shape of the last fit if its places suffice, so that nothing is compiled."""
    shape: dict[str, Any] = {"places": known.room, "cache": request.cache, "progress": request.progress}
    if basis.averaged is None:
        fitted = fit_known(known.case, basis.settings, basis.seed, **shape)
    else:
        fitted = stack_known(known.case, basis.settings, basis.seed, basis.averaged.members, **shape)
    report = _report("refit", verdict, fitted.simulated.draws, fitted.as_of)
    return replace(fitted, revision=_from_here(basis, fitted.known, items, report))


def _from_here(basis: Basis, known: Known, items: tuple[Evidence, ...], report: UpdateReport) -> Revision:
    """Return the revision of draws that know everything: later updates go back to them."""
    files, day = basis.files, known.history.as_of
    if files is not None and (files.as_of is None or files.as_of <= day):
        files = None  # else on the way to the day on which they were read: they know more than the draws
    return Revision(known, known, in_order((*basis.fitted, *items)), (), {}, None, report, files)


def _report(method: Literal["reweight", "move", "refit"], verdict: Verdict, draws: int, fitted: date) -> UpdateReport:
    figures = verdict.khat, verdict.ess, draws
    return UpdateReport(method, *figures, 0.0, verdict.why, str(fitted), NO_ITEMS, NO_QUOTES)
