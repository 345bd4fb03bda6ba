"""A report: the event it explains, what it says, what it refuses, and that its bytes are those of its forecast."""

import dataclasses
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import vzforecast as vz
from helpers.cases import embedded, skeleton, with_factions, with_spec
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast import figures, whole_file
from vzforecast.case import Case
from vzforecast.display.summary import Run
from vzforecast.display.terminal import ABOUT_INTERVALS
from vzforecast.evidence import Signal
from vzforecast.forecast import Forecast
from vzforecast.reporting import changing
from vzforecast.reporting.asked import answered, worded
from vzforecast.reporting.contents import contents_of
from vzforecast.reporting.grids import DOWN, UNCLEAR, UP, share_bars, steps
from vzforecast.reporting.page import page
from vzforecast.reporting.rising import SCALE
from vzforecast.reporting.subject import scenario_event, subject

HOSTILE = '<script>alert("x")</script> & <img src=x onerror=alert(1)>'
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40)
ESCAPED = "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &lt;img src=x onerror=alert(1)&gt;"


@cache
def small() -> Forecast:
    return synthetic_forecast(skeleton(), draws=50, paths=6)


def whole(fc: Forecast) -> Run:
    """Return what a report asks of a forecast, to its last day."""
    return Run(fc, fc.horizon, 0.0)


@cache
def updated(headline: str = "Wardens seize a boat") -> Forecast:
    item = Signal(id="seized", date="2024-04-20", kind="decision", strength=3, faction="wardens", headline=headline)
    return vz.update(before(), [item], method="reweight")


@cache
def before() -> Forecast:
    """Return a forecast with draws enough to be weighted."""
    return synthetic_forecast(skeleton(), draws=400, paths=6, width=0.3)


@pytest.mark.parametrize("case", [skeleton(), embedded()], ids=["skeleton", "embedded"])
def test_the_event_of_each_scenario_has_the_probability_of_the_scenario_table(case: Case) -> None:
    fc = synthetic_forecast(case, draws=40, paths=5)
    day = min(fc.case.spec.deadlines[-1], fc.horizon)
    table = fc.scenarios(day)
    for scenario in table.index:
        found = fc.probability(scenario_event(fc.case.spec, scenario, day))
        assert found.mean == pytest.approx(table.loc[scenario, "probability"], abs=1e-12), scenario


def test_curves_of_outcomes_are_those_of_their_events_and_end_at_the_table_of_the_horizon() -> None:
    fc = small()
    found = contents_of(fc, None, None)
    assert found.rises is not None
    outcomes = fc.case.spec.outcomes
    assert [one.label for one in found.rises.rises] == [f"{one.label}: {one.active}" for one in outcomes]
    days = [date.fromisoformat(name) for name, _ in found.rises.numbers.headers[1:]]
    assert (days[0], days[-1]) == (fc.as_of + timedelta(days=1), fc.horizon)
    last = fc.outcomes([fc.horizon])["ever"]
    for one, rise, line in zip(outcomes, found.rises.rises, found.rises.numbers.lines, strict=True):
        said = [fc.probability(f"ever({one.id} = {one.active}) after {fc.as_of} by {day}") for day in days]
        assert said[-1].mean == pytest.approx(float(last.loc[one.id].iloc[0]))
        assert line.cells[1:] == tuple(figures.percent_with_interval(*list(each.row.values())[:3]) for each in said)
        points = [tuple(map(float, point.split(","))) for point in rise.line.split()]
        assert [y for _, y in points] == [SCALE.height(100.0 * each.mean) for each in said]
        passed = np.array([(day - fc.as_of).days for day in days]) / (fc.horizon - fc.as_of).days
        np.testing.assert_allclose([x for x, _ in points], SCALE.left + passed * (SCALE.right - SCALE.left), atol=0.051)
        edge = [float(point.split(",")[1]) for point in rise.band.split()]
        assert edge[: len(days)] == [SCALE.height(100.0 * each.upper) for each in said]
        assert edge[len(days) :] == [SCALE.height(100.0 * each.lower) for each in reversed(said)]
        assert len(rise.marks) == len(days)
        assert rise.marks[-1][2].startswith(f"{one.label}: {one.active} by 31 December 2024: ")


