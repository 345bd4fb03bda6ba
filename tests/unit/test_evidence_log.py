"""The log of evidence: what counts from which day on, and every refusal word for word; none changes the log."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from helpers.cases import skeleton
from vzforecast.errors import DateError, EvidenceError
from vzforecast.evidence import KINDS, Evidence, Signal, Transition
from vzforecast.evidence_log import EvidenceLog

LEAK: Final = Signal(id="leak", date="2024-04-20", faction="wardens", headline="A draft leaks")
VISIT: Final = Signal(id="visit", date="2024-04-22", published="2024-04-24", faction="traders")
SEIZED: Final = Transition(id="seized", date="2024-05-20", published="2024-05-21", outcome="fishing_truce", to="broken")
FREED: Final = Transition(id="freed", date="2024-07-01", outcome="fishing_truce", to="held", confidence="high")

MEANT: Final = "did you mean wardens? choose one of wardens, traders, none, mixed"
HAD: Final = "leave out an item that the log has, correct it, or choose another id"
LATER: Final = "give that day or a later one"
FIRST: Final = "retract or correct this item first, from that day on or earlier"
HELD: Final = "the state that fishing_truce already held"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "evidence.jsonl"


@pytest.fixture
def log(path: Path) -> EvidenceLog:
    """A log without a case: two items in force, and one taken back."""
    log = EvidenceLog(path)
    log.add([LEAK, VISIT, changed(LEAK, id="forgery")])
    log.retract("forgery", "2024-05-01", "Forged.")
    return log


@pytest.fixture
def checked(path: Path) -> EvidenceLog:
    """A log for a case, with a boat seized and freed."""
    log = EvidenceLog(path, skeleton())
    log.add([SEIZED, FREED])
    return log


def changed(item: Evidence, **fields: Any) -> Evidence:
    return type(item)(**{**item.given(), **fields})


def ids(items: Sequence[Evidence]) -> list[str]:
    return [item.id for item in items]


def refused(path: Path, call: Callable[[], object]) -> list[str]:
    """Return the faults for which something is refused; the log must be what it was, byte for byte."""
    before = path.read_bytes()
    with pytest.raises(EvidenceError) as caught:
        call()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    return [str(fault) for fault in caught.value.faults]


# --- What counts from which day on ---------------------------------------------------------------------------------


def test_a_log_without_a_file_is_empty(path: Path) -> None:
    log = EvidenceLog(path)
    assert (len(log), log.as_of("2024-12-31"), len(log.list())) == (0, (), 0)
    assert not path.exists()


def test_an_item_counts_from_its_published_date(path: Path) -> None:
    log = EvidenceLog(path)
    assert log.add(VISIT) == (VISIT,)
    assert log.as_of("2024-04-23") == ()
    assert log.as_of("2024-04-24") == (VISIT,)


def test_news_that_came_late_counts_from_the_day_given(path: Path) -> None:
    log = EvidenceLog(path)
    assert log.add([VISIT, LEAK], on="2024-05-02") == (VISIT, LEAK)
    assert log.as_of("2024-05-01") == ()
    assert log.as_of("2024-05-02") == (LEAK, VISIT)  # canonical order


def test_a_retraction_counts_from_its_day_and_leaves_earlier_ones(log: EvidenceLog) -> None:
    log.retract("leak", "2024-05-02")
    assert ids(log.as_of("2024-04-30")) == ["forgery", "leak", "visit"]
    assert ids(log.as_of("2024-05-01")) == ["leak", "visit"]
    assert ids(log.as_of("2024-05-02")) == ["visit"]


def test_an_item_retracted_on_its_first_day_never_counted(log: EvidenceLog) -> None:
    log.retract("leak", LEAK.published)
    assert ids(log.as_of("2024-04-20")) == ["forgery"]


def test_of_corrections_the_latest_day_counts_then_the_last_made(log: EvidenceLog) -> None:
    first, second, third = (changed(LEAK, strength=strength) for strength in (1, 3, 3))
    third = changed(third, headline="The draft was real")
    log.correct(first, "2024-06-01")
    log.correct(second, "2024-05-10")
    log.correct(third, "2024-05-10")
    versions = {day: log.as_of(day)[0] for day in ("2024-05-09", "2024-05-10", "2024-05-31", "2024-06-01")}
    assert list(versions.values()) == [LEAK, third, third, first]


def test_a_retraction_takes_back_later_corrections_too(log: EvidenceLog) -> None:
    log.correct(changed(LEAK, strength=3), "2024-06-01")
    log.retract("leak", "2024-05-15")
    assert [ids(log.as_of(day)) for day in ("2024-05-14", "2024-05-15", "2024-06-01")] == [
        ["leak", "visit"],
        ["visit"],
        ["visit"],
    ]


def test_days_may_be_dates_or_timestamps(log: EvidenceLog) -> None:
    assert log.as_of(dt.date(2024, 4, 24)) == log.as_of(pd.Timestamp("2024-04-24")) == log.as_of("2024-04-24")


@pytest.mark.parametrize(
    "call",
    [
        lambda log: log.as_of("24.4.2024"),
        lambda log: log.list("24.4.2024"),
        lambda log: log.add(SEIZED, on="24.4.2024"),
        lambda log: log.retract("leak", "24.4.2024"),
        lambda log: log.correct(LEAK, "24.4.2024"),
    ],
    ids=["as_of", "list", "add", "retract", "correct"],
)
def test_what_is_no_day_is_refused(log: EvidenceLog, path: Path, call: Callable[[EvidenceLog], object]) -> None:
    before = path.read_bytes()
    with pytest.raises(DateError, match=r"'24\.4\.2024' is not an ISO date; write it as YYYY-MM-DD"):
        call(log)
    assert path.read_bytes() == before


# --- The table -----------------------------------------------------------------------------------------------------


def test_the_list_shows_every_entry_and_what_became_of_it(log: EvidenceLog) -> None:
    log.correct(changed(LEAK, strength=3), "2024-05-03", "It was printed.")
    table = log.list()
    assert list(zip(table["id"], table["what"], table["from"].astype(str), table["status"], strict=True)) == [
        ("forgery", "add", "2024-04-20", "retracted"),
        ("leak", "add", "2024-04-20", "corrected"),
        ("visit", "add", "2024-04-24", "in force"),
        ("forgery", "retract", "2024-05-01", "retracted"),
        ("leak", "correct", "2024-05-03", "in force"),
    ]
    assert table["content"].tolist()[3:] == ["faction=wardens", "strength=3 faction=wardens"]
    assert table["why"].tolist()[3:] == ["Forged.", "It was printed."]
    assert len(table) == len(log)


def test_the_list_as_of_a_day_is_the_list_of_that_day(log: EvidenceLog) -> None:
    then = log.list()
    log.correct(changed(LEAK, strength=3), "2024-05-03")
    log.retract("leak", "2024-05-04")
    pd.testing.assert_frame_equal(log.list(as_of="2024-05-02"), then)
    assert log.list(as_of="2024-04-21")["status"].tolist() == ["in force", "in force"]


def test_the_list_is_typed_even_when_empty(log: EvidenceLog) -> None:
    full, empty = log.list(), log.list(as_of="2024-01-01")
    assert len(empty) == 0
    assert full.dtypes.equals(empty.dtypes)
    days = full.select_dtypes("datetime").columns.tolist()
    assert days == ["date", "published", "from"]


def test_values_with_spaces_are_shown_as_they_would_be_typed(path: Path) -> None:
    log = EvidenceLog(path)
    log.add(Signal(date="2024-04-20", faction="wardens", actor="Ada Flint", is_decision=True))
    assert log.list()["content"].item() == "faction=wardens actor='Ada Flint' is_decision=true"


# --- Refusals ------------------------------------------------------------------------------------------------------


def test_every_bad_item_of_a_batch_is_named(log: EvidenceLog, path: Path) -> None:
    forged, early, late = changed(SEIZED, id="forgery"), changed(SEIZED, id="a"), changed(FREED, id="b")
    batch: Any = [early, LEAK, early, "news", forged, late]
    assert refused(path, lambda: log.add(batch, on="2024-06-01")) == [
        f"item 4: type ('str'): no kind of evidence; make one of {', '.join(kind.__name__ for kind in KINDS.values())}",
        "transition a: id ('a'): id given twice; drop the repeat, or give each item its own id",
        f"signal leak: id ('leak'): the log has an item of this id; {HAD}",
        "transition forgery: id ('forgery'): names for ever an item retracted from 2024-05-01 on; choose another id",
        f"transition b: on ('2024-06-01'): before the published date of the item, 2024-07-01; {LATER}",
    ]


@pytest.mark.parametrize("what", ["news", {"type": "signal"}, 7, None], ids=["text", "mapping", "number", "nothing"])
def test_what_is_no_item_is_named_once(log: EvidenceLog, path: Path, what: Any) -> None:
    for call in (lambda: log.add(what), lambda: log.correct(what, "2024-05-01")):
        (fault,) = refused(path, call)
        assert fault.startswith(f"item 1: type ('{type(what).__name__}'): no kind of evidence; make one of Signal, ")


RETRACTIONS: Final = {
    "unknown id": (
        ("leek", "2024-05-01"),
        "retract leek: id ('leek'): the log has no such item; did you mean leak? the list of the log shows every id",
    ),
    "retracting twice": (
        ("forgery", "2024-05-02"),
        "retract forgery: id ('forgery'): retracted already, from 2024-05-01 on; leave it at that",
    ),
    "before it counts": (
        ("leak", "2024-04-19"),
        f"retract leak: on ('2024-04-19'): before the day from which the item counts, 2024-04-20; {LATER}",
    ),
    "no id": (("", "2024-05-01"), "entry: id: missing; give the id of the item"),
    "an item for an id": ((LEAK, "2024-05-01"), "entry: id: must be text; put it in quotes"),
    "a reason that is no text": (("leak", "2024-05-01", 7), "entry: why ('7'): must be text; put it in quotes"),
}


@pytest.mark.parametrize(("arguments", "message"), RETRACTIONS.values(), ids=RETRACTIONS.keys())
def test_a_retraction_is_refused(log: EvidenceLog, path: Path, arguments: tuple[Any, ...], message: str) -> None:
    assert refused(path, lambda: log.retract(*arguments)) == [message]


CORRECTIONS: Final = {
    "unknown id": (
        SEIZED,
        "2024-06-01",
        "transition seized: id ('seized'): the log has no such item; the list of the log shows every id",
    ),
    "retracted": (
        changed(LEAK, id="forgery"),
        "2024-05-02",
        (
            "signal forgery: id ('forgery'): retracted from 2024-05-01 on, so that there is nothing to correct; "
            "add the item as it should be under another id"
        ),
    ),
    "before it counts": (
        changed(VISIT, strength=3),
        "2024-04-23",
        f"signal visit: on ('2024-04-23'): before the day from which the item counts, 2024-04-24; {LATER}",
    ),
    "before it is published": (
        changed(VISIT, published="2024-05-06"),
        "2024-05-05",
        f"signal visit: on ('2024-05-05'): before the published date of the item, 2024-05-06; {LATER}",
    ),
}


@pytest.mark.parametrize(("item", "on", "message"), CORRECTIONS.values(), ids=CORRECTIONS.keys())
def test_a_correction_is_refused(log: EvidenceLog, path: Path, item: Evidence, on: str, message: str) -> None:
    assert refused(path, lambda: log.correct(item, on)) == [message]


# --- With a case ---------------------------------------------------------------------------------------------------


def test_a_whole_case_is_cut_to_its_own_day(path: Path) -> None:
    assert "for two-islands as known on 2024-04-15>" in repr(EvidenceLog(path, skeleton()))
    assert "for two-islands as known on 2024-05-01>" in repr(EvidenceLog(path, skeleton().known_on("2024-05-01")))


def test_faults_against_the_case_are_named_with_all_others(checked: EvidenceLog, path: Path) -> None:
    batch = [changed(LEAK, faction="warden"), SEIZED, Transition(id="x", date="2024-07-02", outcome="ferry", to="held")]
    assert refused(path, lambda: checked.add(batch)) == [
        f"transition seized: id ('seized'): the log has an item of this id; {HAD}",
        f"signal leak: faction ('warden'): unknown faction; {MEANT}",
        "transition x: outcome ('ferry'): unknown outcome; choose one of ferry_permit, fishing_truce",
    ]


def test_an_item_that_the_case_knew_is_refused(checked: EvidenceLog, path: Path) -> None:
    known = Signal(id="captain_warns", date="2024-01-20", faction="wardens")
    assert refused(path, lambda: checked.add(known)) == [
        (
            "signal captain_warns: id ('captain_warns'): already in the news of the case; "
            "leave the item out, or tell the two apart"
        )
    ]


def test_a_state_already_held_is_refused(checked: EvidenceLog, path: Path) -> None:
    assert refused(path, lambda: checked.add(changed(FREED, id="freed_again", date="2024-07-09"))) == [
        f"transition freed_again: to ('held'): {HELD}; drop the item, or add what is missing"
    ]


def test_a_day_after_the_horizon_is_refused(checked: EvidenceLog, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(DateError, match="as-of date 2025-01-01 is after the horizon of the case, 2024-12-31"):
        checked.add(LEAK, on="2025-01-01")
    assert path.read_bytes() == before


def test_what_others_build_on_is_not_retracted_before_them(checked: EvidenceLog, path: Path) -> None:
    expected = f"transition freed: to ('held'): {HELD}, once seized is retracted from {{}} on; {FIRST}"
    assert refused(path, lambda: checked.retract("seized", "2024-06-01")) == [expected.format("2024-06-01")]
    assert refused(path, lambda: checked.retract("seized", "2024-07-10")) == [expected.format("2024-07-10")]
    checked.retract("freed", "2024-07-10")
    assert refused(path, lambda: checked.retract("seized", "2024-06-01")) == [expected.format("2024-06-01")]
    checked.retract("seized", "2024-07-10")
    assert checked.as_of("2024-07-10") == ()
    assert checked.as_of("2024-07-09") == (SEIZED, FREED)


def test_a_correction_is_judged_by_the_case_and_by_what_follows(checked: EvidenceLog, path: Path) -> None:
    other = changed(SEIZED, outcome="ferry_permit", to="withdrawn")
    assert refused(path, lambda: checked.correct(other, "2024-05-22")) == [
        f"transition freed: to ('held'): {HELD}, once seized is corrected from 2024-05-22 on; {FIRST}"
    ]
    assert refused(path, lambda: checked.correct(changed(FREED, to="freed"), "2024-07-02")) == [
        "transition freed: to ('freed'): unknown state of fishing_truce; choose one of held, broken"
    ]
    checked.correct(changed(SEIZED, date="2024-05-19"), "2024-05-22")


def test_faults_of_old_do_not_keep_a_log_from_being_mended(path: Path) -> None:
    EvidenceLog(path).add([changed(LEAK, id=name, faction="warden") for name in ("a", "b", "c")])
    log = EvidenceLog(path, skeleton())
    log.add(VISIT)
    log.retract("a", "2024-05-01")
    log.correct(changed(LEAK, id="b"), "2024-05-01")
    (fault,) = refused(path, lambda: log.correct(changed(LEAK, id="c", faction="warden", strength=3), "2024-05-02"))
    assert fault.startswith("signal c: faction ('warden'): unknown faction; did you mean wardens?")
