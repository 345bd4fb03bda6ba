r"""A prior shifted until its median stands at its old 5 % or 95 % point, whatever its family.

A normal and a log-normal prior move and keep their scale. A half-normal has a scale alone: with median
:math:`\sigma z_{0.75}` and q-point :math:`\sigma z_{(1 + q) / 2}` it is multiplied by
:math:`z_{(1 + q) / 2} / z_{0.75}`, that is by 0.093 or 2.906. So is a normal prior that must be centred, because its
sign means nothing: what is shifted is the median of its size.
"""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

from vzforecast.case.structure import CENTRED
from vzforecast.names import LOWER_QUANTILE, UPPER_QUANTILE
from vzforecast.priors import PriorSpec

# The two ends, by the names they have in tables.
ENDS: Final = {"low": LOWER_QUANTILE, "high": UPPER_QUANTILE}
_MEDIAN: Final = 0.5
_DIGITS: Final = 12  # an end that was declared as 0 is shown as 0


@dataclass(frozen=True)
class Shift:
    """A prior that was shifted.

    Attributes
    ----------
    prior : PriorSpec
        Of the same family, so that a case takes it.
    at : float
        Where its median stands, in the unit of the quantity.
    """

    prior: PriorSpec
    at: float


def shifted(prior_id: str, prior: PriorSpec, quantile: float) -> Shift:
    """Shift a prior until its median stands at one of its old quantiles.

    Parameters
    ----------
    prior_id : str
        Its dotted id: those that must be centred are known by it.
    prior : PriorSpec
        As declared.
    quantile : float
        Between 0 and 1.

    Returns
    -------
    Shift
        At 0.5 the prior itself.

    Examples
    --------
    >>> shifted("slope.regime_threat", PriorSpec("normal", 0.6, 0.2), 0.95).prior.mu
    0.9289707253902945
    >>> round(shifted("tension.psi", PriorSpec("half_normal", None, 0.5), 0.05).at, 4)
    0.0314
    """
    if prior.mu is None or prior_id in CENTRED:
        point, median = (_normal((1.0 + q) / 2.0) for q in (quantile, _MEDIAN))
        return Shift(replace(prior, sigma=prior.sigma * point / median, interval=None), prior.sigma * point)
    mu = prior.mu + _normal(quantile) * prior.sigma
    at = math.exp(mu) if prior.distribution == "log_normal" else mu
    return Shift(replace(prior, mu=mu, interval=None), round(at, _DIGITS) + 0.0)  # and not as -0


def median(prior_id: str, prior: PriorSpec) -> float:
    """Return the median of a prior, of its size if it must be centred, in the unit of the quantity."""
    return shifted(prior_id, prior, _MEDIAN).at


def _normal(quantile: float) -> float:
    return NormalDist().inv_cdf(quantile)
