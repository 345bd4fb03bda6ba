"""What users rely on when they update a forecast: the report, the path taken and why, refusals word for word."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vzforecast as vz
from helpers.cases import skeleton, table, with_spec, with_tables
from helpers.evidence import EVENT, item
from helpers.stacks import island_stack
from helpers.synthetic import Refits, failing_report, immovable, synthetic_forecast
from vzforecast import fitting, mixing
from vzforecast.cache import versions
from vzforecast.errors import SettingsError
from vzforecast.evidence import KINDS, Evidence
from vzforecast.explaining.moving import _same_fit
from vzforecast.forecast import Forecast
from vzforecast.history import Places
from vzforecast.settings import SamplerSettings
from vzforecast.updating import weigh as weigh_module

AS_OF, DAY = "2024-04-15", "2024-04-20"
ROWS = [
    "signal",
    "transition",
    "commitment_resolved",
    "licence_decision",
    "action",
    "scheduled_decision",
    "appointment",
]
DECISIVE = [item("signal", id=f"s{number:02d}", kind="decision", strength=3) for number in range(30)]


@cache
def island() -> Forecast:
    return synthetic_forecast(skeleton(), AS_OF, draws=400, chains=2, paths=10, width=0.5)


@pytest.fixture
def refits(monkeypatch: pytest.MonkeyPatch) -> Refits:
    """Where weights fail, another fit follows at once; it takes no time."""
    stand_in = Refits()
    monkeypatch.setattr("vzforecast.updating.advance.moved", immovable)
    monkeypatch.setattr("vzforecast.updating.advance.fit_known", stand_in)
    return stand_in


@pytest.fixture
def no_refit(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_options: Any) -> Forecast:
        raise AssertionError("it was fitted again")

    monkeypatch.setattr("vzforecast.updating.advance.fit_known", refuse)


def promise(number: int) -> Evidence:
    fields = {"form": "flow", "regime_threat": 0, "relief_at_stake": "minor", "kind": "fishing", "signed": "2024-04-01"}
    names = {"id": f"c{number}", "commitment": f"promise{number}", "agreement": f"pact{number}"}
    return item("commitment_resolved", **names, **fields)


# The report --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_refit")
def test_the_report_of_a_quick_update() -> None:
    fc = vz.update(island(), [item("signal")])
    report = fc.update_report
    assert isinstance(report, vz.UpdateReport)
    assert (report.method, report.draws, report.fitted) == ("reweight", 800, AS_OF)
    assert report.khat < 0.65
    assert 200 <= report.ess <= 800
    assert report.why == "k-hat and ESS are within their limits"
    assert 0.0 < report.seconds < 60.0
    pattern = (
        r"reweighted the fit of 2024-04-15 \(k-hat -?\d\.\d\d, ESS \d{3} of 800 draws\) in \d+\.\d\d s: "
        r"k-hat and ESS are within their limits"
    )
    assert re.fullmatch(pattern, report.text)
    assert str(report) == report.text
    assert report.text in repr(fc)


def test_the_report_of_a_refit_carries_the_figures_of_the_attempt(refits: Refits) -> None:
    report = vz.update(island(), DECISIVE).update_report
    assert len(refits.calls) == 1
    assert (report.method, report.draws, report.fitted) == ("refit", 800, DAY)
    assert report.khat > 0.66
    assert report.ess < 200
    assert report.why == f"k-hat {report.khat:.2f} is not below 0.66, ESS {report.ess:.0f} is below 200"
    figures = f"(weights had k-hat {report.khat:.2f}, ESS {report.ess:,.0f} of 800 draws)"
    assert report.text == f"refitted as of 2024-04-20 {figures} in {report.seconds:.2f} s: {report.why}"


def test_a_refit_that_was_asked_for_tries_no_weights(refits: Refits) -> None:
    report = vz.update(island(), [item("signal")], method="refit").update_report
    assert len(refits.calls) == 1
    assert report.why == "a refit was asked for"
    assert np.isnan([report.khat, report.ess]).all()
    assert report.text == f"refitted as of 2024-04-20 in {report.seconds:.2f} s: a refit was asked for"


def test_every_item_is_shown_with_its_confidence_and_what_it_became() -> None:
    fields = {"confidence": "medium", "headline": "Wardens speak", "source": "gazette", "note": "seen twice"}
    items = [item("signal", id="s", **fields), item("likelihood_judgement", id="l"), item("market_quote", id="q")]
    table_ = vz.update(island(), items, method="reweight").update_report.items
    assert table_.index.tolist() == ["l", "q", "s"]
    assert table_.index.name == "id"
    assert table_.columns.tolist() == [
        "type", "date", "published", "confidence", "enters_as", "headline", "source", "note",
    ]  # fmt: skip
    expected = ["signal", DAY, DAY, "medium", "signal", "Wardens speak", "gazette", "seen twice"]
    assert table_.loc["s"].tolist() == expected
    assert table_["enters_as"].tolist() == ["likelihood ratio of paths", "pooled probability of paths", "signal"]


@pytest.mark.parametrize("confidence", ["high", "medium", "low"])
def test_confidence_is_never_a_weight(confidence: str) -> None:
    one, other = (vz.update(island(), [item("signal", confidence=said)]) for said in ("high", confidence))
    pd.testing.assert_frame_equal(one.scenarios(), other.scenarios(), check_exact=True)


def test_quotes_list_where_model_and_market_differ() -> None:
    quotes = vz.update(island(), [item("market_quote")]).update_report.quotes
    assert quotes.index.tolist() == ["x"]
    assert quotes.columns.tolist() == [
        "event", "platform", "date", "market", "model", "difference", "log_odds", "weight", "pooled",
    ]  # fmt: skip
    line = quotes.loc["x"]
    assert line["model"] == pytest.approx(vz.update(island(), as_of=DAY).probability(EVENT).mean, abs=1e-12)
    assert line["difference"] == pytest.approx(line["market"] - line["model"])
    assert min(line["model"], line["market"]) <= line["pooled"] <= max(line["model"], line["market"])


def test_items_and_quotes_of_earlier_updates_stay_in_the_report() -> None:
    fc = vz.update(island(), [item("market_quote", id="q"), item("signal", id="s")])
    later = vz.update(fc, [item("signal", id="t", date="2024-04-22")]).update_report
    assert later.items.index.tolist() == ["q", "s", "t"]
    pd.testing.assert_frame_equal(later.quotes, fc.update_report.quotes)


def test_reports_without_items_have_the_same_columns() -> None:
    some, none = vz.update(island(), [item("market_quote")]).update_report, vz.update(island()).update_report
    for part in ("items", "quotes"):
        assert getattr(none, part).empty
        assert getattr(none, part).columns.tolist() == getattr(some, part).columns.tolist()
        assert getattr(none, part).index.name == "id"


# The new forecast --------------------------------------------------------------------------------------------


def test_a_fit_has_no_report_and_no_evidence() -> None:
    assert island().update_report is None
    assert island().evidence == ()


def test_evidence_lists_all_items_in_the_order_of_publication() -> None:
    first = vz.update(island(), [item("signal", id="b", date="2024-04-18")])
    early = item("signal", id="a", date="2024-04-16", published="2024-04-17")
    fc = vz.update(first, [item("signal", id="c"), early])
    assert [one.id for one in fc.evidence] == ["a", "b", "c"]
    assert fc.evidence[0] is early
    assert [one.id for one in first.evidence] == ["b"]


def test_and_so_it_does_after_a_refit(refits: Refits) -> None:
    first = vz.update(island(), [item("signal", id="b", date="2024-04-18")], method="refit")
    assert len(refits.calls) == 1
    fc = vz.update(first, [item("signal", id="a", date="2024-04-16")])
    assert [one.id for one in fc.evidence] == ["a", "b"]


def test_the_as_of_date_is_the_newest_publication_and_never_earlier_than_before() -> None:
    published = item("signal", date="2024-04-18", published="2024-04-21")
    assert str(vz.update(island(), [published]).as_of) == "2024-04-21"
    assert str(vz.update(island(), [item("signal", date="2024-04-01")]).as_of) == AS_OF
    assert str(vz.update(island()).as_of) == AS_OF
    for day in ("2024-04-30", pd.Timestamp("2024-04-30"), pd.Timestamp("2024-04-30").date()):
        assert str(vz.update(island(), [published], as_of=day).as_of) == "2024-04-30"


def test_items_may_come_from_any_iterable() -> None:
    fc = vz.update(island(), (one for one in [item("signal")]))
    assert [one.id for one in fc.evidence] == ["x"]


def test_provenance_says_what_the_draws_are_and_what_is_known_now() -> None:
    before, fc = island().provenance, vz.update(island(), [item("signal")])
    assert fc.provenance["as_of"] == DAY == str(fc.case.as_of)
    assert fc.provenance["case_digest"] == fc.case.digest != before["case_digest"]
    assert fc.provenance["made"] > before["made"]
    for name in ("case", "priors_digest", "seed", "settings", "versions", "seconds", "cache_key"):
        assert fc.provenance[name] == before[name], name
    assert fc.diagnostics is island().diagnostics


def test_the_posterior_carries_the_weights_of_its_draws() -> None:
    stats = vz.update(island(), [item("signal")]).posterior["sample_stats"]
    assert stats["weight"].dims == ("chain", "draw")
    assert float(stats["weight"].sum()) == pytest.approx(1.0)
    assert "diverging" in stats
    assert "weight" not in island().posterior["sample_stats"]


def test_new_members_take_spare_places_and_known_ones_keep_theirs() -> None:
    fc = vz.update(island(), [item("signal", kind="leak"), promise(1)], method="reweight")
    before, now = (one.posterior["posterior"].coords for one in (island(), fc))
    kinds = {"spare 1": "leak"}
    assert now["signal_kind"].to_numpy().tolist() == [kinds.get(k, k) for k in before["signal_kind"].to_numpy()]
    levels = {"promise.agreement:spare 1": "promise.agreement:pact1"}
    assert now["level"].to_numpy().tolist() == [levels.get(k, k) for k in before["level"].to_numpy()]
    for name in ("log_kappa", "level_offset"):
        values = (one.posterior["posterior"][name].to_numpy() for one in (island(), fc))
        np.testing.assert_array_equal(*values)
    assert ("promise_flow.agreement", "pact1") in fc.defection().index


def test_paths_have_a_weight_that_reproduces_the_scenarios() -> None:
    fc = vz.update(island(), [item("signal", strength=3), item("likelihood_judgement", id="j")])
    states = fc.paths(["2024-12-31"])
    assert states["weight"].dims == ("draw", "path")
    assert float(states["weight"].sum()) == pytest.approx(1.0)
    both_rest = (states.isel(date=0) == 0).all("outcome")
    calm = float(both_rest.weighted(states["weight"]).mean())
    assert calm == pytest.approx(fc.scenarios()["probability"]["calm"], abs=1e-12)
    even = island().paths(["2024-12-31"])["weight"]
    np.testing.assert_allclose(even, 1.0 / even.size)


def test_half_pools_two_readings_in_equal_parts() -> None:
    half = synthetic_forecast(skeleton().with_partial("half"), AS_OF, draws=200, chains=4, width=0.5)
    partial = item("commitment_resolved", result="partial", **_NEW_DUTY)
    fc = vz.update(half, [item("signal", id="s", strength=3), partial], method="reweight")
    weight = fc.posterior["sample_stats"]["weight"]
    broken, kept = (float(weight.sel(chain=chains).sum()) for chains in ([0, 1], [2, 3]))
    assert (broken, kept) == pytest.approx((0.5, 0.5), abs=1e-12)
    # The same promise counts as a breach in one half of the draws and as kept in the other.
    rate = fc.posterior["posterior"]["log_rate"].sel(process="promise_flow")
    plain = vz.update(half, [item("signal", id="s", strength=3)], method="reweight").posterior["sample_stats"]["weight"]
    moved = [float(((weight - plain) * rate).sel(chain=chains).sum()) for chains in ([0, 1], [2, 3])]
    assert moved[0] > 0.0 > moved[1]


_NEW_DUTY: dict[str, Any] = {
    "commitment": "new",
    "agreement": "truce_2024",
    "kind": "fishing",
    "form": "flow",
    "regime_threat": 0,
    "relief_at_stake": "minor",
}


def test_each_reading_must_be_trusted_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    # The one reading has weights to spare, the other too few: together they would pass.
    half = synthetic_forecast(skeleton().with_partial("half"), AS_OF, draws=200, chains=4, width=0.5)
    kept = weigh_module.reweight
    sizes = iter([390.0, 150.0])
    monkeypatch.setattr(weigh_module, "reweight", lambda *a, **k: replace(kept(*a, **k), ess=next(sizes)))
    with pytest.raises(vz.UpdateError, match=r"ESS 150 is below 200 \(partial promises as_kept\)") as caught:
        vz.update(half, [item("signal")], method="reweight")
    assert caught.value.ess == 540.0


# Paths taken -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_refit")
def test_weights_that_cannot_be_trusted_are_refused_with_their_figures() -> None:
    with pytest.raises(vz.UpdateError) as caught:
        vz.update(island(), DECISIVE, method="reweight")
    error = caught.value
    assert error.khat > 0.66
    assert 1.0 <= error.ess < 200
    assert str(error) == (
        f"the forecast cannot be reweighted: k-hat {error.khat:.2f} is not below 0.66, "
        f"ESS {error.ess:.0f} is below 200; use method='refit', or 'auto' for the quickest way that can be trusted"
    )
    assert isinstance(error, vz.VzForecastError)


@pytest.mark.usefixtures("no_refit")
def test_few_effective_draws_are_refused_though_no_tail_is_heavy() -> None:
    fc = synthetic_forecast(skeleton(), AS_OF, draws=100, chains=2, width=0.5)
    with pytest.raises(vz.UpdateError, match=r"cannot be reweighted: ESS \d+ is below 200; use") as caught:
        vz.update(fc, [item("signal")], method="reweight")
    assert caught.value.khat < 0.5


CHANGED = {
    "a prior": (
        {"case": skeleton().with_prior("influence.tau", "0 to 0.3").with_prior("tension.psi", "0 to 0.3")},
        "priors changed: influence.tau, tension.psi",
    ),
    "declarations": (
        {"case": with_spec(skeleton(), coupling={"half_life_months": 2.0})},
        "the declarations of the case changed",
    ),
    "how partial promises count": (
        {"case": skeleton().with_partial("as_kept")},
        "the declarations of the case changed",
    ),
}


@pytest.mark.parametrize("change", list(CHANGED))
def test_another_model_is_fitted_again_and_says_why(change: str, refits: Refits) -> None:
    options, why = CHANGED[change]
    with pytest.raises(vz.UpdateError) as caught:
        vz.update(island(), method="reweight", **options)
    assert f"cannot be reweighted: {why}; use" in str(caught.value)
    assert np.isnan([caught.value.khat, caught.value.ess]).all()
    assert refits.calls == []
    fc = vz.update(island(), [item("signal")], **options)
    assert (fc.update_report.method, fc.update_report.why) == ("refit", why)
    (call,) = refits.calls
    assert call["known"].priors_digest == options["case"].priors_digest
    assert call["known"].spec == options["case"].spec
    assert "x" in set(call["known"].tables["news"]["id"])


def test_a_prior_with_other_reasons_only_is_the_same_prior() -> None:
    name = "influence.tau"
    reasoned = replace(skeleton().prior_specs[name], rationale="Because.")
    fc = vz.update(island(), method="reweight", case=skeleton().with_prior(name, reasoned))
    pd.testing.assert_frame_equal(fc.scenarios(), island().scenarios(), rtol=1e-9)


def test_a_failed_fit_is_fitted_again(refits: Refits) -> None:
    failed = replace(island(), diagnostics=failing_report())
    why = "the fit it starts from failed its diagnostics"
    with pytest.raises(vz.UpdateError, match=f"cannot be reweighted: {why}; use"):
        vz.update(failed, method="reweight")
    fc = vz.update(failed)
    assert (fc.update_report.why, len(refits.calls), fc.ok) == (why, 1, True)


NEW_MEMBERS = {
    "kinds of news": ([item("signal", id=kind, kind=kind) for kind in ("leak", "rumour")], "signal_kind", "rumour"),
    "agreements": ([promise(number) for number in range(4)], "promise.agreement", "pact2, pact3"),
}


@pytest.mark.parametrize("what", list(NEW_MEMBERS))
def test_more_new_members_than_places_are_fitted_anew(what: str, refits: Refits) -> None:
    items, grouping, listed = NEW_MEMBERS[what]
    with pytest.raises(vz.UpdateError, match=rf"new members of {grouping}, too few for {listed}; use"):
        vz.update(island(), items, method="reweight")
    fc = vz.update(island(), items)
    assert re.fullmatch(
        f"the fit kept (1 place|[0-9]+ places) for new members of {re.escape(grouping)}, too few for {listed}",
        fc.update_report.why,
    )
    (call,) = refits.calls
    assert call["places"] is None
    assert fc.update_report.method == "refit"


def test_a_refit_takes_seed_settings_options_and_places_of_the_last_fit(refits: Refits) -> None:
    vz.update(island(), [item("signal", kind="leak")], method="refit", cache=False, progress=True)
    (call,) = refits.calls
    assert isinstance(call["places"], Places)
    assert call["places"] == island().known.places
    assert call["seed"] == island().provenance["seed"]
    assert call["settings"] == SamplerSettings(**island().provenance["settings"])
    assert (call["cache"], call["progress"]) == (False, True)
    assert str(call["known"].as_of) == DAY


def test_a_refit_of_a_refit_keeps_the_shape(refits: Refits) -> None:
    fc = vz.update(island(), [item("signal", kind="leak")], method="refit")
    vz.update(fc, [item("signal", id="y", date="2024-04-22")], method="refit")
    first, second = refits.calls
    assert len(first["places"].signal_kinds) == len(second["places"].signal_kinds)
    assert "leak" in second["places"].signal_kinds


def test_another_reference_kind_of_news_needs_places_of_its_own(refits: Refits) -> None:
    # In the places of the last fit, the kind whose weight is 1 would stand twice and be free once.
    vz.update(island(), case=with_spec(skeleton(), news={"reference_kind": "decision"}))
    assert refits.calls[0]["places"] is None


def test_after_a_refit_weights_start_from_it(refits: Refits) -> None:
    fc = vz.update(island(), [item("signal")], method="refit")
    assert fc.revision.draw_weights is None
    later = vz.update(fc, as_of="2024-04-25", method="reweight")
    assert later.update_report.fitted == DAY
    assert [one.id for one in later.evidence] == ["x"]
    assert len(refits.calls) == 1


def test_judgements_hold_after_a_refit_and_with_changed_files(refits: Refits) -> None:
    judged = vz.update(
        island(), [item("likelihood_judgement", ratio=5.0), item("market_quote", id="q")], method="refit"
    )
    ratios = judged.revision.ratios
    assert set(ratios) == {"x", "q"}
    for fc in (vz.update(judged, method="refit"), vz.update(judged, case=skeleton(), method="refit")):
        assert fc.revision.ratios == ratios
        assert fc.probability(EVENT).mean == judged.probability(EVENT).mean
        assert fc.update_report.quotes.index.tolist() == ["q"]
    assert len(refits.calls) == 3


def test_a_refit_on_the_way_to_the_last_day_is_reported(refits: Refits) -> None:
    early = [item("signal", id=one.id, kind="decision", strength=3, date="2024-04-17") for one in DECISIVE]
    quote = item("market_quote", id="q", date="2024-04-18")
    fc = vz.update(island(), [*early, quote], as_of="2024-04-25")
    (call,) = refits.calls
    assert str(call["known"].as_of) == "2024-04-18"
    report = fc.update_report
    assert (report.method, report.fitted) == ("reweight", "2024-04-18")
    assert report.why.startswith("k-hat and ESS are within their limits; refitted on the way, as of 2024-04-18: k-hat ")
    assert {one.id for one in fc.revision.fitted} == {"q", *(one.id for one in early)}


# Draws that are moved on -------------------------------------------------------------------------------------

FIRST = item("signal", id="first", date="2024-04-18")


def settled(case: vz.Case, draws: int = 700) -> Forecast:
    """Draws of the posterior of a case: those of its prior, moved on to what is known on the same day."""
    return vz.update(synthetic_forecast(case, AS_OF, draws=draws, chains=4, paths=10, width=0.6), method="move")


@cache
def start() -> Forecast:
    return settled(skeleton())


@cache
def moved_on() -> Forecast:
    return vz.update(vz.update(start(), [FIRST], method="reweight"), [item("signal")], method="move")


def assert_agree(one: Forecast, other: Forecast) -> None:
    first, second = one.scenarios(), other.scenarios()
    apart = (first["probability"] - second["probability"]).abs()
    assert (apart <= 4.0 * np.hypot(first["mcse"], second["mcse"])).all()


@pytest.mark.usefixtures("no_refit")
def test_the_report_of_a_move() -> None:
    report = moved_on().update_report
    assert (report.method, report.draws, report.fitted) == ("move", 2_800, DAY)
    assert report.why == "moving was asked for"
    pattern = (
        r"moved draws on as of 2024-04-20 \(weights had k-hat -?\d\.\d\d, ESS \d{3} of 2,800 draws\) in \d+\.\d\d s: "
        r"moving was asked for"
    )
    assert re.fullmatch(pattern, report.text)
    assert report.text in repr(moved_on())
    assert report.items.index.tolist() == ["first", "x"]


def test_moved_draws_are_judged_and_are_others_than_before() -> None:
    fc, before = moved_on(), start()
    assert fc.ok
    assert fc.diagnostics is not before.diagnostics
    assert set(fc.diagnostics.table.index) == set(before.posterior["posterior"].data_vars) - {"influence"}
    posterior, old = (one.posterior["posterior"].to_dataset() for one in (fc, before))
    assert {name: array.dims for name, array in posterior.items()} == {name: array.dims for name, array in old.items()}
    for name in fc.diagnostics.table.index:
        assert not np.isin(posterior[name].to_numpy(), old[name].to_numpy()).any(), name
    assert set(fc.posterior["sample_stats"]) == {"diverging", "energy", "logp", "n_steps", "step_size"}
    assert fc.weights.of_draws is None


def test_a_move_is_the_posterior_that_weights_come_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vzforecast.reweight.Reweighted.failures", ())
    news = [item("signal", strength=3), item("transition", id="t", date="2024-04-18")]
    moved, weighed = vz.update(start(), news, method="move"), vz.update(start(), news, method="reweight")
    assert (moved.scenarios()["probability"] - start().scenarios()["probability"]).abs().max() > 0.1
    assert_agree(moved, weighed)


def test_evidence_is_kept_and_the_next_weights_go_back_to_the_moved_draws() -> None:
    fc = moved_on()
    assert [one.id for one in fc.evidence] == ["first", "x"]
    assert (fc.revision.since, fc.revision.draw_weights) == ((), None)
    later = vz.update(fc, [item("signal", id="y", date="2024-04-22")], method="reweight")
    assert (later.update_report.method, later.update_report.fitted) == ("reweight", DAY)
    assert [one.id for one in later.evidence] == ["first", "x", "y"]
    assert [one.id for one in later.revision.since] == ["y"]
    np.testing.assert_array_equal(later.draws["log_rate"], fc.draws["log_rate"])
    assert later.diagnostics is fc.diagnostics


def test_what_was_moved_can_be_moved_again() -> None:
    news = [item("signal", id="y", date="2024-04-22")]
    again = vz.update(moved_on(), news, method="move")
    assert (again.update_report.fitted, again.provenance["moved_from"]) == ("2024-04-22", DAY)
    assert again.ok
    assert_agree(again, vz.update(start(), [FIRST, item("signal"), *news], method="move"))


def test_the_same_move_gives_the_same_draws() -> None:
    again = vz.update(vz.update(start(), [FIRST], method="reweight"), [item("signal")], method="move")
    np.testing.assert_array_equal(again.draws["log_rate"], moved_on().draws["log_rate"])
    other = vz.update(start(), [FIRST, item("signal")], as_of="2024-04-21", method="move")
    assert not np.isin(other.draws["log_rate"], again.draws["log_rate"]).any()


def test_a_move_after_weights_across_months_is_a_move_with_all_the_news() -> None:
    news = [item("signal", id=f"n{month}", date=f"2024-{month:02}-10", strength=1) for month in (5, 6)]
    chained = vz.update(vz.update(start(), news[:1], method="reweight"), news[1:], method="move")
    batched = vz.update(start(), news, method="move")
    for name in ("log_rate", "influence_step", "tone_step"):
        np.testing.assert_array_equal(chained.draws[name], batched.draws[name], err_msg=name)


def test_a_move_and_a_refit_of_one_day_are_not_one_fit() -> None:
    moved = moved_on()
    stand_in = replace(moved, posterior=moved.posterior.copy(deep=True))
    stand_in.posterior["posterior"]["log_rate"].values[:] += 0.01
    assert not _same_fit(moved, stand_in)
    assert _same_fit(moved, vz.update(moved, [item("signal", id="y", date="2024-04-22")], method="reweight"))


def test_provenance_says_what_was_moved_from_where() -> None:
    before, fc = start().provenance, moved_on().provenance
    assert (fc["moved_from"], fc["as_of"], fc["from_cache"]) == (AS_OF, DAY, False)
    assert fc["case_digest"] == moved_on().case.digest != before["case_digest"]
    assert "cache_key" not in fc
    assert "moved_from" not in island().provenance
    for name in ("case", "priors_digest", "seed", "settings"):
        assert fc[name] == before[name], name
    assert fc["versions"] == versions()
    assert list(fc["seconds"]) == ["moving", "checking"]


@pytest.mark.usefixtures("no_refit")
def test_where_weights_fail_draws_are_moved_on() -> None:
    fc = vz.update(start(), DECISIVE[:8])
    report = fc.update_report
    assert (report.method, report.fitted) == ("move", DAY)
    assert report.why == f"ESS {report.ess:.0f} is below 400"
    assert report.text.startswith(f"moved draws on as of 2024-04-20 (weights had k-hat {report.khat:.2f}, ESS ")
    assert fc.ok


@pytest.mark.usefixtures("no_refit")
def test_a_move_on_the_way_to_the_last_day_is_reported() -> None:
    early = [item("signal", id=one.id, kind="decision", strength=3, date="2024-04-17") for one in DECISIVE[:8]]
    fc = vz.update(start(), [*early, item("market_quote", id="q", date="2024-04-18")], as_of="2024-04-25")
    assert "moved draws on the way, as of 2024-04-18: ESS " in fc.update_report.why
    assert {one.id for one in fc.revision.fitted} >= {"q", *(one.id for one in early)}


def test_moved_draws_that_fail_their_diagnostics_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in, few = Refits(), synthetic_forecast(skeleton(), AS_OF, draws=60, chains=2, width=0.5)
    monkeypatch.setattr("vzforecast.updating.advance.fit_known", stand_in)
    report = vz.update(few, [item("signal")]).update_report
    assert len(stand_in.calls) == 1
    assert report.method == "refit"
    assert re.fullmatch(r"ESS \d+ is below 200, moved draws failed: .*bulk ESS \d+ is below 400; .*", report.why)
    with pytest.raises(vz.UpdateError) as caught:
        vz.update(few, [item("signal")], method="move")
    assert str(caught.value).startswith("the forecast cannot be moved on: moved draws failed: ")
    assert str(caught.value).endswith("; use method='refit', or 'auto' for the quickest way that can be trusted")
    assert (caught.value.khat, caught.value.ess) == (report.khat, report.ess)
    assert len(stand_in.calls) == 1


@pytest.mark.usefixtures("no_refit")
@pytest.mark.parametrize("fails", [0, 1], ids=["a first attempt will do", "a second is made"])
def test_draws_too_near_each_other_are_made_again_further_apart(monkeypatch: pytest.MonkeyPatch, fails: int) -> None:
    verdicts, apart = [failing_report()] * fails, list[int]()

    def judged(part: Any) -> Any:
        apart.append(int(part["sample_stats"]["n_steps"].mean()))
        return verdicts.pop() if verdicts else convergence(part)

    convergence = mixing.convergence
    monkeypatch.setattr(mixing, "convergence", judged)
    fc = vz.update(start(), [item("signal")], method="move")
    assert fc.ok
    assert len(apart) == 1 + fails
    if fails:
        assert 1.8 * apart[0] < apart[-1] < 2.2 * apart[0]
    assert fc.posterior["sample_stats"]["n_steps"].mean() == pytest.approx(apart[-1], abs=1)


@pytest.mark.usefixtures("no_refit")
@pytest.mark.parametrize("change", list(CHANGED))
def test_draws_of_another_model_are_not_moved_on(change: str) -> None:
    options, why = CHANGED[change]
    with pytest.raises(vz.UpdateError) as caught:
        vz.update(island(), method="move", **options)
    assert str(caught.value) == (
        f"the forecast cannot be moved on: {why}; "
        "use method='refit', or 'auto' for the quickest way that can be trusted"
    )


@pytest.mark.usefixtures("no_refit")
@pytest.mark.parametrize(
    ("begin", "why"),
    [
        (lambda: replace(island(), diagnostics=failing_report()), "the fit it starts from failed its diagnostics"),
        (lambda: island_stack(AS_OF), "a forecast that averages several fits is fitted again"),
    ],
    ids=["failed", "stack"],
)
def test_nor_are_those_of_a_failed_fit_or_of_several(begin: Callable[[], Forecast], why: str) -> None:
    with pytest.raises(vz.UpdateError, match=f"^the forecast cannot be moved on: {why}; use"):
        vz.update(begin(), [item("signal")], method="move")


@pytest.mark.usefixtures("no_refit")
def test_more_new_members_than_places_cannot_be_moved_on_to() -> None:
    items, grouping, listed = NEW_MEMBERS["agreements"]
    with pytest.raises(vz.UpdateError, match=rf"cannot be moved on: .* of {grouping}, too few for {listed}; use"):
        vz.update(island(), items, method="move")


def test_both_readings_of_half_are_moved_on_each_by_itself() -> None:
    fc = vz.update(
        settled(skeleton().with_partial("half"), draws=1_500),
        [item("commitment_resolved", result="partial", **_NEW_DUTY)],
        method="move",
    )
    assert fc.ok  # though the two differ
    rate = fc.posterior["posterior"]["log_rate"].sel(process="promise_flow")
    broken, kept = (float(rate.sel(chain=chains).mean()) for chains in ([0, 1], [2, 3]))
    assert broken > kept + 0.1


@pytest.mark.parametrize("term", ["coupling", "influence", "tone"])
def test_terms_left_out_are_still_left_out_of_moved_draws(term: str) -> None:
    fc = settled(skeleton().without(term))
    assert fc.ok
    off = {"coupling": "coupling_effect", "influence": "leverage", "tone": "psi"}
    assert {name for name in off.values() if not fc.draws[name].any()} == {off[term]}


def test_moved_draws_are_saved_and_loaded(tmp_path: Path) -> None:
    fc = moved_on()
    again = vz.load_forecast(fc.save(tmp_path / "fc.nc"))
    assert dict(again.provenance) == dict(fc.provenance)
    assert again.update_report.text == fc.update_report.text
    assert again.diagnostics.text == fc.diagnostics.text
    assert [one.id for one in again.evidence] == ["first", "x"]
    pd.testing.assert_frame_equal(again.scenarios(), fc.scenarios(), check_exact=True)
    news = [item("signal", id="y", date="2024-04-22")]
    for method in ("reweight", "move"):
        one, other = (vz.update(each, news, method=method) for each in (fc, again))
        pd.testing.assert_frame_equal(one.scenarios(), other.scenarios(), check_exact=True)


def test_judgements_hold_for_moved_draws() -> None:
    judged = vz.update(start(), [item("likelihood_judgement", ratio=5.0), item("market_quote", id="q")], method="move")
    assert set(judged.revision.ratios) == {"x", "q"}
    assert judged.update_report.quotes.index.tolist() == ["q"]
    assert judged.update_report.method == "move"


# Files of the case that changed ------------------------------------------------------------------------------


@cache
def with_more_news() -> vz.Case:
    row = {"id": "raid", "date": "2024-04-18", "published": "2024-04-18", "faction": "wardens", "kind": "decision"}
    news = pd.concat([skeleton().tables["news"], table("news", row | {"strength": 3})], ignore_index=True)
    return with_tables(skeleton(), news=news)


def test_later_rows_of_the_files_are_weighed_like_evidence() -> None:
    of_files = vz.update(island(), as_of=DAY, case=with_more_news(), method="reweight")
    row = item("signal", id="raid", date="2024-04-18", kind="decision", strength=3)
    added = vz.update(island(), [row], as_of=DAY, method="reweight")
    assert "raid" in set(of_files.history.signals["id"])
    assert of_files.evidence == ()
    pd.testing.assert_frame_equal(of_files.scenarios(), added.scenarios(), rtol=1e-9)


def test_they_stay_when_more_is_added() -> None:
    fc = vz.update(island(), as_of=DAY, case=with_more_news(), method="reweight")
    assert "raid" in set(vz.update(fc, as_of="2024-04-21", method="reweight").history.signals["id"])


def test_they_are_cut_to_the_day_of_what_was_stated_before_they_were_read() -> None:
    fc = vz.update(island(), as_of=DAY, case=with_more_news(), method="reweight")
    quotes = [item("market_quote", id=day, date=day) for day in ("2024-04-17", "2024-04-19")]
    later = vz.update(fc, quotes, method="reweight")
    together = vz.update(island(), quotes, as_of=DAY, case=with_more_news(), method="reweight")
    pd.testing.assert_frame_equal(later.update_report.quotes, together.update_report.quotes)
    pd.testing.assert_frame_equal(later.scenarios(), together.scenarios(), check_exact=True)
    before = vz.update(island(), as_of="2024-04-17", method="reweight")  # the raid of the 18th is not known yet
    assert later.update_report.quotes["model"]["2024-04-17"] == pytest.approx(before.probability(EVENT).mean, abs=1e-12)


def test_they_are_still_there_after_a_refit_on_an_earlier_day(refits: Refits) -> None:
    fc = vz.update(island(), as_of=DAY, case=with_more_news(), method="reweight")
    quote = item("market_quote", id="q", date="2024-04-17")
    later = vz.update(fc, [quote], method="refit")
    assert [str(call["known"].as_of) for call in refits.calls] == ["2024-04-17", DAY]
    assert ["raid" in set(call["known"].tables["news"]["id"]) for call in refits.calls] == [False, True]
    assert "raid" in set(later.history.signals["id"])
    assert "raid" in set(vz.update(later, as_of="2024-04-25").history.signals["id"])


def test_and_in_a_saved_forecast(tmp_path: Path) -> None:
    fc = vz.update(island(), as_of=DAY, case=with_more_news(), method="reweight")
    loaded = vz.load_forecast(fc.save(tmp_path / "fc.nc"))
    one, other = (vz.update(each, [item("signal")], as_of="2024-04-25", method="reweight") for each in (fc, loaded))
    pd.testing.assert_frame_equal(one.scenarios(), other.scenarios(), check_exact=True)
    assert "raid" in set(other.history.signals["id"])


def test_an_item_that_the_files_now_hold_is_refused() -> None:
    fc = vz.update(island(), [item("signal", id="raid", date="2024-04-18")])
    with pytest.raises(vz.EvidenceError, match=r"signal raid: id .* already in the news of the case"):
        vz.update(fc, case=with_more_news())


def test_the_case_of_a_loaded_forecast_is_the_same_case(tmp_path: Path) -> None:
    loaded = vz.load_forecast(vz.update(island(), [item("signal")]).save(tmp_path / "fc.nc"))
    fc = vz.update(loaded, case=skeleton(), method="reweight")
    pd.testing.assert_frame_equal(fc.scenarios(), loaded.scenarios(), rtol=1e-9)


# Bad input ---------------------------------------------------------------------------------------------------

KNOWN = item("signal", id="known", date="2024-04-16")
STATED = "no stated probability moves it"
DECIDED = f"event ('{EVENT}'): happens on every path of the forecast then; leave the item out: {STATED}"
MISSPELT = "ever(fishing_truce = broke) by 2024-06-30"
DID_YOU_MEAN = "unknown state of fishing_truce 'broke'; did you mean 'broken'? valid: held, broken"
ELSEWHERE = "leave it out, or update a forecast that does not have it"
APART = "leave the item out, or tell the two apart"
PAST = "ever(fishing_truce = broken) by 2024-04-10"

FAULTS: dict[str, tuple[list[Any], str]] = {
    "unknown faction": (
        [item("signal", faction="nobody")],
        "signal x: faction ('nobody'): unknown faction; choose one of wardens, traders, none, mixed",
    ),
    "unknown outcome": (
        [item("transition", outcome="peace")],
        "transition x: outcome ('peace'): unknown outcome; choose one of ferry_permit, fishing_truce",
    ),
    "in that state already": (
        [item("transition", to="held")],
        "transition x: to ('held'): the state that fishing_truce already held; drop the item, or add what is missing",
    ),
    "an id twice": (
        [item("signal"), item("transition")],
        "transition x: id ('x'): id given twice; drop the repeat, or give each item its own id",
    ),
    "in the forecast already": (
        [item("signal", id="known", faction="traders")],
        f"signal known: id ('known'): already in this forecast; {ELSEWHERE}",
    ),
    "in the case already": (
        [item("signal", id="captain_warns")],
        f"signal captain_warns: id ('captain_warns'): already in the news of the case; {APART}",
    ),
    "no evidence": (
        [item("signal"), "news"],
        f"item 2: type ('str'): no kind of evidence; make one of {', '.join(kind.__name__ for kind in KINDS.values())}",
    ),
    "an event that does not parse": (
        [item("likelihood_judgement", event=MISSPELT)],
        f"likelihood_judgement x: event ('{MISSPELT}'): column 22: {DID_YOU_MEAN}",
    ),
    "a quote on what cannot happen any more": (
        [item("market_quote", event=PAST)],
        f"market_quote x: event ('{PAST}'): happens on no path of the forecast then; leave the item out: {STATED}",
    ),
}


@pytest.fixture(scope="module")
def knowing() -> Forecast:
    return vz.update(island(), [KNOWN], method="reweight")


@pytest.mark.parametrize("name", list(FAULTS))
def test_bad_items_are_refused_word_for_word(name: str, knowing: Forecast) -> None:
    items, message = FAULTS[name]
    with pytest.raises(vz.EvidenceError) as caught:
        vz.update(knowing, items)
    assert str(caught.value) == f"1 fault in the evidence:\n  {message}"
    assert [one.id for one in knowing.evidence] == ["known"]


def test_every_bad_item_of_a_batch_is_named() -> None:
    items = [
        item("signal", id="a", faction="nobody"),
        item("departure", id="b", actor="Nobody"),
        item("signal", id="c"),
    ]
    with pytest.raises(vz.EvidenceError) as caught:
        vz.update(island(), items)
    assert {fault.file for fault in caught.value.faults} == {"signal a", "departure b"}


def test_every_item_that_is_there_already_is_named() -> None:
    items = [item("signal", id=name) for name in "ab"]
    fc = vz.update(island(), items)
    with pytest.raises(vz.EvidenceError, match="2 faults in the evidence"):
        vz.update(fc, items)


def test_a_stated_probability_of_a_decided_event_is_refused() -> None:
    items = [item("transition", id="broken", date="2024-04-18"), item("probability_judgement")]
    with pytest.warns(vz.JudgementWarning), pytest.raises(vz.EvidenceError) as caught:
        vz.update(island(), items, method="reweight")
    assert str(caught.value) == f"1 fault in the evidence:\n  probability_judgement x: {DECIDED}"


def test_one_item_without_its_list_is_refused() -> None:
    with pytest.raises(vz.EvidenceError) as caught:
        vz.update(island(), item("signal"))
    problem = "signal x: items: one item where a list of items belongs; put it in [ ]"
    assert str(caught.value) == f"1 fault in the evidence:\n  {problem}"


DAYS: dict[str, tuple[list[Evidence], str | None, str]] = {
    "before the forecast's own": (
        [],
        "2024-04-14",
        "as-of date 2024-04-14 is before the forecast's own, 2024-04-15; a forecast only moves forward",
    ),
    "before a publication": (
        [item("signal", id=day, published=day) for day in ("2024-04-21", "2024-04-25", "2024-04-29")],
        "2024-04-22",
        "as-of date 2024-04-22 is before the publication of 2024-04-25, 2024-04-29; give 2024-04-29 or later",
    ),
    "after the horizon": ([], "2025-01-01", "as-of date 2025-01-01 is after the horizon of the case, 2024-12-31"),
    "published after the horizon": (
        [item("signal", date="2024-12-31", published="2025-01-02")],
        None,
        "as-of date 2025-01-02 is after the horizon of the case, 2024-12-31",
    ),
    "no day": ([], "soon", "as-of date 'soon' is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05"),
}


@pytest.mark.parametrize("name", list(DAYS))
def test_bad_days_are_refused_word_for_word(name: str) -> None:
    items, as_of, message = DAYS[name]
    with pytest.raises(vz.DateError) as caught:
        vz.update(island(), items, as_of=as_of)
    assert str(caught.value) == message


def test_an_unknown_method_is_refused() -> None:
    method: Any = "guess"
    with pytest.raises(SettingsError) as caught:
        vz.update(island(), method=method)
    assert str(caught.value) == "method is 'guess'; choose one of auto, reweight, move, refit"


def test_stated_probabilities_warn_and_name_themselves() -> None:
    items = [item("probability_judgement", id="b"), item("probability_judgement", id="a", probability=0.25)]
    with pytest.warns(vz.JudgementWarning) as caught:
        vz.update(island(), items)
    assert str(caught[0].message) == (
        "stated probabilities override the model and earlier evidence about their events, and do not commute: "
        "a (P = 0.25), b (P = 0.8); for a report that is only likelier one way, use a likelihood judgement"
    )
    assert caught[0].filename == __file__
    assert len(caught) == 1


@pytest.mark.parametrize("kind", [*ROWS, "likelihood_judgement", "market_quote"])
def test_nothing_else_warns(kind: str) -> None:
    vz.update(island(), [item(kind)], method="reweight")


# The sampler -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_refit_compiles_nothing_and_answers_like_a_fit() -> None:
    settings = SamplerSettings(draws=500, tune=500, chains=2, paths=10)
    fc = vz.fit(skeleton(), AS_OF, settings, cache=False)
    shapes = set(fitting._compiled)
    items = [item("signal", kind="leak"), item("transition", id="t", date="2024-04-22"), promise(1)]
    again = vz.update(fc, items, method="refit", cache=False)
    assert set(fitting._compiled) == shapes
    assert again.provenance["seconds"]["compiling"] < 1.0
    fresh = vz.fit(again.case, None, settings, seed=2, cache=False)
    for name in ("calm", "mixed_signals"):
        one, other = (table.loc[name] for table in (again.scenarios_unchecked(), fresh.scenarios_unchecked()))
        assert abs(one["probability"] - other["probability"]) < 4 * np.hypot(one["mcse"], other["mcse"])
