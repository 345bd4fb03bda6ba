"""What the priors alone say, against the closed form for a constant rate."""

import numpy as np
import pytest
import xarray as xr

from helpers.synthetic import DIMS
from vzforecast import DateError, inference, prior_check
from vzforecast.case import load_case
from vzforecast.history import build_history, encode

DRAWS = 200


@pytest.fixture
def constant_rates(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Replace the draw from the prior by draws in which everything but the class rates is zero."""
    case = load_case().known_on("2025-02-05")
    design = encode(build_history(case), case.prior_specs, half_life=case.spec.tension.half_life_months)
    sizes = {dim: len(labels) for dim, labels in design.coords.items()}
    values = {
        name: (["chain", "draw", *dims], np.zeros((1, DRAWS, *(sizes[dim] for dim in dims))))
        for name, dims in DIMS.items()
    }
    rates = {process: 0.01 * (number + 1) for number, process in enumerate(design.coords["process"])}
    values["log_rate"][1][:] = np.log(list(rates.values()))
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(values)})
    monkeypatch.setattr(inference, "sample_prior", lambda *_: tree)
    return rates


def test_constant_rate_gives_its_closed_form(constant_rates: dict[str, float]) -> None:
    table = prior_check(load_case())
    for outcome in load_case().spec.outcomes:
        for transition, hazard in outcome.hazards.items():
            rate = constant_rates[hazard.process]
            row = table.loc[transition, outcome.id]
            assert row[["lower", "median", "upper"]].to_numpy() == pytest.approx([1 - np.exp(-12 * rate)] * 3)
            assert row["near_certain"] == float(1 - np.exp(-12 * rate) > 0.99)


def test_a_date_before_the_origin_is_refused() -> None:
    with pytest.raises(DateError):
        prior_check(load_case(), as_of="2024-01-01")


@pytest.mark.slow
def test_embedded_priors_leave_few_draws_certain() -> None:
    """Wide priors on log rates put their mass on 0 and 1: no onset may be near certain in one of eight draws."""
    table = prior_check(load_case(), draws=1000)
    assert (table.loc["onset", "near_certain"] < 0.125).all()
    medians = table.loc["onset", "median"]
    assert medians.drop("american_freed").between(0.02, 0.6).all()
    assert medians["american_freed"] < 0.75  # an event that comes every year or two, not a change of state
    assert prior_check(load_case(), draws=1000).equals(table)
