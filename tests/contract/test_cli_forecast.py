"""What `vzforecast forecast` prints, keeps and returns; its fits are planted in the cache, so nothing is sampled."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from helpers.cached import OPTIONS, SETTINGS, case_folder, plant
from helpers.synthetic import failing_report
from vzforecast import main_job
from vzforecast.cache import cache_folder
from vzforecast.case import Case, load_case
from vzforecast.cli import app
from vzforecast.forecast import Forecast, load_forecast
from vzforecast.settings import SamplerSettings

FAILED = "FAILED FIT, DO NOT USE: "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The skeleton case with a headline."""
    return case_folder(tmp_path_factory.mktemp("cases") / "islands", headline=True)


@pytest.fixture(scope="module")
def planted(folder: Path) -> tuple[Forecast, Forecast]:
    """Both fits of the main job."""
    case = load_case(folder)
    return plant(case), plant(case.without_agreement("harbour_2018"), width=0.8)


def run(folder: Path, *options: str, width: int = 80) -> Result:
    environment = {"COLUMNS": str(width), "TERM": "dumb"}
    return CliRunner().invoke(app, ["forecast", "--case", str(folder), *OPTIONS, *options], env=environment)


@pytest.fixture(scope="module")
def page(folder: Path, planted: tuple[Forecast, Forecast]) -> str:
    assert planted[0].ok
    result = run(folder)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def test_the_head_says_what_it_is_a_forecast_of(page: str) -> None:
    assert page.splitlines()[:2] == [
        "Two islands, a ferry and a truce (two-islands)",
        "As of 2024-04-15, by 2024-12-31; 100 draws x 4 paths, seed 1.",
    ]


def test_every_scenario_is_shown_with_interval_and_error(page: str, planted: tuple[Forecast, Forecast]) -> None:
    for scenario, row in planted[0].scenarios().iterrows():
        line = next(line for line in page.splitlines() if f" {scenario} " in line and "%" in line)
        assert percent(row["probability"]) in line
        assert line.endswith(f"{100 * row['mcse']:.1f}")
        assert "[" in line


def test_every_outcome_and_deadline_is_shown(page: str) -> None:
    lines = page.splitlines()
    start = lines.index("Outcomes")
    assert lines[start + 1].split() == ["Outcome", "2024-06-30", "2024-09-30", "2024-12-31"]
    rows = lines[start + 3 : start + 7]
    assert [row.split("  ")[0] or row.split()[0] for row in rows] == [
        "Ferry permit",
        "withdrawn",
        "Fishing truce",
        "broken",
    ]
    assert all(row.count("%") == row.count("[") == 3 for row in rows)


def test_the_headline_is_compared_with_the_fit_without_the_agreement(
    page: str, planted: tuple[Forecast, Forecast]
) -> None:
    lines = page.splitlines()
    start = lines.index("How much rests on harbour_2018")
    assert lines[start + 1].split("  ")[-2:] == ["Without harbour_2018", "Change"]
    rates = [fc.defection().loc[("promise_one_off.kind", "prisoners"), "pooled"] for fc in planted]
    assert all(f"{rate:.3f} [" in lines[start + 3] for rate in rates)
    chances = [fc.scenarios().loc["calm", "probability"] for fc in planted]
    assert all(f"{percent(chance)} [" in lines[start + 4] for chance in chances)
    assert lines[start + 4].endswith(f"{100 * (chances[1] - chances[0]):+.1f}")


def test_the_rest_is_on_the_page(page: str, planted: tuple[Forecast, Forecast]) -> None:
    flowing = " ".join(page.split())
    for text in (
        "Influence by faction, April 2024",
        "Points since January 2024",
        "Does closeness count for more than office?",
        f"{percent(planted[0].closeness_beats_office.mean)} 50 %",
        "Breaches of promises",
        "Raw",
        "converged: R-hat at most 1.002",
        "it is no range for what will happen (one scenario will)",
        "from the cache; computed on 2025-02-05 in 18.6 s (importing 1.0, compiling 12.3,",
    ):
        assert text in flowing
    assert "FAILED" not in page


def test_shares_and_rates_state_their_monte_carlo_error(page: str, planted: tuple[Forecast, Forecast]) -> None:
    flowing, shares = " ".join(page.split()), planted[0].influence()["mcse"]
    assert f"favours the faction. Monte Carlo error at most {100 * shares.max():.1f} points." in flowing
    kind = ("promise_one_off.kind", "prisoners")
    rates = [fc.defection()["mcse"] for fc in planted]
    shown = rates[0].loc[[("promise_one_off.all", "all"), kind]]
    assert f"promises like them; Monte Carlo error at most {shown.max():.3f}." in flowing
    assert f"(Monte Carlo error at most {max(rate[kind] for rate in rates):.3f}), and the chance" in flowing


