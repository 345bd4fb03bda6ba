"""Evidence added to a case: the row that each kind becomes, the day it moves to, and every fault word for word."""

import itertools
import tomllib
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from helpers.cases import RESCUE, embedded, skeleton, with_recurrent, with_tables
from helpers.evidence import item
from vzforecast.case import Case
from vzforecast.case.csvfile import read_table, write_table
from vzforecast.case.tables import TABLES
from vzforecast.errors import CaseError, DateError, EvidenceError
from vzforecast.evidence import KINDS, Evidence, parse_item
from vzforecast.inputs.dates import DateLike

DAY = "2024-06-20"
ADDED: Final[list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("added_faults.toml").read_text(encoding="utf-8")
)["add"]
PROMISE: dict[str, Any] = {
    "commitment": "new",
    "agreement": "truce_2021",
    "kind": "fishing",
    "form": "flow",
    "regime_threat": 1,
    "relief_at_stake": "none",
}


def known(day: str = "2024-06-15") -> Case:
    return skeleton().known_on(day)


def make(kind: str, item_id: str = "x", /, **fields: Any) -> Evidence:
    return item(kind, id=item_id, **{"date": DAY, "published": DAY, **fields})


def changed_rows(before: Case, after: Case) -> dict[str, list[dict[str, str]]]:
    """Return the rows of the later case that the earlier one has not, without their blank cells, by table."""
    found = {}
    for name, schema in TABLES.items():
        old, new = (write_table(schema, case.tables[name]).splitlines() for case in (before, after))
        rows = [row for row in read_rows(name, new) if row not in read_rows(name, old)]
        if rows:
            found[name] = rows
    return found


def read_rows(name: str, lines: list[str]) -> list[dict[str, str]]:
    frame = read_table(TABLES[name], "\n".join(lines)).frame
    assert frame is not None
    shown = [
        {str(column): str(cell).removesuffix(" 00:00:00") for column, cell in row.items()} for row in records(frame)
    ]
    return [{column: cell for column, cell in row.items() if cell not in ("", "NaT", "nan")} for row in shown]


def records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


