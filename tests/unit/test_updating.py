"""The parts of an update: when stated probabilities are fixed and fixed anew, what goes back to which fit."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.cases import skeleton, table, with_tables
from helpers.evidence import EVENT, item
from helpers.synthetic import Refits, synthetic_forecast
from vzforecast import EvidenceError, JudgementWarning, update
from vzforecast.evidence import Evidence
from vzforecast.forecast import Forecast, LowEvidenceWarning
from vzforecast.forecast.judgement import marginal_ratio, virtual_weights
from vzforecast.forecast.probability import path_probability
from vzforecast.forecast.weights import Weights
from vzforecast.reweight import Reweighted
from vzforecast.updating import updating
from vzforecast.updating.basis import Basis, revision_of
from vzforecast.updating.judged import Ratios, is_marginal, moment, with_given, with_stated

AS_OF = "2024-04-15"
OPEN = "state(ferry_permit = withdrawn) on 2024-12-20"


@cache
def island() -> Forecast:
    return synthetic_forecast(skeleton(), AS_OF, draws=60, chains=2, paths=10, width=0.3)


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reweighted, "failures", ())


@pytest.fixture
def refits(monkeypatch: pytest.MonkeyPatch) -> Refits:
    stand_in = Refits(draws=60)
    monkeypatch.setattr("vzforecast.updating.advance.fit_known", stand_in)
    return stand_in


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every day to which the last fit is brought."""
    days: list[str] = []
    real = updating.advance

    def noted(basis: Any, items: Any, day: dt.date, request: Any) -> Forecast:
        days.append(str(day))
        return real(basis, items, day, request)

    monkeypatch.setattr(updating, "advance", noted)
    return days


def stated(fc: Forecast, *items: Evidence, **options: Any) -> Forecast:
    with pytest.warns(JudgementWarning):
        return update(fc, items, **options)


def leaning(name: str, day: str, **fields: Any) -> Evidence:
    return item("signal", id=name, date=day, faction=None, outcome="fishing_truce", lean="active", strength=3, **fields)


def judgement(name: str = "j", day: str = "2024-04-20", probability: float = 0.6, **fields: Any) -> Evidence:
    return item("probability_judgement", id=name, date=day, probability=probability, **fields)


# What is fixed when ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("published", "counts"), [("2024-04-10", AS_OF), (AS_OF, AS_OF), ("2024-04-16", "2024-04-16")])
def test_what_is_stated_counts_from_its_publication_but_not_before_the_last_fit(published: str, counts: str) -> None:
    one = judgement(day="2024-04-01", published=published)
    assert str(moment(one, dt.date(2024, 4, 15))) == counts


def test_only_stated_probabilities_and_quotes_depend_on_the_moment() -> None:
    kinds = ("probability_judgement", "market_quote", "likelihood_judgement", "signal")
    assert [is_marginal(item(kind)) for kind in kinds] == [True, True, False, False]


def test_given_ratios_are_added_to_those_in_force() -> None:
    ratios = with_given(Ratios({"old": 2.0}), (item("likelihood_judgement", id="new", ratio=3.0), item("signal")))
    assert dict(ratios.ratios) == {"old": 2.0, "new": 3.0}


def test_stated_probabilities_of_a_day_are_fixed_one_after_the_other() -> None:
    items = judgement("a", probability=0.6), judgement("b", probability=0.3)
    fc = Ratios().on(stated(island(), *items))  # with both in it, before any is fixed
    p = update(island(), as_of="2024-04-20").probability(EVENT).mean
    ratios = with_stated(Ratios(), fc, items)
    assert ratios.ratios == pytest.approx({"a": marginal_ratio(p, 0.6), "b": marginal_ratio(0.6, 0.3)})
    assert ratios.on(fc).probability(EVENT).mean == pytest.approx(0.3, abs=1e-12)
    assert fc.revision.ratios == {}


def test_ratios_go_on_a_forecast_that_was_updated() -> None:
    with pytest.raises(ValueError, match="a forecast that was never updated has no revision"):
        revision_of(island())


def test_a_ratio_stays_when_later_news_comes_and_the_event_moves_on(stops: list[str]) -> None:
    first = stated(island(), judgement())
    assert stops == ["2024-04-20"]
    later = update(first, [leaning("s", "2024-04-21")])
    assert stops == ["2024-04-20", "2024-04-21"]
    assert later.revision.ratios == first.revision.ratios
    assert later.probability(EVENT).mean > update(first, as_of="2024-04-21").probability(EVENT).mean


@pytest.mark.parametrize("day", ["2024-04-02", "2024-04-19", "2024-04-20"])
def test_a_ratio_is_fixed_anew_when_more_is_known_of_its_day(day: str) -> None:
    first = stated(island(), judgement())
    late = update(first, [leaning("s", day, published=max(day, "2024-04-16"))])
    assert late.revision.ratios["j"] != first.revision.ratios["j"]
    assert late.probability(EVENT).mean == pytest.approx(0.6, abs=1e-12)


