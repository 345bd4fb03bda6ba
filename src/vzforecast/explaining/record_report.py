"""What ``by_record`` found: its tables, and plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from vzforecast import figures
from vzforecast.explaining.explained import Explained, unclear, unfound
from vzforecast.forecast import FirstPassage

RATE_COLUMNS: Final = [
    *("n", "broken", "raw", "complete", "pooled", "lower", "upper", "mcse", "shrinkage", "shrinkage_mcse"),
]
AGREEMENT_COLUMNS: Final = ["n", "broken", "points", "mcse", "path", "khat", "clear", "why_not"]
_SHOWN: Final = 5


@dataclass(frozen=True, eq=False, repr=False)
class ByRecord(Explained):
    """How an event hangs on the record of promises.

    Attributes
    ----------
    event : str
        The event.
    as_of : date
        Forecast origin.
    probability : Probability
        Of the event.
    rates : DataFrame
        As ``Forecast.defection``, with ``complete`` beside ``raw`` and ``pooled``: breaches per promise or per month
        of the whole class, as if all its promises were alike. ``mcse`` and ``shrinkage_mcse`` are Monte Carlo errors of
        ``pooled`` and ``shrinkage``; the others are counts.
    first_breach : mapping of str to FirstPassage
        By agreement that outcomes stand for: when the first of them becomes active, a breach on record included.
    agreements : DataFrame
        Index ``agreement``, the one that counts most first: ``n`` rows of the record, ``broken`` among them, ``points``
        that they add to the probability of the event, ``mcse``, ``path`` (``reweight``, ``refit``, or blank: weights
        failed and no refit was asked for or passed, so there is no number), ``khat`` of the weights, ``clear``: whether
        the points are at least twice their error, and ``why_not``: why there is no number.

    Examples
    --------
    >>> print(by_record(fc, event))  # doctest: +SKIP
    """

    rates: pd.DataFrame
    first_breach: Mapping[str, FirstPassage]
    agreements: pd.DataFrame

    def __repr__(self) -> str:
        return f"<ByRecord of {self.event}, {len(self.agreements)} agreements>"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Agreements, in points": self.agreements, "Rates of breach": self.rates}

    def _lines(self) -> Iterator[str]:
        """Yield when the first breach comes, and what each agreement counts for."""
        yield self._head()
        for deal, passage in self.first_breach.items():
            yield f"  first breach of {deal}: {passage}"
        if len(self.agreements):
            yield "What past agreements add to it, in points:"
        known = self.agreements[self.agreements["path"] != ""]
        for agreement, row in known.head(_SHOWN).to_dict(orient="index").items():
            yield (
                f"  {figures.points(row['points'])}  {agreement}: {row['broken']:g} of {row['n']} broken "
                f"(by {row['path']}, error {row['mcse']:.1f}){unclear(row['clear'])}"
            )
        yield from unfound(self.agreements)
