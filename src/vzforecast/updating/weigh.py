"""Whether the draws of the last fit can be weighted to what is known now, and by how much."""

import math
from dataclasses import dataclass

import numpy as np

from vzforecast import names
from vzforecast.case import Case
from vzforecast.forecast.posterior import stacked
from vzforecast.history import Design, Known, NoPlaceError
from vzforecast.history.known import READINGS
from vzforecast.latent import Array, Draws
from vzforecast.priors import PriorSpec
from vzforecast.reweight import Reweighted, reweight
from vzforecast.stacking.members import Members
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
    tried : Reweighted or None
        Weights, also where they cannot be trusted, and the later months that go with them; None if it did not come to
        that.
    """

    result: Reweighted | None
    why: str
    khat: float = math.nan
    ess: float = math.nan
    tried: Reweighted | None = None


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
    result = _pooled(parts, _shares(basis, parts))
    if failures := _failures(basis, parts):
        return Verdict(None, ", ".join(failures), result.khat, result.ess, result)
    return Verdict(result, "k-hat and ESS are within their limits", result.khat, result.ess, result)


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
    """Weigh the draws of each fit by itself: of every member, and of each of its readings."""
    pairs = [pair for terms in members_of(basis).values() for pair in rows_then_and_now(basis.known, known, terms)]
    draws = stacked(basis.posterior)
    chains = basis.posterior[names.POSTERIOR].sizes[names.CHAIN] // len(pairs)
    periods = basis.known.history.period_now, known.history.period_now
    return [
        reweight(part_of(draws, number, len(pairs)), before, now, periods, chains=chains, seed=basis.seed)
        for number, (before, now) in enumerate(pairs)
    ]


def members_of(basis: Basis) -> Members:
    """Return the terms that each member of the fit leaves out; a fit that averages nothing is its only member."""
    return {"": ()} if basis.averaged is None else basis.averaged.members


def rows_then_and_now(before: Known, now: Known, terms: tuple[str, ...]) -> list[tuple[Design, Design]]:
    """Return the rows then and now of each reading, as a member has them.

    Terms that are switched off leave rows as they are; that they are off stands in the draws.
    """
    if "defection" in terms:
        before, now = (Known(one.case.without("defection"), one.places) for one in (before, now))
    return list(zip(before.readings, now.readings, strict=True))


def _shares(basis: Basis, parts: list[Reweighted]) -> Array:
    """Return what each fit counts, dims (member, reading): members by their weight and by what they gave to the news.

    Readings count in equal parts. That is Bayes' rule for the pool: a member that foresaw the news better gains.
    """
    weights = np.ones(1) if basis.averaged is None else basis.averaged.weights
    each = np.array([part.log_evidence for part in parts]).reshape(len(weights), -1)
    evidence = np.exp(each - each.max()).mean(axis=1)
    members = weights * evidence / (weights * evidence).sum()
    return np.repeat(members[:, None] / each.shape[1], each.shape[1], axis=1)


def _failures(basis: Basis, parts: list[Reweighted]) -> list[str]:
    """Return every limit that is not met, of each fit: the pooled mean can be trusted no further than all of them."""
    readings = len(parts) // len(members_of(basis))
    said = [""] if readings == 1 else [f"partial promises {reading}" for reading in READINGS]
    labels = [", ".join(filter(None, (member, one))) for member in members_of(basis) for one in said]
    pairs = zip(parts, labels, strict=True)
    return [f"{failure} ({label})" if label else failure for part, label in pairs for failure in part.failures]


def _pooled(parts: list[Reweighted], shares: Array) -> Reweighted:
    """Pool fits by what each counts; shares have dims (member, reading)."""
    sizes = np.array([part.ess for part in parts]).reshape(shares.shape).sum(axis=1)
    return Reweighted(
        weights=np.concatenate([part.weights * share for part, share in zip(parts, shares.ravel(), strict=True)]),
        khat=max(part.khat for part in parts),
        # of as many even draws as would have the error of the weighted mean over members
        ess=1.0 / float((shares.sum(axis=1) ** 2 / sizes).sum()),
        chains=sum(part.chains for part in parts),
        influence_step=np.concatenate([part.influence_step for part in parts]),
        tone_step=np.concatenate([part.tone_step for part in parts]),
    )


def part_of(draws: Draws, number: int, parts: int) -> Draws:
    """Return the draws of one fit of several that were pooled, chain after chain."""
    size = len(next(iter(draws.values()))) // parts
    return {name: values[number * size : (number + 1) * size] for name, values in draws.items()}
