"""``vzforecast.update``: news in, a new forecast out, and a report on how far to trust it."""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, get_args

from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.errors import DateError, EvidenceError, Fault, SettingsError
from vzforecast.evidence import Evidence, check_batch, collected, in_order
from vzforecast.forecast import Forecast, UpdateReport
from vzforecast.inputs.dates import DateLike, as_day
from vzforecast.settings import Method
from vzforecast.updating.advance import Request, advance
from vzforecast.updating.basis import Basis, revision_of
from vzforecast.updating.judged import Ratios, is_marginal, moment, warn_of_few, warn_of_stated, with_given, with_stated
from vzforecast.updating.tables import item_table, quote_table


def update(
    fc: Forecast,
    items: Iterable[Evidence] = (),
    method: Method = "auto",
    as_of: DateLike | None = None,
    *,
    case: Case | None = None,
    cache: bool = True,
    progress: bool | None = None,
) -> Forecast:
    r"""Return the forecast with news in it; the one it starts from stays as it is.

    The posterior at a later date is *defined* as the fit to all that is known then. Weighting the draws of the last fit
    approximates it in a fraction of a second; Pareto k and the effective number of draws say whether it may be used.
    Where it may not, chains go on from those draws to the new posterior, in a few seconds and judged as those of a fit.
    Updates of updates go back to the last fit, or to the draws last moved on, with everything added since: there
    are never weights on weights.

    Parameters
    ----------
    fc : Forecast
        Fitted, updated or loaded.
    items : iterable of Evidence
        In any order. An item enters as of its day of publication, also if that is before ``fc.as_of``.
    method : {"auto", "reweight", "move", "refit"}
        ``auto`` reweights if that can be trusted, moves the draws on if not, and refits where neither will do.
    as_of : date-like, optional
        New forecast origin; by default the newest day of publication, never before ``fc.as_of``. Without items, time
        that passed: an outcome that did not change has more exposure.
    case : Case, optional
        The whole case, if its files changed (later rows, another prior): it is cut to the new origin and takes the
        place of the case of the fit, with all evidence added on top.
    cache : bool, default True
        Of a refit, as in ``fit``.
    progress : bool, optional
        Of a move or a refit, as in ``fit``.

    Returns
    -------
    Forecast
        Its ``update_report`` names the path, k-hat, ESS, seconds and why; ``evidence`` lists all items added so far.

    Raises
    ------
    EvidenceError
        An item is not valid, contradicts the case or the other items, or is in the forecast already; every bad item is
        named.
    DateError
        ``as_of`` is before the forecast's own or an item's day of publication, or after the horizon.
    SettingsError
        ``method`` is none of the four.
    UpdateError
        ``method="reweight"`` where weights cannot be trusted, or ``"move"`` where moved draws cannot; carries ``khat``
        and ``ess``.
    InterventionError
        The forecast is under an intervention: update the one that it was made from, then intervene again.

    Warns
    -----
    JudgementWarning
        If an item states a probability, which overrides earlier evidence about its event.
    LowEvidenceWarning
        If judgements leave few effective paths.

    Notes
    -----
    Weights: docs/model.md, "Updating". Stated probabilities and quotes are turned into likelihood ratios on the day
    they were published and keep them; other items of that day count before what is stated.

    Examples
    --------
    >>> news = Signal(date="2025-02-26", kind="decision", strength=3, faction="hardliners")
    >>> update(fc, [news]).scenarios()  # doctest: +SKIP
    """
    begun = time.perf_counter()
    batch = collected(items)
    check_batch(batch)
    new = in_order(batch)
    _check_request(fc, new, method)
    day = _day(fc, new, as_of)
    warn_of_stated(new)
    request = Request(method, None if case is None else given_case(case, "update"), cache, progress)
    result, ratios = _walk(fc, new, day, request)
    revision = revision_of(ratios.on(result))
    report = replace(
        revision.report,
        items=item_table(revision.items, result.case, result.history),
        quotes=quote_table(ratios.quotes),
        seconds=time.perf_counter() - begun,
    )
    updated = replace(result, revision=replace(revision, report=report))
    warn_of_few(updated.weights)
    return updated