def test_a_judgement_that_becomes_known_late_counts_before_what_was_stated_later() -> None:
    first = stated(island(), judgement())
    late = update(first, [item("likelihood_judgement", id="l", ratio=9.0, date="2024-04-18")])
    assert late.revision.ratios["j"] < first.revision.ratios["j"]
    assert late.probability(EVENT).mean == pytest.approx(0.6, abs=1e-12)
    after = update(first, [item("likelihood_judgement", id="l", ratio=9.0, date="2024-04-21")])
    assert after.probability(EVENT).mean > 0.8


def test_a_quote_is_pooled_anew_with_what_the_model_says_then() -> None:
    first = update(island(), [item("market_quote", id="q")])
    late = update(first, [leaning("s", "2024-04-18")])
    before, now = (fc.update_report.quotes.loc["q"] for fc in (first, late))
    assert now["model"] > before["model"]
    assert now["market"] == before["market"]
    assert before["pooled"] < now["pooled"] == pytest.approx(late.probability(EVENT).mean, abs=1e-12)


def test_quotes_of_several_days_are_fixed_each_on_its_own(stops: list[str]) -> None:
    days = ("2024-04-18", "2024-04-22", "2024-05-03")
    quotes = [item("market_quote", id=day, date=day) for day in days]
    fc = update(island(), reversed(quotes), as_of="2024-05-10")
    assert stops == [*days, "2024-05-10"]
    model = fc.update_report.quotes["model"]
    assert model.index.tolist() == list(days)
    for number, day in enumerate(days):
        until = update(island(), quotes[:number], as_of=day)
        assert model[day] == pytest.approx(until.probability(EVENT).mean, abs=1e-12)


def test_no_day_is_visited_twice_for_the_same_news(stops: list[str]) -> None:
    items = [
        judgement("a", "2024-04-18"),
        item("market_quote", id="b", date="2024-04-18"),
        judgement("c", "2024-04-22"),
    ]
    fc = stated(island(), *items)
    assert stops == ["2024-04-18", "2024-04-22"]
    stops.clear()
    update(fc, as_of="2024-05-10")
    assert stops == ["2024-05-10"]


def test_a_stated_probability_of_a_day_in_another_month_holds_on_that_day_only() -> None:
    items = [judgement(day="2024-05-20"), leaning("s", "2024-06-20")]
    fc = stated(island(), *items)
    assert fc.probability(EVENT).mean != pytest.approx(0.6, abs=1e-6)
    assert stated(island(), items[0]).probability(EVENT).mean == pytest.approx(0.6, abs=1e-12)
    assert stated(island(), *items).revision.ratios == stated(island(), items[0]).revision.ratios


def test_changed_files_fix_every_ratio_anew() -> None:
    first = stated(island(), judgement(), item("likelihood_judgement", id="l", ratio=2.0))
    row = {"id": "raid", "date": "2024-04-18", "published": "2024-04-18", "outcome": "fishing_truce", "lean": "active"}
    row |= {"faction": "none", "strength": 3}
    news = pd.concat([skeleton().tables["news"], table("news", row)], ignore_index=True)
    fc = update(first, case=with_tables(skeleton(), news=news), method="reweight")
    assert fc.revision.ratios["j"] < first.revision.ratios["j"]
    assert fc.revision.ratios["l"] == 2.0
    assert fc.probability(EVENT).mean == pytest.approx(0.6, abs=1e-12)


def test_late_news_may_show_that_what_was_stated_had_been_decided() -> None:
    first = stated(island(), judgement())
    with pytest.raises(EvidenceError, match=r"probability_judgement j: event .* happens on every path"):
        update(first, [item("transition", id="t", date="2024-04-18")])


def test_a_stated_probability_falls_away_once_its_event_is_decided() -> None:
    broken = item("transition", id="t", date="2024-05-10")
    fc, plain = stated(island(), judgement(), broken), update(island(), [broken])
    assert fc.probability(EVENT).mean == pytest.approx(1.0, abs=1e-12)
    pd.testing.assert_frame_equal(fc.scenarios(), plain.scenarios(), rtol=1e-9)


# Refits ------------------------------------------------------------------------------------------------------


def test_a_refit_is_made_on_every_day_on_which_something_was_stated(refits: Refits) -> None:
    items = [judgement("a", "2024-04-18"), judgement("b", "2024-04-22")]
    fc = stated(island(), *items, method="refit", as_of="2024-04-30")
    assert [str(call["known"].as_of) for call in refits.calls] == ["2024-04-18", "2024-04-22", "2024-04-30"]
    assert fc.update_report.why.count("refitted on the way") == 2
    assert fc.revision.since == ()
    assert [one.id for one in fc.revision.fitted] == ["a", "b"]
    assert set(fc.revision.ratios) == {"a", "b"}


