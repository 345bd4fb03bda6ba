"""What a case learnt between two days, as items: each field of each kind, and what no item can say."""

from typing import Any

import pandas as pd
import pytest

from helpers.cases import embedded, skeleton, table, with_tables
from vzforecast.case import Case
from vzforecast.errors import DateError, EvidenceError
from vzforecast.evidence import (
    Action,
    Appointment,
    CommitmentResolved,
    Departure,
    LicenceDecision,
    ScheduledDecision,
    Signal,
    Transition,
    in_order,
)


def with_row(case: Case, name: str, **cells: Any) -> Case:
    return with_tables(case, **{name: pd.concat([case.tables[name], table(name, cells)])})


class TestItems:
    def test_of_the_skeleton(self) -> None:
        assert skeleton().evidence_between("2024-05-20", "2024-06-01") == (
            Signal(
                id="boat_seized",
                date="2024-05-20",
                published="2024-05-21",
                headline="Wardens seize a boat",
                kind="decision",
                actor="Ada Flint",
                faction="wardens",
                strength=3,
                is_decision=True,
                outcome="fishing_truce",
                lean="active",
                episode="seizure_may2024",
                source="https://example.org/n6",
                confidence="high",
            ),
            Transition(
                id="transition_fishing_truce_2024-05-20",
                date="2024-05-20",
                published="2024-05-21",
                outcome="fishing_truce",
                to="broken",
                episode="seizure_may2024",
                source="https://example.org/n6",
                confidence="high",
            ),
            Appointment(
                date="2024-06-01",
                actor="Ben Holm",
                faction="wardens",
                role="Captain of the coast",
                office=80,
                proximity=60,
                salience=90,
            ),
            Departure(date="2024-06-01", actor="Ada Flint"),
        )

    def test_a_promise_of_an_agreement_still_secret_on_the_first_day(self) -> None:
        found = skeleton().evidence_between("2024-03-02", "2024-03-31")
        assert [one for one in found if isinstance(one, CommitmentResolved)] == [
            CommitmentResolved(
                id="resolved_tr24_crew",
                date="2024-03-10",
                headline="Return the crew held since autumn",
                source="https://example.org/crew-home",
                confidence="high",
                commitment="tr24_crew",
                result="kept",
                agreement="truce_2024",
                kind="prisoners",
                form="one_off",
                regime_threat=0,
                relief_at_stake="minor",
                signed="2024-03-01",
            )
        ]

    def test_a_promise_of_an_agreement_published_after_its_end(self) -> None:
        case = with_row(
            skeleton(),
            "agreements",
            agreement_id="secret",
            signed="2023-01-01",
            published="2024-04-01",
            relief_offered="none",
        )
        case = with_row(
            case,
            "commitments",
            agreement_id="secret",
            commitment_id="hidden",
            kind="fishing",
            form="flow",
            result="broken",
            first_breach="2023-02-01",
            resolved_on="2023-03-01",
            days_to_breach="31",
            note="Told by a clerk",
        )
        (found,) = (one for one in case.evidence_between("2024-03-31", "2024-04-30") if one.id == "resolved_hidden")
        assert isinstance(found, CommitmentResolved)
        days = (found.signed, found.first_breach, found.date, found.published)
        assert [str(day) for day in days] == ["2023-01-01", "2023-02-01", "2023-03-01", "2024-04-01"]
        assert found.note == "Told by a clerk"

    def test_a_promise_set_aside(self) -> None:
        found = {one.id: one for one in embedded().evidence_between("2025-02-05", "2025-03-31")}[
            "resolved_arg_no_force"
        ]
        assert isinstance(found, CommitmentResolved)
        assert (found.result, str(found.date), str(found.first_breach)) == ("unresolved", "2025-03-01", "2025-03-01")

    def test_a_licence_decision(self) -> None:
        found = embedded().evidence_between("2025-03-05", "2025-03-24")
        decisions = [one for one in found if isinstance(one, LicenceDecision)]
        assert [(one.licence, one.version, one.own_history_of) for one in decisions] == [
            ("GL 5", "5R", None),
            ("GL 41", "41B", "chevron_licence"),
        ]
        assert decisions[0] == LicenceDecision(
            date="2025-03-06",
            licence="GL 5",
            decision="renewed",
            new_expiry="2025-07-03",
            version="5R",
            series="GL 5",
            scope=decisions[0].scope,
            source=decisions[0].source,
            confidence="high",
            note=decisions[0].note,
        )

    def test_an_action(self) -> None:
        found = [one for one in embedded().evidence_between("2025-03-23", "2025-03-24") if isinstance(one, Action)]
        order = next(one for one in found if one.instrument == "EO 14245")
        assert order == Action(
            date="2025-03-24",
            direction="tighten",
            kind="tariff",
            severity=3,
            sectoral=True,
            instrument="EO 14245",
            own_history_of="sanctions",
            headline="25 percent duty threatened on goods from any country buying Venezuelan oil.",
            source=order.source,
            confidence="high",
            note=order.note,
        )

    def test_a_day_ahead(self) -> None:
        """It is dated by its publication, since the table says no more."""
        found = embedded().evidence_between("2025-03-23", "2025-03-24")
        extension, tariff = (one for one in found if isinstance(one, ScheduledDecision))
        assert extension == ScheduledDecision(
            id="scheduled_chevron_licence_wind_down_end_2025-05-27",
            date="2025-03-24",
            outcome="chevron_licence",
            due="2025-05-27",
            kind="wind_down_end",
            source=extension.source,
            confidence="high",
            note="GL 41B: the wind-down runs on to that day",
        )
        assert (tariff.outcome, tariff.kind, str(tariff.due)) == ("sanctions", "effective", "2025-04-02")

    def test_one_who_takes_another_post_on_the_day_is_appointed_only(self) -> None:
        found = embedded().evidence_between("2025-04-30", "2025-05-01")
        posts = [one for one in found if isinstance(one, Appointment | Departure)]
        assert [(one.type, one.actor, str(one.date)) for one in posts] == [
            ("appointment", "Marco Rubio", "2025-05-01"),
            ("departure", "Mike Waltz", "2025-05-01"),
        ]

    def test_one_who_comes_back_later_departs_first(self) -> None:
        actors = skeleton().tables["actors"]
        actors.loc[actors["actor"] == "Ada Flint", "to"] = pd.Timestamp("2024-05-01")
        case = with_row(
            with_tables(skeleton(), actors=actors),
            "actors",
            actor="Ada Flint",
            faction="wardens",
            **{"from": "2024-05-05"},
        )
        found = [one for one in case.evidence_between("2024-04-20", "2024-05-10") if one.type != "signal"]
        assert [(one.type, str(one.date)) for one in found] == [
            ("departure", "2024-05-01"),
            ("appointment", "2024-05-05"),
        ]

    def test_questions_markets_flights_and_open_agreements_are_left_out(self) -> None:
        case = embedded()
        found = case.evidence_between("2025-03-21", "2025-03-22")  # flights_mar2025 is signed, its promise open
        assert "flights_mar2025" in set(case.known_on("2025-03-22").tables["agreements"]["agreement_id"])
        assert {one.type for one in found} <= {"signal"}

    def test_nothing_is_learnt_within_a_day(self) -> None:
        assert embedded().evidence_between("2025-03-04", "2025-03-04") == ()

    def test_order_and_ids(self) -> None:
        found = embedded().evidence_between("2025-02-05", "2025-08-31")
        assert found == in_order(found)
        assert len({one.id for one in found}) == len(found)
        assert {str(one.published) > "2025-02-05" for one in found} == {True}


