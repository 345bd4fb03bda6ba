"""Where the numbers of a figure come from, in one line."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vzforecast.forecast import Forecast
    from vzforecast.forecast.origin import Origin


def source_of(*forecasts: "Forecast") -> str:
    """Return case, as-of date, seed and size of one forecast, or of several of one case in order.

    Parameters
    ----------
    *forecasts : Forecast
        At least one.

    Returns
    -------
    str
        For example ``"venezuela-2025 as of 2025-02-05, seed 1, 4,000 draws x 25 paths"``.
    """
    from vzforecast.forecast.origin import Origin  # noqa: PLC0415 - drawing loads no simulator

    return said(*map(Origin.of, forecasts))


def said(*origins: "Origin") -> str:
    """Return the same of results that carry where they come from.

    Parameters
    ----------
    *origins : Origin
        At least one.

    Returns
    -------
    str
        As from ``source_of``.
    """
    cases = dict.fromkeys(one.case for one in origins)
    parts = [
        f"{', '.join(cases)} {as_of([one.as_of for one in origins])}",
        seeds(one.seed for one in origins),
        ", ".join(dict.fromkeys(size(one.draws, one.paths) for one in origins)),
    ]
    parts += ["average of variants"] if any(one.averaged for one in origins) else []
    parts += ["under an intervention"] if any(one.intervened for one in origins) else []
    return ", ".join(parts)


def as_of(days: Collection[date]) -> str:
    """Return the as-of date, or the first and last of several."""
    first, last = min(days), max(days)
    return f"as of {first}" if first == last else f"as of {first} to {last}"


def seeds(values: Iterable[int]) -> str:
    """Return the seed, or each that there is."""
    found = list(dict.fromkeys(values))
    return f"seed{'' if len(found) == 1 else 's'} {', '.join(map(str, found))}"


def size(draws: int, paths: int | None = None) -> str:
    """Return the number of draws, and of paths from each if that is known."""
    return f"{draws:,} draws" + ("" if paths is None else f" x {paths} paths")
