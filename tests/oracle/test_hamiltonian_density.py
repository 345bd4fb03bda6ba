"""The density written by hand against PyMC's of the same design; its gradient against PyMC's and against differences.

Nothing of PyMC is compiled: its graphs run operation by operation in plain Python.
"""

from collections.abc import Callable

import numpy as np
import pymc as pm
import pytest
from numba import typeof
from numpy.typing import NDArray

from helpers.cases import design_of, embedded, smallest, with_recurrent
from helpers.models import PLAIN
from vzforecast import names
from vzforecast.case import Case
from vzforecast.hamiltonian import target_of
from vzforecast.hamiltonian.kernel import log_density
from vzforecast.hamiltonian.layout import NAMES, new_space, shapes_of, views
from vzforecast.history import Design
from vzforecast.model import build_model, pack

Floats = NDArray[np.float64]

POINTS = 4
CASES: dict[str, tuple[Callable[[], Case], str]] = {
    "embedded in February": (embedded, "2025-02-05"),
    "embedded in August": (embedded, "2025-08-01"),
    "recurrent": (with_recurrent, "2024-08-15"),
    "smallest": (smallest, "2024-08-15"),
}


class Built:
    """One case, the density of its design by PyMC and that by hand."""

    def __init__(self, name: str) -> None:
        make, self.as_of = CASES[name]
        self.case = make()
        self.design = design_of(self.case, self.as_of)
        self.model = build_model(self.design)
        self.variables = [self.model[own] for own in NAMES if own in self.model.named_vars]
        self.density = self.model.compile_logp(**PLAIN)
        self.gradient = self.model.compile_dlogp(self.variables, **PLAIN)

    def pymcs(self, x: Floats, design: Design) -> tuple[float, Floats]:
        """Density and gradient of PyMC, on rows and switches of a design of this shape."""
        pm.set_data(pack(design), model=self.model)
        parts = dict(zip(NAMES, views(x, shapes_of(design)), strict=True))
        values = {variable.name: self.model.rvs_to_values[variable].name for variable in self.variables}
        scalars = {variable.name for variable in self.variables if variable.ndim == 0}
        point = {values[name]: parts[name][0] if name in scalars else parts[name] for name in values}
        return float(self.density(point)), np.asarray(self.gradient(point))


def own(x: Floats, design: Design) -> tuple[float, Floats]:
    """Density and gradient by hand."""
    target = target_of(design)
    space = new_space(design, target.rows.events.size)
    space.x[:] = x
    return log_density(target, space), space.gradient


def points(design: Design) -> Floats:
    """Points as the prior has them, without bounds."""
    prior, random = target_of(design).prior, np.random.default_rng(1)
    values = prior.location + random.standard_normal((POINTS, prior.precision.size)) / prior.precision
    values[:, prior.positive] = np.log(np.abs(values[:, prior.positive]))
    return values


def assert_agree(built: Built, design: Design) -> None:
    own_ones, pymcs = ([of(x, design) for x in points(design)] for of in (own, built.pymcs))
    constant = [one - other for (one, _), (other, _) in zip(own_ones, pymcs, strict=True)]
    np.testing.assert_allclose(constant, constant[0], rtol=0.0, atol=1e-9 * abs(pymcs[0][0]))
    for (_, one), (_, other) in zip(own_ones, pymcs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-8)


@pytest.fixture(scope="module", params=list(CASES))
def built(request: pytest.FixtureRequest) -> Built:
    return Built(request.param)


def test_density_and_gradient_equal_pymcs(built: Built) -> None:
    assert_agree(built, built.design)


@pytest.mark.parametrize("term", names.SWITCHES)
def test_and_without_a_term(built: Built, term: str) -> None:
    without = design_of(built.case.without(term), built.as_of)
    assert not without.priors[f"{term}_switch"]
    assert_agree(built, without)


def test_the_gradient_is_the_slope_of_the_density(built: Built) -> None:
    x, design = points(built.design)[0], built.design
    step = 1e-5
    moved = (x + sign * step * one for one in np.eye(x.size) for sign in (1.0, -1.0))
    up_and_down = np.array([own(y, design)[0] for y in moved]).reshape(-1, 2)
    slope = (up_and_down[:, 0] - up_and_down[:, 1]) / (2.0 * step)
    np.testing.assert_allclose(own(x, design)[1], slope, rtol=1e-5, atol=1e-4)


def test_the_cases_have_what_the_density_is_made_of() -> None:
    # What no row reads could be wrong and never show.
    late, least = (design_of(make(), day) for make, day in (CASES["embedded in August"], CASES["smallest"]))
    assert (late.data["row_coupling"] != 0.0).any()
    for name in ("row_in_first", "row_in_second", "row_covariate", "row_recovery", "signal_has_bearing"):
        assert (late.data[name] != 0.0).any(), name
    assert set(late.data["lean_category"]) == {0, 1, 2}
    assert len(set(late.data["signal_kind_index"])) > 1
    for dim in (names.COUPLING, names.COVARIATE, names.GROUPING, names.LEVEL):
        assert not least.coords[dim]
    for name in ("signal_period", "lean_cell"):
        assert not least.data[name].size


@pytest.mark.parametrize("name", list(CASES))
def test_one_compilation_serves_every_case(name: str) -> None:
    first, other = (design_of(make(), day) for make, day in (CASES["embedded in February"], CASES[name]))
    for of in (target_of, lambda design: new_space(design, 7)):
        assert typeof(of(other)) == typeof(of(first))


def test_rows_of_one_log_rate_are_counted_once() -> None:
    design = design_of(*(part() if callable(part) else part for part in CASES["embedded in August"]))
    rows = target_of(design).rows
    assert rows.events.size < design.data["row_events"].size
    assert rows.events.sum() == design.data["row_events"].sum()
    assert rows.exposure.sum() == pytest.approx(design.data["row_exposure"].sum(), rel=1e-12)
