"""Every fault of a case, word for word: case_faults.toml edits a valid case and says what must be reported."""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from helpers.cases import with_groups
from vzforecast.case import load_case, new_case
from vzforecast.errors import CaseError

EDITS: Final[list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("case_faults.toml").read_text(encoding="utf-8")
)["edit"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_case(tmp_path / "case")


def edit(folder: Path, file: str, old: str | None, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old is None or text.count(old) == 1, f"{old!r} is not in {file} exactly once"
    path.write_text(new if old is None else text.replace(old, new), encoding="utf-8")


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(CaseError) as caught:
        load_case(folder)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("change", EDITS, ids=[change["name"] for change in EDITS])
def test_fault_is_reported_word_for_word(folder: Path, change: dict[str, Any]) -> None:
    edit(folder, change["file"], change.get("old"), change["new"])
    assert faults_of(folder) == change["faults"]


def test_no_message_speaks_of_the_parser() -> None:
    messages = "\n".join(message for change in EDITS for message in change["faults"]).lower()
    for jargon in ("pydantic", "literal", "tuple", "dict", "model", "input should", "extra", "union", "tag "):
        assert jargon not in messages.replace("that the model needs", ""), jargon


def test_faults_of_all_files_are_reported_at_once(folder: Path) -> None:
    edit(folder, "case.toml", 'reference_kind = "statement"', 'reference = "statement"')
    edit(folder, "case.toml", 'process = "truce_restored"', 'process = "truce_restore"')
    edit(folder, "priors.toml", "[influence.tau", "[influence.tao")
    edit(folder, "news.csv", "wardens,1,0,ferry_permit", "warden,1,0,ferry_permit")
    edit(folder, "news.csv", "2024-03-01,2024-03-03,Islands", "1 March,2024-03-03,Islands")
    edit(folder, "commitments.csv", "broken,2018-07-02,2018-08-01,62", "broken,2018-07-02,2018-08-01,63")
    edit(folder, "markets.csv", ",0.2,", ",20 %,")
    (folder / "flights.csv").unlink()
    assert faults_of(folder) == [
        "case.toml: news.reference: unknown key; did you mean reference_kind? the keys here are reference_kind",
        "case.toml: news.reference_kind: key missing; add it (docs/schema.md explains every key)",
        (
            "commitments.csv: row 3, column days_to_breach ('63'): not the days from 2018-05-01 to 2018-07-02; "
            "write 62, or correct the dates"
        ),
        "flights.csv: file: file missing; add it, a table without rows with its header alone",
        "markets.csv: row 2, column probability ('20 %'): not a number; write it in digits, with a point for decimals",
        "news.csv: row 4, column date ('1 March'): not an ISO date; write it as YYYY-MM-DD",
    ]


def test_an_unknown_key_hides_nothing_else(folder: Path) -> None:
    edit(folder, "case.toml", "[tension]\n", "[tension]\nspeed = 1\n")
    edit(folder, "case.toml", "[coupling]\n", "strange = 2\n\n[coupling]\n")
    edit(folder, "case.toml", 'process = "truce_restored"', 'process = "truce_restore"')
    edit(folder, "priors.toml", "[influence.tau", "[influence.tao")
    edit(folder, "news.csv", "wardens,1,0,ferry_permit", "warden,1,0,ferry_permit")
    assert faults_of(folder) == [
        (
            "case.toml: outcomes.fishing_truce.recovery.process ('truce_restore'): unknown process; did you mean "
            "truce_restored? choose one of promise_one_off, promise_flow, permit, relief, truce_restored"
        ),
        "case.toml: tension.speed: unknown key; the keys here are half_life_months",
        "case.toml: tension.strange: unknown key; the keys here are half_life_months",
        (
            "news.csv: row 2, column faction ('warden'): unknown faction; did you mean wardens? "
            "choose one of wardens, traders, none, mixed"
        ),
        (
            "priors.toml: influence.tao: the case has no use for this prior; did you mean influence.tau? "
            "otherwise remove it"
        ),
        "priors.toml: influence.tau: prior missing; add [influence.tau] with a half_normal distribution",
    ]


def test_a_faulty_name_is_told_of_the_name_and_not_of_questions_that_use_it(folder: Path) -> None:
    events = "[events]\nlost = 'ever(ferry_permit = gone) by 2024-09-30'\nkept = 'not lost'\n\n[tension]"
    edit(folder, "case.toml", "[tension]", events)
    edit(folder, "questions.csv", "ferry_permit,,,,,,,", "ferry_permit,not kept,,,,,,")
    edit(folder, "questions.csv", "fishing_truce,,,1", "fishing_truce,lost or found,,1")
    assert faults_of(folder) == [
        (
            "case.toml: events.lost ('ever(ferry_permit = gone) by 2024-09-30'): column 21: "
            "unknown state of ferry_permit 'gone'; valid: in_force, withdrawn"
        ),
        ("questions.csv: row 3, column event ('lost or found'): column 9: unknown event 'found'; valid: lost, kept"),
    ]


def test_the_deadline_of_a_named_event_counts(folder: Path) -> None:
    edit(
        folder, "case.toml", "[tension]", "[events]\nlost = 'ever(ferry_permit = withdrawn) by 2024-12-31'\n\n[tension]"
    )
    edit(folder, "questions.csv", "ferry_permit,,,,,,,", "ferry_permit,lost,,,,,,")
    assert faults_of(folder) == [
        (
            "questions.csv: row 2, column event ('lost'): its deadline, 2024-12-31, is after the horizon of the "
            "question, 2024-09-30; correct one of the dates"
        )
    ]


def test_a_broken_table_accuses_no_other(folder: Path) -> None:
    """A row that cannot be read may hold the id that another table names."""
    edit(folder, "agreements.csv", "harbour_2018,Harbour accord,", "harbour_2018,Harbour accord,,")
    assert faults_of(folder) == [
        "agreements.csv: row 2: 12 cells where the header has 11; add or remove a comma, or quote a cell that holds one"
    ]


def test_rows_are_counted_by_lines_of_the_file(folder: Path) -> None:
    edit(folder, "actors.csv", "Ada Flint,wardens,Captain of the coast", '\nAda Flint,wardens,"Captain\nof the coast"')
    edit(folder, "actors.csv", "80,60,90", "80,160,90")
    assert faults_of(folder) == [
        "actors.csv: row 5, column proximity ('160'): out of range; give a value from 0 to 100"
    ]


def test_the_message_counts_and_lists_the_faults(folder: Path) -> None:
    edit(folder, "actors.csv", "80,60,90", "80,160,900")
    with pytest.raises(CaseError) as caught:
        load_case(folder)
    assert str(caught.value) == (
        "the case has 2 faults:\n"
        "  actors.csv: row 3, column proximity ('160'): out of range; give a value from 0 to 100\n"
        "  actors.csv: row 3, column salience ('900'): out of range; give a value from 0 to 100"
    )
    fault = caught.value.faults[0]
    assert (fault.file, fault.place, fault.value) == ("actors.csv", "row 3, column proximity", "160")


def test_an_outcome_may_be_a_level_without_a_row_but_its_group_has_one() -> None:
    assert with_groups().outcome("fishing_truce").hazards["recovery"].members["level"] == "fishing_truce"
    with pytest.raises(CaseError) as caught:
        with_groups(group="East")
    assert [str(fault) for fault in caught.value.faults] == [
        "case.toml: outcomes.fishing_truce.recovery.members.group ('East'): unknown group; choose one of North, South"
    ]


def test_groups_tell_counts_of_one_level_and_day_apart() -> None:
    assert len(with_groups("truce_restored,Storm,South,2024-04-01,2,5,months,src,high,").tables["counts"]) == 3
    with pytest.raises(CaseError, match="same process, level, group, published as row 3; keep one of the rows"):
        with_groups("truce_restored,Storm,North,2024-04-01,1,4,months,src,high,")
