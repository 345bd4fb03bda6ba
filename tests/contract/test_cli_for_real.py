"""The main job from case files to a printed page, sampler included."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from helpers.cached import case_folder
from vzforecast.cli import app


@pytest.mark.slow
def test_the_skeleton_is_fitted_twice_and_printed(tmp_path: Path) -> None:
    folder = case_folder(tmp_path / "case", headline=True)
    options = ["forecast", "--case", str(folder), "--draws", "1000", "--tune", "1000", "--chains", "4"]
    first = CliRunner().invoke(app, [*options, "--json"])
    assert first.exit_code == 0, first.output
    document = json.loads(first.stdout)
    assert document["ok"] is True
    assert document["provenance"]["from_cache"] is False
    assert sum(row["probability"] for row in document["scenarios"]) == pytest.approx(1.0)
    assert document["leave_out"]["provenance"]["seconds"]["compiling"] < 1.0, "the second fit compiled again"
    page = CliRunner().invoke(app, options)
    assert page.exit_code == 0
    assert page.stdout.count("from the cache") == 2
    assert "FAILED" not in page.stdout
