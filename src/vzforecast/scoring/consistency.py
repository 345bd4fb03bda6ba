"""What a calibrated forecaster's record would look like: bands for a reliability diagram."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from vzforecast.names import LOWER_QUANTILE, UPPER_QUANTILE
from vzforecast.scoring.decomposition import Recalibrated
from vzforecast.scoring.judged import Ints, Record
from vzforecast.scoring.rules import Floats

RESAMPLES: Final = 1_000
_MOST_POINTS: Final = 500  # more distinct forecasts than a picture shows are put together in so many groups
_CHUNK: Final = 2_000_000


@dataclass(frozen=True, eq=False)
class Band:
    """Points of a reliability diagram, and what they would be if the forecasts were calibrated.

    Attributes
    ----------
    forecast, n, calibrated : numpy.ndarray, dims (point)
        Mean forecast, number of rows and calibrated probability of each point.
    lower, upper : numpy.ndarray, dims (point)
        Where calibrated forecasters have it in 90 % of records.
    block_lower, block_upper : numpy.ndarray, dims (isotonic block)
        The same of the mean over the rows of each block of the record's own fit.
    by_chance : float
        Share of calibrated forecasters' records with at least this much miscalibration.
    """

    forecast: Floats
    n: Floats
    calibrated: Floats
    lower: Floats
    upper: Floats
    block_lower: Floats
    block_upper: Floats
    by_chance: float


def consistency_band(record: Record, found: Recalibrated, seed: int) -> Band:
    """Return the band that a calibrated forecaster's record would stay in.

    Each of 1,000 records has the forecasts of the real one and resolutions drawn with just these probabilities;
    isotonic regression is done again on each. Rows of one block share one uniform number u and resolve to yes where u <
    p: each with its own probability, and all together, so that a question asked twenty times does not count for twenty.

    Parameters
    ----------
    record : Record
        Forecasts and resolutions, at least one.
    found : Recalibrated
        Its isotonic regression.
    seed : int
        The same seed gives the same band.

    Returns
    -------
    Band
        Of at most 500 points: where there are more distinct forecasts, neighbours are put together.

    References
    ----------
    Bröcker, J. and Smith, L. A. (2007). Increasing the reliability of reliability diagrams. Weather and Forecasting 22,
    651-661 (consistency resampling); Dimitriadis, Gneiting and Jordan (2021) for isotonic fits.
    """
    point = _points(found)
    count = int(point[-1]) + 1
    n = np.bincount(point, weights=found.n, minlength=count)
    forecast = np.bincount(point, weights=found.n * found.forecast, minlength=count) / n
    calibrated = np.bincount(point, weights=found.n * found.calibrated, minlength=count) / n
    rows = point[np.searchsorted(found.forecast, record.probability)]
    shares = _resampled_shares(record, rows, n, seed)
    fits = np.stack([isotonic_regression(share, weights=n).x for share in shares])
    ends = np.quantile(fits, [LOWER_QUANTILE, UPPER_QUANTILE], axis=0)
    block_ends = np.quantile(_by_block(fits, found, point), [LOWER_QUANTILE, UPPER_QUANTILE], axis=0)
    own_share = np.bincount(point, weights=found.yes, minlength=count) / n
    own = _miscalibration(forecast, n, own_share[None], isotonic_regression(own_share, weights=n).x[None])
    others = _miscalibration(forecast, n, shares, fits)
    # The record itself is one that a calibrated forecaster might have had; a rounding error is no difference.
    chance = float((1 + (others >= own - 1e-12).sum()) / (1 + RESAMPLES))
    return Band(forecast, n, calibrated, *ends, *block_ends, by_chance=chance)  # type: ignore[misc]


def _points(found: Recalibrated) -> Ints:
    """Return the number of the point to which each distinct forecast belongs."""
    if found.forecast.size <= _MOST_POINTS:
        return np.arange(found.forecast.size)
    before = np.cumsum(found.n) - found.n / 2
    groups = np.floor(_MOST_POINTS * before / found.n.sum()).astype(np.intp)
    return np.unique(groups, return_inverse=True)[1]


def _resampled_shares(record: Record, rows: Ints, n: Floats, seed: int) -> Floats:
    """Return the share of yes at each point in each record of a calibrated forecaster, dims (record, point)."""
    block = _block_order(record)
    blocks = int(block.max()) + 1
    rng = np.random.default_rng(seed)
    shares = np.empty((RESAMPLES, n.size))
    step = max(1, _CHUNK // record.n)
    for begin in range(0, RESAMPLES, step):
        size = min(step, RESAMPLES - begin)
        yes = rng.random((size, blocks))[:, block] < record.probability
        place = rows + n.size * np.arange(size)[:, None]
        counts = np.bincount(place[yes], minlength=size * n.size)
        shares[begin : begin + size] = counts.reshape(size, n.size) / n
    return shares


def _block_order(record: Record) -> npt.NDArray[np.intp]:
    """Return the number of each row's block, by the forecasts in it, so that no name and no order of rows matters."""
    _, place = np.unique(record.block, return_inverse=True)
    moments = [np.bincount(place, weights=record.probability**power) for power in range(4)]
    rank = np.empty(moments[0].size, dtype=np.intp)
    rank[np.lexsort(moments)] = np.arange(rank.size)
    return rank[place]


def _by_block(fits: Floats, found: Recalibrated, point: Ints) -> Floats:
    """Return the mean of each fit over the rows of each isotonic block, dims (record, block)."""
    weights = np.zeros((fits.shape[1], int(found.block[-1]) + 1))
    np.add.at(weights, (point, found.block), found.n)
    return fits @ (weights / weights.sum(axis=0))


def _miscalibration(forecast: Floats, n: Floats, shares: Floats, fits: Floats) -> Floats:
    return ((forecast - shares) ** 2 - (fits - shares) ** 2) @ n / n.sum()
