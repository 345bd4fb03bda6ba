"""Build the tree of an event from its leaves up: names and dates are checked against the vocabulary."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Never, cast

from lark import Token, Transformer_NonRecursive, Tree
from lark.exceptions import VisitError

from vzforecast.errors import EventError
from vzforecast.events.event import Event
from vzforecast.events.faults import fail, unknown
from vzforecast.events.grammar import BEGINNINGS, expected
from vzforecast.events.leaves import Count, Ever, StateOn
from vzforecast.events.passages import First, Held, Reached
from vzforecast.events.tree import And, Not, Or
from vzforecast.events.vocabulary import Vocabulary

# Deeper trees are no question that anyone asks, and would exhaust Python's stack; longer ones, which names within names
# can make of a few lines, its memory.
MAX_DEPTH: Final = 100
MAX_SIZE: Final = 10_000
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE: Final = re.compile(r"[0-9]{1,6}")

type _Condition = tuple[str, str, bool, Token]


def build(
    text: str, tree: Tree[Token], vocabulary: Vocabulary, named: Mapping[str, Event], *, is_open: bool = False
) -> Event:
    """Return the event of a text that the grammar accepts.

    Parameters
    ----------
    text : str
        The event.
    tree : lark.Tree
        What the grammar made of it.
    vocabulary : Vocabulary
        The names and dates it may use.
    named : mapping of str to Event
        What each name in it stands for.
    is_open : bool
        Whether deadlines must all be missing, or all be there.

    Returns
    -------
    Event
        Checked against the vocabulary.

    Raises
    ------
    EventError
        The text names what the vocabulary does not have.
    """
    try:
        return _Builder(text, vocabulary, named, is_open=is_open).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, EventError):
            raise error.orig_exc from None
        raise


class _Builder(Transformer_NonRecursive[Token, Event]):
    """Each method is a rule of the grammar."""

    def __init__(self, text: str, vocabulary: Vocabulary, names: Mapping[str, Event], *, is_open: bool):
        super().__init__()
        self.text = text
        self.vocabulary = vocabulary
        self.names = names
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

    def stretch(self, parts: list[Token]) -> tuple[_Condition, int]:
        """Check ``(outcome = state, days = n)``."""
        return self.condition([*parts[:2], parts[3]]), self._whole(parts[2])

    def state_on(self, parts: tuple[_Condition, Token | None]) -> Event:
        """Build ``state(...) on DATE``."""
        (outcome, state, active, bracket), day = parts
        self._lasting(parts[0])
        return StateOn(outcome, state, active, self._deadline("on", day, bracket))

    def ever_by(self, parts: tuple[_Condition, Token | None, Token | None]) -> Event:
        """Build ``ever(...) after DATE by DATE``."""
        (outcome, state, active, _), _, _ = parts
        return Ever(outcome, state, active, *self._span(*parts))

    def count_by(self, parts: tuple[_Condition, Token | None, Token | None, Token]) -> Event:
        """Build ``count(...) after DATE by DATE >= n``."""
        (outcome, state, active, _), _, _, number = parts
        return Count(outcome, state, active, *self._span(*parts[:3]), self._whole(number))

    def first_by(self, parts: tuple[_Condition, _Condition, Token | None, Token | None]) -> Event:
        """Build ``first(...) before first(...) after DATE by DATE``."""
        one, other, start, day = parts
        first, second = (Reached(*condition[:3], self._since(condition[0])) for condition in (one, other))
        return First(first, second, *self._span(other, start, day))

    def held_by(self, parts: tuple[tuple[_Condition, int], Token | None, Token | None]) -> Event:
        """Build ``held(..., days = n) after DATE by DATE``."""
        (condition, days), start, day = parts
        self._lasting(condition)
        return Held(*condition[:3], days, self._since(condition[0]), *self._span(condition, start, day))

    def named(self, parts: list[Token]) -> Event:
        """Put in what the name of an event stands for."""
        token, name, known = parts[0], str(parts[0]), self.vocabulary.events
        if not known:
            self._fail(token, f"expected {expected(BEGINNINGS, named=False)}, found {name!r}")
        if name not in known:
            self._fail(token, unknown("event", name, known))
        if self.is_open:
            has = "it has a deadline of its own, and this event takes its deadline from elsewhere"
            self._fail(token, f"leave out {name!r}: {has}")
        return self.names[name]

    def negation(self, parts: list[Event]) -> Event:
        """Build ``not event``."""
        return self._limited(Not(parts[0]))

    def all_of(self, parts: list[Event]) -> Event:
        """Build ``event and event ...``."""
        return self._joined(And, parts)

    def any_of(self, parts: list[Event]) -> Event:
        """Build ``event or event ...``."""
        return self._joined(Or, parts)

    def _joined(self, word: type[And | Or], parts: list[Event]) -> Event:
        if sum(event.size for event in parts) > MAX_SIZE:
            fail(self.text, 0, f"the event has more than {MAX_SIZE:,} parts")
        return self._limited(word(tuple(parts)))

    def _limited(self, event: Event) -> Event:
        if event.depth > MAX_DEPTH:
            fail(self.text, 0, f"the event is nested more than {MAX_DEPTH} deep")
        return event

    def _lasting(self, condition: _Condition) -> None:
        """Refuse the active state of a recurrent outcome, which would be false on every path for no reason shown."""
        outcome, state, active, bracket = condition
        if active and outcome in self.vocabulary.recurrent:
            problem = f"{outcome} is recurrent: {state} for an instant, and on no day"
            self._fail(bracket, f"{problem}; ask for ever({outcome} = {state}), or for count")

    def _since(self, outcome: str) -> date:
        """Return the first day of an outcome."""
        return self.vocabulary.starts.get(outcome, self.vocabulary.origin)

    def _span(self, condition: _Condition, start: Token | None, day: Token | None) -> tuple[date | None, date | None]:
        """Check ``after DATE by DATE``."""
        after = None if start is None else self._date(start)
        by = self._deadline("by", day, start or condition[3])
        if day is not None and after is not None and by is not None and not after < by:
            self._fail(day, f"the deadline {by} is not after {after}")
        return after, by

    def _deadline(self, word: str, day: Token | None, before: Token) -> date | None:
        """Check that the deadline is there, or in an open event that it is not."""
        if day is None and not self.is_open:
            fail(self.text, cast("int", before.end_pos), f"expected '{word}' and a date (YYYY-MM-DD)")
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

    def _whole(self, token: Token) -> int:
        """Check a number of days or of entries."""
        if not _WHOLE.fullmatch(token) or int(token) < 1:
            self._fail(token, f"{str(token)!r} is not a whole number from 1 to 999999")
        return int(token)

    def _fail(self, token: Token, problem: str) -> Never:
        fail(self.text, cast("int", token.start_pos), problem)
