r"""How far decisions gather before the known end of a term, learnt from when past ones were taken.

The distance :math:`d` of a decision from the end of a term of :math:`L` days has density
:math:`(1 - w) / L + w\,k(d)`. When a decision was taken says nothing about whether it renews or cuts, so the
likelihood factorises, and :math:`w` and :math:`\mu` are learnt from the timing alone, by quadrature; the model reads
their posterior means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.case import Case
from vzforecast.history.calendar import months_between
from vzforecast.history.schedule import TermLaw
from vzforecast.history.terms import Term, terms
from vzforecast.names import DAYS_PER_MONTH
from vzforecast.priors import PriorSpec

SHARE_PRIOR: Final = "schedule.log_odds"
DAYS_PRIOR: Final = "schedule.days"
# The grid runs over so many prior standard deviations to each side; twice as fine a one changes no sixth digit.
_REACH, _POINTS = 6.0, 121


@dataclass(frozen=True)
class Gathering:
    """How decisions gather before the known end of a term.

    Attributes
    ----------
    share, share_sd : float
        Part of the decisions that gather there (w): posterior mean and standard deviation.
    days, days_sd : float
        Mean distance of those from the end, in days (mu): posterior mean and standard deviation.
    mean_term : float or None
        Mean months from the start of a term with a known end to the decision (L bar); None before there is one.
    decisions : int
        How many such decisions are known.
    """

    share: float
    share_sd: float
    days: float
    days_sd: float
    mean_term: float | None
    decisions: int

    def over(self, term: Term) -> TermLaw | None:
        """Return the law of the rate over a licence term, None if the term has no known end."""
        if term.expiry is None or not term.days:
            return None
        return TermLaw(end=term.expiry, mean_days=self.mean_days(term.days), term_days=term.days, **self.shape)

    def mean_days(self, otherwise: float) -> float:
        """Return the mean term in days; before there is one, another number of days."""
        return otherwise if self.mean_term is None else self.mean_term * DAYS_PER_MONTH

    @property
    def shape(self) -> dict[str, float]:
        """The numbers that all terms share, by their names in `TermLaw`."""
        return {"share": self.share, "days": self.days}


def learn_gathering(case: Case, as_of: date) -> Gathering | None:
    """Learn from the decisions of the class that a case names how they gather.

    Parameters
    ----------
    case : Case
        Cut to what is known.
    as_of : date
        End of what is known.

    Returns
    -------
    Gathering or None
        None if the case declares nothing scheduled. Decisions on terms that have no known end, or that roll forward
        by themselves, and those of an outcome's own history teach nothing; nor does a renewal that came too late.
    """
    if case.spec.scheduled is None:
        return None
    past = [term for term in terms(case, case.spec.scheduled.process, as_of) if term.decided and term.days]
    log_weight, share, days = _posterior(past, case.prior_specs)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    share_mean, share_sd = _moments(weight.sum(axis=1), share)
    days_mean, days_sd = _moments(weight.sum(axis=0), days)
    served = [months_between(term.start, term.end) for term in past]
    mean_term = sum(served) / len(served) if served else None
    return Gathering(share_mean, share_sd, days_mean, days_sd, mean_term, len(past))


def _posterior(
    past: Sequence[Term], priors: Mapping[str, PriorSpec]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return log weights, dims (share, days), and the grid: even steps of log-odds and of log days."""
    z = np.linspace(-_REACH, _REACH, _POINTS)
    log_odds, log_days = (_location(priors[name]) + priors[name].sigma * z for name in (SHARE_PRIOR, DAYS_PRIOR))
    share, days = 1.0 / (1.0 + np.exp(-log_odds)), np.exp(log_days)
    length = np.array([term.days for term in past], dtype=float)
    distance = np.array([(term.expiry - term.end).days for term in past if term.expiry], dtype=float)
    scale = days[:, None]
    gathered = np.exp(-distance / scale) / (scale * -np.expm1(-length / scale))
    density = (1.0 - share)[:, None, None] / length + share[:, None, None] * gathered
    return np.log(density).sum(axis=-1) - z[:, None] ** 2 / 2 - z**2 / 2, share, days


def _location(prior: PriorSpec) -> float:
    """Return the mean on the scale on which the prior is normal; both families have one."""
    return 0.0 if prior.mu is None else prior.mu


def _moments(weight: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float]:
    mean = float(weight @ values)
    return mean, float(np.sqrt(weight @ (values - mean) ** 2))
