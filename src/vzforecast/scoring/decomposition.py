"""What a mean score is made of: miscalibration, discrimination and uncertainty."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import xlogy

from vzforecast.scoring.rules import FLOOR, Floats, brier_score, log_score


@dataclass(frozen=True, eq=False)
class Recalibrated:
    """Distinct forecasts, and the calibrated probability of each: the best non-decreasing function of the forecast.

    Attributes
    ----------
    forecast : numpy.ndarray
        Distinct forecasts, in rising order.
    n : numpy.ndarray
        How many rows have each.
    yes : numpy.ndarray
        How many of these resolved to yes.
    """

    forecast: Floats
    n: Floats
    yes: Floats

    @cached_property
    def calibrated(self) -> Floats:
        """Isotonic regression of what happened on the forecast (pool adjacent violators)."""
        return np.asarray(isotonic_regression(self.yes / self.n, weights=self.n).x)

    @cached_property
    def block(self) -> npt.NDArray[np.intp]:
        """Number of the isotonic block, from 0, in which each distinct forecast lies."""
        steps = np.diff(self.calibrated, prepend=self.calibrated[:1]) > 0.0
        return np.cumsum(steps, dtype=np.intp)


@dataclass(frozen=True)
class Decomposition:
    """A mean score = `miscalibration` - `discrimination` + `uncertainty`.

    Attributes
    ----------
    score : float
        Mean score of the forecasts.
    miscalibration : float
        By how much the score would fall if every forecast were replaced by its calibrated probability; 0 is best.
    discrimination : float
        By how much the calibrated forecasts beat saying the share of yes always; more is better.
    uncertainty : float
        Score of saying the share of yes always: how hard the questions are.
    """

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def recalibrated(probability: npt.ArrayLike, resolution: npt.ArrayLike) -> Recalibrated:
    """Return distinct forecasts with their calibrated probabilities.

    Parameters
    ----------
    probability, resolution : array_like
        Probabilities of yes and what happened (0 or 1), at least one.

    Returns
    -------
    Recalibrated
        Whatever the order of the rows.
    """
    forecast, place, n = np.unique(np.asarray(probability, dtype=float), return_inverse=True, return_counts=True)
    yes = np.bincount(place.ravel(), weights=np.asarray(resolution, dtype=float).ravel(), minlength=forecast.size)
    return Recalibrated(forecast, n.astype(float), yes)


def decompose(found: Recalibrated, *, log: bool = False, floor: float = FLOOR) -> Decomposition:
    """Decompose the mean Brier score, or the mean log score, of forecasts.

    Calibrated probabilities come from isotonic regression, which needs no bins and is the best non-decreasing function
    of the forecasts under every proper score at once. The parts are never negative, and add up exactly.

    Parameters
    ----------
    found : Recalibrated
        From `recalibrated`.
    log : bool, default False
        Whether to decompose the log score (nats) instead of the Brier score (one-sided).
    floor : float, default 0.001
        Of the log score of the forecasts, as in `log_score`.

    Returns
    -------
    Decomposition
        Score, miscalibration, discrimination, uncertainty, in the units of the score.

    References
    ----------
    Dimitriadis, T., Gneiting, T. and Jordan, A. I. (2021). Stable reliability diagrams for probabilistic classifiers.
    Proceedings of the National Academy of Sciences 118, e2016191118 (the CORP decomposition).

    Examples
    --------
    >>> forecast = [0.0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75, 1.0]
    >>> happened = [0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1]
    >>> parts = decompose(recalibrated(forecast, happened))
    >>> round(parts.score, 6), parts.miscalibration, round(parts.discrimination, 6), parts.uncertainty
    (0.166667, 0.0, 0.083333, 0.25)
    """
    share = np.full_like(found.forecast, found.yes.sum() / found.n.sum())
    if log:
        own = _mean(found, log_score(found.forecast, 1.0, floor=floor), log_score(found.forecast, 0.0, floor=floor))
        calibrated, constant = (_entropy(found, q) for q in (found.calibrated, share))
    else:
        own, calibrated, constant = (
            _mean(found, brier_score(q, 1.0), brier_score(q, 0.0))
            for q in (found.forecast, np.clip(found.calibrated, 0.0, 1.0), share)
        )
    # Neither can be negative but by rounding, since calibrated forecasts are the best non-decreasing ones.
    return Decomposition(own, max(own - calibrated, 0.0), max(constant - calibrated, 0.0), constant)


def _mean(found: Recalibrated, if_yes: Floats, if_no: Floats) -> float:
    return float((found.yes * if_yes + (found.n - found.yes) * if_no).sum() / found.n.sum())


def _entropy(found: Recalibrated, q: Floats) -> float:
    """Return the mean log score of calibrated probabilities, which are 0 or 1 only where nothing else happened."""
    no = found.n - found.yes
    return -float((xlogy(found.yes, q) + xlogy(no, 1.0 - q)).sum() / found.n.sum())
