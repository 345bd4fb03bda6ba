"""Value of information: laws, what is refused, the candidates that are made up, and the figure."""

from dataclasses import fields, replace

import numpy as np
import pytest

import vzforecast as vz
from helpers.cases import skeleton, with_recurrent
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.explaining.information_report import ANSWER_COLUMNS, COLUMNS
from vzforecast.forecast import Forecast

BROKEN = "ever(fishing_truce = broken) by 2024-12-31"
WITHDRAWN = "ever(ferry_permit = withdrawn) by 2024-09-30"


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), "2024-04-15", draws=100, paths=10)


def signal(**fields: object) -> vz.Signal:
    return vz.Signal(**{"date": "2024-04-15", "kind": "decision", "strength": 3} | fields)


def test_probabilities_of_answers_sum_to_one_and_average_to_the_event(fc: Forecast) -> None:
    item = signal(faction="wardens", outcome="fishing_truce", lean="active")
    found = vz.value_of_information(fc, [item, WITHDRAWN, signal(faction="traders")], BROKEN)
    sizes = found.answers.groupby(level="question").size()
    assert sizes.sort_values().tolist() == [2, 2, 6]  # yes and no; two factions; factions by leans
    for _, own in found.answers.groupby(level="question"):
        assert own["predictive"].sum() == pytest.approx(1.0)
        assert (own["predictive"] * own["after"]).sum() == pytest.approx(found.probability.mean)


def test_who_is_named_in_a_signal_does_not_matter(fc: Forecast) -> None:
    """Its alternatives are the question, and the question is the same whoever is named."""
    tables = [
        vz.value_of_information(fc, [signal(faction=faction)], BROKEN).table for faction in ("wardens", "traders")
    ]
    assert tables[0].equals(tables[1])


def test_what_is_asked_answered_in_full_by_itself(fc: Forecast) -> None:
    """To learn the event is worth its entropy, and moves it by 2 p (1 - p)."""
    line = vz.value_of_information(fc, [BROKEN], BROKEN).table.iloc[0]
    p = fc.probability(BROKEN).mean
    assert line["bits"] == pytest.approx(-p * np.log2(p) - (1 - p) * np.log2(1 - p), abs=0.01)
    assert line["shift"] == pytest.approx(200 * p * (1 - p))
    assert line["clear"]


def test_what_an_answer_changes_has_an_error_of_its_own(fc: Forecast) -> None:
    """The event after the answer and the event now have draws in common: that of their difference is smaller."""
    found = vz.value_of_information(fc, [WITHDRAWN, signal(faction="traders")], BROKEN)
    now, answers = fc.probability(BROKEN).mean, found.answers
    assert answers["change"].to_numpy() == pytest.approx(100 * (answers["after"] - now).to_numpy())
    assert (answers["clear"] == (answers["change"].abs() >= 2 * answers["change_mcse"])).all()
    # the two sides of a question pull in opposite directions: p (after - now) sums to zero draw by draw
    for _, own in answers.groupby(level="question"):
        pulls = own["predictive"] * own["change_mcse"]
        if len(own) == 2:
            assert pulls.iloc[0] == pytest.approx(pulls.iloc[1], rel=0.3)
    marked = [line for line in found.text.splitlines() if " then " in line]
    assert sum("within twice its Monte Carlo error" in line for line in marked) == int((~answers["clear"]).sum())


def test_nothing_can_be_learnt_of_what_is_certain(fc: Forecast) -> None:
    sure = f"{BROKEN} or not {BROKEN}"
    found = vz.value_of_information(fc, [WITHDRAWN, signal(faction="traders")], sure)
    assert found.table[["bits", "bits_mcse", "shift"]].to_numpy() == pytest.approx(np.zeros((2, 3)), abs=1e-12)
    assert not found.table["clear"].any()


def test_an_answer_on_no_path_is_blank(fc: Forecast) -> None:
    never = f"{BROKEN} and not {BROKEN}"
    found = vz.value_of_information(fc, [never], WITHDRAWN).answers.loc[f"{BROKEN} and not {BROKEN}"]
    assert np.isnan(found.loc["yes", ["after", "after_mcse", "change", "change_mcse"]].to_numpy(float)).all()
    assert found.loc["no", "after"] == pytest.approx(fc.probability(WITHDRAWN).mean)
    assert found.loc["no", "change_mcse"] == pytest.approx(0.0, abs=1e-9)  # what is certain to be said changes nothing
    assert found["clear"].tolist() == [False, False]
    assert "on no path" in vz.value_of_information(fc, [never], WITHDRAWN).text


def test_a_draw_that_does_not_vary_leaves_news_without_information(fc: Forecast) -> None:
    """News is about the state of the world in each draw: where that is known, it says nothing of chance to come."""
    posterior = fc.posterior["posterior"].to_dataset()
    same = posterior.isel(chain=[0] * posterior.sizes["chain"], draw=[0] * posterior.sizes["draw"])
    labels = {name: posterior[name] for name in ("chain", "draw") if name in posterior.coords}
    tree = fc.posterior.copy()
    tree["posterior"] = type(tree)(same.drop_vars(labels, errors="ignore").assign_coords(labels))
    line = vz.value_of_information(replace(fc, posterior=tree), [signal(faction="traders")], BROKEN).table.iloc[0]
    assert line["bits"] <= 2 * line["bits_mcse"] + 1e-12
    assert not line["clear"]


