"""What the case must have for an intervention to be possible."""

from collections.abc import Iterator
from datetime import date

from vzforecast.case import Case
from vzforecast.errors import Fault, InterventionError
from vzforecast.forecast.intervention import Intervention
from vzforecast.inputs.wording import choices
from vzforecast.intervening.asked import fault
from vzforecast.intervening.posts import check_posts


def check(case: Case, made: tuple[Intervention, ...]) -> None:
    """Refuse interventions that the case cannot have; those made before are taken as they are.

    Parameters
    ----------
    case : Case
        Cut to what is known.
    made : tuple of Intervention
        The last one is new.

    Raises
    ------
    InterventionError
        Every fault of the new one.
    """
    new = made[-1]
    checks = (_influence(case, made), _outcomes(case, new), _coupling(case, new), check_posts(case, made))
    faults = [one for found in checks for one in found]
    if faults:
        raise InterventionError(faults)


def _influence(case: Case, made: tuple[Intervention, ...]) -> Iterator[Fault]:
    new = made[-1]
    factions = [faction.id for faction in case.spec.factions]
    for part, named in (("influence", tuple(new.influence)), ("silence", new.silence)):
        for faction in named:
            if faction not in factions:
                yield fault(part, faction, "the case has no such faction", choices(faction, factions))
    for faction in new.influence:
        if faction in new.silence:
            yield fault("silence", faction, "it is given points, too", "drop one of the two")
    crowded = next((day for day in _starts_within(made) if set(factions) <= _moved(made, day)), None)
    if crowded is not None and (new.influence or new.silence):
        problem = f"on {crowded} every faction is moved, so that none can give or take"
        yield fault("influence", ", ".join(factions), problem, "leave at least one faction out")


def _starts_within(made: tuple[Intervention, ...]) -> list[date]:
    """Return the days of the last intervention on which it or another one starts: there may be no more at once."""
    new = made[-1]
    return sorted({one.start for one in made if new.start <= one.start <= new.end})


def _moved(made: tuple[Intervention, ...], day: date) -> set[str]:
    """Return the factions whose influence interventions move on a day."""
    return {faction for one in made if one.start <= day <= one.end for faction in (*one.influence, *one.silence)}


def _outcomes(case: Case, new: Intervention) -> Iterator[Fault]:
    declared = {outcome.id: outcome for outcome in case.spec.outcomes}
    for name, state in new.outcomes.items():
        outcome = declared.get(name)
        if outcome is None:
            yield fault("outcomes", name, "the case has no such outcome", choices(name, declared))
        elif state not in outcome.states:
            yield fault(f"outcomes.{name}", state, f"{name} has no such state", choices(state, outcome.states))
        elif outcome.recurrent and state == outcome.active:
            problem = f"{name} is over at once, it cannot be held in that state"
            yield fault(f"outcomes.{name}", state, problem, f"hold it at {outcome.rest}, or leave it out")


def _coupling(case: Case, new: Intervention) -> Iterator[Fault]:
    prefix = "coupling."
    declared = [prior.removeprefix(prefix) for prior in case.prior_specs if prior.startswith(prefix)]
    for name in new.coupling:
        if name not in declared:
            yield fault("coupling", name, "the case declares no such coupling", choices(name, declared))
