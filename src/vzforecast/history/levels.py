"""Members of the groupings: what is known by the as-of date, and places kept free for what is not."""

from collections.abc import Iterable

import pandas as pd

from vzforecast.case import Case
from vzforecast.names import level


def levels_of(case: Case) -> pd.DataFrame:
    """Return one row per partially pooled effect, grouping by grouping.

    Members are sorted by name; spare levels follow, so that a compiled model can take a new agreement or
    series without changing its shape.

    Returns
    -------
    DataFrame
        ``level`` (unique label), ``grouping`` ("<family>.<grouping>"), ``member`` (blank for a spare one).
    """
    records = []
    for grouping, members in _members(case).items():
        spare = [(f"spare {number + 1}", "") for number in range(case.spec.spare_levels.level)]
        for name, member in [*((m, m) for m in sorted(members)), *spare]:
            records.append({"level": level(grouping, name), "grouping": grouping, "member": member})
    return pd.DataFrame(records, columns=["level", "grouping", "member"])


def signal_kinds(case: Case) -> tuple[str, ...]:
    """Return the reference kind, the other kinds of news known, and the spare ones."""
    reference = case.spec.news.reference_kind
    kinds = sorted(set(case.tables["news"]["kind"]) - {reference})
    return (reference, *kinds, *(f"spare {number + 1}" for number in range(case.spec.spare_levels.signal_kind)))


def _members(case: Case) -> dict[str, set[str]]:
    """Known members of each grouping: those in the tables and those an outcome stands for."""
    found: dict[str, set[str]] = {}
    for process, declared in case.spec.processes.items():
        for grouping in declared.groupings:
            known = found.setdefault(f"{declared.family}.{grouping}", set())
            known.update(_in_tables(case, process, grouping))
    for outcome in case.spec.outcomes:
        for hazard in (outcome.onset, outcome.recovery):
            family = case.spec.processes[hazard.process].family
            for name, member in hazard.members.items():
                found[f"{family}.{name}"].add(member)
    return found


def _in_tables(case: Case, process: str, grouping: str) -> Iterable[str]:
    tables = case.tables
    match grouping:
        case "kind":
            return set(tables["commitments"]["kind"])
        case "agreement":
            return set(tables["agreements"]["agreement_id"])
        case "series":
            return set(tables["licences"]["series"])
        case "level":
            return set(tables["counts"].loc[tables["counts"]["process"] == process, "level"])
    governed = [term for term in case.spec.administrations if case.as_of is None or term.start <= case.as_of]
    return {term.president if grouping == "president" else term.id for term in governed}
