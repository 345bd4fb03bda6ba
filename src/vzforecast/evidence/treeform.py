"""Evidence as TOML or JSON: a list of tables or objects, one an item."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import tomli_w

from vzforecast.errors import Fault
from vzforecast.evidence.records import Record, Records
from vzforecast.inputs.toml_faults import shown
from vzforecast.inputs.wording import meant_or

_KEY: Final = "evidence"


def read_toml(file: str, text: str) -> Records:
    """Read the records of a TOML text.

    Parameters
    ----------
    file : str
        The file, as messages call it.
    text : str
        Its content.

    Returns
    -------
    Records
        One for each table ``[[evidence]]``.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem, _, place = str(error).rpartition(" (at ")
        found = Fault(file, place.rstrip(")"), "", f"not valid TOML: {problem}", "correct the syntax there")
        return Records(faults=[found])
    unknown = [name for name in document if name != _KEY]
    remedy = "write every item as a table [[evidence]]"
    faults = [Fault(file, name, "", "unknown key", meant_or(name, [_KEY], remedy)) for name in unknown]
    if not document:
        faults = [Fault(file, _KEY, "", "key missing", remedy)]
    return _records(file, document.get(_KEY, []), faults, remedy)


def read_json(file: str, text: str) -> Records:
    """Read the records of a JSON text.

    Parameters
    ----------
    file : str
        The file, as messages call it.
    text : str
        Its content.

    Returns
    -------
    Records
        One for each object of the list.
    """
    faults: list[Fault] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
        faults.extend(Fault(file, key, "", "key given twice in one object", "keep one of them") for key in twice)
        return dict(pairs)

    try:
        document = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return Records(faults=[Fault(file, place, "", f"not valid JSON: {error.msg}", "correct the syntax there")])
    return _records(file, document, faults, "write a list [ ] with an object { } for every item")


def write_toml(records: Sequence[Mapping[str, Any]]) -> str:
    """Write records as TOML.

    Parameters
    ----------
    records : sequence of mapping
        Fields by name.

    Returns
    -------
    str
        A table ``[[evidence]]`` for each record.
    """
    return tomli_w.dumps({_KEY: [dict(record) for record in records]})


def write_json(records: Sequence[Mapping[str, Any]]) -> str:
    """Write records as JSON.

    Parameters
    ----------
    records : sequence of mapping
        Fields by name.

    Returns
    -------
    str
        A list with an object for each record.
    """
    return json.dumps([dict(record) for record in records], indent=2, ensure_ascii=False, default=str) + "\n"


def _records(file: str, entries: object, faults: list[Fault], remedy: str) -> Records:
    if not isinstance(entries, list):
        return Records(faults=[*faults, Fault(file, "content", shown(entries), "not a list of items", remedy)])
    records = []
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, Mapping):
            records.append(Record(f"item {number}", entry))
        else:
            faults.append(Fault(file, f"item {number}", shown(entry), "no item with fields", remedy))
    return Records(records, faults)
