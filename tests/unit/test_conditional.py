"""Conditions on few paths and on none, the table of scenarios given a state, and how well its numbers are known."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.cases import embedded
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast import (
    CaseError,
    DateError,
    EventError,
    Forecast,
    LikelihoodJudgement,
    LowEvidenceWarning,
    Probability,
    UnconvergedWarning,
    load_forecast,
    update,
)
from vzforecast.forecast.conditional import conditioned
from vzforecast.forecast.probability import path_probability
from vzforecast.forecast.weights import Weights

EVENT = "ever(chevron_licence = suspended) by 2025-06-01"
HALT = "ever(deportation_flights = halted) by 2025-12-31"
RARE = "held(deportation_flights = halted, days = 300) by 2025-12-31"
NEVER = "state(maduro_exit = out) on 2025-01-25"


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(embedded(), "2025-02-05", draws=500, chains=4, paths=10)


def test_a_condition_on_no_path_is_refused(fc: Forecast) -> None:
    with pytest.raises(EventError) as error:
        fc.probability(EVENT, given=f"  {NEVER}")
    assert str(error.value) == (
        f"given {NEVER}: has probability zero, on none of the 20,000 paths; ask for a likelier condition, or simulate "
        f"more paths (SamplerSettings.paths)"
    )


def test_a_condition_on_few_paths_is_answered_with_a_warning_that_names_the_line_of_the_user(fc: Forecast) -> None:
    number = round(fc.probability(RARE).mean * 20_000)
    assert 0 < number < 1_000
    with pytest.warns(LowEvidenceWarning) as caught:
        found = fc.probability(EVENT, given=RARE)
    assert len(caught) == 1
    assert str(caught[0].message) == (
        f"given {RARE}: happens on few of the 20,000 paths, {number:,} effective ones and not 1,000; mind the Monte "
        f"Carlo error, ask for a likelier condition, or simulate more paths (SamplerSettings.paths)"
    )
    assert Path(caught[0].filename) == Path(__file__)
    assert issubclass(LowEvidenceWarning, UserWarning)
    assert 0.0 < found.mean < 1.0
    assert found.mcse > 0.01


def test_a_common_condition_is_answered_without_one(fc: Forecast) -> None:
    found = fc.probability(EVENT, given=HALT)
    assert isinstance(found, Probability)
    assert float(found) == pytest.approx(fc.probability(f"{EVENT} and {HALT}").mean / fc.probability(HALT).mean)
    assert found.mcse > fc.probability(EVENT).mcse


def test_both_texts_are_checked(fc: Forecast) -> None:
    for event, condition in ((EVENT, "ever(tariffs = on) by 2025-06-01"), ("ever(tariffs = on) by 2025-06-01", EVENT)):
        with pytest.raises(EventError, match="unknown outcome 'tariffs'"):
            fc.probability(event, given=condition)
    with pytest.raises(EventError, match="expected 'by' and a date"):
        fc.probability(EVENT, given="ever(sanctions = re_escalated)")


def test_named_events_can_be_asked_for_and_be_conditions(fc: Forecast) -> None:
    text = fc.case.spec.events["flights_halted_14_days"]
    assert fc.probability("flights_halted_14_days") == fc.probability(text)
    assert fc.probability(EVENT, given="flights_halted_14_days") == fc.probability(EVENT, given=text)
    assert set(fc.vocabulary.events) == {
        "flights_halted_14_days",
        "caracas_breaks_first",
        "licence_lost_and_sanctions_back",
    }


def test_the_table_given_a_state(fc: Forecast) -> None:
    table = fc.given("deportation_flights", on="2025-06-30")
    assert table.index.names == ["state", "scenario"]
    assert table.index.get_level_values("state").unique().tolist() == ["running", "halted"]
    assert table.loc["halted"].index.tolist() == fc.scenarios().index.tolist()
    assert table.columns.tolist() == ["probability", "lower", "upper", "mcse", "condition"]
    assert (
        table.loc[("halted", "deal_collapses"), "probability"] > table.loc[("running", "deal_collapses"), "probability"]
    )
    on_the_last_day = fc.given("deportation_flights")
    assert on_the_last_day.loc[("halted", "detente"), "probability"] == 0.0  # then detente needs them to run
    pd.testing.assert_frame_equal(on_the_last_day, fc.given("deportation_flights", by="2025-12-31", on="2025-12-31"))


def test_a_state_that_no_path_has_is_blank_and_a_rare_one_warned_of(fc: Forecast) -> None:
    now = fc.given("maduro_exit", on=fc.as_of)
    assert now.loc["out"].drop(columns="condition").isna().all(axis=None)
    assert (now["condition"] == [1.0] * 6 + [0.0] * 6).all()
    np.testing.assert_allclose(now.loc["in_office", "probability"], fc.scenarios()["probability"], atol=1e-12)
    with pytest.warns(LowEvidenceWarning, match=r"^given state\(maduro_exit = out\) on 2025-02-20: ") as caught:
        fc.given("maduro_exit", on="2025-02-20")
    assert len(caught) == 1
    assert Path(caught[0].filename) == Path(__file__)


def test_a_recurrent_outcome_has_no_states_to_be_given(fc: Forecast) -> None:
    remedy = r'given "ever\(american_freed = freed\) by 2025-06-30"$'
    with pytest.raises(EventError, match=f"^given american_freed: it is recurrent and at rest on every day.*{remedy}"):
        fc.given("american_freed", on="2025-06-30")


def test_outcomes_and_days_of_the_table_are_checked(fc: Forecast) -> None:
    with pytest.raises(CaseError, match=r"outcomes \('flights'\)"):
        fc.given("flights")
    for days in ({"by": "2026-01-01"}, {"on": "2026-01-01"}, {"by": "2025-02-04"}, {"on": "2025-02-04"}):
        with pytest.raises(DateError, match="is outside this forecast; give a day from 2025-02-05 to 2025-12-31"):
            fc.given("sanctions", **days)


def test_a_failed_fit_is_warned_of() -> None:
    failed = synthetic_forecast(embedded(), "2025-02-05", draws=500, chains=2, paths=10, report=failing_report(1000))
    with pytest.warns(UnconvergedWarning):
        assert not failed.probability(EVENT, given=HALT).ok
    with pytest.warns(UnconvergedWarning):
        failed.given("deportation_flights", on="2025-09-30")


def test_answers_are_the_same_after_saving(fc: Forecast, tmp_path: Path) -> None:
    again = load_forecast(fc.save(tmp_path / "fc.nc"))
    assert again.case.digest == fc.case.digest
    assert again.probability("caracas_breaks_first", given=HALT) == fc.probability("caracas_breaks_first", given=HALT)
    pd.testing.assert_frame_equal(
        again.given("sanctions", on="2025-06-30"), fc.given("sanctions", on="2025-06-30"), check_exact=True
    )


def test_a_judgement_about_a_named_event_moves_conditions_with_it(fc: Forecast) -> None:
    text = "licence_lost_and_sanctions_back"
    after = update(fc, [LikelihoodJudgement(id="a", date="2025-02-05", event=text, ratio=4.0)], method="reweight")
    assert after.probability(text).mean > fc.probability(text).mean
    # Its ratio cancels where its event is given, and where its opposite is: in both, nothing else has changed.
    for condition in (text, f"not {text}"):
        before, now = fc.probability(HALT, given=condition), after.probability(HALT, given=condition)
        assert now.mean == pytest.approx(before.mean, abs=6.0 * np.hypot(before.mcse, now.mcse))


def test_an_unknown_event_of_a_judgement_is_refused_with_the_names_there_are(fc: Forecast) -> None:
    item = LikelihoodJudgement(id="a", date="2025-02-05", event="licence_and_sanctions", ratio=4.0)
    with pytest.raises(
        ValueError, match="unknown event 'licence_and_sanctions'; did you mean 'licence_lost_and_sanctions_back'"
    ):
        update(fc, [item], method="reweight")


@pytest.fixture
def few_are_meant() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LowEvidenceWarning)
        yield


def ratio(
    random: np.random.Generator, share: tuple[float, float], condition: tuple[float, float], draws: int, paths: int
) -> Probability:
    """Estimate P(A | B) from draws with their own P(A | B) and P(B), both from beta distributions."""
    p, q = random.beta(*share, draws), random.beta(*condition, draws)
    happened, holds = (random.random((draws, paths)) < chance[:, None] for chance in (p, q))
    return path_probability(happened, 4, ok=True, weights=conditioned(Weights(), holds, "it"))


@pytest.mark.parametrize(("condition", "off"), [((8.0, 4.0), 0.02), ((3.0, 30.0), 0.08)], ids=["common", "rare"])
@pytest.mark.parametrize("share", [(4.0, 8.0), (1.0, 3.0), (30.0, 60.0)], ids=["even", "wide", "narrow"])
def test_the_interval_is_that_of_the_share_given_the_condition(
    share: tuple[float, float], condition: tuple[float, float], off: float
) -> None:
    # With a condition on two or three of 25 paths the ends are off by some points, but the width is right.
    random = np.random.default_rng(1)
    found = [ratio(random, share, condition, 6000, 25) for _ in range(5)]
    lower, upper = stats.beta(*share).ppf([0.05, 0.95])
    assert np.mean([one.lower for one in found]) == pytest.approx(lower, abs=off)
    assert np.mean([one.upper for one in found]) == pytest.approx(upper, abs=off)
    assert np.mean([one.upper - one.lower for one in found]) == pytest.approx(upper - lower, rel=0.15, abs=0.04)


@pytest.mark.usefixtures("few_are_meant")
def test_where_every_draw_has_one_path_the_interval_owns_up_to_it() -> None:
    holds = np.zeros((400, 25), dtype=bool)
    holds[:, 3] = True
    happened = np.random.default_rng(1).random(holds.shape) < 0.3
    found = path_probability(happened, 4, ok=True, weights=conditioned(Weights(), holds, "it"))
    assert (found.lower, found.upper) == (0.0, 1.0)
    assert found.mean == happened[:, 3].mean()


@pytest.mark.usefixtures("few_are_meant")
@pytest.mark.parametrize("condition", [(4.0, 8.0), (1.0, 20.0)], ids=["common", "rare"])
def test_the_monte_carlo_error_is_that_of_repeated_runs(condition: tuple[float, float]) -> None:
    random = np.random.default_rng(5)
    found = [ratio(random, (4.0, 8.0), condition, 600, 10) for _ in range(400)]
    # The standard deviation of 400 values is known to within 3.5 % (one standard error).
    assert np.mean([one.mcse for one in found]) == pytest.approx(np.std([one.mean for one in found]), rel=0.12)


def test_a_condition_that_only_one_reading_of_partial_promises_allows_has_its_error_from_there() -> None:
    random = np.random.default_rng(9)
    holds = random.random((800, 20)) < 0.5
    holds[400:] = False
    happened = random.random(holds.shape) < random.beta(4, 8, 800)[:, None]
    weights = conditioned(Weights(), holds, "it")
    found = path_probability(happened, 4, readings=2, ok=True, weights=weights)
    alone = path_probability(happened[:400], 2, ok=True, weights=conditioned(Weights(), holds[:400], "it"))
    assert found.mean == pytest.approx(alone.mean)
    assert (found.mcse, found.ess) == pytest.approx((alone.mcse, alone.ess))


@pytest.mark.parametrize("weighted", ["draws", "paths"])
def test_effective_paths_count_uneven_weights(weighted: str) -> None:
    """Paths that weigh next to nothing do not count: 1,960 are left at first, then 760 or 990."""
    holds = np.ones((200, 20), dtype=bool)
    holds[:2] = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        conditioned(Weights(np.repeat([1.0, 1e-9], 100)), holds, "it")
    light = np.arange(200) >= 40 if weighted == "draws" else np.zeros(200, dtype=bool)
    path = np.where((np.arange(20) >= 5) & (weighted == "paths"), 1e-9, 1.0) * np.ones((200, 1))
    with pytest.warns(LowEvidenceWarning, match=r"on few of the 4,000 paths, (760|990) effective ones"):
        conditioned(Weights(np.where(light, 1e-9, 1.0), path), holds, "it")
