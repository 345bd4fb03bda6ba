"""Leave rows out of a forecast by weighting its draws: what it would say had they never been known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from vzforecast.explaining.precision import even_or, standard_error
from vzforecast.forecast import Forecast
from vzforecast.forecast.ess import effective_sample_size
from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.reweight.psis import khat_limit, smoothed
from vzforecast.stacking.members import Members
from vzforecast.updating.weigh import rows_then_and_now

# Half of what an update needs: one mean is at stake.
MIN_ESS_PER_CHAIN: Final = 50.0


@dataclass(frozen=True, eq=False)
class Left:
    """The draws of a forecast without some rows.

    Attributes
    ----------
    weights : ndarray, dims (sample,)
        They sum to one.
    khat : float
        Shape of the tail of the importance ratios, the largest of the fits that are pooled.
    safe : bool
        Whether k-hat is below its limit in each of them, so that the weights can be trusted.
    """

    weights: Array
    khat: float
    safe: bool


def left_out(fc: Forecast, nats: Array) -> Left:
    r"""Return the draws without rows of a log likelihood.

    A draw's weight is multiplied by :math:`1 / p(\text{rows} | \theta)`; the largest are smoothed, fit by fit. Of
    several fits readings keep their parts, and a variant that explained the rows better than the others loses what it
    gained by that (Bayes' rule for the pool).

    Parameters
    ----------
    fc : Forecast
        Its own weights are respected.
    nats : ndarray, dims (sample,)
        Log likelihood of what is left out, in each draw.

    Returns
    -------
    Left
        Also where it cannot be trusted: look at ``safe``.

    References
    ----------
    Vehtari, Gelman and Gabry (2017), section 2.1; Vehtari et al. (2024), Pareto smoothed importance sampling.
    """
    base = even_or(fc.weights.of_draws, len(nats))
    fits = list(zip(np.split(base, fc.readings), np.split(nats, fc.readings), strict=True))
    parts = [_without(weights, own, fc.chains // fc.readings) for weights, own in fits]
    gains = np.array([_log_gain(weights, own) for weights, own in fits])
    totals = np.array([weights.sum() for weights, _ in fits])
    shares = _shares(totals, gains, 1 if fc.averaged is None else len(fc.averaged.members))
    weights = np.concatenate([share * part for share, (part, _) in zip(shares, parts, strict=True)])
    khat, limit = max(shape for _, shape in parts), khat_limit(len(nats) // fc.readings)
    return Left(weights, khat, khat < limit)


def failure(fc: Forecast, left: Left, khat: float, least_per_chain: float = MIN_ESS_PER_CHAIN) -> str:
    """Say which limit weights do not meet.

    What leaves, or where a prior goes, is far at times, so that k-hat of the draws at hand may pass by luck what has
    too few of them there. Their effective number tells.

    Parameters
    ----------
    fc : Forecast
        Whose draws are weighted.
    left : Left
        The weights.
    khat : float
        The shape that counts: that of the weights, or a larger one.
    least_per_chain : float, default 50
        Effective draws that must be left, for each chain of a fit.

    Returns
    -------
    str
        In words; nothing if the weights can be trusted.
    """
    limit, least = khat_limit(left.weights.size // fc.readings), least_per_chain * fc.chains / fc.readings
    if not (left.safe and khat < limit):
        return f"k-hat {khat:.2f} is not below {limit:.2f}"
    fits = left.weights.reshape(fc.readings, -1)
    counted = fits[fits.sum(axis=1) > 0.0]
    ess = float(np.min(counted.sum(axis=1) ** 2 / (counted**2).sum(axis=1)))
    return "" if ess >= least else f"ESS {ess:.0f} is below {least:.0f}"


def _without(weights: Array, nats: Array, chains: int) -> tuple[Array, float]:
    """Return smoothed weights of one fit that sum to one, and the shape of their tail."""
    # Gains that differ by rounding alone have no tail to speak of.
    ratio = np.round(np.log(np.maximum(weights, np.finfo(float).tiny)) - nats, 12)
    relative = effective_sample_size(np.exp(ratio - ratio.max()).reshape(chains, -1)) / ratio.size
    found = smoothed(ratio, min(1.0, relative))
    return found.weights, found.khat


def _log_gain(weights: Array, nats: Array) -> float:
    """Return the log of what a fit's probability of all rows is multiplied by when these leave."""
    top = -nats.min()
    return float(top + np.log(np.maximum(weights @ np.exp(-nats - top), np.finfo(float).tiny) / weights.sum()))


def _shares(totals: Array, gains: Array, members: int) -> Array:
    """Return what each fit then counts, dims (fit,), fits being readings of members."""
    whole = totals.reshape(members, -1)
    gained = np.exp(gains - gains.max()).reshape(members, -1).mean(axis=1, keepdims=True)
    return np.asarray((whole * gained / (whole * gained).sum()).ravel())


def fits_of(fc: Forecast) -> Iterator[tuple[Draws, Design]]:
    """Yield the draws and the rows of each fit that a forecast pools: readings of promises, for each variant."""
    members: Members = {"": ()} if fc.averaged is None else fc.averaged.members
    designs = [now for terms in members.values() for _, now in rows_then_and_now(fc.known, fc.known, terms)]
    size = len(fc.draws["tau"]) // len(designs)
    for number, design in enumerate(designs):
        own = slice(number * size, (number + 1) * size)
        yield {name: values[own] for name, values in fc.draws.items()}, design


def effect(fc: Forecast, left: Left, values: Array) -> tuple[float, float]:
    """Return what the rows add to a mean over draws, and its Monte Carlo error.

    Parameters
    ----------
    fc : Forecast
        With the rows.
    left : Left
        Without them.
    values : ndarray, dims (sample,)
        What is averaged.

    Returns
    -------
    tuple of float
        Mean with the rows less mean without them, in the unit of the values.
    """
    base = even_or(fc.weights.of_draws, len(values))
    return float(base @ values - left.weights @ values), standard_error(fc, (base, values), (left.weights, -values))
