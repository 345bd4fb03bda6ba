"""Read a text into a tree: syntax by the grammar, names and dates by the vocabulary."""

import re
from datetime import date
from typing import Final, Never, cast

from lark import Token, Transformer_NonRecursive
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from vzforecast.errors import EventError
from vzforecast.events.faults import fail, unknown
from vzforecast.events.grammar import TERMINALS, parser
from vzforecast.events.leaves import Ever, StateOn
from vzforecast.events.tree import And, Event, Not, Or
from vzforecast.events.vocabulary import Vocabulary

# Deeper trees are no question that anyone asks, and would exhaust Python's stack.
MAX_DEPTH: Final = 100
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DEADLINES: Final = {"_ON", "_BY"}

type _Condition = tuple[str, str, bool, Token]


def read(text: str, vocabulary: Vocabulary, *, is_open: bool) -> Event:
    """Return the tree of a text.

    Parameters
    ----------
    text : str
        The event.
    vocabulary : Vocabulary
        The names and dates it may use.
    is_open : bool
        Whether deadlines must all be missing, or all be there.

    Returns
    -------
    Event
        Checked against the vocabulary.

    Raises
    ------
    EventError
        The text does not parse, or names what the vocabulary does not have.
    """
    try:
        tree = parser().parse(text)
    except UnexpectedInput as error:
        _fail_syntax(text, error, is_open=is_open)
    try:
        return _Builder(text, vocabulary, is_open=is_open).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, EventError):
            raise error.orig_exc from None
        raise


def _fail_syntax(text: str, error: UnexpectedInput, *, is_open: bool) -> Never:
    """Raise the error for a text that the grammar refuses."""
    names: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]  # lark leaves it untyped
    if names & _DEADLINES:  # both kinds of event share one grammar, but only one of them has deadlines
        names = names - _DEADLINES if is_open else names & {*_DEADLINES, "_AFTER"}
    expected = [shown for name, shown in TERMINALS.items() if name in names]
    listed = " or ".join([", ".join(expected[:-1]), expected[-1]] if len(expected) > 1 else expected)
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        fail(text, len(text.rstrip()), f"expected {listed}, but the text ends")
    offset = cast("int", error.pos_in_stream)
    found = re.match(r"\w+|.", text[offset:], re.DOTALL)
    fail(text, offset, f"expected {listed}, found {found.group() if found else ''!r}")


class _Builder(Transformer_NonRecursive[Token, Event]):
    """Build the tree from the leaves up; each method is a rule of the grammar."""

    def __init__(self, text: str, vocabulary: Vocabulary, *, is_open: bool):
        super().__init__()
        self.text = text
        self.vocabulary = vocabulary
        self.is_open = is_open

    def condition(self, parts: list[Token]) -> _Condition:
        """Check ``(outcome = state)``; the bracket that closes it is where a missing date is reported."""
        bracket = parts[2]
        outcome, state = str(parts[0]), str(parts[1])
        if outcome not in self.vocabulary.outcomes:
            self._fail(parts[0], unknown("outcome", outcome, self.vocabulary.outcomes))
        states = self.vocabulary.outcomes[outcome]
        if state not in states:
            self._fail(parts[1], unknown(f"state of {outcome}", state, states))
        return outcome, state, state == states[1], bracket

    def state_on(self, parts: tuple[_Condition, Token | None]) -> Event:
        """Build ``state(...) on DATE``."""
        (outcome, state, active, bracket), day = parts
        return StateOn(outcome, state, active, self._deadline("on", day, bracket))

    def ever_by(self, parts: tuple[_Condition, Token | None, Token | None]) -> Event:
        """Build ``ever(...) after DATE by DATE``."""
        (outcome, state, active, bracket), start, day = parts
        after = None if start is None else self._date(start)
        by = self._deadline("by", day, start or bracket)
        if day is not None and after is not None and by is not None and not after < by:
            self._fail(day, f"the deadline {by} is not after {after}")
        return Ever(outcome, state, active, after, by)

    def negation(self, parts: list[Event]) -> Event:
        """Build ``not event``."""
        return self._limited(Not(parts[0]))

    def all_of(self, parts: list[Event]) -> Event:
        """Build ``event and event ...``."""
        return self._limited(And(tuple(parts)))

    def any_of(self, parts: list[Event]) -> Event:
        """Build ``event or event ...``."""
        return self._limited(Or(tuple(parts)))

    def _limited(self, event: Event) -> Event:
        if event.depth > MAX_DEPTH:
            fail(self.text, 0, f"the event is nested more than {MAX_DEPTH} deep")
        return event

    def _deadline(self, word: str, day: Token | None, before: Token) -> date | None:
        """Check that the deadline is there, or in an open event that it is not."""
        if day is None and not self.is_open:
            fail(self.text, _end(before), f"expected '{word}' and a date (YYYY-MM-DD)")
        if day is not None and self.is_open:
            self._fail(day, f"leave out '{word} {day}': this event takes its deadline from elsewhere")
        return None if day is None else self._date(day)

    def _date(self, token: Token) -> date:
        """Check that a date is ISO, exists, and lies in the span of the case."""
        if not _ISO.fullmatch(token):
            self._fail(token, f"{str(token)!r} is not a date of the form YYYY-MM-DD")
        try:
            day = date.fromisoformat(token)
        except ValueError:
            self._fail(token, f"there is no day {token}")
        origin, horizon = self.vocabulary.origin, self.vocabulary.horizon
        if not origin <= day <= horizon:
            self._fail(token, f"{day} is outside {origin} to {horizon}")
        return day

    def _fail(self, token: Token, problem: str) -> Never:
        fail(self.text, cast("int", token.start_pos), problem)


def _end(token: Token) -> int:
    """Return the offset right after a token."""
    return cast("int", token.end_pos)
