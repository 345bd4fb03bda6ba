"""Bad input to the command line: exit code 2, one message with place and remedy, nothing on stdout, nothing written."""

import os
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from helpers.cached import OPTIONS, case_folder
from vzforecast import main_job
from vzforecast.cli import app


@pytest.fixture(autouse=True)
def no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with the input is found before anything is fitted."""

    def refuse(*_args: object, **_options: object) -> None:
        message = "a fit was started on bad input"
        raise AssertionError(message)

    monkeypatch.setattr(main_job, "fit", refuse)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return case_folder(tmp_path / "case")


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def refused(tmp_path: Path, *arguments: str) -> str:
    """Run a command that must refuse its input; return the one message."""
    cache = Path(os.environ["VZFORECAST_CACHE"])
    before = contents(tmp_path), contents(cache)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert (contents(tmp_path), contents(cache)) == before, "something was written"
    return result.stderr


def rewrite(folder: Path, file: str, old: str | None, new: str) -> None:
    """Replace the one place of a text in a file, or the whole file."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old is None or text.count(old) == 1
    path.write_text(new if old is None else text.replace(old, new), encoding="utf-8")


NO_EQUALS: Final = "Expected '=' after a key in a key/value pair"
EDITS: Final[dict[str, tuple[str, str | None, str, str]]] = {
    "broken TOML": (
        "case.toml",
        "origin = 2024-01-01",
        "origin 2024-01-01",
        f"case.toml: line 7, column 8: not valid TOML: {NO_EQUALS}; correct the syntax there",
    ),
    "missing column": (
        "flights.csv",
        None,
        "month,returnees,source,confidence,note\n",
        "flights.csv: header ('flights'): column missing; add the column; a cell may be empty if unknown",
    ),
    "extra column": (
        "markets.csv",
        None,
        "platform,weight,question,question_url,date,probability,horizon,resolution,source,note\n",
        "markets.csv: header ('weight'): unknown column; remove it",
    ),
    "NaN": (
        "actors.csv",
        "80,60,90",
        "80,NaN,90",
        "actors.csv: row 3, column proximity ('NaN'): not a value; give the value, or drop the row",
    ),
    "non-ISO date": (
        "news.csv",
        "2024-03-01,2024-03-03,Islands",
        "1 March,2024-03-03,Islands",
        "news.csv: row 4, column date ('1 March'): not an ISO date; write it as YYYY-MM-DD",
    ),
    "probability above 1": (
        "markets.csv",
        ",0.2,",
        ",1.2,",
        "markets.csv: row 2, column probability ('1.2'): out of range; give a value from 0 to 1",
    ),
}


