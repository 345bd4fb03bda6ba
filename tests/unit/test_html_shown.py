"""What a notebook shows of results: what one needs, the verdict first, and every text of a case as text."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vzforecast as vz
from helpers.cases import edited_skeleton, embedded, skeleton
from helpers.pages import Page, read
from helpers.stacks import island_stack
from helpers.synthetic import failing_report, passing_report, synthetic_forecast
from vzforecast.explaining.factions_report import SIGNAL_COLUMNS
from vzforecast.forecast.questions import Questions
from vzforecast.told import Told

AS_OF = "2024-04-15"
HOSTILE = "<script>alert('x')</script> & co"


@cache
def island() -> vz.Forecast:
    return synthetic_forecast(skeleton(), AS_OF, draws=300, chains=2, paths=10)


def relabelled(old: str) -> vz.Case:
    """The island case with a hostile label in the place of one it has."""
    return edited_skeleton({"case.toml": [(rf'"{old}"', f'"{HOSTILE}"')]})


def shown(result: object) -> Page:
    return read(result._repr_html_())  # type: ignore[attr-defined]


class TestForecast:
    def test_shows_the_scenarios_and_what_they_come_from(self) -> None:
        fc = island()
        page = shown(fc)
        assert f"{fc.case.spec.title} (two-islands)" in page.leaves
        assert f"As of {fc.as_of}, by {fc.horizon}; 600 draws x 10 paths, seed 1." in page.leaves
        assert page.leaves[3:8] == ["Scenario", "Id", "Probability", "90 % interval", "MC error"]
        for declared, row in zip(fc.case.spec.scenarios, fc.scenarios().to_dict("records"), strict=True):
            at = page.leaves.index(declared.label)
            assert page.leaves[at + 1] == declared.id
            assert abs(float(page.leaves[at + 2].strip("<> %")) / 100 - row["probability"]) <= 0.005
        assert "FAILED" not in page.text
        assert any(line.startswith("Fit converged: R-hat at most") for line in page.leaves)

    @pytest.mark.filterwarnings("error")
    def test_a_failed_fit_says_so_first_and_in_the_caption_and_warns_nowhere_else(self) -> None:
        fc = synthetic_forecast(skeleton(), AS_OF, draws=50, paths=2, report=failing_report())
        page = shown(fc)
        assert page.leaves[0] == f"FAILED FIT: do not use these numbers: {fc.diagnostics.text}"
        assert [one["role"] for one in page.all("p")[:1]] == ["alert"]
        assert f"FAILED FIT, DO NOT USE: Scenarios on {fc.horizon}" in page.leaves
        assert "Fit converged" not in page.text

    def test_what_sets_it_apart_is_told(self) -> None:
        fc = vz.intervene(island(), silence=[island().case.spec.factions[0].id], start="2024-04-20")
        assert any(line.startswith("Under an intervention: from 2024-04-20") for line in shown(fc).leaves)
        assert "without tone)" in shown(synthetic_forecast(skeleton().without("tone"), AS_OF, draws=50, paths=2)).text

    def test_a_label_is_text(self) -> None:
        label = skeleton().spec.scenarios[0].label
        fc = synthetic_forecast(relabelled(label), AS_OF, draws=50, paths=2)
        assert HOSTILE in shown(fc).leaves


class TestCase:
    def test_shows_what_is_asked_and_how_much_is_known(self) -> None:
        case = embedded().known_on("2025-02-05")
        page = shown(case)
        assert "US policy towards Venezuela, 2025 (venezuela-2025)" in page.leaves
        assert f"known on 2025-02-05; digest {case.digest[:12]}." in page.text
        assert page.leaves[2:6] == ["Outcomes", "Outcome", "Id", "At rest"]
        at = page.leaves.index("Chevron's licence")
        assert page.leaves[at : at + 4] == ["Chevron's licence", "chevron_licence", "in_force", "suspended"]
        rows = sum(len(table) for table in case.tables.values())
        assert f"{len(case.tables)} tables, {rows:,} rows" in page.leaves
        assert page.leaves[page.leaves.index("news") + 1] == str(len(case.tables["news"]))

    def test_a_variant_and_a_whole_case_say_so(self) -> None:
        page = shown(skeleton().without("tone"))
        assert "A variant of the model, without tone." in page.leaves
        assert "not cut to a day" in page.text

    @pytest.mark.parametrize("kind", ["outcomes", "scenarios", "factions"])
    def test_a_label_is_text(self, kind: str) -> None:
        label = getattr(skeleton().spec, kind)[0].label
        assert HOSTILE in shown(relabelled(label)).leaves


class TestUpdate:
    def test_evidence_and_quotes_are_shown_and_are_text(self) -> None:
        report = vz.UpdateReport(
            method="reweight",
            khat=0.31,
            ess=3456.0,
            draws=4000,
            seconds=0.05,
            why="k-hat is below 0.70",
            fitted="2025-02-05",
            items=pd.DataFrame(
                [["signal", "2025-02-26", "2025-02-26", "high", "a row", HOSTILE, "", ""]],
                columns=["type", "date", "published", "confidence", "enters_as", "headline", "source", "note"],
                index=pd.Index(["leak<b>"], name="id"),
            ),
            quotes=pd.DataFrame({"event": [HOSTILE], "model": [0.3]}, index=pd.Index(["q1"], name="id")),
        )
        page = shown(report)
        assert page.leaves[0] == report.text
        assert {"Evidence", "Market quotes", "leak<b>", "q1"} <= set(page.leaves)
        assert page.leaves.count(HOSTILE) == 2
        assert ["open" in one for one in page.all("details")] == [True, False]
        assert repr(report) == f"<UpdateReport: {report.text}>"

    def test_a_headline_reaches_the_page_of_an_updated_forecast_as_text(self) -> None:
        faction = island().case.spec.factions[0].id
        news = vz.Signal(id="leak", date="2024-04-16", faction=faction, kind="statement", strength=1, headline=HOSTILE)
        fc = vz.update(island(), [news], method="reweight")
        assert HOSTILE in shown(fc.update_report).leaves
        assert any(line.startswith("Reweighted the fit of 2024-04-15") for line in shown(fc).leaves)


class TestConvergence:
    def test_the_worst_variable_comes_first(self) -> None:
        table = pd.DataFrame(
            {
                "rhat": [1.001, 1.002, 1.009, np.nan],
                "ess_bulk": [900.0, 350.0, 800.0, 900.0],
                "ess_tail": [900.0, 900.0, 800.0, 900.0],
            },
            index=pd.Index(["fine", "few", "near", "none"], name="variable"),
        )
        report = vz.ConvergenceReport(table, bfmi=0.9, divergences=0, draws=4000)
        assert report.worst.index.tolist() == ["none", "few", "near", "fine"]
        page = shown(report)
        assert page.leaves[0].startswith("FAILED: ")
        assert [one["role"] for one in page.all("p")[:1]] == ["alert"]
        assert repr(report) == f"<ConvergenceReport: {report.text}>"

    def test_one_that_passed_is_no_alarm(self) -> None:
        page = shown(passing_report())
        assert page.leaves[0].startswith("converged: ")
        assert "role" not in page.all("p")[0]


class TestQuestions:
    def test_the_table_is_data_and_its_page_is_for_reading(self) -> None:
        fc = synthetic_forecast(embedded(), "2025-04-02", draws=60, paths=5)
        table = fc.questions()
        assert isinstance(table, Questions)
        assert table.index.name == "question"
        assert table["probability"].dtype == float
        page = shown(table)
        priced = table[table["why_not"] == ""]
        assert len(page.all("table")) == 2
        assert page.leaves[1:7] == ["Id", "Question", "By", "Probability", "90 % interval", "MC error"]
        assert page.leaves[7 : 7 + 3] == [
            priced.index[0],
            priced["text"].iloc[0],
            str(priced["horizon"].iloc[0].date()),
        ]
        assert f"{(table['why_not'] != '').sum()} open questions without a probability" in page.leaves
        assert set(table.loc[table["why_not"] != "", "why_not"]) <= set(page.leaves)

    def test_what_is_cut_from_it_is_plain(self) -> None:
        table = synthetic_forecast(embedded(), "2025-02-05", draws=50, paths=2).questions()
        assert {type(part) for part in (table.head(1), table[["text"]], table.assign(a=1))} == {pd.DataFrame}

    def test_a_question_is_text(self) -> None:
        columns = ["text", "event", "horizon", "probability", "lower", "upper", "mcse", "why_not"]
        rows = [
            [HOSTILE, "e", pd.Timestamp("2025-06-30"), 0.3, 0.1, 0.5, 0.01, ""],
            [HOSTILE, "", pd.Timestamp("2026-01-01"), *[np.nan] * 4, HOSTILE],
        ]
        table = Questions(pd.DataFrame(rows, columns=columns, index=pd.Index(["a", "b"], name="question")))
        assert shown(table).leaves.count(HOSTILE) == 3


class TestProbability:
    def test_shows_both_errors_and_what_they_rest_on(self) -> None:
        page = shown(vz.Probability(0.3, 0.1, 0.5, 0.004, draws=4000, ess=3200.4))
        errors = "90 % interval over draws; Monte Carlo error 0.40%; 4,000 draws, 3,200 effective."
        assert page.leaves == ["30.0% [10.0%, 50.0%]", errors]
        assert "role" not in page.all("p")[0]

    def test_a_failed_fit_says_so_first(self) -> None:
        page = shown(vz.Probability(0.3, np.nan, np.nan, 0.004, draws=4000, ess=3200.0, ok=False))
        assert page.leaves[:2] == ["FAILED FIT: do not use this number.", "30.0%"]
        assert page.all("p")[0]["role"] == "alert"


class TestEvidenceLog:
    def test_shows_what_became_of_each_entry_and_is_text(self, tmp_path: Path) -> None:
        log = vz.EvidenceLog(tmp_path / "<b>log.jsonl")
        assert shown(log).leaves == [f"EvidenceLog {tmp_path}/<b>log.jsonl: 0 entries, 0 items in force"]
        log.add(vz.Signal(id="leak", date="2024-04-16", faction="wardens", headline=HOSTILE))
        log.retract("leak", on="2024-04-20", why=f"forged {HOSTILE}")
        page = shown(log)
        assert page.leaves[0] == f"EvidenceLog {tmp_path}/<b>log.jsonl: 2 entries, 0 items in force"
        assert page.leaves[1:8] == ["id", "from", "what", "type", "headline", "status", "why"]
        assert page.leaves[8:12] == ["leak", "2024-04-20", "retract", "signal"]  # what counts last comes first
        assert page.leaves.count(HOSTILE) == 2
        assert f"forged {HOSTILE}" in page.leaves
        assert page.leaves.count("retracted") == 2

    def test_one_that_cannot_be_read_says_why(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        path.write_text("<script>")
        page = shown(vz.EvidenceLog(path))
        assert page.leaves[0] == f"EvidenceLog {path}: cannot be read"
        assert page.all("p")[0]["role"] == "alert"
        assert f"{path}" in page.leaves[1]


def test_an_average_shows_its_members_and_their_scores() -> None:
    averaged = island_stack().averaged
    assert averaged is not None
    page = shown(averaged)
    assert page.leaves[:2] == [str(averaged), "Members"]
    assert set(averaged.members) <= set(page.leaves)
    assert ["open" in one for one in page.all("details")] == [True, False]
    assert repr(averaged) == f"<Averaged: {averaged}>"
    hostile = replace(averaged, members={HOSTILE: (), **dict(list(averaged.members.items())[1:])})
    assert HOSTILE in shown(hostile).leaves


def test_a_page_of_an_explanation_keeps_its_lines_and_folds_its_tables() -> None:
    signals = pd.DataFrame(
        [[pd.Timestamp("2025-02-01"), "oil", HOSTILE, 1.2, 0.1, 3.0, 0.2, 0.1, 0.1, 0.2, True, True, ""]],
        columns=SIGNAL_COLUMNS,
        index=pd.Index(["leak"], name="item"),
    )
    table = pd.DataFrame(
        {"on_top": [0.4], "on_top_mcse": 0.01, "probability": 0.3, "lower": 0.1, "upper": 0.5, "mcse": 0.01}
        | {"change": 2.0, "change_mcse": 0.5, "clear": True},
        index=pd.Index(["oil"], name="faction"),
    )
    chance = vz.Probability(0.28, 0.1, 0.5, 0.004, draws=4000, ess=3200.0, ok=False)
    found = vz.ByFaction("event", island().as_of, chance, table, signals, signals, chance, 0.5)
    page = shown(found)
    assert page.leaves[0] == "event: 28.0% as of 2024-04-15  FAILED FIT: do not use"
    assert page.all("p")[0]["role"] == "alert"
    assert page.leaves[1] == str(found).split("\n", 1)[1]
    assert page.text.count(HOSTILE) == 2
    assert ["open" in one for one in page.all("details")] == [False, False]


EXPORTED = [getattr(vz, name) for name in vz.__all__]
TOLD = [one for one in EXPORTED if isinstance(one, type) and hasattr(one, "text")]


@pytest.mark.parametrize("result", TOLD, ids=lambda kind: kind.__name__)
def test_every_result_with_a_text_is_shown_one_way(result: type) -> None:
    assert issubclass(result, Told)
    assert "_repr_html_" not in vars(result)
    assert result.__str__ is Told.__str__


def test_those_are_the_results_there_are() -> None:
    assert {vz.ConvergenceReport, vz.UpdateReport, vz.MoveLedger, vz.Information, vz.SimulationCheck} <= set(TOLD)
