"""News moves a forecast the way it points, kind by kind, and judgements move it to the digit.

Draws come from the priors, so nothing is sampled; the same draws and, on the same day, the same paths stand before and
after, so that what differs is the news alone.
"""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.cases import embedded, skeleton, table, with_tables
from helpers.evidence import item
from helpers.synthetic import synthetic_forecast
from vzforecast import JudgementWarning, latent, update
from vzforecast.case import Case
from vzforecast.evidence import Evidence
from vzforecast.forecast import Forecast
from vzforecast.forecast.judgement import pooled_with_market
from vzforecast.history import Known
from vzforecast.history.recorded import recorded
from vzforecast.latent import Draws
from vzforecast.paths import Paths

AS_OF, DAY = "2024-04-15", "2024-04-20"
BROKEN = "ever(fishing_truce = broken) by 2024-12-31"
WITHDRAWN = "ever(ferry_permit = withdrawn) by 2024-12-31"
RISK = {"fishing_truce": BROKEN, "ferry_permit": WITHDRAWN}
COUPLING = "coupling.onset.ferry_permit.fishing_truce"

# Kept and broken promises: one that the case does not have, under an agreement that it has, or under a new one.
PROMISE: dict[str, Any] = {"commitment": "new", "form": "flow", "regime_threat": 0, "relief_at_stake": "minor"}
UNDER = {
    "known agreement": {"agreement": "truce_2024", "kind": "fishing"},
    "new agreement": {"agreement": "pact_2023", "kind": "fishing", "signed": "2023-05-01"},
}


def prior_draws(case: Case, as_of: str = AS_OF) -> Forecast:
    return synthetic_forecast(case, as_of, draws=400, chains=2, paths=20, width=0.5)


@cache
def island() -> Forecast:
    return prior_draws(skeleton())


def after(fc: Forecast, *items: Evidence, day: str = DAY) -> Forecast:
    return update(fc, items, method="reweight", as_of=day)


def moved(fc: Forecast, event: str, *items: Evidence, day: str = DAY) -> float:
    """Return by how much news moves a probability, beyond what the same days without news do."""
    return after(fc, *items, day=day).probability(event).mean - after(fc, day=day).probability(event).mean


def weighted(fc: Forecast, values: Any) -> Any:
    """Return a posterior mean by hand, from what stands in the posterior tree."""
    weight = fc.posterior["sample_stats"]["weight"].to_numpy().ravel()
    return np.tensordot(weight, np.asarray(values).reshape(weight.size, -1), axes=1).squeeze()


def class_rate(fc: Forecast, process: str) -> float:
    return float(weighted(fc, fc.posterior["posterior"]["log_rate"].sel(process=process)))


def influence(fc: Forecast, faction: str) -> float:
    return float(fc.influence()["mean"].xs(faction, level="faction").iloc[-1])


# Rows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faction", ["wardens", "traders"])
@pytest.mark.parametrize("kind", ["statement", "decision", "a kind never seen"])
def test_a_signal_for_a_faction_raises_its_influence(faction: str, kind: str) -> None:
    fc = after(island(), item("signal", faction=faction, kind=kind, strength=3))
    assert influence(fc, faction) > influence(after(island()), faction) + 0.01


def test_a_stronger_signal_moves_more() -> None:
    found = [influence(after(island(), item("signal", strength=strength)), "wardens") for strength in (1, 2, 3)]
    assert found == sorted(found)


@pytest.mark.parametrize("outcome", list(RISK))
def test_a_signal_that_leans_an_outcome_moves_its_probability(outcome: str) -> None:
    by = {
        lean: moved(island(), RISK[outcome], item("signal", faction=None, outcome=outcome, lean=lean, strength=3))
        for lean in ("active", "neither", "rest")
    }
    assert by["active"] > 0.003
    assert by["rest"] < -0.003
    assert by["rest"] < by["neither"] < by["active"]


def test_a_signal_of_a_later_month_moves_the_states_of_that_month() -> None:
    # June is not in the draws: its futures are drawn, weighted by the news, and one of them is kept.
    news = item("signal", date="2024-06-10", strength=3, outcome="ferry_permit", lean="active")
    quiet, fc = (after(island(), *items, day="2024-06-12") for items in ((), (news,)))
    assert influence(fc, "wardens") > influence(quiet, "wardens") + 0.01
    assert fc.probability(WITHDRAWN).mean > quiet.probability(WITHDRAWN).mean + 0.003


