"""Standing of the factions: office and closeness to the president, by month, from the actor table."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.history.calendar import Periods

# A faction with nobody in post has standing at the floor of the 0-100 scale, not minus infinity on the log scale.
FLOOR = 1.0


def standing(actors: pd.DataFrame, factions: tuple[str, ...], periods: Periods, score: str) -> NDArray[np.float64]:
    r"""Return the centred log standing of each faction in each period.

    The standing of a faction is the mean of its actors' score, weighted by salience times the days in post
    that month. A mean, not a sum: with sums, office and closeness rank the factions alike and cannot be told
    apart. Logs are centred over factions and divided by :math:`\ln 2`, so that one unit is a doubling
    relative to the typical faction.

    Parameters
    ----------
    actors : DataFrame
        Spells in post: ``faction``, ``from``, ``to`` (blank: still in post), ``salience`` and the score, 0 to 100.
    factions : tuple of str
        Order of the columns of the result.
    periods : Periods
        The calendar months.
    score : {"office", "proximity"}
        Which score to average.

    Returns
    -------
    ndarray, dims (period, faction)
        Doublings above the geometric mean of the factions.
    """
    member = actors["faction"].to_numpy()[:, None] == np.array(factions)
    weight = _days_in_post(actors, periods) * actors["salience"].to_numpy(float)
    total = weight @ member
    scores = (weight * actors[score].to_numpy(float)) @ member
    means = np.maximum(FLOOR, scores / np.where(total > 0, total, 1.0))
    logs = np.log(means)
    return np.asarray((logs - logs.mean(axis=1, keepdims=True)) / np.log(2.0))


def _days_in_post(actors: pd.DataFrame, periods: Periods) -> NDArray[np.float64]:
    """Days each spell overlaps each period, dims (period, actor); a blank end is open."""
    begin, end = np.array([periods.bounds(index) for index in range(len(periods.starts))], dtype="datetime64[D]").T
    last = actors["to"].fillna(pd.Timestamp(periods.end)).to_numpy("datetime64[D]")
    overlap = np.minimum(last, end[:, None]) - np.maximum(actors["from"].to_numpy("datetime64[D]"), begin[:, None])
    return np.asarray(np.maximum(overlap.astype(float), 0.0))
