"""Stated probabilities as users give them: a CSV file, a table, or a mapping."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from vzforecast.errors import CoherenceError, EventError, Fault
from vzforecast.events import Event, Vocabulary, in_brief, parse_event
from vzforecast.inputs.csv_lines import csv_lines, wrong_length
from vzforecast.inputs.wording import meant_or

REQUIRED: Final = ("event", "probability")
COLUMNS: Final = (*REQUIRED, "name", "note")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_RANGE: Final = "give a number from 0 to 1, such as 0.6 for 60%"

type StatedLike = str | Path | pd.DataFrame | Mapping[str, float]


@dataclass(frozen=True)
class Stated:
    """An event and the probability stated for it.

    Parameters
    ----------
    text : str
        The event as given.
    event : Event
        Its tree.
    probability : float
        From 0 to 1.
    name : str, default ""
        What to call it.
    """

    text: str
    event: Event
    probability: float
    name: str = ""


@dataclass(frozen=True)
class _Row:
    """A row before it is checked: where it stands, and its cells."""

    place: str
    event: object
    probability: object
    name: str = ""

    def at(self, column: str) -> str:
        """Return the place of one of its cells."""
        return f"{self.place}, column {column}" if self.place else column


def read_stated(stated: object, vocabulary: Vocabulary) -> list[Stated]:
    """Read stated probabilities, all or none.

    Parameters
    ----------
    stated : str, pathlib.Path, pandas.DataFrame or mapping of str to float
        A CSV file or a table with the columns ``event`` and ``probability``, and if wanted ``name`` and ``note``; or
        a mapping from events to probabilities.
    vocabulary : Vocabulary
        The names and dates that events may use.

    Returns
    -------
    list of Stated
        In the order given; an event stated twice with one number is there once.

    Raises
    ------
    CoherenceError
        Something is wrong with it; `faults` names all of it with file, place, value and remedy.
    """
    faults: list[Fault] = []
    if isinstance(stated, str | Path):
        source, rows = str(stated), _file_rows(Path(stated), faults)
    elif isinstance(stated, pd.DataFrame):
        source, rows = "stated", _table_rows(stated, faults)
    elif isinstance(stated, Mapping):
        source, rows = "stated", [_Row(f"event {str(event)!r}", event, value) for event, value in stated.items()]
    else:
        kind = type(stated).__name__
        remedy = "give the path of a CSV file, a DataFrame, or a mapping from events to probabilities"
        raise CoherenceError([Fault("stated", "type", kind, "nothing that probabilities can be read from", remedy)])
    found = _checked(source, rows, vocabulary, faults)
    if not found and not faults:
        faults.append(Fault(source, "rows", "", "no event is stated", "state at least one, with its probability"))
    if faults:
        raise CoherenceError(faults)
    return found


def _file_rows(path: Path, faults: list[Fault]) -> list[_Row]:
    lines = csv_lines(str(path), _text(path), faults)
    header = next(lines, None)
    if header is None:
        if not faults:
            faults.append(Fault(str(path), "header", "", "the file is empty", "begin it with event,probability"))
        return []
    columns = [cell.strip() for cell in header[1]]
    faults += _header_faults(str(path), columns)
    if not set(REQUIRED) <= set(columns):
        return []
    rows = []
    for line, cells in lines:
        if len(cells) != len(columns):
            faults.append(wrong_length(str(path), line, len(cells), len(columns)))
            continue
        cell = dict(zip(columns, (text.strip() for text in cells), strict=True))
        number = _as_number(cell["probability"])
        rows.append(_Row(f"row {line}", cell["event"], number, cell.get("name", "")))
    return rows


def _table_rows(table: pd.DataFrame, faults: list[Fault]) -> list[_Row]:
    columns = [str(column) for column in table.columns]
    faults += _header_faults("stated", columns)
    if not set(REQUIRED) <= set(columns) or len(set(columns)) < len(columns):
        return []
    names = table["name"] if "name" in columns else pd.Series("", index=table.index)
    cells = zip(table.index, table["event"], table["probability"], names, strict=True)
    return [
        _Row(f"row {label}", event, number, "" if pd.isna(name) else str(name)) for label, event, number, name in cells
    ]


def _header_faults(source: str, columns: list[str]) -> Iterator[Fault]:
    for name in REQUIRED:
        if name not in columns:
            yield Fault(source, "header", name, "column missing", "add the column")
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            yield Fault(source, "header", name, "column given twice", "keep one of them")
        if name not in COLUMNS:
            yield Fault(source, "header", name, "unknown column", meant_or(name, COLUMNS, "remove it"))


def _checked(source: str, rows: Iterable[_Row], vocabulary: Vocabulary, faults: list[Fault]) -> list[Stated]:
    """Return the sound rows; what is wrong with the others joins the faults."""
    found: dict[str, tuple[_Row, Stated]] = {}
    for row in rows:
        number = _number(source, row, faults)
        event = _event(source, row, vocabulary, faults)
        if event is None or number is None:
            continue
        before = found.get(str(event))
        if before is None:
            found[str(event)] = row, Stated(str(row.event).strip(), event, number, row.name)
        elif before[1].probability != number:
            problem = f"the event has another number, {before[1].probability:g}, in {before[0].place}"
            faults.append(Fault(source, row.at("probability"), f"{number:g}", problem, "keep one of them"))
    return [item for _, item in found.values()]


def _event(source: str, row: _Row, vocabulary: Vocabulary, faults: list[Fault]) -> Event | None:
    if not isinstance(row.event, str) or not row.event.strip():
        shown = "" if isinstance(row.event, str) else str(row.event)
        faults.append(Fault(source, row.at("event"), shown, "not an event", "write it in the event language"))
        return None
    text = row.event.strip()
    try:
        return parse_event(text, vocabulary)
    except EventError as error:
        faults.append(Fault(source, row.at("event"), text, *in_brief(error)))
        return None


def _number(source: str, row: _Row, faults: list[Fault]) -> float | None:
    value = row.probability
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real) or math.isnan(float(value)):
        faults.append(Fault(source, row.at("probability"), str(value), "not a number", _RANGE))
        return None
    if not 0.0 <= float(value) <= 1.0:
        faults.append(Fault(source, row.at("probability"), f"{float(value):g}", "out of range", _RANGE))
        return None
    return float(value)


def _as_number(text: str) -> object:
    """Return the number that a cell holds, or the cell."""
    return float(text) if _NUMBER.fullmatch(text) else text


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # line ends inside quotes stay as they are
    except UnicodeDecodeError:
        raise _unreadable(path, "not UTF-8 text", "save it as UTF-8") from None
    except FileNotFoundError:
        raise _unreadable(path, "no such file", "check the path") from None
    except OSError as error:
        raise _unreadable(path, f"cannot be read ({error.strerror})", "make it a readable file") from None


def _unreadable(path: Path, problem: str, remedy: str) -> CoherenceError:
    return CoherenceError([Fault(str(path), "file", "", problem, remedy)])
