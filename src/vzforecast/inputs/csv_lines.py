"""The lines of a CSV text, with their numbers, and what is wrong with lines as such."""

import csv
import io
from collections.abc import Iterator

from vzforecast.errors import Fault


def csv_lines(file: str, text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield line number (of a row's first line) and cells; lines without any cell are passed over.

    Parameters
    ----------
    file : str
        The file, as messages call it.
    text : str
        Its content.
    faults : list of Fault
        Gets the fault of a line that cannot be read, after which nothing is.

    Yields
    ------
    tuple of int and list of str
        Number and cells of each line.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            remedy = "close every quote, and double a quote inside a quoted cell"
            faults.append(Fault(file, f"row {line}", "", f"not readable as CSV ({error})", remedy))
            return
        if cells is None:
            return
        if cells:
            yield line, cells


def wrong_length(file: str, line: int, found: int, expected: int) -> Fault:
    """Return the fault of a line with more or fewer cells than the header has."""
    problem = f"{found} cells where the header has {expected}"
    return Fault(file, f"row {line}", "", problem, "add or remove a comma, or quote a cell that holds one")
