"""The embedded case at full settings, on three dates: fits converge, and another seed says the same (slow)."""

import datetime as dt
import importlib

import numpy as np
import pandas as pd
import pytest

from helpers.cases import embedded
from vzforecast.forecast import Forecast

pytestmark = pytest.mark.slow

# The module's function: fits of one date share what is compiled, as those of a user do.
FIT = importlib.import_module("vzforecast.fitting").fit
DATES = ["2025-02-05", "2025-04-30", "2025-08-31"]


@pytest.fixture(scope="module", params=DATES)
def pair(request: pytest.FixtureRequest) -> tuple[Forecast, Forecast]:
    one, two = (FIT(embedded(), request.param, seed=seed, cache=False) for seed in (1, 2))
    return one, two


def twelve_weeks(fc: Forecast) -> pd.DataFrame:
    return fc.outcomes(by=[fc.as_of + dt.timedelta(weeks=12)])


def test_converges_with_both_seeds(pair: tuple[Forecast, Forecast]) -> None:
    for fc in pair:
        print(fc.as_of, fc.provenance["seed"], fc.diagnostics.text, twelve_weeks(fc), sep="\n")  # noqa: T201 (pytest -rP)
        assert fc.ok, fc.diagnostics.text


def test_both_seeds_give_the_same_answers_within_their_error(pair: tuple[Forecast, Forecast]) -> None:
    for tables, kinds in (
        ([fc.scenarios() for fc in pair], [("probability", "mcse")]),
        ([twelve_weeks(fc) for fc in pair], [("ever", "ever_mcse"), ("at", "at_mcse")]),
    ):
        for value, error in kinds:
            apart = np.abs(tables[0][value] - tables[1][value])
            assert (apart <= 4.5 * np.hypot(tables[0][error], tables[1][error]) + 1e-12).all()


def test_monte_carlo_error_is_below_one_percent(pair: tuple[Forecast, Forecast]) -> None:
    for fc in pair:
        assert fc.scenarios()["mcse"].max() < 0.01
        assert twelve_weeks(fc)[["ever_mcse", "at_mcse"]].max(axis=None) < 0.01


def test_the_posterior_is_the_contract(pair: tuple[Forecast, Forecast]) -> None:
    """What the contract tests lock on synthetic draws holds for sampled ones."""
    posterior = pair[0].posterior["posterior"]
    for dim, labels in pair[0].design.coords.items():
        assert tuple(posterior[dim].to_numpy()) == labels
    free = {str(name) for name in posterior.data_vars}
    assert "influence" in free
    assert not free & {"favoured", "lean", "events"}
