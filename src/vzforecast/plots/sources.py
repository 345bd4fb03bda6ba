"""Where the numbers of a figure come from, in one line."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vzforecast.forecast import Forecast


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
    first = forecasts[0]
    parts = [
        f"{first.case.spec.label} {as_of([fc.as_of for fc in forecasts])}",
        seeds(int(fc.provenance["seed"]) for fc in forecasts),
        ", ".join(dict.fromkeys(size(fc.simulated.draws, fc.simulated.paths) for fc in forecasts)),
    ]
    if any(fc.averaged is not None for fc in forecasts):
        parts.append("average of variants")
    if any(fc.interventions for fc in forecasts):
        parts.append("under an intervention")
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
