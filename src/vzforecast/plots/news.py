"""The news of some weeks, numbered on a figure and listed below it."""

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from vzforecast.case import Case
from vzforecast.plots.canvas import DARK, day_number
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = ["published", "text", "strength", "is_decision", "episode"]
_CHANGE: Final = 4  # a change of state counts for more than news of the greatest strength, 3
_ROWS: Final = 3  # in which numbers stand, where days are close
_APART: Final = 0.035  # of the width, between two numbers in a row


def chosen_news(case: Case, span: tuple[date, date], most: int) -> pd.DataFrame:
    """Return the strongest of what became known after one day and by another, by day.

    Changes of state come first, then news by strength, decisions before other news, the latest first. An episode is
    told once. News that favours no faction and leans no outcome is left out, as the model does not read it.

    Parameters
    ----------
    case : Case
        Cut to a day, or not.
    span : (date, date)
        The first day, whose news is excluded, and the last.
    most : int
        Lines, at most.

    Returns
    -------
    DataFrame
        By number from 1: ``published``, ``text``, ``strength``, ``is_decision``, ``episode``.
    """
    after, until = map(pd.Timestamp, span)
    found = pd.concat([_changes(case), _read(case)], ignore_index=True)
    found = found[(found["published"] > after) & (found["published"] <= until)]
    ranked = found.sort_values(["strength", "is_decision", "published"], ascending=False, kind="stable")
    told_already = (ranked["episode"] != "") & ranked.duplicated("episode")
    kept = ranked[~told_already].head(most).sort_values("published", kind="stable")
    return kept.set_index(pd.RangeIndex(1, len(kept) + 1))


def _changes(case: Case) -> pd.DataFrame:
    table = case.tables["transitions"]
    labels = {outcome.id: outcome.label for outcome in case.spec.outcomes}
    text = [f"{labels[outcome]}: {state}" for outcome, state in zip(table["outcome"], table["to"], strict=True)]
    return table.assign(text=text, strength=_CHANGE, is_decision=True)[COLUMNS]


def _read(case: Case) -> pd.DataFrame:
    table = case.tables["news"]
    read = table["faction"].isin([faction.id for faction in case.spec.factions]) | (table["outcome"] != "")
    return table[read].rename(columns={"headline": "text"})[COLUMNS]


def draw_news(axes: "Axes", news: pd.DataFrame, top: float) -> None:
    """Mark days by a dotted line and a number above `top`, in the unit of the axis beside."""
    left, right = axes.get_xlim()
    reached = np.full(_ROWS, -np.inf)
    for number, day in news["published"].items():
        place = (day_number(day) - left) / (right - left)
        row = int(np.argmax(place - reached >= _APART)) if (place - reached).max() >= _APART else int(reached.argmin())
        reached[row] = place
        height = top * (1.05 + 0.08 * row)
        axes.vlines(day, 0.0, height, color=DARK, linestyle=":", linewidth=0.8, zorder=1)
        box = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": DARK, "linewidth": 0.6}
        axes.annotate(
            str(number), (day, height), ha="center", va="center", fontsize="x-small", bbox=box, annotation_clip=False
        )


def listed(news: pd.DataFrame) -> str:
    """Return the numbers, days and words of news in lines ready to be shown."""
    lines = zip(news.index, news["published"], news["text"], strict=True)
    return "\n".join(f"{number}  {day:%d %b %Y}  {label(text, 100, lines=1)}" for number, day, text in lines)
