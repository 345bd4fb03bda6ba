"""Tension: the tone of the news about each outcome, seen through leans and moving its rates."""

import numpy as np
import pymc as pm
from pytensor.tensor import TensorVariable

from vzforecast import names
from vzforecast.model.influence import Inputs


def tone(persistence: float, periods: int) -> TensorVariable:
    r"""Tone of the news :math:`n`, dims (period, outcome): autoregressive, standard deviation 1.

    :math:`n_t = \phi n_{t-1} + \sqrt{1 - \phi^2} z_t`, written as :math:`n = L z` with the lower triangular
    :math:`L_{t,1} = \phi^{t-1}`, :math:`L_{t,j} = \sqrt{1 - \phi^2}\,\phi^{t-j}`.
    """
    step = pm.Normal("tone_step", 0.0, 1.0, dims=(names.PERIOD, names.OUTCOME))
    lag = np.subtract.outer(np.arange(periods), np.arange(periods))
    weight = np.where(lag >= 0, persistence ** np.maximum(lag, 0), 0.0)
    weight[:, 1:] *= np.sqrt(1.0 - persistence**2)
    return (weight[:, :, None] * step[None, :, :]).sum(axis=1)


def leans(pull: TensorVariable, mood: TensorVariable, data: Inputs, priors: Inputs) -> None:
    r"""Observe which way each news item leans its outcome: to rest, neither way, to the active state.

    :math:`\mathrm{OrderedLogistic}(\eta = \frac{strength}{2}(pull + \lambda n), (-c, c))`. The leans fix
    :math:`\lambda`, the transitions fix :math:`\psi` (in ``hazards``); both positive, they fix the sign of n.
    """
    loading = pm.HalfNormal("lambda", priors["lambda_sigma"])
    cutpoint = pm.HalfNormal("cutpoint", priors["cutpoint_sigma"])
    cell = data["lean_cell"]
    eta = data["lean_strength"] / 2.0 * (pull[:, 0].ravel()[cell] + loading * mood.ravel()[cell])
    below, above = pm.math.sigmoid(-cutpoint - eta), pm.math.sigmoid(eta - cutpoint)
    chances = pm.math.stack([below, 1.0 - below - above, above], axis=-1)
    pm.Categorical(names.LEAN, p=chances, observed=data["lean_category"], dims=names.LEAN_ITEM)
