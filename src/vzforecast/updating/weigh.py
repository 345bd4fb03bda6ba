"""Whether the draws of the last fit can be weighted to what is known now, and by how much."""

import math
from dataclasses import dataclass

import numpy as np

from vzforecast import names
from vzforecast.case import Case
from vzforecast.forecast.posterior import stacked
from vzforecast.history import Known, NoPlaceError
from vzforecast.history.known import READINGS
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
        parts = _readings(basis, known)
    except NoPlaceError as error:
        return Verdict(None, str(error))
    result = _pooled(parts)
    if failures := _failures(parts):
        return Verdict(None, ", ".join(failures), result.khat, result.ess)
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


def _readings(basis: Basis, known: Known) -> list[Reweighted]:
    """Weigh the draws of each reading by itself."""
    draws, readings = stacked(basis.posterior), len(known.readings)
    chains = basis.posterior[names.POSTERIOR].sizes[names.CHAIN] // readings
    periods = basis.known.history.period_now, known.history.period_now
    return [
        reweight(_part(draws, number, readings), before, now, periods, chains=chains, seed=basis.seed)
        for number, (before, now) in enumerate(zip(basis.known.readings, known.readings, strict=True))
    ]


def _failures(parts: list[Reweighted]) -> list[str]:
    """Return every limit that is not met, of each reading: the pooled mean can be trusted no further than both."""
    if len(parts) == 1:
        return list(parts[0].failures)
    pairs = zip(parts, READINGS, strict=True)
    return [f"{failure} (partial promises {reading})" for part, reading in pairs for failure in part.failures]


def _pooled(parts: list[Reweighted]) -> Reweighted:
    """Pool the readings in equal parts."""
    return Reweighted(
        weights=np.concatenate([part.weights for part in parts]) / len(parts),
        khat=max(part.khat for part in parts),
        ess=sum(part.ess for part in parts),
        chains=sum(part.chains for part in parts),
        influence_step=np.concatenate([part.influence_step for part in parts]),
        tone_step=np.concatenate([part.tone_step for part in parts]),
    )


def _part(draws: Draws, number: int, parts: int) -> Draws:
    size = len(draws["tau"]) // parts
    return {name: values[number * size : (number + 1) * size] for name, values in draws.items()}
