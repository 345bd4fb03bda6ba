"""Shares of influence through the months, as the shapes of a drawing."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.display.summary import Run
from vzforecast.names import FACTION, PERIOD

LOOKS: Final = 7  # of lines and colours; more factions than that take them once more
_MOST_LABELS: Final = 6  # of months below
_ROOM: Final = 18.0  # beside the first and the last month, for half of its name


@dataclass(frozen=True)
class Scale:
    """Where a drawing shows shares from 0 to 100 %, in its units."""

    left: float
    right: float
    top: float
    bottom: float

    def across(self, part: np.ndarray) -> np.ndarray:
        """Return where parts of the way from left to right are."""
        return self.left + part * (self.right - self.left)

    def height(self, share: float) -> float:
        """Return how high a share in percent stands."""
        return round(self.bottom - share / 100.0 * (self.bottom - self.top), 1)

    def line(self, across: np.ndarray, shares: np.ndarray) -> str:
        """Return a line as a list of points, shares from 0 to 1."""
        return " ".join(f"{x:.1f},{self.height(100.0 * y)}" for x, y in zip(across, shares, strict=True))

    def band(self, across: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> str:
        """Return the edge of a band as a list of points: there above, back below."""
        return f"{self.line(across, upper)} {self.line(across[::-1], lower[::-1])}"


# The drawing is 360 wide and 190 high.
SCALE: Final = Scale(left=34.0, right=352.0, top=8.0, bottom=168.0)


@dataclass(frozen=True)
class Curve:
    """One faction: its look, its line and its band as lists of points, and a mark and words for every month."""

    id: str
    label: str
    look: int
    line: str
    band: str
    marks: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Drawing:
    """All factions, and where numbers and months stand."""

    words: str
    curves: tuple[Curve, ...]
    heights: tuple[tuple[float, str], ...]
    months: tuple[tuple[float, str], ...]


def influence_drawing(run: Run) -> Drawing:
    """Return the shares of all factions on one scale from 0 to 100 %.

    Parameters
    ----------
    run : Run
        The forecast.

    Returns
    -------
    Drawing
        In units of a drawing 360 wide and 190 high.
    """
    table = run.influence
    by_faction = table.reorder_levels([FACTION, PERIOD])
    months = table.index.get_level_values(PERIOD).unique()
    across = _places(len(months))
    every = -(-len(months) // _MOST_LABELS)
    named = tuple((float(x), f"{month:%b %Y}") for x, month in list(zip(across, months, strict=True))[::every])
    curves = tuple(
        _curve(faction.id, faction.label, number % LOOKS, by_faction.loc[[faction.id]].droplevel(FACTION), across)
        for number, faction in enumerate(run.forecast.case.spec.factions)
    )
    first, last = figures.month(months[0]), figures.month(months[-1])
    words = f"Share of influence of each faction from {first} to {last}, with 90 % intervals; the table has the numbers"
    return Drawing(words, curves, tuple((SCALE.height(share), f"{share:g} %") for share in (0, 25, 50, 75, 100)), named)


def _curve(name: str, label: str, look: int, own: pd.DataFrame, across: np.ndarray) -> Curve:
    means, lower, upper = (own[column].to_numpy(float) for column in ("mean", "lower", "upper"))
    words = [
        f"{label}, {figures.month(month)}: {figures.percent_with_interval(*row)}"
        for month, row in zip(own.index, own[["mean", "lower", "upper"]].to_numpy(float), strict=True)
    ]
    marks = tuple(
        (round(float(x), 1), SCALE.height(100.0 * y), said) for x, y, said in zip(across, means, words, strict=True)
    )
    return Curve(name, label, look, SCALE.line(across, means), SCALE.band(across, lower, upper), marks)


def _places(months: int) -> np.ndarray:
    """Return where months stand, in the middle if there is one."""
    first, last = SCALE.left + _ROOM, SCALE.right - _ROOM
    return np.linspace(first, last, months) if months > 1 else np.array([(first + last) / 2.0])
