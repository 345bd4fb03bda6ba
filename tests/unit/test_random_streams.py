"""The random streams of the simulator: known values, distribution, independence."""

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy import stats

from vzforecast.path_kernel.kernel import CLOCK, GAMMA, INFLUENCE, TONE, fold, mix, next_normal, next_unit, to_unit
from vzforecast.simulate import stream_id

ZERO = np.uint64(0)


@njit
def units(state: np.uint64, n: int) -> NDArray[np.float64]:
    streams, values = np.full(1, state), np.empty(n)
    for i in range(n):
        values[i] = next_unit(streams, 0)
    return values


@njit
def normals(state: np.uint64, n: int) -> NDArray[np.float64]:
    streams, spare, values = np.full(1, state), np.empty(1), np.empty(n)
    for i in range(n):
        values[i] = next_normal(streams, spare, 0, i + 1)
    return values


@njit
def first_units(keys: NDArray[np.uint64], purpose: np.uint64) -> NDArray[np.float64]:
    values = np.empty(keys.size)
    for i in range(keys.size):
        values[i] = to_unit(mix(fold(keys[i], purpose) + GAMMA))
    return values


@njit
def folded(key: np.uint64, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    result = np.empty_like(values)
    for i in range(values.size):
        result[i] = fold(key, values[i])
    return result


def test_the_generator_is_splitmix64() -> None:
    """Reference outputs for seed 0, as published with the algorithm."""
    states = [(int(GAMMA) * n) % 2**64 for n in (1, 2, 3)]
    outputs = [int(mix(np.uint64(state))) for state in states]
    assert outputs == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


@pytest.mark.parametrize("bits", [0, 2**64 - 1])
def test_uniforms_never_reach_the_ends(bits: int) -> None:
    unit = to_unit(np.uint64(bits))
    assert 0 < unit < 1
    assert unit != 0.5


@pytest.mark.parametrize("state", [0, 1, 2**63])
def test_uniforms_of_a_stream_are_uniform_and_uncorrelated(state: int) -> None:
    sample = units(np.uint64(state), 200_000)
    assert stats.kstest(sample, "uniform").pvalue > 1e-3
    pairs, _, _ = np.histogram2d(sample[::2], sample[1::2], bins=16, range=[[0, 1], [0, 1]])
    assert stats.chisquare(pairs.ravel()).pvalue > 1e-3
    assert abs(np.corrcoef(sample[:-1], sample[1:])[0, 1]) < 4.5 / np.sqrt(sample.size)


@pytest.mark.parametrize("state", [0, 1, 2**63])
def test_normals_of_a_stream_are_normal_and_the_two_of_a_pair_unrelated(state: int) -> None:
    sample = normals(np.uint64(state), 200_000)
    assert stats.kstest(sample, "norm").pvalue > 1e-3
    odd, even = sample[::2], sample[1::2]
    for one, other in ((odd, even), (odd**2, even**2), (even[:-1], odd[1:])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4.5 / np.sqrt(one.size)


@pytest.mark.parametrize("purpose", [CLOCK, TONE, INFLUENCE])
def test_first_numbers_of_neighbouring_streams_are_uniform_and_unrelated(purpose: np.uint64) -> None:
    """Keys that differ by one, as those of draws, paths and seeds do, must not show it."""
    keys = folded(np.uint64(42), np.arange(200_000, dtype=np.uint64))
    sample = first_units(keys, purpose)
    assert stats.kstest(sample, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(sample[:-1], sample[1:])[0, 1]) < 4.5 / np.sqrt(sample.size)


def test_purposes_of_one_label_share_no_numbers() -> None:
    keys = folded(np.uint64(42), np.arange(100_000, dtype=np.uint64))
    samples = [first_units(keys, purpose) for purpose in (CLOCK, TONE, INFLUENCE)]
    correlations = np.corrcoef(samples)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(keys.size)


def test_keys_of_many_paths_are_all_different_and_depend_on_the_order() -> None:
    draws = folded(fold(ZERO, GAMMA), np.arange(300, dtype=np.uint64))
    keys = np.concatenate([folded(key, np.arange(300, dtype=np.uint64)) for key in draws])
    assert np.unique(keys).size == keys.size  # draw 3 of path 5 is not draw 5 of path 3
    flips = np.unpackbits((keys ^ np.roll(keys, 1)).view(np.uint8)).mean()
    assert flips == pytest.approx(0.5, abs=4.5 * 0.5 / np.sqrt(keys.size * 64))


def test_stream_ids_are_the_same_for_ever() -> None:
    """A changed id would change every forecast of a seed: these two are written down."""
    assert stream_id("sanctions") == 0x80106F130FC290CD
    assert stream_id("chevron_licence") == 0xE39E7DCAD3E867A0


def test_stream_ids_fit_64_bits_and_tell_names_apart() -> None:
    ids = {stream_id(f"outcome {n}") for n in range(10_000)}
    assert len(ids) == 10_000
    assert 0 <= min(ids) <= max(ids) < 2**64
