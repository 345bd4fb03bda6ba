"""The density written by hand as a sampler in C calls it, and NUTS on it: without rows it gives back the prior."""

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from ctypes import POINTER, c_double
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from helpers.cases import design_of, embedded, smallest, with_recurrent
from helpers.rowless import STATISTICS, assert_standard_normal, island, rowless, scores
from vzforecast import inference, names
from vzforecast.hamiltonian import WrittenModel, target_of, written_model
from vzforecast.hamiltonian.kernel import log_density
from vzforecast.hamiltonian.layout import NAMES, new_space, shapes_of
from vzforecast.hamiltonian.moving_on import bounded
from vzforecast.history import Design
from vzforecast.settings import SamplerSettings

Floats = NDArray[np.float64]

CASES = {
    "embedded": lambda: design_of(embedded(), "2025-08-01"),
    "recurrent": lambda: design_of(with_recurrent(), "2024-08-15"),
    "smallest": lambda: design_of(smallest(), "2024-08-15"),
}


def points(design: Design, number: int) -> Floats:
    """Points without bounds, dims (point, flat)."""
    return 0.5 * np.random.default_rng(1).standard_normal((number, target_of(design).prior.location.size))


def address(values: Floats) -> Any:
    return values.ctypes.data_as(POINTER(c_double))


def called(written: WrittenModel, x: Floats) -> tuple[int, float, Floats]:
    """Status, log density and gradient."""
    gradient, log_p = np.zeros(x.size), np.zeros(1)
    found = written.density.ctypes(x.size, address(x), address(gradient), address(log_p), written.memory.ctypes.data)
    return found, log_p[0], gradient


def in_python(design: Design, x: Floats) -> tuple[float, Floats]:
    """Log density and gradient, without a callback."""
    target = target_of(design)
    space = new_space(design, target.rows.events.size)
    space.x[:] = x
    return log_density(target, space), space.gradient


# Callbacks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(CASES))
def test_density_and_gradient_are_those_of_the_kernel(name: str) -> None:
    design = CASES[name]()
    written = written_model(design, chains=3)
    for x in points(design, 5):
        status, log_p, gradient = called(written, x)
        expected, slope = in_python(design, x)
        assert (status, log_p) == (0, expected)
        np.testing.assert_array_equal(gradient, slope)


@pytest.mark.parametrize("name", list(CASES))
def test_free_variables_are_those_of_the_point(name: str) -> None:
    design = CASES[name]()
    written, (x,) = written_model(design, chains=2), points(design, 1)
    values = np.zeros(x.size)
    assert written.expand.ctypes(x.size, x.size, address(x), address(values), written.memory.ctypes.data) == 0
    named = bounded(x, target_of(design).prior, shapes_of(design))
    assert list(named) == list(written.shapes) == [one for one in NAMES if one in named]
    np.testing.assert_allclose(values, np.concatenate([one.ravel() for one in named.values()]), rtol=1e-15)
    for own, shape in written.shapes.items():
        assert named[own].size == math.prod(shape)
        assert tuple(len(design.coords[dim]) for dim in written.dims.get(own, ())) == shape


def test_where_the_density_is_not_finite_it_says_so_and_goes_on() -> None:
    design = CASES["embedded"]()
    written, (good,) = written_model(design, chains=1), points(design, 1)
    sizes = [math.prod(shape) for shape in shapes_of(design)]
    named = np.repeat(NAMES, sizes)
    overflow = np.where(named == "log_rate", 1e4, good)
    # News that leans neither way, between cutpoints so near that only the logarithm of their distance is a number.
    steep = np.where(named == "cutpoint", -713.0, good)
    assert (design.data["lean_category"] == 1).any()
    assert called(written, overflow)[0] == 4
    assert called(written, good)[0] == 0, "its place was not left"
    assert called(written, steep)[0] == 3
    assert called(written, np.full(good.size, np.nan))[0] == 4
    assert called(written, good)[1] == in_python(design, good)[0]


@pytest.mark.parametrize("chains", [1, 2, 5])
def test_threads_do_not_get_into_each_others_way(chains: int) -> None:
    # Also with fewer places than threads, which then wait for each other.
    design = CASES["embedded"]()
    written, many = written_model(design, chains), points(design, 400)
    expected = [in_python(design, x)[0] for x in many]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: called(written, x), np.tile(many, (5, 1))))
    assert [log_p for _, log_p, _ in found] == expected * 5
    for number, (_, _, gradient) in enumerate(found):
        np.testing.assert_array_equal(gradient, found[number % len(many)][2])
    assert not written.memory[:, 0].any(), "a place was not left"


