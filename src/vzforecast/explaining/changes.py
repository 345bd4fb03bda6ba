"""What lies between two forecasts: news, other priors, other files; and which pieces of news bear on each other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import count
from typing import Final

from vzforecast.case import Case
from vzforecast.errors import DateError, EvidenceError, ExplainError
from vzforecast.evidence import Action, CommitmentResolved, Evidence, Signal, Transition, in_order
from vzforecast.forecast import Forecast
from vzforecast.history import Known, NoPlaceError
from vzforecast.updating.advance import case_on
from vzforecast.updating.basis import Basis

# Items that may bear on states, days ahead or posts, and so on the paths: valued together.
STATES: Final = "states"


@dataclass(frozen=True, eq=False)
class Changes:
    """What the later of two forecasts knows and the earlier does not.

    Attributes
    ----------
    basis : Basis
        The fit behind the earlier forecast, whose draws are weighted.
    since : tuple of Evidence
        What the earlier forecast knew beyond its fit.
    day : date
        As-of date of the later forecast.
    items : tuple of Evidence
        New evidence, and what the tables of the later forecast learnt without it, in the order of publication.
    ratios : mapping of str to float
        By id of a judgement or quote: what it multiplies the odds of its event by.
    after : Case or None
        The case of the later forecast, if its rows may be others than those of the earlier one with the new items;
        None if they are the same, or if its declarations are others, so that no weight says what they do.
    """

    basis: Basis
    since: tuple[Evidence, ...]
    day: date
    items: tuple[Evidence, ...]
    ratios: Mapping[str, float]
    after: Case | None

    @classmethod
    def between(cls, before: Forecast, after: Forecast) -> "Changes":
        """Compare two forecasts.

        Raises
        ------
        DateError
            The second is the earlier one.
        ExplainError
            They are of two cases.
        EvidenceError
            What only the second knows contradicts what the first does.
        InterventionError
            One of them is under an intervention.
        """
        one, other = before.case.spec.name, after.case.spec.name
        if one != other:
            raise ExplainError(f"the first forecast is of case {one!r}, the second of {other!r}; take two of one case")
        basis, _ = Basis.of(before), Basis.of(after)
        if after.as_of < before.as_of:
            raise DateError(f"the second forecast is as of {after.as_of}, before the first, {before.as_of}; swap them")
        since = () if before.revision is None else before.revision.since
        ratios = {**_ratios(after), **_ratios(before)}
        there = {item.id for item in before.evidence}
        items = tuple(item for item in after.evidence if item.id not in there)
        known = cls(basis, since, after.as_of, items, ratios, None)
        same = known.case(items).digest == after.case.digest
        if same or after.case.spec != basis.known.case.spec:
            return known
        learnt = _learnt(known, before.as_of, after.case)
        return cls(basis, since, after.as_of, in_order((*items, *learnt)), ratios, after.case)

    def case(self, items: Iterable[Evidence]) -> Case:
        """Return the case as of the new day with some of the new items."""
        return case_on(self.basis, in_order((*self.since, *items)), self.day)

    def known(self, items: Iterable[Evidence]) -> Known:
        """Return the same as rows for the draws of the fit.

        An item that contradicts the case without another that is not among them (a departure without the successor)
        waits for that one: it is left out.

        Raises
        ------
        ExplainError
            The fit kept no place for what an item brings.
        EvidenceError
            Items contradict the case, and none of them is at fault.
        """
        items = tuple(items)
        try:
            return self.placed(self.case(items))
        except EvidenceError as error:
            at_fault = {fault.file for fault in error.faults}
            kept = tuple(item for item in items if str(item) not in at_fault)
            if len(kept) == len(items):
                raise
            return self.known(kept)

    def placed(self, case: Case) -> Known:
        """Return the rows of a case for the draws of the fit, as ``known`` does."""
        known = Known(case, self.basis.known.places)
        try:
            _ = known.design
        except NoPlaceError as error:
            raise ExplainError(f"the earlier forecast cannot be weighted: {error}") from None
        return known

    @cached_property
    def groups(self) -> list[list[int]]:
        """Places of the new items that are rows, those together which may bear on each other."""
        found: list[tuple[set[object], list[int]]] = []
        unique = count()
        for place, item in enumerate(self.items):
            if not item.is_row:
                continue
            keys, members = set(_keys(item)) or {next(unique)}, [place]
            for other in [one for one in found if one[0] & keys]:
                found.remove(other)
                keys, members = keys | other[0], other[1] + members
            found.append((keys, sorted(members)))
        return [members for _, members in found]

    @cached_property
    def moving(self) -> set[int]:
        """Places of the items that may change where paths start from, and the standing; with what bears on them."""
        places = {place for place, item in enumerate(self.items) if item.is_row and STATES in _keys(item)}
        return {place for members in self.groups if places & set(members) for place in members}

    @cached_property
    def plain(self) -> set[int]:
        """Places of the items that only add rows under their own id: news of an episode that nothing else is of."""
        tables = self.case(()).tables
        told = {*tables["news"]["episode"], *tables["transitions"]["episode"]}
        alone = [members[0] for members in self.groups if len(members) == 1]
        items = {place: self.items[place] for place in alone}
        return {place for place, item in items.items() if isinstance(item, Signal) and item.episode not in told}


def _keys(item: Evidence) -> Iterator[object]:
    """Yield what an item shares with others on which it may bear; nothing if it stands alone."""
    if isinstance(item, Signal | Transition) and item.episode:
        yield "episode", item.episode
    if not isinstance(item, Signal | CommitmentResolved | Action):
        yield STATES


def _ratios(fc: Forecast) -> Mapping[str, float]:
    return {} if fc.revision is None else fc.revision.ratios


def _learnt(known: Changes, since: date, after: Case) -> tuple[Evidence, ...]:
    """Return what the tables of a case learnt by themselves, as items; none if no items could say it."""
    try:
        own = known.case(known.items).evidence_between(since, known.day)
        there = {item.id for item in (*own, *known.items, *known.since)}
        items = tuple(item for item in after.evidence_between(since, known.day) if item.id not in there)
        _ = known.case((*known.items, *items))
    except EvidenceError:
        return ()  # they count among the corrections of the files, whole
    return items
