"""From interventions to dated changes of the law that the simulator follows."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import numpy as np

from vzforecast import names
from vzforecast.case import Case
from vzforecast.course import Change, CouplingFactor, Forced, InfluenceMove, StandingStep
from vzforecast.forecast.intervention import Intervention
from vzforecast.history import History, Periods, standing
from vzforecast.intervening.posts import actors_under

# What is brought about holds from the first second of its day to that of the day after its last: so it holds on all of
# its days, what follows it begins where it ends, and it comes after the end of the as-of day.
_FIRST_SECOND: Final = 1.0 / 86_400.0


def changes_of(case: Case, history: History, made: tuple[Intervention, ...]) -> list[Change]:
    """Return the changes that interventions make, in their order.

    Parameters
    ----------
    case : Case
        Cut to the as-of date.
    history : History
        Its coordinates.
    made : tuple of Intervention
        Checked against the case.

    Returns
    -------
    list of Change
        For ``vzforecast.forecast.future``.
    """
    changes = [change for intervention in made for change in _own_changes(case, history, intervention)]
    return [*changes, *_standing_steps(case, history, made)]


def _own_changes(case: Case, history: History, made: Intervention) -> Iterator[Change]:
    """Yield what one intervention changes by itself; who is in post is a matter of all of them together."""
    begin, end = _start(history, made.start), _start(history, made.end + timedelta(days=1))
    place = {outcome: number for number, outcome in enumerate(history.outcomes)}
    moves = [*made.influence.items(), *((faction, None) for faction in made.silence)]
    if moves:
        points = tuple((history.factions.index(faction), value) for faction, value in moves)
        yield InfluenceMove(begin, end, points)
    for outcome, state in made.outcomes.items():
        yield Forced(begin, end, place[outcome], active=state == case.outcome(outcome).active)
    for name, factor in made.coupling.items():
        transition, outcome, source = name.split(".")
        cell = names.TRANSITIONS.index(transition), place[outcome], place[source]
        yield CouplingFactor(begin, end, cell, factor)


def _standing_steps(case: Case, history: History, made: tuple[Intervention, ...]) -> Iterator[StandingStep]:
    """Yield the changes of the factions' standing: what the actors under the interventions have beyond those known.

    Both are averaged over the same stretches, the months cut at every start and end, so that what was known to change
    in a month anyway is not taken for an effect.
    """
    first = min((intervention.start for intervention in made if intervention.actors), default=None)
    if first is None:
        return
    stretches = _stretches(history, first, made)
    tables = actors_under(case, made), case.tables["actors"]
    moved = [
        np.subtract(*(standing(table, history.factions, stretches, score) for table in tables))
        for score in names.SCORES
    ]
    office, proximity = (np.diff(difference, axis=0, prepend=0.0) for difference in moved)
    for number, start in enumerate(stretches.starts):
        yield StandingStep(_start(history, start), tuple(office[number]), tuple(proximity[number]))


def _stretches(history: History, first: date, made: tuple[Intervention, ...]) -> Periods:
    """Return the months from a day on, cut where an intervention starts and after its last day."""
    cuts = {day for one in made if one.actors for day in (one.start, one.end + timedelta(days=1))}
    starts = {first, *cuts, *history.periods.starts}
    return Periods(tuple(sorted(day for day in starts if first <= day < history.periods.end)), history.periods.end)


def _start(history: History, day: date) -> float:
    """Return where a day begins on the time axis of the paths, and the day before it ends."""
    return (day - history.as_of).days - 1.0 + _FIRST_SECOND
