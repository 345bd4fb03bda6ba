"""Reference rows: what happened before, as exposure and events of a named process.

One row is (process, its members, covariates, exposure, events). Exposure is in months of 30.4375 days, or in
promises for one-off commitments, which end their own clock when kept. An event of an outcome's own history is
never also a reference row: rows marked ``own_history_of``, and the exposure an outcome itself accounts for,
are left out here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from vzforecast.case import Case
from vzforecast.case.processes import ActionsProcess, CommitmentsProcess, CountsProcess, LicencesProcess
from vzforecast.history.calendar import months_between
from vzforecast.history.gathering import Gathering
from vzforecast.history.records import records
from vzforecast.history.schedule import TermLaw
from vzforecast.history.terms import Term, own_start, terms
from vzforecast.names import DAYS_PER_MONTH

RELIEF_CODES = {"none": 0.0, "minor": 1.0, "major": 2.0}
PARTIAL_EVENTS = {"as_broken": 1.0, "half": 0.5, "as_kept": 0.0}
# The shortest exposure, in months: an event on the day its clock starts still had part of that day.
SHORTEST = 0.5 / DAYS_PER_MONTH


@dataclass(frozen=True)
class Row:
    """One reference row; ``members`` gives its member of each grouping, ``covariates`` its centred codes."""

    label: str
    process: str
    members: dict[str, str]
    exposure: float
    events: float
    covariates: dict[str, float] = field(default_factory=dict)


def centred_codes(codes: Mapping[str, Any]) -> dict[str, float]:
    """Return the covariates of a promise: codes 0, 1, 2 minus 1, so that the middle code is the baseline."""
    return {name: float(RELIEF_CODES.get(code, code)) - 1.0 for name, code in codes.items()}


def reference_rows(case: Case, as_of: date, gathering: Gathering | None = None) -> Iterator[Row]:
    """Yield the rows of every process that has a table.

    Parameters
    ----------
    case : Case
        Cut to what is known.
    as_of : date
        End of what is known: open duties and terms run until then.
    gathering : Gathering, optional
        How licence decisions gather before the known ends of terms; without it they come at any time alike.

    Yields
    ------
    Row
        Process by process, in the order of their tables; none of a promise if the model does without the record.
    """
    for process, declared in case.spec.processes.items():
        match declared:
            case CommitmentsProcess() if "defection" not in case.spec.variant.without:
                yield from commitment_rows(case, process, declared, as_of)
            case LicencesProcess():
                yield from licence_rows(case, process, as_of, gathering)
            case ActionsProcess():
                yield from action_rows(case, process, declared, as_of)
            case CountsProcess():
                yield from count_rows(case, process, declared)


def commitment_rows(case: Case, process: str, declared: CommitmentsProcess, as_of: date) -> Iterator[Row]:
    """Yield promises delivered or not (one-off), or duties until breach, end or as-of date (flow)."""
    signed = {row.agreement_id: row.signed.date() for row in records(case, "agreements")}
    for row in records(case, "commitments"):
        if row.own_history_of or row.result == "unresolved" or row.form != declared.form:
            continue
        events = _breaches(str(row.result), case.spec.partial.commitments)
        if declared.form == "one_off":
            if row.result == "":
                continue  # not yet due or not yet delivered: says nothing until it is resolved
            exposure = 1.0
        else:
            ends = [row.first_breach, row.resolved_on] if events else [row.resolved_on]
            end = next((day.date() for day in ends if not pd.isna(day)), as_of)
            exposure = _exposure(signed[row.agreement_id], end)
        yield Row(
            f"commitment {row.commitment_id}",
            process,
            {"kind": str(row.kind), "agreement": str(row.agreement_id)},
            exposure,
            events,
            centred_codes({"regime_threat": row.regime_threat, "relief_at_stake": row.relief_at_stake}),
        )


def licence_rows(case: Case, process: str, as_of: date, gathering: Gathering | None = None) -> Iterator[Row]:
    """Yield licence terms, cut where the administration changes; narrowing or ending is the event.

    With ``gathering`` a term of known end counts as its rate has it, see `vzforecast.history.schedule`. Renewal and
    cut are the two answers to one decision: who renews early has settled all of it, whoever cuts ends it there.
    """
    for term in terms(case, process, as_of):
        law = gathering.over(term) if gathering else None
        yield from _by_administration(case, process, term, law)


def action_rows(case: Case, process: str, declared: ActionsProcess, as_of: date) -> Iterator[Row]:
    """Yield one row an administration: its steps (or the first) that would meet the outcome's definition."""
    steps = [row for row in records(case, "actions") if _counts(row, declared)]
    own = own_start(case, process, None, None)
    for term in case.spec.administrations:
        start = max(term.start, declared.since)
        after = min(day for day in (term.end, own, as_of + timedelta(days=1)) if day)
        if start >= after:
            continue
        dates = [step.date.date() for step in steps if step.administration == term.id]
        days, end = sorted(day for day in dates if start <= day < after), min(after, as_of)
        if declared.count == "first_steps" and days:
            days, end = days[:1], days[0]
        members = {"president": term.president, "administration": term.id}
        yield Row(f"{process} {term.id}", process, members, _exposure(start, end), len(days))


def count_rows(case: Case, process: str, declared: CountsProcess) -> Iterator[Row]:
    """Yield published counts and spells as pseudo-rows."""
    for row in records(case, "counts"):
        if row.process != process:
            continue
        members: dict[str, str] = {grouping: str(getattr(row, grouping)) for grouping in declared.groupings}
        label = ", ".join(filter(None, (str(row.level), str(row.group)))) or process
        yield Row(f"count {label}", process, members, float(row.exposure), int(row.events))


def _counts(row: Any, declared: ActionsProcess) -> bool:
    """Tell whether an action is a step of a class, and none of an outcome's own history."""
    severe = row.severity >= declared.min_severity
    if declared.sectoral:
        severe = severe and (row.sectoral == 1 or row.severity >= 3)
    return bool(severe and row.direction == declared.direction and not row.own_history_of)


def _breaches(result: str, partial: str) -> float:
    """Events of a result; half a breach is only bookkeeping, since the model is fitted to both readings instead."""
    if result == "partial":
        return PARTIAL_EVENTS[partial]
    return float(result == "broken")


def _exposure(start: date, end: date) -> float:
    return max(months_between(start, end), SHORTEST)


def _by_administration(case: Case, process: str, term: Term, law: TermLaw | None) -> Iterator[Row]:
    """Yield the pieces of one licence term; what its end decides falls to whoever governed that day."""
    for administration in case.spec.administrations:
        first, last = max(term.start, administration.start), min(term.end, administration.end or term.end)
        governed = administration.start <= term.end and (administration.end is None or term.end < administration.end)
        event = int(term.cut and governed)
        rest = law.gathered_after(term.end) / DAYS_PER_MONTH if law and governed and term.settled else 0.0
        if first < last or event or rest:
            months = law.integral(first, last) / DAYS_PER_MONTH if law else months_between(first, last)
            at_once = SHORTEST if event and first == last else 0.0
            members = {"series": term.series, "administration": administration.id}
            label = f"licence {term.series} {term.version} {administration.id}"
            yield Row(label, process, members, months + rest + at_once, event)
