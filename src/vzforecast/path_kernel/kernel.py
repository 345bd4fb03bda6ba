"""The numba kernel of the path simulator: random streams and one loop over paths.

Everything compiled is in this one file on purpose: numba's disk cache watches the file of the function
it compiled, not the files of the functions that one calls.

Times are days after the end of the as-of day and rates are per day here; callers convert from months.
"""

import math
from typing import Final

import numpy as np
from numba import njit

from vzforecast.compiled import Compiler
from vzforecast.path_kernel.layout import FREE, SHIFTED, UNFORCED, Floats, Law, Log, Plan, Start, State, UInt64s

# A path with more candidate events than this in one stretch of time has rates far outside anything a forecast can mean
# (thousands of changes a day); the kernel stops and says so instead of filling the memory.
MAX_CANDIDATES: Final = 200_000

# Why a path could not be completed.
NO_ROOM: Final = -1
TOO_FAST: Final = -2

# Digest of the fields and constants that this file reads from others, whose change numba does not notice
# (tests/contract/test_kernel_fields.py says when to set it anew).
FIELDS: Final = "e244f49022f436a7"


# Compiling: divisions follow IEEE (x / 0 = inf). The kernel allocates no memory, so it does without the counting of
# references to every array passed along (three times faster, half the compile time).
_helper: Compiler = njit(error_model="numpy", _nrt=False)
_inlined: Compiler = njit(error_model="numpy", _nrt=False, forceinline=True)
_kernel: Compiler = njit(error_model="numpy", _nrt=False, nogil=True, cache=True)

# Random streams -----------------------------------------------------------------------------------------
# splitmix64 (Steele, Lea and Flood 2014): a counter advanced by an odd constant, passed through a mixing
# function. The start of each stream is a hash of (seed, draw, path, label, purpose), so a number depends on
# nothing else: not on threads, not on how many draws or paths there are, not on the order of the labels.
GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2: Final = np.uint64(0x94D049BB133111EB)
_SHIFT_1: Final = np.uint64(30)
_SHIFT_2: Final = np.uint64(27)
_SHIFT_3: Final = np.uint64(31)
_TO_52_BITS: Final = np.uint64(12)
_CELL: Final = 2.0**-52

# What a label's stream is for; an outcome and a faction of one name must not share numbers.
CLOCK: Final = np.uint64(1)
TONE: Final = np.uint64(2)
INFLUENCE: Final = np.uint64(3)


@_inlined
def mix(state: np.uint64) -> np.uint64:
    """Return the 64 well mixed bits that belong to one counter value."""
    state = (state ^ (state >> _SHIFT_1)) * _MULTIPLIER_1
    state = (state ^ (state >> _SHIFT_2)) * _MULTIPLIER_2
    return state ^ (state >> _SHIFT_3)


@_inlined
def fold(key: np.uint64, value: np.uint64) -> np.uint64:
    """Return a new key that depends on the old one and on one more value; the order matters."""
    return mix(mix(key + GAMMA) ^ mix(value + GAMMA))


@_inlined
def to_unit(bits: np.uint64) -> float:
    """Return a uniform in the open interval (0, 1): the midpoints of 2^52 equal cells."""
    return (np.float64(bits >> _TO_52_BITS) + 0.5) * _CELL


@_inlined
def next_unit(streams: UInt64s, i: int) -> float:
    """Advance stream ``i`` and return its next uniform."""
    streams[i] += GAMMA
    return to_unit(mix(streams[i]))


@_helper
def next_normal(streams: UInt64s, spare: Floats, i: int, step: int) -> float:
    """Return standard normal number ``step`` (1, 2, ...) of stream ``i``: the polar method (Marsaglia and Bray 1964).

    It makes two normals at a time, so odd steps draw a pair and even steps take what the odd one left in ``spare``.
    """
    if step % 2 == 0:
        return float(spare[i])
    x = y = 0.0
    square = 1.0
    while square >= 1.0:
        x = 2.0 * next_unit(streams, i) - 1.0
        y = 2.0 * next_unit(streams, i) - 1.0
        square = x * x + y * y
    # square is not 0: next_unit is never exactly one half
    factor = math.sqrt(-2.0 * math.log(square) / square)
    spare[i] = y * factor
    return x * factor


