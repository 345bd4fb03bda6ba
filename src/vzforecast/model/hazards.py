"""Hazard rates: reference classes and outcomes in one Poisson likelihood."""

import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from vzforecast import names
from vzforecast.history import Design
from vzforecast.model.influence import Inputs, centred


def event_histories(
    share: TensorVariable, mood: TensorVariable, data: Inputs, priors: Inputs, design: Design
) -> TensorVariable:
    r"""Observe the events of every row and return the pull of influence on each log rate.

    :math:`events_r \sim \mathrm{Poisson}(exposure_r\, e^{\eta_r})`. A reference row has the rate of its class; an
    outcome row has the rate of the class it belongs to, plus its own doubt, drive and couplings.

    Parameters
    ----------
    share : TensorVariable
        Influence less an equal share, dims (period, faction).
    mood : TensorVariable
        Tone of the news, dims (period, outcome).
    data, priors : mapping of str to TensorVariable
        Rows, and locations and scales of the priors.
    design : Design
        Coordinates; a term without labels is left out.

    Returns
    -------
    TensorVariable
        Dims (period, transition, outcome), log rate.
    """
    pull = _pull(share, priors)
    psi = pm.HalfNormal("psi", priors["psi_sigma"])
    sign = pt.constant([1.0, -1.0])[None, :, None]
    drive = pull + sign * (psi * mood)[:, None, :]

    eta = _class_log_rate(data, priors, design)
    eta += data["row_own"] * (_doubt(priors)[data["row_hazard"]] + drive.ravel()[data["row_cell"]])
    if design.coords[names.COUPLING]:
        mu, sigma = priors["coupling_effect_mu"], priors["coupling_effect_sigma"]
        coupling = pm.Normal("coupling_effect", mu, sigma, dims=names.COUPLING)
        eta += (data["row_coupling"] * coupling[:, None]).sum(axis=0)
    mean = data["row_exposure"] * pt.exp(eta)
    pm.Poisson(names.EVENTS, mean, observed=data["row_events"], dims=names.ROW)
    return pull


def _class_log_rate(data: Inputs, priors: Inputs, design: Design) -> TensorVariable:
    """Log rate of the reference class of each row: its process, its levels (partially pooled), its covariates."""
    log_rate = pm.Normal("log_rate", priors["log_rate_mu"], priors["log_rate_sigma"], dims=names.PROCESS)
    eta = log_rate[data["row_process"]]
    if design.coords[names.LEVEL]:
        spread = pm.HalfNormal("spread", priors["spread_sigma"], dims=names.GROUPING)
        offset = pm.Normal("level_offset", 0.0, 1.0, dims=names.LEVEL)
        effect = spread[design.level_grouping] * offset
        eta += (effect[data["row_level"]] * data["row_in_level"]).sum(axis=0)
    if design.coords[names.COVARIATE]:
        slope = pm.Normal("slope", priors["slope_mu"], priors["slope_sigma"], dims=names.COVARIATE)
        eta += (data["row_covariate"] * slope[:, None]).sum(axis=0)
    return eta


def _doubt(priors: Inputs) -> TensorVariable:
    """Doubt that each outcome is exchangeable with its class, flat over (transition, outcome)."""
    dims = (names.TRANSITION, names.OUTCOME)
    return pm.Normal("delta", priors["delta_mu"], priors["delta_sigma"], dims=dims).ravel()


def _pull(share: TensorVariable, priors: Inputs) -> TensorVariable:
    """Pull of influence on each log rate; the recovery is pulled the other way, give or take a doubt."""
    dims = (names.OUTCOME, names.FACTION)
    onset = centred(pm.Normal("leverage", priors["leverage_mu"], priors["leverage_sigma"], dims=dims))
    doubt = centred(pm.Normal("leverage_doubt", 0.0, priors["leverage_doubt_sigma"], dims=dims))
    leverage = pt.stack([onset, doubt - onset])
    return (leverage[None, :, :, :] * share[:, None, None, :]).sum(axis=-1)
