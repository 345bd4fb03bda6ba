"""The case to start from: valid as it is, and never written halfway or over something."""

import os
import shutil
from pathlib import Path

import pytest

from vzforecast.case import CaseFolderError, load_case, new_case
from vzforecast.case.tables import TABLES
from vzforecast.errors import VzForecastError

FILES = {"README.md", "case.toml", "priors.toml", *(schema.file for schema in TABLES.values())}


def test_it_is_whole_and_valid(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "mine")
    assert folder == tmp_path / "mine"
    assert {path.name for path in folder.iterdir()} == FILES
    case = load_case(folder)
    case.known_on(case.spec.default_as_of).validate()
    assert all(len(case.tables[name]) for name in TABLES), "every table shows a row"


def test_every_kind_of_process_and_prior_is_shown(tmp_path: Path) -> None:
    case = load_case(new_case(tmp_path / "mine"))
    assert {process.table for process in case.spec.processes.values()} == {
        "commitments",
        "licences",
        "actions",
        "counts",
    }
    assert {prior.distribution for prior in case.prior_specs.values()} == {"normal", "half_normal", "log_normal"}
    assert any(prior_id.startswith("coupling.") for prior_id in case.prior_specs)


def test_every_key_of_the_toml_file_is_explained(tmp_path: Path) -> None:
    text = (new_case(tmp_path / "mine") / "case.toml").read_text(encoding="utf-8")
    assert text.count("#") > 40


def test_an_empty_folder_is_filled_in_place(tmp_path: Path) -> None:
    inode = tmp_path.stat().st_ino
    new_case(tmp_path)
    assert tmp_path.stat().st_ino == inode
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CaseFolderError) as caught:
        new_case(tmp_path)
    assert str(caught.value) == f"the folder {str(tmp_path)!r} is not empty; give a new or an empty one"
    assert isinstance(caught.value, VzForecastError)
    assert isinstance(caught.value, OSError)
    with pytest.raises(CaseFolderError, match=r"is a file; give a new or an empty folder"):
        new_case(tmp_path / "thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_folder_above_must_exist(tmp_path: Path) -> None:
    with pytest.raises(CaseFolderError, match=r"there is no folder .*above' to write in; make it first"):
        new_case(tmp_path / "above" / "mine")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("there", [True, False], ids=["empty folder", "new folder"])
def test_a_failed_copy_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    def full_disk(source: str, target: str) -> None:
        if os.fspath(source).endswith("news.csv"):
            raise OSError(28, "No space left on device")
        copyfile(source, target)

    copyfile = shutil.copyfile
    monkeypatch.setattr(shutil, "copyfile", full_disk)
    if there:
        (tmp_path / "mine").mkdir()
    with pytest.raises(CaseFolderError, match=r"cannot be written \(.*\); choose another place"):
        new_case(tmp_path / "mine")
    assert [path.name for path in tmp_path.rglob("*")] == (["mine"] if there else [])
