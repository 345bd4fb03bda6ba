"""R-hat and effective sizes of many scalars at once, against ArviZ one by one and against what makes them fail."""

import numpy as np
import pytest
import xarray as xr
from arviz_stats import bfmi, ess, rhat
from numpy.typing import NDArray

from vzforecast.mixing import convergence, mixing

SHAPES = [(4, 1000), (2, 250), (4, 301), (3, 64)]


def chains(shape: tuple[int, int], scalars: int, seed: int = 3) -> NDArray[np.float64]:
    """Autoregressions from antithetic to slow, some heavy-tailed, some with chains apart or of other scale."""
    random = np.random.default_rng(seed)
    values = random.standard_normal((*shape, scalars))
    rho = np.linspace(-0.8, 0.97, scalars)
    for t in range(1, shape[1]):
        values[:, t] = rho * values[:, t - 1] + np.sqrt(1 - rho**2) * values[:, t]
    values[..., ::5] = np.exp(2.0 * values[..., ::5])
    values[0, :, ::7] += 1.0
    values[1, :, ::11] *= 3.0
    values[..., -1] = np.round(values[..., -1])  # ties
    return values


@pytest.mark.parametrize("shape", SHAPES)
def test_r_hat_is_that_of_arviz(shape: tuple[int, int]) -> None:
    values = chains(shape, 130)  # more than two batches
    each = [float(rhat(values[..., place])) for place in range(130)]
    np.testing.assert_allclose(mixing(values).rhat, each, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("measure", "options"), [("bulk", {}), ("tail", {"prob": (0.05, 0.95)})])
def test_sizes_are_those_of_arviz(shape: tuple[int, int], measure: str, options: dict[str, object]) -> None:
    # ArviZ divides autocovariances by the number of draws and the variance within chains by one less.
    values = chains(shape, 40)
    each = [float(ess(values[..., place], method=measure, **options)) for place in range(40)]
    np.testing.assert_allclose(getattr(mixing(values), measure), each, rtol=0.04 if shape[1] > 200 else 0.15)


def test_chains_of_other_place_or_scale_are_seen() -> None:
    values = np.random.default_rng(1).standard_normal((4, 1000, 3))
    values[0, :, 1] += 1.0
    values[0, :, 2] *= 4.0
    found = mixing(values)
    assert found.rhat[0] < 1.01 < min(found.rhat[1:])
    assert found.bulk[1] < 400 < found.bulk[0]


def test_what_cannot_be_judged_is_not_a_number() -> None:
    values = np.random.default_rng(1).standard_normal((4, 100, 4))
    values[2, 7, 1], values[2, 7, 2] = np.nan, np.inf
    values[..., 3] = 0.25  # never moved
    found = mixing(values)
    assert np.isfinite([found.rhat[0], found.bulk[0], found.tail[0]]).all()
    assert np.isnan([found.rhat[1:3], found.bulk[1:3], found.tail[1:3]]).all()
    assert np.isnan(found.rhat[3])


def test_a_scalar_is_judged_alike_in_any_company() -> None:
    values = chains((4, 200), 70)
    alone, among = mixing(values[..., 66:67]), mixing(values)
    for measure in ("rhat", "bulk", "tail"):
        assert getattr(alone, measure)[0] == pytest.approx(getattr(among, measure)[66], rel=1e-9)


def test_e_bfmi_is_the_smallest_of_arviz() -> None:
    rng = np.random.default_rng(4)
    energy = np.cumsum(rng.standard_normal((3, 200)), axis=1) * [[1.0], [0.2], [0.0]] + rng.standard_normal((3, 200))
    dims = ("chain", "draw")
    stats = {"energy": (dims, energy), "diverging": (dims, energy > 10.0)}
    posterior = xr.Dataset({"x": (dims, rng.standard_normal((3, 200)))})
    tree = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": xr.Dataset(stats)})
    report = convergence(tree)
    of_each = bfmi(tree)["energy"].to_numpy()
    assert of_each.max() > 2.0 * of_each.min()
    assert report.bfmi == pytest.approx(of_each.min(), rel=1e-12)
    assert report.divergences == (energy > 10.0).sum() > 0
