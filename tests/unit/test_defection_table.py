"""The record of promises, by hand from draws: raw rates, pooled rates, shrinkage; and records with little in them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from arviz_stats import mcse

import vzforecast as vz
from helpers.cases import skeleton, table, with_tables, without_covariates, without_groupings
from helpers.stacks import island_stack
from helpers.synthetic import synthetic_forecast
from vzforecast.forecast import Forecast

COLUMNS = ["n", "broken", "raw", "pooled", "lower", "upper", "mcse", "shrinkage", "shrinkage_mcse"]


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2)


@pytest.fixture(scope="module")
def long() -> Forecast:
    return synthetic_forecast(skeleton(), "2024-04-15", draws=400, chains=4, paths=2)


def rate(fc: Forecast, kind: str, agreement: str, threat: float, relief: float) -> np.ndarray:
    """Breaches a month of a promise to keep up, for each draw, from the named variables of the posterior."""
    posterior = samples(fc)
    log_rate = posterior["log_rate"].sel(process="promise_flow")
    for grouping, member in (("promise.kind", kind), ("promise.agreement", agreement)):
        offset = posterior["level_offset"].sel(level=f"{grouping}:{member}")
        log_rate = log_rate + posterior["spread"].sel(grouping=grouping) * offset
    for covariate, code in (("regime_threat", threat), ("relief_at_stake", relief)):
        log_rate = log_rate + code * posterior["slope"].sel(covariate=covariate)
    return np.exp(log_rate.to_numpy())


def samples(fc: Forecast) -> xr.Dataset:
    return fc.posterior["posterior"].to_dataset().stack(sample=("chain", "draw"))  # noqa: PD013 (not pandas)


def test_raw_and_pooled_rate_of_duties(fc: Forecast) -> None:
    # tr21_seizures: no threat, no relief, broken after 549 days; tr21_patrols: threat 1, no relief, after 259 days.
    found = fc.defection().loc[("promise_flow.all", "all")]
    months = np.array([549, 259]) / 30.4375
    each = [rate(fc, "fishing", "truce_2021", -1, -1), rate(fc, "transparency", "truce_2021", 0, -1)]
    pooled = months @ np.array(each) / months.sum()
    assert found["n"] == found["broken"] == 2
    assert found["raw"] == pytest.approx(2 / months.sum())
    assert found["pooled"] == pytest.approx(pooled.mean())
    assert [found["lower"], found["upper"]] == pytest.approx(np.quantile(pooled, [0.05, 0.95]))
    assert np.isnan(found["shrinkage"])


def test_shrinkage_is_how_far_the_raw_rate_was_moved(fc: Forecast) -> None:
    """On the log scale: the share of the distance between raw and expected that the level's own effect leaves."""
    found = fc.defection().loc[("promise_flow.kind", "fishing")]
    effect, expected = effect_and_expected(fc)
    kept = effect.mean() / (np.log(found["raw"]) - expected.mean())
    assert found["shrinkage"] == pytest.approx(1.0 - kept)


def effect_and_expected(fc: Forecast) -> tuple[np.ndarray, np.ndarray]:
    """Log effect of promises to let fish, and log rate that their class expects of them, for each draw."""
    posterior = samples(fc)
    own = posterior["spread"].sel(grouping="promise.kind") * posterior["level_offset"].sel(level="promise.kind:fishing")
    return own.to_numpy(), np.log(rate(fc, "fishing", "truce_2021", -1, -1)) - own.to_numpy()


def test_the_rate_an_outcome_takes_from_the_record_is_shown(fc: Forecast) -> None:
    """A new agreement has no row yet: class, kind, its own unseen effect, codes and doubt make its rate."""
    found = fc.defection().loc[("promise_flow.outcome", "fishing_truce")]
    doubt = samples(fc)["delta"].sel(transition="onset", outcome="fishing_truce").to_numpy()
    expected = rate(fc, "fishing", "truce_2024", -1, 0) * np.exp(doubt)
    assert found[["n", "broken"]].tolist() == [0, 0]
    assert np.isnan(found["raw"])
    assert found["pooled"] == pytest.approx(expected.mean())
    assert [found["lower"], found["upper"]] == pytest.approx(np.quantile(expected, [0.05, 0.95]))


def test_one_offs_are_rates_per_promise(fc: Forecast) -> None:
    found = fc.defection().loc[("promise_one_off.agreement", "harbour_2018")]
    assert found[["n", "broken", "raw"]].tolist() == [2, 1, 0.5]


def test_a_form_without_promises_is_left_out() -> None:
    commitments = skeleton().tables["commitments"]
    flows = with_tables(skeleton(), commitments=commitments[commitments["form"] == "flow"])
    found = synthetic_forecast(flows, "2024-04-15", draws=50, paths=2).defection()
    assert {grouping.split(".")[0] for grouping, _ in found.index} == {"promise_flow"}


