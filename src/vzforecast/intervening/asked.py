"""What is asked for as a value; what does not have the form of an intervention is refused here."""

from typing import Any

import numpy as np
from pydantic import ValidationError

from vzforecast.errors import Fault, InterventionError
from vzforecast.forecast.intervention import Intervention
from vzforecast.inputs.toml_faults import toml_faults

_PARTS = ("influence", "silence", "actors", "outcomes", "coupling")


def asked(**fields: Any) -> Intervention:
    """Return the intervention that the arguments of ``intervene`` describe.

    Parameters
    ----------
    **fields
        The fields of `Intervention`.

    Returns
    -------
    Intervention
        Of the right form; whether the case has what it names is checked elsewhere.

    Raises
    ------
    InterventionError
        Nothing is brought about, or a value has another type or is out of range.
    """
    if not any(fields[part] for part in _PARTS):
        remedy = "give influence=, silence=, actors=, outcomes= or coupling="
        raise InterventionError([Fault("intervention", "", "", "nothing is brought about", remedy)])
    plain = {name: _plain(value) for name, value in fields.items()}
    try:
        return Intervention(**plain)
    except ValidationError as error:
        raise InterventionError(toml_faults("intervention", plain, Intervention, error)) from None


def _plain(value: Any) -> Any:
    """Take numbers out of numpy, and mappings of any kind as dict."""
    if isinstance(value, np.generic):
        return value.item()
    return {key: _plain(entry) for key, entry in value.items()} if hasattr(value, "items") else value
