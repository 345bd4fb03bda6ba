"""How a column of a table is declared: its type, range and code list."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "date", "month", "integer", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Header.
    kind : {"text", "date", "month", "integer", "number"}
        Dates are YYYY-MM-DD; months YYYY-MM, held as their first day.
    blank : bool
        Whether a cell may be empty: not known, or not applicable.
    codes : tuple of str
        The only values allowed, if not empty.
    lower, upper : float or None
        Range of a number, bounds included.
    above : bool
        Whether `lower` itself is excluded.
    optional : bool
        Whether a file may do without the column: then all its cells are blank, as in files of before there was one.
    """

    name: str
    kind: Kind = "text"
    blank: bool = False
    codes: tuple[str, ...] = ()
    lower: float | None = None
    upper: float | None = None
    above: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class TableSchema:
    """Columns of one table, and those whose values together name a row."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def file(self) -> str:
        """File name inside the case folder."""
        return f"{self.name}.csv"

    @property
    def headers(self) -> tuple[str, ...]:
        """Names of the columns, in their usual order."""
        return tuple(column.name for column in self.columns)

    @property
    def empty(self) -> str:
        """Text of a file without rows: the header alone."""
        return ",".join(self.headers) + "\n"

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)