def _walk(fc: Forecast, new: tuple[Evidence, ...], day: date, request: Request) -> tuple[Forecast, Ratios]:
    """Stop on each day on which a probability was stated, to see what it meant then; end on the last day."""
    basis, ratios = Basis.of(fc), _still_valid(fc, new, request)
    since = in_order((*(fc.revision.since if fc.revision else ()), *new))
    open_ = [item for item in since if is_marginal(item) and item.id not in ratios.ratios]
    first, on_the_way = basis.as_of, list[UpdateReport]()
    for stop in sorted({moment(item, first) for item in open_}):
        known = tuple(item for item in since if moment(item, first) <= stop)
        result = advance(basis, known, stop, request)
        ratios = with_given(ratios, known)
        ratios = with_stated(ratios, result, tuple(item for item in open_ if moment(item, first) == stop))
        if stop == day:
            return _passing(result, on_the_way), ratios
        if Basis.of(result).known is not basis.known:  # refitted or moved on: go on from there
            basis, since = Basis.of(result), tuple(item for item in since if item not in known)
            on_the_way.append(revision_of(result).report)
    return _passing(advance(basis, since, day, request), on_the_way), with_given(ratios, since)


def _passing(result: Forecast, on_the_way: list[UpdateReport]) -> Forecast:
    """Name refits and moves on the way in the report: they took most of the time, and weights rest on the last."""
    revision = revision_of(result)
    done = {"move": "moved draws", "refit": "refitted"}
    way = (f"{done[one.method]} on the way, as of {one.fitted}: {one.why}" for one in on_the_way)
    whys = [revision.report.why, *way]
    return replace(result, revision=replace(revision, report=replace(revision.report, why="; ".join(whys))))


def _still_valid(fc: Forecast, new: tuple[Evidence, ...], request: Request) -> Ratios:
    """Return the ratios fixed before, but for those of days of which more is known now (all days, if files changed)."""
    revision = fc.revision
    if revision is None:
        return Ratios()
    first = revision.basis.history.as_of
    earliest = date.min if request.case is not None else min((moment(item, first) for item in new), default=date.max)
    stale = {item.id for item in revision.since if is_marginal(item) and moment(item, first) >= earliest}
    ratios = {key: value for key, value in revision.ratios.items() if key not in stale}
    quotes: dict[Any, Any] = revision.report.quotes.to_dict(orient="index")
    return Ratios(ratios, {key: line for key, line in quotes.items() if key not in stale})


def _check_request(fc: Forecast, new: tuple[Evidence, ...], method: str) -> None:
    valid = get_args(Method)
    if method not in valid:
        raise SettingsError(f"method is {method!r}; choose one of {', '.join(valid)}")
    there = {item.id for item in fc.evidence}
    remedy = "leave it out, or update a forecast that does not have it"
    faults = [
        Fault(f"{item.type} {item.id}", "id", item.id, "already in this forecast", remedy)
        for item in new
        if item.id in there
    ]
    if faults:
        raise EvidenceError(faults)


def _day(fc: Forecast, new: tuple[Evidence, ...], as_of: DateLike | None) -> date:
    """Return the new as-of date."""
    newest = max((item.published for item in new), default=fc.as_of)
    earliest = max(fc.as_of, newest)
    if as_of is None:
        day = earliest
    else:
        day = as_day(as_of, "as-of date")
        if day < fc.as_of:
            raise DateError(f"as-of date {day} is before the forecast's own, {fc.as_of}; a forecast only moves forward")
        if day < newest:
            late = ", ".join(item.id for item in new if item.published > day)
            raise DateError(f"as-of date {day} is before the publication of {late}; give {newest} or later")
    if day > fc.horizon:
        raise DateError(f"as-of date {day} is after the horizon of the case, {fc.horizon}")
    return day