@pytest.mark.parametrize(("interval", "sign"), [("0.2 to 1.2", 1.0), ("-1.2 to -0.2", -1.0)])
def test_a_broken_truce_moves_the_risk_of_the_permit_by_the_sign_of_their_coupling(interval: str, sign: float) -> None:
    fc = prior_draws(skeleton().with_prior(COUPLING, interval))
    assert sign * moved(fc, WITHDRAWN, item("transition")) > 0.003


@pytest.mark.parametrize(("interval", "sign"), [(None, 1.0), ("-1.5 to -0.5", -1.0)])
def test_halted_flights_move_the_risk_of_the_licence_by_the_sign_of_their_coupling(
    interval: str | None, sign: float
) -> None:
    case = embedded()
    if interval:
        case = case.with_prior("coupling.onset.chevron_licence.deportation_flights", interval)
    halt = item("transition", outcome="deportation_flights", to="halted", date="2025-02-08")
    suspended = "ever(chevron_licence = suspended) by 2025-06-30"
    assert sign * moved(prior_draws(case, "2025-02-05"), suspended, halt, day="2025-02-08") > 0.01


def test_a_transition_raises_the_rate_at_which_the_outcome_changes() -> None:
    # The truce broke and was mended: broken once more is likelier than if it had held all along.
    items = [item("transition"), item("transition", id="y", to="held", date="2024-04-22")]
    again = "ever(fishing_truce = broken) after 2024-04-24 by 2024-12-31"
    assert moved(island(), again, *items, day="2024-04-24") > 0.01


@pytest.mark.parametrize("under", list(UNDER))
def test_a_broken_promise_raises_the_rate_of_its_kind_and_the_risk_of_its_outcome(under: str) -> None:
    lines = ("promise_flow.kind", "fishing"), ("promise_flow.all", "all"), ("promise_flow.outcome", "fishing_truce")
    found = {
        result: after(island(), item("commitment_resolved", **PROMISE, **UNDER[under], result=result))
        for result in ("broken", "kept")
    }
    rates = {result: fc.defection()["pooled"].loc[list(lines)] for result, fc in found.items()}
    quiet = after(island())
    outcome = quiet.defection()["pooled"][lines[2]]
    assert (rates["broken"] > rates["kept"]).all()
    assert rates["broken"][lines[2]] > 1.02 * outcome
    assert rates["kept"][lines[2]] < outcome
    p = {result: fc.probability(BROKEN).mean for result, fc in found.items()}
    assert p["broken"] > quiet.probability(BROKEN).mean + 0.005
    assert p["kept"] < quiet.probability(BROKEN).mean


def test_a_broken_promise_of_its_own_agreement_tells_more_than_one_of_another() -> None:
    by = {
        name: moved(island(), BROKEN, item("commitment_resolved", **PROMISE, **under, result="broken"))
        for name, under in UNDER.items()
    }
    assert by["known agreement"] > by["new agreement"] > 0.0


def test_a_duty_that_ends_kept_no_longer_lengthens() -> None:
    # An open duty is kept a day longer every day; resolved, it says no more.
    row = {"agreement_id": "truce_2021", "commitment_id": "open", "kind": "fishing", "form": "flow"}
    promises = pd.concat([skeleton().tables["commitments"], table("commitments", row)], ignore_index=True)
    fc = prior_draws(with_tables(skeleton(), commitments=promises))
    kept = item("commitment_resolved", commitment="open", result="kept", date="2024-04-16")
    broken = item("commitment_resolved", commitment="open", result="broken", date="2024-04-16")
    line = "promise_flow.outcome", "fishing_truce"
    rate = {
        name: after(fc, *items, day="2024-09-30").defection()["pooled"][line]
        for name, items in {"open": [], "kept": [kept], "broken": [broken]}.items()
    }
    assert rate["open"] < rate["kept"] < rate["broken"]


@cache
def with_salvage() -> Forecast:
    """The skeleton with a licence of its own class in force, whose term ends on 1 May."""
    third = {"licence": "Salvage", "series": "Salvage", "version": "3", "issued": "2023-06-01", "decision": "initial"}
    third |= {"new_expiry": "2024-05-01", "administration": "marsh1"}
    licences = pd.concat([skeleton().tables["licences"], table("licences", third)], ignore_index=True)
    return prior_draws(with_tables(skeleton(), licences=licences))


