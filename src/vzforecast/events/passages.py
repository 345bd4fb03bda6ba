"""Leaves of an event's tree that look at when a state is reached, and how long it lasts.

An outcome exists from its own start, which like a transition on record stands at noon of its day.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Self

from vzforecast.events.event import Evaluation, Event
from vzforecast.events.leaves import clause

if TYPE_CHECKING:
    from vzforecast.paths import Bools, Floats


@dataclass(frozen=True)
class Reached:
    """An outcome's first moment in a state; part of a `First`.

    Parameters
    ----------
    outcome, state : str
        The names in the text.
    active : bool
        Whether that state is the active one.
    since : date
        The outcome's own start.
    """

    outcome: str
    state: str
    active: bool
    since: date

    def __str__(self) -> str:
        return f"first({self.outcome} = {self.state})"

    def moment(self, event: Event, among: Evaluation) -> "Floats":
        """Return it on the time axis of the paths, inf where it is never reached (float64[draw, path])."""
        return among.about(event, self.outcome).first_time(self.active, among.noon_of(self.since))


@dataclass(frozen=True)
class First(Event):
    """``first(o = s) before first(o2 = s2) by DATE``: o is in s strictly sooner than o2 in s2, and by the deadline.

    The first moment is that of the start if the outcome starts in the state. If o2 is never in s2, it is enough that o
    is in s by the end of the deadline. What is on record counts; two changes on record on one day are at one moment, so
    that neither is first.

    Parameters
    ----------
    one, other : Reached
        What must come first, and before what.
    by : date or None
        None in an open event.
    """

    one: Reached
    other: Reached
    by: date | None

    def __str__(self) -> str:
        return f"{self.one} before {self.other}" + clause("by", self.by)

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        moment, end = self.one.moment(self, among), among.end_of(self, self.by)
        happens: Bools = (moment < self.other.moment(self, among)) & (moment <= end)
        return happens

    def closed(self, deadline: date) -> Self:
        """Return it by ``deadline`` if it has none."""
        return replace(self, by=self.by or deadline)


@dataclass(frozen=True)
class Held(Event):
    """``held(outcome = state, days = n) by DATE``: some stretch in the state completes n days by the deadline.

    A stretch begins with the outcome's own start or a change of state and ends with the next change. One that began on
    record counts from there.

    Parameters
    ----------
    outcome, state : str
        The names in the text.
    active : bool
        Whether that state is the active one.
    days : int
        How long, from 1; a day is 24 hours.
    since : date
        The outcome's own start.
    by : date or None
        None in an open event.
    """

    outcome: str
    state: str
    active: bool
    days: int
    since: date
    by: date | None

    def __str__(self) -> str:
        return f"held({self.outcome} = {self.state}, days = {self.days})" + clause("by", self.by)

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        asked, end = among.about(self, self.outcome), among.end_of(self, self.by)
        happens: Bools = asked.first_held(self.active, self.days, among.noon_of(self.since)) <= end
        return happens

    def closed(self, deadline: date) -> Self:
        """Return it by ``deadline`` if it has none."""
        return replace(self, by=self.by or deadline)
