"""What is asked for as a value; what does not have the form of an intervention is refused here."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, ValidationError

from vzforecast.errors import Fault, InterventionError
from vzforecast.forecast.intervention import Intervention
from vzforecast.inputs.toml_faults import toml_faults

_WHERE: Final = "intervention"
_PARTS: Final = ("influence", "silence", "actors", "outcomes", "coupling")


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
    if not any(plain.get(part) for part in _PARTS):
        remedy = "give influence=, silence=, actors=, outcomes= or coupling="
        raise InterventionError([fault("", "", "nothing is brought about", remedy)])
    try:
        return Intervention(**plain)
    except ValidationError as error:
        raise InterventionError(toml_faults(_WHERE, plain, Intervention, error)) from None


def fault(place: str, value: object, problem: str, remedy: str) -> Fault:
    """Return a fault of an intervention."""
    return Fault(_WHERE, place, str(value), problem, remedy)


def _plain(value: Any) -> Any:
    """Take numbers out of numpy, mappings of any kind as dict, and names in a row of any kind as tuple."""
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "items"):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | BaseModel):
        return tuple(_plain(entry) for entry in value)
    return value
