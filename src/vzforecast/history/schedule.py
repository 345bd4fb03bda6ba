r"""Scheduled decisions: how a rate gathers before the known end of a term.

Who must decide by a day mostly decides shortly before it. Over a term of :math:`L` days with known end :math:`E` a
rate is multiplied by

.. math:: m(t) = 1 - w + w \bar L\,k(E - t), \qquad k(d) = \frac{e^{-d/\mu}}{\mu (1 - e^{-L/\mu})}, \quad 0 \le d \le L

and by 1 before and after it. :math:`k` integrates to 1, so a whole term counts :math:`(1 - w) L + w \bar L` days.
Days run from end to end: the known end is the end of its day.
"""

from dataclasses import dataclass
from datetime import date
from math import exp, expm1


def mass(nearer: float, farther: float, days: float, term_days: float) -> float:
    r"""Return the integral of :math:`k` between two distances from the end of a term.

    Parameters
    ----------
    nearer, farther : float
        Days before the end; what lies outside the term counts nothing.
    days : float
        Scale of the gathering, :math:`\mu`.
    term_days : float
        Length of the term, :math:`L`.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(mass(0, 7, days=6, term_days=180), 4)
    0.6886
    """
    near, far = (min(max(distance, 0.0), term_days) for distance in (nearer, farther))
    return (exp(-near / days) - exp(-far / days)) / -expm1(-term_days / days)


@dataclass(frozen=True, kw_only=True)
class TermLaw:
    """How a rate gathers over one term.

    Attributes
    ----------
    end : date
        Known end of the term.
    share : float
        Part of the decisions that gather before the end, from 0 to 1 (w).
    days : float
        Mean distance of those from the end, in days (mu).
    term_days : float
        Length of the term (L).
    mean_days : float
        Days that the gathered part counts as (L bar).

    Examples
    --------
    Over a term of mean length the multiplier averages 1:

    >>> law = TermLaw(end=date(2025, 6, 30), share=0.8, days=6.0, term_days=180, mean_days=180)
    >>> round(law.mean_over(date(2025, 1, 1), date(2025, 6, 30)), 9)
    1.0
    """

    end: date
    share: float
    days: float
    term_days: float
    mean_days: float

    def at(self, distance: float) -> float:
        """Return the multiplier so many days before the end of the term; negative is after it."""
        if not 0.0 <= distance <= self.term_days:
            return 1.0
        density = exp(-distance / self.days) / (self.days * -expm1(-self.term_days / self.days))
        return 1.0 - self.share + self.share * self.mean_days * density

    def integral(self, first: date, last: date) -> float:
        """Return what the stretch from the end of one day to the end of another counts as, in days."""
        farther, nearer = float((self.end - first).days), float((self.end - last).days)
        inside = min(max(farther, 0.0), self.term_days) - min(max(nearer, 0.0), self.term_days)
        gathered = self.mean_days * mass(nearer, farther, self.days, self.term_days)
        return (farther - nearer) - inside + (1.0 - self.share) * inside + self.share * gathered

    def mean_over(self, first: date, last: date) -> float:
        """Return the average of the multiplier from the end of one day to the end of a later one, exactly."""
        return self.integral(first, last) / (last - first).days

    def gathered_after(self, day: date) -> float:
        """Return the part that is gathered between the end of a day and the end of the term, in days."""
        left = float((self.end - day).days)
        return self.share * self.mean_days * mass(0.0, left, self.days, self.term_days)


@dataclass(frozen=True, kw_only=True)
class Multiplier(TermLaw):
    """What multiplies one hazard of an outcome until the known end of a term.

    Attributes
    ----------
    outcome, transition : str
        The hazard; the term runs from the day on which its end was published.
    """

    outcome: str
    transition: str
