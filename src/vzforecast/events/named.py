"""Events that have a name: what each stands for, and what is wrong with their texts."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter

from lark import Token, Tree

from vzforecast.errors import EventError
from vzforecast.events.builder import build
from vzforecast.events.event import Event
from vzforecast.events.leaves import StateOn
from vzforecast.events.syntax import names_in, syntax
from vzforecast.events.vocabulary import RESERVED, Vocabulary

type _Trees = Mapping[str, Tree[Token]]


def expanded(wanted: Iterable[str], vocabulary: Vocabulary) -> dict[str, Event]:
    """Return what some names stand for, and the names within them.

    Parameters
    ----------
    wanted : iterable of str
        Names; those that the vocabulary does not have are left to whoever uses them.
    vocabulary : Vocabulary
        The names and dates they may use.

    Returns
    -------
    dict of str to Event
        Their trees.

    Raises
    ------
    EventError
        The text of one has a fault, or refers to itself.
    """
    trees: dict[str, Tree[Token]] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in vocabulary.events and name not in trees:
            with _within(name):
                trees[name] = syntax(vocabulary.events[name], is_open=False, named=True)
            waiting += names_in(trees[name])
    for name, way in _circles(trees):
        raise EventError(f"the event {name!r} refers to itself{_listed(way)}; leave one of these references out")
    events: dict[str, Event] = {}
    for name in _in_order(trees):
        with _within(name):
            events[name] = build(vocabulary.events[name], trees[name], vocabulary, events)
    return events


def name_faults(vocabulary: Vocabulary) -> Iterator[tuple[str, EventError]]:
    """Yield what is wrong with each named event by itself; one that refers to a faulty one is not accused of that.

    Parameters
    ----------
    vocabulary : Vocabulary
        Its events, and the names and dates they may use.

    Yields
    ------
    tuple of (str, EventError)
        A name, and what is wrong with it or its text.
    """
    trees, found = {}, False
    stand_in = dict.fromkeys(vocabulary.events, StateOn("", "", active=False, on=vocabulary.origin))
    for name, text in vocabulary.events.items():
        try:
            _check_name(name, vocabulary)
            trees[name] = syntax(text, is_open=False, named=True)
            build(text, trees[name], vocabulary, stand_in)
        except EventError as error:
            found = True
            yield name, error
    for name, way in _circles(trees):
        found = True
        yield name, EventError(f"refers to itself{_listed(way)}; leave one of these references out")
    if not found:
        yield from _too_large(trees, vocabulary)


def _too_large(trees: _Trees, vocabulary: Vocabulary) -> Iterator[tuple[str, EventError]]:
    """Yield the first name whose events, written out, are too many; whatever refers to it is no smaller."""
    events: dict[str, Event] = {}
    for name in _in_order(trees):
        try:
            events[name] = build(vocabulary.events[name], trees[name], vocabulary, events)
        except EventError as error:
            yield name, error
            return


def _check_name(name: str, vocabulary: Vocabulary) -> None:
    if name in RESERVED:
        raise EventError(f"{name!r} is a word of the event language; choose another name")
    if name in vocabulary.outcomes:
        raise EventError(f"{name!r} is the id of an outcome; choose another name")


def _uses(trees: _Trees) -> dict[str, list[str]]:
    """Return the names that each of them uses."""
    return {name: [used for used in names_in(tree) if used in trees] for name, tree in trees.items()}


def _in_order(trees: _Trees) -> Iterator[str]:
    """Yield the names so that each comes after those in it; there must be no circle."""
    yield from TopologicalSorter(_uses(trees)).static_order()


def _circles(trees: _Trees) -> Iterator[tuple[str, list[str]]]:
    """Yield each name that refers to itself, and the shortest chain of other names by which it does."""
    uses = _uses(trees)
    try:
        TopologicalSorter(uses).prepare()
    except CycleError:
        for name in uses:
            if (way := _way_back(name, uses)) is not None:
                yield name, way


def _way_back(name: str, uses: Mapping[str, list[str]]) -> list[str] | None:
    ways: dict[str, list[str]] = {used: [] for used in uses[name]}
    waiting = deque(ways)
    while waiting and name not in ways:
        middle = waiting.popleft()
        for used in uses[middle]:
            if used not in ways:
                ways[used] = [*ways[middle], middle]
                waiting.append(used)
    return ways.get(name)


def _listed(way: list[str]) -> str:
    return f" by way of {' and '.join(map(repr, way))}" if way else ""


@contextmanager
def _within(name: str) -> Iterator[None]:
    """Say in which named event an error lies."""
    try:
        yield
    except EventError as error:
        raise EventError(f"in the event {name!r}: {error}") from None
