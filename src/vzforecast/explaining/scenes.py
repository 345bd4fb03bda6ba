"""Where paths start from, and what happens on them: simulated once for all sets of parts that share a start."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.events import Event, evaluate_all
from vzforecast.explaining.weighing import Weighing
from vzforecast.forecast.judgement import virtual_weights
from vzforecast.history import Known
from vzforecast.history.recorded import recorded
from vzforecast.latent import Array

if TYPE_CHECKING:
    from vzforecast.simulate import Dynamics

# Paths in all scenes together: as many as a forecast of the usual settings has, and not many times more.
_PATHS: Final = 200_000


@dataclass(frozen=True, eq=False)
class Scene:
    """Paths from one starting point, by draw and future.

    Attributes
    ----------
    happened : ndarray of bool, dims (sample, future, path)
        The event that is explained.
    judged : mapping of str to ndarray, dims (sample, future, path)
        By id of a judgement: the weight that it gives to each path, at most 1.
    """

    happened: NDArray[np.bool_]
    judged: dict[str, Array]

    def shares(self, judgements: tuple[str, ...]) -> tuple[Array, Array]:
        """Return the weight of the paths of each future on which the event happens, and that of all."""
        weight = np.ones(self.happened.shape)
        for name in judgements:
            weight = weight * self.judged[name]
        return (weight * self.happened).mean(axis=2), weight.mean(axis=2)


class Scenes:
    """All starting points, each simulated when it is first asked for.

    Parameters
    ----------
    weighing : Weighing
        Draws and futures.
    event : Event
        What is explained.
    judged : mapping of str to Event
        By id: what judgements are about.
    most : int
        How many there may be; the more, the fewer paths has each.
    """

    def __init__(self, weighing: Weighing, event: Event, judged: dict[str, Event], most: int) -> None:
        self._weighing, self._event, self._judged = weighing, event, judged
        self._paths = _paths_of_each(weighing, most)
        self._found: dict[tuple[object, ...], Scene] = {}
        self._laws: dict[tuple[bytes, ...], Dynamics] = {}

    def of(self, known: Known) -> Scene:
        """Return what happens on the paths that start from what is known; simulated once for equal starts."""
        key = _start(known)
        if key not in self._found:
            self._found[key] = self._simulated(known)
        return self._found[key]

    def _simulated(self, known: Known) -> Scene:
        from vzforecast.forecast.future import follow  # noqa: PLC0415 - numba, which nothing else here needs

        particles = self._weighing.particles
        paths = follow(self._law(known), known, paths=self._paths, seed=self._weighing.changes.basis.seed)
        found = evaluate_all({self._event, *self._judged.values()}, paths)
        shape = (*particles.shape, self._paths)
        judged = {}
        for name, event in self._judged.items():
            ratio = self._weighing.changes.ratios[name]
            judged[name] = virtual_weights(found[event], ratio).reshape(shape) / max(ratio, 1.0)
        return Scene(found[self._event].reshape(shape), judged)

    def _law(self, known: Known) -> "Dynamics":
        """Return the law of the paths as far as an event looks; only their start is new where standing is as before."""
        from vzforecast.forecast.future import dynamics, restarted, until  # noqa: PLC0415 - as above

        design, history = known.design, known.history
        key = (design.data["standing"].tobytes(), *(values.tobytes() for values in design.hazards.values()))
        if key in self._laws:
            return restarted(self._laws[key], known.case, history)
        law = dynamics(self._weighing.particles.spread_out(), known.case, history, design)
        last = max(day for event in (self._event, *self._judged.values()) for day in event.deadlines())
        self._laws[key] = until(law, (last - history.as_of).days)
        return self._laws[key]


def _paths_of_each(weighing: Weighing, scenes: int) -> int:
    """Return how many paths each future may have, if there are so many scenes."""
    draws, futures = weighing.particles.shape
    most = max(1, weighing.changes.basis.settings.paths // futures)
    return int(np.clip(_PATHS // (draws * futures * scenes), 1, most))


def _start(known: Known) -> tuple[object, ...]:
    """Return everything that paths depend on beside the draws."""
    history, record = known.history, recorded(known.case, known.history.as_of)
    states = history.states.to_numpy(float).tobytes()
    return (
        states,
        history.scheduled,
        known.design.data["standing"][:, history.period_now :].tobytes(),
        *(values.tobytes() for values in known.design.hazards.values()),
        record.times.tobytes(),
        record.outcome.tobytes(),
    )
