"""What `vzforecast update` prints, keeps and returns; its forecast is put together without sampling."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from helpers.cases import skeleton
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.cli import app
from vzforecast.evidence import Signal, write_evidence
from vzforecast.evidence_log import EvidenceLog
from vzforecast.forecast import load_forecast

SEIZED = (
    'signal id=boat_seized date=2024-04-20 kind=decision strength=3 faction=wardens headline="Wardens seize a boat"'
)
QUOTE = (
    'market_quote id=quote date=2024-04-20 event="ever(fishing_truce = broken) by 2024-12-31" probability=0.9 '
    "platform=bookmaker"
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A forecast of the skeleton case, as ``--save`` writes it."""
    forecast = synthetic_forecast(skeleton(), draws=400, chains=2, paths=10, width=0.3)
    return forecast.save(tmp_path_factory.mktemp("saved") / "fc.nc")


def run(saved: Path, *options: str) -> Result:
    environment = {"COLUMNS": "80", "TERM": "dumb"}
    return CliRunner().invoke(app, ["update", str(saved), *options], env=environment)


@pytest.fixture(scope="module")
def page(saved: Path) -> list[str]:
    result = run(saved, "--item", SEIZED, "--item", QUOTE)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout.splitlines()


@pytest.fixture(scope="module")
def document(saved: Path) -> dict[str, Any]:
    result = run(saved, "--item", SEIZED, "--item", QUOTE, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_head_says_from_when_to_when_and_which_path_was_taken(page: list[str]) -> None:
    assert page[:2] == [
        "Two islands, a ferry and a truce (two-islands)",
        "From 2024-04-15 to 2024-04-20, by 2024-12-31.",
    ]
    assert page[2].startswith("Reweighted the fit of 2024-04-15 (k-hat ")
    assert " of 800 draws) in " in " ".join(page[2:4])
    assert "k-hat and ESS are within their limits" in " ".join(page[2:5])


def test_every_item_is_shown_with_its_confidence_and_what_it_enters_as(page: list[str]) -> None:
    line = next(line for line in page if "Wardens seize a boat" in line or "signal: Wardens seize" in line)
    assert line.split()[-2:] == ["low", "signal"]


def test_before_after_and_change_are_shown_in_points(page: list[str], document: dict[str, Any]) -> None:
    start = page.index("Scenarios on 2024-12-31")
    assert page[start + 1].split() == ["Scenario", "Id", "Before", "After", "Change", "MC", "error"]
    for row in document["change"]:
        line = next(line for line in page[start:] if f" {row['scenario']} " in line)
        assert f"{100 * row['change']:+.1f}" in line


def test_model_and_market_are_set_beside_each_other(page: list[str], document: dict[str, Any]) -> None:
    (quote,) = document["update"]["quotes"]
    assert quote["market"] == 0.9
    assert quote["difference"] == pytest.approx(quote["market"] - quote["model"])
    start = page.index("Model and market")
    assert any("bookmaker" in line and "90 %" in line for line in page[start:])


def test_the_document_holds_what_the_page_shows(document: dict[str, Any]) -> None:
    assert document["ok"] is True
    assert document["before"]["as_of"] == "2024-04-15"
    assert document["after"]["as_of"] == "2024-04-20"
    assert document["update"]["method"] == "reweight"
    assert {item["id"] for item in document["update"]["items"]} == {"boat_seized", "quote"}
    for side in ("before", "after"):
        assert sum(row["probability"] for row in document[side]["scenarios"]) == pytest.approx(1.0)
    for row in document["change"]:
        assert row["change"] == pytest.approx(row["after"] - row["before"])


def test_csv_is_the_scenario_table_of_both_days(saved: Path, document: dict[str, Any]) -> None:
    result = run(saved, "--item", SEIZED, "--item", QUOTE, "--csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["scenario"] for row in rows] == [row["scenario"] for row in document["change"]]
    for row, full in zip(rows, document["change"], strict=True):
        assert float(row["after"]) == full["after"]
        assert (row["from"], row["to"], row["by"], row["ok"]) == ("2024-04-15", "2024-04-20", "2024-12-31", "true")


def test_the_new_forecast_can_be_saved_and_updated_in_turn(saved: Path, tmp_path: Path) -> None:
    kept = tmp_path / "fc2.nc"
    result = run(saved, "--item", SEIZED, "--save", str(kept))
    assert result.stderr == f"saved to {kept}\n"
    assert [item.id for item in load_forecast(kept).evidence] == ["boat_seized"]
    again = run(kept, "--item", QUOTE, "--json")
    assert [item["id"] for item in json.loads(again.stdout)["update"]["items"]] == ["boat_seized", "quote"]
    assert "quote" in run(kept, "--item", QUOTE).stdout
    assert "Wardens seize" not in run(kept, "--item", QUOTE).stdout, "only what is new is news"


def test_files_items_and_time_alone_update(saved: Path, tmp_path: Path) -> None:
    news = write_evidence([Signal(id="in_file", date="2024-04-18", faction="traders")], tmp_path / "news.toml")
    found = json.loads(run(saved, "--news", str(news), "--item", SEIZED, "--json").stdout)
    assert [item["id"] for item in found["update"]["items"]] == ["in_file", "boat_seized"]
    later = json.loads(run(saved, "--as-of", "2024-04-25", "--by", "2024-08-31", "--json").stdout)
    assert (later["after"]["as_of"], later["by"], later["update"]["items"]) == ("2024-04-25", "2024-08-31", [])


def test_a_log_gives_its_items_as_of_the_day(saved: Path, tmp_path: Path) -> None:
    log = EvidenceLog(tmp_path / "log.jsonl")
    log.add(
        [
            Signal(id="leak", date="2024-04-17", faction="wardens"),
            Signal(id="feast", date="2024-04-19", faction="traders"),
        ]
    )
    log.retract("leak", on="2024-04-19")
    path = str(tmp_path / "log.jsonl")
    for day, expected in (("2024-04-18", ["leak"]), ("2024-04-19", ["feast"])):
        found = json.loads(run(saved, "--log", path, "--as-of", day, "--json").stdout)
        assert [item["id"] for item in found["update"]["items"]] == expected


def test_a_log_that_took_back_what_the_forecast_rests_on_is_refused(saved: Path, tmp_path: Path) -> None:
    log, kept = EvidenceLog(tmp_path / "log.jsonl"), tmp_path / "fc2.nc"
    log.add(Signal(id="leak", date="2024-04-17", faction="wardens"))
    run(saved, "--log", str(tmp_path / "log.jsonl"), "--save", str(kept))
    log.retract("leak", on="2024-04-19")
    result = run(kept, "--log", str(tmp_path / "log.jsonl"), "--as-of", "2024-04-19")
    assert result.exit_code == 2
    assert "signal leak: id ('leak'): in the forecast, but not so in the log" in result.stderr


def test_a_failed_fit_says_so_and_ends_with_code_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = synthetic_forecast(skeleton(), draws=400, chains=2, width=0.3, report=failing_report())
    path = failed.save(tmp_path / "failed.nc")
    monkeypatch.setattr("vzforecast.updating.advance.fit_known", lambda *_args, **_options: failed)
    result = run(path, "--item", SEIZED)
    assert result.exit_code == 1
    assert "FAILED FIT: do not use these numbers" in result.stdout
    assert result.stderr.startswith("warning: failed fit (after the update), do not use its numbers: R-hat 1.250")


REFUSED = {
    "nothing": ((), "error: nothing to update with; give --news, --item, --log or --as-of\n"),
    "json and csv": (
        ("--json", "--csv", "--item", SEIZED),
        "error: --json and --csv exclude each other; give one of them\n",
    ),
    "unknown faction": (
        ("--item", "signal id=x date=2024-04-20 faction=warden"),
        "signal x: faction ('warden'): unknown faction; did you mean wardens? choose one of wardens, traders,",
    ),
    "a typed item without a key": (("--item", "signal date=2024-04-20 wardens"), "'wardens'"),
    "backwards": (
        ("--as-of", "2024-04-10"),
        "error: as-of date 2024-04-10 is before the forecast's own, 2024-04-15; a forecast only moves forward\n",
    ),
    "by before the new day": (
        ("--item", SEIZED, "--by", "2024-04-16"),
        "error: date of --by 2024-04-16 is outside the new forecast; give a day from 2024-04-20 to 2024-12-31\n",
    ),
    "no such file": (("--news", "nowhere.csv"), "nowhere.csv"),
    "no weights will do": (
        (
            "--method",
            "reweight",
            *(part for n in range(2) for part in ("--item", f"signal date=2024-04-20 kind=new{n} faction=wardens")),
        ),
        "error: the forecast cannot be reweighted: the fit kept 1 place for new members of signal_kind",
    ),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_bad_input_is_refused_in_one_message(saved: Path, name: str) -> None:
    options, message = REFUSED[name]
    result = run(saved, *options)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert message in result.stderr


def test_what_is_no_forecast_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fc.nc").write_text("no forecast")
    result = run(tmp_path / "fc.nc", "--item", SEIZED)
    assert result.exit_code == 2
    assert "not a whole vzforecast forecast" in result.stderr
