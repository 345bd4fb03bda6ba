"""When an event comes true: dates at which its probability has been reached, and the curve of not yet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property, partial
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.events import Vocabulary, first_moments, parse_open_event
from vzforecast.forecast.origin import Origin
from vzforecast.forecast.probability import Probability
from vzforecast.names import DATE, LOWER_QUANTILE, UPPER_QUANTILE
from vzforecast.paths import Paths
from vzforecast.told import Told

MEDIAN: Final = 0.5

# Which part of the probability by a day gives each date, and the share that it has to reach.
_READ_OFF: Final = {
    "median": ("mean", MEDIAN),
    "median_lower": ("upper", MEDIAN),
    "median_upper": ("lower", MEDIAN),
    "lower": ("mean", LOWER_QUANTILE),
    "upper": ("mean", UPPER_QUANTILE),
}

Estimate = Callable[[NDArray[np.bool_]], Probability]


@dataclass(frozen=True, eq=False, repr=False)
class FirstPassage(Told):
    """When an event is expected to come true. A date is None where it lies beyond the horizon.

    Attributes
    ----------
    event : str
        The event, without a deadline. One that happens on a day counts for that day.
    as_of, horizon : date
        Forecast origin and last day simulated.
    median : date or None
        First day by which the probability of the event is at least one half; what is on record has the day it
        happened on.
    median_lower, median_upper : date or None
        Days on which the upper and the lower end of the 90 % interval over draws of that probability reach one half,
        looked for week by week: what we do not know about the parameters. Not an interval of medians of draws, which
        of some 25 paths each would be noise.
    lower, upper : date or None
        First days by which the probability is at least 5 % and 95 %: when the event itself may come.
    not_by_horizon : Probability
        That it does not happen by the horizon.
    survival : DataFrame
        Index ``date`` (weekly, and the horizon); columns ``probability``, ``lower``, ``upper``, ``mcse`` that it has
        not happened by the end of that day: one less ``Forecast.curve``.
    origin : Origin or None
        Case, seed and size of the forecast that was asked; None if bare paths were.

    Examples
    --------
    >>> fc.time_to("ever(sanctions = re_escalated)").median  # doctest: +SKIP
    datetime.date(2025, 5, 14)
    """

    event: str
    as_of: date
    horizon: date
    median: date | None
    median_lower: date | None
    median_upper: date | None
    lower: date | None
    upper: date | None
    not_by_horizon: Probability
    survival: pd.DataFrame
    origin: Origin | None = None

    @cached_property
    def table(self) -> pd.DataFrame:
        """By share of the probability ``reached`` (0.05, 0.5, 0.95): ``date``, ``lower``, ``upper``; NaT if beyond."""
        dates = {
            LOWER_QUANTILE: (self.lower, None, None),
            MEDIAN: (self.median, self.median_lower, self.median_upper),
            UPPER_QUANTILE: (self.upper, None, None),
        }
        columns = dict(zip((DATE, "lower", "upper"), zip(*dates.values(), strict=True), strict=True))
        days = {name: pd.to_datetime(pd.Series(values)).to_numpy() for name, values in columns.items()}
        return pd.DataFrame(days, index=pd.Index(list(dates), name="reached"))

    @property
    def text(self) -> str:
        """One line in plain words."""
        verdict = "" if self.not_by_horizon.ok else "  FAILED FIT: do not use"
        if self.median is not None and self.median <= self.as_of:
            return f"{self.event}: happened on {_said(self.median)}, which is on record{verdict}"
        band = f"90 % band {self._reached(self.median_lower)} to {self._reached(self.median_upper)}"
        late = self.not_by_horizon
        return (
            f"{self.event}: median {self._reached(self.median)} "
            f"({band if self.median_lower else 'with the whole of its 90 % band'}); "
            f"5 % {self._reached(self.lower, 'by ')}, 95 % {self._reached(self.upper, 'by ')}; "
            f"not by {_said(self.horizon)}: {late.mean:.1%} [{late.lower:.1%}, {late.upper:.1%}]{verdict}"
        )

    @property
    def _alarming(self) -> bool:
        return not self.not_by_horizon.ok

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Days by which it is reached": self.table}

    def _reached(self, day: date | None, word: str = "") -> str:
        return f"after {_said(self.horizon)}" if day is None else word + _said(day)

    def __repr__(self) -> str:
        return f"<FirstPassage of {self.text}>"


def first_passage(
    event: str, vocabulary: Vocabulary, paths: Paths, weekly: Iterable[date], estimate: Estimate
) -> FirstPassage:
    """Return when an event comes true.

    Parameters
    ----------
    event : str
        Without a deadline.
    vocabulary : Vocabulary
        The names it may use.
    paths : Paths
        The record and the simulated paths.
    weekly : iterable of date
        Days of the survival curve; the horizon is added.
    estimate : callable
        From bool[draw, path] to a `Probability`.

    Returns
    -------
    FirstPassage
        Its dates and curve.

    Raises
    ------
    EventError
        The text does not parse, or what is true by one deadline need not be true by a later one.
    """
    parsed = parse_open_event(event, vocabulary)
    starts = {name: vocabulary.starts.get(name, vocabulary.origin) for name in vocabulary.outcomes}
    moments = first_moments(parsed.event, paths, starts)
    days = range(min(0, _day_of(moments.min())), (paths.horizon - paths.as_of).days + 1)

    @cache
    def by(day: int) -> Probability:
        return estimate(moments <= day)

    curve = dict.fromkeys((*weekly, paths.horizon))
    rows = [_complement(by((day - paths.as_of).days)).row for day in curve]
    return FirstPassage(
        event=str(parsed),
        as_of=paths.as_of,
        horizon=paths.horizon,
        **_crossings(by, days, paths.as_of),
        not_by_horizon=_complement(by(days[-1])),
        survival=pd.DataFrame(rows, index=pd.DatetimeIndex(list(curve), name=DATE)),
        origin=None,
    )


def _crossings(by: Callable[[int], Probability], days: range, as_of: date) -> dict[str, date | None]:
    """Return the day on which what a field is read off has reached its share, None if it has not by the horizon."""
    found: dict[str, date | None] = {}
    for field, (part, share) in _READ_OFF.items():
        day = _first(days, partial(_reaches, by, part, share))
        found[field] = None if day is None else as_of + timedelta(days=day)
    return found


def _first(days: range, reached: Callable[[int], bool]) -> int | None:
    """Return the first day on which something is reached, of the first week at whose end it is; None if there is none.

    A probability only rises with its deadline, but the ends of its interval, from which the noise of few paths has been
    taken out, may fall back by a little. Weeks end where the survival curve has its points, known already.
    """
    for begin in range(-6, len(days), 7):  # the first week is the first day alone
        week = days[max(begin, 0) : begin + 7]
        if reached(week[-1]):
            return next(day for day in week if reached(day))
    return None


def _reaches(by: Callable[[int], Probability], part: str, share: float, day: int) -> bool:
    return bool(getattr(by(day), part) >= share)


def _day_of(moment: float) -> int:
    """Return the day in which a moment lies, counted from the as-of day; a late one, or none, is the as-of day."""
    return int(np.ceil(moment)) if moment < 0.0 else 0


def _complement(chance: Probability) -> Probability:
    return replace(chance, mean=1.0 - chance.mean, lower=1.0 - chance.upper, upper=1.0 - chance.lower)


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
