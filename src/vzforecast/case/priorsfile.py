"""priors.toml: a tree of tables, one prior a leaf, to `PriorSpec` by dotted id."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from vzforecast.errors import Fault, PriorError
from vzforecast.inputs.declared import Declared, Text
from vzforecast.inputs.toml_faults import shown, toml_faults
from vzforecast.priors import Distribution, PriorSpec, parse_interval

FILE = "priors.toml"
_EITHER = "give either interval or the parameters of the distribution"


class PriorEntry(Declared):
    """One table of priors.toml: a distribution by its parameters or by its 90 % interval, and why."""

    distribution: Distribution
    mu: float | None = None
    sigma: float | None = None
    interval: str | None = None
    unit: str = ""
    rationale: Text
    source: Text


def read_priors(document: Mapping[str, Any]) -> tuple[dict[str, PriorSpec | None], list[Fault]]:
    """Read every prior of a parsed priors.toml.

    Parameters
    ----------
    document : mapping
        The document.

    Returns
    -------
    priors : dict of str to PriorSpec or None
        By dotted id, in the order of the file; None where the entry has faults.
    faults : list of Fault
        Everything wrong with the entries taken one by one.
    """
    priors: dict[str, PriorSpec | None] = {}
    faults: list[Fault] = []
    for prior_id, entry in _leaves(document):
        if not isinstance(entry, Mapping):
            remedy = "write every prior as a table of its own, such as [influence.tau]"
            faults.append(Fault(FILE, prior_id, shown(entry), "not a prior", remedy))
            continue
        priors[prior_id] = None
        try:
            priors[prior_id] = _spec(PriorEntry.model_validate(entry))
        except ValidationError as error:
            within = toml_faults(FILE, entry, PriorEntry, error)
            faults += [Fault(FILE, f"{prior_id}.{f.place}", f.value, f.problem, f.remedy) for f in within]
        except PriorError as error:
            problem, _, remedy = str(error).rpartition("; ")
            by_interval = "interval" in entry and not {"mu", "sigma"} & set(entry)
            place, value = (f"{prior_id}.interval", shown(entry["interval"])) if by_interval else (prior_id, "")
            faults.append(Fault(FILE, place, value, problem, remedy))
    return priors, faults


def _leaves(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield each prior; a table that holds tables and no distribution is only part of an id."""
    for key, value in document.items():
        prior_id = f"{prefix}{key}"
        if isinstance(value, Mapping) and "distribution" not in value and _holds_tables(value):
            yield from _leaves(value, f"{prior_id}.")
        else:
            yield prior_id, value


def _holds_tables(value: Mapping[str, Any]) -> bool:
    return any(isinstance(item, Mapping) for item in value.values())


def _spec(entry: PriorEntry) -> PriorSpec:
    if entry.interval is not None:
        if entry.mu is not None or entry.sigma is not None:
            raise PriorError(f"has both an interval and parameters; {_EITHER}")
        lower, upper = parse_interval(entry.interval)
        return PriorSpec.from_interval(
            entry.distribution, lower, upper, rationale=entry.rationale, source=entry.source, unit=entry.unit
        )
    if entry.sigma is None:
        raise PriorError(f"has neither an interval nor sigma; {_EITHER}")
    return PriorSpec(entry.distribution, entry.mu, entry.sigma, None, entry.rationale, entry.source, entry.unit)
