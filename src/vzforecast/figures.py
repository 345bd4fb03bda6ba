"""Figures as people read them: as many digits as they can use, and never a 0 that is not one."""

import math
from datetime import date
from typing import Final

BLANK: Final = "-"


def percent(probability: float) -> str:
    """Return a probability in percent, in whole numbers but near 0 and 1.

    Parameters
    ----------
    probability : float
        From 0 to 1; NaN is shown as a dash.

    Returns
    -------
    str
        With its sign.

    Examples
    --------
    >>> percent(0.3759), percent(0.0042), percent(0.00003), percent(0.9991)
    ('38 %', '0.4 %', '<0.1 %', '99.9 %')
    """
    return BLANK if math.isnan(probability) else f"{_hundredths(probability)} %"


def unbroken(text: str) -> str:
    """Return a text in which no line ends between a number and its percent sign.

    Examples
    --------
    >>> unbroken("38 %") == "38\N{NO-BREAK SPACE}%"
    True
    """
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def percent_interval(lower: float, upper: float) -> str:
    """Return an interval of probabilities in percent, without the sign.

    Examples
    --------
    >>> percent_interval(0.0693, 0.7265)
    '[7, 73]'
    """
    return BLANK if math.isnan(lower) else f"[{_hundredths(lower)}, {_hundredths(upper)}]"


def percent_with_interval(probability: float, lower: float, upper: float) -> str:
    """Return a probability and its interval for one cell of a table.

    Examples
    --------
    >>> percent_with_interval(0.3759, 0.0693, 0.7265)
    '38 % [7, 73]'
    """
    return f"{percent(probability)} {percent_interval(lower, upper)}"


def error(mcse: float) -> str:
    """Return a Monte Carlo error in percentage points.

    Examples
    --------
    >>> error(0.0034), error(0.0002), error(0.0)
    ('0.3', '<0.1', '0')
    """
    if math.isnan(mcse):
        return BLANK
    if mcse == 0.0:
        return "0"
    return "<0.1" if mcse < 0.0005 else f"{100 * mcse:.1f}"


def change(difference: float) -> str:
    """Return a difference of two probabilities in percentage points, always with its sign.

    Examples
    --------
    >>> change(0.0213), change(-0.0001)
    ('+2.1', '0.0')
    """
    return points(100.0 * difference)


def points(value: float) -> str:
    """Return percentage points with their sign; nothing has none.

    Examples
    --------
    >>> points(2.13), points(-0.01)
    ('+2.1', '0.0')
    """
    if math.isnan(value):
        return BLANK
    text = f"{value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def rate(value: float) -> str:
    """Return a rate of breach with three decimals.

    Examples
    --------
    >>> rate(0.07149), rate(0.0001)
    ('0.071', '<0.001')
    """
    if math.isnan(value):
        return BLANK
    return "<0.001" if 0.0 < value < 0.0005 else f"{value:.3f}"


def rate_interval(lower: float, upper: float) -> str:
    """Return an interval of rates.

    Examples
    --------
    >>> rate_interval(0.0312, 0.13)
    '[0.031, 0.130]'
    """
    return BLANK if math.isnan(lower) else f"[{rate(lower)}, {rate(upper)}]"


def rate_change(difference: float) -> str:
    """Return a difference of two rates, always with its sign.

    Examples
    --------
    >>> rate_change(0.0104), rate_change(-0.0001)
    ('+0.010', '0.000')
    """
    if math.isnan(difference):
        return BLANK
    text = f"{difference:+.3f}"
    return "0.000" if text in ("+0.000", "-0.000") else text


def seconds(value: float) -> str:
    """Return a wall time.

    Examples
    --------
    >>> seconds(13.78), seconds(0.004)
    ('13.8 s', '0.0 s')
    """
    return f"{value:.1f} s"


def month(day: date) -> str:
    """Return the month a day is in.

    Examples
    --------
    >>> month(date(2025, 2, 1))
    'February 2025'
    """
    return f"{day:%B %Y}"


def _hundredths(probability: float) -> str:
    """Percent without the sign: whole, with one decimal below 1 and above 99, and never a false 0 or 100."""
    value = 100.0 * probability
    if value in (0.0, 100.0):
        return f"{value:.0f}"
    if value < 0.05:
        return "<0.1"
    if value >= 99.95:
        return ">99.9"
    return f"{value:.1f}" if value < 0.95 or value >= 99.05 else f"{value:.0f}"
