"""Where the numbers of a result come from."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from vzforecast.forecast.parts import Parts


@dataclass(frozen=True)
class Origin:
    """The forecast behind a result, as far as a reader needs it to make the numbers again.

    Attributes
    ----------
    case : str
        Label of the case.
    as_of : date
        Forecast origin.
    seed, draws, paths : int
        Of the fit; draws of all chains together, and simulated paths of each.
    averaged, intervened : bool
        Whether it averages variants of the case, and whether something was brought about in its future.
    """

    case: str
    as_of: date
    seed: int
    draws: int
    paths: int
    averaged: bool = False
    intervened: bool = False

    @classmethod
    def of(cls, parts: "Parts") -> Self:
        """Return the origin of what is asked of a forecast."""
        return cls(
            case=parts.case.spec.label,
            as_of=parts.as_of,
            seed=int(parts.provenance["seed"]),
            draws=parts.simulated.draws,
            paths=parts.simulated.paths,
            averaged=parts.averaged is not None,
            intervened=bool(parts.interventions),
        )
