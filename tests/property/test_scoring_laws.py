"""What holds for every forecast: truth scores best, and nothing depends on the order of rows or on names."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from vzforecast.scoring import (
    brier_score,
    calibration,
    log_score,
    passage_score,
    pool_odds,
    ranked_probability_score,
    score,
    skill,
)
from vzforecast.scoring.blocks import MOST_RESAMPLED

DAYS = pd.date_range("2000-01-01", periods=9_000)
PROBABILITY = st.floats(0.0, 1.0)
ROUNDED = st.integers(0, 20).map(lambda n: n / 20)


def distributions(size: int) -> st.SearchStrategy[np.ndarray]:
    raw = st.lists(st.integers(0, 100), min_size=size, max_size=size).filter(any)
    return raw.map(lambda counts: np.array(counts) / sum(counts))


@given(PROBABILITY, PROBABILITY)
def test_truth_has_the_best_expected_brier_and_log_score(truth: float, said: float) -> None:
    for rule in (brier_score, log_score):
        honest, other = (truth * rule(p, 1) + (1 - truth) * rule(p, 0) for p in (truth, said))
        assert honest <= other + 1e-12


@given(distributions(4), distributions(4))
def test_truth_has_the_best_expected_ranked_probability_score(truth: np.ndarray, said: np.ndarray) -> None:
    honest, other = (truth @ ranked_probability_score(np.tile(p, (4, 1)), np.arange(4)) for p in (truth, said))
    assert honest <= other + 1e-12


@given(distributions(5), distributions(5), st.integers(1, 60))
def test_truth_has_the_best_expected_passage_score(truth: np.ndarray, said: np.ndarray, end: int) -> None:
    days = np.array([1.0, 7.0, 20.0, 55.0, np.inf])
    members = np.tile(days, (5, 1))
    honest, other = (truth @ passage_score(members, days, end, np.tile(p, (5, 1))) for p in (truth, said))
    assert honest <= other + 1e-9


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Two forecasters on the same questions, some asked several times, some not yet resolved."""
    rows = []
    for question in range(draw(st.integers(2, 6))):
        resolution = draw(st.sampled_from([0.0, 1.0, 1.0, 0.0, np.nan]))
        for day in range(draw(st.integers(1, 3))):
            names = ["model", *(["market"] if draw(st.booleans()) else [])]
            rows += [(f"q{question}", f"2025-02-0{day + 1}", name, draw(ROUNDED), resolution) for name in names]
    rows += [("sure", "2025-02-01", name, draw(ROUNDED), 1.0) for name in ("model", "market")]
    return pd.DataFrame(rows, columns=["question", "as_of", "forecaster", "probability", "resolution"])


@settings(max_examples=25)
@given(tables(), st.randoms(use_true_random=False))
def test_neither_order_nor_names_of_questions_move_the_last_digit(table: pd.DataFrame, random: object) -> None:
    order = list(range(len(table)))
    random.shuffle(order)  # type: ignore[attr-defined]
    renamed = {name: f"{len(table) - place} {name}" for place, name in enumerate(table["question"].unique())}
    other = table.iloc[order].assign(question=lambda t: t["question"].map(renamed))[reversed(table.columns)]
    assert_frame_equal(score(other), score(table), check_exact=True)
    assert_frame_equal(skill(other, "market"), skill(table, "market"), check_exact=True)
    first, second = calibration(table, "model"), calibration(other, "model")
    assert_frame_equal(second.table, first.table, check_exact=True)
    assert_frame_equal(second.curve, first.curve, check_exact=True)
    assert (second.text, second.by_chance) == (first.text, first.by_chance)


def test_neither_moves_the_last_digit_of_many() -> None:
    rng = np.random.default_rng(1)
    question = rng.integers(3_000, size=9_000)
    p, yes = rng.random(9_000), rng.integers(2, size=3_000)[question]
    table = pd.DataFrame({"question": question, "probability": p, "resolution": yes, "as_of": DAYS})
    other = table.iloc[rng.permutation(9_000)].assign(question=lambda t: 3_000 - t["question"])
    assert score(table).loc["forecaster", "questions"] > MOST_RESAMPLED
    assert_frame_equal(score(other), score(table), check_exact=True)


@settings(max_examples=25)
@given(tables())
def test_another_forecaster_changes_nobody_elses_numbers(table: pd.DataFrame) -> None:
    alone = score(table[table["forecaster"] == "model"])
    assert_frame_equal(alone, score(table).loc[["model"]], check_frame_type=False, check_exact=True)


@settings(max_examples=25)
@given(tables())
def test_parts_add_up_and_skill_agrees_with_the_scores_on_common_rows(table: pd.DataFrame) -> None:
    found = score(table)
    sums = found["miscalibration"] - found["discrimination"] + found["uncertainty"]
    assert sums.to_numpy() == pytest.approx(found["brier"].to_numpy(), abs=1e-12)
    both = table[table.groupby(["question", "as_of"])["forecaster"].transform("size") == 2]
    common, row = score(both), skill(table, "market").loc[("model", "market", "brier")]
    assert row["n"] == common.loc["model", "n"]
    assert row["mean"] == pytest.approx(common.loc["model", "brier"], abs=1e-12)
    assert row["difference"] == pytest.approx(common["brier"]["model"] - common["brier"]["market"], abs=1e-12)
    back = skill(table, "model").loc[("market", "model", "brier")]
    assert back["difference"] == pytest.approx(-row["difference"], abs=1e-12)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6), st.floats(0.2, 4.0))
def test_a_pool_lies_among_its_members_and_mirrors(p: list[float], factor: float) -> None:
    found = pool_odds(p)
    assert min(p) - 1e-12 <= found <= max(p) + 1e-12
    assert pool_odds([1 - q for q in p], extremise=factor) == pytest.approx(1 - pool_odds(p, extremise=factor))
    assert pool_odds([*p, 0.3], [*([1.0] * len(p)), 0.0]) == found
