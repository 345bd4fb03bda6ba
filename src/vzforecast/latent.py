r"""The latent quantities of the model as functions of posterior draws, in numpy.

The model itself carries no derived outputs (they cost compile time and, where row-long, break ``with_data``),
so everything derived is computed here: influence, tension, hazard rates. Formulas: docs/model.md.
Arrays lead with the dim ``sample`` (chains and draws stacked).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vzforecast.history import Design

Array = NDArray[np.float64]
Draws = Mapping[str, Array]


def influence_scale(draws: Draws, design: Design) -> Array:
    r"""Return the log influence :math:`u`, dims (sample, period, faction).

    :math:`u_{t} = \rho_{office} P_t + \rho_{proximity} Q_t + z_1 + \tau \sum_{j=2}^{t} z_j`.
    """
    steps = draws["influence_step"]
    later = np.cumsum(steps[:, 1:], axis=1) * draws["tau"][:, None, None]
    walk = steps[:, :1] + np.concatenate([np.zeros_like(steps[:, :1]), later], axis=1)
    standing = draws["rho_office"][:, None, None] * design.data["office"]
    return np.asarray(standing + draws["rho_proximity"][:, None, None] * design.data["proximity"] + walk)


def influence(draws: Draws, design: Design) -> Array:
    """Return the influence shares, dims (sample, period, faction); they sum to one over factions."""
    return softmax(influence_scale(draws, design))


def softmax(scale: Array) -> Array:
    """Return shares over the last dim."""
    weights = np.exp(scale - scale.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def tone(draws: Draws, design: Design) -> Array:
    r"""Return the tone of the news :math:`n`, dims (sample, period, outcome), with standard deviation 1.

    :math:`n_t = \phi n_{t-1} + \sqrt{1 - \phi^2}\, z_t`.
    """
    steps, phi = draws["tone_step"], design.persistence
    levels = [steps[:, 0]]
    for period in range(1, steps.shape[1]):
        levels.append(phi * levels[-1] + np.sqrt(1.0 - phi**2) * steps[:, period])
    return np.stack(levels, axis=1)


def leverage(draws: Draws) -> Array:
    """Return faction leverage, dims (sample, transition, outcome, faction), summing to zero over factions."""
    onset = centred(draws["leverage"])
    return np.stack([onset, centred(draws["leverage_doubt"]) - onset], axis=1)


def centred(values: Array) -> Array:
    """Subtract the mean over the last dim: only differences between factions matter."""
    return np.asarray(values - values.mean(axis=-1, keepdims=True))


def pull(draws: Draws, design: Design) -> Array:
    """Return the pull of influence on each log rate, dims (sample, period, transition, outcome)."""
    share = influence(draws, design)
    return np.einsum("srok,stk->stro", leverage(draws), share - 1.0 / share.shape[-1])


def drive(draws: Draws, design: Design) -> Array:
    """Return pull plus tension from the news, which raises onsets and lowers recoveries; dims as ``pull``."""
    strain = draws["psi"][:, None, None] * tone(draws, design)
    return pull(draws, design) + np.stack([strain, -strain], axis=2)


def level_effects(draws: Draws, design: Design) -> Array:
    """Return partially pooled effects on log rates, dims (sample, level)."""
    return np.asarray(draws["spread"][:, design.level_grouping] * draws["level_offset"])


def class_log_rates(
    draws: Draws, design: Design, process: NDArray[np.int64], level: NDArray[np.int64], in_level: Array, codes: Array
) -> Array:
    """Return log rates of a reference class for given members and covariates, dims (sample, row)."""
    rates = draws["log_rate"][:, process] + (level_effects(draws, design)[:, level] * in_level).sum(axis=1)
    return np.asarray(rates + draws["slope"] @ codes) if len(codes) else np.asarray(rates)