def test_a_licence_cut_raises_the_rate_of_its_class_and_one_renewed_lowers_it() -> None:
    day, fc = "2024-07-31", with_salvage()
    found = {None: after(fc, day=day)}
    for decision in ("renewed", "narrowed", "revoked"):
        news = item("licence_decision", licence="Salvage", decision=decision, date="2024-04-25")
        found[decision] = after(fc, news, day=day)
    rate = {decision: class_rate(one, "permit") for decision, one in found.items()}
    # Without a decision the term ended on 1 May and is no longer at risk; renewed, it stood three months more.
    assert rate["renewed"] < rate[None] < min(rate["narrowed"], rate["revoked"])
    p = {decision: one.probability(WITHDRAWN).mean for decision, one in found.items()}
    assert p["renewed"] < p[None] < min(p["narrowed"], p["revoked"])


def test_a_decision_on_the_licence_that_an_outcome_tells_is_no_reference_row() -> None:
    fc = after(island(), item("licence_decision", decision="revoked"))
    pd.testing.assert_frame_equal(fc.scenarios(), after(island()).scenarios(), rtol=1e-9)
    assert fc.update_report.items["enters_as"].item().startswith("nothing: no reference row reads it")


def test_an_action_raises_the_rate_of_its_class() -> None:
    # Relief is what mends the permit: no outcome begins with it, so it is read to the day.
    fc = prior_draws(skeleton())
    eased = after(fc, item("action", direction="ease", sectoral=True))
    tightened = after(fc, item("action", direction="tighten", sectoral=True))
    assert class_rate(eased, "relief") > class_rate(after(fc), "relief") + 0.05
    assert class_rate(tightened, "relief") == pytest.approx(class_rate(after(fc), "relief"), abs=1e-12)
    onset, recovery = (np.exp(latent.base_log_rates(fc.draws, fc.design))[:, way, 0] for way in (0, 1))
    assert weighted(eased, recovery) > 1.05 * weighted(after(fc), recovery)
    assert weighted(eased, onset) == pytest.approx(weighted(after(fc), onset), rel=0.02)


def test_an_action_of_an_outcomes_own_history_is_no_reference_row() -> None:
    fc = prior_draws(embedded(), "2025-02-05")
    step = item("action", direction="tighten", severity=3, sectoral=True, date="2025-02-06")
    done = after(fc, step, day="2025-02-06")
    assert class_rate(done, "pressure") == pytest.approx(class_rate(after(fc, day="2025-02-06"), "pressure"), abs=1e-12)


# Days ahead -------------------------------------------------------------------------------------------------


@cache
def winding_down() -> Forecast:
    """The embedded case on 20 March 2025, its licence suspended, as if no end of the wind-down had been published."""
    schedule = embedded().tables["schedule"]
    unaware = with_tables(embedded(), schedule=schedule[schedule["kind"] != "wind_down_end"])
    return prior_draws(unaware, "2025-03-20")


WIND_DOWN = item(
    "scheduled_decision", outcome="chevron_licence", kind="wind_down_end", due="2025-05-27", date="2025-03-24"
)


def test_the_end_of_a_wind_down_moves_the_return_of_the_licence_towards_it_and_makes_it_no_likelier() -> None:
    # No row changes on the day of publication, so the draws weigh the same and paths alone differ.
    plain, done = (after(winding_down(), *items, day="2025-03-24") for items in ((), (WIND_DOWN,)))
    np.testing.assert_array_equal(plain.revision.draw_weights, done.revision.draw_weights)
    back = "ever(chevron_licence = in_force) after 2025-03-24 by {}"
    before, by_then, late = (
        [fc.probability(back.format(day)) for fc in (plain, done)] for day in ("2025-05-19", "2025-05-27", "2025-12-31")
    )
    assert 0.0 < before[1].mean < before[0].mean / 2
    for one, other in (by_then, late):  # a class without terms loses and gains nothing over the whole term
        assert other.mean == pytest.approx(one.mean, abs=4 * np.hypot(one.mcse, other.mcse))
    assert by_then[1].mean - before[1].mean > 4 * (by_then[0].mean - before[0].mean)


