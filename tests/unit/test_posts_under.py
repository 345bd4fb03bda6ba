"""Who is in post under interventions: spells cut, replaced and resumed."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from helpers.cases import embedded, with_tables
from vzforecast.case import Case
from vzforecast.forecast.intervention import Intervention
from vzforecast.intervening.posts import actors_under

ACTOR = "Mike Waltz"
MARCH, MAY = date(2025, 3, 1), date(2025, 5, 31)
HORIZON = date(2025, 12, 31)
Spell = tuple[str, str, str | None, float]


@pytest.fixture(scope="module")
def case() -> Case:
    return embedded().known_on("2025-02-05")


def spells(case: Case, *made: tuple[date, date, Any]) -> list[Spell]:
    """Return faction, first day, day after the last and office of each spell of the actor."""
    done = tuple(Intervention(start=start, end=end, actors={ACTOR: post}) for start, end, post in made)
    table = actors_under(case, done)
    own = table[table["actor"] == ACTOR].sort_values(["from", "faction"])
    return [
        (row.faction, str(row[2].date()), None if pd.isna(row[3]) else str(row[3].date()), row.office)
        for row in own[["faction", "office", "from", "to"]]
        .rename(columns={"from": "begin", "to": "until"})[["faction", "begin", "until", "office"]]
        .itertuples()
    ]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([(MARCH, HORIZON, "out")], [("2025-01-20", "2025-03-01", 75.0)]),
        ([(MARCH, MAY, "out")], [("2025-01-20", "2025-03-01", 75.0), ("2025-06-01", None, 75.0)]),
        (
            [(MARCH, MAY, {"office": 9.0})],
            [("2025-01-20", "2025-03-01", 75.0), ("2025-03-01", "2025-06-01", 9.0), ("2025-06-01", None, 75.0)],
        ),
        (
            [(MARCH, MAY, {"office": 9.0}), (MARCH, HORIZON, {"office": 8.0})],
            [("2025-01-20", "2025-03-01", 75.0), ("2025-03-01", None, 8.0)],
        ),
        ([(MARCH, MAY, {"office": 9.0}), (MARCH, HORIZON, "out")], [("2025-01-20", "2025-03-01", 75.0)]),
        ([(MARCH, MAY, "out"), (date(2025, 2, 10), HORIZON, "out")], [("2025-01-20", "2025-02-10", 75.0)]),
        (
            [(MARCH, HORIZON, "out"), (date(2025, 4, 1), MAY, "in")],
            [("2025-01-20", "2025-03-01", 75.0), ("2025-04-01", "2025-06-01", 75.0)],
        ),
        (
            [(MARCH, MAY, "out"), (date(2025, 4, 1), date(2025, 6, 30), "in")],
            [("2025-01-20", "2025-03-01", 75.0), ("2025-04-01", "2025-07-01", 75.0), ("2025-07-01", None, 75.0)],
        ),
        (
            [(MARCH, HORIZON, {"office": 9.0}), (date(2025, 4, 1), MAY, "out")],
            [("2025-01-20", "2025-03-01", 75.0), ("2025-03-01", "2025-04-01", 9.0), ("2025-06-01", None, 9.0)],
        ),
    ],
    ids=[
        "out", "away", "another post for a while", "twice from one day", "out from the day of a post",
        "out before an absence", "in for a while", "in over a return", "away from a post given",
    ],
)  # fmt: skip
def test_the_last_intervention_replaces_what_was_to_be_in_its_days(
    case: Case, made: list[tuple[date, date, Any]], expected: list[tuple[str, str | None, float]]
) -> None:
    assert [(begin, until, office) for _, begin, until, office in spells(case, *made)] == expected


def test_who_speaks_for_two_factions_keeps_both_posts_until_given_one_faction() -> None:
    case = embedded().known_on("2025-02-05")
    actors = case.tables["actors"]
    second = actors[actors["actor"] == ACTOR].assign(faction="oil", office=20.0, **{"from": pd.Timestamp("2025-02-01")})
    both = with_tables(case, actors=pd.concat([actors, second], ignore_index=True))
    held = [spell for spell in spells(both, (MARCH, HORIZON, {"proximity": 9.0})) if spell[2] is None]
    assert [(faction, office) for faction, _, _, office in held] == [("hardliners", 75.0), ("oil", 20.0)]
    moved = [spell for spell in spells(both, (MARCH, HORIZON, {"faction": "engagement"})) if spell[2] is None]
    assert [faction for faction, *_ in moved] == ["engagement"]
    assert [spell for spell in spells(both, (MARCH, HORIZON, "out")) if spell[2] is None] == []
