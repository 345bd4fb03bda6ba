"""One outcome on every path: its changes of state, on record and simulated, indexed once for every question."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from vzforecast.paths.record import Bools, Floats, Int32s, Int64s


@dataclass(frozen=True, eq=False)
class Timeline:
    """When one outcome changed state, on every path. Times are days after the end of the as-of day.

    Parameters
    ----------
    active_at_start : bool
        State at the outcome's own start.
    record : float64[change]
        Known changes, ascending; the same on every path.
    shape : (int, int)
        Draws, and paths of each.
    path_of : int64[entry]
        Path number of each simulated change, ascending.
    times : float64[entry]
        When it happened, ascending within a path.
    """

    active_at_start: bool
    record: Floats
    shape: tuple[int, int]
    path_of: Int64s
    times: Floats

    def flips_by(self, time: float) -> Int32s:
        """Count the changes from the start up to and including ``time`` (int32[draw, path])."""
        counts = np.bincount(self.path_of[self.times <= time], minlength=self.shape[0] * self.shape[1])
        return counts.astype(np.int32).reshape(self.shape) + np.int32(np.count_nonzero(self.record <= time))

    def first_change(self, after: float) -> Floats:
        """Return when it first changes later than ``after``, inf if never (float64[draw, path]); not on record."""
        late = self.times > after
        path_of, times = self.path_of[late], self.times[late]
        opens = np.diff(path_of, prepend=-1) != 0
        first = np.full(self.shape[0] * self.shape[1], np.inf)
        first[path_of[opens]] = times[opens]
        return first.reshape(self.shape)

    def first_held(self, active: bool, days: float, since: float, after: float) -> Floats:
        """Return the moment at which a stretch in a state has first lasted ``days`` (float64[draw, path]).

        It is inf where none does. The outcome starts at ``since``; its last stretch has no end. What of a stretch lies
        before ``after`` does not count.
        """
        begins = [since, *self.record.tolist()]
        for number, (begin, end) in enumerate(pairwise(begins)):
            long_enough = max(begin, after) + days
            if (self.active_at_start ^ (number % 2 == 1)) == active and end >= long_enough:
                return np.full(self.shape, long_enough)
        held = np.full(self.shape[0] * self.shape[1], np.inf)
        lasting = np.maximum(self.times, after) + days
        lasts = np.flatnonzero((self._active_after == active) & (self._ends >= lasting))
        first = lasts[np.diff(self.path_of[lasts], prepend=-1) != 0]
        held[self.path_of[first]] = lasting[first]
        held = held.reshape(self.shape)
        if self._active_now == active:
            long_enough = max(begins[-1], after) + days
            held[self._first_change >= long_enough] = long_enough
        return held

    def entry_time(self, active: bool, number: int, after: float) -> Floats:
        """Return the moment of that change into a state, counted from ``after``, inf if never (float64[draw, path])."""
        enters = (np.arange(self.record.size) % 2 == 0) == (self.active_at_start != active)
        known = self.record[enters & (self.record > after)]
        if known.size >= number:
            return np.full(self.shape, known[number - 1])
        entries = np.flatnonzero((self._active_after == active) & (self.times > after))
        path_of = self.path_of[entries]
        place = np.arange(entries.size) - np.searchsorted(path_of, path_of)
        wanted = entries[place == number - known.size - 1]
        moments = np.full(self.shape[0] * self.shape[1], np.inf)
        moments[self.path_of[wanted]] = self.times[wanted]
        return moments.reshape(self.shape)

    @property
    def _active_now(self) -> bool:
        """State at the end of the as-of day."""
        return self.active_at_start ^ (self.record.size % 2 == 1)

    @cached_property
    def _opens(self) -> Bools:
        """Whether an entry is the first of its path (bool[entry])."""
        opens: Bools = np.diff(self.path_of, prepend=-1) != 0
        return opens

    @cached_property
    def _first_change(self) -> Floats:
        """When it first changes after as-of, inf if never (float64[draw, path])."""
        return self.first_change(0.0)

    @cached_property
    def _ends(self) -> Floats:
        """When the stretch that an entry begins ends, inf if it does not (float64[entry])."""
        ends = np.append(self.times[1:], np.inf)
        ends[:-1][self._opens[1:]] = np.inf
        return ends[: self.times.size]

    @cached_property
    def _active_after(self) -> Bools:
        """State that each entry begins (bool[entry])."""
        number = np.arange(self.times.size)
        place = number - np.maximum.accumulate(np.where(self._opens, number, 0))
        active: Bools = (place % 2 == 0) ^ self._active_now
        return active
