"""``vzforecast coherence``: what it prints and writes, and what it refuses."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from helpers.cases import embedded
from helpers.synthetic import synthetic_forecast
from vzforecast.cli import app

EARLY = "ever(sanctions = re_escalated) by 2025-03-31"
LATE = "ever(sanctions = re_escalated) by 2025-06-30"


@pytest.fixture
def stated(tmp_path: Path) -> Path:
    return written(tmp_path / "stated.csv", f"event,probability\n{EARLY},0.4\n{LATE},0.3\n")


@pytest.fixture(scope="module")
def forecast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fc = synthetic_forecast(embedded(), "2025-02-05", draws=50, paths=4)
    return fc.save(tmp_path_factory.mktemp("forecast") / "fc.nc")


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["coherence", *map(str, arguments)])


def refused(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def test_the_verdict_is_printed_and_incoherent_numbers_are_no_failure(stated: Path) -> None:
    result = run(stated)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout == (
        "As of 2025-02-05: 2 stated events, 3 possible worlds: not coherent, 1 rule broken.\n\n"
        "implies, by 10.0 points: the first implies the second, so it is no likelier\n"
        f"  P1 = 0.4  {EARLY}\n"
        f"  P2 = 0.3  {LATE}\n\n"
        "Nearest coherent numbers (root mean square change 5.00 points)\n"
        "  stated  coherent  change  event\n"
        f"   0.400     0.350  -0.050  {EARLY}\n"
        f"   0.300     0.350  +0.050  {LATE}\n"
    )


def test_the_record_is_that_of_the_day(stated: Path) -> None:
    assert "certain, by 70.0 points" in run(stated, "--as-of", "2025-04-30").stdout
    assert "1 possible world:" in run(stated, "--as-of", "2025-04-30", "--case", "venezuela-2025").stdout


def test_documents_for_other_programs(stated: Path) -> None:
    document = json.loads(run(stated, "--json").stdout)
    assert list(document) == ["ok", "as_of", "atoms", "distance", "incoherences", "nearest"]
    assert (document["ok"], document["as_of"], document["atoms"]) == (False, "2025-02-05", 3)
    assert document["incoherences"][0]["events"] == f"{EARLY}; {LATE}"
    assert [row["event"] for row in document["nearest"]] == [EARLY, LATE]
    lines = run(stated, "--csv").stdout.splitlines()
    assert lines[0] == "event,stated,coherent,change"
    assert lines[1].startswith(f"{EARLY},0.4,0.35")


def test_what_is_written_is_coherent_when_it_is_read_again(stated: Path, tmp_path: Path) -> None:
    target = tmp_path / "nearest.csv"
    result = run(stated, "--output", target)
    assert result.stderr == f"wrote {target}\n"
    assert pd.read_csv(target).columns.to_list() == ["event", "probability"]
    again = json.loads(run(target, "--tolerance", "1e-9", "--json").stdout)
    assert again["ok"]
    assert again["distance"] < 1e-9


def test_a_saved_forecast_is_shown_beside_or_checked_itself(stated: Path, forecast: Path) -> None:
    assert "   model  event" in run(stated, "--forecast", forecast).stdout
    own = run("--forecast", forecast)
    assert own.exit_code == 0
    assert own.stdout.splitlines()[0].endswith(": coherent.")
    assert "deal_collapses: " in own.stdout


def test_bad_input_is_one_message(stated: Path, forecast: Path, tmp_path: Path) -> None:
    bad = written(tmp_path / "bad.csv", f"event,probability\n{EARLY},40\never(sanction = x) by 2025-03-31,0.2\n")
    message = refused(bad)
    assert message.startswith("error: 2 faults in the stated probabilities:\n")
    assert f"{bad}: row 2, column probability ('40'): out of range; give a number from 0 to 1" in message
    assert f"{bad}: row 3, column event" in message
    assert "unknown outcome 'sanction'" in message
    assert "--json and --csv exclude each other" in refused(stated, "--json", "--csv")
    assert "nothing is stated; give a CSV file" in refused()
    assert "--forecast brings its case and day" in refused(stated, "--forecast", forecast, "--as-of", "2025-03-01")
    assert "no such file; check the path" in refused(tmp_path / "none.csv")
    assert "--output" in refused(stated, "--output", tmp_path / "none" / "x.csv")
    assert "is not an ISO date" in refused(stated, "--as-of", "March")
    assert "tolerance ('2'): out of range" in refused(stated, "--tolerance", "2")