# Starting --------------------------------------------------------------------------------------------------
@_helper
def start_path(state: State, start: Start, key: np.uint64, j: int) -> None:
    """Put the path with random key ``key`` at as-of, by draw ``j``."""
    for k in range(state.influence.size):
        state.influence[k] = start.influence[j, k]
        state.influence_streams[k] = fold(fold(key, start.faction_streams[k]), INFLUENCE)
    for o in range(state.tone.size):
        state.tone[o] = start.tone[j, o]
        state.active[o] = start.active[o]
        state.since[o] = start.since[o]
        state.made[0, o], state.made[1, o] = start.made[0, o], start.made[1, o]
        state.changed[o] = 0
        state.tone_streams[o] = fold(fold(key, start.outcome_streams[o]), TONE)
        state.clock_streams[o] = fold(fold(key, start.outcome_streams[o]), CLOCK)
        state.clock[o] = -math.log(next_unit(state.clock_streams, o))


# Rates --------------------------------------------------------------------------------------------------
@_helper
def step_latent(state: State, law: Law, j: int, m: int) -> None:
    """Take the latent state into month ``m``: a random walk, and an autoregression."""
    tau = law.scales[j, 0]
    for k in range(state.influence.size):
        state.influence[k] += tau * next_normal(state.influence_streams, state.influence_spare, k, m)
    innovation = math.sqrt(1.0 - law.persistence * law.persistence)
    for o in range(state.tone.size):
        z = next_normal(state.tone_streams, state.tone_spare, o, m)
        state.tone[o] = law.persistence * state.tone[o] + innovation * z


@_helper
def step_standing(state: State, law: Law, j: int, w: int) -> None:
    """Add what is known of the factions' standing when stretch ``w`` begins."""
    rho_office, rho_proximity = law.scales[j, 2], law.scales[j, 3]
    for k in range(state.influence.size):
        known = rho_office * law.course.office_steps[w, k] + rho_proximity * law.course.proximity_steps[w, k]
        state.influence[k] += known


@_helper
def set_shares(state: State) -> None:
    """Set influence above the equal share: softmax(u) - 1/K."""
    u, shares = state.influence, state.shares
    top = u[0]
    for k in range(1, u.size):
        top = max(top, u[k])
    total = 0.0
    for k in range(u.size):
        shares[k] = math.exp(u[k] - top)
        total += shares[k]
    for k in range(u.size):
        shares[k] = shares[k] / total - 1.0 / u.size


@_helper
def move_shares(state: State, law: Law, w: int) -> None:
    """Move the shares of some factions; the free ones give or take in proportion, so that all add up to one."""
    shares, equal = state.shares, 1.0 / state.shares.size
    taken = free = 0.0
    for k in range(shares.size):
        if law.course.influence[w, k] == FREE:
            free += shares[k] + equal
        else:
            own = shares[k] + equal if law.course.influence[w, k] == SHIFTED else 0.0
            shares[k] = min(1.0, max(0.0, own + law.course.points[w, k])) - equal
            taken += shares[k] + equal
    # Moved factions can take no more than all there is; they share it if they ask for more.
    left, excess = max(0.0, 1.0 - taken), max(1.0, taken)
    for k in range(shares.size):
        scale = left / free if law.course.influence[w, k] == FREE else 1.0 / excess
        shares[k] = (shares[k] + equal) * scale - equal


@_inlined
def set_own(state: State, law: Law, j: int, w: int, o: int) -> None:
    """Set the log rate of the hazard that now threatens outcome ``o``, without the other outcomes' effect."""
    hazard = state.active[o]
    value = law.log_rate[j, hazard, o]
    for k in range(state.shares.size):
        value += law.leverage[j, hazard, o, k] * state.shares[k]
    tone_effect = law.scales[j, 1] * state.tone[o]
    value += -tone_effect if hazard == 1 else tone_effect
    if state.changed[o] == 0:
        value += law.course.log_factor[w, hazard, o]
    state.own[o] = value if law.course.forced[w, o] == UNFORCED else -np.inf


@_inlined
def fading(law: Law, age: float) -> float:
    """Return the size of a coupling ``age`` days after its source became active, relative to its start."""
    return law.lasting + (1.0 - law.lasting) * math.exp(-law.fade * age)


