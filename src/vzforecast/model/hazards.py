"""Hazard rates: reference classes and outcomes in one Poisson likelihood."""

import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from vzforecast import names
from vzforecast.model.inputs import Inputs


def event_histories(share: TensorVariable, mood: TensorVariable, inputs: Inputs) -> TensorVariable:
    r"""Observe the events of every row and return the pull of influence on each onset.

    :math:`events_r \sim \mathrm{Poisson}(exposure_r\, e^{\eta_r})`. A reference row has the rate of its class; an
    outcome row has the rate of the class it belongs to, plus its own doubt, tension and couplings. Tension raises
    an onset and lowers a recovery (``row_sign``); the recovery's leverage may differ from the onset's by a doubt.

    Parameters
    ----------
    share : TensorVariable
        Influence less an equal share, dims (period, faction).
    mood : TensorVariable
        Tone of the news, dims (period, outcome).
    inputs : Inputs
        Rows, priors and labels; a term without labels is left out.

    Returns
    -------
    TensorVariable
        Dims (period, outcome), on the log rate of the onset.
    """
    data, priors, dims = inputs.data, inputs.priors, (names.OUTCOME, names.FACTION)
    leverage = pm.Normal("leverage", priors["leverage_mu"], priors["leverage_sigma"], dims=dims)
    doubt = pm.Normal("leverage_doubt", 0.0, priors["leverage_doubt_sigma"], dims=dims)
    delta = pm.Normal("delta", priors["delta_mu"], priors["delta_sigma"], dims=(names.TRANSITION, names.OUTCOME))
    psi = pm.HalfNormal("psi", priors["psi_sigma"])

    pull = _pull(leverage, share, inputs)
    tension = pull + psi * mood
    cell = data["row_cell"]
    eta = _class_log_rate(inputs) + data["row_own"] * delta.ravel()[data["row_hazard"]]
    eta += data["row_sign"] * tension.ravel()[cell]
    eta += data["row_recovery"] * _pull(doubt, share, inputs).ravel()[cell]
    if inputs.size(names.COUPLING):
        mu, sigma = priors["coupling_effect_mu"], priors["coupling_effect_sigma"]
        coupling = pm.Normal("coupling_effect", mu, sigma, dims=names.COUPLING) * priors["coupling_switch"]
        eta += (data["row_coupling"] * coupling[:, None]).sum(axis=0)
    pm.Poisson(names.EVENTS, data["row_exposure"] * pt.exp(eta), observed=data["row_events"], dims=names.ROW)
    return pull


def _class_log_rate(inputs: Inputs) -> TensorVariable:
    """Log rate of the reference class of each row: its process, its levels (partially pooled), its covariates."""
    data, priors = inputs.data, inputs.priors
    log_rate = pm.Normal("log_rate", priors["log_rate_mu"], priors["log_rate_sigma"], dims=names.PROCESS)
    eta = log_rate[data["row_process"]]
    if inputs.size(names.LEVEL):
        spread = pm.HalfNormal("spread", priors["spread_sigma"], dims=names.GROUPING)
        offset = pm.Normal("level_offset", 0.0, 1.0, dims=names.LEVEL)
        effect = spread[inputs.design.level_grouping] * offset
        eta += effect[data["row_first_level"]] * data["row_in_first"]
        eta += effect[data["row_second_level"]] * data["row_in_second"]
    if inputs.size(names.COVARIATE):
        slope = pm.Normal("slope", priors["slope_mu"], priors["slope_sigma"], dims=names.COVARIATE)
        eta += (data["row_covariate"] * slope[:, None]).sum(axis=0)
    return eta


def _pull(coefficient: TensorVariable, share: TensorVariable, inputs: Inputs) -> TensorVariable:
    """Pull of influence on log rates: centred coefficients times shares, dims (period, outcome)."""
    return (inputs.centred(coefficient)[None, :, :] * share[:, None, :]).sum(axis=-1)
