"""The verdict on a fit: each limit alone, just met and just missed; and figures that could not be computed."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from vzforecast.convergence import ConvergenceReport

GOOD = {"rhat": 1.002, "ess_bulk": 900.0, "ess_tail": 800.0}


def report(bfmi: float = 0.8, divergences: int = 0, draws: int = 4000, **worst: float) -> ConvergenceReport:
    """Two variables, the second of which may be worse."""
    rows = [GOOD, GOOD | worst]
    table = pd.DataFrame(rows, index=pd.Index(["rho", "tau"], name="variable"))
    return ConvergenceReport(table, bfmi, divergences, draws)


def test_a_good_fit() -> None:
    found = report()
    assert found.ok
    assert found.failures == ()
    assert found.text == str(found)
    assert found.text == (
        "converged: R-hat at most 1.002, bulk ESS at least 900, tail ESS at least 800, E-BFMI 0.80, "
        "0 divergences in 4,000 draws"
    )


@pytest.mark.parametrize(
    "just_met",
    [{"rhat": 1.01}, {"ess_bulk": 400.0}, {"ess_tail": 400.0}, {"bfmi": 0.3}, {"divergences": 4}],
    ids=lambda change: next(iter(change)),
)
def test_limits_just_met(just_met: dict[str, Any]) -> None:
    assert report(**just_met).ok


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rhat": 1.0101}, "R-hat 1.010 is above 1.01"),
        ({"rhat": 1.2}, "R-hat 1.200 is above 1.01"),
        ({"ess_bulk": 399.0}, "bulk ESS 399 is below 400"),
        ({"ess_tail": 12.0}, "tail ESS 12 is below 400"),
        ({"bfmi": 0.29}, "E-BFMI 0.29 is below 0.3"),
        ({"divergences": 5}, "5 divergences in 4000 draws"),
        ({"divergences": 1, "draws": 500}, "1 divergences in 500 draws"),
    ],
)
def test_each_limit_missed_fails_alone(change: dict[str, Any], message: str) -> None:
    found = report(**change)
    assert not found.ok
    assert found.failures == (message,)
    assert found.text.startswith(f"FAILED: {message} (R-hat at most")


def test_all_limits_missed_are_all_named() -> None:
    found = report(rhat=1.5, ess_bulk=3.0, ess_tail=3.0, bfmi=0.1, divergences=400)
    assert len(found.failures) == 5


@pytest.mark.parametrize("measure", ["rhat", "ess_bulk", "ess_tail", "bfmi"])
def test_a_figure_that_could_not_be_computed_fails(measure: str) -> None:
    # A variable that never moved has no R-hat: one such among many must not hide behind the others.
    found = report(**{measure: np.nan})
    assert not found.ok
    assert len(found.failures) == 1
    assert "nan" in found.text


def test_any_divergence_is_shown() -> None:
    assert "1 divergence in 4,000 draws" in report(divergences=1).text


def test_the_worse_of_two_measure_by_measure() -> None:
    one = report(bfmi=0.5, divergences=2, rhat=1.03, ess_tail=300.0)
    other = report(bfmi=0.7, divergences=1, ess_bulk=500.0)
    both = one.worst_with(other)
    assert both.table.loc["tau"].to_dict() == {"rhat": 1.03, "ess_bulk": 500.0, "ess_tail": 300.0}
    assert both.table.loc["rho"].to_dict() == GOOD
    assert (both.bfmi, both.divergences, both.draws) == (0.5, 3, 8000)
    pd.testing.assert_frame_equal(other.worst_with(one).table, both.table)


def test_the_worse_keeps_what_could_not_be_computed() -> None:
    assert not report().worst_with(report(rhat=np.nan)).ok
    assert not report(rhat=np.nan).worst_with(report()).ok


def test_saved_and_rebuilt() -> None:
    one = report(bfmi=0.5123456789, divergences=2, rhat=1.0312345678)
    again = ConvergenceReport.from_dict(json.loads(json.dumps(one.to_dict())))
    assert again.text == one.text
    pd.testing.assert_frame_equal(again.table, one.table, check_exact=True)
    assert (again.bfmi, again.divergences, again.draws) == (one.bfmi, one.divergences, one.draws)
