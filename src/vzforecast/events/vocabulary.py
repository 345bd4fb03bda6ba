"""The names and the span of dates that an event may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Vocabulary:
    """What a case lets events speak of.

    Parameters
    ----------
    outcomes : mapping of str to (str, str)
        Outcome ids, each with its rest state and its active state.
    origin, horizon : date
        First and last day that an event may name.

    Examples
    --------
    >>> names = Vocabulary({"sanctions": ("not_escalated", "re_escalated")}, date(2025, 1, 20), date(2025, 12, 31))
    >>> names.outcomes["sanctions"][1]
    're_escalated'
    """

    outcomes: Mapping[str, tuple[str, str]]
    origin: date
    horizon: date
