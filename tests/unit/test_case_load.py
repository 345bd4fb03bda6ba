"""Where a case is found, and what is wrong with its files as files."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from vzforecast.case import DEFAULT_CASE, embedded_cases, load, load_case, new_case
from vzforecast.case.tables import TABLES
from vzforecast.errors import CaseError, CaseNotFoundError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_case(tmp_path / "case")


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(CaseError) as caught:
        load_case(folder)
    return [str(fault) for fault in caught.value.faults]


def test_the_embedded_case_is_the_default() -> None:
    case = load_case()
    assert case.spec.name == DEFAULT_CASE == "venezuela-2025"
    assert case == load_case(DEFAULT_CASE)
    assert case.folder is not None
    assert case.folder.name == DEFAULT_CASE
    assert DEFAULT_CASE in embedded_cases()


def test_embedded_cases_are_found_in_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "vzforecast"
    shutil.copytree(load_case().folder or "", package / "priors" / "other-case")
    monkeypatch.setattr(load, "__file__", str(package / "case" / "load.py"))
    assert embedded_cases() == ["other-case"]
    assert load_case("other-case").spec.name == "venezuela-2025"


def test_a_folder_by_text_or_path(folder: Path) -> None:
    assert load_case(folder) == load_case(str(folder))
    assert load_case(folder).folder == folder


def test_a_folder_may_share_the_name_of_an_embedded_case(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.rename(tmp_path / DEFAULT_CASE)
    monkeypatch.chdir(tmp_path)
    assert load_case(DEFAULT_CASE).spec.name == DEFAULT_CASE
    assert load_case(f"./{DEFAULT_CASE}").spec.name == "two-islands"
    assert load_case(Path(DEFAULT_CASE)).spec.name == "two-islands"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "venezuela-2024",
            "no case or folder 'venezuela-2024'; did you mean venezuela-2025? the embedded cases are: venezuela-2025",
        ),
        ("atlantis", "no case or folder 'atlantis'; the embedded cases are: venezuela-2025"),
    ],
    ids=["misspelt", "unknown"],
)
def test_unknown_case(name: str, message: str) -> None:
    with pytest.raises(CaseNotFoundError) as caught:
        load_case(name)
    assert str(caught.value) == message
    assert isinstance(caught.value, FileNotFoundError)


def test_a_file_is_not_a_folder(folder: Path) -> None:
    with pytest.raises(CaseNotFoundError, match=r"case\.toml' is a file; give the folder of the case"):
        load_case(folder / "case.toml")


def test_missing_files(folder: Path) -> None:
    (folder / "priors.toml").unlink()
    (folder / "news.csv").unlink()
    assert faults_of(folder) == [
        "news.csv: file: file missing; add it, a table without rows with its header alone",
        "priors.toml: file: file missing; add it",
    ]


def test_a_case_that_declares_nothing_scheduled_needs_no_schedule(folder: Path) -> None:
    for name, part in (("case.toml", r"\[scheduled\][^[]*"), ("priors.toml", r"\[schedule\.\w+\][^[]*")):
        text, count = re.subn(part, "", (folder / name).read_text(encoding="utf-8"))
        assert count
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "schedule.csv").write_text(TABLES["schedule"].empty, encoding="utf-8")
    empty = load_case(folder)
    (folder / "schedule.csv").unlink()
    missing = load_case(folder)
    assert missing == empty
    assert missing.digest == empty.digest
    pd.testing.assert_frame_equal(missing.tables["schedule"], empty.tables["schedule"])


def test_a_case_that_declares_something_scheduled_needs_one(folder: Path) -> None:
    (folder / "schedule.csv").unlink()
    expected = ["schedule.csv: file: file missing; add it, a table without rows with its header alone"]
    assert faults_of(folder) == expected


def test_a_schedule_that_cannot_be_read_is_not_missing(folder: Path) -> None:
    (folder / "schedule.csv").write_bytes(b"\xff")
    assert faults_of(folder) == ["schedule.csv: file: not UTF-8 text; save it as UTF-8"]


def test_whether_a_schedule_is_missing_is_not_guessed(folder: Path) -> None:
    (folder / "schedule.csv").unlink()
    (folder / "case.toml").unlink()
    assert "schedule.csv" not in "".join(faults_of(folder))


def test_a_folder_without_any_file_of_a_case(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CaseNotFoundError) as caught:
        load_case(tmp_path)
    assert str(caught.value) == (
        f"no file of a case in the folder {str(tmp_path)!r}; the embedded cases are: venezuela-2025"
    )


def test_a_folder_with_one_file_lacks_the_others(tmp_path: Path) -> None:
    (tmp_path / "actors.csv").write_text("actor\n")
    missing = [fault for fault in faults_of(tmp_path) if fault.endswith("file missing; add it")]
    assert missing == ["case.toml: file: file missing; add it", "priors.toml: file: file missing; add it"]


def test_files_that_nothing_would_read(folder: Path) -> None:
    (folder / "new.csv").write_text("a\n")
    (folder / "weather.toml").write_text("")
    (folder / "notes.md").write_text("free to be here")
    assert faults_of(folder) == [
        (
            "new.csv: file: not a file of a case; did you mean news? "
            "otherwise move it elsewhere, since nothing would read it"
        ),
        "weather.toml: file: not a file of a case; move it elsewhere, since nothing would read it",
    ]


def test_unreadable_files(folder: Path) -> None:
    (folder / "news.csv").write_bytes(b"id,date\n\xff\xfe")
    (folder / "counts.csv").unlink()
    (folder / "counts.csv").mkdir()
    assert faults_of(folder) == [
        "counts.csv: file: cannot be read (Is a directory); make it a readable file",
        "news.csv: file: not UTF-8 text; save it as UTF-8",
    ]


def test_format_does_not_matter(folder: Path) -> None:
    """A byte-order mark, Windows line ends, spaces, quotes, blank lines and the order of columns are all one case."""
    plain = load_case(folder)
    flights = '\ufeffnote,confidence,month , returnees,flights,source\r\n,"high",2024-01,120, 4 ,https://example.org/landings\r\n\r\n'
    flights += "Book lost,low,2024-02,,,https://example.org/landings\r\n"
    (folder / "flights.csv").write_bytes(flights.encode())
    toml = (folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text("\n".join(line.split(" #")[0] for line in toml.splitlines()), encoding="utf-8")
    assert load_case(folder).digest == plain.digest
