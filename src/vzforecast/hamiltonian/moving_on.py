"""From draws of one posterior to draws of another near it, by chains that start there and keep their scales."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from vzforecast.hamiltonian.kernel import run_chain
from vzforecast.hamiltonian.layout import NAMES, Floats, Int64s, Trace, new_space, new_trace, shapes_of
from vzforecast.hamiltonian.target import Prior, target_of
from vzforecast.history import Design
from vzforecast.latent import Array, Draws

# A trajectory this long, in standard deviations, takes a normal variable to a point that owes nothing to its start
# (a quarter of its period is pi / 2); lengths vary by half either way, so that no period is ever met exactly.
LENGTH: Final = 1.8
# Transitions before the first draw, to forget where a chain began, as a share of its draws.
WARM_UP: Final = 0.2
# Leapfrog steps of a trajectory at most, as NUTS has it.
MOST_STEPS: Final = 1023


@dataclass(frozen=True, eq=False)
class Moved:
    """Draws of another posterior.

    Attributes
    ----------
    draws : dict of str to ndarray, dims (chain, draw, ...)
        Free variables.
    stats : dict of str to ndarray, dims (chain, draw)
        ``logp`` (up to a constant), ``energy``, ``n_steps``, ``step_size`` and ``diverging``.
    """

    draws: dict[str, Array]
    stats: dict[str, Array]


def move_on(
    design: Design,
    draws: Draws,
    weights: Array | None,
    step: float,
    *,
    chains: int,
    seed: int,
    transitions: int = 1,
    threads: int | None = None,
) -> Moved:
    r"""Sample the posterior of a design by chains that go on from draws of a posterior near it.

    Hamiltonian Monte Carlo with leapfrog steps and trajectories of random length. Each chain begins at one of its
    draws, chosen by weight; standard deviations of the draws scale its steps. That saves what a sampler without any
    knowledge spends on finding the posterior and on learning scales. As with any chains the result is as good as their
    mixing: judge it.

    Parameters
    ----------
    design : Design
        The new rows and priors, for the same free variables.
    draws : mapping of str to ndarray
        Free variables, leading dim ``sample``, chain after chain.
    weights : ndarray, dims (sample,), or None
        How likely a chain is to begin at each draw, in proportion within the chain; all alike by default, and in a
        chain in which none counts.
    step : float
        Size of a leapfrog step, in standard deviations.
    chains : int
        Chains of the draws, and of the result; so is the number of draws.
    seed : int
        The same seed gives the same draws, whatever the number of threads.
    transitions : int, default 1
        Of the chain from one draw to the next; with more of them the draws of a chain know less of each other.
    threads : int, optional
        Chains that run at a time; by default as many as the machine has cores.

    Returns
    -------
    Moved
        As many draws as there were.

    References
    ----------
    Neal (2011), MCMC using Hamiltonian dynamics, sections 3.2 and 4.2. Gilks and Berzuini (2001), Following a moving
    target: Monte Carlo inference for dynamic Bayesian models.
    """
    target, shapes = target_of(design), shapes_of(design)
    points = unbounded(draws, target.prior, np.random.default_rng([seed, 0]))
    metric = points.std(axis=0)
    own_points = points.reshape(chains, -1, metric.size)
    own_weights = (np.ones(len(points)) if weights is None else weights).reshape(chains, -1)

    def run(chain: int) -> tuple[Trace, Floats]:
        rng, own = np.random.default_rng([seed, chain + 1]), own_weights[chain]
        own = own if own.any() else np.ones_like(own)
        space, trace = new_space(design, target.rows.events.size), new_trace(own.size, metric.size)
        space.position[:] = own_points[chain, rng.choice(own.size, p=own / own.sum())]
        number = int(rng.integers(2**31))  # before the steps, of which there may be more or fewer
        steps = _steps(rng, step, math.ceil(WARM_UP * own.size) + transitions * own.size)
        run_chain(target, space, step * metric, steps, number, trace)
        return trace, steps[-transitions * own.size :].reshape(own.size, -1).sum(axis=1).astype(np.float64)

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        traces, steps = zip(*pool.map(run, range(chains)), strict=True)
    position, log_p, energy, diverged = (np.stack(parts) for parts in zip(*traces, strict=True))
    stats = {"diverging": diverged > 0.0, "energy": energy, "logp": log_p, "n_steps": np.stack(steps)}
    return Moved(bounded(position, target.prior, shapes), {**stats, "step_size": np.full_like(energy, step)})


def _steps(rng: np.random.Generator, step: float, transitions: int) -> Int64s:
    """Return the number of leapfrog steps of each transition."""
    wanted = np.ceil(LENGTH / step * rng.uniform(0.5, 1.5, transitions))
    return np.minimum(wanted, MOST_STEPS).astype(np.int64)


def unbounded(draws: Draws, prior: Prior, rng: np.random.Generator) -> Floats:
    """Return draws as points without bounds, dims (sample, flat).

    A number that is the same in every draw is of a term that its fit did without. Inside the density it keeps its
    prior, apart from everything else, and is drawn from it.
    """
    size = len(draws["tau"])
    values = np.concatenate([draws[name].reshape(size, -1) for name in NAMES if name in draws], axis=1)
    off = np.flatnonzero(np.ptp(values, axis=0) == 0.0)
    values[:, off] = prior.location[off] + rng.standard_normal((size, off.size)) / prior.precision[off]
    values[:, prior.positive] = np.log(np.abs(values[:, prior.positive]))
    return values


def bounded(x: Floats, prior: Prior, shapes: list[tuple[int, ...]]) -> dict[str, Array]:
    """Return points without bounds, dims (..., flat), as free variables by name; empty ones are not among them."""
    values = x.copy()
    values[..., prior.positive] = np.exp(x[..., prior.positive])
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
    parts = zip(NAMES, np.split(values, ends[:-1], axis=-1), shapes, strict=True)
    return {name: part.reshape(*x.shape[:-1], *shape) for name, part, shape in parts if part.size}
