"""What is brought about, as a value: it can be shown, saved and made again."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, TypeAdapter

from vzforecast.forecast.weights import Weights
from vzforecast.inputs.declared import Declared, Several, Table, Text
from vzforecast.inputs.frozen import FrozenMapping

Points = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Factor = Annotated[float, Field(allow_inf_nan=False)]
ShareOf100 = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Post(Declared):
    """What an actor's post is to be; a score that is not given is that of the actor's last post."""

    faction: Text | None = None
    office: ShareOf100 | None = None
    proximity: ShareOf100 | None = None
    salience: ShareOf100 | None = None


def _kind(post: object) -> str:
    """Tell a word from a post, so that what is wrong with one is not held against the other."""
    return "word" if isinstance(post, str) else "post"


Posting = Annotated[
    Annotated[Literal["in", "out"], Tag("word")] | Annotated[Post, Tag("post")],
    Discriminator(_kind),
]


class Intervention(Declared):
    """What is brought about from one day to another, whatever would have happened.

    Attributes
    ----------
    start, end : datetime.date
        First and last day on which it holds.
    influence : mapping of str to float
        Points of influence, as shares of one, added to each faction; the others shrink or grow in proportion.
    silence : tuple of str
        Factions whose influence is nothing.
    actors : mapping of str to {"in", "out"} or Post
        Actors put in post, or out of it, or given another post.
    outcomes : mapping of str to str
        The state in which each outcome is held.
    coupling : mapping of str to float
        Factor of each coupling, by ``<onset|recovery>.<outcome>.<source outcome>``.

    Examples
    --------
    >>> print(Intervention(start=dt.date(2025, 3, 1), end=dt.date(2025, 12, 31), silence=("oil",)))
    from 2025-03-01 to 2025-12-31: oil silenced
    """

    start: dt.date
    end: dt.date
    influence: Table[str, Points] = FrozenMapping({})
    silence: Several[Text] = ()
    actors: Table[str, Posting] = FrozenMapping({})
    outcomes: Table[str, str] = FrozenMapping({})
    coupling: Table[str, Factor] = FrozenMapping({})

    def __str__(self) -> str:
        parts = [
            *(f"{faction} {points * 100:+g} points of influence" for faction, points in self.influence.items()),
            *(f"{faction} silenced" for faction in self.silence),
            *(f"{actor} {_posted(post)}" for actor, post in self.actors.items()),
            *(f"{outcome} = {state}" for outcome, state in self.outcomes.items()),
            *(f"coupling {name} times {factor:g}" for name, factor in self.coupling.items()),
        ]
        return f"from {self.start} to {self.end}: {', '.join(parts)}"


@dataclass(frozen=True, eq=False)
class Intervened:
    """What sets a forecast under interventions apart from the one it was made from.

    Attributes
    ----------
    made : tuple of Intervention
        In the order in which they were made.
    weights : Weights
        Of the forecast without them: what is known about draws, and about the chances of each path, stays as it was.
    """

    made: tuple[Intervention, ...]
    weights: Weights

    def __str__(self) -> str:
        return "; ".join(map(str, self.made))


_MADE: TypeAdapter[tuple[Intervention, ...]] = TypeAdapter(tuple[Intervention, ...])


def write_made(made: tuple[Intervention, ...]) -> str:
    """Return interventions as JSON."""
    return _MADE.dump_json(made, exclude_defaults=True).decode()


def read_made(text: str) -> tuple[Intervention, ...]:
    """Return the interventions that `write_made` wrote.

    Raises
    ------
    ValueError
        It is not what `write_made` gave.
    """
    return _MADE.validate_json(text)


def _posted(post: Literal["in", "out"] | Post) -> str:
    if isinstance(post, Post):
        scores: Mapping[str, object] = post.model_dump(exclude_none=True)
        return f"in post with {', '.join(f'{name} {value}' for name, value in scores.items())}"
    return "put in post" if post == "in" else "out of post"
