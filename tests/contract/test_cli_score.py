"""``vzforecast score``: what it prints, and what it refuses."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from vzforecast.cli import app
from vzforecast.scoring import score, skill


@pytest.fixture
def record(tmp_path: Path) -> Path:
    lines = [
        *("question,forecaster,as_of,probability,resolution,source", "a,model,2025-02-05,0.9,1,x"),
        *("b,model,2025-02-05,0.2,0,x", "c,model,2025-02-05,0.2,,x", "a,coin,2025-02-05,0.5,1,x"),
        *("b,coin,2025-02-05,0.5,0,x", ""),
    ]
    return written(tmp_path / "record.csv", "\n".join(lines))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["score", *map(str, arguments)])


def refused(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def test_a_file_is_scored(record: Path) -> None:
    result = run(record)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{score(record).text}\n"
    assert [line.split() for line in result.stdout.splitlines()[:4]] == [
        *(["forecaster", "coin", "model"], ["n", "2", "2"], ["questions", "2", "2"], ["unresolved", "0", "1"]),
    ]
    assert "brier           0.250 (0.250 to 0.250)  0.025 (0.010 to 0.040)" in result.stdout
    assert "What n shows: from 2 questions" in result.stdout
    assert "Not scored, as the resolution is blank: 1 forecast (model 1)." in result.stdout


def test_a_reference_is_compared_with(record: Path) -> None:
    result = run(record, "--against", "coin")
    assert "model      coin    brier      2         2  0.025        0.250  -0.225 (-0.240 to -0.210)" in result.stdout
    assert result.stdout.count("What n shows") == 1  # said once
    assert "A difference below 0 is better than the reference" in result.stdout


def test_documents_for_other_programs(record: Path) -> None:
    document = json.loads(run(record, "--json").stdout)
    assert list(document) == ["scores", "skill", "floor", "by", "notes"]
    assert document["skill"] is None
    assert document["scores"][1] == score(record).reset_index().iloc[1].to_dict()
    assert document["notes"] == score(record).attrs["notes"]
    both = json.loads(run(record, "--json", "--against", "coin", "--floor", "0.25").stdout)
    assert both["floor"] == 0.25
    assert both["skill"][0]["forecaster"] == "model"
    assert both["scores"][1]["log_score"] == score(record, floor=0.25).loc["model", "log_score"]
    scores = pd.read_csv(io.StringIO(run(record, "--csv").stdout), index_col="forecaster")
    assert scores.columns.tolist() == score(record).columns.tolist()
    table = pd.read_csv(io.StringIO(run(record, "--csv", "--against", "coin").stdout))
    assert table["difference"].tolist() == pytest.approx(skill(record, "coin")["difference"].tolist())


def test_what_is_not_a_number_is_null(tmp_path: Path) -> None:
    one = written(tmp_path / "one.csv", "question,probability,resolution\na,0.5,1\n")
    assert json.loads(run(one, "--json").stdout)["scores"][0]["brier_lower"] is None


def test_blocks_of_another_column(record: Path) -> None:
    assert "whole blocks of one source" in run(record, "--by", "source").stdout


def test_bad_input_is_one_message(record: Path, tmp_path: Path) -> None:
    bad = written(tmp_path / "bad.csv", "question,probability,resolution\na,40,1\nb,0.2,maybe\n")
    message = refused(bad)
    assert message.startswith("error: 2 faults in what is to be scored:\n")
    assert f"{bad}: row 2, column probability ('40'): out of range; give a number from 0 to 1" in message
    assert f"{bad}: row 3, column resolution ('maybe'): neither 0 nor 1" in message
    assert "no such file; check the path" in refused(tmp_path / "none.csv")
    assert "not in the table; did you mean coin?" in refused(record, "--against", "con")
    alone = written(tmp_path / "alone.csv", "question,probability,resolution,forecaster\na,0.5,1,model\n")
    assert "against ('model'): there is nobody to compare" in refused(alone, "--against", "model")
    assert "--json and --csv exclude each other" in refused(record, "--json", "--csv")
    assert "floor ('0'): out of range" in refused(record, "--floor", "0")
    assert "by ('episode'): no such column" in refused(record, "--by", "episode")


def test_scoring_loads_no_drawing_and_no_model() -> None:
    heavy = {"matplotlib", "scoringrules", "pymc", "arviz", "nutpie", "numba"}
    code = (
        f"import sys, vzforecast as vz; vz.score, vz.skill, vz.calibration, vz.plot; print({heavy} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
