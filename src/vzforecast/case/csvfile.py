"""CSV text to typed tables, with every fault in it, and back."""

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from vzforecast.case.columns import Column, TableSchema
from vzforecast.errors import Fault
from vzforecast.inputs.csv_lines import csv_lines, wrong_length
from vzforecast.inputs.dates import parse_iso_day
from vzforecast.inputs.wording import choices, meant_or

Cell = str | int | float | dt.date | None

_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)  # exact as a float, too
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_NOT_A_VALUE = frozenset({"nan", "nat", "null", "n/a", "#n/a", "<na>"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a table.

    Attributes
    ----------
    frame : pandas.DataFrame or None
        Its rows, indexed by line number in the file; a faulty cell is blank. None if a column is missing.
    faults : tuple of Fault
        Everything wrong with it.
    faulty : frozenset of int
        Line numbers of the rows with a faulty cell.
    """

    frame: pd.DataFrame | None
    faults: tuple[Fault, ...]
    faulty: frozenset[int] = frozenset()


class _CellError(Exception):
    """A cell that does not hold what its column declares: problem and remedy."""


def read_table(schema: TableSchema, text: str) -> Reading:
    r"""Read a table from the text of its CSV file.

    Parameters
    ----------
    schema : TableSchema
        The columns it must have, in any order.
    text : str
        Content of the file.

    Returns
    -------
    Reading
        Typed rows and faults. Dates are datetime64 with NaT for blank, numbers float or int with NaN for blank, text
        is str with "" for blank.

    Examples
    --------
    >>> from vzforecast.case.tables import TABLES
    >>> read_table(TABLES["flights"], "month\n").faults[0].problem
    'column missing'
    """
    faults: list[Fault] = []
    lines = csv_lines(schema.file, text, faults)
    header = next(lines, None)
    if header is None:
        if not faults:
            problem, remedy = "the file is empty", f"begin it with the header {','.join(schema.headers)}"
            faults.append(Fault(schema.file, "header", "", problem, remedy))
        return Reading(None, tuple(faults))
    columns = [cell.strip() for cell in header[1]]
    faults += _header_faults(schema, columns)
    rows: dict[int, dict[str, Cell]] = {}
    faulty: set[int] = set()
    for line, cells in lines:
        if len(cells) != len(columns):
            faults.append(wrong_length(schema.file, line, len(cells), len(columns)))
            continue
        before = len(faults)
        rows[line] = _read_row(schema, line, dict(zip(columns, cells, strict=True)), faults)
        if len(faults) > before:
            faulty.add(line)
    needed = {column.name for column in schema.columns if not column.optional}
    readable = needed <= set(columns) and len(set(columns)) == len(columns)
    return Reading(_frame(schema, rows) if readable else None, tuple(faults), frozenset(faulty))


def write_table(schema: TableSchema, frame: pd.DataFrame) -> str:
    """Write a table as CSV text that reads back as the same rows; the index is not written.

    Parameters
    ----------
    schema : TableSchema
        The columns, whose order the text takes.
    frame : pandas.DataFrame
        As `read_table` gives it.

    Returns
    -------
    str
        One canonical text for the rows, however their file was formatted.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(schema.headers)
    writer.writerows(zip(*(_written(column, frame[column.name]) for column in schema.columns), strict=True))
    return buffer.getvalue()


def _header_faults(schema: TableSchema, columns: Sequence[str]) -> Iterator[Fault]:
    for column in schema.columns:
        if column.name not in columns and not column.optional:
            remedy = "add the column; a cell may be empty if unknown"
            yield Fault(schema.file, "header", column.name, "column missing", remedy)
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            yield Fault(schema.file, "header", name, "column given twice", "keep one of them")
        if name not in schema.headers:
            yield Fault(schema.file, "header", name, "unknown column", meant_or(name, schema.headers, "remove it"))


def _read_row(schema: TableSchema, line: int, cells: dict[str, str], faults: list[Fault]) -> dict[str, Cell]:
    row: dict[str, Cell] = {}
    for column in schema.columns:
        text = cells.get(column.name, "").strip()
        row[column.name] = None
        if column.name not in cells and not column.optional:
            continue
        try:
            row[column.name] = _read_cell(column, text)
        except _CellError as bad:
            problem, remedy = bad.args
            faults.append(Fault(schema.file, f"row {line}, column {column.name}", text, problem, remedy))
    return row


def _read_cell(column: Column, text: str) -> Cell:
    if not text:
        if column.blank:
            return None
        raise _CellError("empty", "fill it in; this column must have a value in every row")
    if text.lower() in _NOT_A_VALUE:
        raise _CellError("not a value", "leave the cell empty" if column.blank else "give the value, or drop the row")
    if column.kind == "date":
        return _read_day(text, "YYYY-MM-DD")
    if column.kind == "month":
        return _read_day(f"{text}-01" if _MONTH.fullmatch(text) else "", "YYYY-MM")
    if column.kind != "text":
        return _read_number(column, text)
    if column.codes and text not in column.codes:
        raise _CellError("not one of the codes of this column", choices(text, column.codes))
    return text


def _read_day(day: str, form: str) -> dt.date:
    value = parse_iso_day(day)
    if value is None:
        raise _CellError(f"not an ISO {'date' if form.endswith('DD') else 'month'}", f"write it as {form}")
    return value


def _read_number(column: Column, text: str) -> int | float:
    if column.kind == "integer" and not _INTEGER.fullmatch(text):
        raise _CellError("not a whole number", "write it in digits alone, fifteen at most")
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise _CellError("not a number", "write it in digits, with a point for decimals")
    value = int(text) if column.kind == "integer" else float(text)
    low = column.lower is not None and (value <= column.lower if column.above else value < column.lower)
    if low or (column.upper is not None and value > column.upper):
        raise _CellError("out of range", f"give a value {_range(column)}")
    return value


def _range(column: Column) -> str:
    if column.lower is not None and column.upper is not None:
        return f"from {column.lower:g} to {column.upper:g}"
    return f"above {column.lower:g}" if column.above else f"of at least {column.lower:g}"


def _frame(schema: TableSchema, rows: dict[int, dict[str, Cell]]) -> pd.DataFrame:
    index = pd.Index(list(rows), name="row", dtype="int64")
    columns = {column.name: _typed(column, [row[column.name] for row in rows.values()]) for column in schema.columns}
    return pd.DataFrame(columns, index=index)


def _typed(column: Column, cells: list[Cell]) -> Any:
    if column.kind == "text":
        return pd.array([str(cell or "") for cell in cells], dtype="str")
    if column.kind in ("date", "month"):
        return np.array(["NaT" if cell is None else str(cell) for cell in cells], dtype="datetime64[us]")
    whole = column.kind == "integer" and not column.blank and None not in cells
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.int64 if whole else np.float64)


def _written(column: Column, values: pd.Series) -> list[str]:
    if column.kind == "text":
        return [str(value) for value in values]
    if column.kind in ("date", "month"):
        length = len("YYYY-MM-DD" if column.kind == "date" else "YYYY-MM")
        return ["" if pd.isna(value) else value.date().isoformat()[:length] for value in values]
    if column.kind == "integer":
        return ["" if pd.isna(value) else str(int(value)) for value in values]
    return ["" if pd.isna(value) else repr(float(value)) for value in values]
