"""Leave rows out of a forecast by weighting its draws: what it would say had they never been known."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from vzforecast.explaining.left import Left, Mean, as_it_is, rows_alone
from vzforecast.explaining.precision import even_or
from vzforecast.forecast import Forecast
from vzforecast.forecast.ess import effective_sample_size
from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.reweight.psis import khat_limit, smoothed
from vzforecast.stacking.members import Members
from vzforecast.updating.weigh import rows_then_and_now

# Half of what an update needs: one mean is at stake.
MIN_ESS_PER_CHAIN: Final = 50.0


def left_out(fc: Forecast, nats: Array) -> Left:
    r"""Return the draws without rows of a log likelihood.

    A draw's weight is multiplied by :math:`1 / p(\text{rows} | \theta)`; the largest are smoothed, fit by fit. Of
    several fits each counts as it does: readings are even by declaration, and members of a stack have weights that
    answer for their foresight of months, not for single rows, which some of them never read. Judgements of events do
    move them, by the paths that they favour: :math:`share_f \propto D_f\, E_f[r q] / E_f[r]`, where *r* is the ratio,
    *q* the mean path weight of a draw, and :math:`D_f` and the means are those of the draws without *q*.

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
    fits = zip(np.split(base, fc.readings), np.split(nats, fc.readings), strict=True)
    parts = [_without(weights, own, fc.chains // fc.readings) for weights, own in fits]
    ratio = _ratio(fc, nats)
    shares = zip(_shares(fc, ratio), parts, strict=True)
    weights = np.concatenate([share * part for share, (part, _) in shares])
    khat, limit = max(shape for _, shape in parts), khat_limit(len(nats) // fc.readings)
    return Left(weights, khat, khat < limit, rows_alone(fc, ratio.ravel(), weights))


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


def _ratio(fc: Forecast, nats: Array) -> Array:
    """Return what draws count without some rows if nothing is judged, dims (fit, draw), up to a factor of each fit."""
    rows, own = (array.reshape(fc.readings, -1) for array in (even_or(fc.weights.draw, nats.size), -nats))
    return np.asarray(rows * np.exp(own - own.max(axis=1, keepdims=True)))


def _shares(fc: Forecast, ratio: Array) -> Array:
    """Return what each fit then counts, dims (fit,)."""
    rows = even_or(fc.weights.draw, ratio.size).reshape(ratio.shape)
    judged = np.ones_like(rows) if fc.weights.path is None else fc.weights.path.mean(axis=1).reshape(rows.shape)
    whole = ratio.sum(axis=1)
    share = rows.sum(axis=1) * (ratio * judged).sum(axis=1) / np.where(whole > 0.0, whole, 1.0)
    return np.asarray(share / share.sum())


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
    return Mean(fc, as_it_is(fc), values).less(Mean(fc, left, values))
