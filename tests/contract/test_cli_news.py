"""`vzforecast news`: what each command keeps, says and shows, and how it refuses bad input."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from helpers.cached import case_folder
from vzforecast.cli import app
from vzforecast.evidence import Signal, Transition, parse_item, write_evidence
from vzforecast.evidence_log import EvidenceLog

LEAK: Final = 'signal id=leak date=2024-04-20 faction=wardens headline="A draft order leaks, and says much"'
VISIT: Final = "signal id=visit date=2024-04-22 published=2024-04-24 faction=traders confidence=high note=Twice"
SEIZED: Final = "transition date=2024-05-20 outcome=fishing_truce to=broken"
SEIZED_ID: Final = parse_item(SEIZED).id


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(case_folder(tmp_path_factory.mktemp("cases") / "islands"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def filled(here: Path, case: str) -> Path:
    """The folder with a log of two items, one of them taken back."""
    done("add", "--item", LEAK, "--item", VISIT, "--case", case)
    done("retract", "leak", "--on", "2024-05-01", "--why", "Forged.", "--case", case)
    return here


def run(*arguments: str, width: int = 80) -> Result:
    return CliRunner().invoke(app, ["news", *arguments], env={"COLUMNS": str(width), "TERM": "dumb"})


def done(*arguments: str) -> str:
    """Run a command that keeps something; return what it says."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    return result.stderr