def test_a_place_that_is_taken_is_passed_by() -> None:
    design = island()
    written, (x,) = written_model(design, chains=3), points(design, 1)
    written.memory[:2, 0] = 1
    assert called(written, x)[0] == 0
    assert [space.gradient.any() for _, space in written.kept] == [False, False, True]
    assert written.memory[:, 0].tolist() == [1, 1, 0]


HISTORY = """
import sys
import numpy as np
from numba import njit, typeof
sys.path[:] = {path!r}

{before}

from vzforecast.hamiltonian import written_model
from test_written_model import CASES

written = written_model(CASES["smallest"](), chains=1)
print("hits", written.density.cache_hits, written.expand.cache_hits)
"""


@pytest.mark.parametrize(
    "before", ["", "njit(lambda x: x)(np.zeros((1, 1, 1, 1, 1)))", "import vzforecast.path_kernel.kernel"]
)
def test_what_is_on_disk_is_found_by_processes_of_any_history(before: str) -> None:
    # numba numbers types as a process meets them; those numbers must not be part of what is looked for.
    written_model(CASES["smallest"](), chains=1)  # on disk from now on
    path = [str(Path(__file__).parent), *sys.path]
    command = [sys.executable, "-c", HISTORY.format(path=path, before=before)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout == "hits 1 1\n"


# Sampling -----------------------------------------------------------------------------------------------------


def sampled(design: Design, seed: int = 1, cores: int | None = None, **settings: Any) -> xr.DataTree:
    asked = SamplerSettings(**settings)
    written = written_model(design, asked.chains)
    return inference.sample(inference.from_written(written), asked, seed, cores=cores)


@cache
def of_the_prior() -> xr.DataTree:
    return sampled(rowless(), draws=1_000)


@pytest.mark.parametrize("statistic", list(STATISTICS))
def test_without_rows_it_gives_back_the_prior(statistic: str) -> None:
    draws = {str(name): values.to_numpy() for name, values in of_the_prior()[names.POSTERIOR].data_vars.items()}
    z = scores(draws, target_of(rowless()).prior)
    assert z.shape == (4, 1_000, 121)
    assert_standard_normal(z, statistic)


def test_variables_have_the_names_and_labels_of_the_model() -> None:
    design = CASES["embedded"]()
    tree = sampled(design, draws=50, tune=50, chains=2)
    posterior = tree[names.POSTERIOR].to_dataset()
    assert set(posterior.data_vars) == set(NAMES)
    assert posterior["tone_step"].dims == (names.CHAIN, names.DRAW, names.PERIOD, names.OUTCOME)
    assert posterior["tau"].dims == (names.CHAIN, names.DRAW)
    for dim in posterior.dims:
        if dim not in (names.CHAIN, names.DRAW):
            assert list(posterior[dim].to_numpy()) == list(design.coords[str(dim)]), dim
    assert set(tree[names.SAMPLE_STATS].data_vars) == set(inference.KEPT_STATS)


def test_the_same_seed_gives_the_same_draws_whatever_the_number_of_cores() -> None:
    few: dict[str, Any] = {"draws": 50, "tune": 50}
    one, two, more = (sampled(island(), cores=cores, **few)[names.POSTERIOR].to_dataset() for cores in (1, 2, 4))
    xr.testing.assert_identical(one.drop_attrs(), two.drop_attrs())
    xr.testing.assert_identical(one.drop_attrs(), more.drop_attrs())
    other = sampled(island(), seed=2, **few)[names.POSTERIOR]["log_rate"].to_numpy()
    assert not np.isin(one["log_rate"].to_numpy(), other).any()


def test_chains_begin_around_the_middle_of_the_prior() -> None:
    written, prior = written_model(island(), chains=2), target_of(island()).prior
    begun = np.stack([written.initial(seed) for seed in range(400)])
    middle = prior.location.copy()
    middle[prior.positive] = np.log(1.0 / prior.precision[prior.positive])
    assert np.abs(begun - middle).max() <= 1.0
    assert np.abs((begun - middle).mean(axis=0)).max() < 5.0 * math.sqrt(1.0 / 3.0 / 400)
    np.testing.assert_array_equal(written.initial(3), begun[3])
