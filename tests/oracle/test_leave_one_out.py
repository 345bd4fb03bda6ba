"""Leaving rows out by weighting, against the exact answer of a conjugate model and against ArviZ."""

import dataclasses
from typing import Any

import arviz as az
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from helpers.cases import design_of, embedded, skeleton
from helpers.synthetic import failing_report, passing_report, synthetic_forecast
from vzforecast import CheckError, inference, model
from vzforecast.checking import LeaveOneOut, loo
from vzforecast.checking.exact import without
from vzforecast.checking.leaving_out import leave_each_out
from vzforecast.checking.left_out import summed
from vzforecast.forecast import Forecast
from vzforecast.forecast.weights import Weights
from vzforecast.hamiltonian import Target, target_of
from vzforecast.likelihood import log_likelihood
from vzforecast.model import pack
from vzforecast.settings import SamplerSettings

Floats = NDArray[np.float64]
CHAINS, DRAWS = 4, 2_000
ERROR, PRIOR = 1.0, 3.0
DATA = np.array([-1.2, -0.4, 0.1, 0.3, 0.8, 1.1, 1.9, 3.4])


def posterior(data: Floats) -> tuple[float, float]:
    """Mean and standard deviation of a normal mean with a normal prior around zero."""
    precision = 1.0 / PRIOR**2 + len(data) / ERROR**2
    return float(data.sum() / ERROR**2 / precision), float(precision**-0.5)


def exact() -> Floats:
    """Log density of each point under the posterior of the others, by the usual formula."""
    found = []
    for place, point in enumerate(DATA):
        mean, sd = posterior(np.delete(DATA, place))
        found.append(stats.norm.logpdf(point, mean, np.hypot(sd, ERROR)))
    return np.array(found)


@pytest.fixture(scope="module")
def draws() -> Floats:
    mean, sd = posterior(DATA)
    return np.random.default_rng(6).normal(mean, sd, size=CHAINS * DRAWS)


@pytest.fixture(scope="module")
def rows(draws: Floats) -> Floats:
    return stats.norm.logpdf(DATA, draws[:, None], ERROR)


def test_elpd_is_that_of_the_posterior_without_the_row(rows: Floats) -> None:
    found = leave_each_out(rows, CHAINS)
    np.testing.assert_allclose(found["elpd"], exact(), atol=0.02)
    assert (found["khat"] < 0.5).all()


def test_the_pull_of_a_row_is_what_it_gains_by_being_there(rows: Floats) -> None:
    mean, sd = posterior(DATA)
    gain = stats.norm.logpdf(DATA, mean, np.hypot(sd, ERROR)) - exact()
    np.testing.assert_allclose(leave_each_out(rows, CHAINS)["p_loo"], gain, atol=0.02)


def test_elpd_and_khat_equal_those_of_arviz(rows: Floats) -> None:
    cube = rows.reshape(CHAINS, DRAWS, len(DATA))
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({"mean": (("chain", "draw"), np.zeros((CHAINS, DRAWS)))}),
            "log_likelihood": xr.Dataset({"y": (("chain", "draw", "row"), cube)}),
        }
    )
    second = az.loo(tree, pointwise=True, reff=1.0)
    found = leave_each_out(rows, CHAINS)
    np.testing.assert_allclose(found["elpd"], second.elpd_i.to_numpy(), atol=2e-3)
    np.testing.assert_allclose(found["khat"], second.pareto_k.to_numpy(), atol=0.06)


def test_weighted_draws_give_what_draws_of_the_target_give() -> None:
    """Draws of the posterior of all but the last point, weighted by that point, are draws of the whole posterior."""
    mean, sd = posterior(DATA[:-1])
    wider = np.random.default_rng(7).normal(mean, sd, size=40_000)
    weights = stats.norm.pdf(DATA[-1], wider, ERROR)
    found = leave_each_out(stats.norm.logpdf(DATA, wider[:, None], ERROR), CHAINS, weights / weights.sum())
    # Weights cost effective draws: a wider tolerance than for draws of the target itself.
    np.testing.assert_allclose(found["elpd"], exact(), atol=0.05)
    assert found["khat"][-1] == -np.inf  # leaving the last out takes the weights back to even ones


def test_a_row_that_the_posterior_hangs_on_is_flagged() -> None:
    """An outlier under a thin-tailed model: without it the posterior is somewhere else."""
    data = np.array([0.0, 0.2, -0.1, 30.0])
    mean, sd = posterior(data)
    wide = np.random.default_rng(8).normal(mean, sd, size=CHAINS * DRAWS)
    found = leave_each_out(stats.norm.logpdf(data, wide[:, None], ERROR), CHAINS)
    assert int(found["khat"].argmax()) == 3
    assert found["khat"][3] > 0.7


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(embedded(), "2025-02-05", draws=200, paths=2)


