"""Laws of the simulator that hold exactly, path by path, whatever the dynamics."""

from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from helpers.dynamics import AS_OF, MONTH_ENDS, PER_DRAW, assert_same, dynamics, path, seeds
from vzforecast.paths import Paths, Record
from vzforecast.simulate import Dynamics, simulate


def run(law: Dynamics, paths: int, seed: int) -> Paths:
    active = {str(o): bool(a) for o, a in enumerate(law.active_now)}
    return simulate(
        law, Record.from_transitions(AS_OF, AS_OF + timedelta(days=115), active, []), paths=paths, seed=seed
    )


@given(law=dynamics(), seed=seeds, data=st.data())
def test_reordering_the_outcomes_reorders_the_paths_exactly(law: Dynamics, seed: int, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(law.active_now.size))))
    reordered = replace(
        law,
        log_rate=law.log_rate[:, :, order],
        leverage=law.leverage[:, :, order],
        coupling=law.coupling[:, :, order][..., order],
        **{name: getattr(law, name)[order] for name in ("active_now", "active_for", "outcome_streams")},
        tone_now=law.tone_now[:, order],
        recurrent=None if law.recurrent is None else law.recurrent[order],
        made_ago=None if law.made_ago is None else law.made_ago[:, order],
    )
    one, other = run(law, 3, seed), run(reordered, 3, seed)
    np.testing.assert_array_equal(one.offsets, other.offsets)
    np.testing.assert_array_equal(one.times, other.times)
    np.testing.assert_array_equal(one.outcome, order[other.outcome])


@given(law=dynamics(), seed=seeds, data=st.data())
def test_reordering_the_factions_changes_nothing(law: Dynamics, seed: int, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(law.faction_streams.size))))
    columns = ("leverage", "influence_now", "office_steps", "proximity_steps", "faction_streams")
    reordered = replace(law, **{name: getattr(law, name)[..., order] for name in columns})
    assert_same(run(law, 3, seed), run(reordered, 3, seed))


@given(law=dynamics(), seed=seeds, keep=st.integers(1, 5), more=st.integers(1, 4))
def test_a_path_is_the_same_however_many_draws_and_paths_there_are(
    law: Dynamics, seed: int, keep: int, more: int
) -> None:
    many = run(law, 2 + more, seed)
    few = run(replace(law, **{name: getattr(law, name)[:keep] for name in PER_DRAW}), 2, seed)
    for draw in range(keep):
        for number in range(2):
            for one, other in zip(path(few, draw, number), path(many, draw, number), strict=True):
                np.testing.assert_array_equal(one, other)


@given(law=dynamics(), seed=seeds)
def test_a_longer_horizon_continues_the_same_paths(law: Dynamics, seed: int) -> None:
    shorter = replace(
        law,
        month_ends=MONTH_ENDS[:2],
        office_steps=law.office_steps[:2],
        proximity_steps=law.proximity_steps[:2],
    )
    active = {str(o): bool(a) for o, a in enumerate(law.active_now)}
    record = Record.from_transitions(AS_OF, AS_OF + timedelta(days=54), active, [])
    short, long = simulate(shorter, record, paths=3, seed=seed), run(law, 3, seed)
    for draw in range(law.draws):
        for number in range(3):
            times, outcome = path(long, draw, number)
            known = times < 54
            np.testing.assert_array_equal(path(short, draw, number)[0], times[known])
            np.testing.assert_array_equal(path(short, draw, number)[1], outcome[known])


@given(law=dynamics(), seed=seeds, shift=st.floats(-3, 3))
def test_an_outcome_that_couples_to_none_disturbs_no_other(law: Dynamics, seed: int, shift: float) -> None:
    """Changing the rates of one outcome leaves the clocks of those it does not touch at the very same times."""
    coupling = law.coupling.copy()
    coupling[..., 0] = 0
    law = replace(law, coupling=coupling)
    log_rate = law.log_rate.copy()
    log_rate[:, :, 0] += shift
    one, other = run(law, 3, seed), run(replace(law, log_rate=log_rate), 3, seed)
    for draw in range(law.draws):
        for number in range(3):
            (times, outcome), (times_other, outcome_other) = path(one, draw, number), path(other, draw, number)
            np.testing.assert_array_equal(outcome[outcome != 0], outcome_other[outcome_other != 0])
            # The same clock run down in other steps: equal but for rounding.
            np.testing.assert_allclose(times[outcome != 0], times_other[outcome_other != 0], rtol=1e-9)


@given(law=dynamics(), seed=seeds)
def test_without_couplings_no_candidate_is_refused_and_clocks_run_alone(law: Dynamics, seed: int) -> None:
    alone = replace(law, coupling=np.zeros_like(law.coupling))
    whole = run(alone, 2, seed)
    for o in range(law.active_now.size):
        one = replace(
            alone,
            log_rate=alone.log_rate[:, :, [o]],
            leverage=alone.leverage[:, :, [o]],
            coupling=np.zeros((law.draws, 2, 1, 1)),
            tone_now=alone.tone_now[:, [o]],
            made_ago=None if alone.made_ago is None else alone.made_ago[:, [o]],
            **{name: getattr(alone, name)[[o]] for name in ("active_now", "active_for", "outcome_streams")},
        )
        single = run(one, 2, seed)
        np.testing.assert_allclose(single.times, whole.times[whole.outcome == o], rtol=1e-9)


@given(law=dynamics(), seed=seeds, lasting=st.sampled_from([0.0, 0.25, 1.0]))
def test_answers_change_nothing_before_the_first_and_nothing_where_all_of_a_coupling_lasts(
    law: Dynamics, seed: int, lasting: float
) -> None:
    never = np.full((2, law.active_now.size), np.inf)
    law = replace(law, lasting_share=lasting, made_ago=None)
    one, other = run(law, 3, seed), run(replace(law, made_ago=never), 3, seed)
    if lasting == 1.0:
        assert_same(one, other)
    for draw in range(law.draws):
        for number in range(3):
            (times, outcome), (times_other, outcome_other) = path(one, draw, number), path(other, draw, number)
            # An outcome's first change is its first answer: up to the earliest, and that included, paths are the same.
            np.testing.assert_array_equal(times[:1], times_other[:1])
            np.testing.assert_array_equal(outcome[:1], outcome_other[:1])


@given(law=dynamics(), seed=seeds)
def test_logs_are_in_order_and_saving_keeps_every_bit(law: Dynamics, seed: int) -> None:
    result = run(law, 3, seed)
    for draw in range(law.draws):
        for number in range(3):
            times, _ = path(result, draw, number)
            assert np.all(np.diff(times, prepend=0.0) > 0)
            assert not times.size or times[-1] < 115
    again = Paths.from_arrays(result.to_arrays())
    assert_same(result, again)


def test_the_laws_are_tried_on_every_field() -> None:
    """A new field of Dynamics must be thought of in the permutations above."""
    assert len(fields(Dynamics)) == 21
