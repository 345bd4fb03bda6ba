"""News rows as observations: which faction an item favours, and which way an outcome leans.

Each fact counts once. An episode (an announcement, its leak, its paper) gives at most one signal and one
lean, its strongest; the leans of an episode leave once the transition they foretold is in the data.
"""

from collections.abc import Mapping

import pandas as pd

from vzforecast.history.calendar import Periods
from vzforecast.names import BEARINGS

SIGNAL_COLUMNS = ["id", "period", "kind", "strength", "faction", "bearing"]
LEAN_COLUMNS = ["id", "period", "outcome", "strength", "lean"]


def signals(
    news: pd.DataFrame, factions: tuple[str, ...], active_is: Mapping[str, str], periods: Periods
) -> pd.DataFrame:
    """Return the items that favour one faction, an episode at most once.

    Parameters
    ----------
    news : DataFrame
        The news table, cut to what is known.
    factions : tuple of str
        Ids that count as a signal; ``none`` and ``mixed`` carry none.
    active_is : mapping of str to {"worsening", "easing"}
        How each outcome's active state bears on relations.
    periods : Periods
        The calendar months; an item belongs to the month of its date.

    Returns
    -------
    DataFrame
        Columns ``id, period, kind, strength, faction, bearing``; ``bearing`` is blank for an item without a lean.
    """
    chosen = _strongest_of_episode(news[news["faction"].isin(factions)])
    bearing = [_bearing(lean, active_is.get(o, "")) for lean, o in zip(chosen["lean"], chosen["outcome"], strict=True)]
    return _with_period(chosen, periods).assign(bearing=bearing)[SIGNAL_COLUMNS]


def leans(news: pd.DataFrame, transitions: pd.DataFrame, periods: Periods) -> pd.DataFrame:
    """Return the items that lean on an outcome, an episode at most once and never beside its transition.

    Parameters
    ----------
    news, transitions : DataFrame
        The tables, cut to what is known.
    periods : Periods
        The calendar months; an item belongs to the month of its date.

    Returns
    -------
    DataFrame
        Columns ``id, period, outcome, strength, lean``.
    """
    settled = set(transitions["episode"]) - {""}
    chosen = _strongest_of_episode(news[(news["outcome"] != "") & ~news["episode"].isin(settled)])
    return _with_period(chosen, periods)[LEAN_COLUMNS]


def _strongest_of_episode(news: pd.DataFrame) -> pd.DataFrame:
    """Keep every item without an episode, and of each episode the strongest, then a decision, then the earliest."""
    columns = (news[name].tolist() for name in ("strength", "is_decision", "date", "id", "episode"))
    rows = [
        (-s, -d, date, item, place, episode)
        for place, (s, d, date, item, episode) in enumerate(zip(*columns, strict=True))
    ]
    told: set[str] = set()
    kept = []
    for _, _, date, item, place, episode in sorted(rows):
        if not episode or episode not in told:
            kept.append((date, item, place))
        told.add(episode)
    return news.iloc[[place for *_, place in sorted(kept)]].reset_index(drop=True)


def _with_period(news: pd.DataFrame, periods: Periods) -> pd.DataFrame:
    return news.assign(period=[periods.index(day.date()) for day in news["date"]])


def _bearing(lean: str, active_is: str) -> str:
    """Read a lean on one outcome as a bearing on relations: active means worse for most, better for relief."""
    easing, neither, worsening = BEARINGS
    if lean in ("", "neither"):
        return neither if lean else ""
    towards_worse = (lean == "active") == (active_is == worsening)
    return worsening if towards_worse else easing
