"""The density written by hand as what a sampler of C functions takes: functions, memory, names, where to begin."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import typeof
from numpy.typing import NDArray

from vzforecast.hamiltonian.kernel import NEXT, REFERENCES, callbacks, lay_down
from vzforecast.hamiltonian.layout import DIMS, NAMES, Floats, Space, new_space, shapes_of
from vzforecast.hamiltonian.target import Prior, Target, target_of
from vzforecast.history import Design

# Where chains begin, to either side of the prior's middle, in units without bounds: as PyMC has it.
JITTER: Final = 1.0


@dataclass(frozen=True, eq=False)
class WrittenModel:
    """A density and its gradient in machine code, with what it works on.

    Attributes
    ----------
    density, expand : numba CFunc
        From a point without bounds: log density and gradient; free variables.
    memory : ndarray
        Whose address both take. It holds addresses of ``kept``, and of itself.
    kept : sequence of (Target, Space)
        Alive as long as the functions are called.
    shapes : dict of str to tuple of int
        Free variables in their order.
    dims : dict of str to tuple of str
        Of those that have any.
    coords : mapping of str to sequence of str
        Labels of each dim.
    initial : callable
        From a seed to a point to begin at.
    """

    density: Any
    expand: Any
    memory: NDArray[np.uint64]
    kept: Sequence[tuple[Target, Space]]
    shapes: dict[str, tuple[int, ...]]
    dims: dict[str, tuple[str, ...]]
    coords: Mapping[str, Sequence[str]]
    initial: Callable[[int], Floats]


def written_model(design: Design, chains: int) -> WrittenModel:
    """Return the posterior of a design, for a sampler that runs at most so many chains at a time.

    Parameters
    ----------
    design : Design
        Rows and priors.
    chains : int
        Each of those that run at a time needs working memory of its own.

    Returns
    -------
    WrittenModel
        Nothing is compiled after the first of all designs, and that is kept on disk.
    """
    target = target_of(design)
    kept = [(target, new_space(design, target.rows.events.size)) for _ in range(chains)]
    density, expand = callbacks(typeof(kept[0]))
    shapes = dict(zip(NAMES, shapes_of(design), strict=True))
    named = {name: shape if name in DIMS else () for name, shape in shapes.items() if math.prod(shape)}
    dims = {name: DIMS[name] for name in named if name in DIMS}
    return WrittenModel(density, expand, _memory(kept), kept, named, dims, design.coords, _start(target.prior))


def _memory(kept: Sequence[tuple[Target, Space]]) -> NDArray[np.uint64]:
    """Return the words in which the callbacks find posterior and working memory, dims (place, word)."""
    needed = lay_down(*kept[0], np.empty(0, dtype=np.uint64))
    memory = np.zeros((len(kept), REFERENCES + needed), dtype=np.uint64)
    for number, (pair, words) in enumerate(zip(kept, memory, strict=True)):
        words[NEXT] = memory[(number + 1) % len(kept)].ctypes.data
        lay_down(*pair, words[REFERENCES:])
    return memory


def _start(prior: Prior) -> Callable[[int], Floats]:
    """Return how to choose where a chain begins: near the middle of the prior."""
    middle = prior.location.copy()
    middle[prior.positive] = -np.log(prior.precision[prior.positive])

    def start(seed: int) -> Floats:
        return middle + np.random.default_rng(seed).uniform(-JITTER, JITTER, middle.size)

    return start