@_inlined
def answered(state: State, law: Law, o: int, source: int) -> bool:
    """Return whether outcome ``o`` has made the change that threatens it since ``source`` became active."""
    return bool(law.answered and state.made[state.active[o], o] > state.since[source])


@_inlined
def coupling(law: Law, j: int, w: int, c: int) -> float:
    """Return what coupling ``c`` does to a log rate while its source is active and before it fades."""
    return float(law.couplings.effect[j, c] * law.course.coupling_factor[w, c])


@_inlined
def touches(state: State, law: Law, j: int, w: int, o: int, source: int) -> bool:
    """Return whether ``source`` has an effect on the hazard that now threatens outcome ``o``."""
    span = law.couplings.span[state.active[o], o]
    for c in range(span[0], span[1]):
        if law.couplings.source[c] == source:
            return coupling(law, j, w, c) != 0.0
    return False


@_helper
def rate_at(state: State, law: Law, j: int, w: int, o: int, t: float) -> float:
    """Return the rate per day of the hazard that now threatens outcome ``o``, at time ``t``."""
    value = state.own[o]
    span = law.couplings.span[state.active[o], o]
    for c in range(span[0], span[1]):
        source = law.couplings.source[c]
        if state.active[source] == 1:
            left = law.lasting if answered(state, law, o, source) else fading(law, t - state.since[source])
            value += coupling(law, j, w, c) * left
    return math.exp(value)


@_inlined
def set_bound(state: State, law: Law, j: int, w: int, o: int) -> None:
    """Set the bound on the rate of outcome ``o``, from the effects of those now active.

    A source's effect only falls, so a coupling is largest now if it raises the rate and at the month's end if it
    lowers it.
    """
    value = state.own[o]
    span = law.couplings.span[state.active[o], o]
    for c in range(span[0], span[1]):
        source = law.couplings.source[c]
        if state.active[source] == 1:
            effect = coupling(law, j, w, c)
            if answered(state, law, o, source):
                value += effect * law.lasting
            else:
                value += effect * (state.effect_now[source] if effect > 0.0 else state.effect_later[source])
    state.bound[o] = math.exp(value)


@_inlined
def set_bounds(state: State, law: Law, j: int, w: int, t: float, changed: int) -> None:
    """Set bounds on rates from ``t`` to the month's end, each good while no outcome that acts on its own changes.

    After outcome ``changed`` has changed (-1: all are new) only the rates that it acts on get new bounds: what does not
    touch an outcome leaves its candidates where they were. Where several are forced at one time, each has a call of its
    own, and a bound that rests on one whose call is still to come is set again by it.
    """
    end = law.course.month_ends[w]
    for s in range(state.active.size):
        if state.active[s] == 1:
            state.effect_now[s] = fading(law, t - state.since[s])
            if changed < 0 or s == changed:  # the month's end is the same for the others
                state.effect_later[s] = fading(law, end - state.since[s])
    for o in range(state.active.size):
        if changed < 0 or o == changed or touches(state, law, j, w, o, changed):
            set_bound(state, law, j, w, o)


# Paths --------------------------------------------------------------------------------------------------
@_helper
def run_clocks(state: State, longest: float) -> tuple[float, int]:
    """Run all clocks to the first that ends, or for ``longest``; return how long and which (-1: none).

    A new bound needs no new random number: what is left of a clock simply runs down faster or slower.
    """
    wait, who = longest, -1
    for o in range(state.clock.size):
        if state.clock[o] < wait * state.bound[o]:
            wait, who = state.clock[o] / state.bound[o], o
    for o in range(state.clock.size):
        state.clock[o] = max(0.0, state.clock[o] - wait * state.bound[o])
    return wait, who


@_inlined
def force(state: State, law: Law, w: int, t: float, size: int, log: Log) -> int:
    """Put outcomes into the states that are forced from stretch ``w`` on; return the log's length or NO_ROOM."""
    for o in range(state.active.size):
        if law.course.forced[w, o] == 1 - state.active[o]:  # not the state it is in, and not free
            size = append(log, size, t, o)
            if size < 0:
                return NO_ROOM
            state.made[state.active[o], o] = t
            state.active[o], state.since[o], state.changed[o] = 1 - state.active[o], t, 1
    return size


