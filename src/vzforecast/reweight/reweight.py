"""Weigh the draws of a fit by what has become known since."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vzforecast.forecast.ess import effective_sample_size
from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.likelihood import log_likelihood
from vzforecast.reweight.difference import difference
from vzforecast.reweight.futures import carry
from vzforecast.reweight.psis import khat_limit, smoothed

# As for a fit: a hundred effective draws a chain (Vehtari et al. 2021, section 4).
MIN_ESS_PER_CHAIN: Final = 100.0


@dataclass(frozen=True, eq=False)
class Reweighted:
    """Weighted draws of one fit.

    Attributes
    ----------
    weights : ndarray, dims (sample,)
        They sum to one.
    khat : float
        Shape of the tail of the raw importance ratios.
    ess : float
        Effective number of independent draws among the weighted ones.
    chains : int
        Chains of the fit.
    influence_step, tone_step : ndarray, dims (sample, period, label)
        Steps of the draws, those of later months drawn given what is known of them.
    log_evidence : float
        Log of the mean ratio over draws: what the fit as a whole gave to the news, in nats.
    """

    weights: Array
    khat: float
    ess: float
    chains: int
    influence_step: Array
    tone_step: Array
    log_evidence: float = 0.0

    @property
    def failures(self) -> tuple[str, ...]:
        """Every limit that is not met, in words; empty if the weights can be trusted."""
        limit, least = khat_limit(self.weights.size), MIN_ESS_PER_CHAIN * self.chains
        met = {
            f"k-hat {self.khat:.2f} is not below {limit:.2f}": self.khat < limit,
            f"ESS {self.ess:.0f} is below {least:.0f}": self.ess >= least,
        }
        return tuple(message for message, good in met.items() if not good)


def reweight(
    draws: Draws, before: Design, now: Design, periods: tuple[int, int], *, chains: int, seed: int
) -> Reweighted:
    r"""Weigh each draw by the likelihood of all rows now over that of all rows then.

    :math:`\log w_j = \sum_{r \in new} \log p(r | \theta_j) - \sum_{r \in gone} \log p(r | \theta_j) +
    \sum_{t > then} \log \overline{p(\text{rows of } t | \theta_j)}`; rows that stand in both cancel. Open rows
    lengthen, so that time without news is evidence too.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the fit, leading dim ``sample``, chain after chain.
    before, now : Design
        Rows of the fit, and rows now, for the same parameters.
    periods : tuple of int
        Index of the period of the fit's as-of date, and of today's.
    chains : int
        Chains of the fit.
    seed : int
        Of the futures of later months.

    Returns
    -------
    Reweighted
        Also when the weights cannot be trusted: look at ``failures``.

    References
    ----------
    docs/model.md, "Updating"; Vehtari et al. (2024), Pareto smoothed importance sampling.
    """
    change = difference(before, now, *periods)
    log_ratio = total_log_likelihood(draws, change.new) - total_log_likelihood(draws, change.gone)
    influence_step, tone_step = draws["influence_step"], draws["tone_step"]
    if change.later:
        carried = carry(draws, change.later, periods[0], seed)
        log_ratio += carried.log_likelihood
        months = slice(periods[0] + 1, periods[1] + 1)
        influence_step, tone_step = influence_step.copy(), tone_step.copy()
        influence_step[:, months], tone_step[:, months] = carried.influence_step, carried.tone_step
    ratio = np.exp(log_ratio - log_ratio.max())
    evidence = float(log_ratio.max() + np.log(ratio.mean()))
    relative = min(1.0, effective_sample_size(ratio.reshape(chains, -1)) / ratio.size)
    result = smoothed(log_ratio, relative)
    ess = relative / float(result.weights @ result.weights)
    return Reweighted(result.weights, result.khat, ess, chains, influence_step, tone_step, evidence)


def total_log_likelihood(draws: Draws, design: Design) -> Array:
    """Log likelihood of all rows, dims (sample,); of none, zero."""
    if not any(design.data[name].size for name in ("signal_favoured", "lean_category", "row_events")):
        return np.zeros(len(draws["tau"]))
    return sum((values.sum(axis=-1) for values in log_likelihood(draws, design).values()), np.zeros(len(draws["tau"])))
