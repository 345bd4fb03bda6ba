"""Evidence as CSV: a column for the type and one for each field."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from vzforecast.errors import Fault
from vzforecast.evidence.kinds import KINDS
from vzforecast.evidence.records import Record, Records
from vzforecast.inputs.csv_lines import csv_lines, wrong_length
from vzforecast.inputs.wording import meant_or

COLUMNS: Final = tuple(dict.fromkeys(["type", *(name for kind in KINDS.values() for name in kind.model_fields)]))
"""Every column that a file may have, in the order in which they are written."""


def read_csv(file: str, text: str) -> Records:
    """Read the records of a CSV text.

    Parameters
    ----------
    file : str
        The file, as messages call it.
    text : str
        Its content.

    Returns
    -------
    Records
        One for each line that is not empty, blank cells left out.
    """
    faults: list[Fault] = []
    lines = csv_lines(file, text, faults)
    header = next(lines, None)
    if header is None:
        if not faults:
            faults.append(
                Fault(file, "header", "", "the file is empty", "begin it with a header such as type,date,...")
            )
        return Records(faults=faults)
    columns = [cell.strip() for cell in header[1]]
    faults += _header_faults(file, columns)
    records = []
    for line, cells in lines:
        if len(cells) != len(columns):
            faults.append(wrong_length(file, line, len(cells), len(columns)))
            continue
        given = {name: cell for name, cell in zip(columns, cells, strict=True) if cell.strip()}
        records.append(Record(f"row {line}", {name: given[name] for name in given if name in COLUMNS}, texts=True))
    return Records(records if "type" in columns else (), faults)


def write_csv(records: Sequence[Mapping[str, Any]]) -> str:
    """Write records as CSV.

    Parameters
    ----------
    records : sequence of mapping
        Fields by name.

    Returns
    -------
    str
        A header of the columns that any of them uses, and one row for each record.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    used = [name for name in COLUMNS if any(name in record for record in records)] or COLUMNS
    writer.writerow(used)
    writer.writerows([_written(record.get(name)) for name in used] for record in records)
    return buffer.getvalue()


def _header_faults(file: str, columns: Sequence[str]) -> Iterator[Fault]:
    if "type" not in columns:
        yield Fault(file, "header", "type", "column missing", "add the column")
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            yield Fault(file, "header", name, "column given twice", "keep one of them")
        if name not in COLUMNS:
            yield Fault(file, "header", name, "unknown column", meant_or(name, COLUMNS, "remove it"))


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, dt.date) else repr(value) if isinstance(value, float) else str(value)
