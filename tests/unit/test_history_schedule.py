"""Scheduled decisions in the rows of the model, by hand; on the skeleton as of 15 April 2024, or the embedded case.

A term ends in the first minute of the day it names: every law ends the day before, its last whole day.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from math import exp
from typing import Any

import pandas as pd
import pytest
from scipy.stats import binom

from helpers.cases import embedded, skeleton, table, with_spec, with_tables
from vzforecast.case import Case
from vzforecast.history import Gathering, History, build_history
from vzforecast.history.terms import terms
from vzforecast.names import DAYS_PER_MONTH

AS_OF = "2024-04-15"
FERRY = "ferry_permit"
KINDS = {"permit_ends": "onset", "hearing_ends": "recovery", "council_vote": "none"}


def licences(*decisions: Mapping[str, Any]) -> pd.DataFrame:
    given = {"licence": "Dock", "series": "Dock", "administration": "reed1"}
    return table("licences", *({**given, "version": f"v{n}", **decision} for n, decision in enumerate(decisions)))


def renewals(count: int, days: int, left: int, cuts: int = 0) -> pd.DataFrame:
    """Terms of so many days, each decided so many days before the day it names: first those that are cut."""
    rows, issued = [], date(2016, 2, 1)
    for number in range(count + 1):
        decision = "initial" if number == 0 else "narrowed" if number <= cuts else "renewed"
        end = issued + timedelta(days=days)
        rows.append({"issued": str(issued), "decision": decision, "new_expiry": str(end)})
        issued = end - timedelta(days=left)
    return licences(*rows[:-1], rows[-1] | {"decision": "revoked" if cuts == count else "renewed"})


def case_with(decisions: pd.DataFrame, *ends: tuple[str, str, str], changes: Mapping[str, str] | None = None) -> Case:
    """Return the skeleton with licences, ends (kind, published, date) of the ferry's permit, and changes of it."""
    lines = [{"outcome": FERRY, "kind": kind, "published": day, "date": end} for kind, day, end in ends]
    moved = [{"outcome": FERRY, "date": day, "published": day, "to": to} for day, to in (changes or {}).items()]
    edited = with_tables(
        skeleton(), licences=decisions, schedule=table("schedule", *lines), transitions=table("transitions", *moved)
    )
    return with_spec(edited, scheduled={"kinds": KINDS})


def known(case: Case, as_of: str = AS_OF) -> tuple[History, Gathering]:
    history = build_history(case.known_on(as_of))
    assert history.schedule is not None
    return history, history.schedule


def past(history: History, process: str = "permit") -> pd.DataFrame:
    rows = history.rows
    return rows[(rows["process"] == process) & (rows["outcome"] == "")].set_index("row")


def tail(distance: float, days: float, term: float) -> float:
    """Share of what gathers that lies within a distance of the end."""
    return (1.0 - exp(-distance / days)) / (1.0 - exp(-term / days))


