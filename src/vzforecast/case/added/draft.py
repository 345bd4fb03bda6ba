"""The tables of a case as rows of text, as a file would hold them, while evidence is written into them."""

import csv
import io
from collections.abc import Mapping

import pandas as pd

from vzforecast.case.csvfile import Reading, read_table, write_table
from vzforecast.case.schema import CaseSpec
from vzforecast.case.tables import TABLES
from vzforecast.evidence import Evidence

Cells = dict[str, str]


class Draft:
    """Tables being written; what is never looked at stays as it is.

    Parameters
    ----------
    spec : CaseSpec
        The declarations of a case.
    tables : mapping of str to pandas.DataFrame
        Its tables.

    Attributes
    ----------
    spec : CaseSpec
        The declarations.
    vacated : list of (str, Evidence)
        The faction of every post that ended, and the item that ended it.
    """

    def __init__(self, spec: CaseSpec, tables: Mapping[str, pd.DataFrame]):
        self.spec = spec
        self._tables = tables
        self._rows: dict[str, list[Cells]] = {}
        self._keys: dict[str, set[tuple[str, ...]]] = {}
        self._writers: dict[tuple[str, int], Evidence] = {}
        self._lines: dict[tuple[str, int], int] = {}
        self.vacated: list[tuple[str, Evidence]] = []

    def rows(self, name: str) -> list[Cells]:
        """Return the rows of a table as they now are."""
        if name not in self._rows:
            text = write_table(TABLES[name], self._tables[name])
            self._rows[name] = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
            self._keys[name] = {_key(name, row) for row in self._rows[name]}
        return self._rows[name]

    def add(self, name: str, item: Evidence, cells: Cells) -> bool:
        """Append a row due to an item, and tell whether its key was new; cells not given are blank."""
        rows, row = self.rows(name), dict.fromkeys(TABLES[name].headers, "") | cells
        is_new = _key(name, row) not in self._keys[name]
        self._keys[name].add(_key(name, row))
        self._writers[name, len(rows)] = item
        rows.append(row)
        return is_new

    def change(self, name: str, row: Cells, item: Evidence, cells: Cells) -> None:
        """Change cells of a row due to an item."""
        self._writers[name, next(place for place, other in enumerate(self._rows[name]) if other is row)] = item
        row.update(cells)

    def read(self) -> dict[str, Reading]:
        """Read the tables written to as from their files, each indexed by line; others looked at are as they were."""
        written = {name for name, _ in self._writers}
        return {
            name: read_table(TABLES[name], self._text(name)) if name in written else Reading(self._tables[name], ())
            for name in self._rows
        }

    def writer(self, name: str, line: int) -> Evidence | None:
        """Return the item to which a line of a text that was read is due."""
        return self._writers.get((name, self._lines.get((name, line), -1)))

    def _text(self, name: str) -> str:
        headers = TABLES[name].headers
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(headers)
        line = 2
        for place, row in enumerate(self._rows[name]):
            self._lines[name, line] = place
            cells = [row[header] for header in headers]
            writer.writerow(cells)
            line += 1 + sum(cell.count("\n") for cell in cells)
        return buffer.getvalue()


def _key(name: str, row: Cells) -> tuple[str, ...]:
    return tuple(row[column] for column in TABLES[name].key)
