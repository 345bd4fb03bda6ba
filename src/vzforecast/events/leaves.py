"""The leaves of an event's tree: what is asked of one outcome."""

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Self

from vzforecast.errors import EventError
from vzforecast.events.tree import Event

if TYPE_CHECKING:
    from vzforecast.paths import Bools, Paths


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
        return f"state({self.outcome} = {self.state})" + _clause("on", self.on)

    def happens(self, paths: "Paths") -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        _require_outcome(self, self.outcome, paths)
        states = paths.active_at(self.outcome, _end_of(self, self.on, paths))
        return states if self.active else ~states

    def closed(self, deadline: date) -> Self:
        """Return it on ``deadline`` if it names no day."""
        return replace(self, on=self.on or deadline)


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
        return f"ever({self.outcome} = {self.state})" + _clause("after", self.after) + _clause("by", self.by)

    def happens(self, paths: "Paths") -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        _require_outcome(self, self.outcome, paths)
        start = -math.inf if self.after is None else paths.days(self.after)
        return paths.active_between(self.outcome, self.active, start, _end_of(self, self.by, paths))

    def closed(self, deadline: date) -> Self:
        """Return it by ``deadline`` if it has none."""
        return replace(self, by=self.by or deadline)

    def starts(self) -> tuple[date, ...]:
        """Return the ``after`` date, if there is one."""
        return () if self.after is None else (self.after,)


def _clause(word: str, day: date | None) -> str:
    return "" if day is None else f" {word} {day.isoformat()}"


def _require_outcome(event: Event, outcome: str, paths: "Paths") -> None:
    if outcome not in paths.outcomes:
        raise EventError(f"{event}: the paths have no outcome {outcome!r}; they have {', '.join(paths.outcomes)}")


def _end_of(event: Event, deadline: date | None, paths: "Paths") -> float:
    """Return the end of the deadline on the time axis of the paths."""
    if deadline is None:
        raise EventError(f"{event}: has no deadline; close it with .on(date)")
    if deadline > paths.horizon:
        raise EventError(f"{event}: {deadline} is after the paths end on {paths.horizon}")
    return paths.days(deadline)
