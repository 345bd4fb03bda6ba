r"""The latent quantities of the model as functions of posterior draws, in numpy.

The model itself carries no derived outputs (they cost compile time and, where row-long, break ``with_data``),
so everything derived is computed here: influence, tension, hazard rates. Formulas: docs/model.md.
Arrays lead with the dim ``sample`` (chains and draws stacked).
"""

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.history import Design

Array = NDArray[np.float64]
Draws = Mapping[str, Array]


def influence_scale(draws: Draws, design: Design) -> Array:
    r"""Return the log influence :math:`u`, dims (sample, period, faction).

    :math:`u_t = \rho_{office} P_t + \rho_{proximity} Q_t + z_1 + \tau \sum_{j=2}^{t} z_j`.
    """
    steps = draws["influence_step"]
    later = np.cumsum(steps[:, 1:], axis=1) * draws["tau"][:, None, None]
    walk = steps[:, :1] + np.concatenate([np.zeros_like(steps[:, :1]), later], axis=1)
    standing: Array = design.data["standing"].astype(float)
    return np.asarray(np.einsum("sc,ctk->stk", draws["rho"], standing) + walk)


def influence(draws: Draws, design: Design) -> Array:
    """Return the influence shares, dims (sample, period, faction); they sum to one over factions."""
    return softmax(influence_scale(draws, design))


def softmax(scale: Array) -> Array:
    """Return shares over the last dim."""
    # Label by label: numpy reduces along so short a dim many times slower.
    labels = range(scale.shape[-1])
    top = reduce(np.maximum, (scale[..., k] for k in labels))
    weights = np.exp(scale - top[..., None])
    total = reduce(np.add, (weights[..., k] for k in labels))
    return np.asarray(weights / total[..., None])


def free_kinds(design: Design) -> Array:
    """Return 0 for the reference kind of news, whose weight is fixed at one, and 1 for the others."""
    return np.array([0.0] + [1.0] * (len(design.coords[names.SIGNAL_KIND]) - 1))


def tone(draws: Draws, design: Design) -> Array:
    r"""Return the tone of the news :math:`n`, dims (sample, period, outcome), with standard deviation 1.

    :math:`n_t = \phi n_{t-1} + \sqrt{1 - \phi^2}\, z_t`.
    """
    steps, phi = draws["tone_step"], design.persistence
    levels = [steps[:, 0]]
    for period in range(1, steps.shape[1]):
        levels.append(phi * levels[-1] + np.sqrt(1.0 - phi**2) * steps[:, period])
    return np.stack(levels, axis=1)


def centred(values: Array) -> Array:
    """Subtract the mean over the last dim: only differences between factions matter."""
    labels = values.shape[-1]  # added label by label, as in ``softmax``
    mean = reduce(np.add, (values[..., k] for k in range(labels))) / labels
    return np.asarray(values - mean[..., None])


def leverage(draws: Draws) -> Array:
    """Return faction leverage, dims (sample, transition, outcome, faction), summing to zero over factions."""
    onset = centred(draws["leverage"])
    return np.stack([onset, centred(draws["leverage_doubt"]) - onset], axis=1)


def pull(draws: Draws, design: Design, coefficient: str) -> Array:
    """Return the pull of influence on log rates by ``leverage`` (or its doubt), dims (sample, period, outcome)."""
    share = influence(draws, design)
    return np.asarray(np.einsum("sok,stk->sto", centred(draws[coefficient]), share - 1.0 / share.shape[-1]))


def tension(draws: Draws, design: Design) -> Array:
    """Return the tension of each outcome: what raises its onset and lowers its recovery, dims as ``pull``."""
    return pull(draws, design, "leverage") + draws["psi"][:, None, None] * tone(draws, design)


def level_effects(draws: Draws, design: Design) -> Array:
    """Return partially pooled effects on log rates, dims (sample, level); a case may do without groupings."""
    if not design.coords[names.LEVEL]:
        return np.zeros((len(draws["log_rate"]), 0))
    return np.asarray(draws["spread"][:, design.level_grouping] * draws["level_offset"])


def class_log_rates(draws: Draws, design: Design, rows: Mapping[str, NDArray[Any]]) -> Array:
    """Return log rates of reference classes, dims (sample, row).

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    design : Design
        What they were fitted to.
    rows : mapping of str to ndarray
        ``row_process``, ``row_first_level``, ``row_in_first``, ``row_second_level``, ``row_in_second`` and
        ``row_covariate`` (covariate, row), as in ``Design.data``.

    Returns
    -------
    ndarray, dims (sample, row)
        Log rate per month (one-off promises: per promise).
    """
    rates = draws["log_rate"][:, rows["row_process"]]
    if design.coords[names.LEVEL]:
        for ordinal in ("first", "second"):
            level = rows[f"row_{ordinal}_level"]
            effect = draws["spread"][:, design.level_grouping[level]] * draws["level_offset"][:, level]
            rates = rates + effect * rows[f"row_in_{ordinal}"]
    codes = rows["row_covariate"]
    return np.asarray(rates + draws["slope"] @ codes) if len(codes) else np.asarray(rates)


def base_log_rates(draws: Draws, design: Design) -> Array:
    """Return the constant part of every hazard's log rate (class, members, codes, doubt).

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    design : Design
        What they were fitted to.

    Returns
    -------
    ndarray, dims (sample, transition, outcome)
        Log rate per month, before tension and couplings.
    """
    rates = class_log_rates(draws, design, design.hazards)
    return np.asarray(rates.reshape(draws["delta"].shape) + draws["delta"])


def log_rates_at_rest(draws: Draws, design: Design, period: int) -> Array:
    """Return the log rate of every hazard in one month, with every other outcome at rest.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    design : Design
        What they belong to.
    period : int
        Index of the month.

    Returns
    -------
    ndarray, dims (sample, transition, outcome)
        Log rate per month, before couplings.
    """
    onset = tension(draws, design)[:, period]
    doubt = pull(draws, design, "leverage_doubt")[:, period]
    return np.asarray(base_log_rates(draws, design) + np.stack([onset, doubt - onset], axis=1))
