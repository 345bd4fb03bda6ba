"""Licence terms: from decisions in the order of their issue to stretches with a start, an end, and who ended them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

import pandas as pd

from vzforecast.case import Case
from vzforecast.history.records import records

# General licences run through 12:01 a.m. of the date they name: whoever decides has until the day before.
NOTICE = timedelta(days=1)
# What ended or cut a licence; any other decision continues it.
ENDED = ("winddown", "revoked", "lapsed")
CUT = (*ENDED, "narrowed")


@dataclass(frozen=True)
class Term:
    """One term of a licence.

    Attributes
    ----------
    series, version : str
        Which licence, and the decision that opened the term.
    start, end : date
        From that decision to the next one, the known expiry, or the end of what counts, whichever is first.
    cut : bool
        Whether it ended in a narrowing or in the end of the licence.
    expiry : date or None
        Last whole day before its known end, its start if there is none left; None if it has no known end, or rolls
        forward by itself.
    decided : bool
        Whether a decision ended it; one on the day of the end, or later and to say that it had been lost, counts on
        the last whole day.
    """

    series: str
    version: str
    start: date
    end: date
    cut: bool
    expiry: date | None
    decided: bool

    @property
    def days(self) -> int:
        """Days from its start to its known end, 0 if it has none."""
        return (self.expiry - self.start).days if self.expiry else 0

    @property
    def settled(self) -> bool:
        """Whether it was continued before its known end, so that what was to be decided there has been."""
        return self.days > 0 and self.decided and not self.cut


def terms(case: Case, process: str, as_of: date) -> Iterator[Term]:
    """Yield the terms of every series, an outcome's own history left out.

    Parameters
    ----------
    case : Case
        Cut to what is known.
    process : str
        The reference class of licences.
    as_of : date
        End of what is known: open terms run until then.

    Yields
    ------
    Term
        Series by series in the order of the table, then by issue.
    """
    decisions = [row for row in records(case, "licences") if not row.own_history_of]
    for series in dict.fromkeys(str(decision.series) for decision in decisions):
        ordered = sorted((d for d in decisions if d.series == series), key=lambda d: (d.issued, d.version))
        own = own_start(case, process, "series", series)
        for opening, closing in zip_longest(ordered, ordered[1:]):
            if opening.decision not in ENDED:  # else winding down or gone: nothing to lose until it is granted again
                yield _term(series, opening, closing, own, as_of)


def own_start(case: Case, process: str, grouping: str | None, member: str | None) -> date | None:
    """Return the start of the outcome whose own history takes over from a process (and member), if there is one."""
    starts = [
        outcome.start
        for outcome in case.spec.outcomes
        if outcome.onset.process == process and (grouping is None or outcome.onset.members.get(grouping) == member)
    ]
    return min(starts, default=None)


def _term(series: str, opening: Any, closing: Any | None, own: date | None, as_of: date) -> Term:
    start = opening.issued.date()
    known = not (pd.isna(opening.new_expiry) or opening.self_renewing)
    expiry = max(opening.new_expiry.date() - NOTICE, start) if known else None
    decision = closing.issued.date() if closing is not None and (own is None or closing.issued.date() < own) else None
    end = decision or own or as_of
    if expiry is not None:
        end = min(end, expiry)
    cut = decision is not None and closing is not None and closing.decision in CUT
    in_time = decision is not None and (expiry is None or decision <= expiry + NOTICE)
    return Term(series, str(opening.version), start, end, cut, expiry, decided=cut or in_time)
