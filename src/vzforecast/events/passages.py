"""Leaves of an event's tree that look at when a state is reached, and how long it lasts.

An outcome exists from its own start, which like a transition on record stands at noon of its day.
"""

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Self

from vzforecast.events.event import Evaluation, Event
from vzforecast.events.leaves import clause

if TYPE_CHECKING:
    from vzforecast.paths import Bools, Floats


@dataclass(frozen=True)
class Reached:
    """An outcome's first moment in a state within a span; part of a `First`.

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

    def moment(self, event: "First", among: Evaluation) -> "Floats":
        """Return it on the time axis of the paths, inf where it is never reached (float64[draw, path])."""
        asked = among.about(event, self.outcome)
        return asked.first_time(self.active, among.noon_of(self.since), among.begin_of(event.after))


@dataclass(frozen=True)
class First(Event):
    """``first(o = s) before first(o2 = s2) [after DATE] by DATE``: o is in s strictly sooner than o2 in s2.

    The first moment is that of the start if the outcome starts in the state, and with ``after`` the one right after the
    end of that day if it is in the state then; earlier ones do not count. If o2 is never in s2, it is enough that o is
    in s by the end of the deadline. What is on record counts; two changes on record on one day are at one moment, and
    so are two states held when the span begins, so that neither is first.

    Parameters
    ----------
    one, other : Reached
        What must come first, and before what.
    after : date or None
        None: from the start.
    by : date or None
        None in an open event.
    """

    one: Reached
    other: Reached
    after: date | None
    by: date | None

    def __str__(self) -> str:
        return f"{self.one} before {self.other}" + clause("after", self.after) + clause("by", self.by)

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        moment, end = self.one.moment(self, among), among.end_of(self, self.by)
        happens: Bools = (moment < self.other.moment(self, among)) & (moment <= end)
        return happens

    def moment(self, among: Evaluation) -> "Floats":
        """Return the first moment of the one that comes first (float64[draw, path])."""
        moment = self.one.moment(self, among).copy()
        moment[moment >= self.other.moment(self, among)] = math.inf
        return moment

    def closed(self, deadline: date) -> Self:
        """Return it by ``deadline`` if it has none."""
        return replace(self, by=self.by or deadline)

    def deadlines(self) -> tuple[date, ...]:
        """Return its deadline, if it has one."""
        return () if self.by is None else (self.by,)

    def starts(self) -> tuple[date, ...]:
        """Return the ``after`` date, if there is one."""
        return () if self.after is None else (self.after,)


@dataclass(frozen=True)
class Held(Event):
    """``held(outcome = state, days = n) [after DATE] by DATE``: some stretch in the state completes n days in the span.

    A stretch begins with the outcome's own start or a change of state and ends with the next change. One that began on
    record counts from there; with ``after`` one that is running at the end of that day counts from then.

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
    after : date or None
        None: from the start.
    by : date or None
        None in an open event.
    """

    outcome: str
    state: str
    active: bool
    days: int
    since: date
    after: date | None
    by: date | None

    def __str__(self) -> str:
        stretch = f"held({self.outcome} = {self.state}, days = {self.days})"
        return stretch + clause("after", self.after) + clause("by", self.by)

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        happens: Bools = self.moment(among) <= among.end_of(self, self.by)
        return happens

    def moment(self, among: Evaluation) -> "Floats":
        """Return the moment at which a stretch was first long enough (float64[draw, path])."""
        asked, since = among.about(self, self.outcome), among.noon_of(self.since)
        return asked.first_held(self.active, self.days, since, among.begin_of(self.after))

    def closed(self, deadline: date) -> Self:
        """Return it by ``deadline`` if it has none."""
        return replace(self, by=self.by or deadline)

    def deadlines(self) -> tuple[date, ...]:
        """Return its deadline, if it has one."""
        return () if self.by is None else (self.by,)

    def starts(self) -> tuple[date, ...]:
        """Return the ``after`` date, if there is one."""
        return () if self.after is None else (self.after,)