class TestRows:
    def test_signal(self) -> None:
        before = known()
        made = make("signal", date="2024-06-18", outcome="ferry_permit", lean="active", episode="e", headline="A,\nB")
        assert changed_rows(before, before.with_evidence([made])) == {
            "news": [
                {
                    "id": "x",
                    "date": "2024-06-18",
                    "published": DAY,
                    "headline": "A,\nB",
                    "kind": "statement",
                    "faction": "wardens",
                    "strength": "2",
                    "is_decision": "0",
                    "bears_on": "ferry_permit",
                    "direction": "neutral",
                    "outcome": "ferry_permit",
                    "lean": "active",
                    "episode": "e",
                    "coding_reason": "added as evidence",
                    "source": "not given",
                    "confidence": "low",
                }
            ]
        }

    @pytest.mark.parametrize(
        ("fields", "headline"),
        [
            ({"kind": "decision"}, "decision, favours wardens"),
            (
                {"faction": None, "outcome": "ferry_permit", "lean": "rest"},
                "statement, ferry_permit leaning to rest",
            ),
        ],
        ids=["faction", "lean"],
    )
    def test_signal_without_a_headline(self, fields: dict[str, Any], headline: str) -> None:
        row = known().with_evidence([make("signal", **fields)]).tables["news"].iloc[-1]
        assert row["headline"] == headline
        assert row["faction"] == ("none" if "outcome" in fields else "wardens")
        assert row["is_decision"] == (fields.get("kind") == "decision")
        assert row["bears_on"] == fields.get("outcome", "several")

    def test_transition(self) -> None:
        before = known()
        made = make("transition", to="held", date="2024-06-19", episode="unheard_of", confidence="high", note="Home")
        assert changed_rows(before, before.with_evidence([made])) == {
            "transitions": [
                {
                    "outcome": "fishing_truce",
                    "date": "2024-06-19",
                    "published": DAY,
                    "to": "held",
                    "episode": "unheard_of",
                    "confidence": "high",
                    "note": "Home",
                }
            ]
        }

    def test_result_of_a_promise(self) -> None:
        before = known()
        old = before.tables["commitments"].iloc[-1]
        made = make("commitment_resolved", first_breach="2024-06-10", source="s", confidence="high", note="later")
        ((name, (row,)),) = changed_rows(before, before.with_evidence([made])).items()
        assert name == "commitments"
        assert (row["commitment_id"], row["result"], row["resolved_on"]) == ("tr24_seizures", "broken", DAY)
        assert (row["first_breach"], row["days_to_breach"]) == ("2024-06-10", "101.0")
        assert (row["source"], row["note"]) == (old["source"], old["note"] or "later")

    @pytest.mark.parametrize("result", ["kept", "partial", "unresolved"])
    def test_result_without_a_breach(self, result: str) -> None:
        described = {"agreement": "truce_2024", "kind": "fishing", "regime_threat": 0, "signed": "2024-03-01"}
        made = make("commitment_resolved", result=result, **described)
        row = known().with_evidence([made]).tables["commitments"].iloc[-1]
        assert row["result"] == result
        assert row[["first_breach", "days_to_breach"]].isna().all()

    def test_promise_of_a_known_agreement(self) -> None:
        before = known()
        made = make("commitment_resolved", **PROMISE, first_breach="2021-03-31", own_history_of="fishing_truce")
        assert changed_rows(before, before.with_evidence([made])) == {
            "commitments": [
                {
                    "agreement_id": "truce_2021",
                    "commitment_id": "new",
                    "description": "new",
                    "kind": "fishing",
                    "form": "flow",
                    "form_reason": "added as evidence",
                    "regime_threat": "1",
                    "verifiable": "1",
                    "result": "broken",
                    "first_breach": "2021-03-31",
                    "resolved_on": DAY,
                    "days_to_breach": "30.0",
                    "relief_at_stake": "none",
                    "own_history_of": "fishing_truce",
                    "source": "not given",
                    "confidence": "low",
                }
            ]
        }

    def test_promises_of_a_new_agreement(self) -> None:
        before = known()
        fields = PROMISE | {"agreement": "truce_2025", "signed": "2024-06-01", "relief_at_stake": "major"}
        items = [make("commitment_resolved", name, **(fields | {"commitment": name})) for name in ("b", "a")]
        rows = changed_rows(before, before.with_evidence(items))
        assert [row["commitment_id"] for row in rows["commitments"]] == ["a", "b"]
        assert rows["agreements"] == [
            {
                "agreement_id": "truce_2025",
                "name": "truce_2025",
                "signed": "2024-06-01",
                "published": DAY,
                "counterpart": "not given",
                "mediator": "not given",
                "domain": "not given",
                "relief_offered": "major",
                "summary": "added as evidence",
                "source": "not given",
                "confidence": "low",
            }
        ]

    def test_an_agreement_that_was_public_at_once(self) -> None:
        made = make("commitment_resolved", **(PROMISE | {"agreement": "truce_2025", "signed": DAY}))
        row = known().with_evidence([made]).tables["agreements"].iloc[-1]
        assert row["signed"] == pd.Timestamp(DAY)
        assert pd.isna(row["published"])

    def test_decision_on_a_known_licence(self) -> None:
        before = known()
        made = make("licence_decision", new_expiry="2026-01-01", self_renewing=True, scope="North quay")
        assert changed_rows(before, before.with_evidence([made])) == {
            "licences": [
                {
                    "licence": "Ferry",
                    "series": "Ferry",
                    "version": "x",
                    "issued": DAY,
                    "prev_expiry": "2025-01-01",
                    "new_expiry": "2026-01-01",
                    "decision": "renewed",
                    "scope": "North quay",
                    "administration": "marsh1",
                    "days_before_expiry": "195.0",
                    "self_renewing": "1",
                    "source": "not given",
                    "confidence": "low",
                }
            ]
        }

    def test_decisions_follow_each_other(self) -> None:
        items = [
            make("licence_decision", "b", date="2024-06-19", decision="narrowed", new_expiry="2024-07-01", version="5"),
            make("licence_decision", "a", decision="lapsed"),
            make("licence_decision", "c", date="2022-12-20", decision="replaced", own_history_of="ferry_permit"),
        ]
        rows = known().with_evidence(items).tables["licences"].iloc[-3:].set_index("version")
        assert rows["prev_expiry"].astype(str).to_dict() == {"c": "2023-01-01", "5": "2025-01-01", "a": "2024-07-01"}
        assert rows["days_before_expiry"].to_dict() == {"c": 12, "5": 196, "a": 11}
        assert rows["own_history_of"].to_dict() == {"c": "ferry_permit", "5": "", "a": ""}

    @pytest.mark.parametrize(
        ("fields", "series"),
        [({"decision": "initial"}, "Sand"), ({"series": "Sand and gravel"}, "Sand and gravel")],
        ids=["initial", "series given"],
    )
    def test_decision_on_a_new_licence(self, fields: dict[str, Any], series: str) -> None:
        row = known().with_evidence([make("licence_decision", licence="Sand", **fields)]).tables["licences"].iloc[-1]
        assert row["series"] == series
        assert row[["prev_expiry", "days_before_expiry"]].isna().all()

    def test_action(self) -> None:
        before = known()
        made = make("action", "y", date="2019-05-01", sectoral=True, own_history_of="ferry_permit")
        assert changed_rows(before, before.with_evidence([made])) == {
            "actions": [
                {
                    "date": "2019-05-01",
                    "administration": "reed1",
                    "direction": "ease",
                    "kind": "dues",
                    "sectoral": "1",
                    "severity": "2",
                    "instrument": "not given",
                    "description": "ease by dues (y)",
                    "own_history_of": "ferry_permit",
                    "source": "not given",
                    "confidence": "low",
                }
            ]
        }

    def test_actions_of_one_day_are_told_apart(self) -> None:
        items = [make("action", name) for name in "ab"]
        assert len(known().with_evidence(items).tables["actions"]) == 5

    def test_appointment_of_someone_in_post(self) -> None:
        before = known()
        old = {"actor": "Cora Vane", "faction": "traders", "role": "Head of the guild", "confidence": "judgement"}
        old |= {"from": "2022-05-01", "office": "40.0", "proximity": "70.0", "salience": "80.0"}
        new = old | {"from": DAY, "office": "30.0", "proximity": "60.5", "salience": "70.0", "confidence": "low"}
        made = make("appointment", proximity=60.5)
        rows = changed_rows(before, before.with_evidence([made]))
        assert rows == {"actors": [old | {"to": DAY, "note": "Dines with the governor"}, new]}

    def test_appointment_of_someone_new(self) -> None:
        made = make("appointment", actor="Dan Reef", faction="traders", role="Harbour master", note="Young")
        case = known().with_evidence([made])
        row = case.tables["actors"].iloc[-1]
        assert (row["faction"], row["role"], row["note"]) == ("traders", "Harbour master", "Young")
        assert case.tables["actors"]["to"].isna().tolist() == [False, True, True, True]

    def test_someone_who_left_comes_back_to_the_old_faction(self) -> None:
        row = known().with_evidence([make("appointment", actor="Ada Flint")]).tables["actors"].iloc[-1]
        assert (row["faction"], row["role"]) == ("wardens", "not given")

    def test_departure(self) -> None:
        """Another of the faction must be in post by then."""
        items = [make("departure", "a"), make("appointment", "b", actor="Dan Reef", faction="traders")]
        actors = known().with_evidence(items).tables["actors"].set_index("actor")
        assert actors.loc["Cora Vane", "to"] == actors.loc["Dan Reef", "from"] == pd.Timestamp(DAY)

    def test_day_ahead(self) -> None:
        before = known()
        made = make("scheduled_decision", date="2024-06-19", confidence="high", source="s", note="As announced")
        assert changed_rows(before, before.with_evidence([made])) == {
            "schedule": [
                {
                    "outcome": "ferry_permit",
                    "date": "2024-07-31",
                    "kind": "permit_ends",
                    "published": DAY,
                    "source": "s",
                    "confidence": "high",
                    "note": "As announced",
                }
            ]
        }

    @pytest.mark.parametrize("due", ["2024-06-20", "2030-01-01"], ids=["of its own day", "after the horizon"])
    def test_any_day_that_is_not_past_can_be_ahead(self, due: str) -> None:
        row = known().with_evidence([make("scheduled_decision", due=due)]).tables["schedule"].iloc[-1]
        assert row[["date", "published"]].tolist() == [pd.Timestamp(due), pd.Timestamp(DAY)]

    @pytest.mark.parametrize("kind", [kind for kind in KINDS if not KINDS[kind].is_row])
    def test_judgements_are_no_rows(self, kind: str) -> None:
        before = known()
        after = before.with_evidence([make(kind)])
        assert changed_rows(before, after) == {}
        assert str(after.as_of) == DAY


