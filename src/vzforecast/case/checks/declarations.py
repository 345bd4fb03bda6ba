"""Checks of case.toml against itself, its reference classes apart."""

import itertools
from collections.abc import Iterator

from vzforecast.case.checks.parts import case_fault, repeated
from vzforecast.case.schema import Administration, CaseSpec, Outcome, Scenario
from vzforecast.case.tables import NO_FACTION
from vzforecast.errors import Fault
from vzforecast.inputs.wording import choices


def check_declarations(spec: CaseSpec) -> Iterator[Fault]:
    """Yield the faults of ids, dates, administrations, outcomes and scenarios.

    Parameters
    ----------
    spec : CaseSpec
        The declarations.

    Yields
    ------
    Fault
        Each contradiction.
    """
    yield from _enough(spec)
    yield from _ids(spec)
    yield from _dates(spec)
    yield from _administrations(spec)
    for outcome in spec.outcomes:
        yield from _outcome(spec, outcome)
    yield from _scenarios(spec)


def _enough(spec: CaseSpec) -> Iterator[Fault]:
    for name, least in (("deadlines", 1), ("administrations", 1), ("factions", 2), ("outcomes", 1)):
        found = len(getattr(spec, name))
        if found < least:
            yield case_fault(name, "", "too few entries", f"give at least {least}")


def _ids(spec: CaseSpec) -> Iterator[Fault]:
    for name in ("administrations", "factions", "outcomes", "scenarios", "sources"):
        for repeat in repeated([entry.id for entry in getattr(spec, name)]):
            yield case_fault(name, repeat, "id given twice", "give each its own id")
    for faction in spec.factions:
        if faction.id in NO_FACTION:
            remedy = "choose another id, since it stands for no faction in the news table"
            yield case_fault("factions", faction.id, "reserved id", remedy)


def _dates(spec: CaseSpec) -> Iterator[Fault]:
    if spec.horizon <= spec.origin:
        yield case_fault("horizon", spec.horizon, f"not after the origin, {spec.origin}", "give a later day")
        return
    within = f"give a day from {spec.origin} to {spec.horizon}"
    if not spec.origin <= spec.default_as_of <= spec.horizon:
        yield case_fault("default_as_of", spec.default_as_of, "outside origin to horizon", within)
    for deadline in spec.deadlines:
        if not spec.origin < deadline <= spec.horizon:
            remedy = f"give a day after {spec.origin}, at the latest {spec.horizon}"
            yield case_fault("deadlines", deadline, "outside origin to horizon", remedy)
    for earlier, later in itertools.pairwise(spec.deadlines):
        if later <= earlier:
            yield case_fault("deadlines", later, f"not after the one before it, {earlier}", "put them in order")


def _administrations(spec: CaseSpec) -> Iterator[Fault]:
    for one in spec.administrations:
        if one.end is not None and one.end <= one.start:
            yield case_fault(
                f"administrations.{one.id}.end", one.end, f"not after its start, {one.start}", "correct it"
            )
    in_order: list[Administration] = sorted(spec.administrations, key=lambda one: one.start)
    for one, following in itertools.pairwise(in_order):
        if one.end is None or one.end > following.start:
            place, shown = f"administrations.{one.id}.end", one.end or ""
            remedy = f"end it on {following.start} at the latest"
            yield case_fault(place, shown, f"overlaps {following.id}, which starts on {following.start}", remedy)


def _outcome(spec: CaseSpec, outcome: Outcome) -> Iterator[Fault]:
    place = f"outcomes.{outcome.id}"
    if outcome.rest == outcome.active:
        yield case_fault(f"{place}.states", outcome.rest, "the two states are the same", "name rest and active apart")
    if outcome.state_at_start not in outcome.states:
        remedy = choices(outcome.state_at_start, outcome.states)
        yield case_fault(f"{place}.state_at_start", outcome.state_at_start, "not a state of the outcome", remedy)
    yield from _recurrent(outcome, place) if outcome.recurrent else _lasting(outcome, place)
    if spec.horizon <= spec.origin:
        return
    if not spec.origin <= outcome.start <= spec.horizon:
        remedy = f"give a day from {spec.origin} to {spec.horizon}"
        yield case_fault(f"{place}.start", outcome.start, "outside origin to horizon", remedy)
    elif outcome.start > spec.default_as_of:
        remedy = f"make default_as_of {outcome.start} or later"
        yield case_fault(f"{place}.start", outcome.start, f"after default_as_of, {spec.default_as_of}", remedy)


def _recurrent(outcome: Outcome, place: str) -> Iterator[Fault]:
    """Refuse of a recurrent outcome what supposes that it stays active for a time."""
    if outcome.recovery is not None:
        remedy = "remove it, or write recurrent = false"
        yield case_fault(f"{place}.recovery", "", "a recurrent outcome returns to rest at once", remedy)
    if outcome.state_at_start == outcome.active != outcome.rest:
        problem = "a recurrent outcome is never active for any time"
        yield case_fault(f"{place}.state_at_start", outcome.active, problem, f'write "{outcome.rest}"')


def _lasting(outcome: Outcome, place: str) -> Iterator[Fault]:
    if outcome.recovery is None:
        remedy = "add it, or write recurrent = true for an event that is over at once"
        yield case_fault(f"{place}.recovery", "", "hazard missing", remedy)


def _scenarios(spec: CaseSpec) -> Iterator[Fault]:
    remainders = [scenario.id for scenario in spec.scenarios if scenario.remainder]
    if len(remainders) != 1:
        remedy = "give remainder = true to one scenario, the last"
        yield case_fault("scenarios", ", ".join(remainders), f"{len(remainders)} remainders, not one", remedy)
    elif not spec.scenarios[-1].remainder:
        yield case_fault(
            f"scenarios.{remainders[0]}", "", "the remainder is not the last scenario", "move it to the end"
        )
    for position, scenario in enumerate(spec.scenarios):
        yield from _scenario(spec, scenario)
        for earlier in spec.scenarios[:position]:
            if earlier.when and scenario.when and earlier.when.items() <= scenario.when.items():
                problem = f"can never be the first match: {earlier.id} before it matches all of it"
                yield case_fault(f"scenarios.{scenario.id}", "", problem, f"move it before {earlier.id}")


def _scenario(spec: CaseSpec, scenario: Scenario) -> Iterator[Fault]:
    place = f"scenarios.{scenario.id}"
    if scenario.remainder and scenario.when:
        yield case_fault(f"{place}.when", "", "the remainder has conditions", "drop when, or drop remainder")
    if not scenario.remainder and not scenario.when:
        remedy = "name at least one outcome and its state"
        yield case_fault(f"{place}.when", "", "no condition, and not the remainder", remedy)
    states = {outcome.id: outcome.states for outcome in spec.outcomes if not outcome.recurrent}
    recurrent = [outcome.id for outcome in spec.outcomes if outcome.recurrent]
    for outcome, state in scenario.when.items():
        if outcome in recurrent:
            problem = "a recurrent outcome, at rest on every day"
            yield case_fault(f"{place}.when", outcome, problem, "remove it; ask for its events with count or ever")
        elif outcome not in states:
            yield case_fault(f"{place}.when", outcome, "unknown outcome", choices(outcome, states))
        elif state not in states[outcome]:
            yield case_fault(f"{place}.when.{outcome}", state, "unknown state", choices(state, states[outcome]))
