"""Fits on the density written out against fits on that of the PyMC model: draws of one posterior, not of one seed."""

import numpy as np
import pytest

import vzforecast as vz
from helpers.agreement import assert_as_far_as_chance, scalars, spreads
from vzforecast.settings import SamplerSettings

pytestmark = pytest.mark.slow

DAYS = ("2025-02-05", "2025-08-06")


@pytest.fixture(scope="module", params=DAYS)
def both(request: pytest.FixtureRequest) -> tuple[vz.Forecast, vz.Forecast]:
    """The embedded case on one day, its default settings."""
    fits = (
        vz.fit(vz.load_case(), request.param, SamplerSettings(density=density), cache=False, progress=False)
        for density in ("written", "pymc")
    )
    written, compiled = fits
    return written, compiled


def test_both_pass_their_diagnostics(both: tuple[vz.Forecast, vz.Forecast]) -> None:
    assert [one.ok for one in both] == [True, True]


def test_means_and_spreads_of_all_scalars_are_as_far_apart_as_chance_puts_them(
    both: tuple[vz.Forecast, vz.Forecast],
) -> None:
    written, compiled = map(scalars, both)
    assert_as_far_as_chance(written, compiled)
    assert_as_far_as_chance(*spreads(written, compiled))


def test_scenarios_and_questions_differ_by_chance(both: tuple[vz.Forecast, vz.Forecast]) -> None:
    for one, other in (each.scenarios() for each in both), (each.questions() for each in both):
        answered = one["probability"].notna()
        apart, error = (one["probability"] - other["probability"]).abs(), np.hypot(one["mcse"], other["mcse"])
        assert answered.any()
        assert answered.equals(other["probability"].notna())
        assert (apart <= 4.0 * error)[answered].all()


def test_steps_are_as_long_and_trajectories_as_many(both: tuple[vz.Forecast, vz.Forecast]) -> None:
    # One density and one sampler: it finds the same scales.
    written, compiled = (one.posterior["sample_stats"] for one in both)
    assert float(written["step_size"].mean() / compiled["step_size"].mean()) == pytest.approx(1.0, abs=0.15)
    assert float(written["n_steps"].mean() / compiled["n_steps"].mean()) == pytest.approx(1.0, abs=0.15)
