"""Scores, their parts and their intervals against published numbers, closed forms and other routes."""

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
import scoringrules

from vzforecast.scoring import (
    brier_score,
    decompose,
    log_score,
    passage_score,
    pool_odds,
    ranked_probability_score,
    recalibrated,
    score,
)
from vzforecast.scoring.blocks import MOST_RESAMPLED, block_interval

THIRDS = np.array([[0.2, 0.5, 0.3], [0.5, 0.2, 0.3]])
FORECAST = [0.0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75, 1.0]
HAPPENED = [0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1]
FOUR_EXPERTS = [0.0140, 0.0221, 0.0039, 0.0040]


def test_scales() -> None:
    # Always one half: 0.25 one-sided, 0.5 two-sided, ln 2 nats, whatever happens.
    assert brier_score(0.5, [0, 1]).tolist() == [0.25, 0.25]
    assert brier_score(0.5, [0, 1], two_sided=True).tolist() == [0.5, 0.5]
    assert log_score(0.5, [0, 1]) == pytest.approx([math.log(2)] * 2)
    p, y = np.linspace(0, 1, 11), np.tile([0, 1], 6)[:11]
    assert brier_score(p, y) == pytest.approx(scoringrules.brier_score(y, p))


def test_a_certainty_that_fails_costs_ten_coins() -> None:
    assert log_score([0.0, 1.0], [1, 0]) == pytest.approx([-math.log(0.001)] * 2)
    assert log_score(0.0, 1) / log_score(0.5, 1) == pytest.approx(10.0, abs=0.04)


def test_order_of_categories_tells_apart_what_other_scores_do_not() -> None:
    # Epstein's example: the third of three is observed.
    assert ranked_probability_score(THIRDS, [2, 2]) == pytest.approx([0.53, 0.74])
    two_sided = ((THIRDS - [0, 0, 1]) ** 2).sum(axis=1)
    assert two_sided == pytest.approx([0.78, 0.78])
    assert log_score(THIRDS[:, 2], 1) == pytest.approx([1.203973, 1.203973], abs=1e-6)


def test_two_categories_are_the_brier_score() -> None:
    p = np.linspace(0, 1, 21)
    pairs = np.column_stack([p, 1 - p])
    assert ranked_probability_score(pairs, np.zeros(21, int)) == pytest.approx(brier_score(p, 1))


def test_passage_of_a_normal_day() -> None:
    # CRPS of N(0, 1) at 0, here on day 20, by mid-quantiles; the censoring is far away.
    exact = 0.23369497725510913
    assert scoringrules.crps_normal(0.0, 0.0, 1.0) == pytest.approx(exact, abs=1e-15)
    quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / 20_000) for i in range(20_000)])
    assert passage_score(20 + quantiles, 20.0, end=40.0).item() == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("observed", [3.0, 25.0, np.inf], ids=str)
def test_passage_is_the_integral_up_to_the_end(observed: float) -> None:
    # The integral of (F(t) - [observed <= t])^2 over 0 to the end, on a fine grid.
    times, weights, end = np.array([2.0, 9.0, 9.0, 17.0, 40.0, np.inf]), np.array([3.0, 1, 1, 2, 1, 2]), 30.0
    grid = (np.arange(300_000) + 0.5) * end / 300_000
    below = (weights[:, None] * (times[:, None] <= grid)).sum(axis=0) / weights.sum()
    integral = np.mean((below - (observed <= grid)) ** 2) * end
    assert passage_score(times, observed, end, weights).item() == pytest.approx(integral, abs=1e-3)


def test_certain_days_miss_by_days() -> None:
    assert passage_score([[10.0], [10.0], [90.0], [np.inf]], [14.0, np.inf, np.inf, 40.0], end=60.0).tolist() == [
        *(4.0, 50.0, 0.0, 20.0),
    ]


def test_published_decomposition() -> None:
    parts = decompose(recalibrated(FORECAST, HAPPENED))
    assert parts.score == pytest.approx(1 / 6)
    assert parts.miscalibration == pytest.approx(0.0, abs=1e-15)
    assert parts.discrimination == pytest.approx(1 / 12)
    assert parts.uncertainty == pytest.approx(0.25)


