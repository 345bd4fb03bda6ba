"""Checks of a draft as of the files of a case, and the items that their faults are due to."""

import re
from collections.abc import Mapping
from typing import Final

import pandas as pd

from vzforecast.case.added.draft import Draft
from vzforecast.case.added.words import fault
from vzforecast.case.checks.parts import Parts
from vzforecast.case.validate import find_faults
from vzforecast.errors import CaseError, EvidenceError, Fault
from vzforecast.evidence import Evidence

_CELL: Final = re.compile(r"row (\d+), column (\w+)")

# Field of an item that a column shows, where their names differ.
_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "actors": {"from": "date", "to": "date"},
    "agreements": {"agreement_id": "agreement", "name": "agreement", "summary": "headline"},
    "commitments": {
        "agreement_id": "agreement",
        "commitment_id": "commitment",
        "description": "headline",
        "resolved_on": "date",
        "days_to_breach": "first_breach",
    },
    "licences": {"issued": "date"},
    "actions": {"description": "headline"},
    "schedule": {"date": "due"},
}


def checked_tables(draft: Draft, found: list[Fault]) -> dict[str, pd.DataFrame]:
    """Read a draft and check it like the files of a case.

    Parameters
    ----------
    draft : Draft
        Tables with evidence written into them.
    found : list of Fault
        What writing the items showed; of these items nothing else is reported, since it would follow from that.

    Returns
    -------
    dict of str to pandas.DataFrame
        The tables looked at, their rows numbered from 0.

    Raises
    ------
    EvidenceError
        Items have faults.
    CaseError
        No item has, but the case to which they were added.
    """
    readings = draft.read()
    tables = {name: reading.frame for name, reading in readings.items() if reading.frame is not None}
    complete = frozenset(name for name, reading in readings.items() if not reading.faults)
    faulty = {name: reading.faulty for name, reading in readings.items()}
    faults = find_faults(Parts(draft.spec, None, tables, complete, faulty, whole=False))
    faults += [one for reading in readings.values() for one in reading.faults]
    due = [mine for one in faults for mine in _due_to_items(draft, one)]
    accused = {one.file for one in found}
    reported = _first_of_each_place([*found, *(one for one in due if one.file not in accused)])
    if reported:
        raise EvidenceError(reported)
    if faults:
        raise CaseError(faults)
    return {name: table.reset_index(drop=True) for name, table in tables.items()}


def _due_to_items(draft: Draft, found: Fault) -> list[Fault]:
    """Return a fault of a table as faults of the items that it is due to, none if it is the case's own."""
    name = found.file.removesuffix(".csv")
    if cell := _CELL.fullmatch(found.place):
        item = draft.writer(name, int(cell.group(1)))
        return [] if item is None else [_of_item(item, name, cell.group(2), found)]
    if name == "actors":  # nobody of a faction in post: due to whoever left
        problem = found.problem.replace("the faction", f"the faction {found.value}")
        return [
            fault(item, "actor", problem, found.remedy) for faction, item in draft.vacated if faction == found.value
        ]
    return []


def _of_item(item: Evidence, name: str, column: str, found: Fault) -> Fault:
    field = _FIELDS.get(name, {}).get(column, column)
    return Fault(str(item), field, found.value, found.problem, found.remedy.replace("the row", "the item"))


def _first_of_each_place(faults: list[Fault]) -> list[Fault]:
    first: dict[tuple[str, str], Fault] = {}
    for found in faults:
        first.setdefault((found.file, found.place), found)
    return list(first.values())
