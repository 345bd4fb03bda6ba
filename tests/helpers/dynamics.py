"""Dynamics of every kind for laws that hold path by path, and paths taken apart."""

from datetime import date
from typing import Final

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from vzforecast.paths import Paths
from vzforecast.simulate import Dynamics, stream_id

AS_OF: Final = date(2025, 2, 5)
MONTH_ENDS: Final = np.array([23.0, 54.0, 84.0, 115.0])
PER_DRAW: Final = (
    "log_rate",
    "leverage",
    "coupling",
    "influence_now",
    "tone_now",
    "tau",
    "psi",
    "rho_office",
    "rho_proximity",
)


@st.composite
def dynamics(draw: st.DrawFn, draws: int = 6) -> Dynamics:
    """Every part of the law at work: walks, tone, known steps, couplings that fade."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    o, k, m = draw(st.integers(1, 4)), draw(st.integers(1, 4)), MONTH_ENDS.size
    active = rng.random(o) < 0.5
    declared = rng.random((2, o, o)) < draw(st.sampled_from([0.0, 0.3, 1.0]))
    in_draw = rng.random((draws, 1, 1, 1)) < draw(st.sampled_from([0.5, 1.0]))
    made_ago = rng.choice([0.5, 2.0, np.inf], size=(2, o)) if draw(st.booleans()) else None
    return Dynamics(
        log_rate=rng.normal(-0.3, 0.7, size=(draws, 2, o)),
        leverage=rng.normal(size=(draws, 2, o, k)),
        coupling=rng.normal(size=(draws, 2, o, o)) * (1 - np.eye(o)) * declared * in_draw,
        influence_now=rng.normal(size=(draws, k)),
        tone_now=rng.normal(size=(draws, o)),
        tau=np.abs(rng.normal(size=draws)),
        psi=np.abs(rng.normal(size=draws)),
        rho_office=np.abs(rng.normal(size=draws)),
        rho_proximity=np.abs(rng.normal(size=draws)),
        persistence=draw(st.sampled_from([0.0, 2 ** (-1 / 3), 1.0])),
        office_steps=rng.normal(size=(m, k)),
        proximity_steps=rng.normal(size=(m, k)),
        month_ends=MONTH_ENDS,
        active_now=active,
        active_for=np.where(active, rng.random(o) * 3, 0.0),
        fade_half_life=draw(st.sampled_from([0.2, 1.0, 10.0])),
        lasting_share=draw(st.sampled_from([0.0, 0.25, 1.0])),
        outcome_streams=np.array([stream_id(f"outcome {i}") for i in range(o)], dtype=np.uint64),
        faction_streams=np.array([stream_id(f"faction {i}") for i in range(k)], dtype=np.uint64),
        made_ago=made_ago,
    )


def path(result: Paths, draw: int, number: int) -> tuple[NDArray[np.float64], NDArray[np.int16]]:
    begin, end = result.offsets[draw * result.paths + number :][:2]
    return result.times[begin:end], result.outcome[begin:end]


def assert_same(one: Paths, other: Paths) -> None:
    np.testing.assert_array_equal(one.offsets, other.offsets)
    np.testing.assert_array_equal(one.times, other.times)
    np.testing.assert_array_equal(one.outcome, other.outcome)


seeds = st.integers(0, 2**64 - 1)
