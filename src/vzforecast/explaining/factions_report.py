"""What ``by_faction`` found: its tables, and plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.explaining.explained import Explained, unclear
from vzforecast.forecast import Probability
from vzforecast.forecast.probability import FIGURES

TABLE_COLUMNS: Final = ["on_top", "on_top_mcse", *FIGURES, "change", "change_mcse", "clear"]
SIGNAL_COLUMNS: Final = [
    *("date", "faction", "headline", "event", "event_mcse", "share", "share_mcse", "closeness", "closeness_mcse"),
    *("khat", "safe", "clear", "why_not"),
]
_SHOWN: Final = 5
_REMEDY: Final = "fit with more draws, or the case without the item"


@dataclass(frozen=True, eq=False, repr=False)
class ByFaction(Explained):
    """How an event hangs on the factions.

    Attributes
    ----------
    event : str
        The event.
    as_of : date
        Forecast origin.
    probability : Probability
        Of the event.
    table : DataFrame
        Index ``faction``: probability ``on_top`` that its share of influence is the largest in the month of the as-of
        date, and its ``_mcse``; ``probability`` of the event if it is, with ``lower``, ``upper``, ``mcse``; ``change``
        from the probability now in points, ``change_mcse``, and ``clear``: whether it is at least twice its error.
        Blank where the faction is on top in no draw.
    influence : DataFrame
        As ``Forecast.influence``: index ``(period, faction)``; ``mean``, ``lower``, ``upper`` of the share, and
        ``mcse``, the Monte Carlo error of the mean.
    signals : DataFrame
        Index ``item``, those that moved the event most first: ``date``, ``faction`` that it favours (blank if it only
        leans), ``headline``; in points, with item less without it: ``event``, ``share`` of its faction now, and
        ``closeness`` (P(closeness beats office)), each with ``_mcse``; ``khat``; ``safe``, whether weights can be
        trusted: k-hat below its limit, and fifty effective draws a chain left; ``clear``, whether ``event`` is at least
        twice its error; ``why_not``, which limit is not met, in which case there are no figures.
    closeness : Probability
        That closeness to the president counts for more than office.
    closeness_prior : float
        The same before any data: near it, the data are silent.

    Examples
    --------
    >>> print(by_faction(fc, event))  # doctest: +SKIP
    """

    table: pd.DataFrame
    influence: pd.DataFrame
    signals: pd.DataFrame
    closeness: Probability
    closeness_prior: float

    def __repr__(self) -> str:
        return f"<ByFaction of {self.event}, {len(self.signals)} items of news>"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Factions": self.table, "News, in points": self.signals}

    def _lines(self) -> Iterator[str]:
        """Yield who is on top and what follows, the news that moved it, and what closeness counts for."""
        yield self._head()
        for faction, row in self.table.to_dict(orient="index").items():
            yield f"  {faction} on top {row['on_top']:.0%}: {_then(row)}"
        yield from self._news()
        yield (
            f"Closeness to the president counts for more than office: {self.closeness.mean:.1%}, "
            f"Monte Carlo error {self.closeness.mcse:.1%}; {self.closeness_prior:.0%} before any data"
        )
        most = self.signals[self.signals["safe"]].sort_values("closeness", key=abs, ascending=False)
        for item, row in most.head(1).to_dict(orient="index").items():
            moved = figures.points(row["closeness"])
            yield f"  it rests most on {item}, {moved} points (error {row['closeness_mcse']:.1f})"

    def _news(self) -> Iterator[str]:
        """Yield the items that moved the event most, and those for which weights give no figure."""
        if len(self.signals):
            yield "News that moved it most, in points:"
        known, failed = self.signals[self.signals["safe"]], self.signals[~self.signals["safe"]]
        for item, row in known.head(_SHOWN).to_dict(orient="index").items():
            told = f"{item}: {row['headline'] or row['faction']} (error {row['event_mcse']:.1f})"
            yield f"  {figures.points(row['event'])}  {told}{unclear(row['clear'])}"
        if len(failed):
            told = ", ".join(f"{item} ({why_not})" for item, why_not in failed["why_not"].items())
            yield f"  no figure, too few draws for a forecast without it; {_REMEDY}: {told}"


def _then(row: Mapping[Any, Any]) -> str:
    """Say what the event's probability is if a faction is on top, and what that changes."""
    if np.isnan(row["change"]):
        return "in no draw"
    change = f"{figures.points(row['change'])}, error {row['change_mcse']:.1f}"
    return f"then {row['probability']:.1%} ({change}){unclear(row['clear'])}"
