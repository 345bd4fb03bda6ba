"""Shapley values: against all orders one by one, and the laws that define them."""

from itertools import permutations

import numpy as np
import pytest

from vzforecast.explaining.shapley import every_order, some_orders
from vzforecast.latent import Array


def by_enumeration(values: Array, parts: int) -> Array:
    """Return the mean of what each part adds, over all orders."""
    added = []
    for order in permutations(range(parts)):
        inside, gains = 0, np.zeros(parts)
        for part in order:
            gains[part] = values[inside | 1 << part] - values[inside]
            inside |= 1 << part
        added.append(gains)
    return np.mean(added, axis=0)


def game(parts: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).normal(size=1 << parts)


@pytest.mark.parametrize("parts", [0, 1, 2, 3, 4, 6])
def test_all_sets_give_the_mean_over_all_orders(parts: int) -> None:
    values = game(parts)
    assert every_order(parts).shares(values) == pytest.approx(by_enumeration(values, parts), abs=1e-12)


def test_twelve_parts_sum_to_the_whole() -> None:
    values = game(12)
    assert every_order(12).shares(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-12)


def test_parts_that_do_the_same_get_the_same() -> None:
    values = game(4)
    for rest in (0, 4, 8, 12):  # the first two parts are interchangeable
        values[rest | 2] = values[rest | 1]
    shares = every_order(4).shares(values)
    assert shares[0] == pytest.approx(shares[1], abs=1e-12)
    assert shares[2] != pytest.approx(shares[3], abs=1e-3)


def test_a_part_that_adds_nothing_gets_nothing() -> None:
    values = game(4)
    values[8:] = values[:8]
    assert every_order(4).shares(values)[3] == pytest.approx(0.0, abs=1e-12)


def test_shares_are_linear_in_the_values() -> None:
    one, other = game(4, 1), game(4, 2)
    both = every_order(4).shares(np.stack([one, other], axis=1))
    assert both.sum(axis=1) == pytest.approx(every_order(4).shares(one + other))


def test_some_orders_sum_to_the_whole_in_each_pair() -> None:
    values, drawn = game(8), some_orders(8, 20, seed=3)
    own = values[drawn.sets]
    assert drawn.by_draw(own).shape == (10, 8)
    assert drawn.by_draw(own).sum(axis=1) == pytest.approx(np.full(10, values[-1] - values[0]))
    assert drawn.by_draw(own).mean(axis=0) == pytest.approx(drawn.shares(own), abs=1e-12)
    assert (drawn.sets[0], drawn.sets[-1]) == (0, 255)


def test_an_order_and_its_reverse_are_exact_where_parts_meet_in_pairs_only() -> None:
    random = np.random.default_rng(5)
    own, meeting = random.normal(size=6), np.triu(random.normal(size=(6, 6)), 1)
    member = np.arange(64)[:, None] >> np.arange(6) & 1
    values = member @ own + np.einsum("si,ij,sj->s", member, meeting, member)
    drawn = some_orders(6, 4, seed=1)
    assert drawn.shares(values[drawn.sets]) == pytest.approx(own + (meeting + meeting.T).sum(axis=1) / 2)


def test_the_noise_of_drawn_orders_is_that_of_repeated_draws() -> None:
    values, exact = game(6), every_order(6).shares(game(6))
    found, errors = [], []
    for seed in range(200):
        drawn = some_orders(6, 40, seed=seed)
        pairs = drawn.by_draw(values[drawn.sets])
        found.append(pairs.mean(axis=0))
        errors.append(pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)))
    assert np.mean(errors, axis=0) == pytest.approx(np.std(found, axis=0), rel=0.2)
    assert np.abs(np.mean(found, axis=0) - exact).max() < 4.0 * np.max(errors) / np.sqrt(200)


def test_an_order_of_all_parts_keeps_a_drawn_order_of_the_tied_ones() -> None:
    tied, drawn = (1, 2, 4, 6, 7), some_orders(8, 40, seed=3, tied=(1, 2, 4, 6, 7), pairs_of_tied=4)
    assert (drawn.drawn, drawn.apart) == (40, 4)
    assert drawn.chains is not None
    entered = np.log2(np.diff(drawn.sets[drawn.chains], axis=-1)).astype(int)  # (pair, 2, step)
    kept = entered[np.isin(entered, tied)].reshape(4, 5, 2, 5)
    assert np.ptp(kept, axis=1).max() == 0  # one order in each five pairs
    assert (kept[:, 0, 0] == kept[:, 0, 1, ::-1]).all()  # and its reverse
    assert len({tuple(order) for order in kept.reshape(-1, 5).tolist()}) == 8
    of_tied = sum(1 << place for place in tied)
    assert np.unique(drawn.sets & of_tied).size <= 2 + 4 * 2 * 4


def test_drawn_orders_of_tied_parts_are_unbiased_and_know_their_noise() -> None:
    values, exact = game(6), every_order(6).shares(game(6))
    found, errors = [], []
    for seed in range(300):
        drawn = some_orders(6, 48, seed=seed, tied=(0, 2, 3, 5), pairs_of_tied=6)
        own = values[drawn.sets]
        draws = drawn.by_draw(own)
        assert draws.shape == (6, 6)
        assert draws.mean(axis=0) == pytest.approx(drawn.shares(own), abs=1e-12)
        assert draws.sum(axis=1) == pytest.approx(np.full(6, values[-1] - values[0]))
        found.append(draws.mean(axis=0))
        errors.append(draws.var(axis=0, ddof=1) / len(draws))
    assert np.mean(errors, axis=0) == pytest.approx(np.var(found, axis=0), rel=0.25)
    assert np.abs(np.mean(found, axis=0) - exact).max() < 4.0 * np.sqrt(np.max(errors) / 300)
    alone = [some_orders(6, 48, seed=seed).by_draw(values[some_orders(6, 48, seed=seed).sets]) for seed in range(30)]
    assert np.mean(errors) > np.mean([pairs.var(axis=0, ddof=1) / len(pairs) for pairs in alone])


def test_every_order_has_no_noise() -> None:
    pairs = every_order(3).by_draw(game(3))
    assert np.ptp(pairs, axis=0).tolist() == [0.0, 0.0, 0.0]
