"""What a forecast says if something else happens: P(A | B) = P(A and B) / P(B).

A condition is a weight of paths, 1 where it holds and 0 elsewhere, beside the weights that the forecast has already. A
draw then counts by its share of paths on which the condition holds: the condition is news about the parameters, too.
"""

import warnings
from collections.abc import Callable
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.case import Case
from vzforecast.errors import EventError
from vzforecast.forecast.probability import Probability
from vzforecast.forecast.tables import scenarios_on
from vzforecast.forecast.weights import Array, Weights
from vzforecast.paths import Paths

# With so many effective paths the Monte Carlo error of a probability is at most 1.6 points if they are independent,
# which is what rounding to whole percents allows; an interval over draws needs some hundred draws among them.
ENOUGH: Final = 1_000

COLUMNS: Final = ["probability", "lower", "upper", "mcse", "condition"]

Bools = NDArray[np.bool_]
Estimate = Callable[[Bools, Weights], Probability]


class LowEvidenceWarning(UserWarning):
    """A condition holds on few of the simulated paths, or judgements leave few, so that answers are known roughly.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("ignore", LowEvidenceWarning)  # where the Monte Carlo error is looked at anyway
    """


def conditioned(weights: Weights, holds: Bools, condition: str, *, stacklevel: int = 3) -> Weights:
    """Return the weights of a forecast given a condition.

    Parameters
    ----------
    weights : Weights
        Without it.
    holds : ndarray of bool, dims (sample, path)
        On which paths it holds.
    condition : str
        What it is, for messages.
    stacklevel : int, default 3
        Whose line a warning names; 3 is the caller of the caller.

    Returns
    -------
    Weights
        Nothing counts but paths on which it holds.

    Raises
    ------
    EventError
        It holds on none.

    Warns
    -----
    LowEvidenceWarning
        It holds on few.
    """
    path = holds.astype(float) if weights.path is None else weights.path * holds
    effective = effective_paths(path, weights.draw)
    if effective == 0.0:
        remedy = "ask for a likelier condition, or simulate more paths (SamplerSettings.paths)"
        raise EventError(f"given {condition}: has probability zero, on none of the {holds.size:,} paths; {remedy}")
    if effective < ENOUGH:
        message = (
            f"given {condition}: happens on few of the {holds.size:,} paths, {effective:,.0f} effective ones and not "
            f"{ENOUGH:,}; mind the Monte Carlo error, ask for a likelier condition, or simulate more paths "
            f"(SamplerSettings.paths)"
        )
        warnings.warn(message, LowEvidenceWarning, stacklevel=stacklevel)
    return Weights(weights.draw, path)


def conditional_table(
    case: Case, paths: Paths, outcome: str, days: tuple[date, date], weights: Weights, estimate: Estimate
) -> pd.DataFrame:
    """Return the probability of every scenario on the second day given each state of an outcome on the first."""
    declared = case.outcome(outcome)
    if declared.recurrent:
        remedy = f'ask for the probability of an event given "ever({outcome} = {declared.active}) by {days[0]}"'
        raise EventError(
            f"given {outcome}: it is recurrent and at rest on every day, so that no state divides paths; {remedy}"
        )
    active = paths.active_at(outcome, paths.days(days[0]))
    scenarios = dict(scenarios_on(case, paths, days[1]))
    lines = {}
    for state, holds in zip(declared.states, (~active, active), strict=True):
        chance = estimate(holds, weights).mean
        condition = f"state({outcome} = {state}) on {days[0]}"
        given = conditioned(weights, holds, condition, stacklevel=4) if chance > 0.0 else None
        for scenario, happens in scenarios.items():
            row = {} if given is None else estimate(happens, given).row
            lines[state, scenario] = row | {"condition": chance}
    index = pd.MultiIndex.from_tuples(list(lines), names=["state", "scenario"])
    return pd.DataFrame(list(lines.values()), index=index, columns=COLUMNS)


def effective_paths(path: Array, draw: Array | None) -> float:
    r"""Return how many paths that count alike would say as much as weighted ones.

    :math:`(\sum w)^2 / \sum w^2` over paths.

    Parameters
    ----------
    path : ndarray, dims (sample, path)
        Weights of paths.
    draw : ndarray, dims (sample,), or None
        Weights of draws.

    Returns
    -------
    float
        From 0, if nothing counts, to the number of paths.
    """
    weight = path if draw is None else path * draw[:, None]
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares > 0.0 else 0.0
