"""Items of evidence: what each kind holds, what it fills in, and every fault word for word."""

import copy
import datetime as dt
import inspect
import pickle
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from helpers.evidence import LEAST, item
from vzforecast.case.tables import CONFIDENCE, RELIEF, TABLES
from vzforecast.errors import EvidenceError, VzForecastError
from vzforecast.evidence import (
    KINDS,
    Action,
    CommitmentResolved,
    Departure,
    Evidence,
    LicenceDecision,
    Signal,
    check_batch,
    in_order,
)
from vzforecast.names import LEANS

DAY = "2024-04-20"
SIGNAL_KEYS = (
    "id, date, published, headline, source, confidence, note, kind, strength, faction, outcome, lean, episode, actor, "
    "is_decision"
)
ALL_KINDS = (
    "Signal, Transition, CommitmentResolved, LicenceDecision, Action, ScheduledDecision, Appointment, Departure, "
    "LikelihoodJudgement, ProbabilityJudgement, MarketQuote"
)


def faults_of(kind: str, fields: dict[str, Any]) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        KINDS[kind](**fields)
    return [str(fault) for fault in caught.value.faults]


class TestContent:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_is_made_from_little(self, kind: str) -> None:
        made = KINDS[kind](date=DAY, **LEAST[kind])
        assert made.type == kind
        assert made.published == made.date == dt.date(2024, 4, 20)
        assert (made.confidence, made.headline, made.source, made.note) == ("low", "", "", "")
        assert made.is_row is not kind.endswith(("judgement", "quote"))
        assert str(made) == f"{kind} {made.id}"

    @pytest.mark.parametrize("day", [DAY, dt.date(2024, 4, 20), pd.Timestamp(DAY), np.datetime64(DAY)], ids=repr)
    def test_a_day_is_given_in_any_form(self, day: Any) -> None:
        assert Departure(actor="Cora Vane", date=day).date == dt.date(2024, 4, 20)

    def test_numbers_come_from_a_data_frame(self) -> None:
        row = pd.DataFrame({"date": [DAY], "faction": ["wardens"], "strength": [3]}).iloc[0]
        assert Signal(**row).strength == 3  # type: ignore[arg-type]
        assert type(Signal(date=DAY, faction="wardens", strength=np.int64(3)).strength) is int

    def test_none_means_not_given(self) -> None:
        fields = dict.fromkeys(SIGNAL_KEYS.split(", ")) | {"date": DAY, "faction": "wardens"}
        assert Signal(**fields) == Signal(date=DAY, faction="wardens")

    @pytest.mark.parametrize(("kind", "decided"), [("decision", True), ("statement", False)])
    def test_a_decision_is_one_unless_said_otherwise(self, kind: str, decided: bool) -> None:
        assert Signal(date=DAY, faction="wardens", kind=kind).is_decision is decided
        assert Signal(date=DAY, faction="wardens", kind=kind, is_decision=not decided).is_decision is not decided

    def test_text_is_stripped_and_keeps_its_lines(self) -> None:
        made = Departure(actor="  Cora Vane ", date=DAY, note="one\r\ntwo\rthree\n")
        assert (made.actor, made.note) == ("Cora Vane", "one\ntwo\nthree")

    def test_an_item_never_changes(self) -> None:
        made = item("departure")
        with pytest.raises(ValidationError, match="frozen"):
            made.note = "later"

    @pytest.mark.parametrize("kind", KINDS)
    def test_equal_items_are_equal_however_they_were_copied(self, kind: str) -> None:
        made = item(kind)
        for other in (item(kind), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):  # noqa: S301
            assert other == made
            assert hash(other) == hash(made)
        assert item(kind, note="other") != made

    def test_editors_see_every_field(self) -> None:
        parameters = inspect.signature(Signal).parameters
        assert ", ".join(parameters) == SIGNAL_KEYS
        assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}

    def test_code_lists_are_those_of_the_tables(self) -> None:
        def codes(kind: type[Evidence], name: str) -> tuple[str, ...]:
            found = get_args(kind.model_fields[name].annotation)
            return get_args(found[0]) if type(None) in found else found

        assert codes(Evidence, "confidence") == CONFIDENCE
        assert set(codes(Signal, "lean")) == set(LEANS)
        assert codes(LicenceDecision, "decision") == TABLES["licences"].column("decision").codes
        assert codes(CommitmentResolved, "result") == TABLES["commitments"].column("result").codes
        assert codes(CommitmentResolved, "form") == TABLES["commitments"].column("form").codes
        assert codes(CommitmentResolved, "relief_at_stake") == RELIEF
        assert codes(Action, "direction") == TABLES["actions"].column("direction").codes


