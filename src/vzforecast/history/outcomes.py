"""Outcome rows: each outcome's own history, cut at every month and at every transition of any outcome."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import inf, log

import pandas as pd

from vzforecast.case import Case
from vzforecast.history.calendar import Periods, months_between
from vzforecast.history.ends import KnownEnds
from vzforecast.history.records import records
from vzforecast.history.reference import SHORTEST
from vzforecast.history.schedule import Multiplier
from vzforecast.names import DAYS_PER_MONTH, ONSET, RECOVERY, TRANSITIONS

# How long an outcome that starts active is taken to have been so: the fading part of its couplings is gone.
LONG_AGO = timedelta(days=36525)


@dataclass(frozen=True)
class Spell:
    """A stretch of one outcome in one state within one period.

    Attributes
    ----------
    outcome, transition : str
        The hazard the outcome was exposed to.
    first, last : date
        It runs from the end of one day to the end of the other.
    period : int
        Index of the calendar month.
    exposure : float
        Months; where a known end governs the hazard, months as its multiplier counts them.
    events : int
        1 if the stretch ended in the transition.
    active : dict of str to float
        For each other outcome, how active it was: 0 at rest; from 1 down to the lasting share as its
        transition ages.
    """

    outcome: str
    transition: str
    first: date
    last: date
    period: int
    exposure: float
    events: int
    active: dict[str, float]


@dataclass(frozen=True)
class Record:
    """The known states of all outcomes through time.

    Attributes
    ----------
    changes : dict of str to list of date
        Dates at which each outcome changed state, in order.
    initially_active : dict of str to bool
        State at each outcome's start.
    starts : dict of str to date
        Day on which each outcome's clock starts.
    recurrent : set of str
        The outcomes whose changes are events over at once: they are at rest on either side of each.
    """

    changes: dict[str, list[date]]
    initially_active: dict[str, bool]
    starts: dict[str, date]
    recurrent: frozenset[str]

    @classmethod
    def of(cls, case: Case) -> "Record":
        """Read the transitions of a case that is cut to what is known."""
        changes: dict[str, list[date]] = {outcome.id: [] for outcome in case.spec.outcomes}
        for row in sorted(records(case, "transitions"), key=lambda row: row.date):
            changes[row.outcome].append(row.date.date())
        active = {outcome.id: outcome.state_at_start == outcome.states[1] for outcome in case.spec.outcomes}
        starts = {outcome.id: outcome.start for outcome in case.spec.outcomes}
        return cls(changes, active, starts, frozenset(o.id for o in case.spec.outcomes if o.recurrent))

    @property
    def cuts(self) -> set[date]:
        """Days on which the state of an outcome changes, and with it the hazards of others that it is coupled to."""
        lasting = {name: days for name, days in self.changes.items() if name not in self.recurrent}
        starts = {self.starts[name] for name in lasting if self.initially_active[name]}
        return starts.union(*lasting.values())

    def active_before(self, outcome: str, day: date) -> bool:
        """Whether the outcome was active just before a day; two changes on one day see each other's state before."""
        if outcome in self.recurrent:
            return False
        flips = sum(change < day for change in self.changes[outcome])
        return self.initially_active[outcome] ^ bool(flips % 2)

    def active_since(self, outcome: str, day: date) -> date | None:
        """Day on which the outcome last became active, if it was active just before ``day``.

        An outcome that starts active has been so for long: whatever made it so is no fresh shock.
        """
        if day <= self.starts[outcome] or not self.active_before(outcome, day):
            return None
        earlier = [change for change in self.changes[outcome] if change < day]
        return earlier[-1] if earlier else self.starts[outcome] - LONG_AGO

    def made_by(self, outcome: str, transition: str, day: date) -> date | None:
        """Day on which the outcome last made a transition by the end of a day, if it ever did."""
        days = [change for change in self.changes[outcome] if change <= day]
        if outcome in self.recurrent:
            return days[-1] if days and transition == ONSET else None
        own = [change for change in days if self.active_before(outcome, change) == (transition == RECOVERY)]
        return own[-1] if own else None

    def changed_by(self, outcome: str, day: date) -> date | None:
        """Day of the outcome's last change by the end of a day, if there was one."""
        return max((change for change in self.changes[outcome] if change <= day), default=None)


