"""A prior as auditable data: a family with its parameters, or a 90 % interval, and the reason for it."""

import math
import re
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final, Literal, get_args

from vzforecast import names
from vzforecast.errors import PriorError

Distribution = Literal["normal", "half_normal", "log_normal"]
DISTRIBUTIONS: Final[tuple[Distribution, ...]] = get_args(Distribution)

# Standard normal quantiles that turn an interval into parameters. A half-normal starts at 0, so its interval
# runs from 0 to its 95 % point, the 97.5 % point of the normal it folds.
Z_UPPER: Final = NormalDist().inv_cdf(names.UPPER_QUANTILE)
Z_HALF_UPPER: Final = NormalDist().inv_cdf((1 + names.UPPER_QUANTILE) / 2)

INTERVAL_REMEDY: Final = 'write it as "lower to upper", for example "0.2 to 1.2"'
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_INTERVAL = re.compile(r"\s*(\S+)\s+to\s+(\S+)\s*")


@dataclass(frozen=True, slots=True)
class PriorSpec:
    """One prior: a distribution, and why it is what it is.

    Attributes
    ----------
    distribution : {"normal", "half_normal", "log_normal"}
        Family.
    mu : float or None
        Location: the mean (normal) or the mean of the log (log_normal); None for half_normal.
    sigma : float
        Scale: the standard deviation (normal), of the log (log_normal), or of the normal that is folded (half_normal).
    interval : tuple of float or None
        The 90 % interval it was declared by, if it was.
    rationale, source : str
        Why this prior, and on whose word.
    unit : str
        Unit or scale of the quantity.

    Raises
    ------
    PriorError
        A parameter is missing, superfluous, not finite, or a scale that is not positive.

    Examples
    --------
    >>> PriorSpec.from_interval("normal", 0.2, 1.2).mu
    0.7
    """

    distribution: Distribution
    mu: float | None
    sigma: float
    interval: tuple[float, float] | None = None
    rationale: str = ""
    source: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        _check_distribution(self.distribution)
        if self.distribution == "half_normal" and self.mu is not None:
            raise PriorError(f"a half_normal prior has no mu, got {self.mu:g}; give sigma alone")
        if self.distribution != "half_normal" and self.mu is None:
            raise PriorError(f"a {self.distribution} prior needs mu; give mu and sigma, or an interval")
        if self.mu is not None and not math.isfinite(self.mu):
            raise PriorError(f"mu is {self.mu}; give a finite number")
        if not (math.isfinite(self.sigma) and self.sigma > 0):
            raise PriorError(f"sigma is {self.sigma:g}; give a finite number above 0")

    @classmethod
    def from_interval(
        cls,
        distribution: Distribution,
        lower: float,
        upper: float,
        *,
        rationale: str = "",
        source: str = "",
        unit: str = "",
    ) -> "PriorSpec":
        """Build the prior whose 5 % and 95 % points are the bounds given.

        Parameters
        ----------
        distribution : {"normal", "half_normal", "log_normal"}
            Family. For half_normal the lower bound must be 0 and the upper bound is the 95 % point.
        lower, upper : float
            Bounds of the interval, in the unit of the quantity.
        rationale, source, unit : str
            As in the class.

        Returns
        -------
        PriorSpec
            With `interval` set to the bounds.

        Raises
        ------
        PriorError
            A bound is not finite, lower is not below upper, or a bound lies outside the family's support.

        Examples
        --------
        >>> PriorSpec.from_interval("half_normal", 0, 0.98).mean > 0.39
        True
        """
        _check_distribution(distribution)
        mu, sigma = _parameters(distribution, lower, upper)
        return cls(distribution, mu, sigma, (float(lower), float(upper)), rationale, source, unit)

    @classmethod
    def parse(cls, text: str, *, like: "PriorSpec") -> "PriorSpec":
        """Read an interval such as ``"0.2 to 1.2"``, keeping the family and the reasons of another prior.

        Parameters
        ----------
        text : str
            The interval.
        like : PriorSpec
            The prior it replaces.

        Returns
        -------
        PriorSpec
            The same family, rationale, source and unit, with the new interval.

        Raises
        ------
        PriorError
            The text is not an interval, or the interval does not suit the family.

        Examples
        --------
        >>> PriorSpec.parse("-1e-1 to 0.3", like=PriorSpec("normal", 0.0, 1.0)).interval90
        (-0.1, 0.3)
        """
        lower, upper = parse_interval(text)
        mu, sigma = _parameters(like.distribution, lower, upper)
        return replace(like, mu=mu, sigma=sigma, interval=(lower, upper))

    @property
    def interval90(self) -> tuple[float, float]:
        """The 5 % and 95 % points; for half_normal 0 and the 95 % point."""
        if self.interval is not None:
            return self.interval
        if self.mu is None:
            return 0.0, Z_HALF_UPPER * self.sigma
        lower, upper = self.mu - Z_UPPER * self.sigma, self.mu + Z_UPPER * self.sigma
        return (math.exp(lower), math.exp(upper)) if self.distribution == "log_normal" else (lower, upper)

    @property
    def mean(self) -> float:
        """The mean of the distribution, in the unit of the quantity."""
        if self.mu is None:
            return self.sigma * math.sqrt(2 / math.pi)
        return math.exp(self.mu + self.sigma**2 / 2) if self.distribution == "log_normal" else self.mu

    def __str__(self) -> str:
        location = "" if self.mu is None else f"mu={self.mu:g}, "
        return f"{self.distribution}({location}sigma={self.sigma:g})"


