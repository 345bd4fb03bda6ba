"""Phrases that messages share: what was meant, and what there is to choose from."""

import difflib
from collections.abc import Collection

_MOST_LISTED = 12


def meant(value: str, valid: Collection[str]) -> str:
    """Return a question naming the valid value closest to the one found, or nothing if none is close.

    Parameters
    ----------
    value : str
        The value found.
    valid : collection of str
        What it could have been.

    Returns
    -------
    str
        ``"did you mean x? "`` or ``""``.

    Examples
    --------
    >>> meant("hardliner", ["hardliners", "oil"])
    'did you mean hardliners? '
    """
    close = difflib.get_close_matches(value, list(dict.fromkeys(valid)), n=1)
    return f"did you mean {close[0]}? " if close else ""


def meant_or(value: str, valid: Collection[str], otherwise: str) -> str:
    """Return the remedy for a name that may be misspelt or may not belong there at all.

    Parameters
    ----------
    value : str
        The name found.
    valid : collection of str
        The names that belong there.
    otherwise : str
        What to do if none of them was meant.

    Returns
    -------
    str
        For example ``"did you mean oil? otherwise remove it"``.

    Examples
    --------
    >>> meant_or("gas", ["hardliners", "oil"], "remove it")
    'remove it'
    """
    question = meant(value, valid)
    return f"{question}otherwise {otherwise}" if question else otherwise


def choices(value: str, valid: Collection[str]) -> str:
    """Return the remedy for a value outside a list: the likeliest meant, and the list if it is short.

    Parameters
    ----------
    value : str
        The value found.
    valid : collection of str
        The values allowed.

    Returns
    -------
    str
        For example ``"did you mean oil? choose one of hardliners, oil"``.

    Examples
    --------
    >>> choices("gas", ["hardliners", "oil"])
    'choose one of hardliners, oil'
    """
    listed = list(dict.fromkeys(valid))
    if not listed:
        return "there is none to choose from"
    if len(listed) > _MOST_LISTED:
        return f"{meant(value, listed)}choose one of the {len(listed)} that exist"
    return f"{meant(value, listed)}choose one of {', '.join(listed)}"
