"""What every set of parts gives to each draw and future: log likelihood ratios against the fit, added up by block.

Parts that may bear on each other (news of one episode; transitions, days ahead and posts) are one block, whose subsets
each become a case with rows of its own. Blocks add up, because their rows are independent given a draw. That is
checked where all parts are in: if blocks do not add up to the whole there, all parts are one block.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.explaining.changes import Changes
from vzforecast.explaining.particles import Particles
from vzforecast.forecast.posterior import stacked
from vzforecast.history import Design, Known
from vzforecast.latent import Array
from vzforecast.reweight.difference import PREFIXES, with_rows
from vzforecast.updating.weigh import members_of, rows_then_and_now

# Log ratios that differ by less than this on every draw are one: rounding, many times over.
_SAME: Final = 1e-7
# What sets of items of one group give, with one standing of the factions: as many as are built at most, and news.
_KEPT: Final = 512


@dataclass(frozen=True, eq=False)
class Block:
    """Places of the parts that are valued together, and what some of them give to each draw and future.

    Attributes
    ----------
    parts : tuple of int
        Places among all parts.
    log_ratio : callable
        Takes the places that are in, and the rows that paths start from (whose standing of the factions counts);
        returns nats, dims (sample, future), up to a constant.
    """

    parts: tuple[int, ...]
    log_ratio: Callable[[tuple[int, ...], Known], Array]


@dataclass(frozen=True, eq=False)
class Weighing:
    """The blocks of some changes on the draws of the earlier forecast's fit.

    Attributes
    ----------
    changes : Changes
        What lies between two forecasts.
    """

    changes: Changes

    @cached_property
    def start(self) -> Known:
        """What is known on the new day if nothing new was learnt."""
        return self.changes.known(())

    @cached_property
    def whole(self) -> Known:
        """What is known on the new day with all new items."""
        return self.changes.known(self.changes.items)

    @cached_property
    def particles(self) -> Particles:
        """Draws and futures."""
        basis = self.changes.basis
        periods = basis.known.history.period_now, self.start.history.period_now
        return Particles.of(stacked(basis.posterior), self.start.design, periods, basis.seed)

    @cached_property
    def fits(self) -> int:
        """Fits among the draws: one for each variant that is averaged, and reading of partial promises."""
        return len(members_of(self.changes.basis)) * len(self.start.readings)

    @cached_property
    def passed(self) -> Array:
        """Log ratio of what is known on the new day, with nothing new learnt, to what the fit knew."""
        return self._against(self.changes.basis.known, self.start)

    @cached_property
    def groups(self) -> list[tuple[int, ...]]:
        """Places of the rows among the items, by what must be valued together."""
        apart = [tuple(members) for members in self.changes.groups]
        if len(apart) < 2:
            return apart
        added = sum((self._of_group(members, self.whole) for members in apart), np.zeros(self.particles.shape))
        gap = self._against(self.start, self.whole) - added
        together = tuple(sorted(place for members in apart for place in members))
        return apart if np.ptp(gap) < _SAME * (1.0 + np.ptp(added)) else [together]

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of the items that are rows."""
        for members in self.groups:
            yield Block(members, self._of_group)

    def reading(self, known: Known) -> Known:
        """Return the first rows that were asked for with the same standing of the factions: news is read alike."""
        return self._readings.setdefault(known.design.data["standing"].tobytes(), known)

    @cached_property
    def _readings(self) -> dict[bytes, Known]:
        return {}

    def subset(self, members: tuple[int, ...]) -> Known:
        """Return the rows with some of the items."""
        return self._subset(members)

    @cached_property
    def _subset(self) -> Callable[[tuple[int, ...]], Known]:
        @lru_cache(maxsize=512)
        def known(members: tuple[int, ...]) -> Known:
            if not members:
                return self.start
            items = self.changes.items
            return self.whole if len(members) == len(items) else self.changes.known(items[place] for place in members)

        return known

    def _of_group(self, members: tuple[int, ...], scene: Known) -> Array:
        """Return what some items of one group add, dims (sample, future)."""
        return self._kept(members, self.reading(scene))

    @cached_property
    def _kept(self) -> Callable[[tuple[int, ...], Known], Array]:
        return lru_cache(maxsize=_KEPT)(self._evaluated)

    def _evaluated(self, members: tuple[int, ...], scene: Known) -> Array:
        if not members:
            return np.zeros(self.particles.shape)
        if len(members) == 1 and members[0] in self.changes.plain:
            return self._own_rows(self.changes.items[members[0]].id, scene)
        if self.changes.moving.isdisjoint(members):
            return self._against(self.start, self.subset(members), scene.design.data["standing"])
        return self._against(self.start, self.subset(members))

    def _own_rows(self, item_id: str, scene: Known) -> Array:
        """Return what the rows under an item's own id add, with the standing of the factions that holds then."""
        tables = {"signal": self.whole.history.signals, "lean": self.whole.history.leans}
        own = {name: (table["id"] == item_id).to_numpy() for name, table in tables.items()}

        def rows(known: Known, terms: tuple[str, ...]) -> Iterator[tuple[Design, Design]]:
            for _, design in rows_then_and_now(known, known, terms):
                placed = _standing(design, scene.design.data["standing"])
                sizes = {prefix: placed.data[_COUNTED[prefix]].size for prefix in PREFIXES}
                none = {prefix: np.zeros(size, dtype=np.bool_) for prefix, size in sizes.items()}
                yield with_rows(placed, none), with_rows(placed, none | own)

        members = members_of(self.changes.basis)
        return self._by_fit([pair for terms in members.values() for pair in rows(self.whole, terms)])

    def _against(self, before: Known, now: Known, standing: NDArray[Any] | None = None) -> Array:
        """Return the log ratio of what is known now to what was, with a standing of the factions if it is neither's."""
        members = members_of(self.changes.basis)
        pairs = [pair for terms in members.values() for pair in rows_then_and_now(before, now, terms)]
        if standing is not None:
            pairs = [(_standing(then, standing), _standing(later, standing)) for then, later in pairs]
        return self._by_fit(pairs)

    def _by_fit(self, pairs: list[tuple[Design, Design]]) -> Array:
        """Return the log ratio of each fit's rows on its own draws, one fit after the other."""
        return np.concatenate([part.log_ratio(*pair) for part, pair in zip(self._parts, pairs, strict=True)])

    @cached_property
    def _parts(self) -> list[Particles]:
        """The particles of each fit."""
        return self.particles.parts(self.fits)

    @cached_property
    def corrections(self) -> Array | None:
        """What the files of the later forecast add beyond all new items, dims (sample, future); None if nothing."""
        if self.changes.after is None:
            return None
        added = self._against(self.whole, self.changes.placed(self.changes.after))
        return added if np.ptp(added) > 0.0 else None

    @cached_property
    def priors(self) -> Array | None:
        r"""Log density of the later forecast's priors less that of the fit's, dims (sample, future); None if equal.

        Every free variable is normal or half-normal: :math:`-(x - \mu)^2 / 2 \sigma^2 - \log \sigma`.
        """
        if self.changes.after is None:
            return None
        old, new = (one.design.priors for one in (self.whole, self.changes.placed(self.changes.after)))
        total = np.zeros(self.particles.shape[0])
        for variable, values in self.particles.draws.items():
            if f"{variable}_sigma" in old:
                change = _log_density(values, new, variable) - _log_density(values, old, variable)
                total += change.reshape(len(total), -1).sum(axis=1)
        return np.repeat(total[:, None], self.particles.shape[1], axis=1) if np.ptp(total) > 0.0 else None


