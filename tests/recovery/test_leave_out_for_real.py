"""What a real forecast rests on: blocks taken out by weights, and by fits that never had them."""

import numpy as np
import pytest

import vzforecast as vz
from vzforecast.events import parse_event
from vzforecast.explaining.blocks import Removal, blocks_of
from vzforecast.explaining.removing import Asked

pytestmark = pytest.mark.slow

HALTED = "ever(deportation_flights = halted) by 2025-06-30"
BLOCKS = ("agreement:deport_flights_2023", "coupling", "leverage:hardliners", "covariate:regime_threat")


@pytest.fixture(scope="module")
def fc() -> vz.Forecast:
    return vz.fit(vz.load_case(), as_of="2025-02-05", settings=vz.SamplerSettings(draws=1000))


@pytest.mark.parametrize("block", BLOCKS)
def test_weights_say_what_a_fit_without_says(fc: vz.Forecast, block: str) -> None:
    asked = Asked(blocks_of(fc), parse_event(HALTED, fc.vocabulary))
    removal = asked.blocks.all[block]
    assert isinstance(removal, Removal)
    weighted, fitted = asked.by_weights(removal), asked.by_refit(removal, cache=True, progress=False)
    assert (weighted["path"], fitted["path"]) == ("reweight", "refit")
    error = np.hypot(weighted["mcse"], fitted["mcse"])
    assert abs(weighted["points"] - fitted["points"]) < 3 * error
    assert error < 3.0


def test_the_record_as_a_whole_takes_a_refit(fc: vz.Forecast) -> None:
    """The rate of broken promises rests on it: no weights on draws that know it say what is believed without."""
    line = vz.leave_out(fc, HALTED, "record", progress=False).table.iloc[0]
    assert line["path"] == "refit"
    assert line["khat"] >= 0.7
    prior = vz.fit(fc.case.without("defection"), settings=vz.SamplerSettings(draws=1000)).probability(HALTED)
    now = fc.probability(HALTED)
    assert line["points"] == pytest.approx(100 * (now.mean - prior.mean), abs=300 * np.hypot(now.mcse, prior.mcse))


def test_agreements_that_weights_cannot_take_out_are_refitted(fc: vz.Forecast) -> None:
    """Twelve promises of Barbados are too much for weights; a fit with another seed says what is left without."""
    barbados = "barbados_2023"
    assert vz.by_record(fc, HALTED).agreements.loc[barbados, "path"] == ""
    line = vz.by_record(fc, HALTED, refit=True).agreements.loc[barbados]
    assert line["path"] == "refit"
    # With seed 2 a fit of 4,000 draws has a tail ESS of 329; the default of 6,000 passes.
    other = vz.fit(fc.case.without_agreement(barbados), seed=2).probability(HALTED)
    now = fc.probability(HALTED)
    points, error = 100 * (now.mean - other.mean), 100 * np.hypot(now.mcse, other.mcse)
    assert abs(line["points"] - points) < 3 * np.hypot(line["mcse"], error)
    assert vz.leave_out(fc, HALTED, f"agreement:{barbados}").table["points"].iloc[0] == line["points"]
