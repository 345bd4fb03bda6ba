"""What holds of ranks, of the test of their uniformity and of leaving rows out, whatever the numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vzforecast.checking.leaving_out import leave_each_out
from vzforecast.checking.ranks import rank_shares
from vzforecast.checking.uniformity import uniformity

shares = arrays(float, st.integers(2, 60), elements=st.floats(0.001, 0.999), unique=True)


@given(shares, st.randoms(use_true_random=False))
def test_the_order_of_replications_does_not_matter(share: np.ndarray, random: object) -> None:
    shuffled = share.tolist()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert uniformity(np.array(shuffled)) == uniformity(share)


@given(st.integers(2, 60), st.integers(0, 2**32 - 1))
def test_ranks_from_above_are_as_uniform_as_ranks_from_below(size: int, seed: int) -> None:
    share = np.random.default_rng(seed).random(size)
    assert uniformity(1.0 - share) == pytest.approx(uniformity(share), abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.floats(-3, 3), st.integers(4, 40))
def test_a_rank_counts_the_draws_below(seed: int, truth: float, length: int) -> None:
    rng = np.random.default_rng(seed)
    draws = rng.normal(size=(2, length, 1))
    share, ess = rank_shares(draws, np.array([truth]), rng)
    thin = draws[:, :: max(1, int(np.ceil(draws.size / ess[0])))]
    below = (thin < truth).sum()
    assert below / (thin.size + 1) <= share[0] <= (below + 1) / (thin.size + 1)


@given(st.integers(0, 2**32 - 1))
def test_draws_that_equal_the_truth_split_evenly(seed: int) -> None:
    share, _ = rank_shares(np.zeros((2, 50, 200)), np.zeros(200), np.random.default_rng(seed))
    assert ((share > 0) & (share < 1)).all()
    assert abs(share.mean() - 0.5) < 5 / np.sqrt(12 * 200)


@given(st.integers(0, 2**32 - 1))
def test_leaving_out_treats_rows_by_themselves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = -rng.gamma(2.0, size=(200, 5))
    found, order = leave_each_out(rows, 2), rng.permutation(5)
    again = leave_each_out(rows[:, order], 2)
    for name, values in found.items():
        np.testing.assert_array_equal(again[name], values[order])
    shifted = leave_each_out(rows + 3.0, 2)
    np.testing.assert_allclose(shifted["elpd"], found["elpd"] + 3.0)
    np.testing.assert_allclose(shifted["p_loo"], found["p_loo"], atol=1e-9)
    assert (found["p_loo"] >= -1e-9).all()
