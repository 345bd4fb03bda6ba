r"""What a person says of an event, as weights of simulated paths.

Two things are easily confused (Pearl 1988, section 2.2.2; Jeffrey 1965, chapter 11):

- **Virtual evidence** says how much likelier a report is if the event happens than if it does not. It multiplies the
  odds, commutes with everything, and P(E) follows.
- **A stated probability** says what P(E) is to be. It sets the odds, so that what was believed of E before is given up;
  it does not commute.

A stated probability is turned into the ratio that does the same at the moment it was stated, and that ratio stays:
later evidence moves P(E) on from there. A market quote is a stated probability, too, pooled with the model's own in
log-odds.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def virtual_weights(happened: NDArray[np.bool_], ratio: float) -> Array:
    """Return path weights of virtual evidence: the likelihood ratio where the event happens, 1 elsewhere.

    Parameters
    ----------
    happened : ndarray of bool, dims (sample, path)
        The event.
    ratio : float
        P(report | event) / P(report | no event), above 0.

    Returns
    -------
    ndarray, dims (sample, path)
        Weights, up to a constant. With P(E) = p before, it is r p / (r p + 1 - p) after.

    Examples
    --------
    >>> virtual_weights(np.array([[True, False]]), 3.0)
    array([[3., 1.]])
    """
    return np.where(happened, ratio, 1.0)


def marginal_ratio(current: float, stated: float) -> float:
    r"""Return the likelihood ratio that moves P(E) to a stated value (Jeffrey's rule).

    :math:`\frac{q}{1-q} \Big/ \frac{p}{1-p}`: path weights q/p where the event happens and (1 - q)/(1 - p) elsewhere.

    Parameters
    ----------
    current, stated : float
        P(E) now, and as it is to be; both strictly between 0 and 1.

    Returns
    -------
    float
        For ``virtual_weights``.

    Examples
    --------
    >>> round(marginal_ratio(0.3, 0.8), 4)
    9.3333
    """
    return stated / (1.0 - stated) * (1.0 - current) / current


def pooled_with_market(model: float, market: float, weight: float) -> float:
    r"""Return a model's probability pooled with a market's in log-odds.

    :math:`\mathrm{logit}\, q = (1 - w)\, \mathrm{logit}\, p + w\, \mathrm{logit}\, m`.

    Parameters
    ----------
    model, market : float
        Both strictly between 0 and 1.
    weight : float
        Of the market, 0 to 1.

    Returns
    -------
    float
        Pooled probability.

    Examples
    --------
    >>> round(pooled_with_market(0.3, 0.6, 0.3), 4)
    0.3843
    """
    return 1.0 / (1.0 + math.exp(-((1.0 - weight) * log_odds(model) + weight * log_odds(market))))


def log_odds(probability: float) -> float:
    """Return ln(p / (1 - p)).

    Examples
    --------
    >>> log_odds(0.5)
    0.0
    """
    return math.log(probability / (1.0 - probability))
