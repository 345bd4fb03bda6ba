"""Leaves of an event's tree that look at the states of one outcome on a day or in a span."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Self

from vzforecast.errors import EventError
from vzforecast.events.event import Evaluation, Event

if TYPE_CHECKING:
    from vzforecast.paths import Bools, Floats


@dataclass(frozen=True)
class StateOn(Event):
    """``state(outcome = state) on DATE``: in that state at the end of the day.

    Parameters
    ----------
    outcome, state : str
        The names in the text.
    active : bool
        Whether that state is the active one.
    on : date or None
        None in an open event.
    """

    outcome: str
    state: str
    active: bool
    on: date | None

    def __str__(self) -> str:
        return f"state({self.outcome} = {self.state})" + clause("on", self.on)

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        states = among.about(self, self.outcome).active_at(among.end_of(self, self.on))
        return states if self.active else ~states

    def moment(self, among: Evaluation) -> "Floats":  # noqa: ARG002 - others need it
        """Refuse: what is so on one day need not be so on a later one."""
        condition = f"({self.outcome} = {self.state})"
        problem = "may hold on one day and not on a later one, so that no single day is the one on which it comes true"
        raise EventError(f"state{condition}: {problem}; ask for ever{condition}, or for held with a number of days")

    def closed(self, deadline: date) -> Self:
        """Return it on ``deadline`` if it names no day."""
        return replace(self, on=self.on or deadline)

    def deadlines(self) -> tuple[date, ...]:
        """Return its day, if it names one."""
        return () if self.on is None else (self.on,)


@dataclass(frozen=True)
class Ever(Event):
    """``ever(outcome = state) [after DATE] by DATE``: in that state at some moment of the span.

    The span begins at the outcome's own start or, with ``after``, right after the end of that day, and ends with the
    end of the deadline. What is on record counts, so that a text means the same at every as-of date.

    Parameters
    ----------
    outcome, state : str
        The names in the text.
    active : bool
        Whether that state is the active one.
    after : date or None
        None: from the start.
    by : date or None
        None in an open event.
    """

    outcome: str
    state: str
    active: bool
    after: date | None
    by: date | None

    def __str__(self) -> str:
        return f"ever({self.outcome} = {self.state})" + clause("after", self.after) + clause("by", self.by)

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        asked = among.about(self, self.outcome)
        return asked.active_between(self.active, among.begin_of(self.after), among.end_of(self, self.by))

    def moment(self, among: Evaluation) -> "Floats":
        """Return the first moment in the state (float64[draw, path])."""
        asked = among.about(self, self.outcome)
        return asked.first_time(self.active, among.start_of(self.outcome), among.begin_of(self.after))

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
class Count(Event):
    """``count(outcome = state) [after DATE] by DATE >= n``: that state is entered at least n times in the span.

    An entry is a change of state into it; the state held when the span begins is none. The span is that of `Ever`, and
    what is on record counts.

    Parameters
    ----------
    outcome, state : str
        The names in the text.
    active : bool
        Whether that state is the active one.
    after : date or None
        None: from the start.
    by : date or None
        None in an open event.
    least : int
        How often, from 1.
    """

    outcome: str
    state: str
    active: bool
    after: date | None
    by: date | None
    least: int

    def __str__(self) -> str:
        span = clause("after", self.after) + clause("by", self.by)
        return f"count({self.outcome} = {self.state}){span} >= {self.least}"

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        asked = among.about(self, self.outcome)
        entries = asked.entries_between(self.active, among.begin_of(self.after), among.end_of(self, self.by))
        happens: Bools = entries >= self.least
        return happens

    def moment(self, among: Evaluation) -> "Floats":
        """Return the moment of the n-th entry (float64[draw, path])."""
        return among.about(self, self.outcome).entry_time(self.active, self.least, among.begin_of(self.after))

    def closed(self, deadline: date) -> Self:
        """Return it by ``deadline`` if it has none."""
        return replace(self, by=self.by or deadline)

    def deadlines(self) -> tuple[date, ...]:
        """Return its deadline, if it has one."""
        return () if self.by is None else (self.by,)

    def starts(self) -> tuple[date, ...]:
        """Return the ``after`` date, if there is one."""
        return () if self.after is None else (self.after,)


def clause(word: str, day: date | None) -> str:
    """Return a date and the word before it as they stand in a text, nothing if the date is missing."""
    return "" if day is None else f" {word} {day.isoformat()}"
