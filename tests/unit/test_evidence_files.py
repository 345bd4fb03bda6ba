"""Files of evidence: what they look like, what can be read, and every fault word for word."""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from helpers.evidence import item
from vzforecast.errors import EvidenceError
from vzforecast.evidence import KINDS, Signal, Transition, read_evidence, write_evidence

LEAK = Signal(id="leak", date="2024-04-20", published="2024-04-22", faction="wardens", note='Says "no",\ntwice: §')
HALT = Transition(id="halt", date="2024-04-20", outcome="fishing_truce", to="broken", confidence="high")
FORMATS: Final = ("csv", "toml", "json")
FAULTS: Final[list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("evidence_faults.toml").read_text(encoding="utf-8")
)["file"]

TOML = """\
[[evidence]]
type = "signal"
id = "leak"
date = 2024-04-20
published = 2024-04-22
confidence = "low"
note = "Says \\"no\\",\\ntwice: §"
faction = "wardens"

[[evidence]]
type = "transition"
id = "halt"
date = 2024-04-20
published = 2024-04-20
confidence = "high"
outcome = "fishing_truce"
to = "broken"
"""
JSON = """\
[
  {
    "type": "signal",
    "id": "leak",
    "date": "2024-04-20",
    "published": "2024-04-22",
    "confidence": "low",
    "note": "Says \\"no\\",\\ntwice: §",
    "faction": "wardens"
  }
]
"""
CSV_HEADER = (
    "type,id,date,published,headline,source,confidence,note,kind,strength,faction,outcome,lean,episode,actor,"
    "is_decision,to,commitment,result,first_breach,agreement,form,regime_threat,relief_at_stake,signed,own_history_of,"
    "licence,decision,new_expiry,version,series,scope,self_renewing,direction,severity,sectoral,instrument,due,"
    "office,proximity,salience,role,event,ratio,probability,platform,weight"
)


def faults_of(path: Path) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        read_evidence(path)
    return [str(fault).replace(str(path), path.name) for fault in caught.value.faults]


class TestWritten:
    def test_toml(self, tmp_path: Path) -> None:
        path = write_evidence([LEAK, HALT], tmp_path / "news.toml")
        assert path.read_text(encoding="utf-8") == TOML

    def test_json(self, tmp_path: Path) -> None:
        path = write_evidence([LEAK], tmp_path / "news.json")
        assert path.read_text(encoding="utf-8") == JSON

    def test_csv(self, tmp_path: Path) -> None:
        path = write_evidence([LEAK, item("action", sectoral=True)], str(tmp_path / "news.CSV"))
        assert path.read_text(encoding="utf-8").split("\n") == [
            "type,id,date,published,confidence,note,kind,faction,direction,severity,sectoral",
            'signal,leak,2024-04-20,2024-04-22,low,"Says ""no"",',
            'twice: §",,wardens,,,',
            "action,x,2024-04-20,2024-04-20,low,,dues,,ease,2,true",
            "",
        ]

    def test_a_csv_without_items_has_every_column(self, tmp_path: Path) -> None:
        path = write_evidence([], tmp_path / "news.csv")
        assert path.read_text(encoding="utf-8") == f"{CSV_HEADER}\n"

    @pytest.mark.parametrize("suffix", FORMATS)
    def test_every_kind_in_its_order(self, tmp_path: Path, suffix: str) -> None:
        items = tuple(item(kind, id=kind) for kind in sorted(KINDS))
        assert read_evidence(write_evidence(items, tmp_path / f"news.{suffix}")) == items

    @pytest.mark.parametrize("suffix", FORMATS)
    def test_no_items(self, tmp_path: Path, suffix: str) -> None:
        assert read_evidence(write_evidence(iter(()), tmp_path / f"news.{suffix}")) == ()

    @pytest.mark.parametrize("items", [[LEAK, LEAK], [LEAK, "news"], LEAK], ids=["twice", "no evidence", "one item"])
    def test_a_bad_batch_leaves_the_file_as_it_was(self, tmp_path: Path, items: Any) -> None:
        path = write_evidence([HALT], tmp_path / "news.toml")
        with pytest.raises(EvidenceError):
            write_evidence(items, path)
        assert read_evidence(path) == (HALT,)
        assert list(tmp_path.iterdir()) == [path]

    def test_a_failure_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space"):
            write_evidence([HALT], tmp_path / "news.toml")
        assert list(tmp_path.iterdir()) == []


class TestRead:
    def test_csv_of_few_columns_in_any_order(self, tmp_path: Path) -> None:
        path = tmp_path / "news.csv"
        path.write_bytes(
            b"\xef\xbb\xbffaction, type,strength,date,sectoral,direction,kind,severity\r\n"
            b"wardens,signal,3,2024-04-20,,,,\r\n\r\n,action,,2024-04-20,TRUE,ease,dues, 2 \r\n"
        )
        assert read_evidence(path) == (
            Signal(date="2024-04-20", faction="wardens", strength=3),
            KINDS["action"](date="2024-04-20", direction="ease", kind="dues", severity=2, sectoral=True),
        )

    @pytest.mark.parametrize("change", FAULTS, ids=[change["name"] for change in FAULTS])
    def test_fault_is_reported_word_for_word(self, tmp_path: Path, change: dict[str, Any]) -> None:
        path = tmp_path / f"news.{change['format']}"
        path.write_text(change["text"], encoding="utf-8")
        assert faults_of(path) == change["faults"]

    def test_not_utf8(self, tmp_path: Path) -> None:
        path = tmp_path / "news.csv"
        path.write_bytes("type,date\nsignal,§".encode("latin-1"))
        assert faults_of(path) == ["news.csv: file: not UTF-8 text; save it as UTF-8"]

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("news.json", "[" * 100_000),
            ("news.toml", f"evidence = {'[' * 100_000}"),
            ("news.json", f"[{'1' * 5000}]"),
            ("news.toml", f"evidence = {'1' * 5000}"),
        ],
        ids=["json deep", "toml deep", "json digits", "toml digits"],
    )
    def test_what_no_reader_takes(self, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text, encoding="utf-8")
        (found,) = faults_of(tmp_path / name)
        assert found.startswith(f"{name}: file: cannot be read (")
        assert found.endswith("); write one flat table or object an item")

    def test_no_such_file(self, tmp_path: Path) -> None:
        assert faults_of(tmp_path / "news.csv") == ["news.csv: file: no such file; check the path"]

    def test_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "news.csv").mkdir()
        expected = "news.csv: file: cannot be read (Is a directory); make it a readable file"
        assert faults_of(tmp_path / "news.csv") == [expected]

    @pytest.mark.parametrize("name", ["news.txt", "news"])
    def test_another_suffix(self, tmp_path: Path, name: str) -> None:
        shown = " ('.txt')" if name.endswith("txt") else ""
        expected = f"{name}: suffix{shown}: not a format of evidence; choose one of .csv, .toml, .json"
        assert faults_of(tmp_path / name) == [expected]
        with pytest.raises(EvidenceError, match="not a format of evidence"):
            write_evidence([HALT], tmp_path / name)