class TestWhole:
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_result_is_a_sound_case(self, kind: str) -> None:
        fields = {"to": "held"} if kind == "transition" else {}
        items = [make(kind, note='Says "no",\ntwice', **fields)]
        if kind == "departure":
            items.append(make("appointment", "y", actor="Dan Reef", faction="traders"))
        case = known().with_evidence(items)
        case.validate()
        again = Case.from_payload(case.to_payload())
        assert again == case
        assert again.as_of == case.as_of
        for name in TABLES:
            pd.testing.assert_frame_equal(again.tables[name], case.tables[name], check_dtype=False)
            assert case.tables[name].index.tolist() == list(range(len(case.tables[name])))

    def test_the_first_case_stays_as_it_was(self) -> None:
        case = known()
        digest, rows = case.digest, {name: len(case.tables[name]) for name in TABLES}
        case.with_evidence([make("signal"), make("commitment_resolved", "y"), make("appointment", "z")])
        assert {name: len(case.tables[name]) for name in TABLES} == rows
        assert Case(case.spec, case.prior_specs, case.tables, as_of=case.as_of).digest == digest

    def test_the_order_given_does_not_count(self) -> None:
        items = [
            make("transition", "a", to="held"),
            make("signal", "b", date="2024-06-19"),
            make("licence_decision", "c", date="2024-06-19", published="2024-06-19"),
            make("licence_decision", "d"),
            make("departure", "e", published="2024-06-30"),
            make("appointment", "f", actor="Dan Reef", faction="traders"),
        ]
        digests = {
            known().with_evidence(order).digest
            for order in itertools.islice(itertools.permutations(items), 0, None, 17)
        }
        assert len(digests) == 1

    def test_a_day_ahead_is_cut_by_the_day_on_which_it_was_published(self) -> None:
        made = make("scheduled_decision", date="2024-06-16", published="2024-06-18", due="2024-07-01")
        case = known().with_evidence([made], as_of=DAY)
        assert [len(case.known_on(day).tables["schedule"]) for day in ("2024-06-17", "2024-06-18")] == [1, 2]

    def test_what_is_added_can_be_cut_away_again(self) -> None:
        case = known().with_evidence([make("signal"), make("transition", "y", to="held")])
        assert len(case.known_on("2024-06-19").tables["news"]) == len(known().tables["news"])
        assert len(case.known_on("2024-06-19").tables["transitions"]) == 1


