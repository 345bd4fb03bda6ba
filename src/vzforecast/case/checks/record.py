"""Checks of what must hold through time: the states of outcomes, and who is in post."""

import datetime as dt
import itertools
from collections.abc import Iterator

from vzforecast.case.checks.parts import Parts, Row
from vzforecast.case.schema import CaseSpec, Outcome
from vzforecast.errors import Fault


def check_record(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Yield transitions that cannot follow each other, and days on which a faction has nobody in post.

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
    transitions = parts.rows("transitions")
    for outcome in spec.outcomes:
        dated = [row for row in transitions if row.text("outcome") == outcome.id and row.day("date") is not None]
        yield from _outside(spec, outcome, dated)
        yield from _walk(outcome, sorted(dated, key=lambda row: row.day("date") or dt.date.min))
    if "actors" in parts.complete:
        for faction in spec.factions:
            for score in ("office", "proximity"):
                yield from _vacancy(spec, faction.id, parts.rows("actors"), score)


def _outside(spec: CaseSpec, outcome: Outcome, rows: list[Row]) -> Iterator[Fault]:
    for row in rows:
        day = row.day("date")
        if day is not None and day <= outcome.start:
            remedy = "drop the row, or start the outcome earlier"
            yield row.fault("date", f"not after the start of {outcome.id}, {outcome.start}", remedy)
        if day is not None and day > spec.horizon:
            yield row.fault(
                "date", f"after the horizon of the case, {spec.horizon}", "drop the row, or extend the case"
            )


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


def _vacancy(spec: CaseSpec, faction: str, actors: list[Row], score: str) -> Iterator[Fault]:
    """Find the first day without a score above 0 in a faction: influence takes the log of its mean."""
    spells = [
        (row.day("from") or spec.origin, row.day("to") or dt.date.max)
        for row in actors
        if row.text("faction") == faction and row.number("salience") and row.number(score)
    ]
    day = spec.origin
    for start, end in sorted(spells):
        if start <= day < end:
            day = end
    if day <= spec.horizon:
        problem = f"on {day} the faction has nobody in post with salience and {score} above 0"
        remedy = f"add an actor from {day}, or correct the dates"
        yield Fault("actors.csv", "column faction", faction, problem, remedy)
