"""Outcome rows, members and states, by hand. On the skeleton: its origin is 1 January 2024."""

from collections.abc import Mapping
from math import inf
from typing import Any

import pandas as pd
import pytest

from helpers.cases import RESCUE, skeleton, table, with_groups, with_recurrent, with_spec, with_tables
from vzforecast.case import Case
from vzforecast.history import build_history
from vzforecast.history.levels import NoPlaceError, Places, levels_of, signal_kinds
from vzforecast.history.outcomes import fading
from vzforecast.names import DAYS_PER_MONTH

AS_OF = "2024-04-15"
FERRY, TRUCE = "ferry_permit", "fishing_truce"


def case(
    *changes: tuple[str, str, str],
    lasting: float = 0.25,
    starts: Mapping[str, str] | None = None,
    answered: bool = False,
) -> Case:
    """The skeleton with other transitions (outcome, date, to); outcomes may start in their active state."""
    rows = [{"outcome": outcome, "date": day, "published": day, "to": to} for outcome, day, to in changes]
    edited = with_tables(skeleton(), transitions=table("transitions", *rows))
    outcomes = [
        outcome.model_copy(update={"state_at_start": (starts or {}).get(outcome.id, outcome.state_at_start)})
        for outcome in edited.spec.outcomes
    ]
    coupling = {"half_life_months": 1.0, "lasting_share": lasting, "ends_with_answer": answered}
    return with_spec(edited, coupling=coupling, outcomes=tuple(outcomes))


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


def faded(*days: tuple[int, int]) -> list[float]:
    """Mean weight between ages in days, with a half-life of a month and a quarter that lasts."""
    return [fading(a / DAYS_PER_MONTH, b / DAYS_PER_MONTH, 1.0, 0.25) for a, b in days]


class TestAnswers:
    """The ferry permit is withdrawn on 10 March; what is left of that for the truce, whose clock starts on 1 March."""

    LOST = (FERRY, "2024-03-10", "withdrawn")

    def test_until_the_answer_it_fades_as_ever_and_after_it_the_lasting_share_is_left(self) -> None:
        answer = [self.LOST, (TRUCE, "2024-03-20", "broken"), (TRUCE, "2024-03-25", "held")]
        # Rows of the truce end on 10, 20 (broken), 25 (restored), 31 March and 15 April.
        assert active(case(*answer), TRUCE, FERRY) == pytest.approx([0, *faded((0, 10), (10, 15), (15, 21), (21, 36))])
        # The onset of 20 March answers for the next onset, not for the recovery of 25 March.
        found = active(case(*answer, answered=True), TRUCE, FERRY)
        assert found == pytest.approx([0.0, *faded((0, 10), (10, 15)), 0.25, 0.25])

    def test_a_recovery_answers_for_the_next_recovery_alone(self) -> None:
        changes = [
            (TRUCE, "2024-03-05", "broken"),
            self.LOST,
            (TRUCE, "2024-03-15", "held"),
            (TRUCE, "2024-03-20", "broken"),
        ]
        # Rows end on 5 (broken), 10, 15 (restored), 20 (broken again), 31 March and 15 April.
        found = active(case(*changes, answered=True), TRUCE, FERRY)
        assert found == pytest.approx([0.0, 0.0, *faded((0, 5), (5, 10)), 0.25, 0.25])

    @pytest.mark.parametrize("broken", ["2024-03-05", "2024-03-10"])
    def test_what_came_before_or_on_the_same_day_answers_nothing(self, broken: str) -> None:
        changes = [(TRUCE, broken, "broken"), (TRUCE, "2024-03-12", "held"), self.LOST]
        assert active(case(*changes, answered=True), TRUCE, FERRY) == active(case(*changes), TRUCE, FERRY)
        assert active(case(*changes), TRUCE, FERRY)[-2:] == pytest.approx(faded((2, 21), (21, 36)))

    def test_a_fresh_change_is_there_to_be_answered_anew(self) -> None:
        changes = [
            self.LOST,
            (TRUCE, "2024-03-15", "broken"),
            (TRUCE, "2024-03-20", "held"),
            (FERRY, "2024-03-25", "in_force"),
            (FERRY, "2024-04-01", "withdrawn"),
        ]
        # Rows end on 10, 15 (broken), 20 (restored), 25, 31 March, 1 and 15 April.
        found = active(case(*changes, answered=True), TRUCE, FERRY)
        assert found == pytest.approx([0.0, *faded((0, 5), (5, 10)), 0.25, 0.0, 0.0, *faded((0, 14))])

    def test_its_answer_ends_nothing_for_others_and_nothing_that_lasts(self) -> None:
        answer = [self.LOST, (TRUCE, "2024-03-20", "broken"), (TRUCE, "2024-03-25", "held")]
        assert active(case(*answer, answered=True), FERRY, TRUCE) == active(case(*answer), FERRY, TRUCE)
        constant = [active(case(*answer, lasting=1.0, answered=which), TRUCE, FERRY) for which in (False, True)]
        assert constant == [[0.0, 1.0, 1.0, 1.0, 1.0]] * 2

    def test_an_event_that_may_recur_answers(self) -> None:
        """The truce broke on 20 May; rescues came on 20 March, 2 and 3 May, and one more, on 1 June."""
        edited = with_recurrent("2024-03-20", "2024-05-02", "2024-05-03", "2024-06-01")
        answered = with_spec(edited, coupling={"ends_with_answer": True})
        for one, last in ((edited, faded((12, 26))), (answered, [0.25])):
            # The rows of rescues since 20 May end on 31 May, 1 June (the event) and 15 June.
            assert active(one, RESCUE, TRUCE, "2024-06-15")[-3:] == pytest.approx([*faded((0, 11), (11, 12)), *last])


