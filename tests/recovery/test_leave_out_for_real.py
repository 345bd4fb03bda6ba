"""What a real forecast rests on: blocks taken out by weights, and by fits that never had them."""

import numpy as np
import pytest

import vzforecast as vz
from vzforecast.events import parse_event
from vzforecast.explaining.blocks import Blocks, Removal
from vzforecast.explaining.removing import Asked

pytestmark = pytest.mark.slow

HALTED = "ever(deportation_flights = halted) by 2025-06-30"
BLOCKS = ("agreement:barbados_2023", "coupling", "leverage:hardliners", "covariate:regime_threat")


@pytest.fixture(scope="module")
def fc() -> vz.Forecast:
    return vz.fit(vz.load_case(), as_of="2025-02-05", settings=vz.SamplerSettings(draws=1000))


@pytest.mark.parametrize("block", BLOCKS)
def test_weights_say_what_a_fit_without_says(fc: vz.Forecast, block: str) -> None:
    removal, asked = Blocks(fc).all[block], Asked(fc, parse_event(HALTED, fc.vocabulary))
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


def test_agreements_that_weights_cannot_take_out_are_refitted(fc: vz.Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no weights trusted for one of them, a fit without it says the same as weights did."""
    trusted = vz.by_record(fc, HALTED).agreements
    assert set(trusted["path"]) <= {"reweight", ""}
    own = Blocks(fc).agreements
    monkeypatch.setattr(Blocks, "agreements", {"barbados_2023": own["barbados_2023"]})
    monkeypatch.setattr(Asked, "by_weights", lambda _asked, _block: {"path": "", "khat": 0.9})
    line = vz.by_record(fc, HALTED, refit=True).agreements.loc["barbados_2023"]
    assert line["path"] == "refit"
    before = trusted.loc["barbados_2023"]
    assert abs(line["points"] - before["points"]) < 3 * np.hypot(line["mcse"], before["mcse"])