class TestReferenceRows:
    def test_three_terms_of_the_embedded_case(self) -> None:
        history, law = known(embedded(), "2025-02-05")
        rows, mean, w, mu = past(history, "licence"), law.mean_term, law.share, law.days
        assert mean is not None
        # GL 5E was renewed after 78 of 104 whole days, so that all that gathers before its end is settled.
        expected = (1 - w) * 78 / DAYS_PER_MONTH + w * mean
        assert rows.loc["licence GL 5 5E trump1", "exposure"] == pytest.approx(expected, rel=1e-12)
        # GL 8 names the 180th day and was narrowed after 129: what would have gathered in the last 50 never came.
        expected = (1 - w) * 129 / DAYS_PER_MONTH + w * mean * (1 - tail(50, mu, 179))
        assert rows.loc["licence GL 8 8 trump1", "exposure"] == pytest.approx(expected, rel=1e-12)
        assert rows.loc["licence GL 8 8 trump1", "events"] == 1
        # GL 8G names the 198th day and was renewed after 196, under the next administration, which came after 64.
        before = (1 - w) * 64 / DAYS_PER_MONTH + w * mean * (1 - tail(133, mu, 197))
        after = (1 - w) * 132 / DAYS_PER_MONTH + w * mean * tail(133, mu, 197)
        assert rows.loc["licence GL 8 8G trump1", "exposure"] == pytest.approx(before, rel=1e-12)
        assert rows.loc["licence GL 8 8G biden", "exposure"] == pytest.approx(after, rel=1e-12)

    def test_a_term_that_rolls_on_or_has_no_end_counts_its_months(self) -> None:
        history, _ = known(embedded(), "2025-02-05")
        months = (date(2025, 1, 20) - date(2022, 11, 26)).days / DAYS_PER_MONTH
        rows = past(history, "licence")
        assert rows.loc[rows.index.str.startswith("licence GL 41 "), "exposure"].sum() == pytest.approx(months)
        assert rows.loc["licence GL 42 42 biden", "exposure"] == pytest.approx(630 / DAYS_PER_MONTH)

    @pytest.mark.parametrize("log_odds", ["-9 to -8.9", "0 to 4", "8.9 to 9"])
    def test_where_all_are_renewed_the_total_is_all_months_whatever_the_share(self, log_odds: str) -> None:
        case = case_with(renewals(12, 150, 9)).with_prior("schedule.log_odds", log_odds)
        history, law = known(case)
        assert law.mean_term == pytest.approx(141 / DAYS_PER_MONTH)
        rows = past(history)
        dock = rows[rows.index.str.startswith("licence Dock") & ~rows.index.str.startswith("licence Dock v12")]
        assert len(dock) == 13  # one of them under two administrations
        assert dock["exposure"].sum() == pytest.approx(12 * 141 / DAYS_PER_MONTH, abs=1e-9)

    def test_losses_a_term_are_those_of_the_law(self) -> None:
        """Forty terms, four cut: the law that runs a whole term at the rate of the rows loses one in ten."""
        history, law = known(case_with(renewals(40, 60, 4, cuts=4)), "2024-04-15")
        rows = past(history)
        decided = rows[rows.index.str.startswith("licence Dock")].iloc[:40]
        assert decided["events"].sum() == 4
        rate = 4 / decided["exposure"].sum()
        assert law.mean_term is not None
        term = (1 - law.share) * 59 / DAYS_PER_MONTH + law.share * law.mean_term
        assert 1 - exp(-rate * term) == pytest.approx(0.1, abs=0.006)
        # Had a renewal counted only until its day, the same record would lose many more.
        unsettled = (1 - law.share) * 56 / DAYS_PER_MONTH + law.share * law.mean_term * (1 - tail(3, law.days, 59))
        assert 1 - exp(-4 / (40 * unsettled) * term) > 0.15

    def test_an_open_term_counts_what_has_come_of_it_so_far(self) -> None:
        decisions = licences({"issued": "2024-03-01", "decision": "initial", "new_expiry": "2024-04-20"})
        history, law = known(case_with(decisions))
        assert law.mean_term is None
        expected = ((1 - law.share) * 45 + law.share * 49 * (1 - tail(4, law.days, 49))) / DAYS_PER_MONTH
        assert past(history).loc["licence Dock v0 marsh1", "exposure"] == pytest.approx(expected)

    def test_what_is_settled_falls_to_whoever_settled_it_even_on_the_first_day(self) -> None:
        decisions = licences(
            {"issued": "2019-12-01", "decision": "initial", "new_expiry": "2020-01-10"},
            {"issued": "2020-01-01", "decision": "renewed", "new_expiry": "", "administration": "marsh1"},
        )
        history, law = known(case_with(decisions))
        rows = past(history)["exposure"]
        settled = law.share * 31 / DAYS_PER_MONTH * tail(8, law.days, 39)
        assert rows["licence Dock v0 marsh1"] == pytest.approx(settled)
        assert rows["licence Dock v0 reed1"] + settled == pytest.approx(31 / DAYS_PER_MONTH)


