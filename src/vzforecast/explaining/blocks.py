"""What can be taken out of a forecast: rows, terms of the model, readings; by which weights, and by which refit."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from vzforecast.case import Case
from vzforecast.explaining.fitted import Fitted
from vzforecast.explaining.leaving import fits_of
from vzforecast.explaining.promises import Promises
from vzforecast.explaining.retold import law_of, retold, retold_by
from vzforecast.explaining.terms import Term, terms_of
from vzforecast.forecast import Forecast
from vzforecast.history import Known
from vzforecast.history.known import READINGS
from vzforecast.inputs.frozen import Tables
from vzforecast.latent import Array
from vzforecast.reweight.difference import difference
from vzforecast.stacking.members import Members
from vzforecast.updating.weigh import rows_then_and_now

if TYPE_CHECKING:
    from vzforecast.simulate import Dynamics

# Tables that are rows of the model and nothing else. Who is in post, which state holds and which days are ahead say
# where paths start: without those there is no forecast.
CODED: Final = ("commitments", "licences", "actions", "news", "counts")


@dataclass(frozen=True, eq=False)
class Removal:
    """One block, and the ways of taking it out.

    Attributes
    ----------
    name, kind : str
        As in the table of ``leave_out``.
    n : int or None
        Rows that it has; None of a term.
    nats : callable
        Returns by how much the log likelihood of all rows falls without it, dims (sample,): what weights take back.
    case : callable
        Returns the case of which a refit does without it.
    term : Term or None
        What paths do without, too.
    known : Known or None
        What paths then start from, if they start from something else: other rows may say otherwise how decisions gather
        before a day ahead.
    """

    name: str
    kind: str
    n: int | None
    nats: Callable[[], Array]
    case: Callable[[], Case]
    term: Term | None = None
    known: Known | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """One of the two readings of partial promises that a forecast pools: it is among the draws already.

    Attributes
    ----------
    name, kind : str
        As in the table of ``leave_out``.
    n : int
        Promises kept in part.
    number : int
        Place among the readings.
    """

    name: str
    kind: str
    n: int
    number: int


type Block = Removal | Reading


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks of one forecast, and what is the same for every event that is asked of it.

    Attributes
    ----------
    fc : Forecast
        Any.
    """

    fc: Forecast

    @cached_property
    def all(self) -> Mapping[str, Block]:
        """Every block that the forecast has, by name, kind after kind."""
        found = (*self._record(), *self._terms(), *self._low_confidence(), *self._readings())
        return {block.name: block for block in found}

    @cached_property
    def few(self) -> Forecast:
        """The forecast with as few paths as it has without a term, on the same random numbers."""
        return retold_by(self.fc, self._law, self.fc.known)

    def without(self, block: Removal) -> Forecast:
        """Return the forecast with paths that do without a block, or as it is if none of them depends on it.

        Parameters
        ----------
        block : Removal
            Of this forecast.

        Returns
        -------
        Forecast
            Weights of draws are as they were.
        """
        return self.fc if block.term is None and block.known is None else self._retold(block)

    @cached_property
    def _retold(self) -> Callable[[Removal], Forecast]:
        @cache
        def told(block: Removal) -> Forecast:
            if block.term is not None:
                own = block.term.law(self._law, block.term.out_of(self.fc.draws), self.fc.design)
                return retold_by(self.fc, own, self.fc.known)
            return retold(self.fc, self.fc.draws, block.known or self.fc.known)

        return told

    @cached_property
    def _law(self) -> "Dynamics":
        return law_of(self.fc.draws, self.fc.known)

    @cached_property
    def agreements(self) -> Mapping[str, Removal]:
        """The promises of each agreement that has rows of the record, by its id."""
        case, found = self.fc.case, self._promises
        return {
            name: Removal(f"agreement:{name}", "agreement", n, nats, partial(case.without_agreement, name))
            for name, n in found.rows.items()
            for nats in [partial(found.by_agreement.__getitem__, name)]
        }

    @cached_property
    def _promises(self) -> Promises:
        return Promises.of(self.fc, self._fits)

    @cached_property
    def _fits(self) -> list[Fitted]:
        return [Fitted(*fit) for fit in fits_of(self.fc)]

    def _record(self) -> Iterator[Removal]:
        if found := self._promises.n:
            without = partial(self.fc.case.without, "defection")
            yield Removal("record", "record", found, lambda: self._promises.whole, without)
        yield from self.agreements.values()

    def _terms(self) -> Iterator[Removal]:
        for term in terms_of(self.fc.history):
            case = partial(term.case, self.fc.case)
            yield Removal(term.name, term.kind, None, cache(partial(self._fall, term)), case, term=term)

    def _fall(self, term: Term) -> Array:
        return np.concatenate([term.nats(fit) for fit in self._fits])

    def _low_confidence(self) -> Iterator[Removal]:
        tables = self.fc.case.tables
        low = {name: tables[name]["confidence"] == "low" for name in CODED}
        if n := sum(int(rows.sum()) for rows in low.values()):
            kept = {name: tables[name].loc[~rows] for name, rows in low.items()}
            case = replace(self.fc.case, tables=cast("Tables", tables).replaced(kept))
            yield self._other_rows("low_confidence", "rows", n, case)

    def _readings(self) -> Iterator[Block]:
        commitments, declared = self.fc.case.tables["commitments"], self.fc.case.spec.partial.commitments
        n = int(((commitments["result"] == "partial") & (commitments["own_history_of"] == "")).sum())
        for number, reading in enumerate(READINGS if n and "defection" not in self.fc.history.without else ()):
            name = f"partial:{reading.removeprefix('as_')}"
            if declared == "half":
                yield Reading(name, "reading", n, number)
            elif declared != reading:
                yield self._other_rows(name, "reading", n, self.fc.case.with_partial(reading))

    def _other_rows(self, name: str, kind: str, n: int, case: Case) -> Removal:
        known = Known(case, self.fc.known.places)
        elsewhere = known.history.scheduled != self.fc.history.scheduled
        lost = cache(partial(self._rows_lost, known))
        return Removal(name, kind, n, lost, lambda: case, known=known if elsewhere else None)

    def _rows_lost(self, known: Known) -> Array:
        """Return the log likelihood of the rows of the forecast less that of other rows, dims (sample,)."""
        members: Members = {"": ()} if self.fc.averaged is None else self.fc.averaged.members
        pairs = [pair for terms in members.values() for pair in rows_then_and_now(self.fc.known, known, terms)]
        now = self.fc.history.period_now
        changes = [difference(*pair, now, now) for pair in pairs]
        lost = [fit.total(change.gone) - fit.total(change.new) for fit, change in zip(self._fits, changes, strict=True)]
        return np.concatenate(lost)


@lru_cache(maxsize=1)
def blocks_of(fc: Forecast) -> Blocks:
    """Return the blocks of a forecast; of the one asked last, so that its next event costs little."""
    return Blocks(fc)
