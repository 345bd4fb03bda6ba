r"""Draws carried into months that their fit did not know: a particle filter for each of them.

Influence and tone of a later month are not in a draw; they are chance to come, then news. For every draw M futures are
stepped forward month by month, weighted by the likelihood of the month and drawn anew in proportion to it. The product
of the monthly mean likelihoods is an unbiased estimate of what the draw gives to all that came later, so weights made
of it are as valid as exact ones, only a little noisier; and one surviving future is a draw of the states in between.

References
----------
Andrieu and Roberts (2009), The pseudo-marginal approach; Tran, Scharth, Pitt and Kohn (2013), Importance sampling
squared for Bayesian inference in latent variable models.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vzforecast import latent, names
from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.latent_states import States
from vzforecast.likelihood import log_likelihood

FUTURES = 16
_AT_A_TIME = 500


@dataclass(frozen=True, eq=False)
class Carried:
    """Draws with the later months in them.

    Attributes
    ----------
    log_likelihood : ndarray, dims (sample,)
        Of all rows of the later months, in nats; an estimate.
    influence_step : ndarray, dims (sample, later period, faction)
        Steps of influence in the later months, one future a draw.
    tone_step : ndarray, dims (sample, later period, outcome)
        Steps of the tone, of the same future.
    """

    log_likelihood: Array
    influence_step: Array
    tone_step: Array


def carry(draws: Draws, months: Sequence[Design], then_period: int, seed: int, futures: int = FUTURES) -> Carried:
    """Step every draw through later months.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    months : sequence of Design
        The rows of each month after ``then_period``, in order.
    then_period : int
        The last period that the draws know.
    seed : int
        Each faction and outcome has random numbers of its own, by its name.
    futures : int, default 16
        Futures of each draw; the estimate has less noise with more.

    Returns
    -------
    Carried
        Log likelihood and one future of each draw.
    """
    samples = len(draws["tau"])
    chances = [_chances(month, (samples, futures), seed, then_period + 1 + n) for n, month in enumerate(months)]
    kept = np.random.default_rng([seed, len(months)]).integers(futures, size=samples)

    def run(some: slice) -> Carried:
        own = {name: values[some] for name, values in draws.items()}
        return _carried(own, months, then_period, [chance.of(some) for chance in chances], kept[some])

    # No draw knows of another: a few at a time are faster than all, since what is made of them fits the cache.
    parts = [run(slice(first, first + _AT_A_TIME)) for first in range(0, samples, _AT_A_TIME)]
    return Carried(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Carried)))


@dataclass(frozen=True, eq=False)
class _Chances:
    """The random numbers of a month.

    Attributes
    ----------
    influence, tone : ndarray, dims (sample, future, label)
        Standard normals.
    offset : ndarray, dims (sample,)
        Of the resampling, uniform.
    """

    influence: Array
    tone: Array
    offset: Array

    def of(self, some: slice) -> Self:
        """Return those of some draws."""
        return type(self)(self.influence[some], self.tone[some], self.offset[some])


def _chances(month: Design, shape: tuple[int, int], seed: int, period: int) -> _Chances:
    """Draw the random numbers of a month for so many draws and futures."""
    influence, tone = (normals(month, dim, shape, seed, period) for dim in (names.FACTION, names.OUTCOME))
    return _Chances(influence, tone, np.random.default_rng([seed, period]).random(shape[0]))


def _carried(
    draws: Draws, months: Sequence[Design], then_period: int, chances: Sequence[_Chances], kept: NDArray[np.int64]
) -> Carried:
    """Step some draws through later months; of each the future ``kept`` stays."""
    design, (samples, futures, _) = months[0], chances[0].influence.shape
    scale = _repeated(latent.influence_scale(draws, design)[:, then_period], futures)
    tone = _repeated(latent.tone(draws, design)[:, then_period], futures)
    standing = np.einsum("sc,ctk->stk", draws["rho"], design.data["standing"].astype(float))
    total, steps = np.zeros(samples), list[tuple[Array, Array]]()
    for period, (month, chance) in enumerate(zip(months, chances, strict=True), start=then_period + 1):
        known = (standing[:, period] - standing[:, period - 1])[:, None]
        scale = scale + known + draws["tau"][:, None, None] * chance.influence
        tone = design.persistence * tone + np.sqrt(1.0 - design.persistence**2) * chance.tone
        pointwise = log_likelihood(draws, month, States(scale[:, :, None], tone[:, :, None], period))
        weight = sum((values.sum(axis=-1) for values in pointwise.values()), np.zeros((samples, futures)))
        total += np.logaddexp.reduce(weight, axis=1) - np.log(futures)
        survivors = _resampled(weight, chance.offset)
        steps.append((chance.influence, chance.tone))
        scale, tone = _taken(scale, survivors), _taken(tone, survivors)
        steps = [(_taken(a, survivors), _taken(b, survivors)) for a, b in steps]
    influence, tones = (np.stack([pair[side][np.arange(samples), kept] for pair in steps], axis=1) for side in (0, 1))
    return Carried(total, influence, tones)


def _repeated(now: Array, futures: int) -> Array:
    """Return the state now at the start of every future, dims (sample, future, label)."""
    return np.repeat(now[:, None], futures, axis=1)


def normals(design: Design, dim: str, shape: tuple[int, int], seed: int, period: int) -> Array:
    """Return standard normals, dims (sample, future, label), the same for a label wherever it stands."""
    from vzforecast.simulate import stream_id  # noqa: PLC0415 - numba, which draws without a later month do not need

    streams = [np.random.default_rng([seed, stream_id(f"{dim} {label}"), period]) for label in design.coords[dim]]
    return np.stack([stream.standard_normal(shape) for stream in streams], axis=-1)


def _resampled(log_weight: Array, offset: Array) -> NDArray[np.int64]:
    """Return which futures survive, dims (sample, future): systematic resampling within each draw."""
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    reach = np.cumsum(weight, axis=1)
    futures = weight.shape[1]
    position = (np.arange(futures) + offset[:, None]) / futures * reach[:, -1:]
    return np.asarray((reach[:, None, :] < position[:, :, None]).sum(axis=-1))


def _taken(values: Array, survivors: NDArray[np.int64]) -> Array:
    return np.take_along_axis(values, survivors[..., None], axis=1)
