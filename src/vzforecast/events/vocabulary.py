"""The names and the span of dates that an event may use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

# Words of the language, which cannot be the name of an event.
RESERVED: Final = frozenset(
    {"state", "ever", "count", "first", "held", "not", "and", "or", "on", "after", "by", "before", "days"}
)


@dataclass(frozen=True)
class Vocabulary:
    """What a case lets events speak of.

    Parameters
    ----------
    outcomes : mapping of str to (str, str)
        Outcome ids, each with its rest state and its active state.
    origin, horizon : date
        First and last day that an event may name.
    starts : mapping of str to date, optional
        First day of each outcome; the origin for those not in it.
    events : mapping of str to str, optional
        Events that have a name, each with its text.
    recurrent : collection of str, optional
        The outcomes that are active on an instant only, so that no event may ask on which day they are.

    Examples
    --------
    >>> names = Vocabulary({"sanctions": ("not_escalated", "re_escalated")}, date(2025, 1, 20), date(2025, 12, 31))
    >>> names.outcomes["sanctions"][1]
    're_escalated'
    """

    outcomes: Mapping[str, tuple[str, str]]
    origin: date
    horizon: date
    starts: Mapping[str, date] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    recurrent: Collection[str] = ()
