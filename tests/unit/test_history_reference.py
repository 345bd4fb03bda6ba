"""Reference rows, by hand: what happened before as exposure and events. All on the skeleton, as of 15 April 2024."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest

from helpers.cases import skeleton, table, with_groups, with_spec, with_tables
from vzforecast.case import Case
from vzforecast.history import build_history
from vzforecast.names import DAYS_PER_MONTH

AS_OF = "2024-04-15"
HALF_A_DAY = 0.5 / DAYS_PER_MONTH
ROWS = ["row", "members", "exposure", "events"]


def months(start: str, end: str) -> float:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days / 30.4375


def rows_of(case: Case, process: str, as_of: str = AS_OF) -> pd.DataFrame:
    rows = build_history(case.known_on(as_of)).rows
    return rows[(rows["process"] == process) & (rows["outcome"] == "")].reset_index(drop=True)


def exposure_and_events(rows: pd.DataFrame) -> dict[str, tuple[float, float]]:
    return {row.row: (pytest.approx(row.exposure), row.events) for row in rows.itertuples()}


class TestCommitments:
    @staticmethod
    def case(*promises: Mapping[str, Any], partial: str = "as_broken") -> Case:
        signed = {"agreement_id": "pact", "signed": "2024-01-01", "relief_offered": "minor"}
        filled = [{"agreement_id": "pact", "commitment_id": f"c{n}", "kind": "k", **p} for n, p in enumerate(promises)]
        agreements = pd.concat([skeleton().tables["agreements"], table("agreements", signed)], ignore_index=True)
        edited = with_tables(skeleton(), agreements=agreements, commitments=table("commitments", *filled))
        return edited.with_partial(partial)

    def rows(self, form: str, *promises: Mapping[str, Any], partial: str = "as_broken") -> dict[str, Any]:
        case = self.case(*({"form": form, **promise} for promise in promises), partial=partial)
        return exposure_and_events(rows_of(case, f"promise_{form}"))

    @pytest.mark.parametrize(
        ("result", "partial", "events"),
        [
            ("kept", "as_broken", 0.0),
            ("broken", "as_kept", 1.0),
            ("partial", "as_broken", 1.0),
            ("partial", "as_kept", 0.0),
            ("partial", "half", 0.5),
        ],
    )
    def test_a_one_off_is_one_promise(self, result: str, partial: str, events: float) -> None:
        promise = {"result": result, "resolved_on": "2024-03-01"}
        assert self.rows("one_off", promise, partial=partial) == {"commitment c0": (1.0, events)}

    def test_an_open_or_unresolved_one_off_says_nothing(self) -> None:
        later = {"result": "broken", "resolved_on": "2024-04-16", "first_breach": "2024-04-16", "days_to_breach": 106}
        assert self.rows("one_off", {"result": ""}, {"result": "unresolved"}, later) == {}

    def test_an_open_duty_runs_from_signature_to_the_day(self) -> None:
        assert self.rows("flow", {"result": ""}) == {"commitment c0": (months("2024-01-01", AS_OF), 0.0)}

    def test_a_kept_duty_ends_when_it_is_resolved(self) -> None:
        promise = {"result": "kept", "resolved_on": "2024-03-01"}
        assert self.rows("flow", promise) == {"commitment c0": (months("2024-01-01", "2024-03-01"), 0.0)}

    def test_a_broken_duty_ends_with_its_first_breach(self) -> None:
        promise = {"result": "broken", "first_breach": "2024-02-01", "resolved_on": "2024-03-01", "days_to_breach": 31}
        assert self.rows("flow", promise) == {"commitment c0": (months("2024-01-01", "2024-02-01"), 1.0)}

    def test_broken_without_a_breach_date_is_broken_when_that_was_clear(self) -> None:
        promise = {"result": "broken", "resolved_on": "2024-03-01"}
        assert self.rows("flow", promise) == {"commitment c0": (months("2024-01-01", "2024-03-01"), 1.0)}

    def test_broken_without_any_date_is_broken_at_the_end_of_what_is_known(self) -> None:
        assert self.rows("flow", {"result": "broken"}) == {"commitment c0": (months("2024-01-01", AS_OF), 1.0)}

    @pytest.mark.parametrize(
        ("partial", "end", "events"),
        [("as_broken", "2024-02-01", 1.0), ("half", "2024-02-01", 0.5), ("as_kept", "2024-03-01", 0.0)],
    )
    def test_a_partly_kept_duty_ends_with_its_breach_only_if_that_counts(
        self, partial: str, end: str, events: float
    ) -> None:
        promise = {"result": "partial", "first_breach": "2024-02-01", "resolved_on": "2024-03-01", "days_to_breach": 31}
        found = self.rows("flow", promise, partial=partial)
        assert found == {"commitment c0": (months("2024-01-01", end), events)}

    def test_a_breach_on_the_day_of_signature_had_half_a_day(self) -> None:
        promise = {"result": "broken", "first_breach": "2024-01-01", "resolved_on": "2024-01-01", "days_to_breach": 0}
        assert self.rows("flow", promise) == {"commitment c0": (HALF_A_DAY, 1.0)}

    def test_a_breach_on_the_as_of_day_counts(self) -> None:
        promise = {"result": "broken", "first_breach": AS_OF, "resolved_on": AS_OF, "days_to_breach": 105}
        assert self.rows("flow", promise) == {"commitment c0": (months("2024-01-01", AS_OF), 1.0)}

    def test_unresolved_duties_and_an_outcomes_own_history_are_left_out(self) -> None:
        own = {"result": "broken", "resolved_on": "2024-03-01", "own_history_of": "fishing_truce"}
        assert self.rows("flow", {"result": "unresolved"}, own) == {}

    def test_members_and_centred_codes(self) -> None:
        promises = [
            {"form": "flow", "kind": "fishing", "regime_threat": threat, "relief_at_stake": relief}
            for threat, relief in ((0, "none"), (1, "minor"), (2, "major"))
        ]
        rows = rows_of(self.case(*promises), "promise_flow")
        assert rows["members"].tolist() == [("promise.kind:fishing", "promise.agreement:pact")] * 3
        assert rows["covariates"].tolist() == [
            {"regime_threat": code, "relief_at_stake": code} for code in (-1.0, 0.0, 1.0)
        ]

    def test_forms_do_not_mix(self) -> None:
        case = self.case({"form": "flow"}, {"form": "one_off", "result": "kept", "resolved_on": "2024-02-01"})
        assert rows_of(case, "promise_flow")["row"].tolist() == ["commitment c0"]
        assert rows_of(case, "promise_one_off")["row"].tolist() == ["commitment c1"]


class TestLicences:
    """Administrations: reed1 from 2016, marsh1 from 2020; the outcome ferry_permit takes over "Ferry" on 2024-01-01.

    A term runs to the last whole day before the day that it names.
    """

    @staticmethod
    def rows(*decisions: tuple[str, str, str] | Mapping[str, Any], as_of: str = AS_OF) -> dict[str, Any]:
        filled = []
        for n, decision in enumerate(decisions):
            cells = decision if isinstance(decision, Mapping) else dict(zip(KEYS, decision, strict=True))
            licence = {"licence": "Dock", "series": "Dock", "version": f"v{n}", "administration": "marsh1"}
            filled.append({**licence, **cells})
        case = with_tables(skeleton().without_schedule(), licences=table("licences", *filled))
        return exposure_and_events(rows_of(case, "permit", as_of))

    @pytest.mark.parametrize("decision", ["renewed", "widened", "replaced"])
    def test_a_continued_term_has_no_event(self, decision: str) -> None:
        assert self.rows(("2021-01-01", "initial", ""), ("2021-07-01", decision, "2022-01-01")) == {
            "licence Dock v0 marsh1": (months("2021-01-01", "2021-07-01"), 0),
            "licence Dock v1 marsh1": (months("2021-07-01", "2021-12-31"), 0),
        }

    def test_a_narrowed_term_is_an_event_and_the_next_is_at_risk_again(self) -> None:
        assert self.rows(("2021-01-01", "initial", ""), ("2021-07-01", "narrowed", "2022-01-01")) == {
            "licence Dock v0 marsh1": (months("2021-01-01", "2021-07-01"), 1),
            "licence Dock v1 marsh1": (months("2021-07-01", "2021-12-31"), 0),
        }

    @pytest.mark.parametrize("decision", ["winddown", "revoked", "lapsed"])
    def test_an_ended_term_is_an_event_and_nothing_is_at_risk_until_granted_again(self, decision: str) -> None:
        found = self.rows(
            ("2021-01-01", "initial", ""),
            ("2021-07-01", decision, "2021-09-01"),
            ("2023-04-01", "initial", "2023-05-01"),
        )
        assert found == {
            "licence Dock v0 marsh1": (months("2021-01-01", "2021-07-01"), 1),
            "licence Dock v2 marsh1": (months("2023-04-01", "2023-04-30"), 0),
        }

    def test_a_second_winding_down_is_no_second_event(self) -> None:
        found = self.rows(("2021-01-01", "initial", ""), ("2021-07-01", "winddown", ""), ("2021-08-01", "revoked", ""))
        assert [events for _, events in found.values()] == [1]

    def test_a_term_without_expiry_runs_to_the_day(self) -> None:
        assert self.rows(("2024-03-01", "initial", "")) == {"licence Dock v0 marsh1": (months("2024-03-01", AS_OF), 0)}

    def test_an_expiry_without_a_later_row_ends_the_term_quietly(self) -> None:
        assert self.rows(("2024-01-01", "initial", "2024-02-01")) == {
            "licence Dock v0 marsh1": (months("2024-01-01", "2024-01-31"), 0)
        }

    def test_an_expiry_still_to_come_leaves_it_open(self) -> None:
        assert self.rows(("2024-01-01", "initial", "2024-12-01")) == {
            "licence Dock v0 marsh1": (months("2024-01-01", AS_OF), 0)
        }

    def test_a_self_renewing_term_rolls_on_past_its_expiry(self) -> None:
        decision = {"issued": "2024-01-01", "decision": "initial", "new_expiry": "2024-02-01", "self_renewing": 1}
        assert self.rows(decision) == {"licence Dock v0 marsh1": (months("2024-01-01", AS_OF), 0)}

    def test_nothing_is_at_risk_between_an_expiry_and_the_next_grant(self) -> None:
        found = self.rows(("2021-01-01", "initial", "2021-02-01"), ("2022-01-01", "initial", "2022-02-01"))
        assert found == {
            "licence Dock v0 marsh1": (months("2021-01-01", "2021-01-31"), 0),
            "licence Dock v1 marsh1": (months("2022-01-01", "2022-01-31"), 0),
        }

    @pytest.mark.parametrize("recorded", ["2021-01-31", "2021-02-01", "2021-02-05"])
    def test_a_lapse_recorded_on_the_named_day_or_later_is_an_event_on_the_last_whole_day(self, recorded: str) -> None:
        assert self.rows(("2021-01-01", "initial", "2021-02-01"), (recorded, "lapsed", "")) == {
            "licence Dock v0 marsh1": (months("2021-01-01", "2021-01-31"), 1)
        }

    def test_a_decision_on_the_as_of_day_is_known(self) -> None:
        assert self.rows(("2024-01-01", "initial", ""), (AS_OF, "revoked", "")) == {
            "licence Dock v0 marsh1": (months("2024-01-01", AS_OF), 1)
        }

    def test_a_term_is_cut_where_the_administration_changes(self) -> None:
        assert self.rows(("2019-12-01", "initial", ""), ("2020-02-01", "narrowed", "2020-03-01")) == {
            "licence Dock v0 reed1": (months("2019-12-01", "2020-01-01"), 0),
            "licence Dock v0 marsh1": (months("2020-01-01", "2020-02-01"), 1),
            "licence Dock v1 marsh1": (months("2020-02-01", "2020-02-29"), 0),
        }

    def test_an_event_on_the_day_of_the_change_falls_to_the_new_administration(self) -> None:
        assert self.rows(("2019-12-01", "initial", ""), ("2020-01-01", "revoked", "")) == {
            "licence Dock v0 reed1": (months("2019-12-01", "2020-01-01"), 0),
            "licence Dock v0 marsh1": (HALF_A_DAY, 1),
        }

    def test_terms_before_the_first_administration_are_not_counted(self) -> None:
        assert self.rows(("2015-07-01", "initial", "2016-02-01")) == {
            "licence Dock v0 reed1": (months("2016-01-01", "2016-01-31"), 0)
        }

    def test_the_outcomes_own_series_stops_at_its_start(self) -> None:
        ferry = {"licence": "Ferry", "series": "Ferry"}
        granted = {"issued": "2023-01-01", "decision": "initial", "new_expiry": "2025-01-01", **ferry}
        cut = {"issued": "2024-02-01", "decision": "narrowed", "new_expiry": "", **ferry}
        assert self.rows(granted) == {"licence Ferry v0 marsh1": (months("2023-01-01", "2024-01-01"), 0)}
        assert self.rows(granted, cut) == {"licence Ferry v0 marsh1": (months("2023-01-01", "2024-01-01"), 0)}

    def test_own_history_is_left_out(self) -> None:
        own = {"issued": "2024-02-01", "decision": "revoked", "own_history_of": "ferry_permit"}
        assert self.rows(("2024-01-01", "initial", ""), own) == {
            "licence Dock v0 marsh1": (months("2024-01-01", AS_OF), 0)
        }

    def test_order_of_rows_does_not_matter_and_series_stay_apart(self) -> None:
        rows = [("2021-01-01", "initial", ""), ("2021-07-01", "renewed", ""), ("2022-07-01", "revoked", "")]
        cells = [dict(zip(KEYS, row, strict=True)) | {"version": f"v{n}"} for n, row in enumerate(rows)]
        pier = {
            "series": "Pier",
            "version": "p",
            "issued": "2022-01-01",
            "decision": "initial",
            "new_expiry": "2022-02-01",
        }
        assert self.rows(*cells[::-1], pier) == self.rows(pier, *cells)
        assert self.rows(*cells, pier)["licence Pier p marsh1"] == (months("2022-01-01", "2022-01-31"), 0)

    def test_members(self) -> None:
        rows = rows_of(skeleton(), "permit")
        assert rows["members"].tolist()[-1] == ("permit.series:Salvage", "permit.administration:reed1")


KEYS = ("issued", "decision", "new_expiry")


class TestActions:
    """The process relief: easings, sectoral and of severity 2 or more, or of severity 3, since 2016-01-01."""

    @staticmethod
    def rows(*steps: Mapping[str, Any], as_of: str = AS_OF, **declared: Any) -> dict[str, Any]:
        filled = [{"direction": "ease", "administration": "reed1", "date": "2017-01-01", **step} for step in steps]
        case = with_tables(skeleton(), actions=table("actions", *filled))
        processes = dict(case.spec.processes)
        processes["relief"] = processes["relief"].model_copy(update=declared)
        return exposure_and_events(rows_of(with_spec(case, processes=processes), "relief", as_of))

    REED, MARSH = months("2016-01-01", "2020-01-01"), months("2020-01-01", AS_OF)

    def test_one_row_an_administration_with_all_its_steps(self) -> None:
        found = self.rows({}, {"date": "2019-12-31"}, {"date": "2020-01-01", "administration": "marsh1"})
        assert found == {"relief reed1": (self.REED, 2), "relief marsh1": (self.MARSH, 1)}

    def test_first_steps_end_the_exposure(self) -> None:
        found = self.rows({"date": "2019-12-31"}, {"date": "2018-01-01"}, count="first_steps")
        assert found == {"relief reed1": (months("2016-01-01", "2018-01-01"), 1), "relief marsh1": (self.MARSH, 0)}

    def test_a_first_step_on_the_first_day_had_half_a_day(self) -> None:
        found = self.rows({"date": "2016-01-01"}, count="first_steps")
        assert found["relief reed1"] == (HALF_A_DAY, 1)

    @pytest.mark.parametrize(
        ("severity", "sectoral", "rule", "counts"),
        [
            (1, 1, True, 0),
            (2, 1, True, 1),
            (2, 0, True, 0),
            (3, 0, True, 1),
            (3, 1, True, 1),
            (1, 0, False, 0),
            (2, 0, False, 1),
        ],
    )
    def test_severity_and_scope(self, severity: int, sectoral: int, rule: bool, counts: int) -> None:
        found = self.rows({"severity": severity, "sectoral": sectoral}, sectoral=rule)
        assert found["relief reed1"] == (self.REED, counts)

    def test_least_severity_is_declared(self) -> None:
        assert self.rows({"severity": 2}, min_severity=3)["relief reed1"] == (self.REED, 0)
        assert self.rows({"severity": 1}, min_severity=1)["relief reed1"] == (self.REED, 1)

    def test_the_other_direction_and_an_outcomes_own_history_do_not_count(self) -> None:
        found = self.rows({"direction": "tighten"}, {"own_history_of": "ferry_permit"})
        assert found["relief reed1"] == (self.REED, 0)

    def test_coverage_starts_with_the_table(self) -> None:
        found = self.rows({"date": "2018-05-01"}, since=date(2018, 1, 1))
        assert found["relief reed1"] == (months("2018-01-01", "2020-01-01"), 1)

    def test_an_administration_before_the_table_has_no_row(self) -> None:
        assert list(self.rows(since=date(2021, 1, 1))) == ["relief marsh1"]

    def test_a_step_on_the_as_of_day_is_known(self) -> None:
        today = {"date": AS_OF, "administration": "marsh1"}
        assert self.rows(today)["relief marsh1"] == (self.MARSH, 1)
        assert self.rows(today, count="first_steps")["relief marsh1"] == (self.MARSH, 1)

    def test_the_current_administrations_months_are_the_outcomes_own(self) -> None:
        step = {"date": "2017-01-01", "administration": "reed1", "direction": "ease"}
        case = with_tables(skeleton(), actions=table("actions", step))
        outcome = case.spec.outcomes[0]
        onset = outcome.onset.model_copy(update={"process": "relief", "members": outcome.recovery.members})
        eased = outcome.model_copy(update={"onset": onset, "start": date(2020, 1, 1)})
        case = with_spec(case, outcomes=(eased, *case.spec.outcomes[1:]))
        assert exposure_and_events(rows_of(case, "relief")) == {"relief reed1": (self.REED, 1)}

    def test_members(self) -> None:
        assert rows_of(skeleton(), "relief")["members"].tolist() == [
            ("relief.president:reed", "relief.administration:reed1"),
            ("relief.president:marsh", "relief.administration:marsh1"),
        ]


class TestCounts:
    def test_one_row_a_published_count(self) -> None:
        counts = [
            {"process": "truce_restored", "level": "A", "published": "2024-04-15", "events": 6, "exposure": 40.5},
            {"process": "truce_restored", "level": "B", "published": "2024-04-16", "events": 1, "exposure": 2},
            {"process": "another", "level": "C", "published": "2024-01-01", "events": 1, "exposure": 2},
        ]
        case = with_tables(skeleton(), counts=table("counts", *counts))
        rows = rows_of(case, "truce_restored")[ROWS]
        assert rows.to_dict("records") == [
            {"row": "count A", "members": ("truce_restored.level:A",), "exposure": 40.5, "events": 6}
        ]

    def test_a_count_belongs_to_its_level_and_its_group(self) -> None:
        assert rows_of(with_groups(), "truce_restored")[ROWS].to_dict("records") == [
            {
                "row": "count Seizures 2010 to 2023, South",
                "members": ("truce_restored.level:Seizures 2010 to 2023", "truce_restored.group:South"),
                "exposure": 40,
                "events": 6,
            },
            {
                "row": "count Storm, North",
                "members": ("truce_restored.level:Storm", "truce_restored.group:North"),
                "exposure": 5,
                "events": 2,
            },
        ]

    def test_groups_alone_and_neither_name_the_row(self) -> None:
        counts = [
            {"process": "truce_restored", "group": "South", "published": "2024-04-01", "events": 1, "exposure": 2},
            {"process": "truce_restored", "published": "2024-04-02", "events": 0, "exposure": 3},
        ]
        case = with_tables(skeleton(), counts=table("counts", *counts))
        process = case.spec.processes["truce_restored"].model_copy(update={"groupings": ()})
        outcomes = tuple(
            one.model_copy(update={"recovery": one.recovery.model_copy(update={"members": {}})})
            if one.id == "fishing_truce" and one.recovery
            else one
            for one in case.spec.outcomes
        )
        plain = with_spec(case, processes={**case.spec.processes, "truce_restored": process}, outcomes=outcomes)
        found = rows_of(plain, "truce_restored")
        assert found["row"].tolist() == ["count South", "count truce_restored"]
        assert found["members"].tolist() == [(), ()]