def pooled(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Calibrated probability of each row, by pooling neighbours that violate the order until none does."""
    blocks: list[list[float]] = []  # forecast, sum of y, rows
    for forecast in sorted(set(p.tolist())):
        blocks.append([forecast, float(y[p == forecast].sum()), float((p == forecast).sum())])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            _, yes, rows = blocks.pop()
            blocks[-1][1] += yes
            blocks[-1][2] += rows
    edges = np.array([block[0] for block in blocks])
    values = np.array([block[1] / block[2] for block in blocks])
    return values[np.searchsorted(edges, p, side="right") - 1]


@pytest.mark.parametrize("log", [False, True], ids=["brier", "log"])
def test_parts_by_pooling_by_hand_and_their_sum(log: bool) -> None:
    rng = np.random.default_rng(8)
    rule = log_score if log else brier_score
    for _ in range(20):
        p = rng.integers(0, 21, 70) / 20
        y = (rng.random(70) < p**2).astype(float)
        parts = decompose(recalibrated(p, y), log=log)
        own = rule(p, y).mean()
        fit, share = pooled(p, y), np.full(70, y.mean())
        # By hand, without a floor: a fitted 0 or 1 is never wrong.
        perfect, constant = (
            -np.log(np.where(y == 1, q, 1 - q)).mean() if log else ((q - y) ** 2).mean() for q in (fit, share)
        )
        assert parts.score == pytest.approx(own, abs=1e-12)
        assert parts.miscalibration == pytest.approx(own - perfect, abs=1e-12)
        assert parts.discrimination == pytest.approx(constant - perfect, abs=1e-12)
        assert parts.miscalibration - parts.discrimination + parts.uncertainty == pytest.approx(own, abs=1e-12)
        assert parts.uncertainty == pytest.approx(constant, abs=1e-12)


@pytest.mark.parametrize(
    ("log", "published"),
    [
        (False, (0.019555555556, 0.149722222222, 0.240000000000, 0.109833333333)),
        (True, (0.090641390680, 0.410136898408, 0.673011667009, 0.353516159282)),
    ],
    ids=["brier", "log"],
)
def test_parts_by_the_library_of_others(log: bool, published: tuple[float, ...]) -> None:
    # model-diagnostics 1.5.0 on the same rows: decompose with SquaredError and LogLoss. It needs polars and
    # scikit-learn, so its numbers are kept instead of it.
    rng = np.random.default_rng(9)
    p = rng.integers(1, 20, 60) / 20
    y = (rng.random(60) < p**2).astype(float)
    parts = decompose(recalibrated(p, y), log=log)
    found = (parts.miscalibration, parts.discrimination, parts.uncertainty, parts.score)
    assert found == pytest.approx(published, abs=1e-11)


def test_pools() -> None:
    assert pool_odds([0.6, 0.7, 0.8]) == pytest.approx(0.706757, abs=1e-6)
    assert pool_odds([0.6, 0.7, 0.8], extremise=2.5) == pytest.approx(0.900179, abs=1e-6)
    assert pool_odds(FOUR_EXPERTS) == pytest.approx(0.00836, abs=5e-6)
    assert np.mean(FOUR_EXPERTS) == pytest.approx(0.0110, abs=1e-9)
    # A judgement of 0.3 pooled with a market at 0.6 of weight 0.3.
    assert pool_odds([0.3, 0.6], [0.7, 0.3]) == pytest.approx(0.3843, abs=5e-5)


def test_resampled_interval_has_the_width_of_the_closed_form() -> None:
    scores = np.random.default_rng(1).exponential(size=(600, 1))
    (low,), (high,) = block_interval(scores, np.arange(600), seed=1)
    reach = 1.6448536 * scores.std() / 600**0.5
    assert (high - low) / 2 == pytest.approx(reach, rel=0.04)
    assert (high + low) / 2 == pytest.approx(scores.mean(), abs=0.1 * reach)


def test_rows_of_a_block_count_as_one() -> None:
    scores = np.random.default_rng(2).random((50, 2))
    once = block_interval(scores, np.arange(50), seed=3)
    assert block_interval(np.repeat(scores, 8, axis=0), np.repeat(np.arange(50), 8), seed=3) == pytest.approx(once)
    alone = block_interval(np.repeat(scores, 8, axis=0), np.arange(400), seed=3)
    assert np.diff(alone, axis=0) == pytest.approx(np.diff(once, axis=0) / 8**0.5, rel=0.15)


def test_the_limit_of_many_blocks_is_where_resampling_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    block = rng.integers(2_500, size=9_000)
    scores = (rng.random(2_500)[block] + rng.random(9_000))[:, None]
    assert np.unique(block).size > MOST_RESAMPLED
    limit = block_interval(scores, block, seed=1)
    monkeypatch.setattr("vzforecast.scoring.blocks.MOST_RESAMPLED", 10_000)
    resampled = block_interval(scores, block, seed=1)
    assert resampled == pytest.approx(limit, abs=0.06 * float(np.diff(limit, axis=0).item()))


def test_intervals_hold_the_true_score_at_their_rate() -> None:
    # Forty questions, each asked five times by a calibrated forecaster whose expected Brier score is known: p(1 - p).
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(300):
        p = np.repeat(rng.beta(1, 1, 40), 5)
        y = np.repeat((rng.random(40) < p[::5]).astype(float), 5)
        table = pd.DataFrame(
            {"question": np.repeat(np.arange(40), 5), "probability": p, "resolution": y, "as_of": DAYS * 40}
        )
        row = score(table).iloc[0]
        hits += row["brier_lower"] <= 1 / 6 <= row["brier_upper"]
    assert 0.84 <= hits / 300 <= 0.95


DAYS = [f"2025-01-0{day}" for day in range(1, 6)]
