"""Laws of dated changes that hold path by path: nothing before them moves, and nothing that they do not reach."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from helpers.dynamics import AS_OF, MONTH_ENDS, assert_same, dynamics, path, seeds
from vzforecast import simulate as simulation
from vzforecast.course import (
    Change,
    CouplingFactor,
    Forced,
    InfluenceMove,
    RateFactor,
    StandingStep,
    course_of,
    stretches,
)
from vzforecast.path_kernel import layout
from vzforecast.paths import Paths, Record
from vzforecast.simulate import Dynamics, simulate

HORIZON = float(MONTH_ENDS[-1])
MOMENTS = (0.5, 10.0, 22.5, 23.0, 40.25, 54.0, 100.5, 114.5)
moments = st.sampled_from(MOMENTS)


def run(law: Dynamics, seed: int, changes: tuple[Change, ...], order: NDArray[np.int64] | None = None) -> Paths:
    """Simulate three paths of each draw; ``order`` permutes the names of the outcomes."""
    outcomes, factions = law.outcome_streams.size, law.faction_streams.size
    names = [str(o) for o in (range(outcomes) if order is None else order)]
    record = Record.from_transitions(
        AS_OF, AS_OF + timedelta(days=int(HORIZON)), dict(zip(names, law.active_now.tolist(), strict=True)), []
    )
    return simulate(law, record, paths=3, seed=seed, course=course_of(changes, outcomes, factions, HORIZON))


@st.composite
def changes(draw: st.DrawFn, law: Dynamics) -> tuple[Change, ...]:
    """Up to four changes of every kind, over spans that begin and end within months and at their ends."""
    outcomes, factions = law.outcome_streams.size, law.faction_streams.size
    of, among = st.integers(0, outcomes - 1), st.integers(0, factions - 1)
    hazard = st.integers(0, 1)
    made: list[Change] = []
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(moments)
        end = draw(st.sampled_from([time for time in (*MOMENTS, np.inf) if time > begin]))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            made.append(RateFactor(begin, end, draw(hazard), draw(of), draw(st.floats(0.1, 20.0))))
        elif kind == 1:
            made.append(Forced(begin, end, draw(of), draw(st.booleans())))
        elif kind == 2:
            cell = draw(hazard), draw(of), draw(of)
            made.append(CouplingFactor(begin, end, cell, draw(st.floats(-2.0, 3.0))))
        elif kind == 3 and factions > 1:
            points = draw(st.one_of(st.none(), st.floats(-0.5, 0.5)))
            made.append(InfluenceMove(begin, end, ((draw(among), points),)))
        else:
            steps = tuple(draw(st.floats(-1.0, 1.0)) for _ in range(factions))
            made.append(StandingStep(begin, steps, steps[::-1]))
    return tuple(made)


@given(law=dynamics(), seed=seeds, data=st.data())
def test_paths_are_the_same_up_to_the_first_change(law: Dynamics, seed: int, data: st.DataObject) -> None:
    made = data.draw(changes(law))
    first = min(change.begin for change in made)
    free, changed = run(law, seed, ()), run(law, seed, made)
    for draw in range(law.draws):
        for number in range(3):
            (times, outcome), (times_other, outcome_other) = path(free, draw, number), path(changed, draw, number)
            before, before_other = times < first, times_other < first
            np.testing.assert_array_equal(times[before], times_other[before_other])
            np.testing.assert_array_equal(outcome[before], outcome_other[before_other])


@given(law=dynamics(), seed=seeds, at=moments)
def test_a_change_that_changes_nothing_leaves_every_path(law: Dynamics, seed: int, at: float) -> None:
    nothing: tuple[Change, ...] = (
        RateFactor(at, np.inf, 0, 0, 1.0),
        CouplingFactor(at, np.inf, (1, 0, 0), 1.0),
        StandingStep(at, (0.0,) * law.faction_streams.size, (0.0,) * law.faction_streams.size),
    )
    free, cut = run(law, seed, ()), run(law, seed, nothing)
    np.testing.assert_array_equal(free.offsets, cut.offsets)
    np.testing.assert_array_equal(free.outcome, cut.outcome)
    # The same clock run down in other steps: equal but for rounding.
    np.testing.assert_allclose(free.times, cut.times, rtol=1e-9)


@given(law=dynamics(), seed=seeds, data=st.data())
def test_what_the_kernel_leaves_as_it_is_would_come_out_the_same(law: Dynamics, seed: int, data: st.DataObject) -> None:
    assert_nothing_is_left_out(law, seed, data.draw(changes(law)))


@given(law=dynamics(), seed=seeds, points=st.floats(-0.3, 0.3))
def test_nor_is_a_second_move_of_one_faction_left_out(law: Dynamics, seed: int, points: float) -> None:
    moves = (InfluenceMove(10.0, np.inf, ((0, points),)), InfluenceMove(40.25, np.inf, ((0, points),)))
    assert_nothing_is_left_out(law, seed, moves)


def assert_nothing_is_left_out(law: Dynamics, seed: int, made: tuple[Change, ...]) -> None:
    """Paths are to the last bit those of a kernel that works out every rate and coupling in every stretch."""
    quick = run(law, seed, made)
    outcomes = law.outcome_streams.size
    everything = tuple(np.indices((2, outcomes, outcomes)).reshape(3, -1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "stretches", _with_nothing_left_out)
        patch.setattr(Dynamics, "cells", everything)
        assert_same(quick, run(replace(law), seed, made))


def _with_nothing_left_out(*told: Any) -> layout.Course:
    """Return stretches of which each may change everything."""
    cut = stretches(*told)
    return cut._replace(renews_own=np.ones_like(cut.renews_own), renews_influence=np.ones_like(cut.renews_influence))


@given(law=dynamics(), seed=seeds, at=moments, active=st.booleans())
def test_a_forced_state_moves_no_outcome_that_it_does_not_act_on(
    law: Dynamics, seed: int, at: float, active: bool
) -> None:
    coupling = law.coupling.copy()
    coupling[..., 0] = 0
    law = replace(law, coupling=coupling)
    free, forced = run(law, seed, ()), run(law, seed, (Forced(at, np.inf, 0, active),))
    for draw in range(law.draws):
        for number in range(3):
            (times, outcome), (times_other, outcome_other) = path(free, draw, number), path(forced, draw, number)
            np.testing.assert_array_equal(outcome[outcome != 0], outcome_other[outcome_other != 0])
            np.testing.assert_allclose(times[outcome != 0], times_other[outcome_other != 0], rtol=1e-9)
            assert np.all(times_other[outcome_other == 0] <= at)
    assert np.all(forced.active_at("0", at) == active)
    assert np.all(forced.active_at("0", HORIZON) == active)


@given(law=dynamics(), seed=seeds, data=st.data())
def test_reordering_outcomes_and_factions_reorders_changed_paths_exactly(
    law: Dynamics, seed: int, data: st.DataObject
) -> None:
    outcomes, factions = law.outcome_streams.size, law.faction_streams.size
    order = np.array(data.draw(st.permutations(range(outcomes))))
    camps = np.array(data.draw(st.permutations(range(factions))))
    place, camp = np.argsort(order), np.argsort(camps)
    reordered = replace(
        law,
        log_rate=law.log_rate[:, :, order],
        leverage=law.leverage[:, :, order][..., camps],
        coupling=law.coupling[:, :, order][..., order],
        **{name: getattr(law, name)[order] for name in ("active_now", "active_for", "outcome_streams")},
        tone_now=law.tone_now[:, order],
        **{name: getattr(law, name)[..., camps] for name in ("influence_now", "office_steps", "proximity_steps")},
        faction_streams=law.faction_streams[camps],
        made_ago=None if law.made_ago is None else law.made_ago[:, order],
    )
    made = data.draw(changes(law))
    moved = tuple(_renamed(change, place.tolist(), camp.tolist()) for change in made)
    one, other = run(law, seed, made), run(reordered, seed, moved, order)
    np.testing.assert_array_equal(one.offsets, other.offsets)
    np.testing.assert_array_equal(one.times, other.times)
    assert one.times.size == 0 or _same_sets(one, other, order)


@given(law=dynamics(), seed=seeds)
def test_no_change_is_the_plain_law(law: Dynamics, seed: int) -> None:
    record = Record.from_transitions(
        AS_OF, AS_OF + timedelta(days=int(HORIZON)), {str(o): bool(a) for o, a in enumerate(law.active_now)}, []
    )
    assert_same(simulate(law, record, paths=3, seed=seed), run(law, seed, ()))


def _renamed(change: Change, place: list[int], camp: list[int]) -> Change:
    match change:
        case RateFactor() | Forced():
            return replace(change, outcome=place[change.outcome])
        case CouplingFactor():
            hazard, outcome, source = change.cell
            return replace(change, cell=(hazard, place[outcome], place[source]))
        case InfluenceMove():
            return replace(change, points=tuple((camp[faction], points) for faction, points in change.points))
        case StandingStep():
            order = np.argsort(camp)
            office, proximity = (tuple(np.array(steps)[order]) for steps in (change.office, change.proximity))
            return replace(change, office=office, proximity=proximity)
    raise AssertionError(change)


def _same_sets(one: Paths, other: Paths, order: NDArray[np.int64]) -> bool:
    """Whether the same outcomes change at every moment; states forced at one moment may be logged in any order."""
    renamed = order[other.outcome]
    differs = one.outcome != renamed
    return bool(np.array_equal(np.sort(one.outcome[differs]), np.sort(renamed[differs])))