class TestStatesNow:
    def test_months_since_each_change_was_last_made(self) -> None:
        changes = [(FERRY, "2024-03-05", "withdrawn"), (FERRY, "2024-03-20", "in_force"), (TRUCE, AS_OF, "broken")]
        states = build_history(case(*changes).known_on(AS_OF)).states
        assert states.loc[FERRY, ["onset_ago", "recovery_ago"]].tolist() == pytest.approx(
            [41 / DAYS_PER_MONTH, 26 / DAYS_PER_MONTH]
        )
        assert states.loc[TRUCE, ["onset_ago", "recovery_ago"]].tolist() == [0.0, inf]

    def test_an_outcome_that_started_active_has_made_a_recovery_only(self) -> None:
        states = build_history(
            case((FERRY, "2024-04-01", "in_force"), starts={FERRY: "withdrawn"}).known_on(AS_OF)
        ).states
        assert states.loc[FERRY, ["onset_ago", "recovery_ago"]].tolist() == [inf, pytest.approx(14 / DAYS_PER_MONTH)]

    def test_an_event_that_may_recur_is_an_onset(self) -> None:
        states = build_history(with_recurrent().known_on("2024-05-13")).states
        assert states.loc[RESCUE, ["onset_ago", "recovery_ago"]].tolist() == [pytest.approx(10 / DAYS_PER_MONTH), inf]

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

    def test_counts_have_members_of_two_groupings_and_the_outcome_its_own_level(self) -> None:
        levels = levels_of(with_groups().known_on(AS_OF))
        members = {grouping: group["member"].tolist() for grouping, group in levels.groupby("grouping", sort=False)}
        assert members["truce_restored.level"] == ["Seizures 2010 to 2023", "Storm", "fishing_truce", "", ""]
        assert members["truce_restored.group"] == ["North", "South", "", ""]
        hazards = build_history(with_groups().known_on(AS_OF)).hazards
        own = ("truce_restored.level:fishing_truce", "truce_restored.group:North")
        assert hazards["members"].tolist()[-1] == own

    def test_new_levels_and_new_groups_take_the_places_of_their_own_grouping(self) -> None:
        """A spell of an island known before needs a place among levels alone; a third new island finds none."""
        storms = [
            f"truce_restored,Storm {n},{island},2024-05-01,1,2,months,src,high,"
            for n, island in enumerate(["South", "East"])
        ]
        before = levels_of(with_groups().known_on(AS_OF))
        places = Places(tuple(before["level"]), ())
        later = levels_of(with_groups(*storms).known_on("2024-05-02"), places)
        taken = dict(zip(before["level"], later["level"], strict=True))
        assert {old: new for old, new in taken.items() if new != old} == {
            "truce_restored.level:spare 1": "truce_restored.level:Storm 0",
            "truce_restored.level:spare 2": "truce_restored.level:Storm 1",
            "truce_restored.group:spare 1": "truce_restored.group:East",
        }
        more = "truce_restored,Storm 2,East,2024-05-01,1,2,months,src,high,"
        with pytest.raises(NoPlaceError, match=r"kept 2 places for new members of truce_restored\.level, too few"):
            levels_of(with_groups(*storms, more).known_on("2024-05-02"), places)

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