class TestId:
    def test_it_is_made_from_the_content(self) -> None:
        made = Signal(date=DAY, faction="wardens", note="a")
        assert made.id == "signal-2024-04-20-26bc7ea7"  # the same on every machine: saved files name items by it
        assert Signal(note="a", faction="wardens", date=dt.date(2024, 4, 20), published=DAY, strength=2).id == made.id

    @pytest.mark.parametrize(
        "change", [{"note": "b"}, {"date": "2024-04-19"}, {"published": "2024-04-21"}, {"strength": 3}], ids=str
    )
    def test_other_content_gives_another(self, change: dict[str, Any]) -> None:
        fields = {"date": DAY, "faction": "wardens", "note": "a"}
        assert Signal(**{**fields, **change}).id != Signal(**fields).id

    def test_one_that_is_given_stays(self) -> None:
        assert Signal(id=" leak ", date=DAY, faction="wardens").id == "leak"


FAULTS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "nothing given": (
        "transition",
        {},
        [
            "transition: date: key missing; add it (docs/schema.md explains every key)",
            "transition: outcome: key missing; add it (docs/schema.md explains every key)",
            "transition: to: key missing; add it (docs/schema.md explains every key)",
        ],
    ),
    "all at once": (
        "signal",
        {"id": "leak", "date": "30 April", "strength": 4, "lean": "activ", "factoin": "wardens"},
        [
            "signal leak: date ('30 April'): not a day; write it as YYYY-MM-DD, for example 2025-02-05",
            "signal leak: strength ('4'): out of range; give a value of at most 3",
            (
                "signal leak: lean ('activ'): not one of the valid values; did you mean active? choose one of "
                "active, neither, rest"
            ),
            f"signal leak: factoin: unknown key; did you mean faction? the keys here are {SIGNAL_KEYS}",
        ],
    ),
    "unknown key given as None": (
        "departure",
        {"date": DAY, "actor": "a", "post": None},
        [
            (
                "departure: post: unknown key; the keys here are id, date, published, headline, "
                "source, confidence, note, actor"
            )
        ],
    ),
    "published first": (
        "signal",
        {"id": "leak", "date": DAY, "published": "2024-04-19", "faction": "wardens"},
        [("signal leak: date ('2024-04-20'): dated after its published date, 2024-04-19; correct one of the dates")],
    ),
    "time of day": (
        "signal",
        {"date": pd.Timestamp("2024-04-20 10:00"), "faction": "wardens"},
        ["signal: date ('2024-04-20 10:00:00'): not a day; give the day alone"],
    ),
    "not a time": (
        "signal",
        {"date": pd.NaT, "faction": "wardens"},
        ["signal: date ('NaT'): not a day; give a day as YYYY-MM-DD, a date or a Timestamp"],
    ),
    "no text": (
        "signal",
        {"date": DAY, "faction": 3},
        ["signal: faction ('3'): must be text; put it in quotes"],
    ),
    "empty text": (
        "signal",
        {"date": DAY, "faction": " "},
        ["signal: faction (' '): empty; write something, or leave it out"],
    ),
    "control character": (
        "signal",
        {"date": DAY, "faction": "wardens", "note": "a\x07"},
        ["signal: note ('a\\x07'): holds the control character U+0007; remove it"],
    ),
    "half a character": (
        "signal",
        {"date": DAY, "faction": "wardens", "note": "\ud83d"},
        ["signal: note ('\\ud83d'): not valid text; remove what UTF-8 cannot hold"],
    ),
    "two lines": (
        "signal",
        {"date": DAY, "faction": "war\ndens"},
        ["signal: faction ('war\\ndens'): holds a line break or a tab; write it in one line, with spaces"],
    ),
    "too long": (
        "signal",
        {"date": DAY, "faction": "wardens", "note": "n" * 100_001},
        [f"signal: note ('{'n' * 57}...'): too long; give at most 100000 characters"],
    ),
    "unknown confidence": (
        "signal",
        {"date": DAY, "faction": "wardens", "confidence": "certain"},
        ["signal: confidence ('certain'): not one of the valid values; choose one of high, medium, low"],
    ),
    "says nothing": (
        "signal",
        {"date": DAY},
        ["signal: faction, outcome: says nothing; give faction, or outcome and lean, or all three"],
    ),
    "lean alone": (
        "signal",
        {"date": DAY, "faction": "wardens", "lean": "rest"},
        ["signal: lean ('rest'): given without an outcome; give outcome too, or leave lean out"],
    ),
    "outcome alone": (
        "signal",
        {"date": DAY, "faction": "wardens", "outcome": "ferry_permit"},
        ["signal: lean: missing, though an outcome is given; give lean too, or leave outcome out"],
    ),
    "strength as text": (
        "signal",
        {"date": DAY, "faction": "wardens", "strength": "3"},
        ["signal: strength ('3'): must be a whole number; write it in digits, without quotes"],
    ),
    "flag as number": (
        "signal",
        {"date": DAY, "faction": "wardens", "is_decision": 1},
        ["signal: is_decision ('1'): must be true or false; write true or false, without quotes"],
    ),
    "breach after the result": (
        "commitment_resolved",
        {"date": DAY, "commitment": "c", "result": "broken", "first_breach": "2024-04-21"},
        [
            (
                "commitment_resolved: first_breach ('2024-04-21'): after the day on which the result was clear, "
                "2024-04-20; correct one of the dates"
            )
        ],
    ),
    "breach of a kept promise": (
        "commitment_resolved",
        {"date": DAY, "commitment": "c", "result": "kept", "first_breach": "2024-04-01"},
        [
            (
                "commitment_resolved: first_breach ('2024-04-01'): a breach of a promise that is kept; "
                "correct the result, or leave it out"
            )
        ],
    ),
    "signed after the result": (
        "commitment_resolved",
        {"date": DAY, "commitment": "c", "result": "kept", "signed": "2024-05-01"},
        [
            (
                "commitment_resolved: signed ('2024-05-01'): after the day on which the result was clear, "
                "2024-04-20; correct one of the dates"
            )
        ],
    ),
    "code of a promise": (
        "commitment_resolved",
        {"date": DAY, "commitment": "c", "result": "kpt", "form": "once", "regime_threat": 3, "relief_at_stake": "x"},
        [
            (
                "commitment_resolved: result ('kpt'): not one of the valid values; did you mean kept? "
                "choose one of kept, partial, broken, unresolved"
            ),
            "commitment_resolved: form ('once'): not one of the valid values; choose one of one_off, flow",
            "commitment_resolved: regime_threat ('3'): out of range; give a value of at most 2",
            "commitment_resolved: relief_at_stake ('x'): not one of the valid values; choose one of none, minor, major",
        ],
    ),
    "unknown decision": (
        "licence_decision",
        {"date": DAY, "licence": "Ferry", "decision": "renew"},
        [
            (
                "licence_decision: decision ('renew'): not one of the valid values; did you mean renewed? choose one "
                "of initial, renewed, widened, replaced, narrowed, winddown, revoked, lapsed"
            )
        ],
    ),
    "unknown direction": (
        "action",
        {"date": DAY, "direction": "loosen", "kind": "dues", "severity": 0},
        [
            "action: direction ('loosen'): not one of the valid values; choose one of tighten, ease",
            "action: severity ('0'): out of range; give a value of at least 1",
        ],
    ),
    "day that was past when it was published": (
        "scheduled_decision",
        {"date": DAY, "published": "2024-04-25", "outcome": "o", "kind": "k", "due": "2024-04-24"},
        [
            (
                "scheduled_decision: due ('2024-04-24'): before the day on which it was published, 2024-04-25; "
                "correct one of the dates"
            )
        ],
    ),
    "day ahead that is no day": (
        "scheduled_decision",
        {"date": DAY, "outcome": "o", "due": "May"},
        [
            "scheduled_decision: due ('May'): not a day; write it as YYYY-MM-DD, for example 2025-02-05",
            "scheduled_decision: kind: key missing; add it (docs/schema.md explains every key)",
        ],
    ),
    "scores": (
        "appointment",
        {"date": DAY, "actor": "a", "office": 101, "proximity": -1, "salience": float("nan")},
        [
            "appointment: office ('101'): out of range; give a value of at most 100",
            "appointment: proximity ('-1'): out of range; give a value of at least 0",
            "appointment: salience ('nan'): must be finite; give a finite number",
        ],
    ),
    "ratio zero": (
        "likelihood_judgement",
        {"date": DAY, "event": "e", "ratio": 0.0},
        ["likelihood_judgement: ratio ('0.0'): out of range; give a value above 0"],
    ),
    "ratio infinite": (
        "likelihood_judgement",
        {"date": DAY, "event": "e", "ratio": float("inf")},
        ["likelihood_judgement: ratio ('inf'): must be finite; give a finite number"],
    ),
    "probability 1": (
        "probability_judgement",
        {"date": DAY, "event": "e", "probability": 1},
        ["probability_judgement: probability ('1'): out of range; give a value below 1"],
    ),
    "probability 0": (
        "probability_judgement",
        {"date": DAY, "event": "e", "probability": 0.0},
        ["probability_judgement: probability ('0.0'): out of range; give a value above 0"],
    ),
    "quote": (
        "market_quote",
        {"date": DAY, "event": "e", "probability": 1.0, "weight": 1.5},
        [
            "market_quote: probability ('1.0'): out of range; give a value below 1",
            "market_quote: platform: key missing; add it (docs/schema.md explains every key)",
            "market_quote: weight ('1.5'): out of range; give a value of at most 1",
        ],
    ),
}


