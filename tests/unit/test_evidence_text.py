"""One item typed in a line: what can be typed, and every fault word for word."""

import datetime as dt

import pytest

from helpers.evidence import EVENT, item
from vzforecast.errors import EvidenceError
from vzforecast.evidence import KINDS, Signal, parse_item

KINDS_LISTED = (
    "signal, transition, commitment_resolved, licence_decision, action, scheduled_decision, appointment, departure, "
    "likelihood_judgement, probability_judgement, market_quote"
)


def test_a_signal() -> None:
    line = 'signal date=2025-02-26 faction=hardliners kind=decision strength=3 headline="The oil concession ends"'
    assert parse_item(line) == Signal(
        date="2025-02-26", faction="hardliners", kind="decision", strength=3, headline="The oil concession ends"
    )


@pytest.mark.parametrize(("typed", "value"), [("true", True), ("TRUE", True), ("1", True), ("false", False)])
def test_a_flag(typed: str, value: bool) -> None:
    made = parse_item(f"action id=x date=2024-04-20 direction=ease kind=dues severity=2 sectoral={typed}")
    assert made == item("action", sectoral=value)


def test_numbers() -> None:
    made = parse_item("appointment id=x date=2024-04-20 actor='Cora Vane' office=30 proximity=6e1 salience=70.0")
    assert made == item("appointment")


def test_an_event_holds_the_sign_that_parts_key_and_value() -> None:
    made = parse_item(f"probability_judgement id=x date=2024-04-20 event='{EVENT}' probability=.8")
    assert made == item("probability_judgement")


def test_a_day_of_its_own() -> None:
    made = parse_item("departure date=2024-04-20 published=2024-05-01 actor=Ada confidence=high note=")
    assert (made.published, made.confidence, made.note) == (dt.date(2024, 5, 1), "high", "")


FAULTS = {
    "nothing": (
        " ",
        [("item: text: empty; write a type and its fields, such as signal date=2025-02-26 faction=hardliners")],
    ),
    "open quote": (
        'departure actor="Ada',
        ["item: text ('departure actor=\"Ada'): not readable (no closing quotation); close every quote"],
    ),
    "unknown type": (
        "sginal date=2024-04-20",
        [f"item: type ('sginal'): unknown type; did you mean signal? choose one of {KINDS_LISTED}"],
    ),
    "no type": (
        "date=2024-04-20 faction=wardens",
        [f"item: type ('date=2024-04-20'): unknown type; choose one of {KINDS_LISTED}"],
    ),
    "no sign": (
        "signal id=x date=2024-04-20 faction=wardens Captain speaks",
        [
            "signal: text ('Captain'): no key and value; write key=value, and quote a value with spaces",
            "signal: text ('speaks'): no key and value; write key=value, and quote a value with spaces",
        ],
    ),
    "key twice": (
        "signal date=2024-04-20 faction=wardens faction=traders",
        ["signal: faction ('traders'): key given twice; keep one of them"],
    ),
    "unknown key": (
        "departure id=x date=2024-04-20 acter=Ada",
        [
            "departure x: actor: key missing; add it (docs/schema.md explains every key)",
            (
                "departure x: acter: unknown key; did you mean actor? the keys here are id, date, published, headline, "
                "source, confidence, note, actor"
            ),
        ],
    ),
    "numbers": (
        "signal id=x date=2024-04-20 faction=wardens strength=three is_decision=maybe",
        [
            "signal x: strength ('three'): must be a whole number; write it in digits",
            "signal x: is_decision ('maybe'): must be true or false; write true or false",
        ],
    ),
    "infinite": (
        f"likelihood_judgement id=x date=2024-04-20 event='{EVENT}' ratio=1e999",
        ["likelihood_judgement x: ratio ('inf'): must be finite; give a finite number"],
    ),
}


@pytest.mark.parametrize(("line", "expected"), FAULTS.values(), ids=FAULTS)
def test_fault_is_reported_word_for_word(line: str, expected: list[str]) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_item(line)
    assert [str(fault) for fault in caught.value.faults] == expected


def test_all_kinds_are_listed() -> None:
    assert ", ".join(KINDS) == KINDS_LISTED