def test_a_record_without_promises_is_an_empty_table() -> None:
    none = with_tables(skeleton(), commitments=table("commitments"))
    found = synthetic_forecast(none, "2024-04-15", draws=50, paths=2).defection()
    assert found.empty
    assert found.index.names == ["grouping", "level"]
    assert found.columns.tolist() == COLUMNS


def test_without_covariates_there_are_no_lines_by_code() -> None:
    found = synthetic_forecast(without_covariates(), "2024-04-15", draws=50, paths=2).defection()
    parts = {grouping.split(".")[1] for grouping, _ in found.index}
    assert parts == {"all", "kind", "agreement", "outcome"}


def test_without_groupings_there_are_no_lines_by_member() -> None:
    found = synthetic_forecast(without_groupings(), "2024-04-15", draws=50, paths=2).defection()
    assert {grouping.split(".")[1] for grouping, _ in found.index} == {
        "all",
        "regime_threat",
        "relief_at_stake",
        "outcome",
    }
    assert found["shrinkage"].isna().all()


def test_half_a_breach_counts_half() -> None:
    found = synthetic_forecast(skeleton().with_partial("half"), "2024-04-15", draws=50, paths=2).defection()
    assert found.loc[("promise_flow.kind", "transparency"), "broken"] == 0.5
    pd.testing.assert_index_equal(found.index, synthetic_forecast(skeleton(), "2024-04-15", paths=2).defection().index)


def test_leaving_an_agreement_out_takes_its_promises_only(fc: Forecast) -> None:
    left = dataclasses.replace(fc, case=skeleton().without_agreement("harbour_2018").known_on("2024-04-15"))
    found = left.defection()
    assert ("promise_one_off.agreement", "harbour_2018") not in found.index
    assert found.loc[("promise_one_off.all", "all"), "n"] == 1


class TestMonteCarloErrors:
    """Of rates and shares of influence: ArviZ's, of a fit and of a stack; of shrinkage: that of runs repeated."""

    def test_of_a_pooled_rate(self, long: Forecast) -> None:
        found = long.defection().loc[("promise_flow.outcome", "fishing_truce")]
        doubt = samples(long)["delta"].sel(transition="onset", outcome="fishing_truce").to_numpy()
        values = rate(long, "fishing", "truce_2024", -1, 0) * np.exp(doubt)
        assert found["mcse"] == pytest.approx(arviz_error(values, long.chains), rel=0.03)

    def test_of_a_share_of_influence(self, long: Forecast) -> None:
        shares = long.posterior["posterior"]["influence"]
        found = long.influence()["mcse"]
        for place, (month, faction) in enumerate(found.index):
            values = shares.isel(period=place // 2).sel(faction=faction).to_numpy()
            assert found.iloc[place] == pytest.approx(arviz_error(values, long.chains), rel=0.03), (month, faction)

    def test_of_a_stack_each_member_errs_by_its_weight(self) -> None:
        stack = island_stack()
        assert stack.averaged is not None
        weights, error = stack.averaged.in_force, stack.influence()["mcse"].iloc[0]
        shares = stack.posterior["posterior"]["influence"].isel(period=0, faction=0).to_numpy()
        own = [arviz_error(part, len(part)) for part in np.split(shares, len(weights))]
        assert error == pytest.approx(float(np.sqrt(np.sum((weights * own) ** 2))), rel=0.1)  # chains of 60 draws
        assert (stack.defection()["mcse"] > 0.0).all()

    def test_of_weighted_draws(self, long: Forecast) -> None:
        """A weight of two is a draw that stands twice, and errs as much as the draw alone: by the delta method."""
        signal = vz.Signal(date="2024-04-15", kind="statement", strength=3, faction="wardens")
        updated = vz.update(long, [signal], method="reweight")
        weights = updated.weights.of_draws
        assert weights is not None
        assert np.ptp(weights) > 0.0
        values = updated.posterior["posterior"]["influence"].to_numpy().reshape(1600, -1)[:, 0]
        influence = weights.size * weights * (values - weights @ values)
        assert updated.influence()["mcse"].iloc[0] == pytest.approx(arviz_error(influence, 4), rel=0.03)

    def test_of_shrinkage(self, long: Forecast) -> None:
        """Draws are independent here, so that drawing them anew with replacement is another run."""
        found, random = long.defection().loc[("promise_flow.kind", "fishing")], np.random.default_rng(1)
        effect, expected = effect_and_expected(long)
        picked = random.integers(0, effect.size, (400, effect.size))
        again = 1.0 - effect[picked].mean(axis=1) / (np.log(found["raw"]) - expected[picked].mean(axis=1))
        assert found["shrinkage_mcse"] == pytest.approx(again.std(), rel=0.12)
        assert long.defection()["shrinkage_mcse"].notna().tolist() == long.defection()["shrinkage"].notna().tolist()


def arviz_error(values: np.ndarray, chains: int) -> float:
    return float(mcse(values.reshape(chains, -1), method="mean"))
