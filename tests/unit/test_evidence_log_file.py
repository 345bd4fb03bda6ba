"""The file of a log: one JSON object a line, read whole or refused by line, written whole or not at all."""

import json
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from vzforecast.errors import EvidenceError
from vzforecast.evidence import Signal, Transition
from vzforecast.evidence_log import Entry, EvidenceLog, JsonLinesStore

LEAK: Final = Signal(id="leak", date="2024-04-20", faction="wardens", headline="A draft leaks")
VISIT: Final = Signal(id="visit", date="2024-04-22", published="2024-04-24", faction="traders")
SEIZED: Final = Transition(id="seized", date="2024-05-20", published="2024-05-21", outcome="fishing_truce", to="broken")

HAD: Final = "leave out an item that the log has, correct it, or choose another id"
LATER: Final = "give that day or a later one"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "evidence.jsonl"


@pytest.fixture
def log(path: Path) -> EvidenceLog:
    """Four entries: two items in force, and one taken back."""
    log = EvidenceLog(path)
    log.add([LEAK, VISIT, Signal(id="forgery", date="2024-04-20", faction="wardens")])
    log.retract("forgery", "2024-05-01", "Forged.")
    return log


def refused(path: Path, call: Callable[[], object]) -> list[str]:
    """Return the faults for which something is refused; the log must be what it was, byte for byte."""
    before = path.read_bytes()
    with pytest.raises(EvidenceError) as caught:
        call()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    return [str(fault) for fault in caught.value.faults]


def test_the_file_is_one_json_object_a_line(log: EvidenceLog, path: Path) -> None:
    first, *_, last = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(first) == {
        "what": "add",
        "on": "2024-04-20",
        "item": {
            "type": "signal",
            "id": "leak",
            "date": "2024-04-20",
            "published": "2024-04-20",
            "headline": "A draft leaks",
            "confidence": "low",
            "faction": "wardens",
        },
    }
    assert json.loads(last) == {"what": "retract", "on": "2024-05-01", "id": "forgery", "why": "Forged."}
    assert len(log) == 4


def test_lines_already_there_stay_as_they_are(path: Path) -> None:
    odd = (
        '\ufeff{"on": "2024-05-01",  "what":"add", "item": {"type": "departure", "actor": "Ada", "date": "2024-05-01"}}'
    )
    path.write_text(f"{odd}\r\n\n", encoding="utf-8", newline="")
    EvidenceLog(path).add([LEAK, VISIT])
    text = path.read_bytes().decode()
    assert text.startswith(f"{odd}\r\n\n{{")
    assert len(EvidenceLog(path)) == 3


def test_a_last_line_without_its_end_is_not_glued_to_the_next(log: EvidenceLog, path: Path) -> None:
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    log.add(SEIZED)
    assert len(log) == 5


ITEM: Final = '{"type": "departure", "id": "x", "actor": "Ada", "date": "2024-04-20"}'
GOOD: Final = f'{{"what": "add", "on": "2024-04-20", "item": {ITEM}}}'
MEND: Final = "restore the line from a copy of the file, or remove it"
LINES: Final[dict[str, tuple[str | bytes, str]]] = {
    "torn": (GOOD[:-9], f"line 2: not valid JSON (Unterminated string starting at, column 102); {MEND}"),
    "not UTF-8": (GOOD.replace("Ada", "Zoë").encode("latin-1"), f"line 2: not UTF-8 text; {MEND}"),
    "no object": ("[]", f"line 2: not a JSON object; {MEND}"),
    "a key twice": (
        '{"what": "add", "what": "add"}',
        f"line 2: not valid JSON (key 'what' given twice in one object); {MEND}",
    ),
    "too deep": ("[" * 100_000, f"line 2: not an entry, nested too deeply; {MEND}"),
    "no item": ('{"what": "add", "on": "2024-04-20"}', "line 2, item: missing; give the item"),
    "an item that is none": (
        '{"what": "add", "on": "2024-04-20", "item": "x"}',
        f"line 2, item: no item with fields; {MEND}",
    ),
    "unknown kind of entry": (
        GOOD.replace('"add"', '"ad"'),
        "line 2, what ('ad'): not one of the valid values; did you mean add? choose one of add, retract, correct",
    ),
    "unknown kind of item": (
        GOOD.replace('"departure"', '"depature"'),
        "line 2 (depature x), type ('depature'): unknown type; did you mean departure? choose one of ",
    ),
    "unknown key": (
        GOOD.replace("}}", '}, "by": "me"}'),
        "line 2, by: unknown key; the keys here are what, on, item, id, why",
    ),
    "unknown field": (
        GOOD.replace("}}", ', "post": "x"}}'),
        "line 2 (departure x), post: unknown key; the keys here are ",
    ),
    "no day": (
        GOOD.replace("2024-04-20", "20 April", 1),
        "line 2, on ('20 April'): not a day; write it as YYYY-MM-DD, for example 2025-02-05",
    ),
    "an id of another item": (
        GOOD.replace("}}", '}, "id": "y"}'),
        "line 2, id ('y'): not the id of the item, x; leave it out; the item has it",
    ),
    "an item in a retraction": (
        GOOD.replace('"add"', '"retract"').replace("}}", '}, "id": "x"}'),
        "line 2, item: given in a retraction; leave it out; the id is enough",
    ),
    "inconsistent: an id of the log": (
        GOOD.replace('"x"', '"leak"'),
        f"line 2 (add leak), id ('leak'): the log has an item of this id; {HAD}",
    ),
    "inconsistent: an unknown id": (
        '{"what": "retract", "on": "2024-04-20", "id": "x"}',
        "line 2 (retract x), id ('x'): the log has no such item; the list of the log shows every id",
    ),
    "inconsistent: a day too early": (
        GOOD.replace("2024-04-20", "2024-04-19", 1),
        f"line 2 (add x), on ('2024-04-19'): before the published date of the item, 2024-04-20; {LATER}",
    ),
}


