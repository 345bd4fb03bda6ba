"""What an event is, and on which simulated paths it happens."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from vzforecast.errors import EventError

if TYPE_CHECKING:
    from vzforecast.paths import Answers, Bools, Floats, Paths


class Event(ABC):
    """Something that happens on a path or does not.

    ``str(event)`` is its canonical text.
    """

    # How tightly it binds: an operand that binds more loosely than its operator stands in parentheses.
    binding: ClassVar[int] = 4

    @abstractmethod
    def happens(self, among: "Evaluation") -> "Bools":
        """Tell on which paths it happens (bool[draw, path])."""

    @abstractmethod
    def moment(self, among: "Evaluation") -> "Floats":
        """Return when it becomes true and stays so, whatever deadline it may have (float64[draw, path]).

        On the time axis of the paths; inf where it never does. An EventError if it need not stay true.
        """

    @abstractmethod
    def closed(self, deadline: date) -> "Event":
        """Return it with ``deadline`` in the place of every deadline that is missing."""

    @property
    def depth(self) -> int:
        """Levels of the tree; a leaf has one."""
        return 1

    @property
    def size(self) -> int:
        """Leaves of the tree."""
        return 1

    @abstractmethod
    def deadlines(self) -> tuple[date, ...]:
        """Return the ``on`` and ``by`` dates in it, in the order of the text."""

    def starts(self) -> tuple[date, ...]:
        """Return the ``after`` dates in it, in the order of the text."""
        return ()


class Evaluation:
    """Events on the same paths: equal parts of them, and what different parts rest on, are computed once.

    Parameters
    ----------
    paths : Paths
        The record up to as-of and the simulated paths after it.
    starts : mapping of str to date, optional
        First day of each outcome, which moments on record may fall on.
    """

    def __init__(self, paths: "Paths", starts: Mapping[str, date] | None = None):
        self.paths = paths
        self._starts = starts or {}
        self._answers = paths.answers()
        self._truths: dict[Event, Bools] = {}

    def truth(self, event: Event) -> "Bools":
        """Tell on which paths an event happens (bool[draw, path], not to be written to)."""
        if event not in self._truths:
            happens = event.happens(self)
            happens.flags.writeable = False
            self._truths[event] = happens
        return self._truths[event]

    def about(self, event: Event, outcome: str) -> "Answers":
        """Return who answers the questions that a leaf asks of an outcome."""
        if outcome not in self._answers:
            raise EventError(f"{event}: the paths have no outcome {outcome!r}; they have {', '.join(self._answers)}")
        return self._answers[outcome]

    def end_of(self, event: Event, deadline: date | None) -> float:
        """Return the end of a leaf's deadline on the time axis of the paths."""
        if deadline is None:
            raise EventError(f"{event}: has no deadline; close it with .on(date)")
        if deadline > self.paths.horizon:
            raise EventError(f"{event}: {deadline} is after the paths end on {self.paths.horizon}")
        return self.paths.days(deadline)

    def begin_of(self, after: date | None) -> float:
        """Return where a span that begins with the end of a day, if not with the outcome, begins."""
        return -math.inf if after is None else self.paths.days(after)

    def start_of(self, outcome: str) -> float:
        """Return the start of an outcome, as far back as can be if it is not told."""
        return self.noon_of(self._starts[outcome]) if outcome in self._starts else -math.inf

    def noon_of(self, day: date) -> float:
        """Return where what is dated by a day alone stands: transitions of the record, and the start of an outcome."""
        return self.paths.days(day) - 0.5


def evaluate(event: Event, paths: "Paths") -> "Bools":
    """Tell on which simulated paths an event happens.

    Parameters
    ----------
    event : Event
        From `vzforecast.events.parse_event`.
    paths : Paths
        The record up to as-of and the simulated paths after it.

    Returns
    -------
    bool[draw, path]
        True where it happens.

    Raises
    ------
    EventError
        The event has no deadline, one after the horizon of the paths, or an outcome that they do not have.
    """
    return Evaluation(paths).truth(event)


def evaluate_all(events: Iterable[Event], paths: "Paths") -> "dict[Event, Bools]":
    """Tell for many events at once on which simulated paths each happens.

    Equal parts are evaluated once, and what several parts rest on (changes of an outcome by a day, first passages,
    lengths of stretches) is computed once.

    Parameters
    ----------
    events : iterable of Event
        From `vzforecast.events.parse_event`.
    paths : Paths
        The record up to as-of and the simulated paths after it.

    Returns
    -------
    dict of Event to bool[draw, path]
        True where it happens; not to be written to.

    Raises
    ------
    EventError
        As `evaluate`.
    """
    together = Evaluation(paths)
    return {event: together.truth(event) for event in events}


def first_moments(event: Event, paths: "Paths", starts: Mapping[str, date] | None = None) -> "Floats":
    """Return when an event becomes true on each path, to stay so as its deadline moves on.

    Parameters
    ----------
    event : Event
        From `vzforecast.events.parse_open_event`, ``.event``.
    paths : Paths
        The record up to as-of and the simulated paths after it.
    starts : mapping of str to date, optional
        First day of each outcome; what is true from the start of one that is not in it is at -inf.

    Returns
    -------
    float64[draw, path]
        Days after the end of the as-of day, inf where it does not happen. With a deadline it happens exactly where
        this is not later than the end of that day, from the start of its outcomes on.

    Raises
    ------
    EventError
        What is true by one deadline need not be true by a later one, or the paths lack an outcome.
    """
    return event.moment(Evaluation(paths, starts))