def test_curves_of_the_last_day_but_one_are_points_and_on_the_last_there_are_none() -> None:
    eve = contents_of(synthetic_forecast(skeleton(), "2024-12-30", draws=20, paths=3), None, None)
    assert eve.rises is not None
    assert [len(one.marks) for one in eve.rises.rises] == [1, 1]
    assert 'class="rises"' in page(eve)
    last = contents_of(synthetic_forecast(skeleton(), "2024-12-31", draws=20, paths=3), None, None)
    assert last.rises is None
    assert 'class="rises"' not in page(last)


def test_a_page_of_a_single_scenario_and_one_of_forty_factions() -> None:
    fc = small()
    alone = dataclasses.replace(fc, case=with_spec(fc.case, scenarios=fc.case.spec.scenarios[-1:]))
    found = contents_of(alone, None, None)
    assert found.headline.endswith(
        "with a probability of 100\N{NO-BREAK SPACE}% (90\N{NO-BREAK SPACE}% interval 100 to 100\N{NO-BREAK SPACE}%)."
    )
    assert [line.cells[2] for line in found.deadlines[-1].scenarios.lines] == ["100 %"]
    outcome = fc.case.spec.outcomes[0]
    assert found.about.name == f"{outcome.label}: {outcome.active} by 31 December 2024"
    assert fc.probability(found.about.text).mean < 1.0
    assert page(found)
    many = contents_of(synthetic_forecast(with_factions(40), "2024-04-15", draws=20, paths=3), None, None)
    assert len(many.influence.curves) == 40
    assert page(many).count('<label class="key') == 40


def test_the_most_likely_scenario_is_explained_unless_another_event_is_asked_for() -> None:
    leading = small().scenarios()["probability"].idxmax()
    label = next(one.label for one in small().case.spec.scenarios if one.id == leading)
    assert subject(whole(small()), None).name == f"{label} on 31 December 2024"
    text = "ever(fishing_truce = broken) by 2024-12-31"
    assert subject(whole(small()), text).text == text


def test_bars_of_a_waterfall_begin_where_the_one_above_ends() -> None:
    bars = steps(30.0, [5.0, -8.0, 0.1], [True, True, False])
    assert [bar.kind for bar in bars] == [UP, DOWN, UNCLEAR]
    assert [bar.start for bar in bars[1:]] == [bar.end for bar in bars[:-1]]
    lengths = np.array([bar.end - bar.start for bar in bars])
    np.testing.assert_allclose(lengths / lengths[0], [1.0, -1.6, 0.02])
    assert all(0.0 <= bar.left <= bar.left + bar.width <= 100.0 for bar in bars)
    assert bars[0].words == "+5.0 points, from 30.0 % to 35.0 %"


def test_a_bar_is_as_long_as_its_probability_and_its_line_as_its_interval() -> None:
    (bar,) = share_bars(pd.DataFrame({"probability": [0.25], "lower": [0.1], "upper": [0.6]}))
    assert (bar.left, bar.width, bar.whisker) == (0.0, 25.0, (10.0, 50.0))


def test_questions_are_worded_with_the_names_of_the_case() -> None:
    spec = embedded().spec
    asked = "next decision on sanctions: which way it leans"
    assert worded(asked, spec) == "The next decision on Sanctions: which way it leans?"
    assert answered("active", asked, spec) == "towards re_escalated"
    assert answered("neither", asked, spec) == "neither"
    assert answered("oil", "next decision: whom it favours", spec) == "Oil business"
    mine = "count(american_freed = freed) by 2025-06-30 >= 2"
    assert worded(mine, spec) == mine


