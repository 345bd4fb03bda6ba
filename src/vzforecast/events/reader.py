"""Read a text into a tree: syntax by the grammar, then the names in it, then the tree."""

import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final, Never, cast

from lark import Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from vzforecast.errors import EventError
from vzforecast.events.builder import build
from vzforecast.events.event import Event
from vzforecast.events.grammar import expected, parser
from vzforecast.events.faults import fail
from vzforecast.events.vocabulary import Vocabulary

_DEADLINES: Final = {"_ON", "_BY"}


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
    tree = syntax(text, vocabulary, is_open=is_open)
    return build(text, tree, vocabulary, _expanded(names_in(tree), vocabulary), is_open=is_open)


def syntax(text: str, vocabulary: Vocabulary, *, is_open: bool = False) -> Tree[Token]:
    """Return what the grammar makes of a text; `read` says what is raised."""
    try:
        return parser().parse(text)
    except UnexpectedInput as error:
        _fail_syntax(text, error, is_open=is_open, named=bool(vocabulary.events))


def names_in(tree: Tree[Token]) -> set[str]:
    """Return the names of events that a text uses."""
    return {str(token) for token in tree.scan_values(lambda value: isinstance(value, Token) and value.type == "NAME")}


def _expanded(wanted: Iterable[str], vocabulary: Vocabulary) -> dict[str, Event]:
    """Build the events that some names stand for, each after those in it; recursion could exhaust the stack."""
    trees: dict[str, Tree[Token]] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in vocabulary.events and name not in trees:
            with _named(name):
                trees[name] = syntax(vocabulary.events[name], vocabulary)
            waiting += names_in(trees[name])
    ...
