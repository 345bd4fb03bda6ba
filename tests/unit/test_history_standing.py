"""Standing of the factions, by hand: means of scores over actors in post, in doublings."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from helpers.cases import table
from vzforecast.history.calendar import Periods, months_between
from vzforecast.history.standing import standing

PERIODS = Periods.spanning(date(2024, 1, 1), date(2024, 3, 15))
FACTIONS = ("a", "b")


def post(actor: str, faction: str, office: float, salience: float = 50, **cells: Any) -> Mapping[str, Any]:
    return {"actor": actor, "faction": faction, "from": "2020-01-01", "office": office, "salience": salience} | cells


def doublings(*posts: Mapping[str, Any], score: str = "office", factions: tuple[str, ...] = FACTIONS) -> NDArray[Any]:
    return standing(table("actors", *posts), factions, PERIODS, score)


def test_a_faction_four_times_as_high_is_two_doublings_above() -> None:
    found = doublings(post("x", "a", 80), post("y", "b", 20))
    assert found.shape == (3, 2)
    np.testing.assert_allclose(found, [[1.0, -1.0]] * 3)


def test_mean_weighted_by_salience_not_sum() -> None:
    # (80 * 50 + 20 * 100) / 150 = 40, whoever else joins at 40 changes nothing.
    two = doublings(post("x", "a", 80, 50), post("y", "a", 20, 100), post("z", "b", 10))
    three = doublings(post("x", "a", 80, 50), post("y", "a", 20, 100), post("w", "a", 40, 70), post("z", "b", 10))
    np.testing.assert_allclose(two, [[1.0, -1.0]] * 3)
    np.testing.assert_allclose(three, two)


def test_mean_weighted_by_days_in_post() -> None:
    # x leaves on 16 January: 15 of its 31 days at 80, 16 at 20.
    change = [post("x", "a", 80, to="2024-01-16"), post("y", "a", 20, **{"from": "2024-01-16"})]
    found = doublings(*change, post("z", "b", 20))
    mean = (15 * 80 + 16 * 20) / 31
    np.testing.assert_allclose(found[:, 0], [np.log2(mean / 20) / 2, 0.0, 0.0], atol=1e-12)


def test_half_a_month_in_post_and_then_nobody_keeps_the_score_of_that_month() -> None:
    found = doublings(post("x", "a", 80, to="2024-02-15"), post("z", "b", 20))
    np.testing.assert_allclose(found[:2, 0], [1.0, 1.0])
    np.testing.assert_allclose(found[2, 0], np.log2(1 / 20) / 2)  # vacant: the floor of 1


def test_scores_below_the_floor_count_as_one() -> None:
    found = doublings(post("x", "a", 0.25), post("z", "b", 64))
    np.testing.assert_allclose(found, [[-3.0, 3.0]] * 3)


def test_centred_over_three_factions() -> None:
    found = doublings(post("x", "a", 10), post("y", "b", 20), post("z", "c", 80), factions=("a", "b", "c"))
    np.testing.assert_allclose(found[0], np.array([0.0, 1.0, 3.0]) - 4 / 3)
    np.testing.assert_allclose(found.sum(axis=1), 0.0, atol=1e-12)


def test_each_score_is_read_from_its_own_column() -> None:
    posts = post("x", "a", 80, proximity=10), post("y", "b", 20, proximity=40)
    np.testing.assert_allclose(doublings(*posts, score="office")[0], [1.0, -1.0])
    np.testing.assert_allclose(doublings(*posts, score="proximity")[0], [-1.0, 1.0])


def test_the_last_period_ends_with_the_horizon() -> None:
    # 1 to 15 March; whoever starts on the 16th is not in it, whoever starts on the 15th has one day of 15.
    late = doublings(post("x", "a", 20), post("y", "a", 80, **{"from": "2024-03-16"}), post("z", "b", 20))
    just = doublings(post("x", "a", 20), post("y", "a", 80, **{"from": "2024-03-15"}), post("z", "b", 20))
    np.testing.assert_allclose(late[2], 0.0, atol=1e-12)
    np.testing.assert_allclose(just[2, 0], np.log2((14 * 20 + 80 + 20) / 16 / 20) / 2)


class TestPeriods:
    def test_cut_at_the_first_of_each_month(self) -> None:
        periods = Periods.spanning(date(2024, 11, 20), date(2025, 2, 1))
        assert periods.starts == (date(2024, 11, 20), date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1))
        assert periods.labels == ("2024-11-01", "2024-12-01", "2025-01-01", "2025-02-01")
        assert periods.bounds(0) == (date(2024, 11, 20), date(2024, 12, 1))
        assert periods.bounds(3) == (date(2025, 2, 1), date(2025, 2, 2))

    @pytest.mark.parametrize(
        ("day", "index"),
        [
            (date(2023, 5, 1), 0),  # before the origin
            (date(2024, 1, 1), 0),
            (date(2024, 1, 31), 0),
            (date(2024, 2, 1), 1),
            (date(2024, 2, 29), 1),
            (date(2024, 3, 15), 2),
        ],
        ids=str,
    )
    def test_index(self, day: date, index: int) -> None:
        assert PERIODS.index(day) == index

    def test_last_days_lie_strictly_between(self) -> None:
        assert PERIODS.ends_between(date(2024, 1, 31), date(2024, 3, 31)) == [date(2024, 2, 29)]

    def test_a_month_has_30_4375_days(self) -> None:
        assert months_between(date(2023, 3, 1), date(2027, 3, 1)) == 48.0
