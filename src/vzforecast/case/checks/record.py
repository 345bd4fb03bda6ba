"""Checks of what must hold through time: the states of outcomes, and who is in post."""

import datetime as dt
import itertools
from collections.abc import Iterator

from vzforecast.case.checks.parts import Parts, Row
from vzforecast.case.schema import CaseSpec, Outcome
from vzforecast.errors import Fault


def check_transitions(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Yield transitions outside the span of the case, and those that cannot follow each other.

    Parameters
    ----------
    parts : Parts
        The tables.
    spec : CaseSpec
        The declarations.

    Yields
    ------
    Fault
        Each contradiction.
    """
    for outcome in spec.outcomes:
        rows = [row for row in parts.rows("transitions") if row.text("outcome") == outcome.id]
        yield from _outside(spec, outcome, rows)
        if outcome.recurrent:
            yield from _events(outcome, rows)
        elif "transitions" in parts.complete:
            yield from _walk(outcome, sorted(rows, key=lambda row: row.day("date") or dt.date.min))


def check_posts(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Yield the factions that have nobody in post on some day.

    Influence compares the logs of the mean scores of factions, so on every day somebody must have scores above 0.

    Parameters
    ----------
    parts : Parts
        The tables.
    spec : CaseSpec
        The declarations.

    Yields
    ------
    Fault
        The first such day of each faction.
    """
    if "actors" not in parts.complete:
        return
    for faction in spec.factions:
        actors = [row for row in parts.rows("actors") if row.text("faction") == faction.id and row.number("salience")]
        for kind, posts in (
            ("", actors),
            (" and office", [row for row in actors if row.number("office")]),
            (" and proximity", [row for row in actors if row.number("proximity")]),
        ):
            day = _first_vacancy(spec, posts)
            if day is not None:
                problem = f"on {day} the faction has nobody in post with salience{kind} above 0"
                remedy = f"add an actor from {day}, or correct the dates"
                yield Fault("actors.csv", "column faction", faction.id, problem, remedy)
                break


def _outside(spec: CaseSpec, outcome: Outcome, rows: list[Row]) -> Iterator[Fault]:
    for row in rows:
        day = row.day("date")
        if day is not None and day <= outcome.start:
            remedy = "drop the row, or start the outcome earlier"
            yield row.fault("date", f"not after the start of {outcome.id}, {outcome.start}", remedy)
        if day is not None and day > spec.horizon > spec.origin:
            yield row.fault(
                "date", f"after the horizon of the case, {spec.horizon}", "drop the row, or extend the case"
            )


def _events(outcome: Outcome, rows: list[Row]) -> Iterator[Fault]:
    """Refuse a recurrent outcome's return to rest, which goes without saying."""
    for row in rows:
        if row.text("to") == outcome.rest:
            problem = f"{outcome.id} is recurrent: it returns to rest at once, and a row is an event"
            yield row.fault("to", problem, f'drop the row, or write "{outcome.active}"')


def _walk(outcome: Outcome, rows: list[Row]) -> Iterator[Fault]:
    """Follow an outcome's states from its start; each transition leaves the state held, and is known in turn."""
    held = outcome.state_at_start
    for row in rows:
        if row.text("to") == held:
            yield row.fault("to", f"the state that {outcome.id} already held", "drop the row, or add what is missing")
        held = row.text("to") or held
    for row, following in itertools.pairwise(rows):
        known, known_next = row.day("published"), following.day("published")
        if known is not None and known_next is not None and known_next < known:
            problem = f"before row {row.line}, an earlier transition of {outcome.id}, was known"
            yield following.fault("published", problem, "correct one of the dates")


def _first_vacancy(spec: CaseSpec, posts: list[Row]) -> dt.date | None:
    spells = [(row.day("from") or spec.origin, row.day("to") or dt.date.max) for row in posts]
    day = spec.origin
    for start, end in sorted(spells):
        if start <= day < end:
            day = end
    return day if day <= spec.horizon else None