@_inlined
def append(log: Log, size: int, t: float, o: int) -> int:
    """Append a transition to the log; return its length or NO_ROOM."""
    if size == log.times.size:
        return NO_ROOM
    log.times[size], log.outcome[size] = t, o
    return size + 1


@_inlined
def renew_influence(state: State, law: Law, j: int, w: int) -> None:
    """Set the factions' shares anew where stretch ``w`` begins."""
    step_standing(state, law, j, w)
    set_shares(state)
    if law.course.moves_influence[w] == 1:
        move_shares(state, law, w)


@_inlined
def begin_stretch(state: State, law: Law, j: int, w: int, t: float) -> None:
    """Take the latent state into stretch ``w`` and set what follows from it and from states forced at ``t``."""
    month = law.course.months[w]
    if month > 0:
        step_latent(state, law, j, month)
    if law.course.renews_influence[w] == 1:
        renew_influence(state, law, j, w)
    afresh = month > 0 or w == 0 or law.course.moves_coupling[w] == 1
    for o in range(state.active.size):
        if law.course.renews_own[w, o] == 1:
            before = state.own[o]
            set_own(state, law, j, w, o)
            # Within a month a bound stays good while the rate's own part is the same; so do the outcome's candidates.
            if not afresh and state.own[o] != before:
                set_bound(state, law, j, w, o)
    if afresh:
        set_bounds(state, law, j, w, t, -1)
        return
    for o in range(state.active.size):
        if law.course.forced[w, o] != UNFORCED and state.since[o] == t:
            set_bounds(state, law, j, w, t, o)


@_inlined
def run_stretch(state: State, law: Law, start: Start, j: int, w: int, t: float, size: int, log: Log) -> int:
    """Simulate stretch ``w`` and append its transitions to the log; return the log's length, NO_ROOM or TOO_FAST."""
    end = law.course.ends[w]
    for _ in range(MAX_CANDIDATES):
        wait, who = run_clocks(state, end - t)
        if who < 0:
            return size
        if not state.bound[who] < np.inf:
            return TOO_FAST
        t += wait
        happens = next_unit(state.clock_streams, who) * state.bound[who] < rate_at(state, law, j, w, who, t)
        state.clock[who] = -math.log(next_unit(state.clock_streams, who))
        if happens:
            size = append(log, size, t, who)
            if size >= 0 and start.recurrent[who]:
                size = append(log, size, t, who)
            if size < 0:
                return size
            state.made[state.active[who], who] = t
            if not start.recurrent[who]:
                state.active[who] = 1 - state.active[who]
                state.since[who] = t
            state.changed[who] = 1
            set_own(state, law, j, w, who)
            set_bounds(state, law, j, w, t, who)
    return TOO_FAST


@_kernel
def run_paths(first: int, plan: Plan, law: Law, start: Start, state: State, log: Log) -> tuple[int, int]:
    """Simulate the paths of a chunk from ``first`` on and append their transitions to its log.

    One clock an outcome, the modified next-reaction method (Gibson and Bruck 2000, Anderson 2007): a unit
    exponential runs down at the outcome's rate and the outcome changes state when it is used up. Within a stretch and
    between transitions only the fading of couplings moves a rate; there the clock runs at a constant upper bound
    and a candidate is kept with probability rate / bound (thinning, Lewis and Shedler 1979).

    Parameters
    ----------
    first : int
        First path to run; those before it are in the log already.
    plan : Plan
        The chunk.
    law : Law
        The law of motion.
    start : Start
        Where paths start.
    state : State
        Working memory.
    log : Log
        Filled here.

    Returns
    -------
    next : int
        The first path not completed; ``plan.stop`` if all were.
    why : int
        0, NO_ROOM in the log or TOO_FAST.
    """
    size = log.ends[first - plan.base - 1] if first > plan.base else 0
    for p in range(first, plan.stop):
        j = p // plan.paths
        key = fold(fold(fold(plan.seed, GAMMA), np.uint64(j)), np.uint64(p % plan.paths))
        start_path(state, start, key, j)
        t = 0.0
        for w in range(law.course.ends.size):
            size = force(state, law, w, t, size, log)
            if size >= 0:
                begin_stretch(state, law, j, w, t)
                size = run_stretch(state, law, start, j, w, t, size, log)
            if size < 0:
                return p, size
            t = law.course.ends[w]
        log.ends[p - plan.base] = size
    return plan.stop, 0
