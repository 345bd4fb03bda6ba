"""What is asked for as a value; what does not have the form of an intervention is refused here."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, ValidationError

from vzforecast.errors import Fault, InterventionError
from vzforecast.forecast.intervention import Intervention, Post
from vzforecast.inputs.toml_faults import toml_faults

_WHERE: Final = "intervention"
_EXAMPLES: Final = {
    "influence": 'a mapping of factions to points, such as {"oil": 0.1}',
    "silence": 'a list of factions, such as ["oil"]',
    "actors": 'a mapping of actors to "in", "out" or a mapping of scores',
    "outcomes": 'a mapping of outcomes to states, such as {"sanctions": "re_escalated"}',
    "coupling": 'a mapping of couplings to factors, such as {"onset.sanctions.chevron_licence": 0.0}',
}


def asked(**fields: Any) -> Intervention:
    """Return the intervention that the arguments of ``intervene`` describe.

    Parameters
    ----------
    **fields
        The fields of `Intervention`; None for what is not given.

    Returns
    -------
    Intervention
        Of the right form; whether the case has what it names is checked elsewhere.

    Raises
    ------
    InterventionError
        Nothing is brought about, or a value has another type or is out of range.
    """
    plain = {name: _plain(value) for name, value in fields.items() if value is not None}
    if misshapen := list(_misshapen(plain)):
        raise InterventionError(misshapen)
    if not any(plain.get(part) for part in _EXAMPLES):
        remedy = "give influence=, silence=, actors=, outcomes= or coupling="
        raise InterventionError([fault("", "", "nothing is brought about", remedy)])
    try:
        return Intervention(**plain)
    except ValidationError as error:
        raise InterventionError(toml_faults(_WHERE, plain, Intervention, error)) from None


def fault(place: str, value: object, problem: str, remedy: str) -> Fault:
    """Return a fault of an intervention."""
    return Fault(_WHERE, place, str(value), problem, remedy)


def _misshapen(plain: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the parts that are no mapping or list at all, in words for a call and not for a file."""
    for part, example in _EXAMPLES.items():
        shape: type = tuple if part == "silence" else dict
        if part in plain and not isinstance(plain[part], shape):
            yield fault(part, plain[part], "has another form", f"give {example}")
    actors = plain.get("actors")
    for actor, post in actors.items() if isinstance(actors, dict) else ():
        if not isinstance(post, str | dict | Post):
            yield fault(f"actors.{actor}", post, "is no post", 'give "in", "out" or a mapping of scores')


def _plain(value: Any) -> Any:
    """Take numbers out of numpy, mappings of any kind as dict, and names in a row of any kind as tuple."""
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "items"):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | BaseModel):
        return tuple(_plain(entry) for entry in value)
    return value