def test_days_far_from_the_end_say_little_and_the_whole_term_as_much_as_ever() -> None:
    def rate(fc: Forecast) -> float:
        rates = np.exp(latent.base_log_rates(fc.draws, fc.design)[:, 1, fc.history.outcomes.index("chevron_licence")])
        return float(weighted(fc, rates))

    # Until a week before its end nobody had to decide: that the licence did not return tells less than it would.
    gap = {
        day: rate(after(winding_down(), WIND_DOWN, day=day)) - rate(after(winding_down(), day=day))
        for day in ("2025-05-20", "2025-05-27")
    }
    assert gap["2025-05-20"] > 1e-4
    assert abs(gap["2025-05-27"]) < gap["2025-05-20"] / 4


def test_the_end_of_a_term_of_its_own_class_holds_the_risk_of_a_mean_term() -> None:
    # Terms of the class run for a year; this one ends in a hundred days, with what gathers before the end of a year.
    ends = item("scheduled_decision")
    days = ("2024-07-15", "2024-07-31")
    early, by_then = (moved(island(), f"ever(ferry_permit = withdrawn) by {day}", ends) for day in days)
    assert early < -0.003
    assert by_then > 0.05
    # It passed, and nothing happened.
    assert class_rate(after(island(), ends, day="2024-08-15"), "permit") < class_rate(
        after(island(), day="2024-08-15"), "permit"
    )


# The table of actors ----------------------------------------------------------------------------------------


@cache
def with_a_second_warden() -> Forecast:
    weak = {"actor": "Dan Ebb", "faction": "wardens", "from": "2023-01-01", "office": 10, "proximity": 5}
    actors = pd.concat([skeleton().tables["actors"], table("actors", weak)], ignore_index=True)
    return prior_draws(with_tables(skeleton(), actors=actors))


POWERFUL: dict[str, Any] = {"actor": "Eve Grey", "office": 100, "proximity": 100, "salience": 100}


@pytest.mark.parametrize("faction", ["wardens", "traders"])
def test_a_powerful_appointment_raises_the_influence_of_its_faction(faction: str) -> None:
    appointed = [item("appointment", faction=faction, **POWERFUL)]
    before, done = (after(with_a_second_warden(), *items) for items in ((), appointed))
    assert influence(done, faction) > influence(before, faction) + 0.002


def test_the_departure_of_the_powerful_lowers_the_influence_of_their_faction() -> None:
    gone = [item("departure", actor="Ada Flint")]
    before, done = (after(with_a_second_warden(), *items) for items in ((), gone))
    assert influence(done, "wardens") < influence(before, "wardens") - 0.01


def test_a_weak_appointment_lowers_it_too_since_standing_is_a_mean() -> None:
    weak = item("appointment", faction="wardens", actor="Eve Grey", office=1, proximity=1, salience=100)
    assert influence(after(island(), weak), "wardens") < influence(after(island()), "wardens")


def test_appointments_act_through_the_standing_not_only_through_weights() -> None:
    fc, june = with_a_second_warden(), "2024-06-28"
    # Draw by draw, whatever its weight: in post from the first day of a month that the fit does not know.
    appointed, wardens = item("appointment", faction="wardens", date="2024-06-01", **POWERFUL), {"faction": "wardens"}
    before, done = (
        update(fc, items, method="reweight", as_of=june).posterior["posterior"]["influence"].sel(wardens)
        for items in ([], [appointed])
    )
    rise = (done - before).sel(period="2024-06-01")
    assert float(rise.mean()) > 0.01
    assert float((rise > 0.0).mean()) > 0.9
    assert float((done - before).sel(period="2024-04-01").max()) == 0.0


def test_they_last_and_reach_the_future() -> None:
    items = [item("appointment", faction="wardens", date="2024-05-01", **POWERFUL)]
    assert moved(with_a_second_warden(), WITHDRAWN, *items, day="2024-05-02") > 0.0
    gone = [item("departure", actor="Ada Flint", date="2024-05-01")]
    assert moved(with_a_second_warden(), WITHDRAWN, *gone, day="2024-05-02") < 0.0