class TestTiming:
    """What teaches how decisions gather: those that ended a term of known end, on the day it names at the latest."""

    GRANT: Mapping[str, Any] = {"issued": "2019-01-01", "decision": "initial", "new_expiry": "2019-07-01"}

    def law(self, *decisions: Mapping[str, Any]) -> Gathering:
        return known(case_with(licences(*decisions)))[1]

    def test_without_decisions_it_is_the_prior(self) -> None:
        law = self.law(self.GRANT)
        assert (law.decisions, law.mean_term) == (0, None)
        assert law.days == pytest.approx(case_with(licences()).prior_specs["schedule.days"].mean, rel=1e-3)
        # The mean of the logistic of a normal with 5 % and 95 % points at 0 and 4, by scipy's quad.
        assert law.share == pytest.approx(0.8300389815, abs=1e-7)

    @pytest.mark.parametrize("decision", ["renewed", "widened", "replaced", "narrowed", "winddown", "revoked"])
    @pytest.mark.parametrize(("issued", "days"), [("2019-06-28", 178), ("2019-06-30", 180), ("2019-07-01", 180)])
    def test_any_decision_teaches(self, decision: str, issued: str, days: int) -> None:
        law = self.law(self.GRANT, {"issued": issued, "decision": decision})
        assert (law.decisions, law.mean_term) == (1, pytest.approx(days / DAYS_PER_MONTH))
        assert law.share > 0.85

    @pytest.mark.parametrize("decision", ["renewed", "lapsed"])
    def test_a_decision_on_the_named_day_counts_on_the_last_whole_day(self, decision: str) -> None:
        on_it, before = (
            self.law(self.GRANT, {"issued": f"2019-{day}", "decision": decision}) for day in ("07-01", "06-30")
        )
        assert on_it == before

    def test_a_late_renewal_teaches_nothing_and_a_late_record_of_a_lapse_counts_on_the_last_whole_day(self) -> None:
        assert self.law(self.GRANT, {"issued": "2019-07-02", "decision": "renewed"}).decisions == 0
        late = self.law(self.GRANT, {"issued": "2019-07-03", "decision": "lapsed"})
        assert late == self.law(self.GRANT, {"issued": "2019-06-30", "decision": "lapsed"})

    @pytest.mark.parametrize("end", ["2019-01-01", "2019-01-02"])
    @pytest.mark.parametrize(("decision", "events"), [("renewed", 0), ("lapsed", 1)])
    def test_a_term_without_a_whole_day_has_nothing_to_gather(self, end: str, decision: str, events: int) -> None:
        decisions = licences(self.GRANT | {"new_expiry": end}, {"issued": end, "decision": decision, "new_expiry": ""})
        history, law = known(case_with(decisions))
        assert (law.decisions, law.mean_term) == (0, None)
        rows = past(history)
        own = rows[rows.index.str.startswith("licence Dock v0")]
        # A loss on the day of the grant had half a day; what had none has no row.
        assert list(zip(own["exposure"], own["events"], strict=True)) == [(0.5 / DAYS_PER_MONTH, 1)] * events

    @pytest.mark.parametrize(
        "grant", [{"new_expiry": ""}, {"self_renewing": 1}, {"decision": "winddown"}, {"new_expiry": "2019-01-01"}]
    )
    def test_terms_that_have_no_end_to_wait_for_teach_nothing(self, grant: Mapping[str, Any]) -> None:
        assert self.law(self.GRANT | grant, {"issued": "2019-06-28", "decision": "renewed"}).decisions == 0

    def test_an_outcomes_own_history_teaches_nothing(self) -> None:
        own = {"issued": "2019-06-28", "decision": "renewed", "own_history_of": FERRY}
        assert self.law(self.GRANT, own).decisions == 0

    def test_early_decisions_lower_the_share_and_the_record_of_licences_raises_it(self) -> None:
        early = renewals(20, 150, 90).iloc[:-1]
        assert known(case_with(early))[1].share < 0.5
        assert known(embedded(), "2025-02-05")[1].share > 0.8

    def test_a_case_that_declares_nothing_scheduled_has_none(self) -> None:
        history = build_history(embedded().without_schedule().known_on("2025-03-31"))
        assert history.schedule is None
        assert history.scheduled == ()


class TestOutcomeRows:
    """The ferry's permit is of the class that teaches the timing; its recovery is of another."""

    PAST = renewals(6, 100, 2).iloc[:-1]

    def exposure(self, case: Case, as_of: str = AS_OF) -> dict[tuple[str, str], float]:
        rows = build_history(case.known_on(as_of)).rows
        own = rows[rows["outcome"] == FERRY]
        return {(row.transition, row.row[-10:]): row.exposure * DAYS_PER_MONTH for row in own.itertuples()}

    def test_an_end_governs_from_its_publication_with_the_mean_term_of_its_class(self) -> None:
        case = case_with(self.PAST, ("permit_ends", "2024-04-05", "2024-04-25"))
        history, law = known(case)
        assert law.mean_term == pytest.approx(98 / DAYS_PER_MONTH)
        governed = (1 - law.share) * 10 + law.share * 98 * (1 - tail(9, law.days, 19))
        assert self.exposure(case)["onset", "2024-04-15"] == pytest.approx(5 + governed)
        assert self.exposure(case)["onset", "2024-03-31"] == pytest.approx(31)
        (ahead,) = history.scheduled
        assert (ahead.outcome, ahead.transition, ahead.end) == (FERRY, "onset", date(2024, 4, 24))
        assert (ahead.term_days, ahead.mean_days) == (19, pytest.approx(98))

    def test_an_end_of_another_class_counts_its_own_length(self) -> None:
        case = case_with(self.PAST, ("hearing_ends", "2024-03-20", "2024-04-09"), changes={"2024-03-20": "withdrawn"})
        _, law = known(case)
        found = self.exposure(case)
        first = (1 - law.share) * 11 + law.share * 19 * (1 - tail(8, law.days, 19))
        assert found["recovery", "2024-03-31"] == pytest.approx(first)
        assert found["recovery", "2024-03-31"] + found["recovery", "2024-04-15"] == pytest.approx(26)
        assert build_history(case.known_on(AS_OF)).scheduled == ()
        assert build_history(case.known_on("2024-04-08")).scheduled == ()
        assert build_history(case.known_on("2024-04-07")).scheduled[0].mean_days == 19

    def test_an_extension_replaces_the_end_before_it_from_its_publication(self) -> None:
        ends = [("hearing_ends", "2024-04-01", "2024-04-11"), ("hearing_ends", "2024-04-06", "2024-05-16")]
        case = case_with(self.PAST, *ends, changes={"2024-04-01": "withdrawn"})
        _, law = known(case)
        w, mu = law.share, law.days
        first = (1 - w) * 5 + w * 9 * (1 - tail(4, mu, 9))
        then = (1 - w) * 9 + w * 39 * (1 - tail(30, mu, 39))
        assert self.exposure(case)["recovery", "2024-04-15"] == pytest.approx(first + then)
        assert [law.end for law in build_history(case.known_on("2024-04-05")).scheduled] == [date(2024, 4, 10)]
        assert [law.end for law in build_history(case.known_on("2024-04-06")).scheduled] == [date(2024, 5, 15)]

    def test_a_change_of_state_ends_it(self) -> None:
        changes = {"2024-04-05": "withdrawn", "2024-04-08": "in_force"}
        case = case_with(self.PAST, ("permit_ends", "2024-04-01", "2024-04-30"), changes=changes)
        found = self.exposure(case)
        assert found["onset", "2024-04-05"] < 4.0
        assert found["recovery", "2024-04-08"] == pytest.approx(3)
        assert found["onset", "2024-04-15"] == pytest.approx(7)
        assert build_history(case.known_on(AS_OF)).scheduled == ()

    @pytest.mark.parametrize(
        "end",
        [
            ("council_vote", "2024-04-01", "2024-04-20"),
            ("permit_ends", "2024-04-02", "2024-04-02"),
            ("permit_ends", "2024-04-02", "2024-04-03"),
        ],
    )
    def test_a_day_that_is_only_listed_or_known_on_the_last_whole_day_changes_nothing(
        self, end: tuple[str, str, str]
    ) -> None:
        case = case_with(self.PAST, end)
        assert self.exposure(case) == self.exposure(case_with(self.PAST))
        assert build_history(case.known_on("2024-04-01")).scheduled == ()

    def test_an_end_of_the_other_hazard_changes_nothing(self) -> None:
        case = case_with(self.PAST, ("hearing_ends", "2024-04-01", "2024-04-20"))
        assert self.exposure(case) == self.exposure(case_with(self.PAST))