def test_a_report_has_all_its_parts(tmp_path: Path) -> None:
    text = vz.report(small(), tmp_path / "report.html").read_text(encoding="utf-8")
    names = ["scenarios", "changed", "influence", "record", "questions", "watch", "diagnostics", "provenance"]
    assert [text.index(f'<section id="{name}"') for name in names] == sorted(
        text.index(f'<section id="{name}"') for name in names
    )
    assert ABOUT_INTERVALS in text
    assert "No earlier forecast was given, and this one was fitted afresh." in text
    for scenario in small().case.spec.scenarios:
        assert scenario.label in text
    assert small().provenance["case_digest"] in text


def test_the_same_forecast_gives_the_same_small_file_after_saving(tmp_path: Path) -> None:
    first = vz.report(small(), tmp_path / "a.html").read_bytes()
    again = vz.load_forecast(small().save(tmp_path / "fc.nc"))
    assert vz.report(again, tmp_path / "b.html").read_bytes() == first
    assert len(first) < 5_000_000


def test_a_page_names_no_place_outside_itself() -> None:
    text = page(contents_of(small(), None, None))
    for word in ("http:", "https:", "//www", "url(", "@import", "src=", "<link", "<iframe", "fetch(", "XMLHttpRequest"):
        assert word not in text, word
    assert "default-src &#39;none&#39;" in text


def test_what_moved_is_told_since_an_earlier_forecast() -> None:
    found = contents_of(updated(), before(), None).changed
    assert found.sentences[0].startswith("Since 15 April 2024. ")
    scenarios, waterfall, news = found.grids
    assert scenarios.title == "Scenarios on 2024-12-31"
    assert [line.cells[0] for line in waterfall.lines] == [
        *("time passing", "decision: Wardens seize a boat", "approximation"),
    ]
    assert all(line.bar is not None for line in waterfall.lines)
    assert [line.cells[0] for line in news.lines] == ["signal: Wardens seize a boat"]


def test_an_update_tells_what_it_did_without_an_earlier_forecast() -> None:
    found = contents_of(updated(), None, None).changed
    assert found.sentences[0].startswith("Reweighted the fit of 2024-04-15 (k-hat ")
    assert [line.cells[0] for line in found.grids[0].lines] == ["signal: Wardens seize a boat"]


def test_more_news_than_a_reader_would_wait_for_is_not_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing, "MOST_ALONE", 0)
    found = contents_of(updated(), before(), None).changed
    assert "1 items lie between, too many to split here: compare with a nearer forecast" in found.sentences[0]
    assert [grid.title for grid in found.grids] == ["Scenarios on 2024-12-31", "News"]
    assert found.folded[-1].lines[0].cells == ("signal: Wardens seize a boat", "2024-04-20")


def test_news_that_stands_alone_is_split_by_sampled_orders_beyond_twelve_and_what_bears_on_others_is_listed() -> None:
    news = [
        Signal(id=f"n{number}", date="2024-04-20", strength=1, faction=("wardens", "traders")[number % 2])
        for number in range(13)
    ]
    later = vz.update(before(), news, method="reweight")
    found = contents_of(later, before(), None).changed
    assert "The split is a sample: " in found.sentences[0]
    title = f"What moved {subject(whole(later), None).name}, "
    (ledger,) = [grid for grid in found.grids if grid.title.startswith(title)]
    assert len([line for line in ledger.lines if line.cells[1] != "-"]) == 13
    told = [one.model_copy(update={"episode": "quarrel"}) for one in news]
    found = contents_of(vz.update(before(), told, method="reweight"), before(), None).changed
    assert "13 items lie between, too many to split here: " in found.sentences[0]
    assert len(found.folded[-1].lines) == 13


def test_a_split_that_cannot_be_made_is_said_with_its_reason() -> None:
    fc = vz.intervene(updated(), outcomes={"fishing_truce": "broken"})
    found = contents_of(fc, before(), None)
    assert "could not be split by what moved it: " in found.changed.sentences[0]
    assert found.marks[-1].startswith("Under an intervention, not a forecast of what will be: ")