class TestRefused:
    def test_a_new_count(self) -> None:
        case = with_row(
            skeleton(), "counts", process="truce_restored", level="2024", published="2024-05-01", events=1, exposure=2
        )
        assert case.evidence_between("2024-05-01", "2024-05-10") == skeleton().evidence_between(
            "2024-05-01", "2024-05-10"
        )
        with pytest.raises(EvidenceError) as caught:
            case.evidence_between("2024-04-30", "2024-05-10")
        assert [str(fault) for fault in caught.value.faults] == [
            (
                "counts.csv: column level ('2024'): a newly published count, which no item of evidence can say; "
                "cut the case to 2024-05-01 or later, and begin there"
            )
        ]

    def test_a_new_duty_that_is_open(self) -> None:
        case = with_row(skeleton(), "agreements", agreement_id="pact", signed="2024-05-01", relief_offered="none")
        promises = {"open": ("flow", "", ""), "once": ("one_off", "", ""), "own": ("flow", "", "fishing_truce")}
        for name, (form, result, own) in promises.items():
            cells = {"commitment_id": name, "form": form, "result": result, "own_history_of": own, "kind": "fishing"}
            case = with_row(case, "commitments", agreement_id="pact", **cells)
        with pytest.raises(EvidenceError) as caught:
            case.evidence_between("2024-04-30", "2024-05-10")
        assert [str(fault) for fault in caught.value.faults] == [
            (
                "commitments.csv: column commitment_id ('open'): a new duty still open, which no item of evidence can "
                "say; cut the case to 2024-05-01 or later, and begin there"
            )
        ]

    def test_a_text_that_an_item_cannot_hold(self) -> None:
        news = skeleton().tables["news"]
        news.loc[news["id"] == "boat_seized", "note"] = "a\x07"
        with pytest.raises(EvidenceError, match=r"signal boat_seized: note .* control character U\+0007"):
            with_tables(skeleton(), news=news).evidence_between("2024-05-20", "2024-06-01")

    @pytest.mark.parametrize(
        ("after", "until", "message"),
        [
            ("2024-05-02", "2024-05-01", "last day 2024-05-01 is before the first, 2024-05-02; exchange them"),
            ("2024-02-01", "2024-05-01", "as-of date 2024-02-01 is before the start of the outcome fishing_truce"),
            ("2024-05-02", "2025-05-01", "as-of date 2025-05-01 is after the horizon of the case, 2024-12-31"),
            ("2 May", "2024-05-03", "first day '2 May' is not an ISO date"),
            ("2024-05-02", "3 May", "last day '3 May' is not an ISO date"),
        ],
        ids=["exchanged", "too early", "too late", "no first day", "no last day"],
    )
    def test_a_day(self, after: str, until: str, message: str) -> None:
        with pytest.raises(DateError, match=message):
            skeleton().evidence_between(after, until)

    def test_a_case_cut_before_the_last_day(self) -> None:
        cut = skeleton().known_on("2024-05-10")
        assert cut.evidence_between("2024-03-05", "2024-05-10") == skeleton().evidence_between(
            "2024-03-05", "2024-05-10"
        )
        with pytest.raises(DateError, match="the case was cut to 2024-05-10 and knows nothing after it"):
            cut.evidence_between("2024-05-01", "2024-05-11")