class TestEmbedded:
    @pytest.mark.parametrize(
        ("as_of", "end"),
        [("2025-02-05", ""), ("2025-03-04", "2025-04-02"), ("2025-03-23", "2025-04-02"), ("2025-03-24", "2025-05-26"),
         ("2025-05-25", "2025-05-26"), ("2025-05-26", ""), ("2025-05-27", ""), ("2025-08-31", "")],
    )  # fmt: skip
    def test_the_end_ahead(self, as_of: str, end: str) -> None:
        scheduled = build_history(embedded().known_on(as_of)).scheduled
        assert [str(law.end) for law in scheduled] == ([end] if end else [])
        assert all((law.outcome, law.transition) == ("chevron_licence", "recovery") for law in scheduled)

    @pytest.mark.parametrize("days", [1, 3, 7])
    def test_decisions_lie_in_the_last_days_as_often_as_the_law_has_it(self, days: int) -> None:
        """Of 42 decisions; with terms that end a day later only one would lie in the last day, where 7.5 belong."""
        case, as_of = embedded().known_on("2025-08-31"), date(2025, 8, 31)
        law = build_history(case).schedule
        assert law is not None
        past = [(one, law.over(one)) for one in terms(case, "licence", as_of) if one.decided]
        laws = [(over.end - one.end, over) for one, over in past if over is not None]
        assert len(laws) == law.decisions == 42
        chances = [
            (1 - law.share) * days / over.term_days + law.share * tail(days, law.days, over.term_days)
            for _, over in laws
        ]
        lower, upper = binom.interval(0.99, len(laws), sum(chances) / len(laws))
        # A decision that was taken so many days before the last whole one lies in the day that begins there.
        assert lower <= sum(left < timedelta(days=days) for left, _ in laws) <= upper

    def test_the_end_of_may_is_unknown_before_it_is_published(self) -> None:
        without = embedded().tables["schedule"]
        without = without[without["date"] != pd.Timestamp("2025-05-27")]
        for as_of, same in (("2025-03-23", True), ("2025-03-26", False)):
            rows = build_history(embedded().known_on(as_of)).rows
            cut = build_history(with_tables(embedded(), schedule=without).known_on(as_of)).rows
            assert (rows["exposure"].tolist() == cut["exposure"].tolist()) is same

    def test_without_the_schedule_the_case_is_sound(self) -> None:
        case = embedded().without_schedule()
        case.validate()
        assert "schedule.csv" not in case.to_payload()
        assert '"scheduled"' not in case.to_payload()["case.json"]
        assert Case.from_payload(case.to_payload()) == case
