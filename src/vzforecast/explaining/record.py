"""``vzforecast.by_record``: what a forecast owes to how promises were kept before."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.case.processes import CommitmentsProcess
from vzforecast.events import evaluate, parse_event
from vzforecast.explaining.leaving import effect, fits_of, left_out
from vzforecast.explaining.precision import ERRORS
from vzforecast.explaining.record_report import AGREEMENT_COLUMNS, RATE_COLUMNS, ByRecord
from vzforecast.fitting import fit_known
from vzforecast.forecast import FirstPassage, Forecast
from vzforecast.forecast.posterior import places
from vzforecast.history import Design, Known
from vzforecast.latent import Array
from vzforecast.latent_states import States
from vzforecast.likelihood import events_log_likelihood
from vzforecast.names import LEVEL, level
from vzforecast.reweight.difference import with_rows
from vzforecast.stacking import stack_known
from vzforecast.updating.basis import Basis

_AGREEMENT: Final = "agreement"
_ORDINALS: Final = ("first", "second")  # a row belongs to two levels at most
_POINTS: Final = 100.0


def by_record(fc: Forecast, event: str, *, refit: bool = False, cache: bool = True) -> ByRecord:
    r"""Show how an event hangs on the record of promises kept and broken.

    Parameters
    ----------
    fc : Forecast
        Any; it stays as it is.
    event : str
        In the event language.
    refit : bool, default False
        Fit again without each agreement that weights cannot take out: seconds each, in the process of the fit. By
        default such a line is blank.
    cache : bool, default True
        Of the refits, as in ``fit``.

    Returns
    -------
    ByRecord
        ``rates``, raw, of the class as a whole, and partially pooled; ``first_breach`` of each deal that outcomes
        stand for; ``agreements``, a line an agreement; ``text``.

    Raises
    ------
    EventError
        The text does not parse.
    InterventionError
        A refit is asked for of a forecast under an intervention.

    Notes
    -----
    An agreement is left out with all its rows of the record; the histories of the outcomes stay. The paths stay, too:
    given the parameters the record says nothing more about them. docs/explaining.md, "By defection record".

    References
    ----------
    Gelman and Hill (2007), Data Analysis Using Regression and Multilevel Models, section 12.2 (complete and partial
    pooling).

    Examples
    --------
    >>> print(by_record(fc, "held(deportation_flights = halted, days = 14) by 2025-06-30"))  # doctest: +SKIP
    """
    parsed = parse_event(event, fc.vocabulary)
    happens = fc.weights.shares(evaluate(parsed, fc.simulated))[0]
    agreements = dict(_agreements(fc, happens))
    if refit:
        unsafe = [name for name, line in agreements.items() if not line["path"]]
        agreements |= {name: agreements[name] | _refitted(fc, event, name, cache=cache) for name in unsafe}
    table = pd.DataFrame(
        list(agreements.values()), index=pd.Index(list(agreements), name=_AGREEMENT), columns=AGREEMENT_COLUMNS
    )
    return ByRecord(
        event=str(parsed),
        as_of=fc.as_of,
        probability=fc.probability(event),
        rates=_rates(fc),
        first_breach=_first_breaches(fc),
        agreements=table.sort_values("points", key=abs, ascending=False, kind="stable"),
    )


def _rates(fc: Forecast) -> pd.DataFrame:
    """Return the record of each level beside that of its whole class."""
    table = fc.defection()
    processes = [str(grouping).rpartition(".")[0] for grouping in table.index.get_level_values(0)]
    whole = [table["raw"].get((f"{process}.all", "all"), np.nan) for process in processes]
    return table.assign(complete=whole)[RATE_COLUMNS]


def _first_breaches(fc: Forecast) -> dict[str, FirstPassage]:
    """Return when the first promise of each deal is broken: the first of the outcomes that stand for them."""
    parts: dict[str, list[str]] = {}
    for outcome in fc.case.spec.outcomes:
        deal = outcome.onset.members.get(_AGREEMENT)
        if deal and isinstance(fc.case.spec.processes[outcome.onset.process], CommitmentsProcess):
            parts.setdefault(deal, []).append(f"ever({outcome.id} = {outcome.active})")
    return {deal: fc.time_to(" or ".join(broken)) for deal, broken in parts.items()}


def _agreements(fc: Forecast, happens: Array) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what each agreement's rows of the record add to the event, by weights; blank where those fail."""
    rows = fc.history.rows[fc.history.rows["outcome"] == ""]
    nats = _record_likelihood(fc)
    for agreement, own in nats.items():
        members = [agreement in {name.partition(":")[2] for name in several} for several in rows["members"]]
        line: dict[str, Any] = {"n": sum(members), "broken": float(rows.loc[members, "events"].sum())}
        left = left_out(fc, own)
        points, error = (_POINTS * figure for figure in effect(fc, left, happens))
        if left.safe:
            line |= {"points": points, "mcse": error, "path": "reweight", "clear": abs(points) > ERRORS * error}
        else:
            line |= {"points": np.nan, "mcse": np.nan, "path": "", "clear": False}
        yield agreement, line | {"khat": left.khat}


