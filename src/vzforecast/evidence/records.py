"""What stands in a file of evidence, whatever its format: one record an item, and what is wrong with the file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence.base import Evidence, item_label
from vzforecast.evidence.batch import repeat_fault, repeats
from vzforecast.evidence.text import item_of, kind_of


@dataclass(frozen=True)
class Record:
    """One item as it stands in a file.

    Attributes
    ----------
    label : str
        Where it stands: ``"item 3"`` of a list, ``"row 3"`` of a table.
    fields : mapping of str to Any
        Its fields, the type among them.
    texts : bool
        Whether every value is text, from which numbers have yet to be read.
    """

    label: str
    fields: Mapping[str, Any]
    texts: bool = False


@dataclass(frozen=True)
class Records:
    """What could be read of a file: its records, and the faults of what could not."""

    records: Sequence[Record] = ()
    faults: Sequence[Fault] = field(default=())


def items_of(file: str, found: Records) -> tuple[Evidence, ...]:
    """Make the items of a file, all or none.

    Parameters
    ----------
    file : str
        The file, as messages call it.
    found : Records
        What stands in it.

    Returns
    -------
    tuple of Evidence
        One for each record.

    Raises
    ------
    EvidenceError
        With the faults of the file and of every record.
    """
    faults, items, places = list(found.faults), [], []
    for record in found.records:
        try:
            items.append(_item(record))
            places.append(record.label)
        except EvidenceError as error:
            label = _label(record)
            faults += [Fault(file, f"{label}, {f.place}", f.value, f.problem, f.remedy) for f in error.faults]
    faults += _repeated(file, items, places)
    if faults:
        raise EvidenceError(faults)
    return tuple(items)


def fields_of(item: Evidence) -> dict[str, Any]:
    """Return what a file says of an item.

    Parameters
    ----------
    item : Evidence
        The item.

    Returns
    -------
    dict
        Its type, its id, dates and confidence always, and every other field that says more than its default.
    """
    always = {name: getattr(item, name) for name in ("id", "date", "published", "confidence")}
    given = item.given() | always
    return {"type": item.type} | {name: given[name] for name in type(item).model_fields if name in given}


def _item(record: Record) -> Evidence:
    kind = kind_of(record.fields.get("type"))
    fields = {name: value for name, value in record.fields.items() if name != "type"}
    return item_of(kind, fields) if record.texts else kind(**fields)


def _label(record: Record) -> str:
    kind = record.fields.get("type")
    named = isinstance(kind, str) and kind
    return f"{record.label} ({item_label(str(kind), record.fields.get('id'))})" if named else record.label


def _repeated(file: str, items: Sequence[Evidence], places: Sequence[str]) -> Iterator[Fault]:
    for position in repeats(items):
        item = items[position]
        yield repeat_fault(file, item.id, place=f"{places[position]} ({item}), id")
