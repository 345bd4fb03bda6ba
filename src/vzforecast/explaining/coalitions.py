"""The value of every set of parts: the probability of the event if those parts had entered and the others had not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import batched
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.errors import ExplainError
from vzforecast.events import Event, Vocabulary, parse_event
from vzforecast.evidence import Evidence
from vzforecast.explaining.changes import Changes
from vzforecast.explaining.grids import Grid
from vzforecast.explaining.products import Products
from vzforecast.explaining.scenes import Scenes
from vzforecast.explaining.shapley import as_members, as_number
from vzforecast.explaining.weighing import Block, Weighing
from vzforecast.forecast.revision import JUDGEMENTS
from vzforecast.history import Known
from vzforecast.latent import Array

PRIORS: Final = "prior edits"
CORRECTIONS: Final = "data corrections"

# What may change where paths start from: states, days ahead, standing.
_MOVING: Final = frozenset({"transition", "scheduled_decision", "licence_decision", "appointment", "departure"})

# Parts that bear on each other, of which all sets are built however many other parts there are.
_FEW: Final = 6

# Shares of paths that are kept; sets of either half that are valued together, for memory's sake.
_KEPT: Final = 140
_TOGETHER: Final = 64

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
    def tied(self) -> list[Members]:
        """Places of the parts that bear on each other, group by group, where a group has too many sets to build all."""
        return [group for group in self.weighing.groups if len(group) > _FEW]

    @cached_property
    def scenes(self) -> Scenes:
        """Starting points of paths."""
        since = (*self._earlier, *self.changes.items)
        judged = {item.id: item for item in since if isinstance(item, JUDGEMENTS)}
        events = {name: parse_event(item.event, self.vocabulary) for name, item in judged.items()}
        return Scenes(self.weighing, self.event, events, 1 << len(self._states))

    def values(self, sets: NDArray[np.int64], linear: Array) -> tuple[Array, Array]:
        """Return the probability of every set, and how far each draw moves some sums of them.

        Parameters
        ----------
        sets : ndarray of int, dims (set,)
            Ascending.
        linear : ndarray, dims (line, set)
            What the probability of a set adds to a line.

        Returns
        -------
        values : ndarray, dims (set,)
            Probabilities.
        moved : ndarray, dims (line, sample)
            As ``Grid.moved``.

        Raises
        ------
        ExplainError
            No draw allows what is known with a set.
        """
        values, moved = np.zeros(sets.size), np.zeros((len(linear), self.weighing.particles.shape[0]))
        for numbers, grid in self._valued(sets):
            self._check(numbers, grid)
            places = np.searchsorted(sets, numbers)
            values[places] = grid.values
            moved += grid.moved(linear[:, places])
        return values, moved

    def _valued(self, sets: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], Grid]]:
        """Yield grids and the numbers of their sets; in the end every set once."""
        halves = self._halves
        for firsts, seconds in self._grids(sets):
            members = as_members(firsts[0])
            known = self._known(members)
            shares = self._shares(known, tuple(place for place in members if place in self._judgements))
            reading = self.weighing.reading(known)
            second = np.stack([halves[1].of(number, reading) for number in seconds])
            for some in batched(firsts, _TOGETHER):
                first = np.stack([halves[0].of(number, reading) for number in some])
                yield np.bitwise_or.outer(some, seconds), Grid(first, second, *shares, self.weighing)

    def _check(self, numbers: NDArray[np.int64], grid: Grid) -> None:
        """Refuse a set that no draw allows."""
        for number in numbers[~(grid.counted > 0.0)].tolist():
            names = ", ".join(self.parts[place] for place in as_members(number))
            raise ExplainError(f"no draw of the earlier forecast's fit allows what is known with {names}; refit it")

    def _grids(self, sets: NDArray[np.int64]) -> Iterator[tuple[list[int], tuple[int, ...]]]:
        """Yield sets as the unions of each of some first sets with each of some second ones.

        The first ones hold parts of the first half of the blocks and all that paths depend on, alike in a grid.
        """
        paths = as_number((*self.moving, *self._judgements))
        own = paths | self._halves[0].parts
        seconds: dict[int, list[int]] = {}
        for number in sets.tolist():
            seconds.setdefault(number & own, []).append(number & ~own)
        grids: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        for first, found in seconds.items():
            for some in batched(found, _TOGETHER):
                grids.setdefault((first & paths, some), []).append(first)
        yield from ((firsts, some) for (_, some), firsts in sorted(grids.items()))

    def log_weights(self, members: Sequence[int]) -> Array:
        """Return the log ratio of a set of parts to the fit, dims (sample,), up to a constant in each fit."""
        reading = self.weighing.reading(self._known(tuple(members)))
        first, second = (half.of(as_number(members), reading) for half in self._halves)
        with np.errstate(divide="ignore"):  # of a draw that a set rules out
            return np.asarray(np.log((first * second).mean(axis=0)))

    @cached_property
    def _halves(self) -> tuple[Products, Products]:
        """The blocks, what paths depend on first, cut where about half of the parts are on either side."""
        blocks = sorted(self.blocks, key=lambda block: block.parts != self.moving)
        sizes = len(self._judgements) + np.cumsum([0, *(len(block.parts) for block in blocks)])
        half = max(int(np.searchsorted(sizes, len(self.parts) / 2.0)), min(1, len(self.moving)))
        passed = self.weighing.passed
        return Products(blocks[:half], passed), Products(blocks[half:], np.zeros_like(passed))

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
        """Weight of the paths on which the event happens, and of all, dims (future, sample)."""
        earlier = tuple(item.id for item in self._earlier)

        @lru_cache(maxsize=_KEPT)
        def shares(known: Known, members: Members) -> tuple[Array, Array]:
            found = self.scenes.of(known).shares((*earlier, *(self.parts[place] for place in members)))
            return np.ascontiguousarray(found[0].T), np.ascontiguousarray(found[1].T)

        return shares


def _fixed(log_ratio: Array) -> Callable[[Members, Known], Array]:
    """Return what a part gives that is the same whatever else is in."""
    return lambda _members, _known: log_ratio
