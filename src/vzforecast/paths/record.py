"""The record: what is known of every outcome up to as-of.

Times are days after the end of the as-of day. Dates of the record carry no hour: a transition on date d stands at noon
of d, ``(d - as_of).days - 0.5``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
from numpy.typing import NDArray

type Bools = NDArray[np.bool_]
type Floats = NDArray[np.float64]
type Int16s = NDArray[np.int16]
type Int32s = NDArray[np.int32]
type Int64s = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Record:
    """The known transitions of every outcome up to the as-of date.

    Parameters
    ----------
    as_of, horizon : date
        Forecast origin and last day of the forecast, both included.
    outcomes : tuple of str
        Outcome ids; their order is that of every outcome dimension.
    active_at_start : bool[outcome]
        Whether the outcome was active when its own clock started.
    times : float64[transition]
        Days (<= 0) relative to the end of the as-of day, sorted.
    outcome : int16[transition]
        Which outcome changed state; every entry flips it.

    Raises
    ------
    ValueError
        Shapes, order or range of the entries do not fit together.
    """

    as_of: date
    horizon: date
    outcomes: tuple[str, ...]
    active_at_start: Bools
    times: Floats
    outcome: Int16s

    def __post_init__(self) -> None:
        if self.horizon < self.as_of:
            raise ValueError(f"horizon {self.horizon} is before as_of {self.as_of}")
        if self.active_at_start.shape != (len(self.outcomes),):
            raise ValueError(f"active_at_start has shape {self.active_at_start.shape}, not ({len(self.outcomes)},)")
        if len(set(self.outcomes)) != len(self.outcomes):
            raise ValueError(f"outcome ids are not unique: {self.outcomes}")
        check_entries(self.times, self.outcome, len(self.outcomes))
        if self.times.size and (self.times[-1] > 0 or np.any(np.diff(self.times) < 0)):
            raise ValueError("transitions of the record must be sorted and none after as_of")

    def same_as(self, other: "Record") -> bool:
        """Tell whether another record says the same."""
        days = self.as_of, self.horizon, self.outcomes
        arrays = ("active_at_start", "times", "outcome")
        return days == (other.as_of, other.horizon, other.outcomes) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays
        )

    @classmethod
    def from_transitions(
        cls,
        as_of: date,
        horizon: date,
        active_at_start: Mapping[str, bool],
        transitions: Iterable[tuple[str, date]],
        recurrent: Collection[str] = (),
    ) -> Self:
        """Build a record from (outcome id, date) pairs; those of one day keep the order given.

        An event of a recurrent outcome becomes two entries at one time, into its active state and back, so that it is
        at rest on either side and every question about it is answered as for any other outcome.

        Parameters
        ----------
        as_of, horizon : date
            Forecast origin and last day of the forecast.
        active_at_start : mapping of outcome id to bool
            In the order of the outcome dimension.
        transitions : iterable of (str, date)
            Every known change of state, none after ``as_of``.
        recurrent : collection of str, default ()
            The outcomes whose changes are events over at once.
        """
        outcomes = tuple(active_at_start)
        entries = [change for change in transitions for _ in range(2 if change[0] in recurrent else 1)]
        rows = sorted(((day - as_of).days - 0.5, i, name) for i, (name, day) in enumerate(entries))
        return cls(
            as_of=as_of,
            horizon=horizon,
            outcomes=outcomes,
            active_at_start=np.array(list(active_at_start.values()), dtype=np.bool_),
            times=np.array([time for time, _, _ in rows], dtype=np.float64),
            outcome=np.array([outcomes.index(name) for _, _, name in rows], dtype=np.int16),
        )

    @property
    def active_now(self) -> Bools:
        """State of every outcome at the end of the as-of day (bool[outcome])."""
        flips = np.bincount(self.outcome, minlength=len(self.outcomes))
        active: Bools = self.active_at_start ^ (flips % 2 == 1)
        return active


def check_entries(times: Floats, outcome: Int16s, outcomes: int) -> None:
    """Refuse logs whose two columns differ in length or name an outcome that does not exist."""
    if times.ndim != 1 or times.shape != outcome.shape:
        raise ValueError(f"times and outcome must be two columns of one length, not {times.shape} and {outcome.shape}")
    if not np.all(np.isfinite(times)):
        raise ValueError("every time must be finite")
    if outcome.size and not 0 <= outcome.min() <= outcome.max() < outcomes:
        raise ValueError(f"an entry names outcome {outcome.min()} or {outcome.max()} of {outcomes}")
