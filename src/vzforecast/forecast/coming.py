"""How likely each outcome is to have come since the as-of date, as the deadline moves."""

import math
from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from vzforecast.case.schema import Outcome
from vzforecast.forecast.forecast import Forecast
from vzforecast.forecast.probability import FIGURES, path_probability
from vzforecast.names import DATE


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
        As from ``Forecast.curve``, probabilities.
    """
    deadlines = pd.DatetimeIndex(list(days), name=DATE)
    ends = [fc.simulated.days(day.date()) for day in deadlines]
    answers = fc.simulated.answers()
    for one in fc.case.spec.outcomes:
        moments = answers[one.id].first_time(active=True, since=-math.inf, after=0.0)
        rows = [
            path_probability(moments <= end, fc.chains, readings=fc.readings, ok=fc.ok, weights=fc.weights).row
            for end in ends
        ]
        yield one, pd.DataFrame(rows, index=deadlines, columns=FIGURES)
