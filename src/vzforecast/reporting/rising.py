"""How likely each outcome is to have come, as the deadline moves: a small drawing each, and a table of the numbers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.display.summary import Run
from vzforecast.forecast.coming import coming
from vzforecast.forecast.days import evenly
from vzforecast.reporting.curves import Scale
from vzforecast.reporting.grids import Grid, Line
from vzforecast.reporting.subject import long_day

# A drawing is 180 wide and 92 high.
SCALE: Final = Scale(left=40.0, right=174.0, top=6.0, bottom=72.0)
_POINTS: Final = 7
_FIGURES: Final = ["probability", "lower", "upper"]


@dataclass(frozen=True)
class Rise:
    """One outcome: its name, its line and its band as lists of points, and a mark and words for every day."""

    label: str
    words: str
    line: str
    band: str
    marks: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Rises:
    """All outcomes, where numbers stand beside them, the first and last day below, and the table of their numbers."""

    rises: tuple[Rise, ...]
    heights: tuple[tuple[float, str], ...]
    days: tuple[str, str]
    numbers: Grid


def outcome_rises(run: Run) -> Rises:
    """Return the curves of all outcomes from the day after the as-of date to the horizon, on one scale.

    Parameters
    ----------
    run : Run
        A forecast with days left.

    Returns
    -------
    Rises
        In units of a drawing 180 wide and 92 high.
    """
    fc = run.forecast
    days = evenly(fc.as_of + timedelta(days=1), fc.horizon, _POINTS)
    names, tables = [], []
    for one, curve in coming(fc, days):
        names.append(f"{one.label}: {one.active}")
        tables.append(curve)
    across = SCALE.across(np.array([(day - fc.as_of).days for day in days]) / (fc.horizon - fc.as_of).days)
    rises = tuple(_rise(name, table, across) for name, table in zip(names, tables, strict=True))
    cells = [tuple(figures.percent_with_interval(*row) for row in table.to_numpy(float)) for table in tables]
    headers = (("Outcome", False), *((str(day), True) for day in days))
    lines = tuple(Line((name, *own)) for name, own in zip(names, cells, strict=True))
    numbers = Grid("Outcomes by then, with 90 % intervals", headers, lines, "", run.ok)
    heights = tuple((SCALE.height(share), f"{share:g} %") for share in (0, 50, 100))
    return Rises(rises, heights, (str(fc.as_of), str(fc.horizon)), numbers)


def _rise(name: str, table: pd.DataFrame, across: np.ndarray) -> Rise:
    means, lower, upper = (table[column].to_numpy(float) for column in _FIGURES)
    said = [figures.percent_with_interval(*row) for row in table.to_numpy(float)]
    last = f"{figures.percent(means[-1])} by {long_day(table.index[-1])}"
    marks = tuple(
        (round(float(x), 1), SCALE.height(100.0 * y), f"{name} by {long_day(day)}: {words}")
        for x, y, day, words in zip(across, means, table.index, said, strict=True)
    )
    words = f"{name}: {last}; the table below has the numbers"
    return Rise(name, words, SCALE.line(across, means), SCALE.band(across, lower, upper), marks)
