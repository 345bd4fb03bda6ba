"""The value of every set of parts: the probability of the event if those parts had entered and the others had not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.errors import ExplainError
from vzforecast.events import Event, Vocabulary, parse_event
from vzforecast.evidence import Evidence
from vzforecast.explaining.changes import Changes
from vzforecast.explaining.scenes import Scenes
from vzforecast.explaining.weighing import Block, Weighing, fit_shares
from vzforecast.forecast.revision import JUDGEMENTS
from vzforecast.history import Known
from vzforecast.latent import Array

PRIORS: Final = "prior edits"
CORRECTIONS: Final = "data corrections"

# What may change where paths start from: states, days ahead, standing.
_MOVING: Final = frozenset({"transition", "scheduled_decision", "licence_decision", "appointment", "departure"})

# Products of half the blocks, and shares of paths, that are kept: 2^6 of each half for twelve parts.
_KEPT: Final = 140

type Members = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Coalitions:
    """Sets of parts, as numbers whose bit i stands for part i, and what each gives.

    Attributes
    ----------
    weighing : Weighing
        The blocks of news.
    event : Event
        What is explained.
    vocabulary : Vocabulary
        Of the case, for the events of judgements.
    """

    weighing: Weighing
    event: Event
    vocabulary: Vocabulary

    @property
    def changes(self) -> Changes:
        """What lies between the forecasts."""
        return self.weighing.changes

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts: ids of items, then what else changed."""
        others = {PRIORS: self.weighing.priors, CORRECTIONS: self.weighing.corrections}
        return (*(item.id for item in self.changes.items), *(name for name, own in others.items() if own is not None))

    @cached_property
    def blocks(self) -> list[Block]:
        """Blocks of the parts that weigh draws."""
        others = {PRIORS: self.weighing.priors, CORRECTIONS: self.weighing.corrections}
        added = [Block((self.parts.index(name),), _fixed(own)) for name, own in others.items() if own is not None]
        return [*self.weighing.blocks(), *added]

    @cached_property
    def moving(self) -> Members:
        """Places of the parts that paths may depend on, with what is valued together with them."""
        return next((block.parts for block in self.blocks if self._states & set(block.parts)), ())

    @cached_property
    def _states(self) -> frozenset[int]:
        return frozenset(place for place, item in enumerate(self.changes.items) if item.type in _MOVING)

    @cached_property
    def builds(self) -> int:
        """How many sets of rows must be built if every set of parts is valued."""
        plain = self.changes.plain
        groups = self.weighing.groups
        return sum((1 << len(group)) - 1 for group in groups if not (len(group) == 1 and group[0] in plain))

    @cached_property
    def scenes(self) -> Scenes:
        """Starting points of paths."""
        since = (*self._earlier, *self.changes.items)
        judged = {item.id: item for item in since if isinstance(item, JUDGEMENTS)}
        events = {name: parse_event(item.event, self.vocabulary) for name, item in judged.items()}
        return Scenes(self.weighing, self.event, events, 1 << len(self._states))

    def values(self, sets: NDArray[np.int64]) -> Iterator[tuple[float, Array]]:
        """Yield for each set the probability, and how far each draw moves it, dims (sample,), summing to zero.

        The latter is the empirical influence function of a ratio of two weighted means: Monte Carlo errors of whatever
        is a sum of probabilities follow from the sum of these.
        """
        for number in sets:
            yield self._value(tuple(place for place in range(len(self.parts)) if number >> place & 1))

    def _value(self, members: Members) -> tuple[float, Array]:
        known = self._known(members)
        happens, counts = self._shares(known, tuple(place for place in members if place in self._judgements))
        weight = self._weight(members, known)
        gained, counted = (np.einsum("sf,sf->s", weight, share) for share in (happens, counts))
        total = counted.sum()
        if not total > 0.0:
            names = ", ".join(self.parts[place] for place in members)
            raise ExplainError(f"no draw of the earlier forecast's fit allows what is known with {names}; refit it")
        mean = float(gained.sum() / total)
        return mean, (gained - mean * counted) / total

    def log_weights(self, members: Sequence[int]) -> Array:
        """Return the log ratio of a set of parts to the fit, dims (sample,), futures averaged."""
        with np.errstate(divide="ignore"):  # of a draw that a set rules out
            return np.log(self._weight(tuple(members), self._known(tuple(members))).mean(axis=1))

    def _weight(self, members: Members, known: Known) -> Array:
        """Return the weight of each draw and future."""
        half = len(self.blocks) // 2
        halves = self.blocks[:half], self.blocks[half:]
        inside = set(members)
        first, second = (
            tuple(tuple(place for place in block.parts if place in inside) for block in blocks) for blocks in halves
        )
        weight = self._product(0, first, known) * self._product(half, second, known)
        return weight if self.weighing.fits == 1 else fit_shares(weight, self.weighing)

    @cached_property
    def _product(self) -> Callable[[int, tuple[Members, ...], Known], Array]:
        @lru_cache(maxsize=_KEPT)
        def product(start: int, chosen: tuple[Members, ...], known: Known) -> Array:
            log = self.weighing.passed if start == 0 else np.zeros(self.weighing.particles.shape)
            for block, members in zip(self.blocks[start:], chosen, strict=False):
                if members:
                    log = log + block.log_ratio(members, known)
            return np.asarray(np.exp(log - log.max()))

        return product

    def _known(self, members: Members) -> Known:
        """Return the rows that paths start from if these parts are in."""
        return self.weighing.subset(tuple(place for place in members if place in self.moving))

    @cached_property
    def _judgements(self) -> frozenset[int]:
        return frozenset(place for place, item in enumerate(self.changes.items) if isinstance(item, JUDGEMENTS))

    @property
    def _earlier(self) -> tuple[Evidence, ...]:
        """Judgements that the earlier forecast had already."""
        there = (*self.changes.basis.fitted, *self.changes.since)
        return tuple(item for item in there if isinstance(item, JUDGEMENTS) and item.id in self.changes.ratios)

    @cached_property
    def _shares(self) -> Callable[[Known, Members], tuple[Array, Array]]:
        earlier = tuple(item.id for item in self._earlier)

        @lru_cache(maxsize=_KEPT)
        def shares(known: Known, members: Members) -> tuple[Array, Array]:
            return self.scenes.of(known).shares((*earlier, *(self.parts[place] for place in members)))

        return shares


def _fixed(log_ratio: Array) -> Callable[[Members, Known], Array]:
    """Return what a part gives that is the same whatever else is in."""
    return lambda _members, _known: log_ratio
