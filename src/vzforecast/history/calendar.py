"""Calendar months as the periods of the latent process, and dates as months of exposure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vzforecast.names import DAYS_PER_MONTH


def months_between(start: date, end: date) -> float:
    """Return the months of 30.4375 days from one date to another."""
    return (end - start).days / DAYS_PER_MONTH


@dataclass(frozen=True)
class Periods:
    """The calendar months from a case's origin to its horizon.

    Attributes
    ----------
    starts : tuple of date
        First day of each period; the first one is the origin, which may fall inside its month.
    end : date
        Day after the horizon.
    """

    starts: tuple[date, ...]
    end: date

    @classmethod
    def spanning(cls, origin: date, horizon: date) -> "Periods":
        """Cut the span from origin to horizon, both days included, at the first of every month."""
        starts = [origin]
        while (following := _next_month(starts[-1])) <= horizon:
            starts.append(following)
        return cls(tuple(starts), horizon + timedelta(days=1))

    @property
    def labels(self) -> tuple[str, ...]:
        """ISO date of the first day of each period's month."""
        return tuple(start.replace(day=1).isoformat() for start in self.starts)

    def bounds(self, index: int) -> tuple[date, date]:
        """Return the first day of a period and the day after its last."""
        following = self.starts[index + 1] if index + 1 < len(self.starts) else self.end
        return self.starts[index], following

    def index(self, day: date) -> int:
        """Return the period a day falls in; a day before the origin belongs to the first period."""
        return max(0, sum(start <= day for start in self.starts) - 1)

    def ends_between(self, start: date, end: date) -> Sequence[date]:
        """Return the last days of periods strictly between two dates; a stretch of time ends with its last day."""
        lasts = [following - timedelta(days=1) for following in self.starts[1:]]
        return [last for last in lasts if start < last < end]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