def test_a_failed_fit_is_marked_in_every_part(tmp_path: Path) -> None:
    failed = dataclasses.replace(small(), diagnostics=failing_report())
    text = vz.report(failed, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<title>FAILED FIT, DO NOT USE: " in text
    assert '<div class="alarm" role="alert"><strong>FAILED FIT, DO NOT USE.</strong> FAILED: R-hat' in text
    own = text.split("<section id=")[1:-1]  # provenance has no figures of the fit
    marked = [part.split('"')[1] for part in own if "FAILED FIT, DO NOT USE:" in part]
    assert marked == ["scenarios", "influence", "record", "questions", "watch", "diagnostics"]


def test_nothing_is_left_to_watch_for_on_the_last_day() -> None:
    last = synthetic_forecast(skeleton(), skeleton().spec.horizon, draws=20, paths=3)
    found = contents_of(last, None, None)
    assert found.watch is None
    assert [one.outcomes for one in found.deadlines] == [None]
    assert "nothing is left to watch for" in page(found)


def labelled(text: str, fc: Forecast) -> Forecast:
    """Return a forecast of a case whose every label is a text."""
    spec = fc.case.spec
    groups = {
        name: tuple(one.model_copy(update={"label": text}) for one in getattr(spec, name))
        for name in ("scenarios", "outcomes", "factions")
    }
    return dataclasses.replace(fc, case=with_spec(fc.case, title=text, **groups))


def test_what_looks_like_markup_is_shown_as_text() -> None:
    text = page(contents_of(labelled(HOSTILE, updated(HOSTILE)), None, None))
    assert HOSTILE not in text
    assert "<img" not in text
    assert text.count("<script>") == 1  # its own
    assert f'<h1 dir="auto">{ESCAPED}</h1>' in text
    assert f"signal: {ESCAPED}" in text


@cache
def bones() -> dict[str, int]:
    text = page(contents_of(labelled("plain", small()), None, None))
    return {mark: text.count(mark) for mark in ("<", ">")}


@example('"><script>')
@example("</title></style></script>")
@example("{{ 7 * 7 }}{% raw %}")
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_no_text_of_a_case_changes_the_bones_of_the_page(text: str) -> None:
    made = page(contents_of(labelled(text, small()), None, None))
    assert {mark: made.count(mark) for mark in ("<", ">")} == bones()


def test_a_missing_folder_a_folder_and_two_forecasts_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    missing, other = tmp_path / "none" / "report.html", synthetic_forecast(embedded(), draws=10, paths=2)
    with pytest.raises(vz.ReportError) as error:
        vz.report(small(), missing)
    assert str(error.value) == f"report: {str(missing)!r}: there is no folder {str(missing.parent)!r}; make it first"
    with pytest.raises(vz.ReportError) as error:
        vz.report(small(), tmp_path)
    assert str(error.value) == f"report: {str(tmp_path)!r} is a folder; give the name of a file"
    with pytest.raises(vz.ReportError) as error:
        vz.report(small(), tmp_path / "r.html", since=other)
    assert str(error.value) == (
        "since: a forecast of 'venezuela-2025', and the report is of 'two-islands'; give an earlier forecast of the "
        "same case"
    )
    with pytest.raises(vz.ReportError) as error:
        vz.report(small(), tmp_path / "r.html", since=updated())
    assert str(error.value) == "since: as of 2024-04-20, later than the report's forecast, 2024-04-15; swap them"
    fewer = with_spec(small().case, factions=small().case.spec.factions[:1])
    with pytest.raises(vz.ReportError) as error:
        vz.report(updated(), tmp_path / "r.html", since=dataclasses.replace(small(), case=fewer))
    assert str(error.value) == (
        "since: the forecast of 2024-04-15 has another horizon, or other scenarios, outcomes or factions; give a "
        "forecast of the case as it is declared now"
    )
    with pytest.raises(vz.EventError):
        vz.report(small(), tmp_path / "r.html", event="ever(nothing = no)")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        vz.report(small(), target)
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]
