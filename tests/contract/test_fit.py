"""A fit from end to end, on the skeleton: one compilation serves every case of its shape, and a seed decides all."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers.cases import skeleton, without_couplings, without_covariates, without_groupings, without_news
from vzforecast import inference, names
from vzforecast.case import Case
from vzforecast.convergence import UnconvergedWarning
from vzforecast.errors import DateError, SettingsError
from vzforecast.forecast import Forecast, load_forecast
from vzforecast.hamiltonian.kernel import callbacks
from vzforecast.settings import SamplerSettings

FIT = import_module("vzforecast.fitting").fit
AS_OF = "2024-04-15"
SHORT = SamplerSettings(draws=150, tune=150, chains=2, paths=5)
STAGES = {"importing", "compiling", "sampling", "checking", "simulating"}


def fit(case: Case, seed: int = 1, as_of: str = AS_OF, settings: SamplerSettings = SHORT) -> Forecast:
    return FIT(case, as_of, settings, seed, cache=False, progress=False)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def fc() -> Forecast:
    """Fitted here, so that what it needs is compiled before any test that must not compile."""
    return fit(skeleton())


@pytest.fixture
def no_compiling(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    del fc

    def compile_again(*_: Any, **__: Any) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(inference, "compile_model", compile_again)


def same(one: Forecast, other: Forecast) -> bool:
    posteriors = (fc.posterior["posterior"].to_dataset() for fc in (one, other))
    first, second = posteriors
    return first.equals(second)


def test_a_forecast_of_the_case_it_was_asked(fc: Forecast) -> None:
    assert fc.case == skeleton().known_on(AS_OF)
    assert str(fc.as_of) == AS_OF
    assert fc.posterior["posterior"].sizes["chain"] == 2
    assert fc.posterior["posterior"].sizes["draw"] == 150
    assert fc.simulated.draws == 300
    assert fc.simulated.paths == 5
    for dim, labels in fc.design.coords.items():
        assert tuple(fc.posterior["posterior"][dim].to_numpy()) == labels


def test_provenance(fc: Forecast) -> None:
    found = fc.provenance
    assert found["case"] == "two-islands"
    assert found["case_digest"] == fc.case.digest
    assert found["priors_digest"] == fc.case.priors_digest
    assert found["without"] == []
    assert (found["as_of"], found["seed"]) == (AS_OF, 1)
    assert found["settings"] == SHORT.as_dict()
    assert {"vzforecast", "numpy", "pymc", "nutpie", "numba"} <= set(found["versions"])
    assert set(found["seconds"]) == STAGES
    assert found["from_cache"] is False


@pytest.mark.usefixtures("no_compiling")
def test_the_same_seed_gives_the_same_draws_and_paths_bit_for_bit(fc: Forecast) -> None:
    again = fit(skeleton())
    assert same(again, fc)
    for name, array in fc.simulated.to_arrays().items():
        np.testing.assert_array_equal(again.simulated.to_arrays()[name], array)


@pytest.mark.usefixtures("no_compiling")
def test_another_seed_gives_others(fc: Forecast) -> None:
    other = fit(skeleton(), seed=2)
    assert not np.isin(other.draws["tau"], fc.draws["tau"]).any()
    assert not np.array_equal(other.simulated.times, fc.simulated.times)


OF_THE_SAME_SHAPE = {
    "another prior": lambda case: case.with_prior("rate.promise_flow", "0.1 to 1.0"),
    "an agreement left out": lambda case: case.without_agreement("truce_2021"),
    "partial as kept": lambda case: case.with_partial("as_kept"),
    **{f"without {term}": lambda case, term=term: case.without(term) for term in names.TERMS},
}
VARIABLES_OF = {"coupling": {"coupling_effect"}, "influence": {"leverage", "leverage_doubt"}, "tone": {"psi", "lambda"}}


@pytest.mark.parametrize("what", list(OF_THE_SAME_SHAPE))
@pytest.mark.usefixtures("no_compiling")
def test_a_case_of_the_same_shape_needs_no_compiling_and_answers_otherwise(what: str, fc: Forecast) -> None:
    assert not same(fit(OF_THE_SAME_SHAPE[what](skeleton())), fc)


@pytest.mark.parametrize("term", names.SWITCHES)
@pytest.mark.usefixtures("no_compiling")
def test_draws_of_a_term_left_out_are_zero_and_no_others(term: str, fc: Forecast) -> None:
    variant = fit(skeleton().without(term))
    zero = {name for name, values in variant.draws.items() if not values.any()}
    assert zero == VARIABLES_OF[term]
    assert {name: values.shape for name, values in variant.draws.items()} == {
        name: values.shape for name, values in fc.draws.items()
    }
    assert variant.provenance["without"] == [term]
    assert np.isfinite(variant.diagnostics.table).all(axis=None)


@pytest.mark.usefixtures("no_compiling")
def test_a_day_later_with_more_rows_needs_no_compiling(fc: Forecast) -> None:
    later = fit(skeleton(), as_of="2024-05-02")
    assert len(later.history.rows) > len(fc.history.rows)
    assert not same(later, fc)


@pytest.mark.usefixtures("no_compiling")
def test_half_is_both_readings_pooled(fc: Forecast) -> None:
    half, kept = fit(skeleton().with_partial("half")), fit(skeleton().with_partial("as_kept"))
    assert half.chains == 4
    draws = half.posterior["posterior"]["slope"].to_numpy()
    np.testing.assert_array_equal(draws[:2], fc.posterior["posterior"]["slope"].to_numpy())
    np.testing.assert_array_equal(draws[2:], kept.posterior["posterior"]["slope"].to_numpy())
    with pytest.warns(UnconvergedWarning, match="do not use its numbers"):
        assert half.defection().loc[("promise_flow.kind", "transparency"), "broken"] == 0.5
    assert half.scenarios_unchecked()["probability"].sum() == pytest.approx(1.0)


# The density written out ----------------------------------------------------------------------------------------

WRITTEN = replace(SHORT, density="written")


@pytest.fixture(scope="module")
def written() -> Forecast:
    return fit(skeleton(), settings=WRITTEN)


@pytest.mark.usefixtures("no_compiling")
def test_the_written_density_gives_a_forecast_of_the_same_form(written: Forecast, fc: Forecast, tmp_path: Path) -> None:
    for group in ("posterior", "sample_stats"):
        one, other = (each.posterior[group].to_dataset() for each in (written, fc))
        assert {name: (values.dims, values.shape, values.dtype) for name, values in one.data_vars.items()} == {
            name: (values.dims, values.shape, values.dtype) for name, values in other.data_vars.items()
        }
        for name in other.coords:
            np.testing.assert_array_equal(one[name], other[name])
    assert list(written.diagnostics.table.index.sort_values()) == list(fc.diagnostics.table.index.sort_values())
    assert written.provenance["settings"] == SHORT.as_dict() | {"density": "written"}
    assert set(written.provenance["seconds"]) == STAGES
    written.save(tmp_path / "fc.nc")
    assert same(load_forecast(tmp_path / "fc.nc"), written)


@pytest.mark.usefixtures("no_compiling")
def test_with_it_a_seed_decides_all_and_draws_are_its_own(written: Forecast, fc: Forecast) -> None:
    assert same(fit(skeleton(), settings=WRITTEN), written)
    assert not np.isin(written.draws["tau"], fc.draws["tau"]).any()


SHAPES = (skeleton, without_couplings, without_covariates, without_groupings, without_news)


@pytest.mark.parametrize("case", SHAPES, ids=[case.__name__ for case in SHAPES])
@pytest.mark.usefixtures("no_compiling", "written")
def test_with_it_no_shape_needs_compiling(case: Callable[[], Case]) -> None:
    before = callbacks.cache_info().misses
    made = fit(case(), settings=WRITTEN)
    assert callbacks.cache_info().misses == before > 0, "the kernel was compiled again"
    assert np.isfinite(made.diagnostics.table).all(axis=None)


@pytest.mark.parametrize("term", names.SWITCHES)
@pytest.mark.usefixtures("no_compiling")
def test_with_it_draws_of_a_term_left_out_are_zero_and_no_others(term: str) -> None:
    variant = fit(skeleton().without(term), settings=WRITTEN)
    assert {name for name, values in variant.draws.items() if not values.any()} == VARIABLES_OF[term]


@pytest.mark.usefixtures("no_compiling")
def test_with_it_half_is_both_readings_pooled(written: Forecast) -> None:
    half = fit(skeleton().with_partial("half"), settings=WRITTEN)
    kept = fit(skeleton().with_partial("as_kept"), settings=WRITTEN)
    draws = half.posterior["posterior"]["slope"].to_numpy()
    np.testing.assert_array_equal(draws[:2], written.posterior["posterior"]["slope"].to_numpy())
    np.testing.assert_array_equal(draws[2:], kept.posterior["posterior"]["slope"].to_numpy())


@pytest.mark.usefixtures("no_compiling")
def test_too_few_draws_make_a_forecast_that_says_it_failed(fc: Forecast) -> None:
    assert not fc.ok
    assert "FAILED FIT" in repr(fc)


def test_saved_and_loaded_it_is_the_same(fc: Forecast, tmp_path: Path) -> None:
    again = load_forecast(fc.save(tmp_path / "fc.nc"))
    xr.testing.assert_identical(again.posterior["posterior"].to_dataset(), fc.posterior["posterior"].to_dataset())
    pd.testing.assert_frame_equal(again.scenarios_unchecked(), fc.scenarios_unchecked(), check_exact=True)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"as_of": "2023-12-31"}, DateError),
        ({"as_of": "2025-01-01"}, DateError),
        ({"as_of": "yesterday"}, DateError),
        ({"seed": -1}, SettingsError),
    ],
    ids=["before the origin", "after the horizon", "no date", "negative seed"],
)
def test_bad_arguments_are_refused_before_any_work(
    change: dict[str, Any], error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("vzforecast.fitting"), "_fit", None)
    with pytest.raises(error):
        fit(skeleton(), **change)


def test_a_cut_case_is_fitted_as_of_its_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Case] = []
    monkeypatch.setattr(import_module("vzforecast.fitting"), "_fit", lambda known, *_: asked.append(known.case))
    FIT(skeleton().known_on("2024-06-01"), cache=False)
    FIT(skeleton().known_on("2024-06-01"), as_of="2024-05-01", cache=False)
    FIT(skeleton(), cache=False)
    assert [str(case.as_of) for case in asked] == ["2024-06-01", "2024-05-01", AS_OF]


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [without_couplings, without_covariates, without_groupings, without_news], ids=lambda make: make.__name__
)
def test_a_case_may_lack_any_part_of_the_model(case: Callable[[], Case], tmp_path: Path) -> None:
    found = fit(case(), settings=SamplerSettings(draws=800, tune=400, chains=4))
    assert found.ok, found.diagnostics.text
    assert found.scenarios()["probability"].sum() == pytest.approx(1.0)
    assert np.isfinite(found.influence()).all(axis=None)
    assert (found.defection()["pooled"] > 0).all()
    again = load_forecast(found.save(tmp_path / "fc.nc"))
    pd.testing.assert_frame_equal(again.outcomes(), found.outcomes(), check_exact=True)
