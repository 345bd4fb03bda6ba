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


def test_weights_agree_with_refits(fc: Forecast, weighted: pd.DataFrame) -> None:
    here, apart = fc.scenarios(), []
    for prior, end in SHIFTS:
        spec = shifted(prior, fc.case.prior_specs[prior], ENDS[end]).prior
        brute = refitted(fc, fc.case.with_prior(prior, spec), progress=False)
        assert brute.ok, f"{prior}: {brute.diagnostics.text}"
        lines = weighted.xs(prior, level="prior")
        assert set(lines[f"{end}_path"]) == {"reweight"}, f"{prior} at {end}: {lines['why_not'].iloc[0]}"
        there = brute.scenarios()
        points = 100 * (there["probability"] - here["probability"])
        # The weighted line shares its draws with the forecast: what they have in common is in the refit's difference.
        error = np.sqrt(lines[f"{end}_mcse"] ** 2 + (100 * here["mcse"]) ** 2 + (100 * there["mcse"]) ** 2)
        found = ((lines[f"{end}_points"] - points) / error).rename(f"{prior} {end}")
        print(pd.DataFrame({"weights": lines[f"{end}_points"], "refit": points, "error": error, "z": found}).round(2))  # noqa: T201 - the figures of the report
        apart.append(found)
    table = pd.concat(apart, axis=1)
    assert table.shape[1] >= 5
    assert table.abs().max(axis=None) < 3.0, table.round(2).to_string()
    moved = weighted[[f"{end}_points" for end in ENDS]].abs().max(axis=None)
    assert moved > 2.0, "an agreement on nothing says nothing"
