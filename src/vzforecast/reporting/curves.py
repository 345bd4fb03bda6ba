"""Shares of influence through the months, as the shapes of a drawing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.display.summary import Run
from vzforecast.names import FACTION, PERIOD

LEFT: Final = 34.0
RIGHT: Final = 352.0
TOP: Final = 8.0
BOTTOM: Final = 168.0
LOOKS: Final = 7  # of lines and colours; more factions than that take them once more
_MOST_LABELS: Final = 6  # of months below
_ROOM: Final = 18.0  # beside the first and the last month, for half of its name


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
    across = np.linspace(LEFT + _ROOM, RIGHT - _ROOM, len(months)) if len(months) > 1 else np.array([_middle()])
    every = -(-len(months) // _MOST_LABELS)
    named = tuple((float(x), f"{month:%b %Y}") for x, month in list(zip(across, months, strict=True))[::every])
    curves = tuple(
        _curve(faction.id, faction.label, number % LOOKS, by_faction.loc[[faction.id]].droplevel(FACTION), across)
        for number, faction in enumerate(run.forecast.case.spec.factions)
    )
    first, last = figures.month(months[0]), figures.month(months[-1])
    words = f"Share of influence of each faction from {first} to {last}, with 90 % intervals; the table has the numbers"
    return Drawing(words, curves, tuple((_height(share), f"{share:g} %") for share in (0, 25, 50, 75, 100)), named)


def _curve(name: str, label: str, look: int, own: pd.DataFrame, across: np.ndarray) -> Curve:
    means, lower, upper = (own[column].to_numpy(float) for column in ("mean", "lower", "upper"))
    band = [*zip(across, upper, strict=True), *zip(across[::-1], lower[::-1], strict=True)]
    words = [
        f"{label}, {figures.month(month)}: {figures.percent_with_interval(*row)}"
        for month, row in zip(own.index, own[["mean", "lower", "upper"]].to_numpy(float), strict=True)
    ]
    marks = tuple(
        (round(float(x), 1), _height(100.0 * y), said) for x, y, said in zip(across, means, words, strict=True)
    )
    return Curve(name, label, look, _points(zip(across, means, strict=True)), _points(band), marks)


def _points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{_height(100.0 * y)}" for x, y in pairs)


def _height(share: float) -> float:
    return round(BOTTOM - share / 100.0 * (BOTTOM - TOP), 1)


def _middle() -> float:
    return (LEFT + RIGHT) / 2.0
