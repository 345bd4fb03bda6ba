"""Parse the text of an event."""

from vzforecast.events.open_event import OpenEvent
from vzforecast.events.tree import Event
from vzforecast.events.vocabulary import Vocabulary


def parse_event(text: str, vocabulary: Vocabulary) -> Event:
    """Parse the text of an event.

    Parameters
    ----------
    text : str
        For example ``ever(sanctions = re_escalated) by 2025-06-30 and not state(maduro_exit = out) on 2025-06-30``.
    vocabulary : Vocabulary
        The names and dates it may use.

    Returns
    -------
    Event
        A tree whose ``str`` is the canonical text.

    Raises
    ------
    EventError
        The text does not parse, or names an outcome, state or date that the case does not have.

    Examples
    --------
    >>> from datetime import date
    >>> names = Vocabulary({"sanctions": ("not_escalated", "re_escalated")}, date(2025, 1, 20), date(2025, 12, 31))
    >>> print(parse_event("ever( sanctions=re_escalated )by 2025-06-30", names))
    ever(sanctions = re_escalated) by 2025-06-30
    """
    return _read(text, vocabulary, is_open=False)


def parse_open_event(text: str, vocabulary: Vocabulary) -> OpenEvent:
    """Parse an event whose parts all lack their ``on`` or ``by``, to be closed with each date of a curve.

    Parameters
    ----------
    text : str
        For example ``ever(sanctions = re_escalated)``.
    vocabulary : Vocabulary
        The names and dates it may use.

    Returns
    -------
    OpenEvent
        Its ``on(date)`` gives the event with that deadline.

    Raises
    ------
    EventError
        As `parse_event`, or a part has its own deadline.

    Examples
    --------
    >>> from datetime import date
    >>> names = Vocabulary({"sanctions": ("not_escalated", "re_escalated")}, date(2025, 1, 20), date(2025, 12, 31))
    >>> print(parse_open_event("ever(sanctions = re_escalated)", names).on(date(2025, 6, 30)))
    ever(sanctions = re_escalated) by 2025-06-30
    """
    return OpenEvent(_read(text, vocabulary, is_open=True), vocabulary.origin, vocabulary.horizon)


def _read(text: str, vocabulary: Vocabulary, *, is_open: bool) -> Event:
    # The parser is loaded with the first text: reading a case or a saved forecast does not need it.
    from vzforecast.events.reader import read  # noqa: PLC0415

    return read(text, vocabulary, is_open=is_open)
