"""The numba kernel: log density and gradient of the model of docs/model.md, transitions on it, and both for C to call.

Everything compiled is in this one file on purpose: numba's disk cache watches the file of the function
it compiled, not the files of the functions that one calls.

Each quantity of ``space.at`` has in ``space.d`` what the log density gains with it. First come the quantities, from
free variables to log rates; then what is observed; then gains, carried back in the opposite order. The density leaves
out what is the same at every point.
"""

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

import numpy as np
from numba import cfunc, njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from vzforecast.compiled import Compiler
from vzforecast.hamiltonian.layout import Floats, Int64s, Latent, Space, Trace, Variables
from vzforecast.hamiltonian.target import Leans, Prior, Rows, Signals, Target, Terms

# A trajectory whose energy rises by more has left what the step size can follow (as in Stan).
MAX_ENERGY_RISE = 1000.0


# Digest of the fields and constants that this file reads from others, whose change numba does not notice
# (tests/contract/test_kernel_fields.py says when to set it anew).
FIELDS: Final = "29e0aac727456e6c"


# As for the paths: no memory is allocated, so references to arrays need not be counted. Helpers are written into their
# callers before compiling: by themselves each would be compiled with every array of its arguments, three times as long.
_helper: Compiler = njit(error_model="numpy", _nrt=False, inline="always")
_kernel: Compiler = njit(error_model="numpy", _nrt=False, nogil=True, cache=True)


@_helper
def copy(here: Floats, there: Floats) -> None:
    """Copy a vector."""
    for i in range(here.size):
        there[i] = here[i]


@_helper
def clear(sums: Floats) -> None:
    """Set to nothing what is added up."""
    for i in range(sums.size):
        sums[i] = 0.0


# Quantities ---------------------------------------------------------------------------------------------
@_helper
def set_values(prior: Prior, x: Floats, values: Floats) -> None:
    """Set free variables from the point without bounds."""
    copy(x, values)
    for i in prior.positive:
        values[i] = math.exp(x[i])


@_helper
def set_influence(terms: Terms, v: Variables, at: Latent) -> None:
    """Set log influence, a random walk that follows standing, and shares above an equal share."""
    periods, factions = terms.periods, at.influence.shape[1]
    for k in range(factions):
        walk = 0.0
        for t in range(periods):
            walk += v.influence_step[t, k] * (v.tau[0] if t > 0 else 1.0)
            at.influence[t, k] = walk
            for c in range(v.rho.size):
                at.influence[t, k] += v.rho[c] * terms.standing[c, t, k]
    for t in range(periods):
        top = at.influence[t, 0]
        for k in range(1, factions):
            top = max(top, at.influence[t, k])
        total = 0.0
        for k in range(factions):
            at.share[t, k] = math.exp(at.influence[t, k] - top)
            total += at.share[t, k]
        for k in range(factions):
            at.share[t, k] = at.share[t, k] / total - 1.0 / factions


@_helper
def set_tone(terms: Terms, step: Floats, tone: Floats) -> None:
    """Set the tone of the news, autoregressive with standard deviation 1."""
    phi = terms.persistence
    innovation = math.sqrt(1.0 - phi * phi)
    for o in range(tone.shape[1]):
        tone[0, o] = step[0, o]
        for t in range(1, terms.periods):
            tone[t, o] = phi * tone[t - 1, o] + innovation * step[t, o]


@_helper
def centre(values: Floats, centred: Floats) -> None:
    """Subtract the mean over factions; the gradient of centring is centring."""
    for i in range(values.shape[0]):
        mean = 0.0
        for k in range(values.shape[1]):
            mean += values[i, k]
        mean /= values.shape[1]
        for k in range(values.shape[1]):
            centred[i, k] = values[i, k] - mean


@_helper
def set_tension(terms: Terms, v: Variables, at: Latent) -> None:
    """Set the pull of influence on every outcome, and tension: pull and tone together."""
    centre(v.leverage, at.leverage)
    centre(v.leverage_doubt, at.doubt)
    outcomes = at.pull.shape[1]
    for t in range(terms.periods):
        for o in range(outcomes):
            pull = recovery = 0.0
            for k in range(at.share.shape[1]):
                pull += at.leverage[o, k] * at.share[t, k]
                recovery += at.doubt[o, k] * at.share[t, k]
            at.pull[t, o] = pull * terms.influence
            at.recovery[t, o] = recovery * terms.influence
            at.tension[t, o] = at.pull[t, o] + v.psi[0] * at.tone[t, o] * terms.tone


