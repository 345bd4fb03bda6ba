r"""What the answer to a question says about an event: the core, on joint probabilities alone.

With the joint probability :math:`P_{ae}` of answer *a* and of the event (e = 1) or its absence (e = 0):

.. math:: I = \sum_{ae} P_{ae} \log_2 \frac{P_{ae}}{P_a P_e}, \qquad S = \sum_a P_a |P(1 | a) - P(1)|

are the expected information in bits and the expected absolute shift of the probability. Neither needs to know what the
answer will be.
"""

from dataclasses import dataclass

import numpy as np

from vzforecast.explaining.precision import errors, even_or, standard_error
from vzforecast.forecast import Forecast
from vzforecast.latent import Array


def mutual_information(joint: Array) -> float:
    r"""Return the mutual information of two variables.

    :math:`\sum_{ae} P_{ae} \log_2 (P_{ae} / (P_a P_e))`.

    Parameters
    ----------
    joint : ndarray, dims (answer, event)
        Joint probabilities, summing to one; the second variable may have any number of values.

    Returns
    -------
    float
        In bits, from 0 to the entropy of either variable.

    References
    ----------
    Cover and Thomas (2006), Elements of Information Theory, section 2.3.

    Examples
    --------
    >>> round(mutual_information(np.array([[0.5, 0.0], [0.0, 0.5]])), 9)
    1.0
    """
    return float((joint * _log_ratio(joint)).sum())


def expected_shift(joint: Array) -> float:
    r"""Return by how much the answer is expected to move the probability of the event, up or down.

    :math:`\sum_a P_a |P(1 | a) - P(1)| = \sum_a |P_{a1} - P_a P_1|`.

    Parameters
    ----------
    joint : ndarray, dims (answer, 2)
        Joint probabilities, summing to one; the second column is that of the event.

    Returns
    -------
    float
        A share, 0 to 0.5.

    Examples
    --------
    >>> expected_shift(np.array([[0.25, 0.25], [0.5, 0.0]]))
    0.25
    """
    return float(np.abs(joint[:, 1] - joint.sum(axis=1) * joint[:, 1].sum()).sum())


def _log_ratio(joint: Array) -> Array:
    """Return log2 of joint over product of marginals, 0 in cells that have no probability."""
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    known = joint > 0.0
    return np.log2(np.where(known, joint, 1.0) / np.where(known, product, 1.0))


@dataclass(frozen=True, eq=False)
class Value:
    """What a question is worth, with Monte Carlo errors.

    Attributes
    ----------
    bits, bits_mcse : float
        Expected information; the bias of the plug-in estimate is taken out, down to 0.
    shift, shift_mcse : float
        Expected absolute shift, a share.
    predictive, predictive_mcse : ndarray, dims (answer,)
        Probability of each answer; they sum to one.
    after, after_mcse : ndarray, dims (answer,)
        Probability of the event given each answer; NaN where the answer has none.
    change, change_mcse : ndarray, dims (answer,)
        That less the probability of the event now, and its own error: the two have draws in common.
    """

    bits: float
    bits_mcse: float
    shift: float
    shift_mcse: float
    predictive: Array
    predictive_mcse: Array
    after: Array
    after_mcse: Array
    change: Array
    change_mcse: Array


def value_of(fc: Forecast, tables: Array) -> Value:
    r"""Estimate what a question is worth from the joint probabilities within each draw.

    The error of a function of the mean table is that of the mean of its linear part. For the information that part
    vanishes if answer and event are independent; what is left is a sum of squares of
    :math:`D_a = P_{a1} - P_a P_1`, which adds a bias of about
    :math:`\sum_{ae} \mathrm{Var}(\hat D_a) / (2 \ln 2\, P_a P_e)`, the general form of the (A - 1)/(2 N ln 2) of N
    independent draws. It is subtracted, and its own scatter, that of chi squared with A - 1 degrees of freedom, is
    added to the error, whose linear part shrinks with the information that is left.

    Parameters
    ----------
    fc : Forecast
        Whose draws they are.
    tables : ndarray, dims (sample, answer, 2)
        Each sums to one.

    Returns
    -------
    Value
        Of the weighted draws.

    References
    ----------
    Miller (1955), Note on the bias of information estimates; Roulston (1999), Estimating the errors on measured entropy
    and mutual information.
    """
    weights = even_or(fc.weights.of_draws, len(tables))
    joint = np.tensordot(weights, tables, axes=1)
    predictive, event = joint.sum(axis=1), joint.sum(axis=0)
    answers = tables.sum(axis=2)
    # The series whose mean is D_a to first order.
    apart = tables[:, :, 1] - predictive * tables[:, :, 1].sum(axis=1, keepdims=True) - answers * event[1]
    linear = np.tensordot(tables, _log_ratio(joint), axes=2)
    bias = _bias(errors(fc, weights, apart.T), predictive, event)
    plain, scatter = mutual_information(joint), bias * np.sqrt(2.0 / max(len(joint) - 1, 1))
    bits = max(0.0, plain - bias)
    left = np.sqrt(bits / plain) if bits > 0.0 else 0.0
    signs = np.sign(joint[:, 1] - predictive * event[1])
    asked = predictive > 0.0
    after = np.where(asked, joint[:, 1] / np.where(asked, predictive, 1.0), np.nan)
    spread = np.where(asked, (tables[:, :, 1] - answers * after) / np.where(asked, predictive, 1.0), 0.0)
    happens = tables[:, :, 1].sum(axis=1, keepdims=True)
    return Value(
        bits=bits,
        bits_mcse=float(np.hypot(left * standard_error(fc, (weights, linear)), scatter)),
        shift=expected_shift(joint),
        shift_mcse=standard_error(fc, (weights, apart @ signs)),
        predictive=predictive,
        predictive_mcse=errors(fc, weights, answers.T),
        after=after,
        after_mcse=np.where(asked, errors(fc, weights, spread.T), np.nan),
        change=after - event[1],
        change_mcse=np.where(asked, errors(fc, weights, (spread - happens).T), np.nan),
    )


def _bias(apart: Array, predictive: Array, event: Array) -> float:
    """Return the bias of the plug-in estimate in bits, from the errors of D of each answer."""
    if not np.all(event > 0.0):
        return 0.0
    asked = predictive > 0.0
    return float((apart[asked] ** 2 / predictive[asked]).sum() * (1.0 / event).sum() / (2.0 * np.log(2.0)))
