"""Interventions: what they move, what they leave, how they differ from learning, and what is refused."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.cases import embedded
from helpers.synthetic import synthetic_forecast
from vzforecast import intervene, load_forecast
from vzforecast.course import StandingStep
from vzforecast.errors import DateError, InterventionError
from vzforecast.evidence import LikelihoodJudgement
from vzforecast.forecast import Forecast, Probability
from vzforecast.forecast.intervention import Intervention, Post
from vzforecast.history import build_history
from vzforecast.intervening.changes import changes_of
from vzforecast.updating import update

HELD = "not ever(sanctions = not_escalated) after 2025-08-31 by 2025-12-31"
HALTED = "ever(deportation_flights = halted) after 2025-08-31 by 2025-12-31"


@pytest.fixture(scope="module")
def fc() -> Forecast:
    made: Forecast = synthetic_forecast(draws=400, paths=20)
    return made


def apart(one: Probability, other: Probability) -> float:
    """How many combined Monte Carlo errors two probabilities are apart."""
    return abs(one.mean - other.mean) / float(np.hypot(one.mcse, other.mcse))


def without_couplings_into(outcome: str) -> Any:
    """Return the embedded case in which no other outcome acts on the recovery of one."""
    case = embedded()
    for prior in case.prior_specs:
        if prior.startswith(f"coupling.recovery.{outcome}."):
            case = case.with_prior(prior, "-0.1 to 0.1")
    return case


def test_where_nothing_is_upstream_doing_is_learning() -> None:
    """All draws alike, no walk, no tone, nothing acting on what is held: then its course tells nothing else."""
    fc = synthetic_forecast(without_couplings_into("sanctions"), "2025-08-31", width=0.0, draws=1_000, paths=50)
    learnt = fc.probability(HALTED, given=HELD)
    done = intervene(fc, outcomes={"sanctions": "re_escalated"}).probability(HALTED)
    assert 0.1 < learnt.mean < 0.9
    assert 0.05 < fc.probability(HELD).mean < 0.95
    assert abs(learnt.mean - done.mean) < 4 * np.hypot(learnt.mcse, done.mcse)


def test_where_something_is_upstream_doing_is_not_learning(fc: Forecast) -> None:
    """A lost licence speaks for strong hardliners, bad news and high rates, which bring sanctions, too; taking it away
    leaves all of that as it was, and only the coupling is at work."""
    event = "ever(sanctions = re_escalated) by 2025-12-31"
    learnt = fc.probability(event, given="state(chevron_licence = suspended) on 2025-04-30")
    done = intervene(fc, outcomes={"chevron_licence": "suspended"}, start="2025-04-30").probability(event)
    assert learnt.mean > done.mean + 0.05
    assert apart(learnt, done) > 5
    assert done.mean > fc.probability(event).mean  # what the coupling does


def test_a_state_is_held_over_its_days_and_free_after_them(fc: Forecast) -> None:
    held = intervene(fc, outcomes={"chevron_licence": "suspended"}, start="2025-03-01", end="2025-06-30")
    for day in ("2025-03-01", "2025-04-15", "2025-06-30"):
        assert float(held.probability(f"state(chevron_licence = suspended) on {day}")) == 1.0
    assert 0.0 < float(held.probability("state(chevron_licence = in_force) on 2025-12-31")) < 1.0
    assert 0.0 < float(held.probability("ever(chevron_licence = suspended) by 2025-02-28")) < 0.5
    kept = intervene(fc, outcomes={"chevron_licence": "in_force"})
    assert float(kept.probability("ever(chevron_licence = suspended) by 2025-12-31")) == 0.0


@pytest.mark.parametrize(
    "brought_about",
    [
        {"influence": {"hardliners": 0.1}},
        {"silence": ["oil"]},
        {"actors": {"Richard Grenell": {"proximity": 10.0}}},
        {"outcomes": {"sanctions": "re_escalated"}},
        {"coupling": {"onset.chevron_licence.sanctions": 3.0}},
    ],
    ids=lambda part: next(iter(part)),
)
def test_before_its_day_nothing_moves_and_after_it_something_does(fc: Forecast, brought_about: dict[str, Any]) -> None:
    changed = intervene(fc, start="2025-06-15", **brought_about)
    before = ["2025-03-31", "2025-06-14"]
    np.testing.assert_array_equal(changed.outcomes(by=before), fc.outcomes(by=before))
    assert not np.array_equal(changed.scenarios(), fc.scenarios())
    np.testing.assert_array_equal(changed.influence(), fc.influence())
    np.testing.assert_array_equal(changed.defection(), fc.defection())


def test_the_forecast_it_starts_from_stays_as_it_is_and_is_its_undoing(fc: Forecast) -> None:
    before = fc.scenarios()
    changed = intervene(fc, influence={"hardliners": 0.2})
    np.testing.assert_array_equal(fc.scenarios(), before)
    assert fc.interventions == ()
    back = intervene(changed, influence={"hardliners": -0.2})
    np.testing.assert_allclose(back.scenarios(), before, atol=0.02)  # but where a share met its end
    assert [round(one.influence["hardliners"], 1) for one in back.interventions] == [0.2, -0.2]


def test_hardliners_up_ten_points_make_pressure_likelier(fc: Forecast) -> None:
    more = intervene(fc, influence={"hardliners": 0.10}, start="2025-03-01").scenarios()["probability"]
    assert more["maximum_pressure"] > fc.scenarios()["probability"]["maximum_pressure"] + 0.03


def test_a_silenced_faction_is_an_influence_of_minus_one(fc: Forecast) -> None:
    silent, taken = intervene(fc, silence=["oil"]), intervene(fc, influence={"oil": -1.0})
    np.testing.assert_array_equal(silent.scenarios(), taken.scenarios())


def test_actors_move_the_standing_that_a_case_with_them_would_have() -> None:
    """Grenell loses half of his closeness on 1 May: what months then have is that of a table which says so."""
    case = embedded().known_on("2025-02-05")
    made = intervene(
        synthetic_forecast(draws=20, paths=2), actors={"Richard Grenell": {"proximity": 40.0}}, start="2025-05-01"
    ).interventions
    history = build_history(case)
    steps = [change for change in changes_of(case, history, made) if isinstance(change, StandingStep)]
    table = case.tables["actors"]
    grenell = table["actor"] == "Richard Grenell"
    table.loc[grenell, "proximity"] = 40.0
    says_so = build_history(replace(case, tables={**case.tables, "actors": table}))
    total = np.sum([step.proximity for step in steps], axis=0)
    np.testing.assert_allclose(total, (says_so.proximity - history.proximity)[-1], atol=1e-12)
    np.testing.assert_allclose(np.sum([step.office for step in steps], axis=0), 0.0, atol=1e-12)
    assert steps[0].begin == pytest.approx((date(2025, 5, 1) - date(2025, 2, 5)).days - 1, abs=1e-4)


def test_an_actor_who_returns_undoes_a_departure(fc: Forecast) -> None:
    away = intervene(fc, actors={"Mike Waltz": "out"}, start="2025-03-01", end="2025-05-31")
    again = intervene(
        intervene(fc, actors={"Mike Waltz": "out"}, start="2025-03-01"), actors={"Mike Waltz": "in"}, start="2025-06-01"
    )
    np.testing.assert_allclose(
        away.scenarios(), again.scenarios(), atol=5e-3
    )  # the day of return: noon against its start
    assert not np.array_equal(away.scenarios(), fc.scenarios())


def test_a_post_given_twice_from_one_day_is_one_post(fc: Forecast) -> None:
    twice = intervene(
        intervene(fc, actors={"Richard Grenell": {"proximity": 20.0}}), actors={"Richard Grenell": {"office": 5.0}}
    )
    once = intervene(fc, actors={"Richard Grenell": {"proximity": 20.0, "office": 5.0}})
    np.testing.assert_array_equal(twice.scenarios(), once.scenarios())
    assert not np.array_equal(once.scenarios(), fc.scenarios())


def test_out_of_post_is_out_also_where_an_intervention_before_had_the_actor_return(fc: Forecast) -> None:
    away = intervene(fc, actors={"Mike Waltz": "out"}, start="2025-03-01", end="2025-05-31")
    gone = intervene(away, actors={"Mike Waltz": "out"}, start="2025-02-10")
    never = intervene(fc, actors={"Mike Waltz": "out"}, start="2025-02-10")
    np.testing.assert_allclose(gone.scenarios(), never.scenarios(), atol=1e-3)  # months are cut on other days
    assert abs(away.scenarios() - never.scenarios()).to_numpy().max() > 5e-3


def test_a_faction_that_nobody_speaks_for_later_on_is_refused(fc: Forecast) -> None:
    envoy = {"faction": "engagement", "office": 20.0, "proximity": 30.0, "salience": 90.0}
    helped = intervene(fc, actors={"New Envoy": envoy}, start="2025-03-01", end="2025-05-31")
    with pytest.raises(InterventionError, match=r"engagement would have nobody in post .* on 2025-06-01; silence it"):
        intervene(helped, actors={"Richard Grenell": "out"}, start="2025-04-01")
    intervene(helped, actors={"Richard Grenell": "out"}, start="2025-04-01", end="2025-05-31")


def test_no_faction_is_left_to_give_is_seen_across_interventions(fc: Forecast) -> None:
    spring = intervene(fc, silence=["hardliners"], start="2025-03-01", end="2025-05-31")
    with pytest.raises(InterventionError, match=r"on 2025-03-01 every faction is moved, so that none can give or take"):
        intervene(spring, influence={"oil": 0.1, "engagement": 0.1})
    intervene(spring, influence={"oil": 0.1, "engagement": 0.1}, start="2025-06-01")


def test_points_given_to_a_silenced_faction_are_all_it_has(fc: Forecast) -> None:
    silent = intervene(fc, silence=["oil"])
    tenth, least = (intervene(silent, influence={"oil": points}) for points in (0.1, 0.0))
    np.testing.assert_array_equal(least.scenarios(), silent.scenarios())
    moved = tenth.scenarios()["probability"] - silent.scenarios()["probability"]
    assert 0.002 < abs(moved).max() < 0.1
    assert np.array_equal(intervene(tenth, silence=["oil"]).scenarios(), silent.scenarios())


@pytest.mark.parametrize(
    "given",
    [
        {"influence": pd.Series({"oil": np.float32(0.25)})},
        {"influence": {np.str_("oil"): np.float64(0.25)}, "silence": None, "actors": {}},
        {"influence": {"oil": 0.25}, "outcomes": pd.Series(dtype=object), "silence": np.array([], dtype=str)},
    ],
    ids=["series", "numpy", "empty"],
)
def test_mappings_and_numbers_of_any_library_are_taken(fc: Forecast, given: dict[str, Any]) -> None:
    (one,) = intervene(fc, **given).interventions
    assert one == Intervention(start=date(2025, 2, 6), end=date(2025, 12, 31), influence={"oil": 0.25})


@pytest.mark.parametrize("row", [("oil",), pd.Index(["oil"]), np.array(["oil"]), iter(["oil"])], ids=str)
def test_silence_takes_names_in_any_row(fc: Forecast, row: Any) -> None:
    assert intervene(fc, silence=row).interventions[0].silence == ("oil",)


def test_scores_and_posts_may_be_whole_numbers_or_values(fc: Forecast) -> None:
    posts = ({"office": 5}, {"office": np.int64(5)}, pd.Series({"office": 5.0}), Post(office=5.0))
    made = {intervene(fc, actors={"Mike Waltz": post}).interventions[0].actors["Mike Waltz"] for post in posts}
    assert made == {Post(office=5.0)}


def test_a_judgement_about_the_months_before_stays_in_force() -> None:
    fc = synthetic_forecast(draws=200, paths=20)
    event = "ever(deportation_flights = halted) by 2025-04-30"
    judged = update(fc, [LikelihoodJudgement(date=date(2025, 2, 5), event=event, ratio=4.0)])
    changed = intervene(judged, influence={"hardliners": 0.2}, start="2025-06-01")
    assert float(changed.probability(event)) == float(judged.probability(event)) > float(fc.probability(event)) + 0.05


def test_it_comes_back_from_its_file(fc: Forecast, tmp_path: Path) -> None:
    event = "ever(deportation_flights = halted) by 2025-04-30"
    judged = update(fc, [LikelihoodJudgement(date=date(2025, 2, 5), event=event, ratio=4.0)])
    for forecast in (fc, judged):
        changed = intervene(
            forecast,
            influence={"hardliners": 0.1},
            actors={"Mike Waltz": "out", "New Envoy": {"faction": "oil", "office": 5, "proximity": 9, "salience": 50}},
            outcomes={"sanctions": "re_escalated"},
            coupling={"onset.chevron_licence.sanctions": 0.5},
            start="2025-03-01",
        )
        again = load_forecast(changed.save(tmp_path / "changed.nc"))
        assert again.interventions == changed.interventions
        assert repr(again) == repr(changed)
        np.testing.assert_array_equal(again.scenarios(), changed.scenarios())
        np.testing.assert_array_equal(again.outcomes(), changed.outcomes())
        more = intervene(again, silence=["oil"])
        np.testing.assert_array_equal(more.scenarios(), intervene(changed, silence=["oil"]).scenarios())


def test_it_cannot_be_updated(fc: Forecast) -> None:
    changed = intervene(fc, influence={"hardliners": 0.1})
    assert "under an intervention: from 2025-02-06 to 2025-12-31: hardliners +10 points of influence" in repr(changed)
    with pytest.raises(InterventionError, match=r"update the forecast that it was made from, then intervene again"):
        update(changed, as_of="2025-02-10")


def test_a_fault_of_a_post_is_named_once(fc: Forecast) -> None:
    with pytest.raises(InterventionError) as error:
        intervene(fc, actors={"Marco Rubio": {"offfice": 5.0}})
    (fault,) = error.value.faults
    assert (fault.place, fault.problem) == ("actors.Marco Rubio.offfice", "unknown key")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"influence": {}, "silence": ()}, "intervention: nothing is brought about; give influence="),
    ({"silence": "oil"}, "silence ('oil'): has another form; give a list of factions, such as"),
    ({"silence": [3]}, "silence ('3'): must be text"),
    (
        {"actors": {"Marco Rubio": "IN"}},
        "actors.Marco Rubio ('IN'): not one of the valid values; choose one of in, out",
    ),
    ({"actors": {"Marco Rubio": 5}}, "actors.Marco Rubio ('5'): is no post; give"),
    ({}, "nothing is brought about; give influence=, silence=, actors=, outcomes= or coupling="),
    (
        {"influence": {"hardliner": 0.1}},
        "influence ('hardliner'): the case has no such faction; did you mean hardliners?",
    ),
    ({"influence": {"oil": float("nan")}}, "influence.oil ('nan'): must be finite"),
    ({"influence": {"oil": 10}}, "influence.oil"),
    ({"influence": {"hardliners": 0.1, "oil": 0.1}, "silence": ["engagement"]}, "leave at least one faction out"),
    ({"influence": {"oil": 0.1}, "silence": ["oil"]}, "silence ('oil'): it is given points, too; drop one of the two"),
    ({"actors": {"Richard Grenell": "out"}}, 'silence it instead: silence=["engagement"]'),
    (
        {"actors": {"Richard Grenel": "out"}},
        "nobody of that name is in post on 2025-02-06; did you mean Richard Grenell?",
    ),
    ({"actors": {"Marco Rubio": "in"}}, "is in post on 2025-02-06 already; leave it out, or give other scores"),
    ({"actors": {"New Envoy": "in"}}, "give faction, office, proximity and salience as a mapping"),
    ({"actors": {"New Envoy": {"office": 5.0}}}, "('faction, proximity, salience'): a new actor has none of these yet"),
    ({"actors": {"Marco Rubio": {}}}, 'nothing is given; give a score, or "in" or "out"'),
    ({"actors": {"Marco Rubio": {"faction": "doves"}}}, "actors.Marco Rubio.faction ('doves'): the case has no such"),
    ({"actors": {"Marco Rubio": {"office": 101.0}}}, "office"),
    ({"outcomes": {"chevron": "in_force"}}, "outcomes ('chevron'): the case has no such outcome"),
    ({"outcomes": {"sanctions": "lifted"}}, "sanctions has no such state; choose one of not_escalated, re_escalated"),
    ({"outcomes": {"american_freed": "freed"}}, "american_freed is over at once, it cannot be held in that state"),
    ({"coupling": {"onset.sanctions.sanctions": 1.0}}, "the case declares no such coupling"),
]


@pytest.mark.parametrize(("brought_about", "message"), REFUSED, ids=[str(number) for number in range(len(REFUSED))])
def test_what_cannot_be_brought_about_is_refused(fc: Forecast, brought_about: dict[str, Any], message: str) -> None:
    with pytest.raises(InterventionError) as error:
        intervene(fc, **brought_about)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ({"start": "2025-02-05"}, "start 2025-02-05 is outside the future of this forecast, 2025-02-06 to 2025-12-31"),
        ({"end": "2026-01-01"}, "end 2026-01-01 is outside the future of this forecast"),
        ({"start": "2025-05-02", "end": "2025-05-01"}, "end 2025-05-01 is before the start, 2025-05-02; exchange them"),
        ({"start": "May"}, "start 'May' is not an ISO date"),
    ],
    ids=["start", "end", "order", "form"],
)
def test_days_outside_the_future_are_refused(fc: Forecast, span: dict[str, Any], message: str) -> None:
    with pytest.raises(DateError) as error:
        intervene(fc, silence=["oil"], **span)
    assert message in str(error.value)


def test_where_no_day_is_left_nothing_can_be_brought_about() -> None:
    over = synthetic_forecast(as_of="2025-12-31", draws=10, paths=2)
    with pytest.raises(DateError, match=r"ends on its as-of date, 2025-12-31: no day is left"):
        intervene(over, silence=["oil"])


@pytest.mark.parametrize("as_of", ["2025-02-28", "2025-12-30"])
def test_what_changes_nothing_leaves_the_forecast_also_where_a_month_has_no_day_left(as_of: str) -> None:
    fc = synthetic_forecast(as_of=as_of, draws=50, paths=10)
    same = intervene(fc, coupling={"onset.chevron_licence.sanctions": 1.0})
    np.testing.assert_array_equal(same.simulated.offsets, fc.simulated.offsets)
    np.testing.assert_allclose(same.simulated.times, fc.simulated.times, rtol=1e-9)
    held = intervene(fc, outcomes={"maduro_exit": "out"})
    assert float(held.probability("state(maduro_exit = out) on 2025-12-31")) == 1.0
