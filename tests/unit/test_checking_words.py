"""What the checks of a case say, on draws made so that the right answer is known. Nothing is sampled."""

import dataclasses
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from helpers.cases import (
    embedded,
    skeleton,
    with_recurrent,
    without_couplings,
    without_covariates,
    without_groupings,
    without_news,
)
from helpers.synthetic import DIMS, synthetic_forecast
from vzforecast import CheckError, DateError, inference, model
from vzforecast.case import Case
from vzforecast.checking import PredictiveCheck, loo, posterior_check, prior_predictive, prior_words
from vzforecast.checking.replicated import rows_of
from vzforecast.forecast import Forecast
from vzforecast.forecast.averaged import Averaged
from vzforecast.forecast.weights import Weights
from vzforecast.history import Design, encode

DRAWS = 500


def constant(design: Design, draws: int = DRAWS, **values: Any) -> xr.DataTree:
    """Draws in which every variable is zero but those given, whose values may differ from draw to draw."""
    sizes = {dim: len(labels) for dim, labels in design.coords.items()}
    variables = {}
    for name, dims in DIMS.items():
        shape = (1, draws, *(sizes[dim] for dim in dims))
        own = np.broadcast_to(np.asarray(values.get(name, 0.0), dtype=float), shape).copy()
        variables[name] = (["chain", "draw", *dims], own)
    coords = {dim: list(labels) for dim, labels in design.coords.items()}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(variables, coords=coords)})


def rates(design: Design) -> np.ndarray[Any, Any]:
    """A rate a month for every class, each another."""
    return 0.01 * (1.0 + np.arange(len(design.coords["process"])))


@pytest.fixture
def prior(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Case]:
    """Replace draws from the prior by constant ones; returns the case that they are for."""

    def of(**values: Any) -> Case:
        known = embedded().known_on("2025-02-05")
        design = rows_of(known).design
        tree = constant(design, log_rate=np.log(rates(design)), **values)
        monkeypatch.setattr(inference, "sample_prior", lambda *_: tree)
        monkeypatch.setattr(model, "build_model", lambda _: None)
        return known

    return of


def test_constant_rates_are_told_per_decade_and_of_ten(prior: Callable[..., Case]) -> None:
    known = prior()
    found, rate = prior_predictive(known), dict(zip(known.spec.processes, rates(rows_of(known).design), strict=True))
    for process, own in rate.items():
        row = found.rates.loc[("class", process)]
        if row["unit"] == "a decade":
            assert row[["lower", "median", "upper"]].tolist() == pytest.approx([120 * own] * 3)
        else:
            assert row[["lower", "median", "upper"]].tolist() == pytest.approx([10 * (1 - np.exp(-own))] * 3)
    assert found.rates.loc["class"].index[found.rates.loc["class", "unit"] != "a decade"].tolist() == [
        "defection_one_off"
    ]
    for outcome in known.spec.outcomes:
        for transition, hazard in outcome.hazards.items():
            row = found.rates.loc[(transition, outcome.id)]
            assert row["median"] == pytest.approx(120 * rate[hazard.process])


