"""A probability with its two errors: what we do not know, and what we did not compute long enough."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast import markup
from vzforecast.forecast.ess import effective_sample_size
from vzforecast.forecast.weights import Weights
from vzforecast.names import LOWER_QUANTILE, UPPER_QUANTILE

EVEN: Final = Weights()

# Columns of a table of probabilities, also where it has no row.
FIGURES: Final = ["probability", "lower", "upper", "mcse"]


@dataclass(frozen=True)
class Probability:
    """The probability of an event; works as a float.

    Attributes
    ----------
    mean : float
        Probability of the event, over draws and paths.
    lower, upper : float
        Central 90 % interval over draws of the per-draw probability: what we do not know about the parameters of
        the world. It is not a range for the 0/1 outcome. NaN for a statement about parameters, which is simply
        true or false in each draw.
    mcse : float
        Monte Carlo standard error of ``mean``: what a longer computation would remove.
    draws : int
        Posterior draws behind it.
    ess : float
        Effective number of independent draws among them.
    ok : bool
        Whether the fit passed its diagnostics.

    Examples
    --------
    >>> print(Probability(0.3, 0.1, 0.5, 0.004, draws=4000, ess=3200.0))
    30.0% [10.0%, 50.0%] (90 % interval over draws; Monte Carlo error 0.40%)
    """

    mean: float
    lower: float
    upper: float
    mcse: float
    draws: int
    ess: float
    ok: bool = True

    def __float__(self) -> float:
        return self.mean

    def __str__(self) -> str:
        verdict = "" if self.ok else "  FAILED FIT: do not use"
        return f"{self._said} ({self._errors}){verdict}"

    def _repr_html_(self) -> str:
        alarm = [] if self.ok else [markup.alarm("FAILED FIT: do not use this number.")]
        size = f"{self.draws:,} draws, {self.ess:,.0f} effective"
        return markup.block(*alarm, markup.title(self._said), markup.quiet(f"{self._errors}; {size}."))

    @property
    def _said(self) -> str:
        interval = "" if np.isnan(self.lower) else f" [{self.lower:.1%}, {self.upper:.1%}]"
        return f"{self.mean:.1%}{interval}"

    @property
    def _errors(self) -> str:
        return f"90 % interval over draws; Monte Carlo error {self.mcse:.2%}"

    @property
    def row(self) -> dict[str, float]:
        """The columns of a table: ``probability``, ``lower``, ``upper``, ``mcse``."""
        return {"probability": self.mean, "lower": self.lower, "upper": self.upper, "mcse": self.mcse}


def path_probability(
    happened: NDArray[np.bool_], chains: int, *, readings: int = 1, ok: bool, weights: Weights = EVEN
) -> Probability:
    r"""Estimate the probability of an event from the paths on which it happened.

    The share of paths per draw is noisy; the noise widens the spread over draws, so it is taken out:
    :math:`p_j \leftarrow \bar p + (p_j - \bar p) \sqrt{\max(0, 1 - V / \mathrm{Var}(p_j))}` with
    :math:`V = \overline{p_j (1 - p_j)} / (R - 1)` for R paths per draw that count alike.

    Parameters
    ----------
    happened : ndarray of bool, dims (draw, path)
        Draws in chain order.
    chains : int
        Number of chains among the draws.
    readings : int, default 1
        Fits pooled (2 where partial commitments count half, for each variant averaged); chains of one are not to agree
        with those of another, so their Monte Carlo errors are found apart.
    ok : bool
        Whether the fit passed its diagnostics.
    weights : Weights
        Of draws and paths; by default all count alike.

    Returns
    -------
    Probability
        With the interval over draws of the per-draw probability.
    """
    share, mean, lower, upper = _share_and_interval(happened, weights)
    mcse, ess = monte_carlo(share, weights, (readings, chains // readings))
    return Probability(mean, lower, upper, mcse, share.size, ess, ok)


def path_interval(happened: NDArray[np.bool_], weights: Weights = EVEN) -> tuple[float, float, float]:
    """Return the mean, lower and upper end of ``path_probability``, in half its time, where no error is shown.

    Parameters
    ----------
    happened : ndarray of bool, dims (draw, path)
        On which paths the event happens.
    weights : Weights
        Of draws and paths; by default all count alike.

    Returns
    -------
    tuple of float
        Without the Monte Carlo error.
    """
    return _share_and_interval(happened, weights)[1:]


def _share_and_interval(
    happened: NDArray[np.bool_], weights: Weights
) -> tuple[NDArray[np.float64], float, float, float]:
    """Return the share of each draw's paths, their mean, and its interval over draws without the noise of few paths."""
    share, noise = weights.shares(happened)
    mean = float(weights.mean(share))
    spread = float(weights.mean((share - mean) ** 2))
    keep = np.sqrt(max(0.0, 1.0 - float(weights.mean(noise)) / spread)) if spread > 0.0 else 0.0
    paths = happened.shape[1] if weights.path is None else None
    lower, upper = mean + (_quantiles_of_steps(share, weights.of_draws, paths) - mean) * keep
    return share, mean, float(lower), float(upper)


