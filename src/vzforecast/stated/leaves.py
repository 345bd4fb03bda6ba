"""The leaves of an event's tree: what they look at, and what of them is settled by a day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from vzforecast.events import And, Count, Event, Ever, First, Held, Not, Or, StateOn

type Leaf = StateOn | Ever | Count | First | Held


def leaves(event: Event) -> Iterator[Leaf]:
    """Yield the leaves of an event, in the order of its text."""
    waiting = [event]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Not):
            waiting.append(part.event)
        elif isinstance(part, And | Or):
            waiting += reversed(part.events)
        elif isinstance(part, StateOn | Ever | Count | First | Held):
            yield part
        else:
            message = f"{type(part).__name__} is a kind of event that the possible worlds do not know"
            raise TypeError(message)


def outcomes_of(leaf: Leaf) -> tuple[str, ...]:
    """Return the outcomes that a leaf looks at: two different ones at most."""
    if isinstance(leaf, First):
        return tuple(dict.fromkeys((leaf.one.outcome, leaf.other.outcome)))
    return (leaf.outcome,)


def dates_of(leaf: Leaf) -> tuple[date, ...]:
    """Return the days at whose end a leaf looks."""
    if isinstance(leaf, StateOn):
        return () if leaf.on is None else (leaf.on,)
    return tuple(day for day in (leaf.after, leaf.by) if day is not None)


def begun(leaf: Leaf, day: date) -> bool:
    """Tell whether anything before the end of a day counts for a leaf."""
    if isinstance(leaf, StateOn):
        return leaf.on is not None and leaf.on <= day
    return leaf.after is None or leaf.after < day


def so_far(leaf: Leaf, day: date) -> tuple[Event, ...]:
    """Return events, all settled by the end of a day, whose truth is all that a leaf remembers of the time until then.

    Two things are left to whoever asks: the state on the day, and for a `First` or a `Held` when a state was reached.
    """
    if not begun(leaf, day) or isinstance(leaf, First):
        return ()
    if isinstance(leaf, StateOn) or leaf.by is None or leaf.by <= day:
        return (leaf,)
    if isinstance(leaf, Count):
        return tuple(replace(leaf, by=day, least=number) for number in range(1, leaf.least + 1))
    return (replace(leaf, by=day),)
