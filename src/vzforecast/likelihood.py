"""Log likelihood of every observed row for each posterior draw, in numpy.

The second route to what the PyMC model evaluates: reweighting, leave-one-out and the tests share it, and it
needs no PyMC. Dims: (sample, signal), (sample, lean_item), (sample, row); given states of several futures of a month,
(sample, future, ...).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vzforecast import latent, names
from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.latent_states import States


def log_likelihood(draws: Draws, design: Design, states: States | None = None) -> dict[str, Array]:
    """Return the pointwise log likelihood of the three observed variables.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, each with leading dim ``sample``.
    design : Design
        The rows.
    states : States, optional
        Influence and tone of the periods of the rows; those of the draws by default.

    Returns
    -------
    dict
        ``favoured`` (sample, signal), ``lean`` (sample, lean_item) and ``events`` (sample, row), in nats; with the
        futures of ``states`` after ``sample``, if it has any.
    """
    states = States.of(draws, design) if states is None else states
    return {
        names.FAVOURED: favoured_log_likelihood(draws, design, states),
        names.LEAN: lean_log_likelihood(draws, design, states),
        names.EVENTS: events_log_likelihood(draws, design, states),
    }


def favoured_log_likelihood(draws: Draws, design: Design, states: States) -> Array:
    """Categorical log probability of the faction each signal favours."""
    data: dict[str, Any] = design.data
    kappa = np.exp(latent.free_kinds(design) * draws["log_kappa"])[:, data["signal_kind_index"]]
    weight = states.spread(kappa * data["signal_strength"] / 2.0)
    bearing = latent.centred(draws["bearing_effect"])[:, data["signal_bearing"]] * data["signal_has_bearing"][:, None]
    logits = weight[..., None] * states.scale_at(data["signal_period"]) + states.spread(bearing)
    favoured = data["signal_favoured"][..., None].reshape(*[1] * (logits.ndim - 2), -1, 1)
    chosen = np.take_along_axis(logits, favoured, axis=-1)[..., 0]
    return np.asarray(chosen - np.logaddexp.reduce(logits, axis=-1))


def lean_log_likelihood(draws: Draws, design: Design, states: States) -> Array:
    """Ordered-logistic log probability of each lean: rest, neither, active."""
    data: dict[str, Any] = design.data
    cell, cut = data["lean_cell"], states.spread(draws["cutpoint"][:, None])
    mood = states.spread(draws["lambda"][:, None]) * states.tone_at(cell)
    eta = data["lean_strength"] / 2.0 * (states.pull_at(draws["leverage"], cell) + mood)
    # log(s(a) - s(b)) = log s(a) + log s(-b) + log(1 - exp(b - a)) keeps its digits far from the cutpoints.
    neither = _log_expit(cut - eta) + _log_expit(cut + eta) + np.log1p(-np.exp(-2.0 * cut))
    chances = [_log_expit(-cut - eta), neither, _log_expit(eta - cut)]
    return np.asarray(np.choose(data["lean_category"], chances))


def row_log_rates(draws: Draws, design: Design, states: States | None = None) -> Array:
    """Log hazard rate of every event-history row, dims (sample, row), per month (one-off: per promise)."""
    states = States.of(draws, design) if states is None else states
    data: dict[str, Any] = design.data
    cell, sign = data["row_cell"], data["row_sign"]
    rates = latent.class_log_rates(draws, design, data)
    delta = draws["delta"].reshape(len(rates), -1)[:, data["row_hazard"]] * data["row_own"]
    coupling = draws["coupling_effect"] @ data["row_coupling"] if len(data["row_coupling"]) else 0.0
    strain = states.pull_at(draws["leverage"], cell) + states.spread(draws["psi"][:, None]) * states.tone_at(cell)
    doubt = states.pull_at(draws["leverage_doubt"], cell) * data["row_recovery"]
    return np.asarray(states.spread(rates + delta + coupling) + strain * sign + doubt)


def events_log_likelihood(draws: Draws, design: Design, states: States | None = None) -> Array:
    """Poisson log probability of the events of each row (a piecewise-exponential survival model).

    Raises
    ------
    ValueError
        If a row has half an event: partial commitments read half way are two readings, each with its own likelihood.
    """
    if np.any(design.data["row_events"] % 1):
        raise ValueError("half events have no likelihood; take case.with_partial('as_broken') or 'as_kept'")
    data: dict[str, Any] = design.data
    log_mean = row_log_rates(draws, design, states) + np.log(data["row_exposure"])
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