@_helper
def set_log_rates(terms: Terms, rows: Rows, v: Variables, at: Latent) -> None:
    """Set the log rate of every row: its class, its own doubt, tension and couplings."""
    for level in range(at.effect.size):
        at.effect[level] = v.spread[terms.level_grouping[level]] * v.level_offset[level]
    for r in range(at.eta.size):
        eta = v.log_rate[rows.process[r]]
        if at.effect.size:
            eta += at.effect[rows.first_level[r]] * rows.in_first[r]
            eta += at.effect[rows.second_level[r]] * rows.in_second[r]
        for c in range(v.slope.size):
            eta += v.slope[c] * rows.covariate[c, r]
        if rows.own[r] != 0.0:
            t, o = rows.period[r], rows.outcome[r]
            eta += v.delta[rows.transition[r], o]
            eta += rows.sign[r] * at.tension[t, o] + rows.recovery[r] * at.recovery[t, o]
        at.eta[r] = eta
    for e in range(rows.coupled_row.size):
        effect = v.coupling_effect[rows.coupled_by[e]] * terms.coupling
        at.eta[rows.coupled_row[e]] += rows.coupled_value[e] * effect


# What is observed -----------------------------------------------------------------------------------------
@_helper
def observe_events(rows: Rows, eta: Floats, gain: Floats) -> float:
    """Return the log likelihood of events, Poisson; what a row gains is what it saw beyond what it expected."""
    total = 0.0
    for r in range(eta.size):
        expected = rows.exposure[r] * math.exp(eta[r])
        total += rows.events[r] * eta[r] - expected
        gain[r] = rows.events[r] - expected
    return total


@_helper
def observe_signals(
    terms: Terms, signals: Signals, v: Variables, g: Variables, at: Latent, d: Latent, chances: Floats
) -> float:
    """Return the log likelihood of which faction each news item favours, categorical in weighted log influence."""
    centre(v.bearing_effect, at.bearing)
    total = 0.0
    for i in range(signals.period.size):
        t, kind, bearing = signals.period[i], signals.kind[i], signals.bearing[i]
        weight = signals.weight[i] * math.exp(terms.free_kind[kind] * v.log_kappa[kind])
        top = -np.inf
        for k in range(chances.size):
            chances[k] = weight * at.influence[t, k] + signals.has_bearing[i] * at.bearing[bearing, k]
            top = max(top, chances[k])
        total += chances[signals.favoured[i]] - top
        mass = 0.0
        for k in range(chances.size):
            chances[k] = math.exp(chances[k] - top)
            mass += chances[k]
        total -= math.log(mass)
        for k in range(chances.size):
            gain = (1.0 if k == signals.favoured[i] else 0.0) - chances[k] / mass
            d.influence[t, k] += weight * gain
            d.bearing[bearing, k] += signals.has_bearing[i] * gain
            g.log_kappa[kind] += terms.free_kind[kind] * weight * at.influence[t, k] * gain
    return total


@_helper
def logistic(z: float) -> tuple[float, float]:
    """Return log p and 1 - p of p = 1 / (1 + exp(-z)), without overflow."""
    small = math.exp(-abs(z))
    return min(z, 0.0) - math.log1p(small), (small if z > 0.0 else 1.0) / (1.0 + small)


@_helper
def observe_leans(terms: Terms, leans: Leans, v: Variables, g: Variables, at: Latent, d: Latent) -> float:
    """Return the log likelihood of which way each news item leans, ordered logistic with cutpoints -c and c."""
    c, total = v.cutpoint[0], 0.0
    between = -math.expm1(-2.0 * c)
    log_between, gain_between = math.log(between), 2.0 * (1.0 - between) / between
    for i in range(leans.period.size):
        t, o, weight = leans.period[i], leans.outcome[i], leans.weight[i]
        mood = at.tone[t, o] * terms.tone
        eta = weight * (at.pull[t, o] + v.lambda_[0] * mood)
        if leans.category[i] == 0:
            log_p, missed = logistic(-c - eta)
            total += log_p
            gain = -missed
            g.cutpoint[0] -= missed
        elif leans.category[i] == 2:
            log_p, missed = logistic(eta - c)
            total += log_p
            gain = missed
            g.cutpoint[0] -= missed
        else:
            log_under, over = logistic(c - eta)
            log_over, under = logistic(c + eta)
            total += log_under + log_over + log_between
            gain = under - over
            g.cutpoint[0] += under + over + gain_between
        d.pull[t, o] += gain * weight
        d.tone[t, o] += gain * weight * v.lambda_[0] * terms.tone
        g.lambda_[0] += gain * weight * mood
    return total


