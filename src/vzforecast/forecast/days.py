"""The days a forecast can be asked about."""

from datetime import date

import pandas as pd

from vzforecast.errors import DateError
from vzforecast.inputs.dates import DateLike, as_day


def day_within(day: DateLike, first: date, last: date) -> date:
    """Return a day, if a forecast has something to say about it.

    Parameters
    ----------
    day : date-like
        The day.
    first, last : datetime.date
        First and last day it may be.

    Returns
    -------
    datetime.date
        The day.

    Raises
    ------
    DateError
        It is no ISO day, or before the first, or after the last.

    Examples
    --------
    >>> day_within("2025-06-30", date(2025, 2, 5), date(2025, 12, 31))
    datetime.date(2025, 6, 30)
    """
    value = as_day(day)
    if not first <= value <= last:
        raise DateError(f"{value} is outside this forecast; give a day from {first} to {last}")
    return value


def weekly(first: date, last: date) -> list[date]:
    """Return every seventh day after the first, up to the last.

    Examples
    --------
    >>> weekly(date(2025, 2, 5), date(2025, 2, 20))
    [datetime.date(2025, 2, 12), datetime.date(2025, 2, 19)]
    """
    return [day.date() for day in pd.date_range(first, last, freq="7D")[1:]]


def evenly(first: date, last: date, count: int) -> list[date]:
    """Return days from the first to the last, evenly spread: so many, or fewer where there are no more.

    Examples
    --------
    >>> [str(day) for day in evenly(date(2025, 2, 5), date(2025, 2, 10), 3)]
    ['2025-02-05', '2025-02-07', '2025-02-10']
    """
    return [day.date() for day in pd.date_range(first, last, periods=count).normalize().unique()]