def _record_likelihood(fc: Forecast) -> dict[str, Array]:
    """Return the log likelihood of the rows of each agreement, dims (sample,), read as each fit read them."""
    parts = [_by_agreement(fc, draws, design) for draws, design in fits_of(fc)]
    silent = np.zeros(fc.simulated.draws // len(parts))  # a variant without the record
    found = dict.fromkeys(name for part in parts for name in part)
    return {name: np.concatenate([part.get(name, silent) for part in parts]) for name in found}


def _by_agreement(fc: Forecast, draws: Mapping[str, Array], design: Design) -> dict[str, Array]:
    """Return the same for one fit."""
    families = {one.family for one in fc.case.spec.processes.values() if isinstance(one, CommitmentsProcess)}
    levels = {name: number for number, name in enumerate(design.coords[LEVEL])}
    found = {}
    for name in fc.case.tables["agreements"]["agreement_id"]:
        own = [levels[one] for family in families if (one := level(f"{family}.{_AGREEMENT}", name)) in levels]
        rows = _reference_rows_of(design.data, own)
        if rows.any():
            alone = with_rows(design, {"row": rows})
            found[str(name)] = events_log_likelihood(draws, alone, States.of(draws, alone)).sum(axis=1)
    return found


def _reference_rows_of(data: Mapping[str, NDArray[Any]], levels: list[int]) -> NDArray[np.bool_]:
    """Tell which rows of the record belong to one of some levels."""
    members = [np.isin(data[f"row_{which}_level"], levels) & (data[f"row_in_{which}"] > 0.0) for which in _ORDINALS]
    return np.asarray(np.any(members, axis=0) & (data["row_own"] == 0.0))


def _refitted(fc: Forecast, event: str, agreement: str, *, cache: bool) -> dict[str, Any]:
    """Return what an agreement adds, from a fit without it; the two fits err independently."""
    basis, known = Basis.of(fc), Known(fc.case.without_agreement(agreement), places(fc.posterior))
    if fc.averaged is None:
        fitted = fit_known(known.case, basis.settings, basis.seed, places=known.room, cache=cache)
    else:
        members = fc.averaged.members
        fitted = stack_known(known.case, basis.settings, basis.seed, members, places=known.room, cache=cache)
    if fc.revision is not None:  # what was judged of events counts as it did
        own = replace(fc.revision, basis=fitted.known, known=fitted.known, draw_weights=None)
        fitted = replace(fitted, revision=own)
    now, without = fc.probability(event), fitted.probability(event)
    points, error = _POINTS * (now.mean - without.mean), _POINTS * float(np.hypot(now.mcse, without.mcse))
    return {"points": points, "mcse": error, "path": "refit", "clear": abs(points) > ERRORS * error}
