"""What the tables of a case learnt between two days, as evidence: the inverse of `vzforecast.case.added`."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

import pandas as pd

from vzforecast.case.asof import cut_tables
from vzforecast.case.tables import CONFIDENCE, TABLES
from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence import (
    Action,
    Appointment,
    CommitmentResolved,
    Departure,
    Evidence,
    LicenceDecision,
    ScheduledDecision,
    Signal,
    Transition,
    in_order,
)

Tables = Mapping[str, pd.DataFrame]
Cells = dict[str, Any]

# Columns whose fields have another name; all others are copied where the kind has a field of their name.
_RENAMED: Final[Mapping[str, str]] = {
    "from": "date",
    "issued": "date",
    "agreement_id": "agreement",
    "commitment_id": "commitment",
    "description": "headline",
}
_FLAGS: Final = ("is_decision", "self_renewing", "sectoral")


def evidence_between(tables: Tables, after: dt.date, until: dt.date) -> tuple[Evidence, ...]:
    """Return what tables learnt after the end of one day, up to the end of another.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        All tables of a case.
    after, until : datetime.date
        The days; the first is excluded, the other included.

    Returns
    -------
    tuple of Evidence
        In canonical order.

    Raises
    ------
    EvidenceError
        Something that evidence cannot express.
    """
    before, now, day = cut_tables(tables, after), cut_tables(tables, until), pd.Timestamp(after)
    faults = [*_new_counts(now, day), *_new_duties(before, now)]
    items: list[Evidence] = []
    found: Iterator[tuple[type[Evidence], Cells]] = chain(
        ((Signal, row) for row in _later(now, "news", "published", day)),
        ((Transition, row) for row in _transitions(now, day)),
        ((CommitmentResolved, row) for row in _resolved(before, now)),
        ((LicenceDecision, row) for row in _later(now, "licences", "issued", day)),
        ((Action, row) for row in _later(now, "actions", "date", day)),
        ((ScheduledDecision, row) for row in _days_ahead(now, day)),
        ((Appointment, row) for row in _later(now, "actors", "from", day)),
        ((Departure, row) for row in _departures(now, day)),
    )
    for kind, row in found:
        try:
            items.append(kind(**_fields(kind, row)))
        except EvidenceError as error:
            faults += error.faults
    if faults:
        raise EvidenceError(faults)
    return in_order(items)


def _later(now: Tables, name: str, column: str, day: pd.Timestamp) -> list[Cells]:
    table = now[name]
    return _records(table[table[column] > day])


def _records(table: pd.DataFrame) -> list[Cells]:
    """Return rows by column, None where a day or number is blank."""
    cells = table.astype(object).where(table.notna(), None)
    return [{str(column): cell for column, cell in row.items()} for row in cells.to_dict("records")]


def _fields(kind: type[Evidence], row: Cells) -> Cells:
    """Return the fields of an item that a row gives: blank cells left out, codes as the kind has them."""
    given = {_RENAMED.get(column, column): cell for column, cell in row.items() if cell not in (None, "")}
    fields = {name: bool(cell) if name in _FLAGS else cell for name, cell in given.items() if name in kind.model_fields}
    if fields.get("confidence") not in CONFIDENCE:  # scores of actors are judgements, which no source confirms
        fields.pop("confidence", None)
    return fields


def _transitions(now: Tables, day: pd.Timestamp) -> Iterator[Cells]:
    for row in _later(now, "transitions", "published", day):
        yield row | {"id": f"transition_{row['outcome']}_{row['date'].date()}"}


def _days_ahead(now: Tables, day: pd.Timestamp) -> Iterator[Cells]:
    for row in _later(now, "schedule", "published", day):
        item_id = f"scheduled_{row['outcome']}_{row['kind']}_{row['date'].date()}"
        yield row | {"id": item_id, "due": row["date"], "date": row["published"]}


def _resolved(before: Tables, now: Tables) -> Iterator[Cells]:
    """Yield promises with a result that they did not have, described in full: their agreement may be new as well."""
    earlier = dict(zip(before["commitments"]["commitment_id"], before["commitments"]["result"], strict=True))
    agreements = {row["agreement_id"]: row for row in _records(now["agreements"])}
    for row in _records(now["commitments"]):
        date = row["resolved_on"] or row["first_breach"]
        if not row["result"] or earlier.get(row["commitment_id"]) or date is None:
            continue  # one that was never judged, and on no day, teaches nothing
        agreement = agreements[row["agreement_id"]]
        known = max(date, agreement["published"] or agreement["signed"])
        item_id = f"resolved_{row['commitment_id']}"
        yield row | {"id": item_id, "date": date, "published": known, "signed": agreement["signed"]}


def _departures(now: Tables, day: pd.Timestamp) -> Iterator[Cells]:
    """Yield posts that ended and were not followed on that day by another of the actor."""
    begun = set(zip(now["actors"]["actor"], now["actors"]["from"], strict=True))
    for row in _later(now, "actors", "to", day):
        if (row["actor"], row["to"]) not in begun:
            yield {"actor": row["actor"], "date": row["to"]}


def _new_counts(now: Tables, day: pd.Timestamp) -> Iterator[Fault]:
    for row in _later(now, "counts", "published", day):
        yield _inexpressible("counts", "level", row["level"], "a newly published count", row["published"])


def _new_duties(before: Tables, now: Tables) -> Iterator[Fault]:
    """Yield duties of new agreements that are open: their months at risk are rows, and no item says so."""
    known, signed = set(before["commitments"]["commitment_id"]), now["agreements"].set_index("agreement_id")["signed"]
    for row in _records(now["commitments"]):
        counts = row["form"] == "flow" and not row["result"] and not row["own_history_of"]
        if counts and row["commitment_id"] not in known:
            day = signed[row["agreement_id"]]
            yield _inexpressible("commitments", "commitment_id", row["commitment_id"], "a new duty still open", day)


def _inexpressible(name: str, column: str, value: str, what: str, day: pd.Timestamp) -> Fault:
    remedy = f"cut the case to {day.date()} or later, and begin there"
    return Fault(TABLES[name].file, f"column {column}", value, f"{what}, which no item of evidence can say", remedy)
