"""Outcomes with constant rates, coupled or not: exact paths made in numpy, and the Markov chain that they follow.

Neither uses the library's simulator: events are tested on these paths against matrix exponentials of this chain.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.events import Vocabulary
from vzforecast.paths import Paths, Record

Floats = NDArray[np.float64]

AS_OF: Final = date(2025, 2, 5)
DRAWS: Final = 400


@dataclass(frozen=True, eq=False)
class Chain:
    """Rates per day of onset (row 0) and recovery (row 1), and how others that are active change their logs."""

    rates: Floats
    coupling: Floats
    start: tuple[bool, ...]

    @property
    def outcomes(self) -> int:
        return self.rates.shape[1]

    def log_rates(self, states: NDArray[np.bool_]) -> Floats:
        """Log rate of every outcome's next change, dims (..., outcome), in joint states (..., outcome)."""
        here = states.astype(int), np.arange(self.outcomes)
        with np.errstate(divide="ignore"):
            return np.log(self.rates)[here] + np.einsum("...oj,...j->...o", self.coupling[here], states)

    def vocabulary(self, days: int) -> Vocabulary:
        names = {f"o{o}": ("rest", "active") for o in range(self.outcomes)}
        return Vocabulary(names, AS_OF, AS_OF + timedelta(days=days))


def chain(onset: list[float], recovery: list[float], start: str = "", coupling: Floats | None = None) -> Chain:
    """Return a chain; ``start`` has one letter an outcome, ``a`` where it begins active."""
    size = len(onset)
    begins = tuple(letter == "a" for letter in start.ljust(size, "r"))
    return Chain(np.array([onset, recovery]), np.zeros((2, size, size)) if coupling is None else coupling, begins)


def simulated(law: Chain, days: int, paths: int, seed: int = 1) -> Paths:
    """Return that many paths, 400 draws of which all have the same rates, by Gillespie's direct method."""
    random = np.random.default_rng(seed)
    state, time, alive = np.tile(law.start, (paths, 1)), np.zeros(paths), np.arange(paths)
    log: list[tuple[NDArray[np.int64], Floats, NDArray[np.int64]]] = []
    while alive.size:
        rate = np.exp(law.log_rates(state[alive]))
        total = rate.sum(axis=1)
        with np.errstate(divide="ignore"):
            time[alive] += random.exponential(size=alive.size) / total
        within = time[alive] <= days
        alive, rate, total = alive[within], rate[within], total[within]
        which = (np.cumsum(rate, axis=1) < (random.random(alive.size) * total)[:, None]).sum(axis=1)
        state[alive, which] ^= True
        log.append((alive, time[alive], which))
    path_of, times, outcome = (np.concatenate(column) for column in zip(*log, strict=True))
    order = np.lexsort((times, path_of))
    record = Record.from_transitions(
        AS_OF, AS_OF + timedelta(days=days), {f"o{o}": active for o, active in enumerate(law.start)}, []
    )
    counts = np.bincount(path_of, minlength=paths)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return Paths(record, DRAWS, paths // DRAWS, offsets, times[order], outcome[order].astype(np.int16))


def generator(law: Chain, flags: int, entered: Callable[[int, int, bool], int]) -> Floats:
    """Return the rates of the chain of joint states and flags, in the order ``state * flags + flag``.

    Bit o of a state's number is outcome o; ``entered(flag, outcome, active)`` is the flag after a change of one.
    """
    states = 2**law.outcomes
    matrix = np.zeros((states * flags, states * flags))
    for state in range(states):
        active = np.array([bool(state >> o & 1) for o in range(law.outcomes)])
        for o, rate in enumerate(np.exp(law.log_rates(active))):
            for flag in range(flags):
                new = entered(flag, o, not active[o])
                matrix[state * flags + flag, (state ^ (1 << o)) * flags + new] += rate
                matrix[state * flags + flag, state * flags + flag] -= rate
    return matrix


def beginning(law: Chain, flags: int, flag: int = 0) -> Floats:
    """Return the distribution that is certain of the chain's start."""
    distribution = np.zeros(2**law.outcomes * flags)
    distribution[sum(1 << o for o, active in enumerate(law.start) if active) * flags + flag] = 1.0
    return distribution


def agrees(happened: NDArray[np.bool_], exact: float, *, within: float = 0.02) -> bool:
    """Tell whether the share agrees with the exact value, after making sure that a relative error would show."""
    error = 4.5 * np.sqrt(exact * (1 - exact) / happened.size)
    assert error < within * exact, f"{happened.size} paths cannot tell {exact} from {exact * (1 + within)}"
    return bool(abs(happened.mean() - exact) < error)
