"""Laws of motion whose exact answers are known, and shares of simulated paths compared with them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.course import Change, course_of
from vzforecast.paths import Paths, Record
from vzforecast.simulate import Dynamics, simulate, stream_id

AS_OF: Final = date(2025, 2, 5)
DRAWS: Final = 1_000
PATHS: Final = 1_000
NEVER: Final = -np.inf
ONSET: Final = 0
RECOVERY: Final = 1


def law(
    onset: list[float],
    recovery: list[float],
    *,
    months: tuple[float, ...] = (23.0, 54.0, 84.0),
    factions: int = 2,
    coupling: NDArray[np.float64] | None = None,
    active: list[bool] | None = None,
    **others: Any,
) -> Dynamics:
    """Rates a month, the same in every draw; nothing else moves them unless ``others`` says so."""
    o, m = len(onset), len(months)
    with np.errstate(divide="ignore"):
        log_rate = np.log([onset, recovery])
    constant = Dynamics(
        log_rate=np.tile(log_rate, (DRAWS, 1, 1)),
        leverage=np.zeros((DRAWS, 2, o, factions)),
        coupling=np.zeros((DRAWS, 2, o, o)) if coupling is None else np.tile(coupling, (DRAWS, 1, 1, 1)),
        influence_now=np.zeros((DRAWS, factions)),
        tone_now=np.zeros((DRAWS, o)),
        tau=np.zeros(DRAWS),
        psi=np.zeros(DRAWS),
        rho_office=np.zeros(DRAWS),
        rho_proximity=np.zeros(DRAWS),
        persistence=2 ** (-1 / 3),
        office_steps=np.zeros((m, factions)),
        proximity_steps=np.zeros((m, factions)),
        month_ends=np.array(months),
        active_now=np.array(active or [False] * o),
        active_for=np.zeros(o),
        fade_half_life=1.0,
        lasting_share=1.0,
        outcome_streams=np.array([stream_id(f"outcome {i}") for i in range(o)], dtype=np.uint64),
        faction_streams=np.array([stream_id(f"faction {i}") for i in range(factions)], dtype=np.uint64),
    )
    return replace(constant, **others)


def run(dynamics: Dynamics, seed: int = 1, paths: int = PATHS, changes: tuple[Change, ...] = ()) -> Paths:
    """Simulate to the end of the last month, with some dated changes."""
    names = [f"outcome {i}" for i in range(dynamics.active_now.size)]
    record = Record.from_transitions(
        AS_OF,
        AS_OF + timedelta(days=int(dynamics.month_ends[-1])),
        dict(zip(names, dynamics.active_now.tolist(), strict=True)),
        [],
    )
    sizes = dynamics.outcome_streams.size, dynamics.faction_streams.size
    course = course_of(changes, *sizes, float(dynamics.month_ends[-1]))
    return simulate(dynamics, record, paths=paths, seed=seed, course=course)


def agrees(happened: NDArray[np.bool_], exact: float, *, within: float = 0.01) -> bool:
    """Tell whether the share agrees with the exact value, after making sure that a relative error would show."""
    error = 4.5 * np.sqrt(exact * (1 - exact) / happened.size)
    assert error < within * exact, f"{happened.size} paths cannot tell {exact} from {exact * (1 + within)}"
    return bool(abs(happened.mean() - exact) < error)
