"""Outcome rows, members and states, by hand. On the skeleton: its origin is 1 January 2024."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from helpers.cases import skeleton, table, with_spec, with_tables
from vzforecast.case import Case
from vzforecast.history import build_history
from vzforecast.history.levels import levels_of, signal_kinds
from vzforecast.history.outcomes import fading
from vzforecast.names import DAYS_PER_MONTH

AS_OF = "2024-04-15"
FERRY, TRUCE = "ferry_permit", "fishing_truce"


def case(*changes: tuple[str, str, str], lasting: float = 0.25, starts: Mapping[str, str] | None = None) -> Case:
    """The skeleton with other transitions (outcome, date, to); outcomes may start in their active state."""
    rows = [{"outcome": outcome, "date": day, "published": day, "to": to} for outcome, day, to in changes]
    edited = with_tables(skeleton(), transitions=table("transitions", *rows))
    outcomes = [
        outcome.model_copy(update={"state_at_start": (starts or {}).get(outcome.id, outcome.state_at_start)})
        for outcome in edited.spec.outcomes
    ]
    return with_spec(edited, coupling={"half_life_months": 1.0, "lasting_share": lasting}, outcomes=tuple(outcomes))


def spells_of(edited: Case, outcome: str, as_of: str = AS_OF) -> list[tuple[Any, ...]]:
    """(last day, hazard, period, days at risk, events) of every row."""
    rows = build_history(edited.known_on(as_of)).rows
    return [
        (row.row.split()[-1], row.transition, row.period, pytest.approx(row.exposure * DAYS_PER_MONTH), row.events)
        for row in rows[rows["outcome"] == outcome].itertuples()
    ]


def active(edited: Case, outcome: str, source: str, as_of: str = AS_OF) -> list[float]:
    rows = build_history(edited.known_on(as_of)).rows
    return [shares[source] for shares in rows.loc[rows["outcome"] == outcome, "active"]]


def test_cut_at_every_month() -> None:
    assert spells_of(case(), FERRY) == [
        ("2024-01-31", "onset", 0, 30, 0),
        ("2024-02-29", "onset", 1, 29, 0),
        ("2024-03-31", "onset", 2, 31, 0),
        ("2024-04-15", "onset", 3, 15, 0),
    ]


def test_an_outcomes_clock_starts_with_it() -> None:
    assert spells_of(case(), TRUCE) == [("2024-03-31", "onset", 2, 30, 0), ("2024-04-15", "onset", 3, 15, 0)]


def test_a_transition_on_the_first_of_a_month_belongs_to_that_month() -> None:
    """As does the news of that day, and as in the simulator, where days also count from end to end."""
    changed = case((FERRY, "2024-04-01", "withdrawn"))
    assert spells_of(changed, FERRY)[2:] == [
        ("2024-03-31", "onset", 2, 31, 0),
        ("2024-04-01", "onset", 3, 1, 1),
        ("2024-04-15", "recovery", 3, 14, 0),
    ]
    assert spells_of(case(), FERRY, "2024-04-01")[-1] == ("2024-04-01", "onset", 3, 1, 0)


def test_cut_at_transitions_of_any_outcome_with_the_event_in_the_row_that_it_ends() -> None:
    changed = case(
        (FERRY, "2024-03-10", "withdrawn"), (TRUCE, "2024-03-20", "broken"), (FERRY, "2024-04-05", "in_force")
    )
    assert spells_of(changed, FERRY)[2:] == [
        ("2024-03-10", "onset", 2, 10, 1),
        ("2024-03-20", "recovery", 2, 10, 0),
        ("2024-03-31", "recovery", 2, 11, 0),
        ("2024-04-05", "recovery", 3, 5, 1),
        ("2024-04-15", "onset", 3, 10, 0),
    ]
    assert spells_of(changed, TRUCE) == [
        ("2024-03-10", "onset", 2, 9, 0),
        ("2024-03-20", "onset", 2, 10, 1),
        ("2024-03-31", "recovery", 2, 11, 0),
        ("2024-04-05", "recovery", 3, 5, 0),
        ("2024-04-15", "recovery", 3, 10, 0),
    ]


def test_time_at_risk_adds_up_whatever_the_cuts() -> None:
    changed = case((FERRY, "2024-03-10", "withdrawn"), (TRUCE, "2024-03-20", "broken"))
    for outcome, days in ((FERRY, 105), (TRUCE, 45)):
        exposures = [spell[3].expected for spell in spells_of(changed, outcome)]
        assert sum(exposures) == pytest.approx(days)


def test_an_event_on_the_as_of_day_counts_and_starts_no_row() -> None:
    assert spells_of(case((FERRY, AS_OF, "withdrawn")), FERRY)[-1] == ("2024-04-15", "onset", 3, 15, 1)


def test_on_the_day_an_outcome_starts_it_had_half_a_day() -> None:
    assert spells_of(case(), TRUCE, "2024-03-01") == [("2024-03-01", "onset", 2, 0.5, 0)]


def test_a_transition_is_unknown_until_published() -> None:
    late = table("transitions", {"outcome": FERRY, "date": "2024-04-10", "published": "2024-04-16", "to": "withdrawn"})
    edited = with_tables(skeleton(), transitions=late)
    assert spells_of(edited, FERRY)[-1] == ("2024-04-15", "onset", 3, 15, 0)
    assert spells_of(edited, FERRY, "2024-04-16")[-2:] == [
        ("2024-04-10", "onset", 3, 10, 1),
        ("2024-04-16", "recovery", 3, 6, 0),
    ]


def test_two_transitions_on_one_day_each_see_the_states_before_it() -> None:
    both = case((FERRY, "2024-04-05", "withdrawn"), (TRUCE, "2024-04-05", "broken"))
    assert spells_of(both, FERRY)[-2:] == [("2024-04-05", "onset", 3, 5, 1), ("2024-04-15", "recovery", 3, 10, 0)]
    for outcome, other in ((FERRY, TRUCE), (TRUCE, FERRY)):
        before, after = active(both, outcome, other)[-2:]
        assert before == 0.0
        assert 0.25 < after < 1.0


def test_an_outcome_never_acts_on_itself() -> None:
    changed = case((FERRY, "2024-03-10", "withdrawn"))
    assert active(changed, FERRY, FERRY) == [0.0] * 5


class TestFading:
    def test_the_first_month_of_a_fading_coupling(self) -> None:
        # Exactly 1/(2 ln 2), from docs/model.md.
        assert fading(0.0, 1.0, half_life=1.0, lasting=0.0) == pytest.approx(0.7213475204444817)

    def test_nothing_fades_when_all_of_it_lasts(self) -> None:
        assert fading(0.0, 5.0, half_life=1.0, lasting=1.0) == pytest.approx(1.0)

    def test_two_half_lives_on_a_quarter_of_the_rest_is_left(self) -> None:
        assert fading(2.0, 2.0, half_life=1.0, lasting=0.2) == pytest.approx(0.2 + 0.8 / 4)

    def test_the_mean_over_a_stretch_is_the_mean_of_its_parts(self) -> None:
        parts = fading(0.5, 1.0, 2.0, 0.3) * 0.5 + fading(1.0, 2.5, 2.0, 0.3) * 1.5
        assert fading(0.5, 2.5, 2.0, 0.3) == pytest.approx(parts / 2.0)

    def test_rows_carry_the_mean_over_their_own_ages(self) -> None:
        changed = case((FERRY, "2024-03-10", "withdrawn"))
        ages = [(0, 21), (21, 36)]
        expected = [fading(a / DAYS_PER_MONTH, b / DAYS_PER_MONTH, 1.0, 0.25) for a, b in ages]
        assert active(changed, TRUCE, FERRY) == pytest.approx([0.0, *expected])

    def test_an_outcome_active_since_its_start_is_no_fresh_shock(self) -> None:
        changed = case(starts={FERRY: "withdrawn"})
        assert active(changed, TRUCE, FERRY) == pytest.approx([0.25, 0.25])
        assert [spell[1] for spell in spells_of(changed, FERRY)] == ["recovery"] * 4

    def test_an_outcome_does_not_act_before_its_start(self) -> None:
        changed = case(starts={TRUCE: "broken"})
        # Ferry's rows end on 31 January, 29 February, 1 March (the truce starts), 31 March and the as-of day.
        assert active(changed, FERRY, TRUCE) == pytest.approx([0.0, 0.0, 0.0, 0.25, 0.25])

    def test_back_at_rest_it_acts_no_more_and_starts_afresh(self) -> None:
        changes = [
            (FERRY, "2024-03-05", "withdrawn"),
            (FERRY, "2024-03-20", "in_force"),
            (FERRY, "2024-03-31", "withdrawn"),
        ]
        found = active(case(*changes), TRUCE, FERRY)
        first, again = fading(0.0, 15 / DAYS_PER_MONTH, 1.0, 0.25), fading(0.0, 15 / DAYS_PER_MONTH, 1.0, 0.25)
        assert found == pytest.approx([0.0, first, 0.0, again])


class TestStatesNow:
    def test_at_rest(self) -> None:
        states = build_history(case().known_on(AS_OF)).states
        assert states.index.tolist() == [FERRY, TRUCE]
        assert states["active"].tolist() == [False, False]
        assert states["active_for"].tolist() == [0.0, 0.0]

    def test_months_since_it_became_active(self) -> None:
        states = build_history(case((FERRY, "2024-03-10", "withdrawn")).known_on(AS_OF)).states
        assert states["active"].tolist() == [True, False]
        assert states["active_for"].tolist() == pytest.approx([36 / DAYS_PER_MONTH, 0.0])

    def test_the_end_of_the_as_of_day_counts(self) -> None:
        states = build_history(case((FERRY, AS_OF, "withdrawn")).known_on(AS_OF)).states
        assert states["active"].tolist() == [True, False]
        assert states["active_for"].tolist() == [0.0, 0.0]

    def test_active_since_its_start_and_long_before(self) -> None:
        states = build_history(case(starts={TRUCE: "broken"}).known_on(AS_OF)).states
        assert states["active_for"].tolist() == pytest.approx([0.0, (36525 + 45) / DAYS_PER_MONTH])

    def test_back_at_rest(self) -> None:
        changes = [(FERRY, "2024-03-05", "withdrawn"), (FERRY, "2024-03-20", "in_force")]
        states = build_history(case(*changes).known_on(AS_OF)).states
        assert states["active"].tolist() == [False, False]
        assert states["active_for"].tolist() == [0.0, 0.0]


class TestLevels:
    def test_members_sorted_and_spare_ones_after_them(self) -> None:
        levels = levels_of(skeleton().known_on(AS_OF))
        assert levels["level"].is_unique
        members = {grouping: group["member"].tolist() for grouping, group in levels.groupby("grouping", sort=False)}
        assert members == {
            "promise.kind": ["fishing", "prisoners", "transparency", "", ""],
            "promise.agreement": ["harbour_2018", "truce_2021", "truce_2024", "", ""],
            "permit.series": ["Ferry", "Salvage", "", ""],
            "permit.administration": ["marsh1", "reed1", "", ""],
            "relief.president": ["marsh", "reed", "", ""],
            "relief.administration": ["marsh1", "reed1", "", ""],
            "truce_restored.level": ["Seizures 2010 to 2023", "", ""],
        }
        named = levels[levels["member"] != ""]
        assert (named["level"] == named["grouping"] + ":" + named["member"]).all()
        assert levels.loc[levels["grouping"] == "permit.series", "level"].tolist()[2:] == [
            "permit.series:spare 1",
            "permit.series:spare 2",
        ]

    def test_a_member_is_known_only_with_its_row(self) -> None:
        counts = {"process": "truce_restored", "level": "New", "published": "2024-04-16", "events": 1, "exposure": 2}
        edited = with_tables(skeleton(), counts=pd.concat([skeleton().tables["counts"], table("counts", counts)]))
        today, tomorrow = (levels_of(edited.known_on(day)) for day in (AS_OF, "2024-04-16"))
        assert "truce_restored.level:New" not in today["level"].tolist()
        assert "truce_restored.level:New" in tomorrow["level"].tolist()

    def test_a_member_that_only_an_outcome_names_is_there(self) -> None:
        edited = with_tables(skeleton(), licences=table("licences"), commitments=table("commitments"))
        levels = levels_of(edited.known_on(AS_OF))["level"].tolist()
        assert "permit.series:Ferry" in levels
        assert "promise.kind:fishing" in levels

    def test_kinds_of_news_the_reference_first(self) -> None:
        assert signal_kinds(skeleton().known_on(AS_OF)) == ("statement", "decision", "legal", "meeting", "spare 1")
        assert signal_kinds(skeleton().known_on("2024-03-01")) == ("statement", "meeting", "spare 1")

    def test_rows_name_only_declared_levels(self) -> None:
        history = build_history(skeleton().known_on("2024-08-15"))
        known = set(history.levels["level"])
        for members in (*history.rows["members"], *history.hazards["members"]):
            assert set(members) <= known


def test_hazards_in_the_order_of_transition_and_outcome() -> None:
    hazards = build_history(case().known_on(AS_OF)).hazards
    assert hazards["process"].tolist() == ["permit", "promise_flow", "relief", "truce_restored"]
    assert hazards["covariates"].tolist() == [{}, {"regime_threat": -1.0, "relief_at_stake": 0.0}, {}, {}]
    assert hazards["members"].tolist() == [
        ("permit.series:Ferry", "permit.administration:marsh1"),
        ("promise.kind:fishing", "promise.agreement:truce_2024"),
        ("relief.president:marsh", "relief.administration:marsh1"),
        ("truce_restored.level:Seizures 2010 to 2023",),
    ]


def test_a_case_that_was_not_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="not cut to a date"):
        build_history(skeleton())
