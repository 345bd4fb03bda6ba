"""How likely each outcome is to have come since the as-of date, as the deadline moves; as figures show it."""

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.case.schema import Outcome
from vzforecast.forecast.days import day_within
from vzforecast.forecast.forecast import Forecast
from vzforecast.forecast.probability import path_interval
from vzforecast.names import DATE

# Without Monte Carlo errors, which no curve shows and which take as long as all else.
COLUMNS: Final = ["probability", "lower", "upper"]


def coming(fc: Forecast, days: Sequence[date] | pd.DatetimeIndex) -> Iterator[tuple[Outcome, pd.DataFrame]]:
    """Yield every outcome with the curve of its having become active after the as-of date and by each of some days.

    On each path it is found once when an outcome comes, whatever the number of days. A failed fit gives no warning:
    whoever shows the curves says so where they stand.

    Parameters
    ----------
    fc : Forecast
        Any.
    days : sequence of date
        Deadlines after the as-of date, ascending.

    Yields
    ------
    outcome : Outcome
        As the case declares it.
    curve : DataFrame
        As from ``Forecast.curve``, without errors.

    Raises
    ------
    DateError
        A day is not after the as-of date, or after the horizon.
    """
    asked = [day_within(day, fc.as_of + timedelta(days=1), fc.horizon) for day in days]
    deadlines = pd.DatetimeIndex(asked, name=DATE)
    ends = [fc.simulated.days(day) for day in asked]
    answers = fc.simulated.answers()
    for one in fc.case.spec.outcomes:
        moments = answers[one.id].first_time(active=True, since=-math.inf, after=0.0)
        rows = [path_interval(moments <= end, fc.weights) for end in ends]
        yield one, pd.DataFrame(rows, index=deadlines, columns=COLUMNS)


def active_on(fc: Forecast, outcome: Outcome, days: Sequence[date]) -> NDArray[np.float64]:
    """Return the probability that an outcome is active on each of some days.

    Parameters
    ----------
    fc : Forecast
        Any.
    outcome : Outcome
        One of its case.
    days : sequence of date
        From the as-of date to the horizon.

    Returns
    -------
    ndarray, dims (day,)
        As ``at`` of ``Forecast.outcomes``.
    """
    held = [fc.simulated.active_at(outcome.id, fc.simulated.days(day)) for day in days]
    return np.array([fc.weights.mean(fc.weights.shares(on)[0]) for on in held])
