"""By faction and by record: laws, tables, words, refits."""

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vzforecast as vz
from helpers.cases import skeleton, with_tables, without_news
from helpers.stacks import island_stack
from helpers.synthetic import Refits, failing_report, synthetic_forecast
from helpers.weights import of_few
from vzforecast.explaining.factions_report import SIGNAL_COLUMNS, TABLE_COLUMNS
from vzforecast.explaining.left import Left
from vzforecast.explaining.record_report import AGREEMENT_COLUMNS, RATE_COLUMNS
from vzforecast.forecast import Forecast

BROKEN = "ever(fishing_truce = broken) by 2024-12-31"


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), "2024-04-15", draws=200, paths=10)


@pytest.fixture
def distrusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no weights be trusted."""

    def left_out(_: Forecast, nats: np.ndarray) -> Left:
        return Left(np.full(len(nats), 1.0 / len(nats)), 0.9, safe=False)

    for module in ("factions", "removing"):
        monkeypatch.setattr(f"vzforecast.explaining.{module}.left_out", left_out)


def test_who_is_on_top_divides_the_draws(fc: Forecast) -> None:
    found = vz.by_faction(fc, BROKEN)
    assert found.table["on_top"].sum() == pytest.approx(1.0)
    assert (found.table["on_top"] * found.table["probability"]).sum() == pytest.approx(fc.probability(BROKEN).mean)
    change = 100 * (found.table["probability"] - fc.probability(BROKEN).mean)
    assert found.table["change"].to_numpy() == pytest.approx(change.to_numpy())
    assert found.closeness.mean == fc.closeness_beats_office.mean
    assert found.closeness.mcse == fc.closeness_beats_office.mcse
    assert found.closeness_prior == pytest.approx(0.5)
    pd.testing.assert_frame_equal(found.influence, fc.influence())


def test_judgements_and_stacks_are_weighted(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("removing", "factions"):
        monkeypatch.setattr(f"vzforecast.explaining.{module}.MIN_ESS_PER_CHAIN", 1.0)  # a member has 120 draws
    judged = vz.update(fc, [vz.LikelihoodJudgement(date="2024-04-15", event=BROKEN, ratio=4.0)])
    for own in (judged, island_stack()):
        table = vz.by_faction(own, BROKEN).table
        assert (table["on_top"] * table["probability"]).sum() == pytest.approx(own.probability(BROKEN).mean)
        lines = vz.by_record(own, BROKEN).agreements
        assert lines["points"].abs().sum() > 0.0
        assert lines["mcse"].gt(0.0).all()


def test_a_faction_that_is_never_on_top_is_blank(fc: Forecast) -> None:
    posterior = fc.posterior.copy()
    steps = posterior["posterior"]["influence_step"]
    posterior["posterior"]["influence_step"] = steps + 50.0 * (steps["faction"] == "traders") * (
        steps["period"] == steps["period"][0]
    )
    found = vz.by_faction(Forecast(fc.case, posterior, fc.simulated, fc.diagnostics, fc.provenance), BROKEN)
    assert found.table["on_top"].to_dict() == {"wardens": 0.0, "traders": 1.0}
    assert np.isnan(found.table.loc["wardens", "probability"])
    assert "wardens on top 0%: in no draw" in found.text
    assert found.table.loc["traders", "change"] == pytest.approx(0.0)


def test_news_that_leaves_too_few_draws_has_no_figure(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of every block that is left out: fifty effective draws a chain."""
    monkeypatch.setattr("vzforecast.explaining.factions.left_out", of_few(99))  # of two chains, each with fifty
    found = vz.by_faction(fc, BROKEN)
    assert set(found.signals["why_not"]) == {"ESS 99 is below 100"}
    assert found.signals[["event", "event_mcse", "share", "closeness"]].isna().all(axis=None)
    assert not found.signals[["safe", "clear"]].any(axis=None)
    assert "(ESS 99 is below 100)" in found.text
    monkeypatch.setattr("vzforecast.explaining.factions.left_out", of_few(101))
    found = vz.by_faction(fc, BROKEN)
    assert set(found.signals["why_not"]) == {""}
    assert found.signals["safe"].all()
    assert found.signals["event"].notna().all()


def test_a_case_without_news_has_no_signals() -> None:
    quiet = synthetic_forecast(without_news(), "2024-04-15", draws=50, paths=4)
    found = vz.by_faction(quiet, BROKEN)
    assert found.signals.empty
    assert found.signals.columns.tolist() == SIGNAL_COLUMNS
    assert "News that moved it" not in found.text


