"""Several probabilities of one event into one."""

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from vzforecast.errors import Fault, ScoreError
from vzforecast.scoring.rules import within_range


def pool_odds(probabilities: npt.ArrayLike, weights: npt.ArrayLike | None = None, extremise: float = 1.0) -> float:
    """Pool probabilities of one event by the geometric mean of their odds.

    The log-odds are averaged, then multiplied by `extremise`. Forecasters who each know something that the others do
    not are together surer than any of them; a factor above 1 allows for that. How much is an empirical matter: fit it
    on questions that are not scored.

    Parameters
    ----------
    probabilities : array_like, dims (forecaster)
        Probabilities of the event, from 0 to 1. One that is certain decides; two that are certain of opposites are an
        error.
    weights : array_like, dims (forecaster), optional
        How much each counts; they need not sum to one, and 0 leaves one out. All alike if not given.
    extremise : float, default 1.0
        Factor on the pooled log-odds, above 0.

    Returns
    -------
    float
        The pooled probability.

    Raises
    ------
    ScoreError
        Not probabilities, weights that are negative or do not fit, a factor out of range, or opposite certainties.

    References
    ----------
    Satopää, V. A. et al. (2014). Combining multiple probability predictions using a simple logit model. International
    Journal of Forecasting 30, 344-356.

    Examples
    --------
    >>> import vzforecast as vz
    >>> round(vz.pool_odds([0.6, 0.7, 0.8]), 6), round(vz.pool_odds([0.6, 0.7, 0.8], extremise=2.5), 6)
    (0.706757, 0.900179)
    """
    p = np.asarray(probabilities, dtype=float)
    if p.ndim != 1 or not p.size:
        raise _fault("probabilities", str(p.shape), "not a list of probabilities", "give one number a forecaster")
    within_range(p)
    mass = np.ones_like(p) if weights is None else np.asarray(weights, dtype=float)
    if mass.shape != p.shape or not np.isfinite(mass).all() or (mass < 0.0).any() or not mass.sum() > 0.0:
        raise _fault("weights", str(mass.tolist())[:60], "not usable as weights", "give one of at least 0 for each")
    if not 0.0 < extremise < np.inf:
        raise _fault("extremise", f"{extremise:g}", "out of range", "give a factor above 0; 1 leaves the pool as it is")
    p, mass = p[mass > 0.0], mass[mass > 0.0]
    if (p == 0.0).any() and (p == 1.0).any():
        remedy = "find out who is right, or leave one out"
        raise _fault("probabilities", "0 and 1", "two are certain of opposites", remedy)
    return float(expit(extremise * (logit(p) * mass).sum() / mass.sum()))


def _fault(place: str, value: str, problem: str, remedy: str) -> ScoreError:
    return ScoreError([Fault("pool", place, value, problem, remedy)])
