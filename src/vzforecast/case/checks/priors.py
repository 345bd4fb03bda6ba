"""Checks of priors.toml against the structure that the case declares."""

from collections.abc import Iterator, Mapping

from vzforecast.case.schema import CaseSpec
from vzforecast.case.structure import CENTRED, coupling_ids, is_centred, required_priors
from vzforecast.errors import Fault
from vzforecast.inputs.wording import meant_or
from vzforecast.names import RECOVERY
from vzforecast.priors import Distribution, PriorSpec

_FILE = "priors.toml"


def check_priors(spec: CaseSpec, priors: Mapping[str, PriorSpec | None] | Mapping[str, PriorSpec]) -> Iterator[Fault]:
    """Yield the priors that are missing, superfluous, of the wrong family, or off centre.

    Parameters
    ----------
    spec : CaseSpec
        The declarations, which fix the ids and families.
    priors : mapping of str to PriorSpec or None
        The priors; None where one could not be read.

    Yields
    ------
    Fault
        Each contradiction.
    """
    required = required_priors(spec)
    families: dict[str, Distribution] = {**required, **dict.fromkeys(coupling_ids(spec), "normal")}
    for prior_id, family in required.items():
        if prior_id not in priors:
            yield Fault(_FILE, prior_id, "", "prior missing", f"add [{prior_id}] with a {family} distribution")
    for prior_id, prior in priors.items():
        if prior_id not in families:
            possible = families if prior_id.startswith("coupling.") else required
            missing = [known for known in possible if known not in priors]
            yield _of_recurrent(spec, prior_id) or _superfluous(prior_id, missing)
        elif prior is not None:
            yield from _unsuitable(prior_id, prior, families[prior_id])


def _of_recurrent(spec: CaseSpec, prior_id: str) -> Fault | None:
    """Return the fault of a prior that would be in its place if an outcome were not recurrent, None of any other."""
    kind, *rest = prior_id.split(".")
    recurrent = {outcome.id for outcome in spec.outcomes if outcome.recurrent}
    if kind in ("delta", "coupling") and rest[:1] == [RECOVERY] and rest[1] in recurrent:
        return Fault(_FILE, prior_id, "", f"{rest[1]} is recurrent and has no recovery", "remove it")
    if kind == "coupling" and len(rest) == 3 and rest[2] in recurrent:
        problem = f"{rest[2]} is recurrent, never active for any time, so that nothing can follow from its state"
        return Fault(_FILE, prior_id, "", problem, "remove it")
    return None


def _superfluous(prior_id: str, missing: list[str]) -> Fault:
    kind, *rest = prior_id.split(".")
    if kind == "coupling" and len(rest) == 3 and rest[1] == rest[2]:
        return Fault(_FILE, prior_id, "", "couples an outcome with itself", "remove it")
    return Fault(_FILE, prior_id, "", "the case has no use for this prior", meant_or(prior_id, missing, "remove it"))


def _unsuitable(prior_id: str, prior: PriorSpec, family: Distribution) -> Iterator[Fault]:
    if prior.distribution != family:
        place, remedy = f"{prior_id}.distribution", f'write distribution = "{family}"'
        yield Fault(_FILE, place, prior.distribution, "not the family that the model needs", remedy)
    elif prior_id in CENTRED and not is_centred(prior):
        remedy = "write mu = 0.0, or an interval symmetric about 0"
        yield Fault(_FILE, prior_id, f"{prior.mu:g}", "its mean must be 0", remedy)
