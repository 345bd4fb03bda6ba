"""News as observations, by hand: each fact counts once."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest

from helpers.cases import skeleton, table, with_tables
from vzforecast.history import build_history
from vzforecast.history.calendar import Periods
from vzforecast.history.news import leans, signals

PERIODS = Periods.spanning(date(2024, 1, 1), date(2024, 6, 30))
ACTIVE_IS = {"ferry": "worsening", "relief": "easing"}
NO_TRANSITION = table("transitions")


def item(name: str, day: str = "2024-02-10", **cells: Any) -> Mapping[str, Any]:
    return {"id": name, "date": day, "published": day, "faction": "wardens", "bears_on": "x"} | cells


def signals_of(*items: Mapping[str, Any]) -> pd.DataFrame:
    return signals(table("news", *items), ("wardens", "traders"), ACTIVE_IS, PERIODS)


def leans_of(*items: Mapping[str, Any], transitions: pd.DataFrame = NO_TRANSITION) -> pd.DataFrame:
    return leans(table("news", *items), transitions, PERIODS)


def lean(name: str, day: str = "2024-02-10", **cells: Any) -> Mapping[str, Any]:
    return item(name, day, **{"outcome": "ferry", "lean": "active", "faction": "none"} | cells)


def transition(episode: str) -> pd.DataFrame:
    day = "2024-02-12"
    return table("transitions", {"outcome": "ferry", "date": day, "published": day, "to": "out", "episode": episode})


def test_one_row_an_item_with_period_kind_and_strength() -> None:
    found = signals_of(item("one", "2024-01-31", kind="decision", strength=3), item("two", "2024-02-01"))
    assert found.to_dict("list") == {
        "id": ["one", "two"],
        "period": [0, 1],
        "kind": ["decision", "statement"],
        "strength": [3, 2],
        "faction": ["wardens", "wardens"],
        "bearing": ["", ""],
    }


def test_the_month_is_that_of_the_event_not_of_its_publication() -> None:
    assert signals_of(item("late", "2024-01-31", published="2024-03-02"))["period"].tolist() == [0]


@pytest.mark.parametrize("faction", ["none", "mixed"])
def test_items_that_favour_no_one_faction_carry_no_signal_but_may_lean(faction: str) -> None:
    one = lean("one", faction=faction)
    assert signals_of(one).empty
    assert leans_of(one)["id"].tolist() == ["one"]


@pytest.mark.parametrize(
    ("outcome", "towards", "bearing"),
    [
        ("ferry", "active", "worsening"),
        ("ferry", "rest", "easing"),
        ("ferry", "neither", "neither"),
        ("relief", "active", "easing"),
        ("relief", "rest", "worsening"),
        ("relief", "neither", "neither"),
        ("", "", ""),
    ],
)
def test_a_lean_is_read_as_a_bearing_on_relations(outcome: str, towards: str, bearing: str) -> None:
    assert signals_of(item("one", outcome=outcome, lean=towards))["bearing"].tolist() == [bearing]


SAME_EPISODE = {
    "the strongest": (
        [("weak", "2024-01-05", 1, 1), ("strong", "2024-01-09", 3, 0), ("middle", "2024-01-02", 2, 1)],
        "strong",
    ),
    "a decision among equals": ([("word", "2024-01-02", 2, 0), ("paper", "2024-01-09", 2, 1)], "paper"),
    "the earliest among equals": ([("late", "2024-01-09", 2, 1), ("early", "2024-01-02", 2, 1)], "early"),
    "the first id on one day": ([("b", "2024-01-02", 2, 1), ("a", "2024-01-02", 2, 1)], "a"),
}


@pytest.mark.parametrize("rule", list(SAME_EPISODE))
def test_an_episode_gives_one_signal_and_one_lean(rule: str) -> None:
    rows, kept = SAME_EPISODE[rule]
    items = [
        lean(name, day, strength=strength, is_decision=decision, faction="traders", episode="e")
        for name, day, strength, decision in rows
    ]
    for ordered in (items, items[::-1]):
        assert signals_of(*ordered)["id"].tolist() == [kept]
        assert leans_of(*ordered)["id"].tolist() == [kept]


def test_signal_and_lean_of_an_episode_may_come_from_different_items() -> None:
    about = lean("about the ferry", strength=3, faction="none", episode="e")
    favours = item("favours the wardens", strength=1, episode="e")
    assert signals_of(about, favours)["id"].tolist() == ["favours the wardens"]
    assert leans_of(about, favours)["id"].tolist() == ["about the ferry"]


def test_items_without_an_episode_all_count_in_order_of_date() -> None:
    items = [item("c", "2024-03-01"), item("b", "2024-01-02"), item("a", "2024-01-02")]
    assert signals_of(*items)["id"].tolist() == ["a", "b", "c"]


def test_leans_name_their_outcome_and_neither_counts() -> None:
    found = leans_of(lean("one", strength=1), lean("two", outcome="relief", lean="neither"), item("none"))
    assert found.to_dict("records") == [
        {"id": "one", "period": 1, "outcome": "ferry", "strength": 1, "lean": "active"},
        {"id": "two", "period": 1, "outcome": "relief", "strength": 2, "lean": "neither"},
    ]


def test_leans_of_an_episode_leave_once_its_transition_is_known_and_signals_stay() -> None:
    items = [lean("leak", episode="e"), lean("other", episode="f"), lean("lone")]
    items = [{**one, "faction": "traders"} for one in items]
    known = transition(episode="e")
    assert leans_of(*items)["id"].tolist() == ["leak", "lone", "other"]
    assert leans_of(*items, transitions=known)["id"].tolist() == ["lone", "other"]
    assert signals_of(*items)["id"].tolist() == ["leak", "lone", "other"]


def test_a_transition_without_an_episode_settles_none() -> None:
    assert leans_of(lean("lone"), transitions=transition(episode=""))["id"].tolist() == ["lone"]


def test_the_skeletons_seizure_is_a_lean_until_the_transition_is_published() -> None:
    late = skeleton().tables["transitions"]
    late.loc[late["date"] == "2024-05-20", "published"] = pd.Timestamp("2024-05-25")
    case = with_tables(skeleton(), transitions=late)
    before, after = (build_history(case.known_on(day)) for day in ("2024-05-24", "2024-05-25"))
    assert "boat_seized" in before.leans["id"].tolist()
    assert "boat_seized" not in after.leans["id"].tolist()
    assert "boat_seized" in after.signals["id"].tolist()
    assert before.states["active"].tolist() == [False, False]
    assert after.states["active"].tolist() == [False, True]
