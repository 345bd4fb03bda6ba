"""Parse the text of an event."""

from collections.abc import Iterator

from vzforecast.errors import EventError
from vzforecast.events.event import Event
from vzforecast.events.open_event import OpenEvent
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
        A tree whose ``str`` is the canonical text; a name is replaced by what it stands for.

    Raises
    ------
    EventError
        The text does not parse, or names an outcome, state, event or date that the case does not have.

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


def check_names(vocabulary: Vocabulary) -> Iterator[tuple[str, EventError]]:
    """Yield what is wrong with each event that has a name.

    Parameters
    ----------
    vocabulary : Vocabulary
        Its events, and the names and dates they may use.

    Yields
    ------
    tuple of (str, EventError)
        A name, and what is wrong with it or its text; one that refers to a faulty one is not accused of that.

    Examples
    --------
    >>> from datetime import date
    >>> texts = {"twice": "not twice", "by": "not twice"}
    >>> for name, error in check_names(Vocabulary({}, date(2025, 1, 20), date(2025, 12, 31), events=texts)):
    ...     print(f"{name}: {error}")
    by: 'by' is a word of the event language; choose another name
    twice: refers to itself; leave one of these references out
    """
    if vocabulary.events:
        from vzforecast.events.named import name_faults  # noqa: PLC0415  (as below)

        yield from name_faults(vocabulary)


def _read(text: str, vocabulary: Vocabulary, *, is_open: bool) -> Event:
    # The parser is loaded with the first text: a saved forecast, or a case that names no event, does not need it.
    from vzforecast.events.reader import read  # noqa: PLC0415

    return read(text, vocabulary, is_open=is_open)
