"""The tree of an event: frozen, hashable, and printed as the canonical text that parses back to the same tree.

Here are events made of others; the leaves are in `vzforecast.events.leaves` and `vzforecast.events.passages`. A new
kind of leaf is one more class there, one more rule in `vzforecast.events.grammar` and one more method of the builder.
"""

import operator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, reduce
from typing import TYPE_CHECKING, ClassVar, Self

from vzforecast.errors import EventError
from vzforecast.events.event import Evaluation, Event

if TYPE_CHECKING:
    from vzforecast.paths import Bools, Floats


@dataclass(frozen=True)
class Not(Event):
    """``not event``.

    Parameters
    ----------
    event : Event
        What must not happen.
    """

    event: Event
    binding: ClassVar[int] = 3

    def __str__(self) -> str:
        return "not " + _operand(self.event, self.binding - 1)

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        return ~among.truth(self.event)

    def moment(self, among: Evaluation) -> "Floats":  # noqa: ARG002 - others need it
        """Refuse: what has not happened yet may happen later."""
        problem = "what has not happened by one day may have happened by a later one"
        remedy = f"ask for the time to {self.event}, or for the curve of this event"
        raise EventError(f"{self}: {problem}, so that it does not come true to stay; {remedy}")

    def closed(self, deadline: date) -> Self:
        """Return it with ``deadline`` in the place of every deadline that is missing."""
        return replace(self, event=self.event.closed(deadline))

    @cached_property
    def depth(self) -> int:
        """Levels of the tree."""
        return 1 + self.event.depth

    @cached_property
    def size(self) -> int:
        """Leaves of the tree."""
        return self.event.size

    def deadlines(self) -> tuple[date, ...]:
        """Return the ``on`` and ``by`` dates in it, in the order of the text."""
        return self.event.deadlines()

    def starts(self) -> tuple[date, ...]:
        """Return the ``after`` dates in it, in the order of the text."""
        return self.event.starts()


@dataclass(frozen=True)
class _Junction(Event):
    """Two or more events joined by one word; one inside another of the same word is the same thing flat.

    Parameters
    ----------
    events : tuple of Event
        At least two.
    """

    events: tuple[Event, ...]
    word: ClassVar[str]

    def __post_init__(self) -> None:
        flat = [part for event in self.events for part in (event.events if type(event) is type(self) else (event,))]
        if len(flat) < 2:
            raise EventError(f"'{self.word}' joins at least two events")
        object.__setattr__(self, "events", tuple(flat))

    def __str__(self) -> str:
        return f" {self.word} ".join(_operand(event, self.binding) for event in self.events)

    def closed(self, deadline: date) -> Self:
        """Return it with ``deadline`` in the place of every deadline that is missing."""
        return replace(self, events=tuple(event.closed(deadline) for event in self.events))

    @cached_property
    def depth(self) -> int:
        """Levels of the tree."""
        return 1 + max(event.depth for event in self.events)

    @cached_property
    def size(self) -> int:
        """Leaves of the tree."""
        return sum(event.size for event in self.events)

    def deadlines(self) -> tuple[date, ...]:
        """Return the ``on`` and ``by`` dates in it, in the order of the text."""
        return tuple(day for event in self.events for day in event.deadlines())

    def starts(self) -> tuple[date, ...]:
        """Return the ``after`` dates in it, in the order of the text."""
        return tuple(start for event in self.events for start in event.starts())


@dataclass(frozen=True)
class And(_Junction):
    """``event and event ...``: all of them happen.

    Parameters
    ----------
    events : tuple of Event
        At least two.
    """

    binding: ClassVar[int] = 2
    word: ClassVar[str] = "and"

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        return reduce(operator.and_, map(among.truth, self.events))

    def moment(self, among: Evaluation) -> "Floats":
        """Return the moment of the last of them (float64[draw, path])."""
        from numpy import maximum  # noqa: PLC0415 - whoever only parses does not wait for numpy

        return reduce(maximum, [event.moment(among) for event in self.events])


@dataclass(frozen=True)
class Or(_Junction):
    """``event or event ...``: at least one of them happens.

    Parameters
    ----------
    events : tuple of Event
        At least two.
    """

    binding: ClassVar[int] = 1
    word: ClassVar[str] = "or"

    def happens(self, among: Evaluation) -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""
        return reduce(operator.or_, map(among.truth, self.events))

    def moment(self, among: Evaluation) -> "Floats":
        """Return the moment of the first of them (float64[draw, path])."""
        from numpy import minimum  # noqa: PLC0415 - whoever only parses does not wait for numpy

        return reduce(minimum, [event.moment(among) for event in self.events])


def _operand(event: Event, binding: int) -> str:
    """Return the text of an event inside one that binds so tightly."""
    return str(event) if event.binding > binding else f"({event})"
