"""Laws of coherence: numbers of a distribution are left alone, repaired ones are coherent, and none are nearer."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from helpers.cases import skeleton, with_spec
from helpers.worlds import AS_OF, HORIZON, RECURRENT, all_worlds, events, records
from vzforecast.case import Case
from vzforecast.errors import CoherenceError
from vzforecast.events import And, Event, Ever, Not, Or, StateOn
from vzforecast.paths import Record
from vzforecast.stated import coherence
from vzforecast.stated.building import components
from vzforecast.stated.joint import broken_together
from vzforecast.stated.logic import Logic
from vzforecast.stated.nearest import nearest
from vzforecast.stated.rules import Broken, broken_pairs_and_sums
from vzforecast.stated.worlds import Component

Floats = NDArray[np.float64]
DAYS = [AS_OF, AS_OF.replace(day=15), AS_OF.replace(day=25), HORIZON]
several = st.lists(events(DAYS), min_size=1, max_size=6, unique_by=str)
seeds = st.integers(0, 2**32 - 1)
calm = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def worlds_of(stated: list[Event], record: Record) -> tuple[list[Component], Floats]:
    try:
        parts = components(stated, record, RECURRENT)
    except CoherenceError:
        reject()  # too many to be looked at; rare
    assume(all(np.prod(part.shape, dtype=float) < 2_000 for part in parts))
    return parts, np.array(sorted(all_worlds(parts, len(stated))), dtype=float)


def projected(parts: list[Component], numbers: Floats) -> Floats:
    coherent = numbers.copy()
    for part in parts:
        coherent[part.events] = nearest(part, numbers[part.events]).coherent
    return coherent


def broken(parts: list[Component], numbers: Floats, tolerance: float = 1e-6) -> list[Broken]:
    logic = Logic(parts, len(numbers))
    found = list(broken_pairs_and_sums(logic, numbers, tolerance))
    return [*found, *broken_together(logic, numbers, tolerance, found)]


@given(stated=several, record=records(), seed=seeds)
@calm
def test_numbers_of_a_distribution_come_back_and_break_no_rule(stated: list[Event], record: Record, seed: int) -> None:
    parts, worlds = worlds_of(stated, record)
    random = np.random.default_rng(seed)
    numbers = random.dirichlet(np.full(len(worlds), 0.3)) @ worlds
    np.testing.assert_allclose(projected(parts, numbers), numbers, atol=1e-9)
    assert broken(parts, numbers) == []


@given(stated=several, record=records(), seed=seeds)
@calm
def test_repaired_numbers_are_coherent_and_none_are_nearer(stated: list[Event], record: Record, seed: int) -> None:
    parts, worlds = worlds_of(stated, record)
    random = np.random.default_rng(seed)
    numbers = random.uniform(size=len(stated))
    found = projected(parts, numbers)
    np.testing.assert_allclose(projected(parts, found), found, atol=1e-9)
    assert broken(parts, found) == []
    others = random.dirichlet(np.full(len(worlds), 0.3), size=200) @ worlds
    assert np.linalg.norm(found - numbers) <= np.linalg.norm(others - numbers, axis=1).min() + 1e-12
    # What is incoherent is never called coherent.
    assert (np.abs(found - numbers).max() > 1e-4) <= bool(broken(parts, numbers))


@given(stated=several, record=records(), seed=seeds)
@calm
def test_the_nearest_point_by_a_general_optimiser(stated: list[Event], record: Record, seed: int) -> None:
    """Sequential quadratic programming over the weights of all worlds, written out: another way to the same point."""
    parts, worlds = worlds_of(stated, record)
    assume(len(worlds) <= 40)
    numbers = np.random.default_rng(seed).uniform(size=len(stated))
    solved = minimize(
        lambda p: ((p @ worlds - numbers) ** 2).sum(),
        np.full(len(worlds), 1.0 / len(worlds)),
        jac=lambda p: 2.0 * worlds @ (p @ worlds - numbers),
        bounds=[(0.0, 1.0)] * len(worlds),
        constraints={"type": "eq", "fun": lambda p: p.sum() - 1.0, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert solved.success
    np.testing.assert_allclose(projected(parts, numbers), solved.x @ worlds, atol=1e-5)


@given(stated=several, record=records(), seed=seeds)
@calm
def test_every_broken_rule_is_broken_in_every_distribution(stated: list[Event], record: Record, seed: int) -> None:
    """The numbers that a rule names cannot be right together, by the worlds written out."""
    parts, worlds = worlds_of(stated, record)
    numbers = np.random.default_rng(seed).uniform(size=len(stated)).round(2)
    for rule in broken(parts, numbers, 0.0):
        chosen = list(rule.events)
        seen = worlds[:, chosen]
        total = seen.sum(axis=1)
        match rule.kind:
            case "certain":
                assert len(np.unique(seen)) == 1
            case "implies":
                assert np.all(seen[:, 0] <= seen[:, 1])
                assert np.isclose(numbers[chosen[0]] - numbers[chosen[1]], rule.excess)
            case "exclusive":
                assert total.max() <= 1
            case "exhaustive":
                assert total.min() >= 1
            case "partition":
                assert np.all(total == 1)
            case _:
                assert rule.kind == "joint"
                unlike = np.unique(seen, axis=0)
                solved = minimize(
                    lambda p, unlike=unlike, chosen=chosen: ((p @ unlike - numbers[chosen]) ** 2).sum(),
                    np.full(len(unlike), 1.0 / len(unlike)),
                    bounds=[(0.0, 1.0)] * len(unlike),
                    constraints={"type": "eq", "fun": lambda p: p.sum() - 1.0},
                    method="SLSQP",
                )
                assert solved.fun > 1e-9


@given(stated=several, record=records(), seed=seeds)
@calm
def test_the_order_of_events_does_not_matter(stated: list[Event], record: Record, seed: int) -> None:
    parts, _ = worlds_of(stated, record)
    random = np.random.default_rng(seed)
    numbers, order = random.uniform(size=len(stated)), random.permutation(len(stated))
    again = components([stated[n] for n in order], record, RECURRENT)
    np.testing.assert_allclose(projected(again, numbers[order]), projected(parts, numbers)[order], atol=1e-9)
    assert np.prod([part.count for part in again]) == np.prod([part.count for part in parts])


@given(seed=seeds)
@calm
def test_names_and_the_order_of_outcomes_do_not_matter(seed: int) -> None:
    case = skeleton().known_on(skeleton().spec.default_as_of)
    outcomes = case.spec.outcomes
    random = np.random.default_rng(seed)
    shuffled = with_spec(case, outcomes=tuple(outcomes[n] for n in random.permutation(len(outcomes))))
    stated = {str(event): float(random.uniform()) for event in asked_of(case)}
    one, other = coherence(case, stated), coherence(shuffled, stated)
    np.testing.assert_allclose(one.nearest["coherent"], other.nearest["coherent"], atol=1e-9)
    assert one.atoms == other.atoms
    assert one.incoherences["events"].to_list() == other.incoherences["events"].to_list()
    np.testing.assert_allclose(one.incoherences["points"], other.incoherences["points"])


def asked_of(case: Case) -> list[Event]:
    """Return events of every shape about the outcomes of a case."""
    assert case.as_of is not None
    days = [day for day in case.spec.deadlines if day > case.as_of][:2]
    ever = [Ever(o.id, o.active, active=True, after=None, by=day) for o in case.spec.outcomes for day in days]
    states = [StateOn(o.id, o.rest, active=False, on=days[-1]) for o in case.spec.outcomes]
    return [
        *ever,
        *states,
        And((ever[0], ever[-1])),
        Or((states[0], Not(ever[-1]))),
        replace(ever[0], after=case.as_of),
    ]