def spells(case: Case, as_of: date, periods: Periods, ends: KnownEnds) -> Iterator[Spell]:
    """Yield the history of every outcome up to the end of the as-of day.

    Days count from end to end: a stretch from one date to another holds the days after the first, the last included,
    so a transition on the first of a month ends a stretch of that month, as its news and the simulator have it.
    A recurrent outcome is at risk of its next event on every day; one of its events changes no other outcome's hazard.
    """
    record = Record.of(case)
    for outcome, own in record.changes.items():
        start = record.starts[outcome]
        days = record.cuts.union(own, periods.ends_between(start, as_of))
        inner = {day for day in days if start < day < as_of}
        edges = [start, *sorted(inner), as_of]
        for first, last in pairwise(edges):
            changed = [day for day in record.changes[outcome] if first < day <= last]
            transition = RECOVERY if record.active_before(outcome, last) else ONSET
            counted = ends.days(outcome, transition, (first, last), record.changed_by(outcome, first))
            yield Spell(
                outcome,
                transition,
                first,
                last,
                periods.index(last),
                counted / DAYS_PER_MONTH if first < last else SHORTEST,
                len(changed),
                _others(case, record, (outcome, transition), first, last),
            )


def _others(case: Case, record: Record, hazard: tuple[str, str], first: date, last: date) -> dict[str, float]:
    """How active each other outcome was between two dates, fading since its transition, or answered since."""
    fade, (outcome, transition) = case.spec.coupling, hazard
    made = record.made_by(outcome, transition, first) if fade.ends_with_answer else None
    shares = {}
    for other in record.changes:
        since = record.active_since(other, last) if other != outcome else None
        shares[other] = 0.0
        if since is not None and made is not None and made > since:
            shares[other] = fade.lasting_share
        elif since is not None:
            from_age, to_age = months_between(since, first), months_between(since, last)
            shares[other] = fading(max(from_age, 0.0), to_age, fade.half_life_months, fade.lasting_share)
    return shares


def fading(from_age: float, to_age: float, half_life: float, lasting: float) -> float:
    r"""Return the mean weight of a transition between two ages.

    :math:`q + (1 - q)\,\overline{2^{-a/h}}` with
    :math:`\overline{2^{-a/h}} = \frac{h}{\ln 2\,(a_1 - a_0)}\left(2^{-a_0/h} - 2^{-a_1/h}\right)`.

    Parameters
    ----------
    from_age, to_age : float
        Months since the transition at the two ends of the stretch.
    half_life : float
        Months after which half of the fading part is gone.
    lasting : float
        Share that never fades; 1 is a constant coupling.

    Returns
    -------
    float
        Between ``lasting`` and 1.

    Examples
    --------
    >>> round(fading(0.0, 1.0, half_life=1.0, lasting=0.0), 6)
    0.721348
    """
    if to_age <= from_age:
        mean = 2.0 ** (-from_age / half_life)
    else:
        span = 2.0 ** (-from_age / half_life) - 2.0 ** (-to_age / half_life)
        mean = half_life / (log(2.0) * (to_age - from_age)) * span
    return float(lasting + (1.0 - lasting) * mean)


def scheduled_now(case: Case, as_of: date, ends: KnownEnds) -> Iterator[Multiplier]:
    """Yield what governs the hazard of each outcome's present state until a day that is still ahead."""
    record, tomorrow = Record.of(case), as_of + timedelta(days=1)
    for outcome in record.changes:
        transition = RECOVERY if record.active_before(outcome, tomorrow) else ONSET
        law = ends.governing(outcome, transition, as_of, record.changed_by(outcome, as_of))
        if law is not None and law.end > as_of:
            yield law


def states_now(case: Case, as_of: date) -> pd.DataFrame:
    """Return the state of every outcome at the end of the as-of day.

    Returns
    -------
    DataFrame
        Indexed by outcome: ``active`` (bool), ``active_for`` (months since it became active, 0 at rest), and
        ``onset_ago`` and ``recovery_ago`` (months since it last made that change, inf if it never did).
    """
    record, tomorrow = Record.of(case), as_of + timedelta(days=1)
    since = {outcome: record.active_since(outcome, tomorrow) for outcome in record.changes}
    made = {
        f"{transition}_ago": [record.made_by(outcome, transition, as_of) for outcome in since]
        for transition in TRANSITIONS
    }
    columns: dict[str, list[bool] | list[float]] = {
        "active": [day is not None for day in since.values()],
        "active_for": [months_between(day, as_of) if day else 0.0 for day in since.values()],
    }
    columns |= {name: [months_between(day, as_of) if day else inf for day in days] for name, days in made.items()}
    return pd.DataFrame(columns, index=pd.Index(list(since), name="outcome"))