# Time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2024-04-28", "2024-06-15", "2024-12-31"])
@pytest.mark.parametrize("outcome", list(RISK))
def test_time_without_news_lowers_the_rate_of_what_did_not_change(day: str, outcome: str) -> None:
    fc = after(island(), day=day)
    column = fc.history.outcomes.index(outcome)
    rates = np.exp(latent.base_log_rates(fc.draws, fc.design)[:, 0, column])
    assert weighted(fc, rates) < rates.mean()


def test_and_time_while_broken_lowers_the_rate_of_mending() -> None:
    fc = update(island(), [item("transition")], method="reweight")
    later = after(fc, day="2024-10-15")
    rates = np.exp(latent.base_log_rates(fc.draws, fc.design)[:, 1, fc.history.outcomes.index("fishing_truce")])
    assert weighted(later, rates) < weighted(fc, rates)


# Judgements, to the digit -----------------------------------------------------------------------------------


def hand_made(draws: Draws, known: Known, *, paths: int, **_options: Any) -> Paths:
    """Of ten paths of each draw the truce breaks on three, and the permit goes on two of those and one other."""
    kept = recorded(known.case, known.history.as_of)
    truce, permit = kept.outcomes.index("fishing_truce"), kept.outcomes.index("ferry_permit")
    one = {0: [(5.0, truce), (9.0, permit)], 1: [(6.0, truce), (9.0, permit)], 2: [(7.0, truce)], 3: [(8.0, permit)]}
    per_path = [one.get(path, []) for path in range(paths)] * len(draws["tau"])
    flat = [entry for entries in per_path for entry in entries]
    return Paths(
        record=kept,
        draws=len(draws["tau"]),
        paths=paths,
        offsets=np.cumsum([0, *map(len, per_path)], dtype=np.int64),
        times=np.array([time for time, _ in flat]),
        outcome=np.array([outcome for _, outcome in flat], dtype=np.int16),
    )


@pytest.fixture
def three_in_ten(monkeypatch: pytest.MonkeyPatch) -> Forecast:
    """P(E) = .3, P(F | E) = 2/3, P(F | not E) = 1/7, on every draw."""
    monkeypatch.setattr("vzforecast.forecast.future.future", hand_made)
    fc = synthetic_forecast(skeleton(), AS_OF, draws=400, chains=2, paths=10, width=0.5)
    plain = after(fc)
    assert plain.probability(BROKEN).mean == pytest.approx(0.3, abs=1e-12)
    assert plain.probability(WITHDRAWN).mean == pytest.approx(0.3, abs=1e-12)
    return fc


def chance_of_the_permit(chance: float) -> float:
    return chance * 2.0 / 3.0 + (1.0 - chance) / 7.0


def test_a_ratio_of_three_on_three_in_ten(three_in_ten: Forecast) -> None:
    # oracles.md, "Judgements": P(E) = .3 and a likelihood ratio of 3 give .5625.
    fc = after(three_in_ten, item("likelihood_judgement", event=BROKEN, ratio=3.0))
    assert fc.probability(BROKEN).mean == pytest.approx(0.5625, abs=1e-12)
    assert fc.probability(WITHDRAWN).mean == pytest.approx(chance_of_the_permit(0.5625), abs=1e-12)
    assert fc.probability(f"not ({WITHDRAWN})").mean == pytest.approx(1 - chance_of_the_permit(0.5625), abs=1e-12)


def test_ratios_multiply_whether_stated_at_once_or_one_after_the_other(three_in_ten: Forecast) -> None:
    one = item("likelihood_judgement", event=BROKEN, ratio=6.0)
    other = item("likelihood_judgement", id="y", event=BROKEN, ratio=0.5)
    for fc in (after(three_in_ten, one, other), after(after(three_in_ten, other), one)):
        assert fc.probability(BROKEN).mean == pytest.approx(0.5625, abs=1e-12)


def test_a_stated_probability_of_three_in_ten_raised_to_eight(three_in_ten: Forecast) -> None:
    # oracles.md: Jeffrey to .8 is a ratio of 28/3.
    with pytest.warns(JudgementWarning):
        fc = after(three_in_ten, item("probability_judgement", event=BROKEN, probability=0.8))
    assert fc.probability(BROKEN).mean == pytest.approx(0.8, abs=1e-12)
    assert fc.revision.ratios["x"] == pytest.approx(28.0 / 3.0, abs=1e-9)
    assert fc.probability(WITHDRAWN).mean == pytest.approx(chance_of_the_permit(0.8), abs=1e-12)


