"""Tone of the news about each outcome: seen through leans, and moving the outcome's rates."""

import numpy as np
import pymc as pm
from pytensor.tensor import TensorVariable

from vzforecast import names
from vzforecast.model.inputs import Inputs

# Stands for the infinite outer cutpoints: beyond it a logistic is 0 or 1 in double precision.
FAR = 1000.0


def tone(inputs: Inputs) -> TensorVariable:
    r"""Tone of the news :math:`n`, dims (period, outcome): autoregressive, standard deviation 1.

    :math:`n_t = \phi n_{t-1} + \sqrt{1 - \phi^2} z_t`, written as :math:`n = L z` with the lower triangular
    :math:`L_{t,1} = \phi^{t-1}`, :math:`L_{t,j} = \sqrt{1 - \phi^2}\,\phi^{t-j}`.
    """
    step = pm.Normal("tone_step", 0.0, 1.0, dims=(names.PERIOD, names.OUTCOME))
    phi, period = inputs.design.persistence, np.arange(inputs.size(names.PERIOD))
    lag = np.subtract.outer(period, period)
    weight = np.where(lag >= 0, phi ** np.maximum(lag, 0), 0.0)
    weight[:, 1:] *= np.sqrt(1.0 - phi**2)
    return (weight[:, :, None] * step[None, :, :]).sum(axis=1)


def leans(pull: TensorVariable, mood: TensorVariable, inputs: Inputs) -> None:
    r"""Observe which way each news item leans its outcome: to rest, neither way, to the active state.

    :math:`\mathrm{OrderedLogistic}(\eta = \frac{strength}{2}(pull + \lambda n), (-c, c))`. The leans fix
    :math:`\lambda`, the transitions fix :math:`\psi` (in ``hazards``); both positive, they fix the sign of n.
    """
    data = inputs.data
    loading = pm.HalfNormal("lambda", inputs.priors["lambda_sigma"])
    cutpoint = pm.HalfNormal("cutpoint", inputs.priors["cutpoint_sigma"])

    cell = data["lean_cell"]
    eta = data["lean_strength"] / 2.0 * (pull.ravel()[cell] + loading * mood.ravel()[cell])
    upper = cutpoint * np.array([-1.0, 1.0, 0.0]) + np.array([0.0, 0.0, FAR])
    lower = cutpoint * np.array([0.0, -1.0, 1.0]) - np.array([FAR, 0.0, 0.0])
    # sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)), which loses no digits where both are near 1.
    width = 1.0 - pm.math.exp(lower - upper)
    chances = pm.math.sigmoid(upper - eta[:, None]) * pm.math.sigmoid(eta[:, None] - lower) * width
    pm.Categorical(names.LEAN, p=chances, observed=data["lean_category"], dims=names.LEAN_ITEM)