# Gains, carried back --------------------------------------------------------------------------------------
@_helper
def back_from_rates(terms: Terms, rows: Rows, v: Variables, g: Variables, d: Latent) -> None:
    """Carry what rows gain back to everything that a log rate is made of."""
    for r in range(d.eta.size):
        gain = d.eta[r]
        g.log_rate[rows.process[r]] += gain
        if d.effect.size:
            d.effect[rows.first_level[r]] += gain * rows.in_first[r]
            d.effect[rows.second_level[r]] += gain * rows.in_second[r]
        for c in range(g.slope.size):
            g.slope[c] += gain * rows.covariate[c, r]
        if rows.own[r] != 0.0:
            t, o = rows.period[r], rows.outcome[r]
            g.delta[rows.transition[r], o] += gain
            d.tension[t, o] += gain * rows.sign[r]
            d.recovery[t, o] += gain * rows.recovery[r]
    for e in range(rows.coupled_row.size):
        gain = d.eta[rows.coupled_row[e]] * rows.coupled_value[e]
        g.coupling_effect[rows.coupled_by[e]] += gain * terms.coupling
    for level in range(d.effect.size):
        g.spread[terms.level_grouping[level]] += d.effect[level] * v.level_offset[level]
        g.level_offset[level] = d.effect[level] * v.spread[terms.level_grouping[level]]


@_helper
def back_from_tension(terms: Terms, v: Variables, g: Variables, at: Latent, d: Latent) -> None:
    """Carry what tension and pull gain back to leverage, shares and tone."""
    outcomes = at.pull.shape[1]
    for t in range(terms.periods):
        for o in range(outcomes):
            gain = d.tension[t, o]
            g.psi[0] += gain * at.tone[t, o] * terms.tone
            d.tone[t, o] += gain * v.psi[0] * terms.tone
            pull = (d.pull[t, o] + gain) * terms.influence
            recovery = d.recovery[t, o] * terms.influence
            for k in range(at.share.shape[1]):
                d.leverage[o, k] += pull * at.share[t, k]
                d.doubt[o, k] += recovery * at.share[t, k]
                d.share[t, k] += pull * at.leverage[o, k] + recovery * at.doubt[o, k]
    centre(d.leverage, g.leverage)
    centre(d.doubt, g.leverage_doubt)
    centre(d.bearing, g.bearing_effect)


@_helper
def back_from_tone(terms: Terms, tone: Floats, step: Floats) -> None:
    """Carry what the tone gains back to its steps, from the last month to the first."""
    phi = terms.persistence
    innovation = math.sqrt(1.0 - phi * phi)
    for o in range(tone.shape[1]):
        gain = 0.0
        for t in range(terms.periods - 1, -1, -1):
            gain = tone[t, o] + phi * gain
            step[t, o] = gain * (innovation if t > 0 else 1.0)


@_helper
def back_from_influence(terms: Terms, v: Variables, g: Variables, at: Latent, d: Latent) -> None:
    """Carry what shares and log influence gain back to the steps of the walk, its scale and standing."""
    periods, factions = terms.periods, at.share.shape[1]
    for t in range(periods):
        mean = 0.0
        for k in range(factions):
            mean += (at.share[t, k] + 1.0 / factions) * d.share[t, k]
        for k in range(factions):
            d.influence[t, k] += (at.share[t, k] + 1.0 / factions) * (d.share[t, k] - mean)
    for k in range(factions):
        gain = 0.0
        for t in range(periods - 1, -1, -1):
            gain += d.influence[t, k]
            g.influence_step[t, k] = gain * (v.tau[0] if t > 0 else 1.0)
            if t > 0:
                g.tau[0] += gain * v.influence_step[t, k]
            for c in range(v.rho.size):
                g.rho[c] += d.influence[t, k] * terms.standing[c, t, k]


@_helper
def add_prior(prior: Prior, x: Floats, values: Floats, gradient: Floats) -> float:
    """Return the log prior of the point without bounds, and turn the gradient into that without bounds."""
    total = 0.0
    for i in range(x.size):
        z = (values[i] - prior.location[i]) * prior.precision[i]
        total -= 0.5 * z * z
        gradient[i] -= z * prior.precision[i]
    for i in prior.positive:  # x = log v, so that the density gains v
        total += x[i]
        gradient[i] = gradient[i] * values[i] + 1.0
    return total


