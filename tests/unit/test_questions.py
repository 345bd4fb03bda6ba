"""Questions: which are open, what each is given, why not, and in which order."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.cases import embedded, skeleton, table, with_tables
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast import DateError, Forecast, LikelihoodJudgement, UnconvergedWarning, update
from vzforecast.forecast import questions

AS_OF = "2024-04-15"
LOST, LATER = "ever(ferry_permit = withdrawn) by 2024-09-30", "ever(fishing_truce = broken) by 2024-12-31"
COLUMNS = ["text", "event", "horizon", "probability", "lower", "upper", "mcse", "why_not"]
FIGURES = COLUMNS[3:7]


def question(name: str, **cells: Any) -> dict[str, Any]:
    return {"question_id": name, "text": f"Is it {name}?", "opened": "2024-04-10", "horizon": "2024-12-31"} | cells


def asked(*rows: dict[str, Any], **options: Any) -> Forecast:
    case = with_tables(skeleton(), questions=table("questions", *rows))
    return synthetic_forecast(case, AS_OF, draws=200, chains=2, paths=10, **options)


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return asked(
        question("zebra", horizon="2024-09-30", event=LOST),
        question("later", event=LATER),
        question("apple", event=f"not ({LATER})"),
        question("reason", why_not="The model has no cows"),
        question("unbound"),
        question("far", horizon="2025-03-31", event=LATER),
        question("far_unbound", horizon="2025-04-30"),
        question("far_reason", horizon="2025-05-31", why_not="Too far"),
    )


def test_the_table_has_a_row_for_each_open_question_by_horizon_and_id(fc: Forecast) -> None:
    found = fc.questions()
    assert found.index.name == "question"
    assert found.columns.tolist() == COLUMNS
    assert found.index.tolist() == [
        *("zebra", "apple", "later", "reason", "unbound", "far", "far_unbound", "far_reason"),
    ]
    assert found.loc["zebra", ["text", "event"]].tolist() == ["Is it zebra?", LOST]
    assert found.loc["zebra", "horizon"] == pd.Timestamp("2024-09-30")
    assert found["horizon"].dtype.kind == "M"


def test_a_bound_question_has_the_probability_of_its_event(fc: Forecast) -> None:
    found = fc.questions()
    for name in ("zebra", "later", "apple"):
        assert found.loc[name, FIGURES].to_dict() == fc.probability(found.loc[name, "event"]).row
        assert found.loc[name, "why_not"] == ""
    assert 0.0 < found.loc["zebra", "probability"] < 1.0
    assert found.loc["later", "probability"] + found.loc["apple", "probability"] == pytest.approx(1.0)


def test_every_other_one_says_why_not(fc: Forecast) -> None:
    found = fc.questions()
    assert found["why_not"].to_dict() == {
        **dict.fromkeys(("zebra", "apple", "later"), ""),
        "reason": "The model has no cows",
        "unbound": "no event is bound to it",
        "far": "its horizon, 2025-03-31, is after that of the case, 2024-12-31",
        "far_unbound": "its horizon, 2025-04-30, is after that of the case, 2024-12-31",
        "far_reason": "Too far",
    }
    assert (found[FIGURES].isna().all(axis=1) == (found["why_not"] != "")).all()
    assert found.dtypes[FIGURES].tolist() == [np.float64] * 4


def test_open_is_what_was_asked_and_neither_answered_nor_over_by_the_day() -> None:
    answer = {"resolution": 1, "source": "https://example.org/q"}
    fc = asked(
        question("asked_today", opened=AS_OF),
        question("asked_tomorrow", opened="2024-04-16"),
        question("answered_today", resolved_on=AS_OF, **answer),
        question("answered_tomorrow", event=LATER, resolved_on="2024-04-16", **answer),
        question("over_today", horizon=AS_OF, event=f"state(ferry_permit = in_force) on {AS_OF}"),
        question("over_yesterday", horizon="2024-04-14"),
    )
    found = fc.questions()
    assert found.index.tolist() == ["over_today", "answered_tomorrow", "asked_today"]
    assert found.loc["answered_tomorrow", "probability"] == fc.probability(LATER).mean < 1.0


def test_what_the_record_has_decided_is_sure_until_the_answer_is_published() -> None:
    fc = asked(
        question("came", event="state(ferry_permit = in_force) on 2024-04-10"),
        question("cannot_come", event="ever(ferry_permit = withdrawn) by 2024-04-14"),
    )
    assert fc.questions()[FIGURES].to_numpy().tolist() == [[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]


def test_without_an_open_question_the_table_is_empty() -> None:
    found = asked(question("over", horizon="2024-04-14")).questions()
    assert found.empty
    assert found.index.name == "question"
    assert found.columns.tolist() == COLUMNS


def test_a_question_may_name_an_event_of_the_case() -> None:
    row = question("first", opened="2025-02-01", horizon="2025-12-31", event="caracas_breaks_first")
    case = with_tables(embedded(), questions=table("questions", row))
    named = synthetic_forecast(case, draws=50, paths=2)
    found = named.questions()
    assert found.loc["first", "event"] == "caracas_breaks_first"
    assert found.loc["first", "probability"] == named.probability("caracas_breaks_first").mean > 0.0


def test_an_updated_forecast_answers_with_its_weights_and_its_day(fc: Forecast) -> None:
    told = LikelihoodJudgement(id="told", date="2024-05-02", event=LOST, ratio=5.0)
    moved = update(fc, [told], "reweight")
    assert str(moved.as_of) == "2024-05-02"
    before, after = fc.questions(), moved.questions()
    assert after.index.tolist() == before.index.tolist()
    for name in ("zebra", "later", "apple"):
        assert after.loc[name, FIGURES].to_dict() == moved.probability(after.loc[name, "event"]).row
    assert after.loc["zebra", "probability"] > before.loc["zebra", "probability"] + 0.1
    late = update(fc, [], "reweight", as_of="2024-10-01").questions()
    assert "zebra" not in late.index, "its horizon has passed"
    assert "later" in late.index


def test_the_paths_are_read_once_for_all_questions(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    plain = questions.evaluate_all

    def counted(events: Any, paths: Any) -> Any:
        calls.append(len(list(events)))
        return plain(events, paths)

    monkeypatch.setattr(questions, "evaluate_all", counted)
    fc.questions()
    assert calls == [3]


def test_a_failed_fit_warns() -> None:
    failed = asked(question("later", event=LATER), report=failing_report())
    with pytest.warns(UnconvergedWarning, match="failed fit") as caught:
        failed.questions()
    assert caught[0].filename == __file__


def test_questions_of_a_later_day_are_priced_by_what_was_known_before() -> None:
    rows = question("early", horizon="2024-09-30", event=LOST), question("late", opened="2024-05-10", event=LATER)
    case = with_tables(skeleton(), questions=table("questions", *rows))
    fc = synthetic_forecast(case, AS_OF, draws=200, chains=2, paths=10)
    found = fc.questions(case.known_on("2024-06-01"))
    assert found.index.tolist() == ["early", "late"]
    assert found.loc["late", "probability"] == fc.probability(LATER).mean
    assert fc.questions(case.known_on("2024-10-01")).index.tolist() == ["late"]
    for of in (case, case.known_on("2024-04-14")):
        with pytest.raises(DateError, match="cut the case to 2024-04-15 or later"):
            fc.questions(of)
