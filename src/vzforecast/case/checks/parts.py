"""What could be read of a case, in the form that the checks read it."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import pandas as pd

from vzforecast.case.columns import Column, TableSchema
from vzforecast.case.schema import CaseSpec
from vzforecast.case.tables import TABLES
from vzforecast.errors import Fault
from vzforecast.inputs.wording import choices
from vzforecast.priors import PriorSpec

Cell = str | float | dt.date | None

CASE_FILE: Final = "case.toml"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    schema : TableSchema
        Its table.
    line : int
        Its line in the file.
    cells : mapping of str to str, float, date or None
        Its cells; None where a date or number is blank.
    sound : bool
        Whether every cell could be read; in a row that is not sound a blank may be a fault already reported.
    """

    schema: TableSchema
    line: int
    cells: Mapping[str, Cell]
    sound: bool = True

    def text(self, column: str) -> str:
        """Return the text of a cell, "" if blank."""
        return str(self.cells[column])

    def day(self, column: str) -> dt.date | None:
        """Return the day in a cell."""
        cell = self.cells[column]
        return cell if isinstance(cell, dt.date) else None

    def number(self, column: str) -> float | None:
        """Return the number in a cell."""
        cell = self.cells[column]
        return cell if isinstance(cell, int | float) else None

    def fault(self, column: str, problem: str, remedy: str) -> Fault:
        """Return a fault of one cell."""
        place = f"row {self.line}, column {column}"
        return Fault(self.schema.file, place, self._shown(column), problem, remedy)

    def _shown(self, column: str) -> str:
        cell = self.cells[column]
        if isinstance(cell, dt.date) and self.schema.column(column).kind == "month":
            return f"{cell:%Y-%m}"
        return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)

    def unknown(self, column: str, what: str, valid: Collection[str]) -> Fault:
        """Return the fault of a cell that names what does not exist."""
        return self.fault(column, f"unknown {what}", choices(self.text(column), valid))


@dataclass(frozen=True)
class Parts:
    """What could be read of a case.

    Attributes
    ----------
    spec : CaseSpec or None
        Declarations, if they could be read.
    priors : mapping of str to PriorSpec or None, or None
        Priors by id, None for one that has faults; None altogether if the file could not be read.
    tables : mapping of str to pandas.DataFrame
        The tables that could be read; a faulty cell is blank.
    complete : frozenset of str
        Names of the tables read without a fault: what is not in one of these is nowhere.
    faulty : mapping of str to frozenset of int
        Lines of a table on which a cell could not be read.
    whole : bool
        False for a case cut to a day, in which what came later is rightly missing.
    """

    spec: CaseSpec | None
    priors: Mapping[str, PriorSpec | None] | Mapping[str, PriorSpec] | None
    tables: Mapping[str, pd.DataFrame]
    complete: frozenset[str]
    faulty: Mapping[str, frozenset[int]] = field(default_factory=dict)
    whole: bool = True

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a table, none if it could not be read."""
        return self._rows.get(name, [])

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        return {name: self._rows_of(name) for name in self.tables}

    def _rows_of(self, name: str) -> list[Row]:
        schema, frame = TABLES[name], self.tables[name]
        columns = [_cells(column, frame[column.name]) for column in schema.columns]
        lines = frame.index.tolist()
        faulty = self.faulty.get(name, frozenset())
        return [
            Row(schema, line, dict(zip(schema.headers, cells, strict=True)), line not in faulty)
            for line, *cells in zip(lines, *columns, strict=True)
        ]

    def sound_rows(self, name: str) -> list[Row]:
        """Return the rows of a table in which every cell could be read, so that a blank means a blank."""
        return [row for row in self.rows(name) if row.sound]

    def values(self, name: str, column: str) -> frozenset[str] | None:
        """Return all texts of a column, or None if the table may hold others than those that could be read."""
        return frozenset(self.tables[name][column]) if name in self.complete else None


def _cells(column: Column, values: pd.Series) -> list[Cell]:
    if column.kind == "text":
        return values.tolist()
    if column.kind in ("date", "month"):
        return [None if pd.isna(value) else value.date() for value in values]
    return [None if pd.isna(value) else float(value) for value in values]


def case_fault(place: str, value: object, problem: str, remedy: str) -> Fault:
    """Return a fault of case.toml.

    Parameters
    ----------
    place : str
        Dotted key.
    value : object
        The value there.
    problem, remedy : str
        As in `Fault`.

    Returns
    -------
    Fault
        The fault.
    """
    return Fault(CASE_FILE, place, str(value), problem, remedy)


def repeated(values: list[str]) -> Iterator[str]:
    """Yield each value that occurs again.

    Parameters
    ----------
    values : list of str
        Values that should differ.

    Yields
    ------
    str
        Each second and later occurrence.
    """
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield value
        seen.add(value)
