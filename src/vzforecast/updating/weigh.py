"""Whether the draws of the last fit can be weighted to what is known now, and by how much."""

import math
from dataclasses import dataclass

import numpy as np

from vzforecast import names
from vzforecast.case import Case
from vzforecast.forecast.posterior import stacked
from vzforecast.history import Known, NoPlaceError
from vzforecast.latent import Draws
from vzforecast.priors import PriorSpec
from vzforecast.reweight import Reweighted, reweight
from vzforecast.updating.basis import Basis


@dataclass(frozen=True, eq=False)
class Verdict:
    """What came of the attempt.

    Attributes
    ----------
    result : Reweighted or None
        Weights that can be trusted, if there are such.
    why : str
        What speaks for them or against them.
    khat, ess : float
        Pareto k and effective draws; NaN if it did not come to that.
    """

    result: Reweighted | None
    why: str
    khat: float = math.nan
    ess: float = math.nan


def weigh(basis: Basis, known: Known) -> Verdict:
    """Weigh the draws of the last fit by what is known now, unless the model itself is another.

    Parameters
    ----------
    basis : Basis
        The last fit.
    known : Known
        With all evidence, as rows for the draws of the fit.

    Returns
    -------
    Verdict
        Weights, or why there are none.
    """
    if why := _another_model(basis, known.case):
        return Verdict(None, why)
    try:
        result = _pooled(basis, known)
    except NoPlaceError as error:
        return Verdict(None, str(error))
    if result.failures:
        return Verdict(None, ", ".join(result.failures), result.khat, result.ess)
    return Verdict(result, "k-hat and ESS are within their limits", result.khat, result.ess)


def _another_model(basis: Basis, case: Case) -> str:
    """Say why no weights could do: the fit failed, or the parameters or their priors are others."""
    fitted = basis.known.case
    if not basis.diagnostics.ok:
        return "the fit it starts from failed its diagnostics"
    if case.spec != fitted.spec:
        return "the declarations of the case changed"
    if case.priors_digest != fitted.priors_digest:
        old, new = ({key: _numbers(prior) for key, prior in one.prior_specs.items()} for one in (fitted, case))
        changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        return f"priors changed: {', '.join(changed)}"
    return ""


def _numbers(prior: PriorSpec) -> tuple[str, float | None, float]:
    return prior.distribution, prior.mu, prior.sigma


def _pooled(basis: Basis, known: Known) -> Reweighted:
    """Weigh the draws of each reading by itself; they stay pooled in equal parts."""
    draws, readings = stacked(basis.posterior), len(known.readings)
    chains = basis.posterior[names.POSTERIOR].sizes[names.CHAIN] // readings
    periods = basis.known.history.period_now, known.history.period_now
    parts = [
        reweight(_part(draws, number, readings), before, now, periods, chains=chains, seed=basis.seed)
        for number, (before, now) in enumerate(zip(basis.known.readings, known.readings, strict=True))
    ]
    return Reweighted(
        weights=np.concatenate([part.weights for part in parts]) / readings,
        khat=max(part.khat for part in parts),
        ess=sum(part.ess for part in parts),
        chains=chains * readings,
        influence_step=np.concatenate([part.influence_step for part in parts]),
        tone_step=np.concatenate([part.tone_step for part in parts]),
    )


def _part(draws: Draws, number: int, parts: int) -> Draws:
    size = len(draws["tau"]) // parts
    return {name: values[number * size : (number + 1) * size] for name, values in draws.items()}
