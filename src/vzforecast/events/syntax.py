"""What the grammar makes of a text, or where and why it refuses it."""

import re
from typing import Final, Never, cast

from lark import Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from vzforecast.events.faults import fail
from vzforecast.events.grammar import expected, parser

_DEADLINES: Final = {"_ON", "_BY"}


def syntax(text: str, *, is_open: bool, named: bool) -> Tree[Token]:
    """Parse a text by the grammar alone.

    Parameters
    ----------
    text : str
        The event.
    is_open : bool
        Whether deadlines must all be missing, or all be there.
    named : bool
        Whether there are events with a name.

    Returns
    -------
    lark.Tree
        Its rules and tokens; outcomes, states, dates and names are still unchecked.

    Raises
    ------
    EventError
        The text does not parse.
    """
    try:
        return parser().parse(text)
    except UnexpectedInput as error:
        _fail(text, error, is_open=is_open, named=named)


def names_in(tree: Tree[Token]) -> list[str]:
    """Return the names of events that a text uses, each once, in the order of the text."""
    found = [cast("Token", part.children[0]) for part in tree.iter_subtrees() if part.data == "named"]
    return list(dict.fromkeys(str(name) for name in sorted(found, key=lambda name: cast("int", name.start_pos))))


def _fail(text: str, error: UnexpectedInput, *, is_open: bool, named: bool) -> Never:
    """Raise the error for a text that the grammar refuses."""
    terminals: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]  # lark leaves it untyped
    if terminals & _DEADLINES:  # both kinds of event share one grammar, but only one of them has deadlines
        terminals = terminals - _DEADLINES if is_open else terminals & {*_DEADLINES, "_AFTER"}
    listed = expected(terminals, named=named)
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        fail(text, len(text.rstrip()), f"expected {listed}, but the text ends")
    offset = cast("int", error.pos_in_stream)
    found = re.match(r"\w+|.", text[offset:], re.DOTALL)
    fail(text, offset, f"expected {listed}, found {found.group() if found else ''!r}")
