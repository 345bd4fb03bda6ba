"""News, the change of state that news is about, and the day by which one will be decided."""

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from vzforecast.evidence.base import Day, Evidence, Label
from vzforecast.inputs.said import said


def _decided(fields: dict[str, Any]) -> bool:
    return bool(fields["kind"] == "decision")


class Signal(Evidence):
    """A news item that favours a faction, leans an outcome, or both.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`.
    kind : str
        Kind of news, such as ``"statement"``, the kind of weight 1, or ``"decision"``.
    strength : int
        1 colour, 2 notable, 3 turning point.
    faction : str or None
        Faction whose hand it strengthens, or ``"mixed"`` or ``"none"``.
    outcome : str or None
        Outcome that it bears on.
    lean : {"active", "neither", "rest"} or None
        State that it moves the outcome towards; given with `outcome`, and only then.
    episode : str or None
        Announcement, leak and paper of one thing share an episode, which counts once.
    actor : str or None
        Who acted.
    is_decision : bool
        Whether the president or an agency decided; if not given, whether `kind` is ``"decision"``.

    Raises
    ------
    EvidenceError
        A field is at fault, or it has neither a faction nor an outcome with a lean.

    Examples
    --------
    >>> item = Signal(date="2025-02-26", kind="decision", strength=3, faction="hardliners", episode="gl41_wind_down")
    >>> item.is_decision, item.confidence, item.id
    (True, 'low', 'signal-2025-02-26-b1324d58')
    """

    type: ClassVar[str] = "signal"

    kind: Label = "statement"
    strength: Annotated[int, Field(ge=1, le=3)] = 2
    faction: Label | None = None
    outcome: Label | None = None
    lean: Literal["active", "neither", "rest"] | None = None
    episode: Label | None = None
    actor: Label | None = None
    is_decision: bool = Field(default_factory=_decided)

    @field_validator("lean")
    @classmethod
    def _with_outcome(cls, lean: str | None, info: ValidationInfo) -> str | None:
        faction, outcome = (info.data.get(name, "at fault") for name in ("faction", "outcome"))
        if lean is not None and outcome is None:
            raise said("given without an outcome", "give outcome too, or leave lean out")
        if lean is None and outcome not in (None, "at fault"):
            raise said("missing, though an outcome is given", "give lean too, or leave outcome out")
        if faction is None and outcome is None:
            raise said("says nothing", "give faction, or outcome and lean, or all three", place="faction, outcome")
        return lean


class Transition(Evidence):
    """An outcome changed state.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`.
    outcome : str
        The outcome.
    to : str
        The state that it entered on `date`.
    episode : str or None
        Episode whose leans it replaces: what was foretold counts once it has happened, and only as that.

    Raises
    ------
    EvidenceError
        A field is at fault.

    Examples
    --------
    >>> str(Transition(id="halt", date="2025-03-08", outcome="deportation_flights", to="halted", confidence="high"))
    'transition halt'
    """

    type: ClassVar[str] = "transition"

    outcome: Label
    to: Label
    episode: Label | None = None


class ScheduledDecision(Evidence):
    """A day ahead became known: by then something about an outcome is decided.

    A later one about the same change of the outcome replaces it, as an extension does.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`; `date` is the day on which it was set, and the term is counted from `published`.
    outcome : str
        The outcome.
    due : datetime.date
        The day itself, such as that on which a wind-down ends, at its first minute; not before `published`.
    kind : str
        A kind of ``scheduled.kinds`` in ``case.toml``, which says what it bears on.

    Raises
    ------
    EvidenceError
        A field is at fault, or the day was past when it was published.

    Examples
    --------
    >>> item = ScheduledDecision(
    ...     outcome="chevron_licence", due="2025-05-27", kind="wind_down_end", date="2025-03-24", confidence="high"
    ... )
    >>> item.type, (item.due - item.published).days
    ('scheduled_decision', 64)
    """

    type: ClassVar[str] = "scheduled_decision"

    outcome: Label
    due: Day
    kind: Label

    @field_validator("due")
    @classmethod
    def _still_ahead(cls, due: dt.date, info: ValidationInfo) -> dt.date:
        published = info.data.get("published", due)
        if due < published:
            raise said(f"before the day on which it was published, {published}", "correct one of the dates")
        return due
