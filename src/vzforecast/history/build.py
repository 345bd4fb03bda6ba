"""A case cut to an as-of date, as the long tables the model reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.case import Case
from vzforecast.case.schema import Hazard, Outcome
from vzforecast.history import reference
from vzforecast.history.calendar import Periods
from vzforecast.history.ends import KnownEnds
from vzforecast.history.gathering import Gathering, learn_gathering
from vzforecast.history.levels import Places, levels_of, signal_kinds
from vzforecast.history.news import leans, signals
from vzforecast.history.outcomes import Spell, scheduled_now, spells, states_now
from vzforecast.history.schedule import Multiplier
from vzforecast.history.standing import standing
from vzforecast.names import TRANSITIONS, level


@dataclass(frozen=True)
class History:
    """Everything about a case that reaches the model, and nothing published after ``as_of``.

    Attributes
    ----------
    as_of : date
        Forecast origin.
    periods : Periods
        Calendar months from the case's origin to its horizon.
    factions, outcomes, processes, covariates, signal_kinds : tuple of str
        Coordinates in declared order; signal kinds end with the spare ones.
    levels : DataFrame
        One row a partially pooled effect: ``level``, ``grouping``, ``member`` (blank for a spare one).
    couplings : tuple of (transition, outcome, source)
        The declared couplings.
    office, proximity : ndarray, dims (period, faction)
        Standing of the factions, in doublings.
    signals : DataFrame
        ``id, period, kind, strength, faction, bearing``.
    leans : DataFrame
        ``id, period, outcome, strength, lean``.
    rows : DataFrame
        Event-history rows: ``row, process, members`` (levels), one column a covariate, ``outcome``,
        ``transition``, ``period`` (blank and -1 for reference rows), ``active`` (share by source outcome),
        ``exposure`` (months or promises), ``events``.
    hazards : DataFrame
        ``process, members, covariates`` of every hazard, in the order (transition, outcome); a recurrent outcome's
        recovery, which no row has, repeats its onset, so that the table stays rectangular.
    recurrent : ndarray of bool, dims (outcome,)
        Whether an outcome's events are over at once and may come again.
    states : DataFrame
        By outcome: ``active``, ``active_for``, ``onset_ago``, ``recovery_ago`` at the end of the as-of day.
    schedule : Gathering or None
        How decisions gather before known ends; None if the case declares nothing scheduled.
    scheduled : tuple of Multiplier
        Known ends still ahead that bear on the hazard of an outcome's present state, one at most for each outcome.
    without : tuple of str
        Terms that the model does without.
    """

    as_of: date
    periods: Periods
    factions: tuple[str, ...]
    outcomes: tuple[str, ...]
    processes: tuple[str, ...]
    covariates: tuple[str, ...]
    signal_kinds: tuple[str, ...]
    levels: pd.DataFrame
    couplings: tuple[tuple[str, str, str], ...]
    office: NDArray[np.float64]
    proximity: NDArray[np.float64]
    signals: pd.DataFrame
    leans: pd.DataFrame
    rows: pd.DataFrame
    hazards: pd.DataFrame
    recurrent: NDArray[np.bool_]
    states: pd.DataFrame
    schedule: Gathering | None
    scheduled: tuple[Multiplier, ...]
    without: tuple[str, ...]

    @property
    def period_now(self) -> int:
        """Index of the period the as-of day falls in."""
        return self.periods.index(self.as_of)


def build_history(case: Case, places: Places | None = None) -> History:
    """Turn a case cut by ``Case.known_on`` into the rows of the model.

    Parameters
    ----------
    case : Case
        A case that knows its as-of date.
    places : Places, optional
        Labels of the draws that the rows are for; by default those that a fit of the case gives its own.

    Returns
    -------
    History
        Tables and coordinates; equal for two cases that differ only in what was published later.

    Raises
    ------
    ValueError
        If the case was not cut.
    NoPlaceError
        If the draws have no place left for a new member of a grouping.
    """
    spec, as_of = case.spec, case.as_of
    if as_of is None:
        raise ValueError("the case is not cut to a date; call case.known_on(date) first")
    periods = Periods.spanning(spec.origin, spec.horizon)
    factions = tuple(faction.id for faction in spec.factions)
    active_is = {outcome.id: outcome.active_is for outcome in spec.outcomes}
    schedule = learn_gathering(case, as_of)
    ends = KnownEnds.of(case, schedule)
    return History(
        as_of=as_of,
        periods=periods,
        factions=factions,
        outcomes=tuple(active_is),
        processes=tuple(spec.processes),
        covariates=tuple(dict.fromkeys(code for process in spec.processes.values() for code in process.covariates)),
        signal_kinds=signal_kinds(case, places),
        levels=levels_of(case, places),
        couplings=_couplings(case),
        office=standing(case.tables["actors"], factions, periods, "office"),
        proximity=standing(case.tables["actors"], factions, periods, "proximity"),
        signals=signals(case.tables["news"], factions, active_is, periods),
        leans=leans(case.tables["news"], case.tables["transitions"], periods),
        rows=pd.DataFrame([*_reference_records(case, as_of, schedule), *_outcome_records(case, as_of, periods, ends)]),
        hazards=pd.DataFrame([_class(case, _hazard(o, t)) for t in TRANSITIONS for o in spec.outcomes]),
        recurrent=np.array([outcome.recurrent for outcome in spec.outcomes], dtype=np.bool_),
        states=states_now(case, as_of),
        schedule=schedule,
        scheduled=tuple(scheduled_now(case, as_of, ends)),
        without=spec.variant.without,
    )


def _couplings(case: Case) -> tuple[tuple[str, str, str], ...]:
    found = [tuple(prior.split(".")[1:]) for prior in case.prior_specs if prior.startswith("coupling.")]
    return tuple((transition, outcome, source) for transition, outcome, source in found)


def _reference_records(case: Case, as_of: date, schedule: Gathering | None) -> Iterator[dict[str, object]]:
    for row in reference.reference_rows(case, as_of, schedule):
        yield _reference_record(case, row)


def _outcome_records(case: Case, as_of: date, periods: Periods, ends: KnownEnds) -> Iterator[dict[str, object]]:
    for spell in spells(case, as_of, periods, ends):
        yield _outcome_record(case, spell)


def _reference_record(case: Case, row: reference.Row) -> dict[str, object]:
    own = {"outcome": "", "transition": "", "period": -1, "active": {}}
    observed = {"exposure": row.exposure, "events": row.events}
    return {"row": row.label} | _membership(case, row.process, row.members, row.covariates) | own | observed


def _outcome_record(case: Case, spell: Spell) -> dict[str, object]:
    label = {"row": f"outcome {spell.transition}.{spell.outcome} to {spell.last}"}
    own = {"outcome": spell.outcome, "transition": spell.transition, "period": spell.period, "active": spell.active}
    observed = {"exposure": spell.exposure, "events": spell.events}
    return label | _class(case, _hazard(case.outcome(spell.outcome), spell.transition)) | own | observed


def _hazard(outcome: Outcome, transition: str) -> Hazard:
    """Return the hazard of a transition; in place of a recurrent outcome's recovery, which no row has, its onset."""
    return outcome.hazards.get(transition, outcome.onset)


def _class(case: Case, hazard: Hazard) -> dict[str, object]:
    return _membership(case, hazard.process, hazard.members, reference.centred_codes(hazard.covariates))


def _membership(
    case: Case, process: str, members: Mapping[str, str], covariates: Mapping[str, float]
) -> dict[str, object]:
    declared = case.spec.processes[process]
    levels = tuple(level(f"{declared.family}.{grouping}", members[grouping]) for grouping in declared.groupings)
    codes = {code: covariates[code] for code in declared.covariates}
    return {"process": process, "members": levels, "covariates": codes}
