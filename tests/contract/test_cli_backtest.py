"""``vzforecast backtest``: what it prints and writes, how it goes on, and what it refuses."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from helpers.replayed import quick_fit
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.case import Case
from vzforecast.cli import app
from vzforecast.forecast import Forecast
from vzforecast.settings import SamplerSettings

FAST = ("--draws", "50", "--tune", "50", "--chains", "2", "--paths", "4")
SPAN = ("--from", "2025-02-05", "--to", "2025-03-01", "--every", "14d")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vzforecast.backtesting.backtesting.fit_known", quick_fit)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)])


def test_it_prints_scores_and_writes_every_table(tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = run(*SPAN, *FAST, "-o", out)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        "Backtest of venezuela-2025, strategy refit: 2 as-of dates from 2025-02-05 to 2025-02-19.\n"
    )
    for said in (
        "questions whose horizon had passed by 2025-08-28",
        "What n shows",
        "base_rate",
        "persistence",
        "No quote in markets.csv",
    ):
        assert said in result.stdout
    assert result.stderr == f"wrote the tables to {out}\n"
    table = pd.read_csv(out / "table.csv")
    assert table["as_of"].unique().tolist() == ["2025-02-05", "2025-02-19"]
    for name in ("stated", "scenarios", "scores", "skill", "passages", "scenario_scores", "provenance"):
        assert len(pd.read_csv(out / f"{name}.csv")) > 0


def test_it_goes_on_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(*SPAN, *FAST, "-o", tmp_path)
    monkeypatch.setattr("vzforecast.backtesting.backtesting.fit_known", None)
    assert run(*SPAN, *FAST, "-o", tmp_path).stdout == first.stdout


def test_what_is_written_is_what_score_takes(tmp_path: Path) -> None:
    run(*SPAN, *FAST, "-o", tmp_path)
    scored = CliRunner().invoke(app, ["score", str(tmp_path / "stated.csv"), "--against", "base_rate"])
    assert scored.exit_code == 0, scored.output
    assert "persistence" in scored.stdout


def test_a_failed_fit_is_exit_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(known: Case, *_: object, **__: object) -> Forecast:
        return synthetic_forecast(known, draws=50, paths=4, report=failing_report())

    monkeypatch.setattr("vzforecast.backtesting.backtesting.fit_known", failing)
    result = run("--from", "2025-02-05", "--to", "2025-02-05", "--every", "1w", *FAST, "-o", tmp_path)
    assert result.exit_code == 1
    assert "FAILED FITS, whose rows are in the scores: 1 of 1 (2025-02-05)." in result.stdout
    assert "warning: failed fits, do not use their numbers: 2025-02-05" in result.stderr


@pytest.mark.parametrize(
    ("options", "density"),
    [
        ((), "pymc"),
        (("--strategy", "update"), "written"),
        (("--strategy", "update", "--density", "pymc"), "pymc"),
        (("--density", "written"), "written"),
    ],
)
def test_what_fits_sample_goes_with_the_strategy_unless_told(
    options: Sequence[str], density: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[SamplerSettings] = []

    def recorded(known: Case, settings: SamplerSettings, *_: object, **__: object) -> Forecast:
        asked.append(settings)
        return synthetic_forecast(known, draws=50, paths=4)

    monkeypatch.setattr("vzforecast.backtesting.backtesting.fit_known", recorded)
    days = ("--from", "2025-02-05", "--to", "2025-02-05", "--every", "1w")
    assert run(*days, *FAST, *options, "-o", tmp_path).exit_code == 0
    assert asked == [SamplerSettings(draws=50, tune=50, chains=2, paths=4, density=density)]  # type: ignore[arg-type]


BAD = {
    "dates the wrong way round": (
        ("--from", "2025-03-01", "--to", "2025-02-05", "--every", "14d"),
        "--to 2025-02-05 is before --from 2025-03-01; exchange them",
    ),
    "no date": (("--from", "spring", "--to", "2025-02-05", "--every", "14d"), "date of --from"),
    "no step": (("--from", "2025-02-05", "--to", "2025-02-06", "--every", "0d"), "--every is '0d'; give days or weeks"),
    "a month": (("--from", "2025-02-05", "--to", "2025-02-06", "--every", "1m"), "such as 14d or 2w"),
    "unknown question": ((*SPAN, "--question", "cows"), "questions: the case has no question 'cows'"),
    "a chain by two": ((*SPAN, "--strategy", "none", "--workers", "2"), "strategy 'none' is a chain"),
    "before the origin": (("--from", "2024-02-05", "--to", "2024-02-06", "--every", "1d"), "is before the origin"),
}


@pytest.mark.parametrize("what", list(BAD))
def test_bad_input_is_one_message_and_exit_2(what: str, tmp_path: Path) -> None:
    arguments, message = BAD[what]
    result = run(*arguments, "-o", tmp_path / "run")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run(*SPAN, "-o", tmp_path / "file")
    assert result.exit_code == 2
    assert "choose another folder" in result.stderr
