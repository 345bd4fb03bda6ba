"""Members of the groupings: what is known by the as-of date, and places kept free for what is not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from vzforecast.case import Case
from vzforecast.errors import VzForecastError
from vzforecast.history.records import records
from vzforecast.names import level


class NoPlaceError(VzForecastError, LookupError):
    """More new members than a fit kept places for."""


@dataclass(frozen=True)
class Places:
    """The labels that the draws of a fit have, spare ones included: where later members must find a place.

    Attributes
    ----------
    levels : tuple of str
        Coordinates of the level dimension.
    signal_kinds : tuple of str
        Coordinates of the signal_kind dimension.
    """

    levels: tuple[str, ...]
    signal_kinds: tuple[str, ...]


def levels_of(case: Case, places: Places | None = None) -> pd.DataFrame:
    """Return one row per partially pooled effect, grouping by grouping.

    Members are sorted by name; spare levels follow, so that a compiled model can take a new agreement or
    series without changing its shape.

    Parameters
    ----------
    case : Case
        Cut to what is known.
    places : Places, optional
        Of an earlier fit: its members keep their places and new ones take the spare places in the order of their names.

    Returns
    -------
    DataFrame
        ``level`` (unique label), ``grouping`` ("<family>.<grouping>"), ``member`` (blank for a spare one).

    Raises
    ------
    NoPlaceError
        If there are more new members of a grouping than spare places.
    """
    rows = []
    for grouping, members in _members(case).items():
        kept = None if places is None else _labels_of(grouping, places.levels)
        for name in _placed(members, kept, case.spec.spare_levels.level, grouping):
            member = name if name in members else ""
            rows.append({"level": level(grouping, name), "grouping": grouping, "member": member})
    return pd.DataFrame(rows, columns=["level", "grouping", "member"])


def signal_kinds(case: Case, places: Places | None = None) -> tuple[str, ...]:
    """Return the reference kind, the other kinds of news known, and the spare ones; ``places`` as in `levels_of`."""
    reference = case.spec.news.reference_kind
    kinds = set(case.tables["news"]["kind"]) - {reference}
    kept = None if places is None else places.signal_kinds[1:]
    return (reference, *_placed(kinds, kept, case.spec.spare_levels.signal_kind, "signal_kind"))


def _labels_of(grouping: str, levels: Sequence[str]) -> list[str]:
    """Return the labels of one grouping, without its name."""
    parts = [label.partition(":") for label in levels]
    return [name for own, _, name in parts if own == grouping]


def _placed(members: set[str], kept: Sequence[str] | None, spare: int, grouping: str) -> list[str]:
    """Return members in the places of an earlier fit, or in order of name with spare places after them."""
    if kept is None:
        return [*sorted(members), *(f"spare {number + 1}" for number in range(spare))]
    coming = sorted(members - set(kept))
    free = [name for name in kept if name.startswith("spare ") and name not in members]
    if len(coming) > len(free):
        listed = ", ".join(coming[len(free) :])
        places = "1 place" if len(free) == 1 else f"{len(free)} places"
        raise NoPlaceError(f"the fit kept {places} for new members of {grouping}, too few for {listed}")
    filled = dict(zip(free, coming, strict=False))
    return [filled.get(name, name) for name in kept]


def _members(case: Case) -> dict[str, set[str]]:
    """Known members of each grouping: those in the tables and those an outcome stands for."""
    found: dict[str, set[str]] = {}
    for process, declared in case.spec.processes.items():
        for grouping in declared.groupings:
            known = found.setdefault(f"{declared.family}.{grouping}", set())
            known.update(_in_tables(case, process, grouping))
    for outcome in case.spec.outcomes:
        for hazard in outcome.hazards.values():
            family = case.spec.processes[hazard.process].family
            for name, member in hazard.members.items():
                found[f"{family}.{name}"].add(member)
    return found


def _in_tables(case: Case, process: str, grouping: str) -> Iterable[str]:
    match grouping:
        case "kind":
            return {row.kind for row in records(case, "commitments")}
        case "agreement":
            return {row.agreement_id for row in records(case, "agreements")}
        case "series":
            return {row.series for row in records(case, "licences")}
        case "level" | "group":
            return {getattr(row, grouping) for row in records(case, "counts") if row.process == process}
    governed = [term for term in case.spec.administrations if case.as_of is None or term.start <= case.as_of]
    return {term.president if grouping == "president" else term.id for term in governed}
