"""Faction influence: a random walk on the log scale, moved by standing and seen through the news."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from vzforecast import names
from vzforecast.latent import free_kinds
from vzforecast.model.inputs import Inputs


def influence_scale(inputs: Inputs) -> TensorVariable:
    r"""Log influence :math:`u`, dims (period, faction).

    :math:`u_t = \rho_{office} P_t + \rho_{proximity} Q_t + z_1 + \tau \sum_{j=2}^{t} z_j`, the closed form of a
    random walk whose increments follow the changes of office :math:`P` and closeness :math:`Q`.
    """
    rho = pm.HalfNormal("rho", inputs.priors["rho_sigma"], dims=names.SCORE)
    tau = pm.HalfNormal("tau", inputs.priors["tau_sigma"])
    step = pm.Normal("influence_step", 0.0, 1.0, dims=(names.PERIOD, names.FACTION))

    periods = inputs.size(names.PERIOD)
    first = np.eye(periods)[0]
    weight = first + tau * (np.tri(periods) - first)
    walk = (weight[:, :, None] * step[None, :, :]).sum(axis=1)
    return (rho[:, None, None] * inputs.data["standing"]).sum(axis=0) + walk


def shares(scale: TensorVariable) -> TensorVariable:
    r"""Influence :math:`\pi = \mathrm{softmax}(u)` over factions."""
    return pm.math.softmax(scale, axis=-1)


def signals(scale: TensorVariable, inputs: Inputs) -> None:
    r"""Observe which faction each news item favours.

    :math:`\mathrm{Categorical}(\mathrm{logit} = \kappa_{kind} \frac{strength}{2} u_t + g_{bearing})`, with
    :math:`\kappa = 1` for the reference kind, which gives :math:`u` its scale: :math:`\pi_{t,k}` is the chance that
    the next reference item of strength 2 favours faction k. :math:`g` absorbs what the direction of the item
    alone says, so that lean and favoured faction of one item do not count twice.
    """
    data, priors = inputs.data, inputs.priors
    log_kappa = pm.Normal("log_kappa", priors["log_kappa_mu"], priors["log_kappa_sigma"], dims=names.SIGNAL_KIND)
    bearing = pm.Normal("bearing_effect", 0.0, priors["bearing_effect_sigma"], dims=(names.BEARING, names.FACTION))

    kappa = pt.exp(free_kinds(inputs.design) * log_kappa)
    weight = kappa[data["signal_kind_index"]] * data["signal_strength"] / 2.0
    g = inputs.centred(bearing)[data["signal_bearing"]] * data["signal_has_bearing"][:, None]
    chances = shares(weight[:, None] * scale[data["signal_period"]] + g)
    pm.Categorical(names.FAVOURED, p=chances, observed=data["signal_favoured"], dims=names.SIGNAL)