@_kernel
def log_density(target: Target, space: Space) -> float:
    """Set ``space.gradient`` at ``space.x`` and return the log density there, up to a constant."""
    prior, terms, signals, leans, rows = target
    v, g, at, d = space.v, space.g, space.at, space.d
    set_values(prior, space.x, space.values)
    clear(space.gradient)
    clear(space.gains)
    set_influence(terms, v, at)
    set_tone(terms, v.tone_step, at.tone)
    set_tension(terms, v, at)
    set_log_rates(terms, rows, v, at)
    total = observe_events(rows, at.eta, d.eta)
    total += observe_signals(terms, signals, v, g, at, d, space.chances)
    total += observe_leans(terms, leans, v, g, at, d)
    back_from_rates(terms, rows, v, g, d)
    back_from_tension(terms, v, g, at, d)
    back_from_tone(terms, d.tone, g.tone_step)
    back_from_influence(terms, v, g, at, d)
    return total + add_prior(prior, space.x, space.values, space.gradient)


# Transitions ----------------------------------------------------------------------------------------------
@_helper
def kinetic(momentum: Floats) -> float:
    """Return half the squared momentum, in units in which the metric is one."""
    total = 0.0
    for i in range(momentum.size):
        total += momentum[i] * momentum[i]
    return 0.5 * total


@_helper
def kick(space: Space, scale: Floats, part: float) -> None:
    """Let the gradient act on the momentum for a part of a step."""
    for i in range(space.x.size):
        space.momentum[i] += part * scale[i] * space.gradient[i]


@_helper
def drift(space: Space, scale: Floats) -> None:
    """Let the momentum carry the point for a step."""
    for i in range(space.x.size):
        space.x[i] += scale[i] * space.momentum[i]


@_helper
def transition(target: Target, space: Space, steps: int, scale: Floats, log_p: float) -> tuple[float, float, bool]:
    """Move the chain along one trajectory of leapfrog steps, or leave it where it is.

    Return its log density, the energy that it began with, its momentum drawn afresh, and whether it diverged.
    """
    copy(space.position, space.x)
    copy(space.slope, space.gradient)
    for i in range(space.momentum.size):
        space.momentum[i] = np.random.normal()  # noqa: NPY002 - numba's, of the thread
    energy = kinetic(space.momentum) - log_p
    end = log_p
    for n in range(steps):
        kick(space, scale, 0.5 if n == 0 else 1.0)  # the half that ends a step and the half that begins the next
        drift(space, scale)
        end = log_density(target, space)
        if not -end - energy < MAX_ENERGY_RISE:  # all the more with the kinetic energy
            return log_p, energy, True
    kick(space, scale, 0.5)
    rise = kinetic(space.momentum) - end - energy
    if not rise < MAX_ENERGY_RISE:
        return log_p, energy, True
    if math.log(np.random.random()) < -rise:  # noqa: NPY002
        copy(space.x, space.position)
        copy(space.gradient, space.slope)
        log_p = end
    return log_p, energy, False


@_kernel
def run_chain(target: Target, space: Space, scale: Floats, steps: Int64s, seed: int, trace: Trace) -> None:
    """Run a chain from ``space.position`` and fill its trace.

    Parameters
    ----------
    target : Target
        The posterior.
    space : Space
        Working memory; ``position`` is where the chain begins.
    scale : ndarray, dims (flat,)
        Size of a leapfrog step.
    steps : ndarray, dims (transition,)
        Leapfrog steps of each transition.
    seed : int
        Of momenta and acceptance.
    trace : Trace
        Filled here. As many transitions lie between draws as fit, the last draw is where the last one ends, and those
        before are the warm-up.
    """
    np.random.seed(seed)  # noqa: NPY002 - of this thread, in which the whole chain runs
    copy(space.position, space.x)
    log_p = log_density(target, space)
    copy(space.gradient, space.slope)
    thin = steps.size // trace.log_p.size
    warm_up = steps.size - thin * trace.log_p.size
    for n in range(steps.size):
        log_p, energy, diverged = transition(target, space, steps[n], scale, log_p)
        if n < warm_up:
            continue
        draw = (n - warm_up) // thin
        trace.log_p[draw], trace.energy[draw] = log_p, energy
        for i in range(scale.size):
            trace.position[draw, i] = space.position[i]
        if diverged:
            trace.diverged[draw] = 1.0


