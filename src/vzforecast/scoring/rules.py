"""Proper scores of the probability of a yes/no question."""

from typing import Final

import numpy as np
import numpy.typing as npt

from vzforecast.errors import Fault, ScoreError

Floats = npt.NDArray[np.float64]

# An event said to be impossible that happens costs ten times what a coin would have: see decision 31.
FLOOR: Final = 0.001


def brier_score(probability: npt.ArrayLike, resolution: npt.ArrayLike, *, two_sided: bool = False) -> Floats:
    """Return the Brier score of each forecast; 0 is best.

    One-sided, (p - y)^2: always saying one half scores 0.25. Two-sided, the sum over yes and no, is twice that.

    Parameters
    ----------
    probability : array_like
        Probability of yes, from 0 to 1.
    resolution : array_like
        What happened: 1 for yes, 0 for no; broadcasts against `probability`.
    two_sided : bool, default False
        Whether to return the two-sided score.

    Returns
    -------
    numpy.ndarray
        One score a forecast.

    Raises
    ------
    ScoreError
        A probability outside 0 to 1, or a resolution that is neither 0 nor 1.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78, 1-3:
    the two-sided score.

    Examples
    --------
    >>> brier_score([0.5, 0.9], [1, 0]).round(2).tolist()
    [0.25, 0.81]
    """
    p, y = _checked(probability, resolution)
    return (2.0 if two_sided else 1.0) * (p - y) ** 2


def log_score(probability: npt.ArrayLike, resolution: npt.ArrayLike, *, floor: float = FLOOR) -> Floats:
    """Return the logarithmic score of each forecast in nats; 0 is best.

    Minus the logarithm of the probability given to what happened, after probabilities below `floor` were raised to it
    and those above 1 - `floor` lowered to that. Moving both ends keeps the score proper; a floor on the one term alone
    would reward saying 0 for what is merely rare.

    Parameters
    ----------
    probability : array_like
        Probability of yes, from 0 to 1.
    resolution : array_like
        What happened: 1 for yes, 0 for no; broadcasts against `probability`.
    floor : float, default 0.001
        Smallest probability that is taken at its word, above 0 and below 0.5.

    Returns
    -------
    numpy.ndarray
        One score a forecast, at most -log(floor): 6.9 with the default, ten times that of saying one half.

    Raises
    ------
    ScoreError
        A probability outside 0 to 1, a resolution that is neither 0 nor 1, or a floor out of range.

    References
    ----------
    Good, I. J. (1952). Rational decisions. Journal of the Royal Statistical Society B 14, 107-114.

    Examples
    --------
    >>> log_score([0.3, 0.0], [1, 1]).round(6).tolist()
    [1.203973, 6.907755]
    """
    p, y = _checked(probability, resolution)
    q = np.clip(p, checked_floor(floor), 1.0 - floor)
    return -np.log(np.where(y == 1.0, q, 1.0 - q))


def checked_floor(floor: float) -> float:
    """Return a floor of the log score, refused if no probability could be one."""
    found: object = floor  # callers may well pass what the annotation forbids
    remedy = f"give a number above 0 and below 0.5, such as {FLOOR:g}"
    if not isinstance(found, int | float | np.number):
        raise ScoreError([Fault("log score", "floor", str(found), "not a number", remedy)])
    if not 0.0 < floor < 0.5:
        raise ScoreError([Fault("log score", "floor", f"{floor:g}", "out of range", remedy)])
    return floor


def _checked(probability: npt.ArrayLike, resolution: npt.ArrayLike) -> tuple[Floats, Floats]:
    p, y = np.asarray(probability, dtype=float), np.asarray(resolution, dtype=float)
    within_range(p)
    wrong = y[(y != 0.0) & (y != 1.0)]
    if wrong.size:
        remedy = "give 1 for yes and 0 for no; leave out what is not resolved"
        raise ScoreError([Fault("score", "resolution", f"{wrong[0]:g}", "neither 0 nor 1", remedy)])
    return p, y


def within_range(p: Floats) -> None:
    """Refuse probabilities that are not numbers from 0 to 1."""
    wrong = p[~((p >= 0.0) & (p <= 1.0))]
    if wrong.size:
        remedy = "give a number from 0 to 1, such as 0.6 for 60%"
        raise ScoreError([Fault("score", "probability", f"{wrong[0]:g}", "out of range", remedy)])
