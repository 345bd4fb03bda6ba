"""Items from texts: the cells of a CSV file, or one typed line."""

import re
import shlex
from collections.abc import Mapping
from typing import Any, Final, get_args

from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence.base import Evidence
from vzforecast.evidence.kinds import KINDS
from vzforecast.inputs.wording import choices

_WHOLE: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_FLAGS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}
_QUOTES: Final = ", without quotes"


def parse_item(text: str) -> Evidence:
    """Read an item typed in one line.

    Parameters
    ----------
    text : str
        The type, then ``key=value`` for every field, split as a shell splits words; a value with spaces is quoted.

    Returns
    -------
    Evidence
        An item of that type.

    Raises
    ------
    EvidenceError
        Not such a line, an unknown type or key, a key given twice, or a field at fault.

    Examples
    --------
    >>> parse_item('signal date=2025-02-26 faction=hardliners headline="The oil concession ends"').headline
    'The oil concession ends'
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        problem = f"not readable ({str(error).lower()})"
        raise EvidenceError([Fault("item", "text", text, problem, "close every quote")]) from None
    if not words:
        example = "signal date=2025-02-26 faction=hardliners"
        raise EvidenceError([Fault("item", "text", "", "empty", f"write a type and its fields, such as {example}")])
    kind = kind_of(words[0])
    fields: dict[str, str] = {}
    faults: list[Fault] = []
    for word in words[1:]:
        key, sign, value = word.partition("=")
        if not sign:
            remedy = "write key=value, and quote a value with spaces"
            faults.append(Fault(kind.type, "text", word, "no key and value", remedy))
        elif key in fields:
            faults.append(Fault(kind.type, key, value, "key given twice", "keep one of them"))
        fields.setdefault(key, value)
    if faults:
        raise EvidenceError(faults)
    return item_of(kind, fields)


def kind_of(name: object) -> type[Evidence]:
    """Return the kind of a type.

    Parameters
    ----------
    name : object
        What stands where the type belongs; None if nothing does.

    Returns
    -------
    type of Evidence
        The kind.

    Raises
    ------
    EvidenceError
        There is no such type.
    """
    if isinstance(name, str) and name in KINDS:
        return KINDS[name]
    if name is None or name == "":
        raise EvidenceError([Fault("item", "type", "", "key missing", f"add it; {choices('', KINDS)}")])
    raise EvidenceError([Fault("item", "type", str(name), "unknown type", choices(str(name), KINDS))])


def item_of(kind: type[Evidence], texts: Mapping[str, str]) -> Evidence:
    """Make an item from the texts of its fields.

    Parameters
    ----------
    kind : type of Evidence
        Its kind.
    texts : mapping of str to str
        By name; a blank one counts as not given.

    Returns
    -------
    Evidence
        The item.

    Raises
    ------
    EvidenceError
        A field is unknown or at fault.
    """
    fields = {name: _value(kind, name, text.strip()) for name, text in texts.items() if text.strip()}
    try:
        return kind(**fields)
    except EvidenceError as error:
        found = [Fault(f.file, f.place, f.value, f.problem, f.remedy.removesuffix(_QUOTES)) for f in error.faults]
        raise EvidenceError(found) from None


def _value(kind: type[Evidence], name: str, text: str) -> Any:
    """Read a number or flag; what is none stays text, and the kind says what is wrong with it."""
    scalars = _scalars(kind.model_fields[name].annotation) if name in kind.model_fields else set()
    if bool in scalars:
        return _FLAGS.get(text.lower(), text)
    if int in scalars and _WHOLE.fullmatch(text):
        return int(text)
    if float in scalars and _NUMBER.fullmatch(text):
        return float(text)
    return text


def _scalars(annotation: object) -> set[object]:
    """Return which of bool, int and float an annotation speaks of."""
    if annotation in (bool, int, float):
        return {annotation}
    return {found for part in get_args(annotation) for found in _scalars(part)}
