"""The tables of a backtest: what is scored and what is not, references, scenarios and dates of next changes."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from helpers.cases import with_tables
from helpers.replayed import DAYS, asking, plan_of, quick_fit, replayed, result_of
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast import BacktestError, BacktestResult
from vzforecast.backtesting.judged import Judged
from vzforecast.backtesting.pricing import next_changes
from vzforecast.backtesting.references import base_rate
from vzforecast.backtesting.replay import How, replay
from vzforecast.backtesting.tables import mean_lines
from vzforecast.case.asof import record_end
from vzforecast.scoring import score, skill


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    return replayed()


def row(result: BacktestResult, question: str, day: str) -> pd.Series:
    return result.table.loc[(question, pd.Timestamp(day))]


def test_a_row_for_every_question_open_on_each_day(result: BacktestResult) -> None:
    found = result.table.reset_index().groupby("as_of")["question"].agg(set)
    assert result.table.index.names == ["question", "as_of"]
    assert found[pd.Timestamp("2024-04-12")] == {"permit_may", "seizure_may", "permit_sep", "cows"}  # not opened later
    assert found[pd.Timestamp("2024-05-15")] == {"seizure_may", "seizure_jun", "permit_sep", "cows"}  # horizon passed
    assert found[pd.Timestamp("2024-05-30")] == {"truce_on_30jun", "permit_sep", "cows"}  # answered on the 21st


def test_probabilities_are_those_of_the_forecast_of_the_day(result: BacktestResult) -> None:
    fc = quick_fit(asking().known_on("2024-04-29"), plan_of().settings, 1, places=plan_of().places()[1])
    asked = fc.questions()
    for question in ("permit_may", "seizure_jun", "permit_sep"):
        found, own = row(result, question, "2024-04-29"), asked.loc[question]
        assert (
            found[["probability", "lower", "upper", "mcse"]].tolist()
            == own[["probability", "lower", "upper", "mcse"]].tolist()
        )
    scenarios = result.scenarios.loc[pd.Timestamp("2024-04-29"), pd.Timestamp("2024-05-27")]
    assert_allclose(scenarios["probability"], fc.scenarios("2024-05-27")["probability"])


def test_scores_and_the_columns_of_sktime(result: BacktestResult) -> None:
    found = row(result, "seizure_may", "2024-04-29")
    assert (found["resolution"], found["scored"], found["why_not_scored"]) == (1.0, True, "")
    assert found["brier"] == (1 - found["probability"]) ** 2
    assert found["log_score"] == pytest.approx(-np.log(max(found["probability"], 0.001)))
    assert (found["days_left"], found["cutoff"]) == (32, pd.Timestamp("2024-04-29"))
    assert found["fit_time"] > 0
    assert found["pred_time"] > 0


def test_a_question_without_an_event_has_its_reason_and_no_score(result: BacktestResult) -> None:
    found = row(result, "cows", "2024-05-15")
    assert found["why_not"] == "no event is bound to it"
    assert np.isnan(found["probability"])
    assert (found["resolution"], found["scored"], found["why_not_scored"]) == (1.0, False, "it has no probability")
    assert "cows" not in set(result.stated["question"])


@pytest.mark.parametrize(
    ("scored_on", "reason"),
    [
        ("2024-05-20", "its horizon, 2024-05-31, has not passed by 2024-05-20"),
        ("2024-05-30", "its horizon, 2024-05-31, has not passed by 2024-05-30"),  # a yes since the 21st: too early
        ("2024-05-31", ""),
        ("2024-12-31", ""),
    ],
)
def test_a_question_is_scored_only_once_its_horizon_has_passed(scored_on: str, reason: str) -> None:
    found = row(replayed(DAYS[:2], scored_on), "seizure_may", "2024-04-29")
    assert (found["scored"], found["why_not_scored"]) == (not reason, reason)
    assert np.isnan(found["brier"]) == bool(reason)


def test_an_answer_that_is_not_on_record_is_not_guessed() -> None:
    result = replayed(DAYS[:1], "2024-12-31")
    assert row(result, "permit_sep", "2024-04-12")["why_not_scored"] == "its answer is not on record"
    assert result.stated.loc[result.stated["question"] == "permit_sep", "resolution"].isna().all()


def test_the_record_goes_as_far_as_its_newest_row() -> None:
    assert asking().record_end == date(2024, 7, 1)  # the transition of that day; horizons ahead do not count
    assert record_end(asking().known_on("2024-04-20").tables) == date(2024, 4, 12)
    assert Judged.on(asking(), None).scored_on == date(2024, 7, 1)
    assert replayed(DAYS[:1], None).scored_on == date(2024, 7, 1)


def test_references(result: BacktestResult) -> None:
    found = result.stated.set_index(["forecaster", "question", "as_of"])["probability"]
    days = {day: pd.Timestamp(day) for day in DAYS}
    # Nothing has passed; then the permit (no); then, in June, the seizure and the cows (both yes).
    rates = {"2024-04-12": 1 / 2, "2024-05-15": 1 / 3, "2024-05-30": 1 / 3, "2024-06-20": 3 / 5}
    for day, rate in rates.items():
        assert found["base_rate", "permit_sep", days[day]] == rate
    assert found["persistence", "truce_on_30jun", days["2024-05-30"]] == 0.0  # the truce is broken
    assert found["persistence", "seizure_may", days["2024-05-15"]] == 0.0
    assert found["persistence", "permit_sep", days["2024-05-15"]] == 0.0
    assert found["market", "seizure_may", days["2024-05-15"]] == 0.2  # the quote of the 16th is not out
    assert ("market", "permit_sep", days["2024-05-15"]) not in found.index


def test_the_base_rate_waits_for_the_horizon() -> None:
    assert base_rate(asking().known_on("2024-05-30")) == 1 / 3  # not the early yes of the 21st
    assert base_rate(asking().known_on("2024-05-31")) == 2 / 4


def test_of_several_quotes_the_newest_counts_and_one_for_another_horizon_does_not() -> None:
    case = asking()
    quotes = case.tables["markets"]
    other = quotes.assign(horizon=pd.Timestamp("2024-06-30"), probability=0.9, date=pd.Timestamp("2024-05-10"))
    case = with_tables(case, markets=pd.concat([quotes, other], ignore_index=True))
    plan = plan_of(case, ["2024-05-15", "2024-05-20"])
    made = replay(plan, How(progress=False), quick_fit)
    found = [{asked["question"]: asked["market"] for asked in one.questions}["seizure_may"] for one in made]
    assert found == [0.2, 0.7]


def test_scenarios_on_the_leads_and_the_horizon_and_what_came(result: BacktestResult) -> None:
    found = result.scenarios.xs(pd.Timestamp("2024-04-29"), level="as_of")
    ends = found.index.get_level_values("by").unique()
    assert list(ends.strftime("%Y-%m-%d")) == ["2024-05-27", "2024-07-22", "2024-12-31"]
    assert_allclose(found.groupby("by")["probability"].sum(), 1.0)
    came = found.loc[pd.Timestamp("2024-05-27"), "happened"]
    assert came.to_dict() == {"calm": 0.0, "rupture": 0.0, "mixed_signals": 1.0}  # truce broken, ferry running
    assert found.loc[pd.Timestamp("2024-07-22"), "happened"].isna().all()


def test_ranked_probability_by_hand(result: BacktestResult) -> None:
    place = pd.Timestamp("2024-04-29"), pd.Timestamp("2024-05-27")
    calm, rupture, _ = result.scenarios.loc[place, "probability"]
    own = result.scenario_scores.loc[place]
    assert own["happened"] == "mixed_signals"
    assert own["ranked_probability"] == pytest.approx(calm**2 + (calm + rupture) ** 2)
    assert np.isnan(result.scenario_scores.loc[(place[0], pd.Timestamp("2024-12-31")), "ranked_probability"])


def test_the_text_says_what_means_of_scenarios_and_dates_rest_on(result: BacktestResult) -> None:
    words = " ".join(result.text.split())
    table = result.scenario_scores["ranked_probability"]
    near = [table.loc[pd.Timestamp(day), pd.Timestamp(day) + pd.Timedelta(28, "D")] for day in DAYS[:4]]
    assert table.notna().sum() == 4  # 84 days after the first day, and the horizon, are after the first of July
    assert f"Scenarios, mean ranked probability score, 0 is best: 28 days ahead {np.mean(near):.3f} (n = 4)." in words
    mean = result.passages["crps"].mean()
    assert f"next change, mean continuous ranked probability score, 0 is best: {mean:.1f} days (n = 10)." in words
    assert "What n shows: as-of dates near each other await the same days" in words
    nothing = replayed(DAYS[:1], "2024-04-12")
    assert "Beyond questions" not in nothing.text


def test_scenarios_at_the_horizon_are_called_so() -> None:
    ends = pd.to_datetime(["2024-11-29", "2024-12-31"])
    index = pd.MultiIndex.from_product([[pd.Timestamp("2024-11-01")], ends], names=["as_of", "by"])
    scores = pd.DataFrame({"ranked_probability": [0.25, 0.5]}, index=index)
    (said, _) = mean_lines(scores, pd.DataFrame({"crps": [np.nan]}))
    assert said.endswith("28 days ahead 0.250 (n = 1); at the horizon 0.500 (n = 1).")


def test_next_changes_by_counting_paths() -> None:
    fc = quick_fit(asking().known_on("2024-04-12"), plan_of().settings, 1)
    for day in (date(2024, 4, 12), date(2024, 5, 1)):
        found = next_changes(fc, day)
        for outcome, mass in found.items():
            assert sum(mass) == pytest.approx(1.0)
            assert len(mass) == (fc.horizon - day).days + 1
            own, begin = fc.simulated.outcomes.index(outcome), fc.simulated.days(day)
            first = np.full(fc.simulated.draws * fc.simulated.paths, np.inf)
            for path in range(first.size):
                span = slice(*fc.simulated.offsets[path : path + 2])
                times = fc.simulated.times[span][fc.simulated.outcome[span] == own]
                first[path] = min((time for time in times if time > begin), default=np.inf)
            for ahead in (1, 30, 100):
                assert sum(mass[:ahead]) == pytest.approx(np.mean(first <= begin + ahead))


def test_crps_of_the_next_change_by_its_integral(result: BacktestResult) -> None:
    made = replay(plan_of(days=DAYS[:1]), How(progress=False), quick_fit)[0]
    found = result.passages.loc[pd.Timestamp(DAYS[0])]
    end = (date(2024, 7, 1) - date(2024, 4, 12)).days
    for outcome, observed in (("fishing_truce", 38), ("ferry_permit", np.inf)):
        below = np.cumsum([0.0, *made.passages[outcome]])[:end]  # P(changed by the end of day k), k = 0 ... end - 1
        by_hand = ((below - (observed <= np.arange(end))) ** 2).sum()
        assert found.loc[outcome, "crps"] == pytest.approx(by_hand)
        assert found.loc[outcome, "censored_after"] == end
        seen = found.loc[outcome, "observed_after"]
        assert seen == observed or (np.isnan(seen) and np.isinf(observed))


def test_after_the_record_there_is_no_score_of_dates() -> None:
    found = replayed(["2024-07-01"]).passages
    assert found["crps"].isna().all()
    assert (found["censored_after"] == 0).all()


def test_a_failed_fit_is_kept_marked_and_counted() -> None:
    failed = synthetic_forecast(asking(), DAYS[1], draws=50, paths=6, report=failing_report())
    plan = plan_of(days=DAYS[:2])

    def fit(known: object, *_: object, **__: object) -> object:
        return failed if known is plan.cuts[1] else quick_fit(plan.cuts[0], plan.settings, 1)

    result = result_of(plan, replay(plan, How(progress=False), fit))
    assert not result.ok
    assert result.failed == (date(2024, 4, 29),)
    assert result.table["ok"].groupby(level="as_of").all().tolist() == [True, False]
    assert "FAILED FITS, whose rows are in the scores: 1 of 2 (2024-04-29)." in result.text
    assert result.scores.loc["model", "n"] == result.table["scored"].sum() > 0


def test_scores_skill_and_words(result: BacktestResult) -> None:
    scored = result.table["scored"]
    assert result.scores.loc["model", "brier"] == pytest.approx(result.table.loc[scored, "brier"].mean())
    assert set(result.scores.index) == {"model", "base_rate", "persistence", "market"}
    assert set(result.skill.index.get_level_values("forecaster")) == {"model"}
    assert set(result.skill.index.get_level_values("against")) == {"base_rate", "persistence", "market"}
    assert "strategy refit: 5 as-of dates from 2024-04-12 to 2024-06-20" in result.text
    assert f"Scored: {scored.sum()} of 4 questions whose horizon had passed by 2024-07-01" in result.text
    assert result.scores.text in result.text
    assert repr(result) == "\n".join(result.text.splitlines()[:3])


def test_where_no_market_asks_it_says_so() -> None:
    quiet = with_tables(asking(), markets=asking().tables["markets"].iloc[:0])
    plan = plan_of(quiet, DAYS[:1])
    made = replay(plan, How(progress=False), quick_fit)
    result = BacktestResult.of(plan, made, Judged.on(quiet, "2024-07-01"))
    assert "market" not in set(result.stated["forecaster"])
    assert "No quote in markets.csv" in result.text


def test_a_result_whose_questions_are_all_open_still_prints() -> None:
    result = replayed(DAYS[:1], "2024-04-12")
    assert "Scored: 0 of 0 questions" in result.text


@pytest.mark.parametrize("asked", [["cows"], []], ids=["none with an event", "none"])
def test_where_nothing_is_priced_there_is_nothing_to_score(asked: list[str], tmp_path: Path) -> None:
    result = replayed(DAYS[:1], questions=asked)
    assert len(result.table) == len(asked)
    assert result.text.endswith("No question has a probability, so there is nothing to score.")
    assert "scores.csv" not in {path.name for path in result.save(tmp_path)}
    assert len(result.scenarios) > 0


def test_another_backtest_joins_as_a_forecaster_of_the_same_rows(result: BacktestResult) -> None:
    other = replayed(DAYS[1:3], "2024-04-20", how=(plan_of().settings, 2))
    joined = result.joined({"second": other})
    second = joined.loc[joined["forecaster"] == "second"].set_index(["question", "as_of"])
    own = result.stated.loc[result.stated["forecaster"] == "model"].set_index(["question", "as_of"])
    assert len(second) == int((other.table["why_not"] == "").sum())
    pd.testing.assert_series_equal(second["resolution"], own["resolution"].loc[second.index])
    assert not skill(joined, "second").loc[("model", "second", "brier")].isna().any()
    with pytest.raises(BacktestError, match="'market' is a forecaster of this backtest already"):
        result.joined({"market": other})


def test_what_is_written_can_be_scored_again(result: BacktestResult, tmp_path: Path) -> None:
    written = {path.name for path in result.save(tmp_path)}
    assert {"table.csv", "stated.csv", "scenarios.csv", "scores.csv", "skill.csv", "passages.csv"} <= written
    assert len(pd.read_csv(tmp_path / "table.csv")) == len(result.table)
    assert_allclose(score(tmp_path / "stated.csv")["brier"], result.scores["brier"], rtol=1e-12)
