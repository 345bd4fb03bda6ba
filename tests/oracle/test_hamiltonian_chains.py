"""Chains that go on from draws: without rows they have to give back the prior, which is known exactly."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from helpers.rowless import STATISTICS, assert_standard_normal, errors, island, rowless, scores
from helpers.synthetic import synthetic_posterior
from vzforecast.forecast.ess import effective_sample_sizes, split_chains
from vzforecast.forecast.posterior import stacked
from vzforecast.hamiltonian import move_on, moving_on, target_of
from vzforecast.hamiltonian.kernel import log_density
from vzforecast.hamiltonian.layout import NAMES, new_space, shapes_of
from vzforecast.hamiltonian.moving_on import Moved, bounded, unbounded
from vzforecast.history import Design
from vzforecast.latent import Draws
from vzforecast.mixing import mixing

Floats = NDArray[np.float64]

CHAINS, DRAWS, STEP = 4, 1_000, 0.25
TRANSITIONS = 2  # from draw to draw
LONG = 0.4  # so that enough is refused for refusals to be seen: what accepted everything would be far off


def drawn(design: Design, *, chains: int = CHAINS, draws: int = DRAWS, width: float = 1.0) -> Draws:
    return stacked(synthetic_posterior(design, chains=chains, draws=draws, width=width))


@cache
def of_the_prior() -> Moved:
    """Chains that begin at draws narrower than the prior, and scale their steps by them."""
    start = drawn(rowless(), width=0.7)
    return move_on(rowless(), start, None, LONG, chains=CHAINS, seed=1, transitions=TRANSITIONS)


@pytest.mark.parametrize("statistic", list(STATISTICS))
def test_without_rows_chains_give_back_the_prior(statistic: str) -> None:
    z = scores(of_the_prior().draws, target_of(rowless()).prior)
    assert z.shape == (CHAINS, DRAWS, 121)
    assert_standard_normal(z, statistic)


def test_there_are_enough_effective_draws_to_tell() -> None:
    z = scores(of_the_prior().draws, target_of(rowless()).prior)
    found = mixing(z)
    assert found.rhat.max() < 1.02
    assert min(found.bulk.min(), found.tail.min()) > 800
    # A location of half a scale, or a scale of a tenth more, would show.
    assert np.abs(errors(z, 0.5, 1.0)).min() > 10.0
    assert np.square(errors(z**2, 1.21, 2.0)).mean() > 10.0


def test_no_two_scalars_go_together() -> None:
    z = scores(of_the_prior().draws, target_of(rowless()).prior).reshape(CHAINS * DRAWS, -1)
    together = np.asarray(np.corrcoef(z, rowvar=False))
    assert np.abs(together - np.eye(z.shape[1])).max() < 0.2


def test_variables_are_named_and_shaped_as_those_they_come_from() -> None:
    before, moved = drawn(rowless(), draws=10), of_the_prior().draws
    assert set(moved) == set(before) - {"influence"}
    for name, values in moved.items():
        own = before[name].shape[1:]
        assert values.shape == (CHAINS, DRAWS, *(own or (1,)))
        assert np.isfinite(values).all()


# Statistics ----------------------------------------------------------------------------------------------------


def test_statistics_are_those_of_the_draws() -> None:
    moved, design = of_the_prior(), rowless()
    assert set(moved.stats) == {"diverging", "energy", "logp", "n_steps", "step_size"}
    assert {values.shape for values in moved.stats.values()} == {(CHAINS, DRAWS)}
    assert not moved.stats["diverging"].any()
    assert (moved.stats["step_size"] == LONG).all()
    assert 0.05 < np.mean(np.diff(moved.stats["logp"], axis=1) == 0.0) < 0.5  # stayed where it was, twice
    target = target_of(design)
    space = new_space(design, target.rows.events.size)
    flat = {name: values.reshape(CHAINS * DRAWS, -1) for name, values in moved.draws.items()}
    points = unbounded(flat, target.prior, np.random.default_rng(0))
    for place in (0, 1, CHAINS * DRAWS - 1):
        space.x[:] = points[place]
        assert log_density(target, space) == pytest.approx(moved.stats["logp"].ravel()[place], rel=1e-10)


def test_energy_is_that_of_the_draw_before_and_a_momentum_of_its_own() -> None:
    moved = move_on(rowless(), drawn(rowless()), None, STEP, chains=CHAINS, seed=2)
    twice = 2.0 * (moved.stats["energy"][:, 1:] + moved.stats["logp"][:, :-1]).ravel()  # kinetic: chi-squared
    assert stats.kstest(twice, stats.chi2(121).cdf).pvalue > 1e-4


def test_lengths_of_trajectories_vary_around_what_forgets_the_start() -> None:
    steps = of_the_prior().stats["n_steps"] / TRANSITIONS
    least, most = (np.ceil(moving_on.LENGTH / LONG * share) for share in (0.5, 1.5))
    assert (steps.min(), steps.max()) == (least, most)
    assert moving_on.LENGTH < steps.mean() * LONG < moving_on.LENGTH + LONG  # rounded up


def test_with_more_transitions_the_chain_is_the_same_and_fewer_of_its_points_are_draws() -> None:
    start = drawn(rowless(), draws=60)
    every, third = (
        move_on(rowless(), start, None, STEP, chains=CHAINS, seed=2, transitions=number) for number in (1, 3)
    )
    for name, values in every.draws.items():
        np.testing.assert_array_equal(third.draws[name][:, :20], values[:, 2::3], err_msg=name)
    steps = every.stats["n_steps"].reshape(CHAINS, 20, 3).sum(axis=2)
    np.testing.assert_array_equal(third.stats["n_steps"][:, :20], steps)


@pytest.fixture(scope="module")
def diverged() -> tuple[Draws, Moved]:
    draws = drawn(rowless(), draws=20)
    return draws, move_on(rowless(), draws, None, 50.0, chains=CHAINS, seed=1)


def test_steps_too_long_to_follow_are_reported(diverged: tuple[Draws, Moved]) -> None:
    _, moved = diverged
    assert moved.stats["diverging"].dtype == np.bool_
    assert moved.stats["diverging"].all()


def test_and_leave_the_chain_where_it_is(diverged: tuple[Draws, Moved]) -> None:
    draws, moved = diverged
    for name, values in moved.draws.items():
        assert np.ptp(values, axis=1).max() == 0.0
        first = draws[name].reshape(CHAINS, 20, -1)
        gap = np.abs(first - values.reshape(CHAINS, 20, -1)[:, :1]).max(axis=2)
        assert (gap.min(axis=1) < 1e-12).all()


# Seeds, threads and beginnings ---------------------------------------------------------------------------------


def moved_with(**options: Any) -> Draws:
    design = island()
    asked = {"chains": CHAINS, "seed": 3} | options
    return move_on(design, drawn(design, draws=50), None, STEP, **asked).draws


def test_the_same_seed_gives_the_same_draws_whatever_the_number_of_threads() -> None:
    one, two, four = (moved_with(threads=threads) for threads in (1, 2, 4))
    for name, values in one.items():
        np.testing.assert_array_equal(two[name], values)
        np.testing.assert_array_equal(four[name], values)


def test_another_seed_gives_other_draws_and_so_does_every_chain() -> None:
    first, second = (moved_with(seed=seed)["log_rate"] for seed in (3, 4))
    assert not np.isin(first, second).any()
    for chain in range(1, CHAINS):
        assert not np.isin(first[0], first[chain]).any()


def test_the_generators_of_others_are_left_alone() -> None:
    # What is compiled has a generator of its own.
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    moved_with()
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.fixture
def standing_still(monkeypatch: pytest.MonkeyPatch) -> float:
    """A step so short, and no more than one of them, that draws show where their chain began."""
    monkeypatch.setattr(moving_on, "LENGTH", 1e-12)
    return 1e-12


def test_a_chain_begins_at_the_only_draw_of_its_own_that_counts(standing_still: float) -> None:
    draws, weights = drawn(rowless(), draws=5), np.zeros((CHAINS, 5))
    chosen = [2, 0, 4, 1]
    weights[range(CHAINS), chosen] = [0.1, 3.0, 1e-9, 7.0]  # how much a chain counts among others does not matter
    moved = move_on(rowless(), draws, weights.ravel(), standing_still, chains=CHAINS, seed=1)
    for name, values in moved.draws.items():
        began = draws[name].reshape(CHAINS, 5, -1)[range(CHAINS), chosen]
        np.testing.assert_allclose(values[:, 0].reshape(CHAINS, -1), began, rtol=1e-8)


@pytest.mark.parametrize(("weights", "share"), [(None, 0.25), ([1.0, 6.0, 2.0, 3.0], 0.5)])
def test_weights_say_how_likely_a_beginning_is(weights: Any, share: float, standing_still: float) -> None:
    chains, draws = 600, drawn(rowless(), chains=600, draws=4)
    each = None if weights is None else np.tile(weights, chains)
    moved = move_on(rowless(), draws, each, standing_still, chains=chains, seed=1).draws["log_rate"][:, 0, 0]
    second = np.abs(moved - draws["log_rate"].reshape(chains, 4, -1)[:, 1, 0]) < 1e-8
    assert abs(second.mean() - share) < 4.0 * np.sqrt(share * (1.0 - share) / chains)


def test_a_chain_none_of_whose_draws_counts_begins_at_any() -> None:
    draws = drawn(rowless())
    weights = np.ones(len(draws["tau"]))
    weights[: weights.size // CHAINS] = 0.0
    moved, even = (move_on(rowless(), draws, one, STEP, chains=CHAINS, seed=1).draws["tau"] for one in (weights, None))
    assert np.array_equal(moved[0], even[0])


# Terms that a case does without ---------------------------------------------------------------------------------

OFF = {"coupling": ["coupling_effect"], "influence": ["leverage", "leverage_doubt"], "tone": ["psi", "lambda"]}


def test_terms_left_out_keep_their_prior_whatever_was_observed() -> None:
    design = island(*OFF)
    draws, off = drawn(design), [name for own in OFF.values() for name in own]
    assert all((draws[name] == 0.0).all() for name in off)
    moved, prior = move_on(design, draws, None, STEP, chains=CHAINS, seed=1), target_of(design).prior
    assert not moved.stats["diverging"].any()
    assert all(np.isfinite(values).all() for values in moved.draws.values())
    sizes = [int(np.prod(shape)) for shape in shapes_of(design)]
    named = np.repeat(NAMES, sizes)
    z = scores(moved.draws, prior)
    for statistic in STATISTICS:
        assert_standard_normal(z[..., np.isin(named, off)], statistic)
    # And nothing else is in the same place as before: rows were observed.
    assert np.abs(errors(z[..., named == "log_rate"], 0.0, 1.0)).max() > 5.0


def test_a_term_left_out_does_others_no_harm() -> None:
    # Without coupling, what remains is a posterior of its own, whatever stands in the draws of the effects.
    design = island("coupling")
    off = drawn(design)
    random = np.random.default_rng(5)
    on = {**off, "coupling_effect": random.standard_normal(off["coupling_effect"].shape)}
    one, other = (move_on(design, draws, None, STEP, chains=CHAINS, seed=seed) for seed, draws in ((1, off), (2, on)))
    for name in ("log_rate", "leverage", "delta"):
        both = [moved.draws[name].reshape(CHAINS, DRAWS, -1) for moved in (one, other)]
        means = [values.mean(axis=(0, 1)) for values in both]
        sizes = [effective_sample_sizes(split_chains(np.moveaxis(values, 2, 0))) for values in both]
        variance = sum(values.var(axis=(0, 1)) / size for values, size in zip(both, sizes, strict=True))
        assert np.abs((means[0] - means[1]) / np.sqrt(variance)).max() < 4.5


# Between bounds and without -------------------------------------------------------------------------------------


def test_points_without_bounds_and_back_are_the_draws() -> None:
    design, draws = rowless(), drawn(rowless(), draws=10)
    prior = target_of(design).prior
    back = bounded(unbounded(draws, prior, np.random.default_rng(0)), prior, shapes_of(design))
    for name, values in back.items():
        np.testing.assert_allclose(values.reshape(draws[name].shape), draws[name], rtol=1e-12)