def monte_carlo(values: NDArray[np.float64], weights: Weights, fits: tuple[int, int]) -> tuple[float, float]:
    r"""Return the standard error and effective size of a mean over equal fits of several chains.

    Of a weighted mean the error is that of :math:`S w_j (x_j - \bar x)`, whose mean it is to first order (the delta
    method for a ratio of two means), so that uneven weights and correlated draws both count.

    Parameters
    ----------
    values : ndarray, dims (sample,)
        One scalar per draw: fit after fit, chain after chain.
    weights : Weights
        Of the draws.
    fits : tuple of int
        Fits pooled, and chains of each; chains of one fit are not to agree with those of another.

    Returns
    -------
    tuple of float
        Error in the unit of the values; effective number of independent draws.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), sections 3.2 and 4.2.

    Examples
    --------
    >>> error, size = monte_carlo(np.random.default_rng(1).normal(size=4000), EVEN, (1, 4))
    >>> round(error, 2)
    0.02
    """
    by_fit = values.reshape(*fits, -1)
    if weights.of_draws is None:
        sizes = np.array([effective_sample_size(fit) for fit in by_fit])
        return float(np.sqrt((by_fit.var(axis=(1, 2)) / sizes).sum()) / len(by_fit)), float(sizes.sum())
    error, size = 0.0, 0.0
    for fit, weight in zip(by_fit, weights.of_draws.reshape(by_fit.shape), strict=True):
        if not weight.any():
            continue  # a condition that holds in the other fit alone
        relative = weight / weight.mean()
        centred = fit - (relative * fit).sum() / relative.sum()  # of one sum: no error where all agree
        influence = relative * centred
        # The effective size is that of as many even, independent draws as would have the same error.
        variance = float(influence.var()) / effective_sample_size(influence)
        error += (weight.sum() ** 2) * variance
        spread = float((relative * centred**2).mean())
        kish = float(weight.size / (relative**2).mean())
        size += min(spread / variance, 2.0 * weight.size) if variance > 0.0 else kish
    return float(np.sqrt(error)), size


def _quantiles_of_steps(
    share: NDArray[np.float64], weights: NDArray[np.float64] | None, paths: int | None
) -> NDArray[np.float64]:
    """Return the interval's quantiles of shares that come in steps, of 1/R where R paths a draw count alike.

    Interpolated between the middles of the steps of the distribution function: plain quantiles would jump by a
    whole step, some points of probability, from one run to the next.
    """
    if paths is None:
        steps, place = np.unique(share.round(12), return_inverse=True)  # weighted shares differ in their last digits
    else:  # the same without sorting the draws
        steps, place = (np.arange(paths + 1) / paths).round(12), np.rint(share * paths).astype(np.int64)
    counts = np.bincount(place, weights, len(steps))
    steps, counts = steps[counts > 0.0], counts[counts > 0.0]  # a draw without weight has no share of its own
    middle = (np.cumsum(counts) - counts / 2.0) / counts.sum()
    return np.interp([LOWER_QUANTILE, UPPER_QUANTILE], middle, steps)


def parameter_probability(
    holds: NDArray[np.bool_], *, readings: int = 1, ok: bool, weights: Weights = EVEN
) -> Probability:
    """Estimate the probability that a statement about parameters holds.

    Parameters
    ----------
    holds : ndarray of bool, dims (chain, draw)
        Whether it holds in each draw.
    readings : int, default 1
        Fits pooled in equal parts.
    ok : bool
        Whether the fit passed its diagnostics.
    weights : Weights
        Of draws; by default all count alike.

    Returns
    -------
    Probability
        Without an interval: the statement is true or false in each draw.
    """
    values = holds.astype(float).ravel()
    mcse, ess = monte_carlo(values, weights, (readings, len(holds) // readings))
    return Probability(float(weights.mean(values)), float("nan"), float("nan"), mcse, values.size, ess, ok)