class TestDay:
    @pytest.mark.parametrize(
        ("published", "as_of", "expected"),
        [
            (["2024-06-20", "2024-06-18"], None, "2024-06-20"),
            (["2024-05-01"], None, "2024-06-15"),
            ([], None, "2024-06-15"),
            ([], "2024-07-01", "2024-07-01"),
            (["2024-06-20"], pd.Timestamp("2024-06-20"), "2024-06-20"),
            (["2024-06-20"], "2024-12-31", "2024-12-31"),
        ],
        ids=["newest", "old news", "nothing", "time alone", "same day", "horizon"],
    )
    def test_as_of(self, published: list[str], as_of: DateLike | None, expected: str) -> None:
        items = [make("signal", day, date=day, published=day) for day in published]
        case = known().with_evidence(items, as_of=as_of)
        assert str(case.as_of) == expected

    @pytest.mark.parametrize(
        ("as_of", "message"),
        [
            (
                "2024-06-14",
                "as-of date 2024-06-14 is before that of the case, 2024-06-15; choose a day from then on",
            ),
            (
                "2024-06-19",
                (
                    "as-of date 2024-06-19 is before signal x was published, 2024-06-20; "
                    "choose a day from then on, or leave the item out"
                ),
            ),
            (
                "2025-01-01",
                (
                    "as-of date 2025-01-01 is after the horizon of the case, 2024-12-31; "
                    "choose a day from 2024-01-01 to 2024-12-31"
                ),
            ),
            (
                "June",
                "as-of date 'June' is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05",
            ),
        ],
        ids=["before the case", "before the item", "after the horizon", "no day"],
    )
    def test_refused(self, as_of: str, message: str) -> None:
        with pytest.raises(DateError) as caught:
            known().with_evidence([make("signal")], as_of=as_of)
        assert str(caught.value) == message

    def test_news_from_after_the_horizon(self) -> None:
        with pytest.raises(DateError, match="as-of date 2025-02-01 is after the horizon"):
            known().with_evidence([make("signal", published="2025-02-01")])

    def test_a_case_that_was_not_cut(self) -> None:
        with pytest.raises(ValueError, match=r"not cut to a date; call case\.known_on\(date\) first"):
            skeleton().with_evidence([make("signal")])


