"""Checks that what a row names is declared, and that its date lies within it."""

from collections.abc import Collection, Iterator

from vzforecast.case.checks.parts import Parts, Row
from vzforecast.case.schema import CaseSpec, Outcome
from vzforecast.case.tables import NO_FACTION
from vzforecast.errors import Fault


def check_references(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Yield rows that name an unknown faction, outcome, state, administration, process or episode.

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
    factions = [faction.id for faction in spec.factions]
    outcomes = {outcome.id: outcome for outcome in spec.outcomes}
    yield from _named(parts, "actors", "faction", "faction", factions)
    yield from _named(parts, "news", "faction", "faction", [*factions, *NO_FACTION])
    yield from _named(parts, "news", "outcome", "outcome", outcomes)
    for name in ("commitments", "licences", "actions"):
        yield from _named(parts, name, "own_history_of", "outcome", outcomes)
    for name in ("transitions", "schedule"):
        yield from _named(parts, name, "outcome", "outcome", outcomes)
    for row in parts.rows("transitions"):
        outcome = outcomes.get(row.text("outcome"))
        if outcome is not None:
            yield from _transition(row, outcome)
    yield from _episodes(parts)
    yield from _administrations(parts, spec)
    yield from _counts(parts, spec)
    yield from _coverage(parts, spec)


def _named(parts: Parts, name: str, column: str, what: str, valid: Collection[str]) -> Iterator[Fault]:
    for row in parts.rows(name):
        if row.text(column) and row.text(column) not in valid:
            yield row.unknown(column, what, valid)


def _transition(row: Row, outcome: Outcome) -> Iterator[Fault]:
    if row.text("to") and row.text("to") not in outcome.states:
        yield row.unknown("to", f"state of {outcome.id}", outcome.states)


def _episodes(parts: Parts) -> Iterator[Fault]:
    """Look up episodes: a transition replaces the leans of its episode, so the news must have it."""
    episodes = parts.values("news", "episode") if parts.whole else None
    if episodes is not None:
        yield from _named(parts, "transitions", "episode", "episode of the news", sorted(episodes - {""}))


def _administrations(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Compare each decision with the term of its administration."""
    administrations = {one.id: one for one in spec.administrations}
    for name, column in (("licences", "issued"), ("actions", "date")):
        yield from _named(parts, name, "administration", "administration", administrations)
        for row in parts.rows(name):
            one, day = administrations.get(row.text("administration")), row.day(column)
            if one is None or day is None or (one.end is not None and one.end <= one.start):
                continue
            if day < one.start or (one.end is not None and day >= one.end):
                term = f"which runs from {one.start}" + (f" to {one.end}" if one.end else "")
                yield row.fault(column, f"outside the administration {one.id}, {term}", "correct one of them")


def _counts(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    counted = {name: process for name, process in spec.processes.items() if process.table == "counts"}
    yield from _named(parts, "counts", "process", 'process of table "counts"', counted)
    for row in parts.sound_rows("counts"):
        process = counted.get(row.text("process"))
        for grouping in process.groupings if process is not None else ():
            if not row.text(grouping):
                yield row.fault(
                    grouping, f"empty, though its process has {grouping}s", f"name the {grouping} that the count is of"
                )


def _coverage(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Find actions earlier than the months of exposure that a process counts."""
    for name, process in spec.processes.items():
        if process.table != "actions":
            continue
        for row in parts.rows("actions"):
            day = row.day("date")
            if day is not None and day < process.since and row.text("direction") == process.direction:
                remedy = f"drop the row, or set since to {day} or earlier"
                yield row.fault("date", f"before the process {name} starts to count, {process.since}", remedy)
