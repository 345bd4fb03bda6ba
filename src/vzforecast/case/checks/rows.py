"""Checks of rows against other rows: ids that repeat, dates and codes that contradict each other."""

import datetime as dt
import itertools
from collections.abc import Iterator

from vzforecast.case.checks.parts import Parts, Row
from vzforecast.case.tables import TABLES
from vzforecast.errors import Fault

# Dates of one row that must follow each other: table, column, column not later than it, what the latter is.
_ORDER = (
    ("agreements", "published", "signed", "its signature"),
    ("commitments", "resolved_on", "first_breach", "its first breach"),
    ("licences", "new_expiry", "issued", "its issue"),
    ("news", "published", "date", "the event"),
    ("transitions", "published", "date", "the event"),
    ("schedule", "date", "published", "the day on which it was published"),
    ("questions", "horizon", "opened", "its opening"),
    ("questions", "resolved_on", "opened", "its opening"),
    ("markets", "horizon", "date", "its date"),
)


def check_rows(parts: Parts) -> Iterator[Fault]:
    """Yield the faults that the tables show without the declarations.

    Parameters
    ----------
    parts : Parts
        The tables.

    Yields
    ------
    Fault
        Each contradiction.
    """
    for name in TABLES:
        yield from _repeats(parts, name)
    for name, later, earlier, event in _ORDER:
        for row in parts.rows(name):
            yield from _not_before(row, later, row.day(earlier), event)
    yield from _commitments(parts)
    for row in parts.sound_rows("licences"):
        yield from _days_between(row, "days_before_expiry", row.day("issued"), row.day("prev_expiry"), "prev_expiry")
    for row in parts.sound_rows("news"):
        yield from _both_or_neither(row, "lean", "outcome")
    for row in parts.sound_rows("questions"):
        yield from _both_or_neither(row, "resolution", "resolved_on")
    yield from _spells(parts)


def _repeats(parts: Parts, name: str) -> Iterator[Fault]:
    schema = TABLES[name]
    first: dict[tuple[object, ...], int] = {}
    for row in parts.sound_rows(name):
        key = tuple(row.cells[column] for column in schema.key)
        line = first.setdefault(key, row.line)
        if line != row.line:
            problem = f"same {', '.join(schema.key)} as row {line}"
            yield row.fault(schema.key[0], problem, "keep one of the rows, or tell them apart")


def _not_before(row: Row, column: str, earliest: dt.date | None, event: str) -> Iterator[Fault]:
    day = row.day(column)
    if day is not None and earliest is not None and day < earliest:
        yield row.fault(column, f"before {event}, {earliest}", "correct one of the dates")


def _commitments(parts: Parts) -> Iterator[Fault]:
    signed = {row.text("agreement_id"): row.day("signed") for row in parts.rows("agreements")}
    known = parts.values("agreements", "agreement_id")
    for row in parts.rows("commitments"):
        agreement = row.text("agreement_id")
        if agreement and known is not None and agreement not in known:
            yield row.unknown("agreement_id", "agreement", sorted(known))
        for column in ("due", "first_breach", "resolved_on"):
            yield from _not_before(row, column, signed.get(agreement), "the signature of its agreement")
        if row.sound:
            breach = row.day("first_breach")
            yield from _days_between(row, "days_to_breach", signed.get(agreement), breach, "first_breach")
            yield from _result(row)


def _result(row: Row) -> Iterator[Fault]:
    """Require the day a result was known, and no trace of an end in an open promise."""
    result = row.text("result")
    if result in ("kept", "partial", "broken") and row.day("resolved_on") is None:
        yield row.fault("resolved_on", f"empty, though the promise is {result}", "give the day on which that was clear")
    if result == "kept" and row.day("first_breach") is not None:
        yield row.fault("first_breach", "a breach of a promise that is kept", "correct the result, or leave it empty")
    if not result:
        for column in ("first_breach", "resolved_on"):
            if row.day(column) is not None:
                yield row.fault(column, "given, though the promise is open", "give a result, or leave it empty")


def _days_between(
    row: Row, column: str, start: dt.date | None, end: dt.date | None, end_column: str
) -> Iterator[Fault]:
    days = row.number(column)
    if start is None:
        return
    if end is None and days is not None:
        yield row.fault(column, f"given without {end_column}", f"leave it empty, or give {end_column}")
    if end is not None and days != (end - start).days:
        found = "empty" if days is None else f"not the days from {start} to {end}"
        yield row.fault(column, found, f"write {(end - start).days}, or correct the dates")


def _both_or_neither(row: Row, column: str, other: str) -> Iterator[Fault]:
    blank, other_blank = (row.cells[name] in (None, "") for name in (column, other))
    if blank and not other_blank:
        yield row.fault(column, f"empty, though {other} is given", f"give both {column} and {other}, or neither")
    if other_blank and not blank:
        yield row.fault(other, f"empty, though {column} is given", f"give both {column} and {other}, or neither")


def _spells(parts: Parts) -> Iterator[Fault]:
    """Require that an actor holds one post at a time; a spell ends the day before its `to`."""
    spells: dict[str, list[Row]] = {}
    for row in parts.sound_rows("actors"):
        start, end = row.day("from"), row.day("to")
        if start is not None:
            spells.setdefault(row.text("actor"), []).append(row)
        if start is not None and end is not None and end <= start:
            yield row.fault("to", f"not after its from, {start}", "correct one of the dates")
    for rows in spells.values():
        in_order = sorted(rows, key=_start)
        for row, following in itertools.pairwise(in_order):
            end = row.day("to")
            if _start(row) < _start(following) and (end is None or end > _start(following)):
                problem = f"overlaps row {following.line}, the next spell of {row.text('actor')}"
                yield row.fault("to", problem, f"end it on {_start(following)} at the latest")


def _start(row: Row) -> dt.date:
    return row.day("from") or dt.date.min