def test_one_off_promises_without_a_record_are_told_of_ten(
    prior: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rate of such a class is per promise, whatever has been promised so far."""
    known, process = prior(), "defection_one_off"
    whole = rows_of(known).history
    history = dataclasses.replace(whole, rows=whole.rows[whole.rows["process"] != process])
    design = encode(history, known.prior_specs, half_life=known.spec.tension.half_life_months)
    monkeypatch.setattr(prior_words, "rows_of", lambda _: SimpleNamespace(history=history, design=design))
    found = prior_predictive(known)
    own = rates(design)[list(known.spec.processes).index(process)]
    row = found.rates.loc[("class", process)]
    assert row["unit"] == "of ten promises"
    assert row["median"] == pytest.approx(10 * (1 - np.exp(-own)))
    assert (row["events"], row["exposure"]) == (0, 0)
    assert "of ten promises are broken (median 0.1); no record" in str(found)


def test_the_record_stands_beside(prior: Callable[..., Case]) -> None:
    rates = prior_predictive(prior()).rates
    # 45 irregular exits in 168 countries over 157 months (Beger, Dorff and Ward 2016).
    row = rates.loc[("class", "leader_exit")]
    assert row[["events", "exposure"]].tolist() == pytest.approx([45, 168 * 157 / 12])
    assert row["record"] == pytest.approx(120 * 0.0017061, rel=1e-4)
    assert np.isnan(rates.loc[("class", "leader_return"), "record"])


def test_factors_are_exponentials_of_what_they_come_from(prior: Callable[..., Case]) -> None:
    effect = np.linspace(-1.0, 2.0, DRAWS)[None, :, None]
    ratios = prior_predictive(prior(coupling_effect=effect)).ratios
    expected = np.exp(np.quantile(effect, [0.05, 0.5, 0.95]))
    for _, row in ratios.loc["coupling"].iterrows():
        assert row.tolist() == pytest.approx(expected.tolist(), rel=0.01)
    assert (ratios.loc["leverage"] == 1.0).all(axis=None)


def test_outcomes_of_one_class_go_together(prior: Callable[..., Case]) -> None:
    known = embedded().known_on("2025-02-05")
    steps = np.random.default_rng(1).normal(size=(1, DRAWS, 12, 11))
    found = prior_predictive(prior(psi=1.0, tone_step=steps), draws=DRAWS).correlations
    assert len(found) == 55
    assert found["correlation"].abs().max() < 0.2  # each has a tone of its own
    assert found["correlation"].abs().is_monotonic_decreasing
    assert set(found.index.get_level_values("outcome")) <= {outcome.id for outcome in known.spec.outcomes}


def test_implications_read_as_sentences(prior: Callable[..., Case]) -> None:
    text = str(prior_predictive(prior()))
    assert "leader_exit: 11 to 11 times a decade (median 11); the record has 45 in 2,198 years" in text
    assert "of ten promises are broken" in text
    assert "chevron_licence becomes suspended" in text
    assert "No two outcomes" in text
    surer = str(prior_predictive(prior(coupling_effect=np.log(2.0))))
    said = "When deportation_flights has just become halted, chevron_licence becomes suspended 2.0 to 2.0 times as fast"
    assert said in surer
    assert said not in text


def test_a_day_before_the_case_begins_is_refused() -> None:
    with pytest.raises(DateError):
        prior_predictive(embedded(), as_of="2024-01-01")


@pytest.fixture(scope="module")
def steady() -> Forecast:
    """A forecast all of whose rates are constants: what it predicts is a Poisson variable of known mean."""
    made = synthetic_forecast(embedded(), "2025-02-05", draws=DRAWS, chains=2, paths=2)
    tree = constant(made.design, 2 * DRAWS, log_rate=np.log(rates(made.design)), cutpoint=1.0)
    halves = xr.concat(
        [tree["posterior"].to_dataset().isel(draw=slice(start, start + DRAWS)) for start in (0, DRAWS)], "chain"
    )
    groups = {"posterior": halves, "sample_stats": made.posterior["sample_stats"].to_dataset()}
    return dataclasses.replace(made, posterior=xr.DataTree.from_dict(groups))


def test_events_of_a_class_are_predicted_with_their_poisson_quantiles(steady: Forecast) -> None:
    table, rows = posterior_check(steady).table, steady.history.rows
    for place, process in enumerate(steady.design.coords["process"]):
        own = rows[(rows["process"] == process) & (rows["outcome"] == "")]
        if own.empty:
            continue
        mean, observed = rates(steady.design)[place] * own["exposure"].sum(), own["events"].sum()
        row = table.loc[("class", process, "events")]
        assert (row["n"], row["observed"]) == (len(own), observed)
        for column, share in (("lower", 0.05), ("median", 0.5), ("upper", 0.95)):
            # A thousand draws: the share below a quantile is off by at most four standard errors.
            near = stats.poisson.cdf([row[column] - 1, row[column]], mean)
            assert near[0] < share + 4 * 0.016
            assert near[1] > share - 4 * 0.016
        tail = stats.poisson.sf(observed, mean) + 0.5 * stats.poisson.pmf(observed, mean)
        assert row["tail"] == pytest.approx(tail, abs=0.07)


def test_scatter_of_a_right_model_is_as_large_as_its_rows_are_many(steady: Forecast) -> None:
    table = posterior_check(steady).table
    row = table.loc[("class", "defection_one_off", "scatter")]
    assert row["lower"] < row["n"] < row["upper"]


def test_what_the_model_cannot_explain_is_flagged_and_said(steady: Forecast) -> None:
    found = posterior_check(steady)
    assert not found.ok  # leader exits are not as frequent as the ninth of these rates
    assert found.flagged["tail"].map(lambda tail: tail < 0.025 or tail > 0.975).all()
    row = found.table.loc[("class", "leader_exit", "events")]
    assert row["flagged"]
    assert row["tail"] > 0.975
    assert "! leader_exit: fewer events than the model predicts: 45 on 1 rows" in found.text


def test_items_of_the_news_are_counted_by_faction_and_by_lean(steady: Forecast) -> None:
    table, history = posterior_check(steady).table, steady.history
    for faction in history.factions:
        row = table.loc[("signals", faction, "items")]
        assert (row["n"], row["observed"]) == (len(history.signals), (history.signals["faction"] == faction).sum())
    leans = history.leans
    for (kind, group, _), row in table.iterrows():
        if kind == "leans":
            outcome, _, lean = str(group).split(" ")
            own = leans[leans["outcome"] == outcome]
            assert (row["n"], row["observed"]) == (len(own), (own["lean"] == lean).sum())


def test_weights_of_an_updated_forecast_count() -> None:
    """All weight on the draws with the lowest rate of a class: it then predicts fewer events."""
    fc = synthetic_forecast(embedded(), "2025-02-05", draws=200, paths=2)
    place = fc.design.coords["process"].index("defection_one_off")
    low = fc.draws["log_rate"][:, place]
    weighted = dataclasses.replace(fc)
    weighted.__dict__["weights"] = Weights(np.where(low < np.quantile(low, 0.25), 1.0, 0.0))
    plain, tilted = (posterior_check(one).table.loc[("class", "defection_one_off", "events")] for one in (fc, weighted))
    assert tilted["median"] < plain["median"]
    assert tilted["tail"] < plain["tail"]


def test_draws_of_two_readings_are_refused() -> None:
    with pytest.raises(CheckError, match="two readings"):
        posterior_check(synthetic_forecast(skeleton().with_partial("half"), draws=50, paths=2))


def test_nothing_flagged_is_ok() -> None:
    line = {"n": 3, "observed": 1.0, "lower": 0.0, "median": 1.0, "upper": 3.0, "tail": 0.4}
    found = PredictiveCheck.of("a case", {("class", "exits", "events"): line})
    assert found.ok
    assert "0 of 1 figures" in str(found)
    pd.testing.assert_frame_equal(found.flagged, found.table.iloc[:0])


def test_a_case_that_counts_half_is_read_as_broken() -> None:
    known = skeleton().known_on(skeleton().spec.default_as_of)
    for one, other in zip(
        rows_of(known.with_partial("half")).design.data.values(),
        rows_of(known.with_partial("as_broken")).design.data.values(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_a_term_that_the_case_does_without_moves_nothing(prior: Callable[..., Case]) -> None:
    known = prior(coupling_effect=1.0)
    assert (prior_predictive(known).ratios.loc["coupling"] > 2.7).all(axis=None)
    assert (prior_predictive(known.without("coupling")).ratios.loc["coupling"] == 1.0).all(axis=None)


@pytest.mark.parametrize(
    "case",
    [without_news, without_couplings, without_groupings, without_covariates, with_recurrent],
    ids=lambda f: f.__name__,
)
def test_a_case_may_do_without_any_part(case: Callable[[], Case], monkeypatch: pytest.MonkeyPatch) -> None:
    fc = synthetic_forecast(case(), draws=60, paths=2)
    monkeypatch.setattr(inference, "sample_prior", lambda *_: fc.posterior)
    monkeypatch.setattr(model, "build_model", lambda _: None)
    for text in (str(posterior_check(fc)), str(loo(fc)), str(prior_predictive(fc.case))):
        assert "nan" not in text
    assert loo(fc).total.loc["all", "n"] == len(fc.history.signals) + len(fc.history.leans) + len(fc.history.rows)
    assert prior_predictive(fc.case).rates["median"].gt(0).all()


def test_an_average_of_variants_is_refused() -> None:
    fc = synthetic_forecast(skeleton(), draws=50, paths=2)
    scores = pd.DataFrame({"score": []}, index=pd.MultiIndex.from_tuples([], names=["month", "member"]))
    averaged = Averaged({"full": (), "alone": ("coupling",)}, np.array([0.5, 0.5]), scores)
    for check in (posterior_check, loo):
        with pytest.raises(CheckError, match="several variants of the case"):
            check(dataclasses.replace(fc, averaged=averaged))
