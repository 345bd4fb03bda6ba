"""Tables of a page, with a bar in each line where a figure is better seen than read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.display.tables import Section

# Of what one bar shows.
PLAIN, UP, DOWN, UNCLEAR = "plain", "up", "down", "unclear"


@dataclass(frozen=True)
class Bar:
    """A bar in a line, on the scale that all bars of its table share, 0 to 100.

    Attributes
    ----------
    start, end : float
        Where it begins and ends.
    lower, upper : float
        Of the thin line across it; NaN if there is none.
    kind : {"plain", "up", "down", "unclear"}
        What it shows: a size, or a change by its sign or within its error.
    words : str
        What a pointer that rests on it is told.
    """

    start: float
    end: float
    lower: float
    upper: float
    kind: str
    words: str

    @property
    def left(self) -> float:
        """Its left end."""
        return round(min(self.start, self.end), 2)

    @property
    def width(self) -> float:
        """How long it is, never too short to be seen."""
        return round(max(abs(self.end - self.start), 0.4), 2)

    @property
    def whisker(self) -> tuple[float, float] | None:
        """Left end and length of the thin line; None if there is none."""
        if np.isnan(self.lower):
            return None
        return round(self.lower, 2), round(max(self.upper - self.lower, 0.2), 2)


@dataclass(frozen=True)
class Line:
    """A line of a table: its cells, the name first, and its bar."""

    cells: tuple[str, ...]
    bar: Bar | None = None


@dataclass(frozen=True)
class Grid:
    """A table of a page.

    Attributes
    ----------
    title : str
        What it is of.
    headers : tuple of (str, bool)
        Of its columns, and whether they hold figures.
    lines : tuple of Line
        In order.
    note : str
        How to read it.
    ok : bool
        Whether its numbers may be used.
    """

    title: str
    headers: tuple[tuple[str, bool], ...]
    lines: tuple[Line, ...]
    note: str = ""
    ok: bool = True


def grid_of(section: Section, bars: Sequence[Bar] | None = None, note: str = "") -> Grid:
    """Return a table of a terminal as one of a page.

    Parameters
    ----------
    section : Section
        From `vzforecast.display`.
    bars : sequence of Bar, optional
        One a line.
    note : str, default ""
        What is said below besides the caption.

    Returns
    -------
    Grid
        The same cells.
    """
    columns = section.table.columns
    headers = tuple((str(column.header), column.justify == "right") for column in columns)
    cells = list(zip(*([str(cell) for cell in column.cells] for column in columns), strict=True))
    drawn: Sequence[Bar | None] = bars or [None] * len(cells)
    lines = tuple(Line(own, bar) for own, bar in zip(cells, drawn, strict=True))
    return Grid(section.title, headers, lines, " ".join(filter(None, (section.caption, note))), section.ok)


def share_bars(table: pd.DataFrame, of: str = "probability", words: Sequence[str] = ()) -> list[Bar]:
    """Return a bar from 0 for every line of a table of probabilities, with its interval.

    Parameters
    ----------
    table : DataFrame
        Columns `of`, ``lower`` and ``upper``, probabilities.
    of : str, default "probability"
        The column that the bars show.
    words : sequence of str, optional
        What each is told as; by default its figures.

    Returns
    -------
    list of Bar
        In the order of the lines.
    """
    figures = 100.0 * table[[of, "lower", "upper"]].to_numpy(float)
    said = words or [f"{value:.1f} %, 90 % interval {lower:.1f} to {upper:.1f}" for value, lower, upper in figures]
    return [
        Bar(0.0, float(value), float(lower), float(upper), PLAIN, text)
        for (value, lower, upper), text in zip(figures, said, strict=True)
    ]


def steps(start: float, points: Sequence[float], clear: Sequence[bool]) -> list[Bar]:
    """Return the bars of a waterfall: each begins where the one before it ends.

    Parameters
    ----------
    start : float
        Where the first begins, in percentage points.
    points : sequence of float
        What each adds, in percentage points.
    clear : sequence of bool
        Whether it is more than its error.

    Returns
    -------
    list of Bar
        On a scale that reaches over all of them, with a little room.
    """
    ends = np.concatenate([[start], start + np.cumsum(points)])
    low, high = float(ends.min()), float(ends.max())
    scale = 96.0 / max(high - low, 1e-9)
    at = 2.0 + scale * (ends - low)
    kinds = [(UP if value > 0.0 else DOWN) if told else UNCLEAR for value, told in zip(points, clear, strict=True)]
    said = [
        f"{figures.points(value)} points, from {was:.1f} % to {now:.1f} %"
        for value, was, now in zip(points, ends[:-1], ends[1:], strict=True)
    ]
    return [
        Bar(float(first), float(last), np.nan, np.nan, kind, words)
        for first, last, kind, words in zip(at[:-1], at[1:], kinds, said, strict=True)
    ]
