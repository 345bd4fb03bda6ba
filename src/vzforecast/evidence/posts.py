"""Who takes a post, and who leaves one."""

from typing import Annotated, ClassVar

from pydantic import Field

from vzforecast.evidence.base import Evidence, Label

ShareOf100 = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Appointment(Evidence):
    """An actor takes a post, or the scores of the present one change; a post held until then ends on that day.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`; `date` is the first day in post.
    actor : str
        Who.
    office, proximity, salience : float
        Power of the office, closeness to the president, and attention to the country: each from 0 to 100, all
        judgement.
    faction : str or None
        Faction; if not given, the one to which the actor belonged last.
    role : str or None
        Name of the post; if not given, the present one goes on.

    Raises
    ------
    EvidenceError
        A field is at fault.

    Examples
    --------
    >>> item = Appointment(
    ...     actor="Christopher Landau", faction="hardliners", office=55, proximity=35, salience=60, date="2025-03-25"
    ... )
    >>> item.office
    55.0
    """

    type: ClassVar[str] = "appointment"

    actor: Label
    office: ShareOf100
    proximity: ShareOf100
    salience: ShareOf100
    faction: Label | None = None
    role: Label | None = None


class Departure(Evidence):
    """An actor leaves the present post and takes no other.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`; `date` is the first day out of post.
    actor : str
        Who.

    Raises
    ------
    EvidenceError
        A field is at fault.

    Examples
    --------
    >>> Departure(actor="Mike Waltz", date="2025-05-01").type
    'departure'
    """

    type: ClassVar[str] = "departure"

    actor: Label