def refused(folder: Path, *arguments: str) -> str:
    """Run a command that must refuse its input and write nothing; return the one message."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    return result.stderr


def as_of(day: str, log: str = "evidence.jsonl") -> list[str]:
    return [item.id for item in EvidenceLog(log).as_of(day)]


# --- What is kept --------------------------------------------------------------------------------------------------


def test_items_are_added_to_the_log_of_the_folder(here: Path, case: str) -> None:
    message = done("add", "--item", LEAK, "--item", SEIZED, "--case", case)
    assert message == f"added 2 items to evidence.jsonl: leak, {SEIZED_ID}\n"
    assert [path.name for path in here.iterdir()] == ["evidence.jsonl"]
    assert as_of("2024-04-20") == ["leak"]


def test_one_item_counts_from_the_day_given_in_the_log_given(here: Path, case: str) -> None:
    assert done("add", "--item", LEAK, "--on", "2024-05-02", "--log", "my.jsonl", "--case", case) == (
        "added 1 item to my.jsonl: leak\n"
    )
    assert [as_of(day, "my.jsonl") for day in ("2024-05-01", "2024-05-02")] == [[], ["leak"]]
    assert not (here / "evidence.jsonl").exists()


@pytest.mark.parametrize("suffix", ["csv", "toml", "json"])
def test_a_file_of_items_is_imported(here: Path, case: str, suffix: str) -> None:
    items = [Signal(id=f"n{day}", date=f"2024-05-{day}", faction="traders") for day in range(10, 22)]
    write_evidence(items, here / f"items.{suffix}")
    message = done("import", f"items.{suffix}", "--case", case)
    assert message == f"added 12 items to evidence.jsonl: {', '.join(f'n{day}' for day in range(10, 20))}, and 2 more\n"
    assert EvidenceLog("evidence.jsonl").as_of("2024-12-31") == tuple(items)
    assert "12 faults" in refused(here, "import", f"items.{suffix}", "--case", case)


@pytest.mark.usefixtures("filled")
def test_a_retraction_counts_from_its_day(case: str) -> None:
    message = done("retract", "visit", "--on", "2024-05-03", "--case", case)
    assert message == "retracted visit in evidence.jsonl, from 2024-05-03 on\n"
    assert [as_of(day) for day in ("2024-04-30", "2024-05-02", "2024-05-03")] == [["leak", "visit"], ["visit"], []]


@pytest.mark.usefixtures("filled")
def test_a_correction_counts_from_its_day(case: str) -> None:
    new = "signal id=visit date=2024-04-23 faction=traders strength=3"
    message = done("correct", "--item", new, "--on", "2024-05-03", "--why", "They met later.", "--case", case)
    assert message == "corrected visit in evidence.jsonl, from 2024-05-03 on\n"
    strengths = [EvidenceLog("evidence.jsonl").as_of(day)[-1].strength for day in ("2024-05-02", "2024-05-03")]  # type: ignore[attr-defined]
    assert strengths == [2, 3]


def test_items_are_checked_by_the_embedded_case_unless_told_otherwise(here: Path) -> None:
    item = "transition id=halt date=2025-03-08 outcome=deportation_flights to=stopped"
    message = refused(here, "add", "--item", item)
    assert message == (
        "error: 1 fault in the evidence:\n"
        "  transition halt: to ('stopped'): unknown state of deportation_flights; choose one of running, halted\n"
    )
    done("add", "--item", item, "--unchecked")
    done("retract", "halt", "--on", "2025-03-08")
    done("add", "--item", "transition date=2025-03-08 outcome=deportation_flights to=halted")


def test_the_case_knows_what_was_known_by_the_day_given(here: Path) -> None:
    item = "transition date=2025-05-01 outcome=deportation_flights to=running"
    assert "the state that deportation_flights already held" in refused(here, "add", "--item", item)
    done("add", "--item", item, "--as-of", "2025-03-10")


def test_a_day_ahead_is_kept_put_off_and_listed(here: Path) -> None:
    item = "scheduled_decision id=gl41b date=2025-03-24 outcome=chevron_licence kind=wind_down_end due={}"
    message = refused(here, "add", "--item", item.format("2025-05-27").replace("wind_down_end", "wind_down"))
    assert "kind ('wind_down'): unknown kind, not declared in scheduled.kinds; did you mean wind_down_end?" in message
    done("add", "--item", item.format("2025-05-26"), "--as-of", "2025-03-10")
    done("correct", "--item", item.format("2025-05-27"), "--on", "2025-03-26", "--as-of", "2025-03-10")
    dues = [str(EvidenceLog("evidence.jsonl").as_of(day)[0].due) for day in ("2025-03-25", "2025-03-26")]  # type: ignore[attr-defined]
    assert dues == ["2025-05-26", "2025-05-27"]
    listed = csv.DictReader(io.StringIO(run("list", "--csv").stdout))
    assert [(row["type"], row["content"]) for row in listed] == [
        ("scheduled_decision", f"outcome=chevron_licence due={due} kind=wind_down_end") for due in dues
    ]


# --- What is shown -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("filled")
def test_the_list_shows_every_entry() -> None:
    result = run("list")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.rstrip() for line in result.stdout.splitlines()] == [
        "From, status  Id     Entry",
        "-" * 79,
        "2024-04-20    leak   add signal of 2024-04-20, low confidence: faction=wardens",
        "retracted            A draft order leaks, and says much",
        "2024-04-24    visit  add signal of 2024-04-22, high confidence: faction=traders",
        "in force             Twice",
        "2024-05-01    leak   retract",
        "retracted            why: Forged.",
    ]


@pytest.mark.usefixtures("filled")
def test_the_list_of_a_day_is_what_was_believed_then() -> None:
    rows = [line.split("  ")[0] for line in run("list", "--as-of", "2024-04-23").stdout.splitlines()[2:]]
    assert rows == ["2024-04-20", "in force"]


@pytest.mark.parametrize("width", [40, 80, 120], ids=str)
@pytest.mark.usefixtures("here")
def test_ids_stay_whole_and_80_columns_suffice(width: int) -> None:
    done("add", "--item", SEIZED, "--on", "2024-06-01", "--unchecked")
    kept = f'commitment_resolved date=2024-05-20 commitment=x result=kept headline="{"word " * 30}"'
    done("add", "--item", kept, "--unchecked")
    page = run("list", width=width).stdout
    assert max(map(len, page.splitlines())) <= max(width, 80)
    assert f" {SEIZED_ID} " in page
    assert "published 2024-05-20" in page
    assert page.count("word") == 30
    assert "\x1b" not in page


@pytest.mark.usefixtures("filled")
def test_the_list_as_csv_and_json_says_everything() -> None:
    table = EvidenceLog("evidence.jsonl").list()
    rows = list(csv.DictReader(io.StringIO(run("list", "--csv").stdout)))
    records = json.loads(run("list", "--json").stdout)
    assert rows == records
    assert list(records[0]) == list(table.columns)
    assert records[0]["from"] == "2024-04-20"
    assert [record["status"] for record in records] == table["status"].tolist()
    assert pd.DataFrame(records)["why"].tolist() == ["", "", "Forged."]


def test_an_empty_list_says_so(here: Path) -> None:
    for options, page in (
        ([], ""),
        (["--json"], "[]\n"),
        (["--csv"], f"{','.join(EvidenceLog('x').list().columns)}\n"),
    ):
        result = run("list", *options)
        assert (result.exit_code, result.stdout) == (0, page)
        assert result.stderr == "no entries in evidence.jsonl\n"
    assert run("list", "--as-of", "2024-01-01").stderr == "no entries in evidence.jsonl by 2024-01-01\n"
    assert list(here.iterdir()) == []


# --- Bad input -----------------------------------------------------------------------------------------------------

SHOWN: Final = "the list of the log shows every id"
ANEW: Final = "add the item as it should be under another id"
CHOICE: Final = "choose one of wardens, traders, none, mixed"
SPAN: Final = "choose a day from 2024-01-01 to 2024-12-31"
FAULTS: Final = {
    "retracting twice": (
        ["retract", "leak", "--on", "2024-05-02"],
        "retract leak: id ('leak'): retracted already, from 2024-05-01 on; leave it at that",
    ),
    "retracting the unknown": (
        ["retract", "visits", "--on", "2024-05-02"],
        f"retract visits: id ('visits'): the log has no such item; did you mean visit? {SHOWN}",
    ),
    "correcting the retracted": (
        ["correct", "--item", LEAK, "--on", "2024-05-02"],
        f"signal leak: id ('leak'): retracted from 2024-05-01 on, so that there is nothing to correct; {ANEW}",
    ),
    "an id of a retracted item": (
        ["add", "--item", LEAK],
        "signal leak: id ('leak'): names for ever an item retracted from 2024-05-01 on; choose another id",
    ),
    "a date after publication": (
        ["add", "--item", "signal date=2024-05-02 published=2024-05-01 faction=traders"],
        "signal: date ('2024-05-02'): dated after its published date, 2024-05-01; correct one of the dates",
    ),
    "an unknown faction": (
        ["add", "--item", "signal id=x date=2024-05-02 faction=trader"],
        f"signal x: faction ('trader'): unknown faction; did you mean traders? {CHOICE}",
    ),
    "a state already held": (
        ["add", "--item", "transition id=x date=2024-05-02 outcome=fishing_truce to=held"],
        "transition x: to ('held'): the state that fishing_truce already held; drop the item, or add what is missing",
    ),
    "a ratio of 0": (
        ["add", "--item", "likelihood_judgement date=2024-05-02 event=x ratio=0"],
        "likelihood_judgement: ratio ('0.0'): out of range; give a value above 0",
    ),
    "a probability of 1": (
        ["add", "--item", "probability_judgement date=2024-05-02 event=x probability=1"],
        "probability_judgement: probability ('1.0'): out of range; give a value below 1",
    ),
    "an empty item": (
        ["add", "--item", ""],
        "item: text: empty; write a type and its fields, such as signal date=2025-02-26 faction=hardliners",
    ),
    "no such file": (["import", "items.csv"], "items.csv: file: no such file; check the path"),
}


@pytest.mark.parametrize(("arguments", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_the_evidence(filled: Path, case: str, arguments: list[str], message: str) -> None:
    assert refused(filled, *arguments, "--case", case) == f"error: 1 fault in the evidence:\n  {message}\n"


def test_of_several_items_each_bad_one_is_named(filled: Path, case: str) -> None:
    items = ["signl date=2024-05-02", LEAK, "signal date=2 faction=traders"]
    message = refused(filled, "add", *(part for item in items for part in ("--item", item)), "--case", case)
    first, *faults = message.splitlines()
    assert first == "error: 2 faults in the evidence:"
    assert faults[0].startswith("  --item 1, item: type ('signl'): unknown type; did you mean signal?")
    assert faults[1].startswith("  --item 3, signal: date ('2'): not a day; write it as YYYY-MM-DD")


MISTAKES: Final = {
    "a day that is none": (
        ["retract", "visit", "--on", "5 May"],
        "day of the retraction '5 May' is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05",
    ),
    "a day after the horizon": (
        ["add", "--item", SEIZED, "--on", "2025-01-01"],
        f"as-of date 2025-01-01 is after the horizon of the case, 2024-12-31; {SPAN}",
    ),
    "two answers to one question": (
        ["add", "--item", SEIZED, "--unchecked"],
        "--unchecked asks no case; leave it out, or leave out --case and --as-of",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistaken_option(filled: Path, case: str, arguments: list[str], message: str) -> None:
    assert refused(filled, *arguments, "--case", case) == f"error: {message}\n"


def test_two_formats_are_refused(filled: Path) -> None:
    assert (
        refused(filled, "list", "--csv", "--json") == "error: --json and --csv exclude each other; give one of them\n"
    )


@pytest.mark.parametrize("command", ["list", "add", "import", "retract", "correct"])
def test_a_torn_log_is_named_with_its_line(filled: Path, command: str) -> None:
    write_evidence([Transition(date="2024-05-20", outcome="fishing_truce", to="broken")], filled / "items.csv")
    log = filled / "evidence.jsonl"
    log.write_bytes(log.read_bytes()[:-9])
    rest = {
        "list": [],
        "add": ["--item", SEIZED, "--unchecked"],
        "import": ["items.csv", "--unchecked"],
        "retract": ["visit", "--on", "2024-05-02", "--unchecked"],
        "correct": ["--item", VISIT, "--on", "2024-05-02", "--unchecked"],
    }
    message = refused(filled, command, *rest[command])
    assert message.startswith("error: 1 fault in the evidence:\n  evidence.jsonl: line 3: not valid JSON (")
    assert message.endswith("); restore the line from a copy of the file, or remove it\n")


@pytest.mark.parametrize(
    "arguments", [["add"], ["import"], ["retract", "leak"], ["correct", "--item", LEAK], ["keep"]], ids=" ".join
)
def test_what_is_left_out_is_asked_for(here: Path, arguments: list[str]) -> None:
    assert "Usage: " in refused(here, *arguments)


def test_help_loads_nothing_of_weight() -> None:
    ask = "from vzforecast.cli import app; app(['news', '--help'], standalone_mode=False)"
    command = [sys.executable, "-c", f"import sys; {ask}; print(*sys.modules)"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "retract" in found
    assert not {"numpy", "pandas", "vzforecast.evidence"} & set(found.split())
