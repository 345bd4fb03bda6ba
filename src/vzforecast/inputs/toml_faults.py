"""What pydantic finds wrong with a TOML document, in the words of this library."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vzforecast.errors import Fault
from vzforecast.inputs.declared import ID_PATTERN, NAME_PATTERN
from vzforecast.inputs.said import SAID
from vzforecast.inputs.wording import choices, meant

Place = Sequence[int | str]

_MISSING = "add it (docs/schema.md explains every key)"
_TABLE = ("must be a table of keys", "write it as [table] or {{ key = value }}")
_LIST = ("must be a list", "write it in square brackets, or a list of tables as [[name]]")
_ID_RULES: Mapping[str, str] = {
    ID_PATTERN: "use lower-case letters, digits and underscores, beginning with a letter",
    NAME_PATTERN: "use lower-case letters, digits, hyphens and underscores, beginning with a letter or digit",
}

# By pydantic's type of error: problem and remedy. Limits are filled in from the error's context.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("key missing", _MISSING),
    "string_type": ("must be text", "put it in quotes"),
    "string_too_short": ("empty", "write something"),
    "date_type": ("must be a date", "write it as YYYY-MM-DD, without quotes or a time"),
    "int_type": ("must be a whole number", "write it in digits, without quotes"),
    "float_type": ("must be a number", "write it in digits, without quotes"),
    "bool_type": ("must be true or false", "write true or false, without quotes"),
    "finite_number": ("must be finite", "give a finite number"),
    "greater_than": ("out of range", "give a value above {gt:g}"),
    "greater_than_equal": ("out of range", "give a value of at least {ge:g}"),
    "less_than": ("out of range", "give a value below {lt:g}"),
    "less_than_equal": ("out of range", "give a value of at most {le:g}"),
    "string_too_long": ("too long", "give at most {max_length} characters"),
    "string_unicode": ("not valid text", "remove what UTF-8 cannot hold"),
    "too_long": ("too many entries", "give at most {max_length}"),
    "tuple_type": _LIST,
    "mapping_type": _TABLE,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "union_tag_not_found": ("key missing", "add it; {choices}"),
    "union_tag_invalid": ("not one of the valid values", "{choices}"),
    "literal_error": ("not one of the valid values", "{choices}"),
    "string_pattern_mismatch": ("not a valid id", "{rule}"),
    SAID: ("{problem}", "{remedy}"),
}
# A default that was not made because a field it is made from has a fault: that fault says it all.
_NO_FAULT = "default_factory_not_called"


def toml_faults(file: str, document: Mapping[str, Any], model: type[BaseModel], error: ValidationError) -> list[Fault]:
    """Translate what is wrong with a document.

    Parameters
    ----------
    file : str
        File name.
    document : mapping
        The document as parsed from TOML.
    model : type of pydantic.BaseModel
        What it should have been.
    error : pydantic.ValidationError
        What the model said.

    Returns
    -------
    list of Fault
        One for each place, in the order of the model.
    """
    found = [details for details in error.errors() if details["type"] != _NO_FAULT]
    faults = [_fault(file, document, model, details) for details in found]
    by_place = {fault.place: fault for fault in reversed(faults)}
    return [fault for fault in faults if by_place[fault.place] is fault]


def unknown_keys(error: ValidationError) -> list[Place]:
    """Return where the error found keys that no model has."""
    return [details["loc"] for details in error.errors() if details["type"] == "extra_forbidden"]


def without(document: Mapping[str, Any], places: Sequence[Place]) -> dict[str, Any]:
    """Return a copy of a document without the keys at some places, so that the rest can still be checked."""
    copy = {key: _deep_copy(value) for key, value in document.items()}
    for place in places:
        holder: Any = copy
        *steps, last = _real_steps(document, place)
        for step in steps:
            holder = holder[step]
        holder.pop(last, None)
    return copy


def shown(value: object) -> str:
    """Return a value as a person would find it in the file, or nothing if it is a whole table or list."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float | dt.date | dt.time):
        text = str(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    return ""


def _fault(file: str, document: Mapping[str, Any], model: type[BaseModel], details: ErrorDetails) -> Fault:
    kind, loc, value = details["type"], details["loc"], details["input"]
    context = dict(details.get("ctx", {}))
    if kind == "missing" and isinstance(loc[-1], int):
        return Fault(file, _place_name(document, loc[:-1]), "", "too few entries", f"give at least {loc[-1] + 1}")
    place = _place_name(document, loc)
    if kind == "extra_forbidden":
        known = _keys_at(model, loc)
        remedy = f"{meant(str(loc[-1]), known)}the keys here are {', '.join(known)}"
        return Fault(file, place, "", "unknown key", remedy)
    if kind == "too_long" and context["max_length"] == 0:
        return Fault(file, place, "", "not used with this table", "leave it out")
    if kind.startswith("union_tag"):
        place = f"{place}.{str(context['discriminator']).strip(chr(39))}"
        value = context.get("tag", "")
        valid = str(context.get("expected_tags", "")) or ", ".join(_tags_at(model, loc))
        context["choices"] = choices(str(value), _unquoted(valid))
    if kind == "literal_error":
        context["choices"] = choices(str(value), _unquoted(str(context["expected"])))
    if kind == "string_pattern_mismatch":
        context["rule"] = _ID_RULES[str(context["pattern"])]
    if kind == SAID:
        place, value = context.get("place", place), context.get("value", value)
    problem, remedy = _SENTENCES.get(kind, ("not a valid value", "see docs/schema.md"))
    found = "" if kind == "missing" else shown(value)
    return Fault(file, place, found, problem.format(**context), remedy.format(**context))


def _unquoted(expected: str) -> list[str]:
    """Split pydantic's ``'a', 'b' or 'c'``."""
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",")]


def _real_steps(document: object, loc: Place) -> Iterator[int | str]:
    """Drop from pydantic's path what is not in the document: the tags of unions, the marks of keys."""
    here: Any = document
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(here, Mapping):
            if step not in here and (not last or step in ("[key]", "int", "str")):
                continue
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step] if step < len(here) else None
        else:
            continue
        yield step


def _place_name(document: Mapping[str, Any], loc: Place) -> str:
    """Return a dotted place; an entry of a list goes by its id, or by its number counted from 1."""
    here: Any = document
    name = ""
    for step in _real_steps(document, loc):
        here = here.get(step) if isinstance(here, Mapping) else here[step]
        if isinstance(step, int):
            label = here.get("id") if isinstance(here, Mapping) else None
            name += f".{label}" if isinstance(label, str) and label else f"[{step + 1}]"
        else:
            name += f".{step}"
    return name.lstrip(".")


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _models_at(model: type[BaseModel], loc: Place) -> list[type[BaseModel]]:
    """Return the models that may stand at a place, following fields and the tags of unions."""
    here = [model]
    for step in loc:
        tagged = [m for m in here if "table" in m.model_fields and step in get_args(m.model_fields["table"].annotation)]
        inside = [m for m in here if isinstance(step, str) and step in m.model_fields]
        if tagged:
            here = tagged
        elif inside:
            here = _models(inside[0].model_fields[str(step)].annotation)
    return here


def _keys_at(model: type[BaseModel], loc: Place) -> list[str]:
    return list(dict.fromkeys(key for found in _models_at(model, loc[:-1]) for key in found.model_fields))


def _tags_at(model: type[BaseModel], loc: Place) -> list[str]:
    return [get_args(found.model_fields["table"].annotation)[0] for found in _models_at(model, loc)]


def _deep_copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _deep_copy(item) for key, item in value.items()}
    return [_deep_copy(item) for item in value] if isinstance(value, list) else value
