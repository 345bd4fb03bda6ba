"""Proper scores of more than yes and no: scenarios in order, and the day on which something happens.

scoringrules does the sums. It takes observations first, counts categories from 1 and lets probabilities a little above
1 pass, so what it gets is checked here. Importing it takes seconds, so that is left until a score is asked for.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from vzforecast.errors import Fault, ScoreError
from vzforecast.scoring.rules import Floats, within_range

_SUM_TOLERANCE: Final = 1e-6  # what rounding leaves of a sum of shares


def ranked_probability_score(probabilities: npt.ArrayLike, observed: npt.ArrayLike) -> Floats:
    """Return the ranked probability score of each distribution over ordered categories; 0 is best.

    The sum over categories of the squared difference between the two cumulative distributions. It is not divided by the
    number of categories less one, as some do. A miss by one category costs less than a miss by two, so the order of
    the categories, which is the caller's, is part of the score.

    Parameters
    ----------
    probabilities : array_like, dims (..., category)
        Probabilities in the order of the categories; each distribution sums to one.
    observed : array_like of int, dims (...)
        Which category came true, counted from 0.

    Returns
    -------
    numpy.ndarray, dims (...)
        One score a distribution, from 0 to the number of categories less one.

    Raises
    ------
    ScoreError
        A probability outside 0 to 1, a distribution that does not sum to one, or a category that does not exist.

    References
    ----------
    Epstein, E. S. (1969). A scoring system for probability forecasts of ranked categories. Journal of Applied
    Meteorology 8, 985-987.

    Examples
    --------
    >>> ranked_probability_score([[0.2, 0.5, 0.3], [0.5, 0.2, 0.3]], [2, 2]).round(2).tolist()
    [0.53, 0.74]
    """
    p, place = np.atleast_1d(np.asarray(probabilities, dtype=float)), np.asarray(observed)
    within_range(p)
    total = p.sum(axis=-1)
    if (off := np.abs(total - 1.0) > _SUM_TOLERANCE).any():
        remedy = "give every category, the rest included"
        raise _fault("probabilities", f"{total[off].flat[0]:g}", "a distribution does not sum to one", remedy)
    if not np.issubdtype(place.dtype, np.integer) or ((place < 0) | (place >= p.shape[-1])).any():
        remedy = f"give whole numbers from 0 to {p.shape[-1] - 1}, in the order of the probabilities"
        raise _fault("observed", str(place.tolist())[:60], "not the number of a category", remedy)

    import scoringrules  # noqa: PLC0415 - see the head of this file

    return np.asarray(scoringrules.rps_score(place + 1, p, backend="numpy"), dtype=float)


def passage_score(
    times: npt.ArrayLike, observed: npt.ArrayLike, end: float, weights: npt.ArrayLike | None = None
) -> Floats:
    """Return the continuous ranked probability score of a day of first passage, in days; 0 is best.

    Nothing is known of what happens after `end`. So both the ensemble and the observation count up to it and no
    further: T* = min(T, end), and it is T* that is scored. A forecast is judged on when, and on whether by the end.

    Parameters
    ----------
    times : array_like, dims (..., member)
        When it happens in each member of the ensemble, in days after the as-of date; infinite if never.
    observed : array_like, dims (...)
        When it did happen, in the same days; infinite if it has not.
    end : float
        Last day that is known, in the same days.
    weights : array_like, dims (..., member), optional
        How much each member counts; they need not sum to one. All alike if not given.

    Returns
    -------
    numpy.ndarray, dims (...)
        One score a forecast, in days, from 0 to `end`.

    Raises
    ------
    ScoreError
        A time that is not a number or before the as-of date, an end that is not after it, or weights that are negative
        or sum to nothing.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation. Journal of the
    American Statistical Association 102, 359-378, for the score; weighting by what can be observed, Gneiting, T. and
    Ranjan, R. (2011), Journal of Business and Economic Statistics 29, 411-422.

    Examples
    --------
    >>> import numpy as np
    >>> passage_score([10.0, 20.0, np.inf, np.inf], np.inf, end=30.0).item()  # half said: not within thirty days
    3.125
    """
    members, seen = np.asarray(times, dtype=float), np.asarray(observed, dtype=float)
    if not 0.0 < end < np.inf:
        raise _fault("end", f"{end:g}", "not after the as-of date", "give a finite number of days above 0")
    for name, days in (("times", members), ("observed", seen)):
        if (wrong := days[~(days >= 0.0)]).size:
            remedy = "give days after the as-of date, infinite for what has not happened"
            raise _fault(name, f"{wrong[0]:g}", "not a time after the as-of date", remedy)
    mass = None if weights is None else np.broadcast_to(_checked_weights(weights), members.shape)

    import scoringrules  # noqa: PLC0415 - see the head of this file

    capped = np.minimum(members, end)
    found = scoringrules.crps_ensemble(np.minimum(seen, end), capped, ens_w=mass, estimator="qd", backend="numpy")
    return np.asarray(found, dtype=float)


def _checked_weights(weights: npt.ArrayLike) -> Floats:
    mass = np.asarray(weights, dtype=float)
    if not (np.isfinite(mass).all() and (mass >= 0.0).all() and (mass.sum(axis=-1) > 0.0).all()):
        raise _fault("weights", "", "negative, not finite, or summing to nothing", "give one above 0 at least")
    return mass


def _fault(place: str, value: str, problem: str, remedy: str) -> ScoreError:
    return ScoreError([Fault("score", place, value, problem, remedy)])