@pytest.mark.parametrize("width", [40, 80, 120], ids=str)
def test_nothing_is_cut_and_80_columns_suffice(folder: Path, planted: tuple[Forecast, Forecast], width: int) -> None:
    page = run(folder, width=width).stdout
    assert "…" not in page
    assert "..." not in page
    assert max(map(len, page.splitlines())) <= max(width, 80)
    for scenario in planted[0].case.spec.scenarios:
        assert f" {scenario.id} " in page


def test_a_pipe_gets_no_colours(page: str) -> None:
    assert "\x1b" not in page


def test_by_moves_the_scenarios(folder: Path, planted: tuple[Forecast, Forecast]) -> None:
    page = run(folder, "--by", "2024-06-30").stdout
    assert "Scenarios on 2024-06-30" in page
    assert percent(planted[0].scenarios(by="2024-06-30").loc["calm", "probability"]) in page


def test_the_json_document_says_everything(folder: Path, planted: tuple[Forecast, Forecast]) -> None:
    result = run(folder, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert list(document) == [
        "ok", "case", "title", "as_of", "by", "scenarios", "outcomes", "influence", "closeness_beats_office",
        "defection", "questions", "leave_out", "diagnostics", "provenance", "seconds",
    ]  # fmt: skip
    assert document["ok"] is True
    assert (document["case"], document["as_of"], document["by"]) == ("two-islands", "2024-04-15", "2024-12-31")
    main, rest = planted
    assert_same(document["scenarios"], main.scenarios())
    assert_same(document["outcomes"], main.outcomes())
    assert_same(document["influence"], main.influence())
    assert_same(document["defection"], main.defection())
    assert_same(document["questions"], main.questions())
    assert_same(document["leave_out"]["scenarios"], rest.scenarios())
    assert document["leave_out"]["agreement"] == "harbour_2018"
    assert document["closeness_beats_office"]["probability"] == main.closeness_beats_office.mean
    assert document["closeness_beats_office"]["prior"] == pytest.approx(0.5)
    assert document["diagnostics"]["ok"] is True
    assert document["provenance"]["case_digest"] == main.case.digest
    assert document["provenance"]["from_cache"] is True


def assert_same(records: list[dict[str, Any]], table: pd.DataFrame) -> None:
    """Every figure of a table, in full precision; null where it has none."""
    expected = table.reset_index()
    assert [list(record) for record in records] == [list(expected.columns)] * len(expected)
    for record, (_, row) in zip(records, expected.iterrows(), strict=True):
        for name, value in row.items():
            shown = str(value.date()) if isinstance(value, pd.Timestamp) else None if pd.isna(value) else value
            assert record[str(name)] == shown


def test_the_csv_document_is_the_scenario_table(folder: Path, planted: tuple[Forecast, Forecast]) -> None:
    result = run(folder, "--csv", "--by", "2024-06-30")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    table = planted[0].scenarios(by="2024-06-30")
    assert [row["scenario"] for row in rows] == list(table.index)
    assert [float(row["probability"]) for row in rows] == list(table["probability"])
    assert {(row["by"], row["ok"]) for row in rows} == {("2024-06-30", "true")}


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The skeleton case with an event for one of its two open questions."""
    folder = case_folder(tmp_path_factory.mktemp("asking") / "islands")
    bind(folder, "ever(ferry_permit = withdrawn) by 2024-09-30")
    return folder


def bind(folder: Path, event: str) -> None:
    text = (folder / "questions.csv").read_text(encoding="utf-8")
    (folder / "questions.csv").write_text(text.replace("ferry_permit,,", f"ferry_permit,{event},"), encoding="utf-8")


def test_open_questions_follow_the_tables_where_they_are_asked_for(asking: Path) -> None:
    found = plant(load_case(asking)).questions()
    plain, result = run(asking), run(asking, "--questions")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Questions" not in plain.stdout
    page = result.stdout
    assert page.index("Questions open on 2024-04-15") > page.index("\nTime\n")
    assert max(map(len, page.splitlines())) <= 80
    flowing, row = " ".join(page.split()), found.loc["permit_sep2024"]
    assert f"2024-09-30 {percent(row['probability'])} [" in flowing
    for text in (row["text"].split(" by ")[0], "Open questions without a probability", "no event is bound to it"):
        assert text in flowing
    assert percent(row["probability"]) not in page[page.index("Open questions without") :]


def test_open_questions_as_csv_take_the_place_of_the_scenarios(asking: Path) -> None:
    found = plant(load_case(asking)).questions()
    result = run(asking, "--csv", "--questions")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == ["question", *found.columns, "as_of", "ok"]
    assert [row["question"] for row in rows] == list(found.index) == ["seizure_jun2024", "permit_sep2024"]
    assert [row["probability"] for row in rows] == ["", str(found["probability"].iloc[1])]
    assert rows[0]["why_not"] == "no event is bound to it"
    assert {(row["as_of"], row["ok"]) for row in rows} == {("2024-04-15", "true")}


def test_where_no_question_is_open_that_is_said(asking: Path) -> None:
    plant(load_case(asking), "2024-12-01")
    page = run(asking, "--questions", "--as-of", "2024-12-01").stdout
    assert "No open question has a probability as of 2024-12-01." in page
    assert "Open questions without a probability" not in page


def test_questions_of_a_failed_fit_are_marked(tmp_path: Path) -> None:
    folder = case_folder(tmp_path / "doubtful")
    bind(folder, "ever(ferry_permit = withdrawn) by 2024-08-31")
    plant(load_case(folder), report=failing_report())
    result = run(folder, "--questions")
    assert result.exit_code == 1
    assert f"{FAILED}Questions open on 2024-04-15" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("FAILED FIT")


def test_the_forecast_is_saved_whole(folder: Path, planted: tuple[Forecast, Forecast], tmp_path: Path) -> None:
    result = run(folder, "--save", str(tmp_path / "fc.nc"))
    assert result.exit_code == 0
    assert result.stderr == f"saved to {tmp_path / 'fc.nc'}\n"
    pd.testing.assert_frame_equal(load_forecast(tmp_path / "fc.nc").scenarios(), planted[0].scenarios())
    assert [path.name for path in tmp_path.iterdir()] == ["fc.nc"]


def test_a_disk_that_fills_up_is_bad_luck_told_in_one_message(
    folder: Path, planted: tuple[Forecast, Forecast], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Forecast, _path: Path) -> None:
        raise OSError(28, "No space left on device")

    assert planted
    monkeypatch.setattr(Forecast, "save", full)
    result = run(folder, "--save", str(tmp_path / "fc.nc"))
    assert result.exit_code == 2
    assert result.stderr == (
        f"error: --save {str(tmp_path / 'fc.nc')!r} could not be written (No space left on device); "
        "choose another place\n"
    )
    assert "Scenarios" in result.stdout, "what was computed is not lost"


def test_a_case_without_a_headline_shows_the_whole_record_and_no_second_fit(tmp_path: Path) -> None:
    folder = case_folder(tmp_path / "plain")
    plant(load_case(folder))
    page = run(folder).stdout
    assert "promise_one_off, per promise" in page
    assert "promise_flow, per month" in page
    assert "How much rests on" not in page
    assert json.loads(run(folder, "--json").stdout)["leave_out"] is None


@pytest.fixture(scope="module")
def failed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case whose fit of all data failed, and whose other fit did not."""
    folder = case_folder(tmp_path_factory.mktemp("failed") / "islands", headline=True)
    text = (folder / "case.toml").read_text(encoding="utf-8").replace('title = "Two islands', 'title = "Three islands')
    (folder / "case.toml").write_text(text, encoding="utf-8")
    case = load_case(folder)
    plant(case, report=failing_report())
    plant(case.without_agreement("harbour_2018"))
    return folder


def test_a_failed_fit_says_so_at_every_table_and_exits_1(failed_folder: Path) -> None:
    result = run(failed_folder)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[2] == lines[-1] == "FAILED FIT (all data): do not use the numbers marked FAILED."
    titles = [lines[number - 2] for number, line in enumerate(lines) if line.startswith("---")]
    assert titles[-2:] == ["Convergence", "Time"], "tables without a number of the forecast"
    assert len(titles) == 8
    assert all(title.startswith(FAILED) for title in titles[:-2])
    assert "FAILED: R-hat 1.250 is above 1.01" in result.stdout
    assert result.stderr == (
        "warning: failed fit (all data), do not use its numbers: R-hat 1.250 is above 1.01; bulk ESS 37 is below 400; "
        "tail ESS 37 is below 400; 12 divergences in 200 draws\n"
    )


def test_a_failed_fit_says_so_in_documents(failed_folder: Path) -> None:
    document = run(failed_folder, "--json")
    assert document.exit_code == 1
    content = json.loads(document.stdout)
    assert content["ok"] is False
    assert content["diagnostics"]["ok"] is False
    assert content["leave_out"]["diagnostics"]["ok"] is True
    table = run(failed_folder, "--csv")
    assert table.exit_code == 1
    assert {row["ok"] for row in csv.DictReader(io.StringIO(table.stdout))} == {"false"}
    assert table.stderr.startswith("warning: failed fit (all data)")


def test_a_failed_second_fit_marks_only_what_comes_from_it(tmp_path: Path) -> None:
    folder = case_folder(tmp_path / "half", headline=True)
    case = load_case(folder)
    plant(case, seed=7)
    plant(case.without_agreement("harbour_2018"), seed=7, report=failing_report())
    result = run(folder, "--seed", "7")
    assert result.exit_code == 1
    assert result.stdout.count(FAILED) == 1
    assert f"{FAILED}How much rests on harbour_2018" in result.stdout
    assert "FAILED FIT (without harbour_2018)" in result.stdout


@pytest.mark.filterwarnings("default::vzforecast.cache.CacheWarning")
def test_a_corrupt_cache_entry_is_told_in_one_line_and_fitted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = load_case(case_folder(tmp_path / "corrupt"))
    good = plant(case, seed=11)
    entry = cache_folder() / f"{good.provenance['cache_key']}.nc"
    entry.write_bytes(entry.read_bytes()[:1000])
    fitted: list[Case] = []

    def refit(case: Case, _settings: SamplerSettings, _seed: int, *_rest: object) -> Forecast:
        fitted.append(case)
        return good

    monkeypatch.setattr("vzforecast.fitting._fit", refit)
    result = run(tmp_path / "corrupt", "--seed", "11")
    assert result.exit_code == 0
    assert result.stderr == (
        f"warning: cached fit {entry.name} cannot be trusted (its checksum does not match); fitting again\n"
    )
    assert len(fitted) == 1


def test_what_is_asked_reaches_both_fits(
    folder: Path, monkeypatch: pytest.MonkeyPatch, planted: tuple[Forecast, Forecast]
) -> None:
    asked: list[tuple[Case, dict[str, Any]]] = []

    def record(case: Case, **options: Any) -> Forecast:
        asked.append((case, options))
        return planted[len(asked) - 1]

    monkeypatch.setattr(main_job, "fit", record)
    result = run(folder, "--as-of", "2024-04-15", "--seed", "3", "--no-cache")
    assert result.exit_code == 0
    assert [options for _, options in asked] == [{"settings": SETTINGS, "seed": 3, "cache": False}] * 2
    assert [str(case.as_of) for case, _ in asked] == ["2024-04-15"] * 2
    asked.clear()
    assert run(folder, "--density", "written").exit_code == 0
    assert [options["settings"] for _, options in asked] == [replace(SETTINGS, density="written")] * 2
    assert ["harbour_2018" in set(case.tables["commitments"]["agreement_id"]) for case, _ in asked] == [True, False]


def test_csv_does_not_wait_for_the_second_fit(
    folder: Path, monkeypatch: pytest.MonkeyPatch, planted: tuple[Forecast, Forecast]
) -> None:
    calls: list[Case] = []

    def record(case: Case, **_options: Any) -> Forecast:
        calls.append(case)
        return planted[0]

    monkeypatch.setattr(main_job, "fit", record)
    assert run(folder, "--csv").exit_code == 0
    assert len(calls) == 1


def test_an_interrupt_is_neither_success_nor_a_failed_fit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main_job, "fit", interrupted)
    result = run(folder)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_validate_and_new_case(tmp_path: Path) -> None:
    written = CliRunner().invoke(app, ["new-case", str(tmp_path / "mine")])
    assert (written.exit_code, written.stdout) == (0, "")
    assert f"vzforecast validate {tmp_path / 'mine'}" in written.stderr
    valid = CliRunner().invoke(app, ["validate", str(tmp_path / "mine")])
    assert (valid.exit_code, valid.stderr) == (0, "")
    assert valid.stdout == "two-islands is valid: 2 outcomes, 3 scenarios, 2 factions, 2024-01-01 to 2024-12-31\n"
    embedded = CliRunner().invoke(app, ["validate", "venezuela-2025"])
    assert embedded.stdout.startswith("venezuela-2025 is valid: 11 outcomes, 6 scenarios, 3 factions")
