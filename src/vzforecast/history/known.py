"""A case cut to a day with the rows it gives, each built once and only when asked for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from vzforecast.case import Case
from vzforecast.history.build import History, build_history
from vzforecast.history.design import Design, encode
from vzforecast.history.levels import NoPlaceError, Places

# The two ways of reading a promise kept in part, which half way pools.
READINGS: Final = ("as_broken", "as_kept")


@dataclass(frozen=True, eq=False)
class Known:
    """What is known on a day, as tables and as arrays for the draws of some fit.

    Attributes
    ----------
    case : Case
        Cut to the day.
    places : Places or None
        Labels of the draws that the rows are for; None for those that a fit of the case gives its own.
    """

    case: Case
    places: Places | None = None

    @cached_property
    def history(self) -> History:
        """The rows as tables; raises NoPlaceError if the draws have no place left for a new member of a grouping."""
        return build_history(self.case, self.places)

    @property
    def room(self) -> Places | None:
        """The places, if they suffice for what is known; None if not, or if there are none."""
        if self.places is None or self.places.signal_kinds[:1] != (self.case.spec.news.reference_kind,):
            return None  # another kind of news has the first place, whose weight is 1
        try:
            _ = self.history
        except NoPlaceError:
            return None
        return self.places

    @cached_property
    def design(self) -> Design:
        """The rows and the numbers of the priors as arrays."""
        spec = self.case.spec
        return encode(self.history, self.case.prior_specs, half_life=spec.tension.half_life_months)

    @cached_property
    def readings(self) -> tuple[Design, ...]:
        """The arrays for each fit that is pooled: two where partial promises count half, else one."""
        if self.case.spec.partial.commitments != "half":
            return (self.design,)
        return tuple(Known(self.case.with_partial(reading), self.places).design for reading in READINGS)
