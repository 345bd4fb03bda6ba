"""What every kind of evidence has in common: an id, two days, where it comes from and how sure one is of it."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self

import numpy as np
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from vzforecast.errors import DateError, EvidenceError, Fault
from vzforecast.inputs.dates import as_day
from vzforecast.inputs.declared import Declared
from vzforecast.inputs.said import said
from vzforecast.inputs.toml_faults import toml_faults

# What no file holds so that it reads back the same, and no terminal should be sent.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_END: Final = re.compile("\r\n?")
# No longer than the reader of CSV files takes a cell to be.
_LONGEST: Final = 100_000


def _day(value: Any) -> dt.date:
    try:
        return as_day(value)
    except DateError as error:
        raise said("not a day", str(error).partition("; ")[2]) from None


def _prose(text: str) -> str:
    text = _LINE_END.sub("\n", text)
    if found := _CONTROL.search(text):
        raise said(f"holds the control character U+{ord(found.group()):04X}", "remove it")
    return text.strip()


def _line(text: str) -> str:
    text = _prose(text)
    if "\n" in text or "\t" in text:
        raise said("holds a line break or a tab", "write it in one line, with spaces")
    return text


def _not_empty(text: str) -> str:
    if not text:
        raise said("empty", "write something, or leave it out")
    return text


Day = Annotated[dt.date, BeforeValidator(_day)]
Prose = Annotated[str, StringConstraints(max_length=_LONGEST), AfterValidator(_prose)]
Line = Annotated[str, StringConstraints(max_length=_LONGEST), AfterValidator(_line)]
Label = Annotated[Line, AfterValidator(_not_empty)]


def _same_day(fields: dict[str, Any]) -> dt.date:
    day: dt.date = fields["date"]
    return day


class Evidence(Declared):
    """Base of every kind of evidence: one item that became known, frozen and checked.

    Attributes
    ----------
    id : str
        Its name, by which it is found again; made from the content if not given, so that equal items have equal ids.
    date : datetime.date
        The day the thing happened.
    published : datetime.date
        The day it became public, from which a forecast may know it; `date` if not given.
    headline : str
        What happened, in one sentence.
    source : str
        Where it stands.
    confidence : {"high", "medium", "low"}
        How sure one is of it: "low" (unconfirmed) unless stated. Kept and shown, never a weight.
    note : str
        Anything else worth knowing.

    Raises
    ------
    EvidenceError
        Fields are missing, unknown, out of range or contradict each other; `faults` lists all of it. A field given as
        None counts as not given.

    See Also
    --------
    vzforecast.evidence.KINDS : The kinds there are.

    Examples
    --------
    >>> from vzforecast.evidence import Departure
    >>> item = Departure(actor="Mike Waltz", date="2025-05-01")
    >>> item.type, item.published, isinstance(item, Evidence)
    ('departure', datetime.date(2025, 5, 1), True)
    """

    model_config = ConfigDict(validate_default=True)

    type: ClassVar[str] = ""
    is_row: ClassVar[bool] = True

    id: Line = ""
    date: Day
    published: Day = Field(default_factory=_same_day)
    headline: Prose = ""
    source: Prose = ""
    confidence: Literal["high", "medium", "low"] = "low"
    note: Prose = ""

    if not TYPE_CHECKING:  # editors and mypy are to see the parameters that the fields make

        def __init__(self, /, **fields: Any):
            given = _given(type(self), fields)
            try:
                super().__init__(**given)
            except ValidationError as error:
                label = item_label(self.type, given.get("id"))
                raise EvidenceError(toml_faults(label, given, type(self), error)) from None

    @field_validator("published")
    @classmethod
    def _not_before_date(cls, published: dt.date, info: ValidationInfo) -> dt.date:
        date = info.data.get("date", published)
        if published < date:
            problem = f"dated after its published date, {published}"
            raise said(problem, "correct one of the dates", place="date", value=str(date))
        return published

    @model_validator(mode="after")
    def _named_after_content(self) -> Self:
        if not self.id:
            content = json.dumps(self.given(), sort_keys=True, default=str)
            digest = hashlib.sha256(content.encode()).hexdigest()[:8]
            object.__setattr__(self, "id", f"{self.type}-{self.date}-{digest}")
        return self

    def __str__(self) -> str:
        return item_label(self.type, self.id)

    def given(self) -> dict[str, Any]:
        """Return the fields that say more than their defaults.

        Returns
        -------
        dict
            Values by name, in the order of the fields.
        """
        values = self.__dict__
        return {
            name: values[name]
            for name, field in type(self).model_fields.items()
            if values[name] != field.get_default(call_default_factory=True, validated_data=values)
        }


def item_label(kind: str, item_id: object) -> str:
    """Return how messages call an item.

    Parameters
    ----------
    kind : str
        Its type.
    item_id : object
        Its id, if it has a usable one.

    Returns
    -------
    str
        For example ``"signal leak_of_march"``.
    """
    return f"{kind} {item_id}" if isinstance(item_id, str) and item_id else kind


def _given(kind: type[Evidence], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is None, take numbers out of numpy, and refuse the base class, which is no kind."""
    if not kind.type:
        kinds = ", ".join(sorted(one.__name__ for one in kind.__subclasses__()))
        raise EvidenceError([Fault("evidence", "type", "", "the base of all kinds is none", f"make one of {kinds}")])
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in fields.items()}
    return {name: value for name, value in plain.items() if value is not None or name not in kind.model_fields}
