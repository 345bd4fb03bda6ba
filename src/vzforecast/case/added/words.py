"""What messages and blank cells say of an item that became a row."""

import datetime as dt
from typing import Final

from vzforecast.case.added.draft import Cells
from vzforecast.case.schema import Administration, CaseSpec
from vzforecast.errors import Fault
from vzforecast.evidence import Evidence
from vzforecast.inputs.toml_faults import shown

NOT_GIVEN: Final = "not given"
ADDED: Final = "added as evidence"


def fault(item: Evidence, place: str, problem: str, remedy: str, value: str | None = None) -> Fault:
    """Return a fault of a field of an item.

    Parameters
    ----------
    item : Evidence
        The item.
    place : str
        The field.
    problem, remedy : str
        As in `Fault`.
    value : str, optional
        What was found, if not the value of the field.

    Returns
    -------
    Fault
        The fault.
    """
    return Fault(str(item), place, shown(getattr(item, place)) if value is None else value, problem, remedy)


def common_cells(item: Evidence) -> Cells:
    """Return the cells that every table has of an item: source, confidence, note."""
    return {"source": item.source or NOT_GIVEN, "confidence": item.confidence, "note": item.note}


def text(value: object) -> str:
    """Return a value as a cell: "" for None, 1 or 0 for a flag, ISO for a day."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def governing(spec: CaseSpec, day: dt.date) -> Administration | None:
    """Return the administration that governed on a day, if the case declares it."""
    terms = (one for one in spec.administrations if one.start <= day and (one.end is None or day < one.end))
    return next(terms, None)


def ungoverned(item: Evidence) -> Fault:
    """Return the fault of an item on a day on which no administration governed."""
    remedy = "correct the date, or declare who governed"
    return fault(item, "date", "no administration of the case governed then", remedy)


def repeated_row(item: Evidence, name: str, place: str) -> Fault:
    """Return the fault of an item whose row a table has already."""
    return fault(item, place, f"already in the {name} of the case", "leave the item out, or tell the two apart")
