"""Priors shifted by weights against the same shift fitted by brute force, on the embedded case.

One compiled model serves all: a prior is data to it.
"""

from typing import Final

import numpy as np
import pandas as pd
import pytest

import vzforecast as vz
from vzforecast.explaining.refits import refitted
from vzforecast.explaining.sensitivity_shifts import ENDS, shifted
from vzforecast.forecast import Forecast

pytestmark = pytest.mark.slow

SETTINGS: Final = vz.SamplerSettings(draws=1500)
# Of every family: what some scenario hangs on, and the slope, on which none does.
SHIFTS: Final = (
    ("coupling.onset.deportation_flights.chevron_licence", "high"),
    ("delta.onset.maduro_exit", "high"),
    ("delta.onset.sanctions", "high"),
    ("influence.rho_office", "low"),
    ("leverage.chevron_licence.oil", "low"),
    ("rate.pressure", "high"),
    ("slope.regime_threat", "low"),
)


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return vz.fit(vz.load_case(), as_of="2025-02-05", settings=SETTINGS)


@pytest.fixture(scope="module")
def weighted(fc: Forecast) -> pd.DataFrame:
    return vz.sensitivity(fc, priors=[prior for prior, _ in SHIFTS]).tornado


@pytest.mark.parametrize(("prior", "end"), SHIFTS, ids=[prior for prior, _ in SHIFTS])
def test_weights_agree_with_a_refit(fc: Forecast, weighted: pd.DataFrame, prior: str, end: str) -> None:
    spec = shifted(prior, fc.case.prior_specs[prior], ENDS[end]).prior
    brute = refitted(fc, fc.case.with_prior(prior, spec), progress=False)
    assert brute.ok, brute.diagnostics.text
    lines = weighted.xs(prior, level="prior")
    assert set(lines[f"{end}_path"]) == {"reweight"}, lines["why_not"].iloc[0]
    here, there = fc.scenarios(), brute.scenarios()
    points = 100 * (there["probability"] - here["probability"])
    # The weighted line shares its draws with the forecast: what they have in common is in the refit's difference.
    error = np.sqrt(lines[f"{end}_mcse"] ** 2 + (100 * here["mcse"]) ** 2 + (100 * there["mcse"]) ** 2)
    table = pd.DataFrame({"weights": lines[f"{end}_points"], "refit": points, "error": error})
    apart = (table["weights"] - table["refit"]).abs()
    assert (apart < 3 * error).all(), f"points by\n{table.round(2).to_string()}"


def test_an_agreement_on_nothing_would_say_nothing(weighted: pd.DataFrame) -> None:
    moved = [weighted.xs(prior, level="prior")[f"{end}_points"].abs().max() for prior, end in SHIFTS]
    assert sum(own > 1.0 for own in moved) >= 5
