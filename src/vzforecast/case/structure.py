"""Which priors the structure of a case calls for, and of which family."""

from collections.abc import Iterator

from vzforecast import names
from vzforecast.case.schema import CaseSpec
from vzforecast.priors import Distribution, PriorSpec

# Priors that every case has, whatever it declares.
_ALWAYS: dict[str, Distribution] = {
    "influence.rho_office": "half_normal",
    "influence.rho_proximity": "half_normal",
    "influence.tau": "half_normal",
    "signal.kappa": "log_normal",
    "signal.bearing": "normal",
    "tension.psi": "half_normal",
    "tension.lambda": "half_normal",
    "tension.cutpoint": "half_normal",
    "leverage_doubt": "normal",
}

# Priors whose location must be 0: their sign means nothing.
CENTRED = ("signal.bearing", "leverage_doubt")


def required_priors(spec: CaseSpec) -> dict[str, Distribution]:
    """Return the id and the family of every prior that a case must declare.

    Parameters
    ----------
    spec : CaseSpec
        The declarations of the case.

    Returns
    -------
    dict of str to {"normal", "half_normal", "log_normal"}
        In the order of the model: influence, signals, tension, reference classes, schedule, outcomes. A recurrent
        outcome has no recovery and no prior of it. Couplings are not in it: they exist where declared and are 0
        elsewhere, see `coupling_ids`.

    Examples
    --------
    >>> from vzforecast.case import load_case
    >>> required_priors(load_case().spec)["rate.licence"]
    'log_normal'
    """
    required = dict(_ALWAYS)
    processes = spec.processes
    required |= {f"rate.{process}": "log_normal" for process in processes}
    required |= {f"spread.{p.family}.{grouping}": "half_normal" for p in processes.values() for grouping in p.groupings}
    if spec.scheduled is not None:
        required |= {"schedule.log_odds": "normal", "schedule.days": "log_normal"}
    required |= {f"slope.{covariate}": "normal" for p in processes.values() for covariate in p.covariates}
    for outcome in spec.outcomes:
        required |= {f"delta.{transition}.{outcome.id}": "normal" for transition in outcome.transitions}
        required |= {f"leverage.{outcome.id}.{faction.id}": "normal" for faction in spec.factions}
    return required


def coupling_ids(spec: CaseSpec) -> Iterator[str]:
    """Yield the id of every coupling that a case may declare: each hazard with each other outcome that can be active.

    A recurrent outcome is never active for any time, so nothing can be coupled to it.

    Parameters
    ----------
    spec : CaseSpec
        The declarations of the case.

    Yields
    ------
    str
        ``coupling.<onset|recovery>.<outcome>.<other outcome>``; all are normal.

    Examples
    --------
    >>> from vzforecast.case import load_case
    >>> next(coupling_ids(load_case().spec))
    'coupling.onset.chevron_licence.sanctions'
    """
    sources = [outcome.id for outcome in spec.outcomes if not outcome.recurrent]
    for transition in names.TRANSITIONS:
        for outcome in spec.outcomes:
            if transition in outcome.transitions:
                yield from (f"coupling.{transition}.{outcome.id}.{other}" for other in sources if other != outcome.id)


def is_centred(prior: PriorSpec) -> bool:
    """Return whether a prior has its mean at 0, but for rounding where it was given by an interval."""
    return prior.mu is not None and abs(prior.mu) <= 1e-9 * prior.sigma