@pytest.mark.parametrize("added", ADDED, ids=[added["name"] for added in ADDED])
def test_fault_is_reported_word_for_word(added: dict[str, Any]) -> None:
    items = [parse_item(line) for line in added["items"]]
    for order in (items, items[::-1]):
        with pytest.raises(EvidenceError) as caught:
            known().with_evidence(order)
        assert [str(fault) for fault in caught.value.faults] == added["faults"]


def test_a_case_that_declares_nothing_scheduled_takes_no_day_ahead() -> None:
    with pytest.raises(EvidenceError) as caught:
        skeleton().without_schedule().known_on("2024-06-15").with_evidence([make("scheduled_decision")])
    assert [str(fault) for fault in caught.value.faults] == [
        ("scheduled_decision x: kind ('permit_ends'): no kind is declared; add [scheduled] with its kinds to case.toml")
    ]


def test_a_recurrent_outcome_has_no_term_that_could_end() -> None:
    case = with_recurrent().known_on("2024-06-15")
    with pytest.raises(EvidenceError) as caught:
        case.with_evidence([make("scheduled_decision", outcome=RESCUE)])
    assert [str(fault) for fault in caught.value.faults] == [
        (
            f"scheduled_decision x: kind ('permit_ends'): ends a term of {RESCUE}, which is recurrent and has none; "
            'use a kind that is "none"'
        )
    ]
    case.with_evidence([make("scheduled_decision", outcome=RESCUE, kind="council_vote")]).validate()


def test_faults_of_all_items_are_reported_at_once_and_nothing_that_follows_from_them() -> None:
    items = [
        make("transition", "a", to="held", date="2024-05-10"),
        make("transition", "b", to="hold"),
        make("signal", "c", faction="wards"),
        make("departure", "d", actor="Ben Holm"),
        make("market_quote", "e", event="never"),
    ]
    with pytest.raises(EvidenceError) as caught:
        known().with_evidence(items)
    assert {fault.file: fault.place for fault in caught.value.faults} == {
        "transition a": "date",
        "transition b": "to",
        "signal c": "faction",
        "departure d": "actor",
        "market_quote e": "event",
    }


def test_what_is_no_evidence_is_refused() -> None:
    with pytest.raises(EvidenceError, match=r"item 2: type \('dict'\): no kind of evidence"):
        known().with_evidence([make("signal"), {"type": "signal"}])  # type: ignore[list-item]
    with pytest.raises(EvidenceError, match="signal x: items: one item where a list of items belongs"):
        known().with_evidence(make("signal"))  # type: ignore[arg-type]


def test_faults_of_the_case_itself_are_not_put_on_the_items() -> None:
    case = with_tables(known(), transitions=known().tables["transitions"].assign(to="held"))
    with pytest.raises(CaseError, match=r"transitions\.csv: row 2, column to \('held'\): the state that"):
        case.with_evidence([make("transition", to="broken")])


def test_a_coding_of_the_embedded_case_can_be_added() -> None:
    made = item("signal", date="2025-02-26", faction="hardliners", outcome="chevron_licence", lean="active", strength=3)
    case = embedded().known_on("2025-02-05").with_evidence([made], as_of="2025-03-01")
    case.validate()
    assert case.tables["news"]["id"].tolist()[-1] == "x"
