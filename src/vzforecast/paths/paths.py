"""The paths: simulated transitions after as-of, answered together with the record before it.

Times are days after the end of the as-of day; "by DATE" includes that day and so is ``time <= (DATE - as_of).days``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vzforecast.paths.answers import Answers
from vzforecast.paths.record import Bools, Floats, Int16s, Int64s, Record, check_entries
from vzforecast.paths.timeline import Timeline


@dataclass(frozen=True, eq=False)
class Paths:
    """Simulated transitions after as-of, with the record before it.

    Parameters
    ----------
    record : Record
        What is known up to as-of.
    draws, paths : int
        Posterior draws, and paths of each.
    offsets : int64[draws * paths + 1]
        Path r of draw j holds entries ``offsets[j * paths + r]`` up to the next offset.
    times : float64[entry]
        Days after the end of the as-of day, ascending within a path.
    outcome : int16[entry]
        Which outcome changed state; every entry flips it.

    Raises
    ------
    ValueError
        Shapes, order or range of the entries do not fit together.
    """

    record: Record
    draws: int
    paths: int
    offsets: Int64s
    times: Floats
    outcome: Int16s

    def __post_init__(self) -> None:
        check_entries(self.times, self.outcome, len(self.outcomes))
        if self.offsets.shape != (self.draws * self.paths + 1,):
            raise ValueError(f"offsets have shape {self.offsets.shape} for {self.draws} x {self.paths} paths")
        if self.offsets[0] != 0 or self.offsets[-1] != self.times.size or np.any(np.diff(self.offsets) < 0):
            raise ValueError("offsets must rise from 0 to the number of entries")
        first_of_path = np.zeros(self.times.size + 1, dtype=np.bool_)
        first_of_path[self.offsets] = True
        if np.any((np.diff(self.times, prepend=0.0) < 0) & ~first_of_path[:-1]):
            raise ValueError("entries of a path must be in time order")
        if self.times.size and not 0 < self.times.min() <= self.times.max() <= self.days(self.horizon):
            raise ValueError("entries must lie after as_of and not after the horizon")

    @classmethod
    def side_by_side(cls, several: Sequence[Self]) -> Self:
        """Return the paths of several sets of draws as one, the draws of one set after those of the one before it.

        Parameters
        ----------
        several : sequence of Paths
            With one record, and as many paths of each draw.

        Returns
        -------
        Paths
            All of them.

        Raises
        ------
        ValueError
            They have different records or numbers of paths.
        """
        first = several[0]
        if any(one.paths != first.paths or not one.record.same_as(first.record) for one in several):
            raise ValueError("paths of different records, or different numbers of paths a draw, cannot stand together")
        before = np.cumsum([0, *(one.times.size for one in several[:-1])])
        offsets = [one.offsets[1:] + start for one, start in zip(several, before, strict=True)]
        return cls(
            record=first.record,
            draws=sum(one.draws for one in several),
            paths=first.paths,
            offsets=np.concatenate([[0], *offsets]).astype(np.int64),
            times=np.concatenate([one.times for one in several]),
            outcome=np.concatenate([one.outcome for one in several]),
        )

    @property
    def as_of(self) -> date:
        """Forecast origin; paths start at the end of this day."""
        return self.record.as_of

    @property
    def horizon(self) -> date:
        """Last day of the forecast, included."""
        return self.record.horizon

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcome ids in the order of the outcome dimension."""
        return self.record.outcomes

    @property
    def active_at_start(self) -> Bools:
        """State of every outcome at its own start (bool[outcome])."""
        return self.record.active_at_start

    def days(self, day: date) -> float:
        """Return the end of ``day`` on the time axis of the paths."""
        return float((day - self.as_of).days)

    @cached_property
    def _timelines(self) -> dict[str, Timeline]:
        """Every outcome by itself."""
        path_of = np.repeat(np.arange(self.draws * self.paths), np.diff(self.offsets))
        order = np.argsort(self.outcome, kind="stable")  # within an outcome by path and time, as they stand
        ends = np.cumsum(np.bincount(self.outcome, minlength=len(self.outcomes)))[:-1]
        own = zip(np.split(path_of[order], ends), np.split(self.times[order], ends), strict=True)
        shape, timelines = (self.draws, self.paths), {}
        for o, (outcome, (path, times)) in enumerate(zip(self.outcomes, own, strict=True)):
            known = self.record.times[self.record.outcome == o]
            timelines[outcome] = Timeline(bool(self.active_at_start[o]), known, shape, path, times)
        return timelines

    def answers(self) -> dict[str, Answers]:
        """Return who answers questions about each outcome; several asked of one share what they have in common."""
        return {outcome: Answers(timeline) for outcome, timeline in self._timelines.items()}

    def active_at(self, outcome: str, time: float) -> Bools:
        """Tell whether ``outcome`` is active at one moment.

        Parameters
        ----------
        outcome : str
            Outcome id.
        time : float
            Days after the end of the as-of day; a transition at that very moment has happened.

        Returns
        -------
        bool[draw, path]
            True where it is.
        """
        return Answers(self._timelines[outcome]).active_at(time)

    def active_on(self, dates: Sequence[date]) -> Bools:
        """Give the state of every outcome at the end of each date.

        Parameters
        ----------
        dates : sequence of date
            Past dates are answered from the record, the same on every path; before an outcome's own start it is
            given the state it started in.

        Returns
        -------
        bool[draw, path, date, outcome]
            True where active.
        """
        states = np.empty((self.draws, self.paths, len(dates), len(self.outcomes)), dtype=np.bool_)
        for d, day in enumerate(dates):
            for o, outcome in enumerate(self.outcomes):
                states[:, :, d, o] = self.active_at(outcome, self.days(day))
        return states

    def active_between(self, outcome: str, active: bool, after: float, until: float) -> Bools:
        """Tell whether ``outcome`` was in a state at some moment of the interval (after, until].

        Parameters
        ----------
        outcome : str
            Outcome id.
        active : bool
            The state asked about.
        after, until : float
            Days after the end of the as-of day; ``after = -inf`` begins at the outcome's own start.

        Returns
        -------
        bool[draw, path]
            True where it was.

        Raises
        ------
        ValueError
            The interval is empty.
        """
        return Answers(self._timelines[outcome]).active_between(active, after, until)

    def first_change(self, outcome: str, after: float) -> Floats:
        """Give the moment at which ``outcome`` first changes its state after another.

        Parameters
        ----------
        outcome : str
            Outcome id.
        after : float
            Days after the end of the as-of day, from 0: what is on record does not count.

        Returns
        -------
        float64[draw, path]
            Days after the end of the as-of day; inf where it does not change any more.
        """
        return self._timelines[outcome].first_change(after)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return everything as plain arrays for saving; `from_arrays` gives an equal object back."""
        return {
            "as_of": np.array(self.as_of.isoformat()),
            "horizon": np.array(self.horizon.isoformat()),
            "outcomes": np.array(self.outcomes),
            "active_at_start": self.active_at_start,
            "record_times": self.record.times,
            "record_outcome": self.record.outcome,
            "shape": np.array([self.draws, self.paths], dtype=np.int64),
            "offsets": self.offsets,
            "times": self.times,
            "outcome": self.outcome,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """Rebuild paths from what `to_arrays` returned.

        Raises
        ------
        KeyError
            An array is missing.
        ValueError
            The arrays do not fit together.
        """
        record = Record(
            as_of=date.fromisoformat(str(arrays["as_of"])),
            horizon=date.fromisoformat(str(arrays["horizon"])),
            outcomes=tuple(str(name) for name in arrays["outcomes"]),
            active_at_start=np.asarray(arrays["active_at_start"], dtype=np.bool_),
            times=np.asarray(arrays["record_times"], dtype=np.float64),
            outcome=np.asarray(arrays["record_outcome"], dtype=np.int16),
        )
        draws, paths = (int(n) for n in arrays["shape"])
        return cls(
            record=record,
            draws=draws,
            paths=paths,
            offsets=np.asarray(arrays["offsets"], dtype=np.int64),
            times=np.asarray(arrays["times"], dtype=np.float64),
            outcome=np.asarray(arrays["outcome"], dtype=np.int16),
        )
