"""What a number of forecasts can and cannot show, in words."""

from collections.abc import Iterable, Mapping
from statistics import NormalDist
from typing import Final

from vzforecast.names import INTERVAL_MASS
from vzforecast.scoring.blocks import MOST_RESAMPLED, RESAMPLES

SMALL: Final = 30  # blocks below which a bootstrap interval is noticeably too narrow


def counted(number: int, thing: str) -> str:
    """Return a number with its noun, as in ``"1 forecast"``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def blocks_called(by: str) -> str:
    """Return what blocks are called: questions, or by the name of the column that makes them."""
    return "questions" if by == "question" else f"blocks of one {by}"


def what_it_shows(blocks: int, by: str = "question") -> str:
    """Return what so many independent blocks can and cannot show.

    Parameters
    ----------
    blocks : int
        Distinct questions, or other blocks of forecasts that stand or fall together.
    by : str, default "question"
        What makes blocks.

    Returns
    -------
    str
        One or two sentences.

    Examples
    --------
    >>> what_it_shows(400).partition(":")[0]
    'from 400 questions a share of yes near one half is known to 4.1 points either way'
    """
    if blocks == 0:
        return "nothing is resolved, so nothing is known."
    if blocks == 1:
        one = "1 question" if by == "question" else f"1 block of one {by}"
        return f"{one} cannot tell skill from luck, and gives no interval."
    reach = 100.0 * NormalDist().inv_cdf(0.5 + INTERVAL_MASS / 2) * 0.5 / blocks**0.5
    known = (
        f"from {blocks:,} {blocks_called(by)} a share of yes near one half is known to {reach:.2g} points either way"
    )
    said = f"{known}: smaller miscalibration cannot be seen."
    if blocks >= SMALL:
        return said
    return f"{said} The intervals are too narrow with so few, and a small lead over another forecaster shows nothing."


def notes_on_n(blocks: Mapping[str, int], by: str) -> Iterable[str]:
    """Yield what n shows, once for all forecasters with the same number of blocks.

    Parameters
    ----------
    blocks : mapping of str to int
        Blocks of each forecaster.
    by : str
        What makes blocks.

    Yields
    ------
    str
        A sentence that names the forecasters, if not all have as many.
    """
    for count in sorted(set(blocks.values())):
        who = ", ".join(name for name, own in blocks.items() if own == count)
        text = what_it_shows(count, by)
        yield f"What n shows ({who}): {text}" if len(set(blocks.values())) > 1 else f"What n shows: {text}"


def how_intervals(most: int, fewest: int, by: str) -> str:
    """Return how the intervals were found.

    Parameters
    ----------
    most, fewest : int
        Blocks of the forecaster who has most, and of the one who has fewest.
    by : str
        What makes blocks.

    Returns
    -------
    str
        One sentence.
    """
    what = blocks_called(by)
    resampled = f"{RESAMPLES:,} bootstrap resamples of whole {what}"
    limit = f"the normal limit of the bootstrap over whole {what}, of which there are more than {MOST_RESAMPLED:,}"
    if fewest > MOST_RESAMPLED:
        return f"Intervals are 90 %, by {limit}."
    if most <= MOST_RESAMPLED:
        return f"Intervals are 90 %, from {resampled}."
    return f"Intervals are 90 %, from {resampled}, or where there are more than {MOST_RESAMPLED:,}, its normal limit."