def test_rows_reach_a_refit_once(refits: Refits) -> None:
    items = [leaning("s", "2024-04-17"), judgement("a", "2024-04-18"), leaning("t", "2024-04-19")]
    fc = stated(island(), *items, method="refit")
    ids = fc.case.tables["news"]["id"].tolist()
    assert (ids.count("s"), ids.count("t")) == (1, 1)
    assert len(refits.calls) == 2


def test_ratios_of_a_refit_stay_with_later_news(refits: Refits) -> None:
    first = stated(island(), judgement(), method="refit")
    later = update(first, [leaning("s", "2024-04-25")], method="reweight")
    assert later.revision.ratios == first.revision.ratios
    assert len(refits.calls) == 1


def test_what_was_stated_before_a_refit_keeps_its_ratio_when_earlier_news_comes_late(refits: Refits) -> None:
    # Decision 23: the draws of a fit cannot be taken back to a day before it. A batch would fix the ratio with "s".
    first = stated(island(), judgement(), method="refit")
    assert first.probability(EVENT).mean == pytest.approx(0.6, abs=1e-12)
    assert len(refits.calls) == 1
    late = update(first, [leaning("s", "2024-04-18")], method="reweight")
    assert late.revision.ratios == first.revision.ratios
    assert late.probability(EVENT).mean != pytest.approx(0.6, abs=1e-3)


def test_an_update_of_an_update_goes_back_to_the_fit() -> None:
    first = update(island(), [leaning("s", "2024-05-18")])
    basis = Basis.of(first)
    assert basis.known is first.revision.basis
    assert (str(basis.as_of), str(first.as_of)) == (AS_OF, "2024-05-18")
    assert basis.fitted == ()
    assert (basis.seed, basis.settings.paths) == (1, 10)
    assert Basis.of(island()).known is island().known


def test_weights_of_an_update_are_never_weighted_again() -> None:
    first = update(island(), [leaning("s", "2024-04-18")])
    doubled = replace(first, revision=replace(first.revision, draw_weights=first.revision.draw_weights[::-1]))
    one, other = (update(fc, as_of="2024-04-25") for fc in (first, doubled))
    np.testing.assert_array_equal(one.revision.draw_weights, other.revision.draw_weights)


# The table of items ------------------------------------------------------------------------------------------

NOTHING = "nothing: no reference row reads it; if an outcome changed state, add a transition"
DUTY = {"agreement": "truce_2024", "kind": "fishing", "form": "flow", "regime_threat": 0, "relief_at_stake": "minor"}
SALVAGE = {"licence": "Salvage", "decision": "initial"}

ENTERS_AS: dict[str, tuple[list[Evidence], str]] = {
    "signal": ([item("signal")], "signal"),
    "lean": ([item("signal", faction=None, outcome="fishing_truce", lean="rest")], "lean"),
    "signal and lean": ([item("signal", outcome="fishing_truce", lean="rest")], "signal and lean"),
    "mixed signal": ([item("signal", faction="mixed")], "nothing: it favours no faction"),
    "weaker item of an episode": (
        [item("signal", episode="e", strength=1), item("signal", id="y", episode="e", strength=2)],
        "nothing: its episode counts once, by another item",
    ),
    "lean of an episode that came true": (
        [
            item("signal", outcome="fishing_truce", lean="active", episode="e"),
            item("transition", id="y", date="2024-04-22", episode="e"),
        ],
        "signal",
    ),
    "transition": ([item("transition")], "transition"),
    "promise of an outcome": ([item("commitment_resolved")], NOTHING),
    "promise": ([item("commitment_resolved", commitment="new", **DUTY)], "promise"),
    "promise set aside": ([item("commitment_resolved", commitment="new", **{**DUTY, "result": "unresolved"})], NOTHING),
    "licence of an outcome": ([item("licence_decision")], NOTHING),
    "licence begun on the last day": ([item("licence_decision", **SALVAGE)], "reference row"),
    "licence of another outcome's history": (
        [item("licence_decision", **SALVAGE, own_history_of="ferry_permit", date="2024-04-18")],
        NOTHING,
    ),
    "action without an instrument": ([item("action", sectoral=True)], "reference row"),
    "action with one": ([item("action", sectoral=True, instrument="Decree 1")], "reference row"),
    "action too small": ([item("action", severity=1)], NOTHING),
    "action the other way": ([item("action", direction="tighten", severity=3)], NOTHING),
    "day ahead": ([item("scheduled_decision")], "day ahead"),
    "day ahead that another replaced": (
        [item("scheduled_decision", date="2024-04-18"), item("scheduled_decision", id="y", due="2024-08-31")],
        "day ahead",
    ),
    "day ahead that bears on nothing": (
        [item("scheduled_decision", kind="council_vote")],
        "nothing: its kind moves no rate",
    ),
    "day that was never ahead": (
        [item("scheduled_decision", due="2024-04-20")],
        "nothing: no time was left when it was published",
    ),
    "day ahead of another state": (
        [
            item("scheduled_decision", outcome="fishing_truce", date="2024-04-23"),
            item("transition", id="y", date="2024-04-22"),
        ],
        "nothing: fishing_truce is not in the state that it ends; if it changed state, add a transition",
    ),
    "appointment": ([item("appointment")], "standing of the factions"),
    "departure": (
        [item("departure", date="2024-04-22"), item("appointment", id="y", actor="New", faction="traders")],
        "standing of the factions",
    ),
    "ratio": ([item("likelihood_judgement")], "likelihood ratio of paths"),
    "quote": ([item("market_quote")], "pooled probability of paths"),
}


