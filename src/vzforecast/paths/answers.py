"""What is asked of one outcome: what several questions share is computed once."""

import math
from functools import cache

from vzforecast.paths.record import Bools, Floats, Int32s
from vzforecast.paths.timeline import Timeline


class Answers:
    """Answers to questions about one outcome; what they rest on is kept as long as this object.

    Parameters
    ----------
    timeline : Timeline
        The outcome on every path.
    """

    def __init__(self, timeline: Timeline):
        self._active_at_start = timeline.active_at_start
        self._flips_by = cache(timeline.flips_by)
        self._active_at = cache(self._parity)
        self._first_held = cache(timeline.first_held)
        self._entry_time = cache(timeline.entry_time)

    def active_at(self, time: float) -> Bools:
        """Tell whether it is active at one moment (bool[draw, path]); see `Paths.active_at`."""
        return self._active_at(time)

    def active_between(self, active: bool, after: float, until: float) -> Bools:
        """Tell whether it was in a state at some moment of (after, until]; see `Paths.active_between`."""
        if not after < until:
            raise ValueError(f"the interval ({after}, {until}] is empty")
        # Just after ``after`` it is still in the state it had; with two states any change visits the other one.
        visited: Bools = self.active_at(after) == active
        visited |= self._flips_by(until) > self._flips_by(after)
        return visited

    def _parity(self, time: float) -> Bools:
        """Every other change leaves the state of the start; the last bit of a count says so faster than a division."""
        active: Bools = (self._flips_by(time) & 1) != self._active_at_start
        return active

    def entries_between(self, active: bool, after: float, until: float) -> Int32s:
        """Count the changes into a state in (after, until] (int32[draw, path])."""
        flips = self._flips_by(until) - self._flips_by(after)
        # Every other change enters it: the first one unless it is there already.
        entries: Int32s = (flips + (self.active_at(after) != active)) // 2
        return entries

    def entry_time(self, active: bool, number: int, after: float) -> Floats:
        """Return the moment of the n-th change into a state later than ``after``; see `Timeline.entry_time`."""
        return self._entry_time(active, number, after)

    def first_time(self, active: bool, since: float, after: float) -> Floats:
        """Return the first moment in a state later than ``after``, inf if there is none (float64[draw, path]).

        The outcome starts at ``since``. Where it is in the state at ``after`` and stays, it is the very next moment.
        """
        return self._first_held(active, 0.0, since, math.nextafter(after, math.inf))

    def first_held(self, active: bool, days: float, since: float, after: float) -> Floats:
        """Return the moment at which a stretch in a state first lasted so many days; see `Timeline.first_held`."""
        return self._first_held(active, days, since, after)