# For samplers that call C ---------------------------------------------------------------------------------
# Such a sampler hands over addresses and nothing else. What the kernel works on, some ninety arrays under names, lies
# at one of them as numba holds it, and is read from there in a fraction of a microsecond; out of Python it takes 20.
_instruction: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic


@_instruction
def size_in_memory(_typing: Any, value: Any) -> Any:
    """Return the size of a value as numba holds it, in bytes."""

    def generate(context: Any, _builder: Any, signature: Any, _values: Any) -> Any:
        return context.get_constant(types.intp, context.get_abi_sizeof(context.get_value_type(signature.args[0])))

    return types.intp(value), generate


@_instruction
def store(_typing: Any, _address: Any, value: Any) -> Any:
    """Write a value at an address, as numba holds it: arrays as references, which somebody else must keep alive."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        builder.store(values[1], builder.inttoptr(values[0], context.get_value_type(signature.args[1]).as_pointer()))
        return context.get_dummy_value()

    return types.void(types.uintp, value), generate


@_instruction
def load(_typing: Any, _address: Any, like: Any) -> Any:
    """Read from an address a number of a type, or what a pointer of a type would point to."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kept = context.get_value_type(signature.return_type)
        return builder.load(builder.inttoptr(values[0], kept.as_pointer()))

    return like.dtype(types.uintp, like), generate


@_instruction
def number_of(_typing: Any, pointer: Any) -> Any:
    """Return the address that a pointer is."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.ptrtoint(values[0], context.get_value_type(types.uintp))

    return types.uintp(pointer), generate


@_instruction
def exchange(_typing: Any, _address: Any, _value: Any) -> Any:
    """Write a 64-bit number at an address and return what was there, with no other thread in between."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        kept = context.get_value_type(types.uint64)
        return builder.atomic_rmw("xchg", builder.inttoptr(values[0], kept.as_pointer()), values[1], "seq_cst")

    return types.uint64(types.uintp, types.uint64), generate


@_kernel
def lay_down(target: Target, space: Space, words: NDArray[np.uint64]) -> int:
    """Write a posterior and its working memory, by reference, into words that are enough; return how many are."""
    needed: int = (size_in_memory((target, space)) + 7) // 8
    if words.size >= needed:
        store(words.ctypes.data, (target, space))
    return needed


# The memory is a ring of places, one for each chain that may run: a word that is 1 while a chain is in the place, the
# address of the next place, and the references.
NEXT: Final = 1
REFERENCES: Final = 2

_c_function: Callable[..., Callable[[Callable[..., int]], Any]] = partial(
    cfunc, cache=True, error_model="numpy", _nrt=False
)


@cache
def callbacks(kind: Any) -> tuple[Any, Any]:
    """Return the density, and free variables from a point, as C functions.

    They are called with the size of the point (and the number of free variables), the addresses of the point and of
    what is asked for, and the address of the memory. What lies there is in the type of that last address and not in
    a closure: closures are told apart on disk by what numba numbers anew in every process.

    Parameters
    ----------
    kind : numba type
        Of the pair of ``Target`` and ``Space``; the same for every case.

    Returns
    -------
    density, expand : numba CFunc
        Status 0 is good. The density returns 4 where it is not finite and 3 where its gradient is not, from where a
        sampler turns back.
    """
    numbers, where = types.CPointer(types.float64), types.CPointer(kind)

    @_c_function(types.int64(types.uint64, numbers, numbers, numbers, where))
    def density(size: int, x: Any, gradient: Any, log_p: Any, memory: Any) -> int:
        place = number_of(memory)
        while exchange(place, np.uint64(1)):
            place = load(place + np.uint64(8 * NEXT), types.uint64)
        target, space = load(place + np.uint64(8 * REFERENCES), memory)
        for i in range(size):
            space.x[i] = x[i]
        log_p[0] = log_density(target, space)
        status = 0 if math.isfinite(log_p[0]) else 4
        for i in range(size):
            gradient[i] = space.gradient[i]
            if status == 0 and not math.isfinite(gradient[i]):
                status = 3
        exchange(place, np.uint64(0))
        return status

    @_c_function(types.int64(types.uint64, types.uint64, numbers, numbers, where))
    def expand(size: int, _values: int, x: Any, values: Any, memory: Any) -> int:
        target, _ = load(number_of(memory) + np.uint64(8 * REFERENCES), memory)
        for i in range(size):
            values[i] = x[i]
        for i in target.prior.positive:
            values[i] = math.exp(x[i])
        return 0

    return density, expand
