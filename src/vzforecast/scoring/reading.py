"""Forecasts with their resolutions as users give them, a CSV file or a table, as columns with a name for each row."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from vzforecast.errors import Fault, ScoreError
from vzforecast.inputs.csv_lines import csv_lines, wrong_length
from vzforecast.inputs.wording import choices

REQUIRED: Final = ("question", "probability", "resolution")
OPTIONAL: Final = ("forecaster", "as_of")
_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}  # of files that are called CSV all the same
_SAME_NAME: Final = 0.8  # likeness from which a column is taken for a misspelt one of ours

type TableLike = str | Path | pd.DataFrame


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns that scoring reads, as they were given.

    Attributes
    ----------
    source : str
        Where they are from, as messages call it.
    frame : pandas.DataFrame
        Those of `REQUIRED` and `OPTIONAL` that are there, and the one that makes blocks. The index names rows: line
        numbers of a file, labels of a table.
    faults : tuple of Fault
        Lines of a file that have no place in the frame, since their cells are too few or too many.
    """

    source: str
    frame: pd.DataFrame
    faults: tuple[Fault, ...] = ()

    def rows(self, places: Sequence[int]) -> str:
        """Return the names of some rows, the first three and how many more."""
        names = [str(self.frame.index[place]) for place in places[:3]]
        if len(names) == 1:
            return f"row {names[0]}"
        if len(places) == len(names):
            return f"rows {', '.join(names[:-1])} and {names[-1]}"
        return f"rows {', '.join(names)} and {len(places) - len(names):,} more"


def read_columns(table: object, by: str) -> Columns:
    """Read the columns that scoring needs.

    Parameters
    ----------
    table : str, pathlib.Path or pandas.DataFrame
        A CSV file or a table. Columns may also be named levels of the index; other columns are left alone.
    by : str
        Name of the column whose values make blocks.

    Returns
    -------
    Columns
        Their cells are not checked.

    Raises
    ------
    ScoreError
        No such file, not readable, a column missing, doubled or misspelt, or `by` is no name.
    """
    asked: object = by  # callers may well pass what the annotation forbids
    if not isinstance(asked, str):
        remedy = "give the name of one column, such as by='question'"
        raise ScoreError([Fault("table", "by", str(asked), "not the name of a column", remedy)])
    faults: list[Fault] = []
    if isinstance(table, str | Path):
        source, frame = str(table), _file_frame(Path(table), faults)
    elif isinstance(table, pd.DataFrame):
        source, frame = "table", _with_levels(table, {*REQUIRED, *OPTIONAL, by})
    else:
        remedy = "give the path of a CSV file, or a DataFrame"
        raise ScoreError([Fault("table", "type", type(table).__name__, "nothing that can be scored", remedy)])
    header = list(_header_faults(source, [str(name) for name in frame.columns], by))
    if not (faults or header) and frame.empty:
        header.append(Fault(source, "rows", "", "there is no forecast", "give one row for each at least"))
    if header or frame.empty:
        raise ScoreError(faults + header)
    wanted = [name for name in (*REQUIRED, *OPTIONAL, by) if name in frame.columns]
    return Columns(source, frame[list(dict.fromkeys(wanted))], tuple(faults))


def _with_levels(table: pd.DataFrame, wanted: set[str]) -> pd.DataFrame:
    """Return the table with what its index holds of the wanted columns as columns, its rows named as before."""
    levels = [name for name in table.index.names if name in wanted and name not in table.columns]
    if not levels:
        return table
    return table.assign(**{str(name): table.index.get_level_values(name) for name in levels})


def _file_frame(path: Path, faults: list[Fault]) -> pd.DataFrame:
    source = str(path)
    lines = csv_lines(source, _text(path), faults)
    header = next(lines, None)
    if header is None:
        if not faults:
            raise _unreadable(path, "the file is empty", f"begin it with the header {','.join(REQUIRED)}")
        raise ScoreError(faults)
    columns = [cell.strip() for cell in header[1]]
    if len(columns) == 1 and (other := next((mark for mark in _SEPARATORS if mark in columns[0]), "")):
        remedy = "separate them by commas, and write 0.5 with a point"
        raise _unreadable(path, f"its cells are separated by {_SEPARATORS[other]}", remedy)
    numbers: list[int] = []
    rows: list[list[str]] = []
    for line, cells in lines:
        if len(cells) != len(columns):
            faults.append(wrong_length(source, line, len(cells), len(columns)))
            continue
        numbers.append(line)
        rows.append([cell.strip() for cell in cells])
    return pd.DataFrame(rows, index=pd.Index(numbers), columns=pd.Index(columns), dtype="str")


def _header_faults(source: str, columns: list[str], by: str) -> Iterator[Fault]:
    known = (*REQUIRED, *OPTIONAL)
    for name in REQUIRED:
        if name not in columns:
            alike = next((column for column in columns if column.lower() == name), "")
            remedy = f"write {name} in place of {alike}" if alike else "add the column"
            yield Fault(source, "header", name, "column missing", remedy)
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1 and name in {*known, by}:
            yield Fault(source, "header", name, "column given twice", "keep one of them")
    for name in OPTIONAL:
        # Left alone like any other column, a misspelt one would silently make all forecasters one.
        for close in difflib.get_close_matches(name, set(columns) - set(known), n=1, cutoff=_SAME_NAME):
            if name not in columns:
                yield Fault(source, "header", close, f"taken for {name}", f"call it {name}, or something else")
    if by not in columns and by not in REQUIRED:
        yield Fault(source, "by", by, "no such column", choices(by, columns))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # line ends inside quotes stay as they are
    except UnicodeDecodeError:
        raise _unreadable(path, "not UTF-8 text", "save it as UTF-8") from None
    except FileNotFoundError:
        raise _unreadable(path, "no such file", "check the path") from None
    except OSError as error:
        raise _unreadable(path, f"cannot be read ({error.strerror})", "make it a readable file") from None


def _unreadable(path: Path, problem: str, remedy: str) -> ScoreError:
    return ScoreError([Fault(str(path), "file", "", problem, remedy)])