@pytest.mark.parametrize("name", list(ENTERS_AS))
def test_every_item_says_what_it_became(name: str) -> None:
    items, expected = ENTERS_AS[name]
    assert update(island(), items).update_report.items.loc["x", "enters_as"] == expected


def test_a_stated_probability_says_so() -> None:
    assert stated(island(), judgement()).update_report.items.loc["j", "enters_as"] == "stated probability of paths"


@pytest.mark.parametrize("name", [name for name, (_, said) in ENTERS_AS.items() if said.startswith("nothing")])
def test_what_is_nothing_in_the_model_moves_nothing(name: str) -> None:
    items, _ = ENTERS_AS[name]
    with_it, without = (update(island(), some, as_of="2024-04-25") for some in (items, _without_x(items)))
    pd.testing.assert_frame_equal(with_it.scenarios(), without.scenarios(), rtol=1e-9)
    pd.testing.assert_frame_equal(with_it.influence(), without.influence(), rtol=1e-9)


@pytest.mark.parametrize("name", [name for name, (_, said) in ENTERS_AS.items() if not said.startswith("nothing")])
def test_what_is_something_moves_something(name: str) -> None:
    items, _ = ENTERS_AS[name]
    with_it, without = (update(island(), some, as_of="2024-04-25") for some in (items, _without_x(items)))
    assert not with_it.scenarios().equals(without.scenarios())


def _without_x(items: Sequence[Evidence]) -> list[Evidence]:
    return [one for one in items if one.id != "x"]


# Errors of judged probabilities ------------------------------------------------------------------------------


def test_a_probability_under_judgements_never_exceeds_one() -> None:
    fc = update(island(), [item("likelihood_judgement", ratio=7.0)])
    assert fc.probability(f"({EVENT}) or not ({EVENT})").mean == 1.0
    assert fc.probability(f"({EVENT}) and not ({EVENT})").mean == 0.0


def test_no_probability_has_more_effective_draws_than_twice_its_draws() -> None:
    rare = "ever(fishing_truce = broken) by 2024-04-18"
    assert 0.0 < island().probability(rare).mean < 0.01
    with pytest.warns(LowEvidenceWarning, match="judgements leave [0-9]+ effective paths of 1,200"):
        fc = update(island(), [item("likelihood_judgement", event=rare, ratio=1e9, date=AS_OF)])
    found = fc.probability(rare)
    assert found.ess <= 2 * found.draws


@pytest.mark.parametrize("ratio", [1e300, 1e-300])
@pytest.mark.filterwarnings("ignore::vzforecast.forecast.LowEvidenceWarning")
def test_the_most_extreme_ratio_leaves_numbers(ratio: float) -> None:
    rare = "ever(fishing_truce = broken) by 2024-04-18"
    fc = update(island(), [item("likelihood_judgement", event=rare, ratio=ratio, date=AS_OF)])
    for event in (rare, OPEN):
        assert np.isfinite([fc.probability(event).mean, fc.probability(event).mcse]).all()


@pytest.mark.parametrize("kind", ["ratio", "stated"])
def test_the_error_under_a_judgement_is_that_of_repeated_runs(kind: str) -> None:
    # Two readings: the second says less of the event and more of the other one.
    found, errors = [], []
    for seed in range(300):
        random = np.random.default_rng(seed)
        chance = np.concatenate([random.beta(4, 4, 300), random.beta(2, 6, 300)])
        happened = random.random((600, 8)) < chance[:, None]
        other = random.random((600, 8)) < np.repeat([0.3, 0.6], 300)[:, None] + 0.2 * happened
        ratio = 6.0 if kind == "ratio" else marginal_ratio(happened.mean(), 0.85)
        weights = Weights(path=virtual_weights(happened, ratio))
        one = path_probability(other, 4, readings=2, ok=True, weights=weights)
        found.append(one.mean)
        errors.append(one.mcse)
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.15)