@pytest.fixture(scope="module")
def found(fc: Forecast) -> LeaveOneOut:
    return loo(fc)


@pytest.fixture(scope="module")
def other() -> LeaveOneOut:
    """Of the same rows, by other draws."""
    return loo(synthetic_forecast(embedded(), "2025-02-05", draws=200, paths=2, seed=2))


def test_every_row_of_a_forecast_is_named_and_left_out(fc: Forecast, found: LeaveOneOut) -> None:
    history = fc.history
    assert found.table.index.is_unique
    assert found.table.loc["favoured"].index.tolist() == history.signals["id"].tolist()
    assert found.table.loc["favoured", "observed"].tolist() == history.signals["faction"].tolist()
    assert len(found.table) == len(history.signals) + len(history.leans) + len(history.rows)
    own = log_likelihood(fc.draws, fc.design)["events"]
    by_hand = leave_each_out(own, fc.chains)
    np.testing.assert_allclose(found.table.loc["events", "elpd"], by_hand["elpd"])
    assert found.table["flagged"].equals(~(found.table["khat"] < found.limit))
    assert found.table.loc["events", "exposure"].tolist() == history.rows["exposure"].tolist()
    assert found.table.loc[["favoured", "lean"], "exposure"].isna().all()
    assert not found.table["refitted"].any()
    assert found.influential["khat"].is_monotonic_decreasing
    assert found.ok == found.influential.empty
    for _, label in found.influential.index:
        assert label in found.text


def test_totals_are_sums_with_their_error() -> None:
    index = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "z")], names=["kind", "label"])
    elpd, flagged = pd.Series([1.0, 3.0, 5.0], index), pd.Series([True, False, True], index)
    table = summed(elpd, "elpd", flagged=flagged)
    assert table.loc["a"].tolist() == pytest.approx([2, 4.0, np.sqrt(2) * np.sqrt(2), 1])
    assert table.loc["all", ["n", "elpd", "flagged"]].tolist() == [3, 9.0, 2]
    assert table.loc["all", "se"] == pytest.approx(np.sqrt(3) * 2.0)


def test_two_forecasts_of_the_same_rows_are_compared_in_pairs(found: LeaveOneOut, other: LeaveOneOut) -> None:
    table = found.compare(other)
    gain = found.table["elpd"] - other.table["elpd"]
    assert table.loc["all", "difference"] == pytest.approx(gain.sum())
    assert table.loc["all", "se"] == pytest.approx(np.sqrt(len(gain)) * gain.std(ddof=1))
    assert other.compare(found)["difference"].tolist() == pytest.approx((-table["difference"]).tolist())
    assert (found.compare(found)[["difference", "se"]] == 0).all(axis=None)


def test_forecasts_of_other_rows_are_not_compared(fc: Forecast, found: LeaveOneOut) -> None:
    fewer = dataclasses.replace(found, table=found.table.iloc[1:])
    with pytest.raises(CheckError, match="rows of the two forecasts are not the same"):
        found.compare(fewer)
    renamed = found.table.copy()
    renamed.iloc[0, 0] = "nobody"
    with pytest.raises(CheckError, match="1 differ"):
        found.compare(dataclasses.replace(found, table=renamed))
    longer = found.table.assign(exposure=found.table["exposure"] + 1.0)  # as of a later day without news
    with pytest.raises(CheckError, match=f"{len(fc.history.rows)} differ"):
        found.compare(dataclasses.replace(found, table=longer))


def test_the_order_of_rows_does_not_matter_to_a_comparison(found: LeaveOneOut, other: LeaveOneOut) -> None:
    turned = dataclasses.replace(other, table=other.table.iloc[::-1])
    pd.testing.assert_frame_equal(found.compare(turned).sort_index(), found.compare(other).sort_index())


def test_a_kind_of_one_row_has_no_error(found: LeaveOneOut) -> None:
    table = found.table.groupby(level="kind").head(1)
    lone = dataclasses.replace(found, table=table, total=summed(table["elpd"], "elpd", p_loo=table["p_loo"]))
    assert "nan" not in lone.text


def test_draws_of_two_readings_have_no_row_to_leave_out() -> None:
    half = synthetic_forecast(skeleton().with_partial("half"), draws=50, paths=2)
    with pytest.raises(CheckError, match="with_partial"):
        loo(half)