@pytest.mark.parametrize(("kind", "fields", "expected"), FAULTS.values(), ids=FAULTS)
def test_fault_is_reported_word_for_word(kind: str, fields: dict[str, Any], expected: list[str]) -> None:
    assert faults_of(kind, fields) == expected


def test_no_message_speaks_of_the_parser() -> None:
    messages = "\n".join(message for _, _, expected in FAULTS.values() for message in expected).lower()
    for jargon in ("pydantic", "literal", "input should", "extra", "validat", "dict", "model"):
        assert jargon not in messages, jargon


def test_the_error_counts_and_lists_the_faults() -> None:
    with pytest.raises(EvidenceError) as caught:
        Departure(id="gone", date=DAY, actor=3, confidence="sure")
    assert isinstance(caught.value, VzForecastError)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == (
        "2 faults in the evidence:\n"
        "  departure gone: confidence ('sure'): not one of the valid values; choose one of high, medium, low\n"
        "  departure gone: actor ('3'): must be text; put it in quotes"
    )


def test_the_base_is_no_kind() -> None:
    with pytest.raises(EvidenceError, match="evidence: type: the base of all kinds is none; make one of Action, "):
        Evidence(date=DAY)


class TestBatch:
    def test_canonical_order(self) -> None:
        keys = [("2024-04-20", "a"), ("2024-04-19", "c"), ("2024-04-19", "b")]
        late = item("departure", id="z", date="2024-04-01", published="2024-04-20")
        items = [*(item("departure", id=name, date=day) for day, name in keys), late]
        assert [one.id for one in in_order(items)] == ["b", "c", "z", "a"]
        assert in_order(reversed(items)) == in_order(items)

    def test_ids_that_repeat_are_all_named(self) -> None:
        items = [item("departure", id=name) for name in "abacb"]
        check_batch(items[1:3])
        with pytest.raises(EvidenceError) as caught:
            check_batch(items)
        assert [str(fault) for fault in caught.value.faults] == [
            "departure a: id ('a'): id given twice; drop the repeat, or give each item its own id",
            "departure b: id ('b'): id given twice; drop the repeat, or give each item its own id",
        ]

    def test_what_is_no_evidence_is_named(self) -> None:
        with pytest.raises(EvidenceError) as caught:
            check_batch([item("departure"), {"type": "signal"}, None])  # type: ignore[list-item]
        assert [str(fault) for fault in caught.value.faults] == [
            f"item 2: type ('dict'): no kind of evidence; make one of {ALL_KINDS}",
            f"item 3: type ('NoneType'): no kind of evidence; make one of {ALL_KINDS}",
        ]

    def test_one_item_is_no_batch(self) -> None:
        with pytest.raises(EvidenceError, match=r"departure x: items: one item where a list .*; put it in \[ \]"):
            check_batch(item("departure"))  # type: ignore[arg-type]
