"""Known ends of an outcome's own terms: which one governs a hazard when, as far as it was known then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from vzforecast.case import Case
from vzforecast.history.gathering import Gathering
from vzforecast.history.records import records
from vzforecast.history.schedule import Multiplier
from vzforecast.history.terms import NOTICE


@dataclass(frozen=True)
class KnownEnd:
    """One line of the schedule that bears on a hazard, and the day on which it was published."""

    published: date
    law: Multiplier


@dataclass(frozen=True)
class KnownEnds:
    """The schedule of a case, as multipliers of hazards.

    Of several ends of one hazard the last one published governs, from the end of the day on which it was published:
    an extension replaces the end before it, and before it was published nobody could wait for it. A change of the
    outcome's state ends them all. After its day has passed the multiplier is 1.
    """

    items: tuple[KnownEnd, ...] = ()

    @classmethod
    def of(cls, case: Case, gathering: Gathering | None) -> "KnownEnds":
        """Read the schedule of a case that is cut to what is known."""
        if gathering is None:
            return cls()
        return cls(tuple(sorted(_items(case, gathering), key=lambda item: item.published)))

    def governing(self, outcome: str, transition: str, day: date, since: date | None) -> Multiplier | None:
        """Return what governs a hazard from the end of a day on.

        Parameters
        ----------
        outcome, transition : str
            The hazard.
        day : date
            The day.
        since : date or None
            When the outcome last changed its state, if it ever did: ends published before that are over.

        Returns
        -------
        Multiplier or None
            None where no end is known.
        """
        known = [
            item.law
            for item in self.items
            if (item.law.outcome, item.law.transition) == (outcome, transition)
            and item.published <= day
            and (since is None or item.published >= since)
        ]
        return known[-1] if known else None

    def days(self, outcome: str, transition: str, stretch: tuple[date, date], since: date | None) -> float:
        """Return what a stretch without a change of state counts as, in days; parameters as of `governing`."""
        first, last = stretch
        published = {item.published for item in self.items if first < item.published < last}
        total = 0.0
        for start, end in pairwise([first, *sorted(published), last]):
            law = self.governing(outcome, transition, start, since)
            total += law.integral(start, end) if law else float((end - start).days)
        return total


def _items(case: Case, gathering: Gathering) -> Iterator[KnownEnd]:
    """Yield the lines that bear on a hazard; what the gathered part counts as depends on the class of the hazard.

    A hazard of the class that taught the timing gets its mean term, for which the rate of that class is calibrated.
    Any other class is made of plain months, so its rate holds for the length of this very term.
    """
    declared = case.spec.scheduled
    for row in records(case, "schedule"):
        transition = declared.kinds[str(row.kind)] if declared else "none"
        end, published = row.date.date() - NOTICE, row.published.date()
        term_days = (end - published).days
        if transition == "none" or term_days <= 0:
            continue
        same = declared is not None and case.outcome(str(row.outcome)).hazards[transition].process == declared.process
        law = Multiplier(
            outcome=str(row.outcome),
            transition=transition,
            end=end,
            term_days=term_days,
            mean_days=gathering.mean_days(term_days) if same else term_days,
            **gathering.shape,
        )
        yield KnownEnd(published, law)
