"""How a validator of this library says what is wrong, so that it reaches the user as a fault like any other."""

from typing import Final

from pydantic_core import PydanticCustomError

SAID: Final = "said"


def said(problem: str, remedy: str, *, place: str | None = None, value: str | None = None) -> PydanticCustomError:
    """Return the error by which a validator says what is wrong in its own words.

    Parameters
    ----------
    problem, remedy : str
        As in `Fault`.
    place, value : str, optional
        Those of the fault, if not the field that is validated and what was found there.

    Returns
    -------
    pydantic_core.PydanticCustomError
        To be raised; `vzforecast.inputs.toml_faults` makes a fault of it.
    """
    at = {"place": place, "value": value}
    found = {name: text for name, text in at.items() if text is not None}
    return PydanticCustomError(SAID, "{problem}", {"problem": problem, "remedy": remedy, **found})