def test_a_quote_at_six_in_ten_of_weight_three_in_ten(three_in_ten: Forecast) -> None:
    # oracles.md: pooled with a market at .6, weight .3: .3843.
    quote = item("market_quote", event=BROKEN, probability=0.6, weight=0.3)
    fc = after(three_in_ten, quote)
    assert fc.probability(BROKEN).mean == pytest.approx(0.3843, abs=5e-5)
    assert fc.probability(BROKEN).mean == pytest.approx(pooled_with_market(0.3, 0.6, 0.3), abs=1e-12)
    line = fc.update_report.quotes.loc["x"]
    expected = {"market": 0.6, "model": 0.3, "difference": 0.3, "weight": 0.3, "pooled": fc.probability(BROKEN).mean}
    assert line[list(expected)].to_dict() == pytest.approx(expected, abs=1e-12)
    assert line["log_odds"] == pytest.approx(np.log(0.6 / 0.4) - np.log(0.3 / 0.7))
    assert line[["event", "platform", "date"]].tolist() == [BROKEN, "Exchange", "2024-04-20"]


@pytest.mark.parametrize(("weight", "expected"), [(0.0, None), (1.0, 0.2)])
def test_a_quote_weighs_from_nothing_to_everything(weight: float, expected: float | None) -> None:
    fc = after(island(), item("market_quote", weight=weight))
    assert fc.probability(BROKEN).mean == pytest.approx(expected or after(island()).probability(BROKEN).mean, abs=1e-12)


@pytest.mark.parametrize("ratio", [5.0, 0.2])
def test_a_judgement_moves_related_events_and_the_draws_with_it(ratio: float) -> None:
    judged, plain = after(island(), item("likelihood_judgement", ratio=ratio)), after(island())
    sign = np.sign(np.log(ratio))
    assert sign * (judged.probability(BROKEN).mean - plain.probability(BROKEN).mean) > 0.05
    assert sign * (judged.probability(WITHDRAWN).mean - plain.probability(WITHDRAWN).mean) > 0.002
    assert sign * (judged.probability(f"not ({BROKEN})").mean - plain.probability(f"not ({BROKEN})").mean) < -0.05
    line = "promise_flow.outcome", "fishing_truce"
    assert sign * (judged.defection()["pooled"][line] - plain.defection()["pooled"][line]) > 0.0


def test_a_stated_probability_is_exact_on_its_day_and_moves_on_with_later_news() -> None:
    stated = item("probability_judgement", event=BROKEN, probability=0.8)
    with pytest.warns(JudgementWarning):
        fc = update(island(), [stated], method="reweight")
    assert fc.probability(BROKEN).mean == pytest.approx(0.8, abs=1e-12)
    news = item("signal", id="y", faction=None, outcome="fishing_truce", lean="active", strength=3, date="2024-04-21")
    later = update(fc, [news], method="reweight")
    assert later.probability(BROKEN).mean > 0.8
    happened = update(fc, [item("transition", id="z", date="2024-04-25")], method="reweight")
    assert happened.probability(BROKEN).mean == pytest.approx(1.0, abs=1e-12)


def test_other_news_of_the_day_counts_before_what_is_stated() -> None:
    stated = item("probability_judgement", id="a", event=BROKEN, probability=0.8)
    news = item("signal", id="z", faction=None, outcome="fishing_truce", lean="active", strength=3)
    with pytest.warns(JudgementWarning):
        fc = update(island(), [stated, news], method="reweight")
    assert fc.probability(BROKEN).mean == pytest.approx(0.8, abs=1e-12)


def test_the_last_of_two_stated_on_one_day_stands() -> None:
    items = [item("probability_judgement", id=name, probability=p) for name, p in (("b", 0.3), ("a", 0.8))]
    with pytest.warns(JudgementWarning):
        fc = update(island(), items, method="reweight")
    assert fc.probability(BROKEN).mean == pytest.approx(0.3, abs=1e-12)


def test_a_decided_event_leaves_a_ratio_without_effect() -> None:
    judged, broken = item("likelihood_judgement", id="y", ratio=50.0), item("transition", date="2024-04-25")
    one, other = (after(island(), *items, day="2024-04-25") for items in ((broken, judged), (broken,)))
    pd.testing.assert_frame_equal(one.scenarios(), other.scenarios(), rtol=1e-9)