def test_candidates_that_are_made_up(fc: Forecast) -> None:
    found = vz.value_of_information(fc, None, BROKEN, lead=20).table
    assert found["bits"].is_monotonic_decreasing
    kinds = found["kind"].value_counts()
    outcomes = len(fc.history.outcomes)
    assert (kinds["news"], kinds["transition"]) == (1 + outcomes, outcomes)
    assert f"ever(fishing_truce = broken) after {fc.as_of} by 2024-05-05" in found.index
    assert kinds.get("scheduled", 0) == len(fc.history.scheduled)


def test_a_scheduled_decision_is_asked_both_ways() -> None:
    """The permit runs out on 31 May: whether it is withdrawn by then, against the paths counted one by one."""
    ends = vz.ScheduledDecision(
        date="2024-04-10", outcome="ferry_permit", kind="permit_ends", due="2024-05-31", published="2024-04-10"
    )
    case = skeleton().known_on("2024-04-15").with_evidence([ends])
    own = synthetic_forecast(case, "2024-04-15", draws=100, paths=10)
    found = vz.value_of_information(own, None, WITHDRAWN)
    question = "ever(ferry_permit = withdrawn) after 2024-04-15 by 2024-05-31"
    assert found.table["kind"].eq("scheduled").sum() == 1
    assert found.table.loc[question, "kind"] == "scheduled"
    cut = own.probability(question).mean
    later = own.probability(WITHDRAWN).mean - cut  # withdrawn by 31 May is withdrawn by 30 September
    assert found.answers.loc[question, "predictive"].tolist() == pytest.approx([cut, 1.0 - cut])
    assert found.answers.loc[question, "after"].tolist() == pytest.approx([1.0, later / (1.0 - cut)])
    assert found.table.loc[question, "shift"] == pytest.approx(200 * cut * (1.0 - cut - later))


def test_a_recurrent_outcome_is_asked_whether_it_happens_again() -> None:
    own = synthetic_forecast(with_recurrent(), "2024-04-15", draws=50, paths=4)
    table = vz.value_of_information(own, None, BROKEN).table
    assert "ever(sea_rescue = rescued) after 2024-04-15 by 2024-05-15" in table.index


def test_labels_that_come_again_are_numbered(fc: Forecast) -> None:
    table = vz.value_of_information(fc, [WITHDRAWN, WITHDRAWN], BROKEN).table
    assert table.index.tolist() == [WITHDRAWN, f"{WITHDRAWN} (2)"]


@pytest.mark.parametrize(
    ("candidate", "says"),
    [
        (vz.Departure(actor="Cora Vane", date="2024-04-15"), "have no probability in the model; give a Signal"),
        (signal(faction="mixed"), "favours no faction and leans nothing; give one of"),
        (signal(faction="wardens", date="2024-05-02"), "not in the month of the as-of date"),
        (signal(faction="pirates"), "pirates"),
        (vz.Transition(outcome="fishing_truce", to="broken", date="2024-04-15"), "not in the future of this forecast"),
        (vz.Transition(outcome="fishing_truce", to="held", date="2024-05-15"), "is in on 2024-04-15 already"),
        (7, "'int'"),
    ],
)
def test_what_is_no_candidate(fc: Forecast, candidate: object, says: str) -> None:
    with pytest.raises(vz.EvidenceError, match=says):
        vz.value_of_information(fc, [candidate], BROKEN)


def test_what_cannot_be_asked(fc: Forecast) -> None:
    with pytest.raises(vz.EvidenceError, match="there are none"):
        vz.value_of_information(fc, [], BROKEN)
    with pytest.raises(vz.VzForecastError, match="lead is 0"):
        vz.value_of_information(fc, None, BROKEN, lead=0)
    with pytest.raises(vz.EventError):
        vz.value_of_information(fc, ["ever(fishing_truce = sunk) by 2024-12-31"], BROKEN)


def test_judgements_count(fc: Forecast) -> None:
    """After a report about the event the answers average to what is then believed of it."""
    report = vz.LikelihoodJudgement(date="2024-04-15", event=BROKEN, ratio=4.0)
    judged = vz.update(fc, [report])
    found = vz.value_of_information(judged, [WITHDRAWN, signal(faction="wardens")], BROKEN)
    assert found.probability.mean > fc.probability(BROKEN).mean
    for _, own in found.answers.groupby(level="question"):
        assert (own["predictive"] * own["after"]).sum() == pytest.approx(judged.probability(BROKEN).mean)


def test_report_and_figure(fc: Forecast) -> None:
    found = vz.value_of_information(fc, None, BROKEN)
    assert [field.name for field in fields(found)] == ["event", "as_of", "probability", "table", "answers", "origin"]
    assert (found.table.index.name, found.table.columns.tolist()) == ("question", COLUMNS)
    assert (found.answers.index.names, found.answers.columns.tolist()) == (["question", "answer"], ANSWER_COLUMNS)
    assert "Watch for this:" in str(found)
    first = found.table.iloc[0]
    assert f"1. {found.table.index[0]}: {first['bits']:.4f} bits (error {first['bits_mcse']:.4f})" in found.text
    several = vz.value_of_information(fc, [WITHDRAWN] * 7, BROKEN)
    assert "and 2 more in the table" in several.text
    axes = vz.plot.information(found, top=3).axes[0]
    assert len(axes.patches) == 3
    assert [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()] == found.table.index[:3].tolist()
    failed = synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2, report=failing_report())
    with pytest.warns(vz.UnconvergedWarning):
        assert "FAILED FIT" in vz.value_of_information(failed, [WITHDRAWN], BROKEN).text