@pytest.mark.usefixtures("distrusted")
def test_what_is_not_to_be_trusted_says_so(fc: Forecast) -> None:
    found = vz.by_faction(fc, BROKEN)
    assert not found.signals[["safe", "clear"]].to_numpy().any()
    assert found.signals[["event", "share", "closeness", "event_mcse"]].isna().to_numpy().all()
    limit = "k-hat 0.90 is not below 0.62"
    assert found.signals["why_not"].tolist() == [limit] * len(found.signals)
    told = ", ".join(f"{item} ({limit})" for item in found.signals.index)
    remedy = "fit with more draws, or the case without the item"
    assert f"  no figure, too few draws for a forecast without it; {remedy}: {told}" in found.text.splitlines()
    assert "it rests most on" not in found.text
    record = vz.by_record(fc, BROKEN)
    assert record.agreements["points"].isna().all()
    assert set(record.agreements["path"]) == {""}
    assert "no number by weights, refit=True gives one: " in record.text


@pytest.mark.usefixtures("distrusted")
def test_a_refit_takes_the_place_of_weights_that_fail(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    refits = Refits(draws=200, paths=10)
    monkeypatch.setattr("vzforecast.explaining.refits.fit_known", refits)
    judged = vz.update(fc, [vz.LikelihoodJudgement(date="2024-04-15", event=BROKEN, ratio=4.0)])
    found = vz.by_record(judged, BROKEN, refit=True, cache=False).agreements
    assert set(found["path"]) == {"refit"}
    assert not any(call["cache"] for call in refits.calls)
    whole = set(fc.case.tables["commitments"]["agreement_id"])
    left = [whole - set(call["known"].tables["commitments"]["agreement_id"]) for call in refits.calls]
    assert sorted(map(list, left)) == sorted([name] for name in found.index)
    # the same draws from the priors, with what was judged: nothing is left of the difference
    assert found["points"].to_numpy() == pytest.approx(np.zeros(len(found)), abs=1e-9)
    assert found["mcse"].to_numpy() == pytest.approx(100 * 2**0.5 * judged.probability(BROKEN).mcse)


def test_rates_and_the_first_breach(fc: Forecast) -> None:
    found = vz.by_record(fc, BROKEN)
    own = fc.defection()
    pd.testing.assert_frame_equal(found.rates[own.columns.tolist()], own)
    for process in ("promise_one_off", "promise_flow"):
        lines = found.rates[found.rates.index.get_level_values("grouping").str.startswith(f"{process}.")]
        assert set(lines["complete"]) == {own.loc[(f"{process}.all", "all"), "raw"]}
    assert len(found.first_breach) == 1
    (passage,) = found.first_breach.values()
    assert passage.event == "ever(fishing_truce = broken)"
    assert passage.not_by_horizon == fc.time_to("ever(fishing_truce = broken)").not_by_horizon
    assert f"first breach of {next(iter(found.first_breach))}: " in found.text


def test_a_case_without_a_record() -> None:
    commitments = skeleton().tables["commitments"]
    bare = with_tables(skeleton(), commitments=commitments.iloc[:0])
    found = vz.by_record(synthetic_forecast(bare, "2024-04-15", draws=50, paths=4), BROKEN)
    assert found.agreements.empty
    assert "What past agreements add" not in found.text


def test_reports(fc: Forecast) -> None:
    faction, record = vz.by_faction(fc, BROKEN), vz.by_record(fc, BROKEN)
    assert [field.name for field in fields(faction)] == [
        *("event", "as_of", "probability", "table", "influence", "signals", "closeness", "closeness_prior"),
    ]
    assert [field.name for field in fields(record)] == [
        *("event", "as_of", "probability", "rates", "first_breach", "agreements"),
    ]
    assert (faction.table.index.name, faction.table.columns.tolist()) == ("faction", TABLE_COLUMNS)
    assert (faction.signals.index.name, faction.signals.columns.tolist()) == ("item", SIGNAL_COLUMNS)
    assert (record.agreements.index.name, record.agreements.columns.tolist()) == ("agreement", AGREEMENT_COLUMNS)
    assert record.rates.columns.tolist() == RATE_COLUMNS
    item, row = next(iter(faction.signals[faction.signals["safe"]].iterrows()))
    assert f"  {row['event']:+.1f}  {item}: {row['headline']} (error {row['event_mcse']:.1f})" in faction.text
    top = faction.table.loc["wardens"]
    assert f"then {top['probability']:.1%} ({top['change']:+.1f}, error {top['change_mcse']:.1f})" in faction.text
    words: list[Any] = [faction, record]
    for one in words:
        assert str(one) == one.text
        assert BROKEN in repr(one)
    failed = synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2, report=failing_report())
    with pytest.warns(vz.UnconvergedWarning):
        assert "FAILED FIT" in vz.by_faction(failed, BROKEN).text
    with pytest.warns(vz.UnconvergedWarning):
        assert "FAILED FIT" in vz.by_record(failed, BROKEN).text


def test_nothing_is_changed(fc: Forecast) -> None:
    before = {name: values.copy() for name, values in fc.draws.items()}
    vz.by_faction(fc, BROKEN)
    vz.by_record(fc, BROKEN)
    vz.value_of_information(fc, None, BROKEN)
    assert all(np.array_equal(values, before[name]) for name, values in fc.draws.items())
    assert fc.revision is None