_COUNTED: Final = {"signal": "signal_favoured", "lean": "lean_category", "row": "row_events"}


def _standing(design: Design, standing: NDArray[Any]) -> Design:
    """Return rows read with another standing of the factions."""
    return replace(design, data=design.data | {"standing": standing})


def _log_density(values: Array, priors: Mapping[str, NDArray[Any]], variable: str) -> Array:
    scale = np.asarray(priors[f"{variable}_sigma"], dtype=float)
    apart = (values - np.asarray(priors.get(f"{variable}_mu", 0.0), dtype=float)) / scale
    return np.asarray(-0.5 * apart**2 - np.log(scale))


def fit_shares(total: Array, weighing: Weighing) -> Array:
    """Return what makes each fit count as in an update: members by what they gave to the news.

    Parameters
    ----------
    total : ndarray, dims (fit, ...)
        Ratios against the fit, on one scale, summed over its draws.
    weighing : Weighing
        Whose fits they are.

    Returns
    -------
    ndarray, dims (fit, ...)
        Factors of the ratios, with which each fit sums to its share.
    """
    basis = weighing.changes.basis
    members = np.ones(1) if basis.averaged is None else basis.averaged.weights
    by_member = total.reshape(len(members), -1, *total.shape[1:])
    evidence = np.einsum("m,mr...->m...", members, by_member) / by_member.shape[1]
    share = evidence / evidence.sum(axis=0) / by_member.shape[1]
    return np.asarray(np.repeat(share, by_member.shape[1], axis=0) / total)


def chains_of(weighing: Weighing) -> int:
    """Return the number of chains of each fit."""
    return int(weighing.changes.basis.posterior[names.POSTERIOR].sizes[names.CHAIN]) // weighing.fits
