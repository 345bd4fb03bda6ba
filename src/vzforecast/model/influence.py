"""Faction influence: a random walk on the log scale, moved by standing and seen through the news."""

from collections.abc import Mapping

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from vzforecast import names

Inputs = Mapping[str, TensorVariable]


def influence_scale(data: Inputs, priors: Inputs) -> TensorVariable:
    r"""Log influence :math:`u`, dims (period, faction).

    :math:`u_t = \rho_{office} P_t + \rho_{proximity} Q_t + z_1 + \tau \sum_{j=2}^{t} z_j`, the closed form of a
    random walk whose increments follow the changes of office :math:`P` and closeness :math:`Q`.
    """
    rho_office = pm.HalfNormal("rho_office", priors["rho_office_sigma"])
    rho_proximity = pm.HalfNormal("rho_proximity", priors["rho_proximity_sigma"])
    tau = pm.HalfNormal("tau", priors["tau_sigma"])
    step = pm.Normal("influence_step", 0.0, 1.0, dims=(names.PERIOD, names.FACTION))

    walk = step[0] + tau * (pt.cumsum(step, axis=0) - step[0])
    return rho_office * data["office"] + rho_proximity * data["proximity"] + walk


def shares(scale: TensorVariable) -> TensorVariable:
    r"""Influence :math:`\pi = \mathrm{softmax}(u)` over factions."""
    return pm.math.softmax(scale, axis=-1)


def signals(scale: TensorVariable, data: Inputs, priors: Inputs) -> None:
    r"""Observe which faction each news item favours.

    :math:`\mathrm{Categorical}(\mathrm{logit} = \kappa_{kind} \frac{strength}{2} u_t + g_{bearing})`, with
    :math:`\kappa = 1` for the reference kind, which gives :math:`u` its scale: :math:`\pi_{t,k}` is the chance that
    the next reference item of strength 2 favours faction k. :math:`g` absorbs what the direction of the item
    alone says, so that lean and favoured faction of one item do not count twice.
    """
    log_kappa = pm.Normal("log_kappa", priors["log_kappa_mu"], priors["log_kappa_sigma"], dims=names.FREE_KIND)
    bearing = pm.Normal("bearing_effect", 0.0, priors["bearing_effect_sigma"], dims=(names.BEARING, names.FACTION))
    kappa = pt.exp(pt.concatenate([np.zeros(1), log_kappa]))
    g = centred(bearing)[data["signal_bearing"]] * data["signal_has_bearing"][:, None]

    weight = kappa[data["signal_kind_index"]] * data["signal_strength"] / 2.0
    logits = weight[:, None] * scale[data["signal_period"]] + g
    pm.Categorical(names.FAVOURED, logit_p=logits, observed=data["signal_favoured"], dims=names.SIGNAL)


def centred(values: TensorVariable) -> TensorVariable:
    """Subtract the mean over factions: only differences between factions matter."""
    return values - pt.mean(values, axis=-1, keepdims=True)
