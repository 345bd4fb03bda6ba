"""Evidence into the tables of a case that is cut to a day."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from vzforecast.case.added.checked import checked_tables
from vzforecast.case.added.draft import Draft
from vzforecast.case.added.posts import write_appointment, write_departure
from vzforecast.case.added.promises import write_promise
from vzforecast.case.added.rows import write_action, write_licence, write_scheduled, write_signal, write_transition
from vzforecast.case.added.words import fault
from vzforecast.case.asof import check_as_of
from vzforecast.case.schema import CaseSpec
from vzforecast.errors import DateError, EventError, Fault
from vzforecast.events import in_brief, parse_event
from vzforecast.evidence import Evidence, check_batch, collected, in_order, repeat_fault, repeats
from vzforecast.inputs.dates import DateLike, as_day

# How each type of row becomes one.
_WRITERS: Final[Mapping[str, Callable[[Draft, Any], Iterator[Fault]]]] = {
    "signal": write_signal,
    "transition": write_transition,
    "commitment_resolved": write_promise,
    "licence_decision": write_licence,
    "action": write_action,
    "scheduled_decision": write_scheduled,
    "appointment": write_appointment,
    "departure": write_departure,
}


def add_evidence(
    spec: CaseSpec,
    tables: Mapping[str, pd.DataFrame],
    known: dt.date,
    items: Iterable[Evidence],
    as_of: DateLike | None,
) -> tuple[dict[str, pd.DataFrame], dt.date]:
    """Add evidence to the tables of a case.

    Parameters
    ----------
    spec : CaseSpec
        The declarations of the case.
    tables : mapping of str to pandas.DataFrame
        Its tables, cut to a day.
    known : datetime.date
        The day.
    items : iterable of Evidence
        In any order.
    as_of : str, datetime.date, pandas.Timestamp or None
        The new day; None is that of the newest item, at least `known`.

    Returns
    -------
    tables : dict of str to pandas.DataFrame
        The tables that changed or were looked at.
    as_of : datetime.date
        The new day.

    Raises
    ------
    EvidenceError
        Items contradict the case or each other.
    DateError
        The new day is before `known` or an item's publication, or after the horizon.
    """
    batch = collected(items)
    if not all(isinstance(item, Evidence) for item in batch):
        check_batch(batch)
    ordered = in_order(batch)
    found = [repeat_fault(str(ordered[place]), ordered[place].id) for place in repeats(ordered)]
    until = _until(spec, known, ordered, as_of)
    draft = Draft(spec, tables)
    for item in ordered:
        found += _WRITERS[item.type](draft, item) if item.is_row else _event_faults(spec, item)
    return checked_tables(draft, found), until


def _until(spec: CaseSpec, known: dt.date, ordered: Sequence[Evidence], as_of: DateLike | None) -> dt.date:
    newest = ordered[-1].published if ordered else known
    until = max(newest, known) if as_of is None else as_day(as_of, "as-of date")
    check_as_of(spec, until, None)
    if until < known:
        raise DateError(f"as-of date {until} is before that of the case, {known}; choose a day from then on")
    if until < newest:
        problem = f"is before {ordered[-1]} was published, {newest}"
        raise DateError(f"as-of date {until} {problem}; choose a day from then on, or leave the item out")
    return until


def _event_faults(spec: CaseSpec, item: Any) -> Iterator[Fault]:
    """Parse the event of a judgement, so that a bad text is refused with the batch."""
    try:
        parse_event(item.event, spec.vocabulary)
    except EventError as error:
        yield fault(item, "event", *in_brief(error))
