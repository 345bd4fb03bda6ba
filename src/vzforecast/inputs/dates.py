"""Days as users give them: ISO text, date, or Timestamp."""

import datetime as dt
import re

import pandas as pd

from vzforecast.errors import DateError

DateLike = str | dt.date | pd.Timestamp

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_iso_day(text: str) -> dt.date | None:
    """Return the day that ``YYYY-MM-DD`` names, or None if the text is not one.

    Parameters
    ----------
    text : str
        Candidate date. Other ISO 8601 spellings (week dates, no hyphens) are not accepted: one spelling, one meaning.

    Returns
    -------
    datetime.date or None
        The day.

    Examples
    --------
    >>> parse_iso_day("2025-02-30") is None
    True
    """
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def as_day(value: DateLike, what: str = "date") -> dt.date:
    """Return a day given as ISO text, date or Timestamp.

    Parameters
    ----------
    value : str, datetime.date or pandas.Timestamp
        The day. A time of day other than midnight is refused, since every date here means a whole day.
    what : str
        Its name in the error message.

    Returns
    -------
    datetime.date
        The day.

    Raises
    ------
    DateError
        Not a day, or not written as YYYY-MM-DD.

    Examples
    --------
    >>> as_day("2025-02-05")
    datetime.date(2025, 2, 5)
    """
    if isinstance(value, str):
        day = parse_iso_day(value)
        if day is None:
            raise DateError(f"{what} {value!r} is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05")
        return day
    if isinstance(value, dt.datetime):  # pd.Timestamp is one, and NaT passes for one
        if pd.isna(value):
            raise DateError(f"{what} is not a time; give a day as YYYY-MM-DD, a date or a Timestamp")
        if value.time() != dt.time() or value.tzinfo is not None:
            raise DateError(f"{what} {value} has a time of day or a time zone; give the day alone")
        return value.date()
    if isinstance(value, dt.date):
        return value
    raise DateError(f"{what} {value!r} is not a date; give a day as YYYY-MM-DD, a date or a Timestamp")
