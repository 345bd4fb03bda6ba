"""Errors that show the text of an event and point at the place."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Never

from vzforecast.errors import EventError


def fail(text: str, offset: int, problem: str) -> Never:
    """Raise the error for a problem at one place of a text.

    Parameters
    ----------
    text : str
        The whole text of the event.
    offset : int
        Characters before the place.
    problem : str
        What is wrong there, and the remedy.

    Raises
    ------
    EventError
        Always.
    """
    # One character for one, so that the caret stands under the place whatever the text is laid out with.
    line = re.sub(r"\s", " ", text)
    raise EventError(f"event, column {offset + 1}: {problem}\n  {line}\n  {' ' * offset}^")


def unknown(kind: str, name: str, valid: Iterable[str]) -> str:
    """Say that a name is not known, which one may be meant, and which ones there are."""
    names = list(valid)
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {kind} {name!r}; {hint}valid: {', '.join(names)}"


def in_brief(error: EventError) -> tuple[str, str]:
    """Return the problem and the remedy of an error, without the text it shows.

    Parameters
    ----------
    error : EventError
        From `fail`, or a message of the form ``problem; remedy``.

    Returns
    -------
    tuple of (str, str)
        As in `vzforecast.errors.Fault`.
    """
    problem, _, remedy = str(error).partition("\n")[0].removeprefix("event, ").partition("; ")
    return problem, remedy or "correct the text there"
