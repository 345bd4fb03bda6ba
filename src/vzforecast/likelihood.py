"""Log likelihood of every observed row for each posterior draw, in numpy.

The second route to what the PyMC model evaluates: reweighting, leave-one-out and the tests share it, and it
needs no PyMC. Dims: (sample, signal), (sample, lean_item), (sample, row).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vzforecast import latent, names
from vzforecast.history import Design
from vzforecast.latent import Array, Draws


def log_likelihood(draws: Draws, design: Design) -> dict[str, Array]:
    """Return the pointwise log likelihood of the three observed variables.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, each with leading dim ``sample``.
    design : Design
        The rows.

    Returns
    -------
    dict
        ``favoured`` (sample, signal), ``lean`` (sample, lean_item) and ``events`` (sample, row), in nats.
    """
    return {
        names.FAVOURED: favoured_log_likelihood(draws, design),
        names.LEAN: lean_log_likelihood(draws, design),
        names.EVENTS: events_log_likelihood(draws, design),
    }


def favoured_log_likelihood(draws: Draws, design: Design) -> Array:
    """Categorical log probability of the faction each signal favours."""
    data: dict[str, Any] = design.data
    kappa = np.exp(latent.free_kinds(design) * draws["log_kappa"])[:, data["signal_kind_index"]]
    scale = latent.influence_scale(draws, design)[:, data["signal_period"]]
    bearing = latent.centred(draws["bearing_effect"])[:, data["signal_bearing"]]
    logits = (kappa * data["signal_strength"] / 2.0)[..., None] * scale + bearing * data["signal_has_bearing"][:, None]
    log_share = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    return np.asarray(np.take_along_axis(log_share, data["signal_favoured"][None, :, None], axis=-1)[..., 0])


def lean_log_likelihood(draws: Draws, design: Design) -> Array:
    """Ordered-logistic log probability of each lean: rest, neither, active."""
    data: dict[str, Any] = design.data
    samples, cell = len(draws["lambda"]), data["lean_cell"]
    onset_pull = latent.pull(draws, design, "leverage").reshape(samples, -1)[:, cell]
    mood = latent.tone(draws, design).reshape(samples, -1)[:, cell]
    eta = data["lean_strength"] / 2.0 * (onset_pull + draws["lambda"][:, None] * mood)
    cut = draws["cutpoint"][:, None]
    # log(s(a) - s(b)) = log s(a) + log s(-b) + log(1 - exp(b - a)) keeps its digits far from the cutpoints.
    neither = _log_expit(cut - eta) + _log_expit(cut + eta) + np.log1p(-np.exp(-2.0 * cut))
    chances = np.stack([_log_expit(-cut - eta), neither, _log_expit(eta - cut)], axis=-1)
    return np.asarray(np.take_along_axis(chances, data["lean_category"][None, :, None], axis=-1)[..., 0])


def row_log_rates(draws: Draws, design: Design) -> Array:
    """Log hazard rate of every event-history row, dims (sample, row), per month (one-off: per promise)."""
    data: dict[str, Any] = design.data
    rates = latent.class_log_rates(draws, design, data)
    samples, cell = len(rates), data["row_cell"]
    delta = draws["delta"].reshape(samples, -1)[:, data["row_hazard"]] * data["row_own"]
    strain = latent.tension(draws, design).reshape(samples, -1)[:, cell] * data["row_sign"]
    doubt = latent.pull(draws, design, "leverage_doubt").reshape(samples, -1)[:, cell] * data["row_recovery"]
    coupling = draws["coupling_effect"] @ data["row_coupling"] if len(data["row_coupling"]) else 0.0
    return np.asarray(rates + delta + strain + doubt + coupling)


def events_log_likelihood(draws: Draws, design: Design) -> Array:
    """Poisson log probability of the events of each row (a piecewise-exponential survival model).

    Raises
    ------
    ValueError
        If a row has half an event: partial commitments read half way are two readings, each with its own likelihood.
    """
    if np.any(design.data["row_events"] % 1):
        raise ValueError("half events have no likelihood; take case.with_partial('as_broken') or 'as_kept'")
    data: dict[str, Any] = design.data
    log_mean = row_log_rates(draws, design) + np.log(data["row_exposure"])
    events = data["row_events"]
    return np.asarray(events * log_mean - np.exp(log_mean) - _log_factorial(events))


# In numpy alone: scipy.special would double the time in which a cached forecast opens.
def _log_expit(values: Array) -> Array:
    """Log of the logistic function."""
    return np.asarray(-np.logaddexp(0.0, -values))


def _log_factorial(counts: NDArray[Any]) -> Array:
    """Log of n! for whole numbers."""
    whole = counts.astype(np.int64)
    table = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, whole.max(initial=0) + 1)))])
    return np.asarray(table[whole])