@pytest.mark.parametrize(("line", "message"), LINES.values(), ids=LINES.keys())
def test_a_line_at_fault_is_named_and_nothing_is_written(path: Path, line: str | bytes, message: str) -> None:
    log = EvidenceLog(path)
    log.add(LEAK)
    with path.open("ab") as file:
        file.write(line if isinstance(line, bytes) else line.encode())
    for call in (log.list, lambda: log.as_of("2024-05-01"), lambda: log.add(VISIT), lambda: len(log)):
        (fault,) = refused(path, call)
        assert fault.startswith(f"{path}: {message}")
    assert repr(log) == f"<EvidenceLog {path}: cannot be read>"


def test_every_line_at_fault_is_named(path: Path) -> None:
    path.write_text("{\n" + GOOD + "\n[]\n", encoding="utf-8")
    faults = refused(path, EvidenceLog(path).list)
    assert [fault.removeprefix(f"{path}: ").partition(":")[0] for fault in faults] == ["line 1", "line 3"]


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"file: cannot be read .*; make it a readable file"):
        EvidenceLog(tmp_path).list()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "nowhere" / "evidence.jsonl"
    with pytest.raises(EvidenceError) as caught:
        EvidenceLog(place).add(LEAK)
    assert [str(fault) for fault in caught.value.faults] == [
        f"{place}: file: cannot be written (No such file or directory); give a file in a folder that can be written to"
    ]


def test_a_write_that_fails_leaves_the_file_and_nothing_else(
    log: EvidenceLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    (fault,) = refused(path, lambda: log.add(SEIZED))
    assert "cannot be written (No space left on device)" in fault


def test_the_file_keeps_its_permissions_and_a_link_stays_one(log: EvidenceLog, path: Path) -> None:
    path.chmod(0o664)
    link = path.with_name("link.jsonl")
    link.symlink_to(path)
    EvidenceLog(link).add(SEIZED)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert len(log) == 5


def test_nothing_to_add_makes_no_file(path: Path) -> None:
    assert EvidenceLog(path).add([]) == ()
    assert not path.exists()


def test_a_store_takes_no_entry_that_cannot_follow(log: EvidenceLog, path: Path) -> None:
    late = Entry(what="retract", on="2024-05-02", id="forgery")  # as if another process had been quicker
    assert refused(path, lambda: JsonLinesStore(path).append([late])) == [
        f"{path}: line 5 (retract forgery), id ('forgery'): retracted already, from 2024-05-01 on; leave it at that"
    ]
    assert len(log) == 4


def test_entries_may_be_kept_elsewhere() -> None:
    class Memory:
        entries: tuple[Entry, ...] = ()

        def read(self) -> tuple[Entry, ...]:
            return self.entries

        def append(self, entries: Sequence[Entry]) -> None:
            self.entries += tuple(entries)

    store = Memory()
    EvidenceLog(store).add([LEAK, VISIT])
    EvidenceLog(store).retract("leak", "2024-05-01")
    assert EvidenceLog(store).as_of("2024-05-01") == (VISIT,)
    assert len(store.entries) == 3
