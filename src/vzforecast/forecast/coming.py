"""How likely each outcome is to have come since the as-of date, as the deadline moves."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

import pandas as pd

from vzforecast.case.schema import Outcome
from vzforecast.convergence import quietly
from vzforecast.forecast.forecast import Forecast


def coming(fc: Forecast, days: Sequence[date] | pd.DatetimeIndex) -> Iterator[tuple[Outcome, pd.DataFrame]]:
    """Yield every outcome with the curve of its having become active after the as-of date and by each of some days.

    A failed fit gives no warning: whoever shows the curves says so where they stand.

    Parameters
    ----------
    fc : Forecast
        Any.
    days : sequence of date
        Deadlines, ascending.

    Yields
    ------
    outcome : Outcome
        As the case declares it.
    curve : DataFrame
        As from ``Forecast.curve``, probabilities.
    """
    for one in fc.case.spec.outcomes:
        yield one, quietly(partial(fc.curve, f"ever({one.id} = {one.active}) after {fc.as_of}", days))
