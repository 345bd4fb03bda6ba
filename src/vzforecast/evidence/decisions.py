"""What governments did: promises resolved, licences decided, steps taken."""

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from vzforecast.evidence.base import Day, Evidence, Label
from vzforecast.inputs.said import said


class CommitmentResolved(Evidence):
    """A promise turned out kept, kept in part, or broken.

    A promise that the case does not have yet is described by the fields from `agreement` on.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`; `date` is the day on which the result was clear.
    commitment : str
        Id of the promise.
    result : {"kept", "partial", "broken", "unresolved"}
        How it ended; ``"unresolved"`` sets it aside as one that can no longer be judged.
    first_breach : datetime.date or None
        First day of breach, if there was one.
    agreement : str or None
        Id of its agreement.
    kind : str or None
        Kind of promise, as in the commitments table.
    form : {"one_off", "flow"} or None
        Delivered or not, or a continuing duty.
    regime_threat : int or None
        0 little risk to the government, 1 raises the cost of control, 2 could cost office.
    relief_at_stake : {"none", "minor", "major"} or None
        What it was to be rewarded with.
    signed : datetime.date or None
        Day of signature of an agreement that the case does not have.
    own_history_of : str or None
        Outcome whose own history the promise belongs to, so that it teaches no reference class.

    Raises
    ------
    EvidenceError
        A field is at fault, or the breach contradicts the date or the result.

    Examples
    --------
    >>> item = CommitmentResolved(
    ...     commitment="gre_transport", result="broken", date="2025-03-30", first_breach="2025-03-08"
    ... )
    >>> item.first_breach
    datetime.date(2025, 3, 8)
    """

    type: ClassVar[str] = "commitment_resolved"

    commitment: Label
    result: Literal["kept", "partial", "broken", "unresolved"]
    first_breach: Day | None = None
    agreement: Label | None = None
    kind: Label | None = None
    form: Literal["one_off", "flow"] | None = None
    regime_threat: Annotated[int, Field(ge=0, le=2)] | None = None
    relief_at_stake: Literal["none", "minor", "major"] | None = None
    signed: Day | None = None
    own_history_of: Label | None = None

    @field_validator("first_breach")
    @classmethod
    def _no_breach_if_kept(cls, breach: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if breach is not None and info.data.get("result") == "kept":
            raise said("a breach of a promise that is kept", "correct the result, or leave it out")
        return breach

    @field_validator("first_breach", "signed")
    @classmethod
    def _not_after_result(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        clear = info.data.get("date")
        if day is not None and clear is not None and day > clear:
            raise said(f"after the day on which the result was clear, {clear}", "correct one of the dates")
        return day


class LicenceDecision(Evidence):
    """A decision on a recurring licence.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`; `date` is the day of issue.
    licence : str
        The licence, such as ``"GL 41"``.
    decision : str
        One of ``initial``, ``renewed``, ``widened``, ``replaced``, ``narrowed``, ``winddown``, ``revoked``, ``lapsed``.
    new_expiry : datetime.date or None
        Day at whose first minute the new term ends, if it has an end.
    version : str or None
        Name of the paper, such as ``"41A"``.
    series : str or None
        Series of the licence, where the case does not show it.
    scope : str or None
        What it allows.
    self_renewing : bool
        Whether it rolls forward by itself, so that its expiry ends nothing.
    own_history_of : str or None
        Outcome whose own history the decision belongs to, so that it teaches no reference class.

    Raises
    ------
    EvidenceError
        A field is at fault.

    Examples
    --------
    >>> LicenceDecision(licence="GL 41", decision="winddown", date="2025-03-04", new_expiry="2025-04-03").new_expiry
    datetime.date(2025, 4, 3)
    """

    type: ClassVar[str] = "licence_decision"

    licence: Label
    decision: Literal["initial", "renewed", "widened", "replaced", "narrowed", "winddown", "revoked", "lapsed"]
    new_expiry: Day | None = None
    version: Label | None = None
    series: Label | None = None
    scope: Label | None = None
    self_renewing: bool = False
    own_history_of: Label | None = None


class Action(Evidence):
    """A step that tightened or eased pressure.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`.
    direction : {"tighten", "ease"}
        Which way it went.
    kind : str
        Kind of step, such as ``"executive_order"``.
    severity : int
        1 names or a minor licence, 2 a sector, institution or programme, 3 regime-wide.
    sectoral : bool
        Whether it covers a whole sector.
    instrument : str or None
        Name of the paper.
    own_history_of : str or None
        Outcome whose own history the step belongs to, so that it teaches no reference class.

    Raises
    ------
    EvidenceError
        A field is at fault.

    Examples
    --------
    >>> str(Action(id="eo_14245", date="2025-03-24", direction="tighten", kind="tariff", severity=3, sectoral=True))
    'action eo_14245'
    """

    type: ClassVar[str] = "action"

    direction: Literal["tighten", "ease"]
    kind: Label
    severity: Annotated[int, Field(ge=1, le=3)]
    sectoral: bool = False
    instrument: Label | None = None
    own_history_of: Label | None = None
