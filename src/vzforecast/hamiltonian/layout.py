"""What the kernel works on: plain arrays under names, and one flat vector seen through them.

Free variables lie one after another in a flat vector, in the order of ``Variables``. The sampler moves it without
bounds: variables that are positive are there as their logs.
"""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.history import Design

type Floats = NDArray[np.float64]
type Int64s = NDArray[np.int64]
type Indices = NDArray[np.uint64]  # never negative, so that an index need not be asked whether it counts from the end


class Variables(NamedTuple):
    """Views of a flat vector: the free variables of the model, under their names there (``lambda`` apart)."""

    rho: Floats  # (score)
    tau: Floats  # (1)
    influence_step: Floats  # (period, faction)
    log_kappa: Floats  # (signal kind)
    bearing_effect: Floats  # (bearing, faction)
    tone_step: Floats  # (period, outcome)
    leverage: Floats  # (outcome, faction)
    leverage_doubt: Floats  # (outcome, faction)
    delta: Floats  # (transition, outcome)
    psi: Floats  # (1)
    log_rate: Floats  # (process)
    spread: Floats  # (grouping)
    level_offset: Floats  # (level)
    slope: Floats  # (covariate)
    coupling_effect: Floats  # (coupling)
    lambda_: Floats  # (1)
    cutpoint: Floats  # (1)


NAMES: Final = tuple(field.rstrip("_") for field in Variables._fields)
DIMS: Final = {
    "rho": (names.SCORE,),
    "influence_step": (names.PERIOD, names.FACTION),
    "log_kappa": (names.SIGNAL_KIND,),
    "bearing_effect": (names.BEARING, names.FACTION),
    "tone_step": (names.PERIOD, names.OUTCOME),
    "leverage": (names.OUTCOME, names.FACTION),
    "leverage_doubt": (names.OUTCOME, names.FACTION),
    "delta": (names.TRANSITION, names.OUTCOME),
    "log_rate": (names.PROCESS,),
    "spread": (names.GROUPING,),
    "level_offset": (names.LEVEL,),
    "slope": (names.COVARIATE,),
    "coupling_effect": (names.COUPLING,),
}


class Latent(NamedTuple):
    """The latent quantities of one point, and what the log density gains with each of them.

    Months after the last of which anything is observed are never set: nothing is gained with them.
    """

    influence: Floats  # (period, faction): log scale
    share: Floats  # (period, faction): softmax, less an equal share
    tone: Floats  # (period, outcome)
    leverage: Floats  # (outcome, faction): centred
    doubt: Floats  # (outcome, faction): centred
    pull: Floats  # (period, outcome)
    recovery: Floats  # (period, outcome): what a recovery feels beyond the pull
    tension: Floats  # (period, outcome)
    bearing: Floats  # (bearing, faction): centred
    effect: Floats  # (level)
    eta: Floats  # (row): log rate


class Space(NamedTuple):
    """Working memory of one chain; the kernel itself allocates nothing."""

    x: Floats  # (flat): where the density is taken, without bounds
    values: Floats  # (flat): the same, positive variables positive
    gradient: Floats  # (flat): of the log density
    v: Variables  # views of values
    g: Variables  # views of gradient
    at: Latent
    gains: Floats  # (flat): all of d
    d: Latent  # views of gains
    chances: Floats  # (faction)
    position: Floats  # (flat): where the chain is
    slope: Floats  # (flat): gradient there
    momentum: Floats  # (flat)


class Trace(NamedTuple):
    """What a chain leaves behind."""

    position: Floats  # (draw, flat)
    log_p: Floats  # (draw)
    energy: Floats  # (draw): with which the last trajectory began
    diverged: Floats  # (draw): 1 if any trajectory since the draw before did


def shapes_of(design: Design) -> list[tuple[int, ...]]:
    """Return the shape of every free variable, in order; those that the model does without are empty."""
    sizes = {name: tuple(len(design.coords[dim]) for dim in dims) for name, dims in DIMS.items()}
    return [sizes.get(name, (1,)) for name in NAMES]


def views(flat: Floats, shapes: list[tuple[int, ...]]) -> Variables:
    """Return a flat vector as named views of it."""
    return Variables(*_parts(flat, shapes))


def new_space(design: Design, rows: int) -> Space:
    """Return working memory for points of one design, of which so many rows are told apart."""
    shapes = shapes_of(design)
    size = sum(math.prod(shape) for shape in shapes)
    values, gradient = np.zeros(size), np.zeros(size)
    flats = (np.zeros(size), values, gradient, views(values, shapes), views(gradient, shapes))
    _, at = _latent(design, rows)
    chances = np.zeros(len(design.coords[names.FACTION]))
    return Space(*flats, at, *_latent(design, rows), chances, np.zeros(size), np.zeros(size), np.zeros(size))


def new_trace(draws: int, size: int) -> Trace:
    """Return room for what a chain leaves behind."""
    return Trace(np.zeros((draws, size)), np.zeros(draws), np.zeros(draws), np.zeros(draws))


def _latent(design: Design, rows: int) -> tuple[Floats, Latent]:
    """Return room for latent quantities: a flat vector, and its named views."""
    size = {dim: len(labels) for dim, labels in design.coords.items()}
    by_faction = (size[names.PERIOD], size[names.FACTION])
    by_outcome = (size[names.PERIOD], size[names.OUTCOME])
    leverage = (size[names.OUTCOME], size[names.FACTION])
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(("influence", "share"), by_faction)
    shapes |= dict.fromkeys(("tone", "pull", "recovery", "tension"), by_outcome)
    shapes |= dict.fromkeys(("leverage", "doubt"), leverage)
    shapes |= {"bearing": (size[names.BEARING], size[names.FACTION]), "effect": (size[names.LEVEL],)}
    shapes["eta"] = (rows,)
    flat = np.zeros(sum(math.prod(shape) for shape in shapes.values()))
    return flat, Latent(**dict(zip(shapes, _parts(flat, shapes.values()), strict=True)))


def _parts(flat: Floats, shapes: Iterable[tuple[int, ...]]) -> list[Floats]:
    """Return a flat vector as consecutive views of some shapes."""
    shapes = list(shapes)
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]
