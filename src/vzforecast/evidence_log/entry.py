"""One entry of a log: an item added, put right or taken back, and the day from which that counts."""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, InstanceOf, ValidationError, ValidationInfo, field_validator

from vzforecast.errors import EvidenceError
from vzforecast.evidence import Evidence
from vzforecast.evidence.base import Day, Line, Prose
from vzforecast.inputs.declared import Declared
from vzforecast.inputs.said import said
from vzforecast.inputs.toml_faults import toml_faults


class Entry(Declared):
    """One thing done to a log; frozen, checked when made.

    Attributes
    ----------
    what : {"add", "retract", "correct"}
        What was done.
    on : datetime.date
        The day from which it counts, that day included.
    item : Evidence or None
        The item added, or its new version; None in a retraction.
    id : str
        Id of the item; of a retraction only this is given.
    why : str
        The reason, for whoever reads the log.

    Raises
    ------
    EvidenceError
        A field is missing, unknown or at fault.

    Examples
    --------
    >>> Entry(what="retract", on="2025-03-01", id="leak", why="The paper was forged.").on
    datetime.date(2025, 3, 1)
    """

    model_config = ConfigDict(validate_default=True)

    what: Literal["add", "retract", "correct"]
    on: Day
    item: InstanceOf[Evidence] | None = None
    id: Line = ""
    why: Prose = ""

    if not TYPE_CHECKING:  # editors and mypy are to see the parameters that the fields make

        def __init__(self, /, **fields: Any):
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise EvidenceError(toml_faults("entry", fields, type(self), error)) from None

    @field_validator("item")
    @classmethod
    def _unless_retracted(cls, item: Evidence | None, info: ValidationInfo) -> Evidence | None:
        what = info.data.get("what")
        if what == "retract" and item is not None:
            raise said("given in a retraction", "leave it out; the id is enough")
        if what in ("add", "correct") and item is None:
            raise said("missing", "give the item")
        return item

    @field_validator("id")
    @classmethod
    def _of_the_item(cls, given: str, info: ValidationInfo) -> str:
        item: Evidence | None = info.data.get("item")
        if item is not None and given not in ("", item.id):
            raise said(f"not the id of the item, {item.id}", "leave it out; the item has it")
        if info.data.get("what") == "retract" and not given:
            raise said("missing", "give the id of the item")
        return given if item is None else item.id

    def __str__(self) -> str:
        return f"{self.what} {self.id}"
