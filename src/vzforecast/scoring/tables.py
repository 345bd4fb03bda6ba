"""Tables of scores that, when printed, say what they rest on."""

import textwrap
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast import markup
from vzforecast.told import ToldTable

_PLACES: Final = 3
WIDTH: Final = 110  # of notes, in letters


class NotedTable(ToldTable):
    """A DataFrame that prints its notes below it; what is computed or cut from it is a plain DataFrame.

    Notes are the list of sentences ``attrs["notes"]``.
    """

    across = False  # whether a row of the table is printed as a column

    @property
    def text(self) -> str:
        """The table for people, an interval beside its estimate, and the notes."""
        shown = _shown(self)
        notes = (textwrap.fill(note, WIDTH, subsequent_indent="  ") for note in self.attrs["notes"])
        return "\n".join([(shown.T if self.across else shown).to_string(), "", *notes])

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        shown = _shown(self)
        cells = shown.T if self.across else shown
        return markup.block(markup.table(cells, figures=cells.columns), *map(markup.quiet, self.attrs["notes"]))


class Scores(NotedTable):
    """Scores by forecaster; a forecaster is printed as a column."""

    across = True


class Skill(NotedTable):
    """Differences of scores by forecaster, reference and score."""


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of a table as text, with the interval of a column joined to it."""
    columns: dict[str, list[str]] = {}
    for name in map(str, table.columns):
        if name.endswith(("_lower", "_upper")) and name[:-6] in table:
            continue
        cells = [_cell(value) for value in table[name]]
        if {f"{name}_lower", f"{name}_upper"} <= set(table.columns):
            ends = zip(cells, table[f"{name}_lower"], table[f"{name}_upper"], strict=True)
            cells = [text if np.isnan(low) else f"{text} ({_cell(low)} to {_cell(high)})" for text, low, high in ends]
        columns[name] = cells
    return pd.DataFrame(columns, index=table.index.set_names([str(name) for name in table.index.names]))


def _cell(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value + 0.0:.{_PLACES}f}"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return str(value)