@pytest.mark.parametrize("sound", [True, False])
def test_an_exact_answer_comes_from_fits_without_the_row(
    fc: Forecast, monkeypatch: pytest.MonkeyPatch, sound: bool
) -> None:
    """Each flagged row is missing from the rows of its own fit; its density is the mean over the draws of that fit."""
    settings = {"draws": 200, "tune": 50, "chains": 2, "target_accept": 0.9, "paths": 2}
    asked = dataclasses.replace(fc, provenance={**fc.provenance, "settings": settings, "seed": 1})
    fits: list[dict[str, NDArray[Any]]] = []

    class Compiled:
        def with_data(self, tables: dict[str, NDArray[Any]]) -> str:
            fits.append(tables)
            return "compiled"

    monkeypatch.setattr(model, "build_model", lambda _: None)
    monkeypatch.setattr(inference, "compile_model", lambda _: Compiled())
    monkeypatch.setattr(inference, "sample", lambda *_, **__: fc.posterior)
    monkeypatch.setattr("vzforecast.mixing.convergence", lambda _: passing_report() if sound else failing_report())
    plain, found = loo(asked), loo(asked, exact=True)
    flagged = plain.influential.index
    assert 0 < len(flagged) == len(fits)
    assert found.ok == sound
    assert found.influential.index.equals(flagged)
    assert found.table.index[found.table["refitted"]].isin(flagged).sum() == len(flagged)
    assert (f"{len(flagged)} of these fits failed their diagnostics" in found.text) != sound
    assert ("can be trusted:" in found.text) == sound
    pointwise = np.concatenate(list(log_likelihood(fc.draws, fc.design).values()), axis=1)
    for place in np.flatnonzero(plain.table["flagged"]):
        mean = np.logaddexp.reduce(pointwise[:, place]) - np.log(len(pointwise))
        assert found.table["elpd"].iloc[place] == pytest.approx(mean)
    total = sum(fc.design.data[name].size for name in ("signal_favoured", "lean_category", "row_events"))
    for tables in fits:
        assert sum(tables[name].size for name in ("signal_favoured", "lean_category", "row_events")) == total - 1
    pd.testing.assert_frame_equal(found.table.drop(flagged), plain.table.drop(flagged))


def test_an_exact_answer_comes_from_the_density_that_was_fitted(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = SamplerSettings(draws=200, tune=50, chains=2, paths=2, density="written").as_dict()
    asked = dataclasses.replace(fc, provenance={**fc.provenance, "settings": settings, "seed": 1})
    fits: list[tuple[float, ...]] = []

    def sampled(compiled: inference.CompiledModel, *_: Any) -> xr.DataTree:
        fits.append(seen(compiled.compiled.logp_func.kept[0][0]))
        return fc.posterior

    def seen(target: Target) -> tuple[float, ...]:
        return target.signals.period.size, target.leans.period.size, round(target.rows.exposure.sum(), 9)

    monkeypatch.setattr(inference, "compile_model", lambda _: pytest.fail("a model was compiled"))
    monkeypatch.setattr(inference, "sample", sampled)
    monkeypatch.setattr("vzforecast.mixing.convergence", lambda _: passing_report())
    flagged = loo(asked, exact=True).influential
    assert 0 < len(fits) == len(flagged)
    whole = seen(target_of(fc.design))
    for one in fits:
        assert sum(part < own for part, own in zip(one, whole, strict=True)) == 1, "one row is missing, and no other"


def test_an_exact_answer_for_a_forecast_with_judgements_is_refused(fc: Forecast, found: LeaveOneOut) -> None:
    """They weigh paths, and no fit of rows knows of them; by weights the rows can be left out."""
    judged = dataclasses.replace(fc)
    judged.__dict__["weights"] = Weights(path=np.linspace(0.5, 1.5, 400)[:, None] * np.ones((1, 2)))
    assert loo(judged).table.index.equals(found.table.index)
    with pytest.raises(CheckError, match="before they were added"):
        loo(judged, exact=True)


def test_leaving_a_row_out_of_a_design_leaves_the_others() -> None:
    design = design_of(embedded(), "2025-02-05")
    less, whole = pack(without(design, "events", 3)), pack(design)
    np.testing.assert_array_equal(less["row_value"], np.delete(whole["row_value"], 3, axis=1))
    np.testing.assert_array_equal(less["signal_index"], whole["signal_index"])


def test_influential_rows_come_with_what_to_do(found: LeaveOneOut) -> None:
    assert "exact=True" in str(found)