@pytest.mark.parametrize("command", ["forecast", "validate"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_a_fault_of_the_case(tmp_path: Path, folder: Path, command: str, edit: tuple[str, str, str, str]) -> None:
    *change, expected = edit
    rewrite(folder, *change)
    arguments = ["forecast", "--case", str(folder)] if command == "forecast" else ["validate", str(folder)]
    message = refused(tmp_path, *arguments)
    assert message == f"error: the case has 1 fault:\n  {expected}\n"


def test_all_faults_are_listed(tmp_path: Path, folder: Path) -> None:
    for fault in ("NaN", "non-ISO date", "probability above 1"):
        rewrite(folder, *EDITS[fault][:3])
    message = refused(tmp_path, "validate", str(folder))
    assert message.splitlines()[0] == "error: the case has 3 faults:"
    assert len(message.splitlines()) == 4


@pytest.mark.parametrize("command", [["forecast", "--case"], ["validate"]], ids=["forecast", "validate"])
def test_a_missing_case(tmp_path: Path, command: list[str]) -> None:
    assert refused(tmp_path, *command, "venezuela-2026") == (
        "error: no case or folder 'venezuela-2026'; did you mean venezuela-2025? "
        "the embedded cases are: venezuela-2025\n"
    )


SPAN: Final = "choose a day from 2024-01-01 to 2024-12-31"
TRUCE_SPAN: Final = "choose a day from 2024-03-01 to 2024-12-31"
DATES: Final = {
    "as-of before the origin": (
        ["--as-of", "2023-12-31"],
        f"as-of date 2023-12-31 is before the origin of the case, 2024-01-01; {SPAN}",
    ),
    "as-of after the horizon": (
        ["--as-of", "2025-01-01"],
        f"as-of date 2025-01-01 is after the horizon of the case, 2024-12-31; {SPAN}",
    ),
    "as-of before an outcome": (
        ["--as-of", "2024-02-01"],
        f"as-of date 2024-02-01 is before the start of the outcome fishing_truce, 2024-03-01; {TRUCE_SPAN}",
    ),
    "as-of not ISO": (
        ["--as-of", "5 February"],
        "as-of date '5 February' is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05",
    ),
    "by before the as-of date": (
        ["--by", "2024-04-14"],
        "date of --by 2024-04-14 is outside the forecast; give a day from 2024-04-15 to 2024-12-31",
    ),
    "by after the horizon": (
        ["--as-of", "2024-05-01", "--by", "2025-01-01"],
        "date of --by 2025-01-01 is outside the forecast; give a day from 2024-05-01 to 2024-12-31",
    ),
    "by not ISO": (
        ["--by", "31.12.2024"],
        "date of --by '31.12.2024' is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05",
    ),
}


@pytest.mark.parametrize(("options", "message"), DATES.values(), ids=DATES.keys())
def test_a_date_without_meaning(tmp_path: Path, folder: Path, options: list[str], message: str) -> None:
    assert refused(tmp_path, "forecast", "--case", str(folder), *options) == f"error: {message}\n"


SETTINGS: Final = {
    "draws 0": (["--draws", "0"], "draws is 0; give a whole number of at least 50"),
    "tune 1": (["--tune", "1"], "tune is 1; give a whole number of at least 50"),
    "one chain": (["--chains", "1"], "chains is 1; give a whole number of at least 2"),
    "one path": (["--paths", "1"], "paths is 1; give a whole number of at least 2"),
    "negative seed": (["--seed", "-1"], "seed is -1; give a whole number from 0 to 4294967295"),
    "seed too large": (["--seed", "4294967296"], "seed is 4294967296; give a whole number from 0 to 4294967295"),
    "two formats": (["--json", "--csv"], "--json and --csv exclude each other; give one of them"),
}


@pytest.mark.parametrize(("options", "message"), SETTINGS.values(), ids=SETTINGS.keys())
def test_an_option_out_of_range(tmp_path: Path, options: list[str], message: str) -> None:
    assert refused(tmp_path, "forecast", *options) == f"error: {message}\n"


def test_an_option_that_is_no_number(tmp_path: Path) -> None:
    assert "Invalid value for '--draws'" in refused(tmp_path, "forecast", "--draws", "many")


def test_an_unknown_option(tmp_path: Path) -> None:
    assert "No such option: --drwas" in refused(tmp_path, "forecast", "--drwas", "100")


def test_saving_into_a_missing_folder(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "fc.nc"
    assert refused(tmp_path, "forecast", *OPTIONS, "--save", str(target)) == (
        f"error: --save {str(target)!r}: there is no folder {str(target.parent)!r}; make it first\n"
    )


def test_saving_onto_a_folder(tmp_path: Path) -> None:
    message = f"error: --save {str(tmp_path)!r} is a folder; give the name of a file\n"
    assert refused(tmp_path, "forecast", *OPTIONS, "--save", str(tmp_path)) == message


def test_saving_where_nothing_may_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    target = tmp_path / "fc.nc"
    assert refused(tmp_path, "forecast", *OPTIONS, "--save", str(target)) == (
        f"error: --save {str(target)!r}: the folder {str(tmp_path)!r} cannot be written to; choose another\n"
    )


def test_a_new_case_over_something(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert refused(tmp_path, "new-case", str(tmp_path)) == (
        f"error: the folder {str(tmp_path)!r} is not empty; give a new or an empty one\n"
    )


def test_an_unexpected_exception_is_not_disguised(tmp_path: Path, folder: Path) -> None:
    result = CliRunner().invoke(app, ["forecast", "--case", str(folder), *OPTIONS])
    assert isinstance(result.exception, AssertionError)
    assert result.exit_code not in (0, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["case"]
