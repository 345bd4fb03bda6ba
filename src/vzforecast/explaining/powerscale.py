r"""Power-scaling: what happens to a mean over draws as a block of priors, or of rows, counts a little more or less.

The posterior with a block to the power :math:`\alpha` has the weights :math:`w_j p_j^{\alpha - 1}`, with :math:`p_j`
the density of the block in draw j. Two measures, both per doubling of :math:`\alpha` at :math:`\alpha = 1`:

.. math:: \frac{dP}{d \log_2 \alpha} = \ln 2\ \mathrm{Cov}_w(\log p, x), \qquad
          \text{psense} = \frac{1}{2} \left(\frac{CJS_{0.99}}{-\log_2 0.99} + \frac{CJS_{1.01}}{\log_2 1.01}\right)

with CJS the distance between the distributions of x over draws, with the block scaled and not. ArviZ's ``psense`` takes
draws of equal weight; here they have their own, and of even ones the two agree.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.explaining.leaving import left_out
from vzforecast.explaining.left import Left
from vzforecast.explaining.precision import even_or, standard_error
from vzforecast.forecast import Forecast
from vzforecast.latent import Array

ALPHAS: Final = (0.99, 1.01)
# Stretches of the draws that are left out in turn, for the error of psense.
_STRETCHES: Final = 20


@dataclass(frozen=True, eq=False)
class Scaled:
    """What a block of densities counts for the mean of some values.

    Attributes
    ----------
    psense, psense_mcse : float
        Cumulative Jensen-Shannon distance per doubling, and its Monte Carlo error.
    slope, slope_mcse : float
        Change of the mean per doubling, in the unit of the values, and its Monte Carlo error.
    """

    psense: float
    psense_mcse: float
    slope: float
    slope_mcse: float


@dataclass(frozen=True, eq=False)
class PowerScaling:
    """A block of densities, and the weights with a little less and a little more of it.

    Attributes
    ----------
    fc : Forecast
        Whose draws they are.
    log_density : ndarray, dims (sample,)
        Of the block, in nats, each fit centred on its own mean.
    ends : tuple of Left
        The draws at the two powers of ``ALPHAS``.
    """

    fc: Forecast
    log_density: Array
    ends: tuple[Left, ...]

    @classmethod
    def of(cls, fc: Forecast, log_density: Array) -> "PowerScaling":
        """Weigh the draws of a forecast; its own weights are respected."""
        centred = centred_by_fit(fc, log_density)
        return cls(fc, centred, tuple(weighed(fc, (alpha - 1.0) * centred) for alpha in ALPHAS))

    @property
    def khat(self) -> float:
        """The larger k-hat of the two."""
        return max(end.khat for end in self.ends)

    def measured(self, values: Array) -> Scaled:
        """Return what the block counts for a mean.

        Parameters
        ----------
        values : ndarray, dims (sample,)
            What is averaged.

        Returns
        -------
        Scaled
            With errors.

        References
        ----------
        Kallioinen, Paananen, Bürkner and Vehtari (2024), Detecting and diagnosing prior and likelihood sensitivity with
        power-scaling.
        """
        base = even_or(self.fc.weights.of_draws, len(values))
        product = np.log(2.0) * self.log_density * (values - base @ values)
        psense, error = _psense(values, base, [end.weights for end in self.ends])
        slope_error = standard_error(self.fc, (base, product), self._centring(values, base))
        return Scaled(psense, error, float(base @ product), slope_error)

    def _centring(self, values: Array, base: Array) -> tuple[Array, Array]:
        """Return weights and values of what centring each fit takes off the terms of the slope.

        A fit whose mean is off the pool's adds that gap times the mean of its log densities, which is known up to the
        error of the centre: without judgements none of it is left, and the terms cancel draw by draw.
        """
        value, weight, density, rows = (
            array.reshape(self.fc.readings, -1)
            for array in (values, base, self.log_density, even_or(self.fc.weights.draw, len(values)))
        )
        share = weight.sum(axis=1, keepdims=True)
        gap = (weight * value).sum(axis=1, keepdims=True) / np.where(share > 0.0, share, 1.0) - base @ values
        whole = rows.sum(axis=1, keepdims=True)
        placed = rows * share / np.where(whole > 0.0, whole, 1.0)
        return np.asarray(placed.ravel()), np.asarray((-np.log(2.0) * gap * density).ravel())


def centred_by_fit(fc: Forecast, log_density: Array) -> Array:
    """Subtract from each fit its mean over the draws as rows weigh them: what a fit of a pool counts is not scaled."""
    rows = even_or(fc.weights.draw, len(log_density)).reshape(fc.readings, -1)
    whole = log_density.reshape(fc.readings, -1)
    return np.asarray((whole - (rows * whole).sum(axis=1, keepdims=True) / rows.sum(axis=1, keepdims=True)).ravel())


def weighed(fc: Forecast, log_ratio: Array) -> Left:
    """Weigh the draws of a forecast by the ratio of another posterior to theirs, as rows that are left out.

    Parameters
    ----------
    fc : Forecast
        Its own weights are respected; what a pooled fit counts is not for the priors to move.
    log_ratio : ndarray, dims (sample,)
        In nats, up to a constant of each fit.

    Returns
    -------
    Left
        Weights that sum to one, k-hat, and whether they can be trusted.
    """
    return left_out(fc, -log_ratio)


def _psense(values: Array, base: Array, ends: list[Array]) -> tuple[float, float]:
    """Return psense and its jackknife error over stretches of the draws."""
    steps, place = np.unique(values, return_inverse=True)
    stretch = np.arange(values.size) * _STRETCHES // values.size
    before, *after = (_without_each(place, stretch, weights, steps.size) for weights in (base, *ends))
    found = np.zeros(len(before))
    for weights, alpha in zip(after, ALPHAS, strict=True):
        found += cumulative_distance(np.diff(steps), before, weights) / abs(np.log2(alpha)) / len(ALPHAS)
    spread = found[1:] - found[1:].mean()
    return float(found[0]), float(np.sqrt((len(spread) - 1) / len(spread) * (spread**2).sum()))


def _without_each(place: NDArray[np.int64], stretch: NDArray[np.int64], weights: Array, steps: int) -> Array:
    """Return the distribution of the steps over all draws, and without each stretch, dims (1 + stretch, step)."""
    own = np.bincount(stretch * steps + place, weights, _STRETCHES * steps).reshape(_STRETCHES, steps)
    mass = np.concatenate([own.sum(axis=0)[None], own.sum(axis=0) - own])
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def cumulative_distance(widths: Array, mass: Array, other: Array) -> Array:
    r"""Return the cumulative Jensen-Shannon distance between distributions over the same steps.

    .. math:: \sqrt{\frac{\int F \log_2 \frac{2F}{F + G} + G \log_2 \frac{2G}{F + G}}{\int F + G}}

    the larger of those of x and of -x.

    Parameters
    ----------
    widths : ndarray, dims (step - 1,)
        Between the values of the steps, ascending.
    mass, other : ndarray, dims (..., step)
        Probability of each step.

    Returns
    -------
    ndarray, dims (...)
        From 0 to 1; 0 if there is one step only.

    References
    ----------
    Nguyen and Vreeken (2015), Non-parametric Jensen-Shannon divergence; Kallioinen et al. (2024), section 2.3.
    """
    below = [np.cumsum(one, axis=-1)[..., :-1] for one in (mass, other)]
    above = [np.cumsum(one[..., ::-1], axis=-1)[..., -2::-1] for one in (mass, other)]
    return np.maximum(_distance(widths, *below), _distance(widths, *above))


def _distance(widths: Array, first: Array, second: Array) -> Array:
    middle = (first + second) / 2.0
    safe = np.where(middle > 0.0, middle, 1.0)
    gaps = sum((one * np.log2(np.where(one > 0.0, one / safe, 1.0)) for one in (first, second)), np.zeros(()))
    whole = (first + second) @ widths
    return np.asarray(np.sqrt(np.maximum(gaps @ widths, 0.0) / np.where(whole > 0.0, whole, 1.0)))
