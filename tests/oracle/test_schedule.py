"""The law of scheduled decisions against known numbers and against numerical integration."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from vzforecast.history.schedule import Multiplier, mass

END = date(2025, 6, 30)


def known(**changed: float) -> Multiplier:
    """The term whose numbers are worked out by hand: w .8, mu 6 days, L and its mean 180 days."""
    values = {"share": 0.8, "days": 6.0, "term_days": 180.0, "mean_days": 180.0} | changed
    return Multiplier(outcome="licence", transition="onset", end=END, **values)


def before(days: int) -> date:
    return END - timedelta(days=days)


def test_the_known_numbers() -> None:
    item = known()
    assert item.mean_over(before(180), END) == pytest.approx(1.0, abs=1e-12)
    assert item.at(0.0) == pytest.approx(24.2, abs=1e-9)
    # By hand: .2 * 7 / 180 + .8 * (1 - exp(-7/6)) / (1 - exp(-30)) = .0077778 + .5508774
    assert item.integral(before(7), END) / 180.0 == pytest.approx(0.5586552, abs=1e-7)


@pytest.mark.parametrize(
    ("first", "last"), [(180, 0), (30, 7), (7, 0), (1, 0), (200, 100), (3, -5), (250, -20), (-1, -9), (300, 200)]
)
@pytest.mark.parametrize("changed", [{}, {"mean_days": 60.0}, {"share": 0.0}, {"share": 1.0, "days": 300.0}])
def test_the_integral_is_that_of_the_multiplier(first: int, last: int, changed: dict[str, float]) -> None:
    item = known(**changed)
    edges = sorted({last, *(edge for edge in (0, 180) if last < edge < first), first})
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total = 0.0
    for near, far in pairwise(edges):
        points = (near + far) / 2 + (far - near) / 2 * nodes
        total += (far - near) / 2 * sum(w * item.at(x) for x, w in zip(points, weights, strict=True))
    assert item.integral(before(first), before(last)) == pytest.approx(total, rel=1e-9)


def test_stretches_add_up() -> None:
    item = known(mean_days=97.0)
    days = [before(day) for day in (190, 180, 60, 11, 3, 0, -4)]
    parts = sum(item.integral(first, last) for first, last in pairwise(days))
    assert parts == pytest.approx(item.integral(days[0], days[-1]), rel=1e-12)
    assert item.integral(before(180), END) == pytest.approx(0.2 * 180 + 0.8 * 97, rel=1e-12)


@pytest.mark.parametrize("days", [0.5, 6.0, 1e4])
def test_the_mass_of_a_term_is_one(days: float) -> None:
    assert mass(0.0, 64.0, days, 64.0) == pytest.approx(1.0, abs=1e-12)
    assert mass(-3.0, 80.0, days, 64.0) == pytest.approx(1.0, abs=1e-12)
    assert mass(70.0, 80.0, days, 64.0) == 0.0
