"""Weights of members from the log probabilities that each gave to what came."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

# One pseudo-month for each member: the weights start equal and move slowly.
PRIOR: Final = 2.0
_CLOSE, _MOST_STEPS = 1e-13, 100_000


def stacking_weights(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Return the weights that make the pool's past predictions likeliest, drawn towards equal ones.

    They maximise :math:`\sum_t \log \sum_m w_m e^{l_{m,t}} + \sum_m \log w_m` (a Dirichlet(2) prior), which is concave:
    the EM algorithm for the weights of a mixture climbs to its one maximum.

    Parameters
    ----------
    scores : ndarray, dims (month, member)
        Log probabilities :math:`l_{m,t}` in nats.

    Returns
    -------
    ndarray, dims (member,)
        Positive, summing to one; equal without months.

    Raises
    ------
    RuntimeError
        The climb did not end, which no finite scores should bring about.

    References
    ----------
    Yao, Vehtari, Simpson and Gelman (2018), Using stacking to average Bayesian predictive distributions.

    Examples
    --------
    >>> stacking_weights(np.log(np.array([[0.3, 0.3]]))).tolist()
    [0.5, 0.5]
    """
    months, members = scores.shape
    chance = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = np.full(members, 1.0 / members)
    for _ in range(_MOST_STEPS):
        share = weights * chance
        share /= share.sum(axis=1, keepdims=True)
        moved = (share.sum(axis=0) + PRIOR - 1.0) / (months + members * (PRIOR - 1.0))
        if np.abs(moved - weights).max() < _CLOSE:
            return np.asarray(moved / moved.sum())
        weights = moved
    raise RuntimeError(f"weights still move after {_MOST_STEPS} steps; scores are {scores.tolist()}")