def parse_interval(text: str) -> tuple[float, float]:
    """Read the two bounds of an interval written as ``"lower to upper"``.

    Parameters
    ----------
    text : str
        For example ``"0.2 to 1.2"``, ``"-2 to -1e-3"``.

    Returns
    -------
    tuple of float
        Lower and upper bound, unchecked against each other.

    Raises
    ------
    PriorError
        The text is not of that form.

    Examples
    --------
    >>> parse_interval("0.2 to 1.2")
    (0.2, 1.2)
    """
    match = _INTERVAL.fullmatch(text)
    if match is None:
        raise PriorError(f"{text!r} is not an interval; {INTERVAL_REMEDY}")
    lower, upper = (_bound(part, text) for part in match.groups())
    return lower, upper


def _bound(part: str, text: str) -> float:
    if _NUMBER.fullmatch(part):
        return float(part)
    if part.lower().lstrip("+-") in {"inf", "infinity", "nan"}:
        raise PriorError(f"{text!r} has a bound that is not finite; give two finite numbers")
    raise PriorError(f"{part!r} in {text!r} is not a number; {INTERVAL_REMEDY}")


def _check_distribution(distribution: str) -> None:
    if distribution not in DISTRIBUTIONS:
        raise PriorError(f"unknown distribution {distribution!r}; choose one of {', '.join(DISTRIBUTIONS)}")


def _parameters(distribution: Distribution, lower: float, upper: float) -> tuple[float | None, float]:
    """Return mu and sigma of the family member whose 5 % and 95 % points are the bounds."""
    shown = f"{lower:g} to {upper:g}"
    if not (math.isfinite(lower) and math.isfinite(upper)):
        raise PriorError(f"the interval {shown} has a bound that is not finite; give two finite numbers")
    if lower >= upper:
        raise PriorError(f"the interval {shown} has its lower bound at or above its upper bound; swap or widen them")
    if distribution == "half_normal":
        if lower != 0:
            raise PriorError(f'the interval {shown} does not suit a half_normal prior; write "0 to {upper:g}"')
        return None, upper / Z_HALF_UPPER
    if distribution == "log_normal":
        if lower <= 0:
            raise PriorError(f"the interval {shown} does not suit a log_normal prior; both bounds must be above 0")
        lower, upper = math.log(lower), math.log(upper)
    return (lower + upper) / 2, (upper - lower) / (2 * Z_UPPER)
