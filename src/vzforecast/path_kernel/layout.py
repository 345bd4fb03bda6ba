"""What the kernel works on: plain arrays under names.

Times are days after the end of the as-of day and rates are per day; callers convert from months.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vzforecast.names import TRANSITIONS

type Floats = NDArray[np.float64]
type Int16s = NDArray[np.int16]
type Int64s = NDArray[np.int64]
type UInt64s = NDArray[np.uint64]

# What a faction's influence is in a stretch before points are added: what the model says, with points or without
# (free: it gives and takes in proportion), or nothing.
FREE: Final = 0
SHIFTED: Final = 1
SILENT: Final = 2

# A state that is not forced.
UNFORCED: Final = -1


class Course(NamedTuple):
    """Stretches of time within each of which the law is the same; months and dated changes begin one."""

    ends: Floats  # (stretch)
    month_ends: Floats  # (stretch): of the month that it lies in
    months: Int64s  # (stretch): number of the month that begins with it, 0 if none does
    office_steps: Floats  # (stretch, faction): known change when it begins
    proximity_steps: Floats  # (stretch, faction)
    log_factor: Floats  # (stretch, hazard, outcome): added until the outcome first changes
    influence: Int64s  # (stretch, faction): FREE, SHIFTED or SILENT
    points: Floats  # (stretch, faction): added to a shifted share, or to the nothing of a silent faction
    moves_influence: Int64s  # (stretch): whether any faction is not free
    renews_influence: Int64s  # (stretch): whether influence may not be that of the stretch before
    forced: Int64s  # (stretch, outcome): 0 or 1, or UNFORCED
    coupling_factor: Floats  # (stretch, coupling)
    moves_coupling: Int64s  # (stretch): whether a factor is not that of the stretch before
    renews_own: Int64s  # (stretch, outcome): whether its own log rate may not be that of the stretch before


class Couplings(NamedTuple):
    """The couplings that there are: few of the pairs of outcomes have one. Those of a hazard lie side by side."""

    effect: Floats  # (draw, coupling)
    source: Int64s  # (coupling)
    span: Int64s  # (hazard, outcome, 2): its first coupling and the one after its last


class Law(NamedTuple):
    """The law of motion of every draw (see `vzforecast.simulate`); hazard 0 is onset, 1 recovery."""

    log_rate: Floats  # (draw, hazard, outcome)
    leverage: Floats  # (draw, hazard, outcome, faction)
    couplings: Couplings
    scales: Floats  # (draw, 4): tau, psi, rho_office, rho_proximity
    persistence: float  # of the tone, per month
    lasting: float  # share of a coupling that stays
    fade: float  # ln 2 / half-life in days of the rest; 0: nothing fades
    answered: bool  # whether the rest is gone once the outcome it acts on has answered
    course: Course


class Start(NamedTuple):
    """Where the paths of every draw start, and the labels' random streams."""

    influence: Floats  # (draw, faction)
    tone: Floats  # (draw, outcome)
    active: NDArray[np.bool_]  # (outcome)
    since: Floats  # (outcome): day, at most 0, on which it became active
    made: Floats  # (hazard, outcome): day, at most 0, on which it last made that change; -inf: never
    recurrent: NDArray[np.bool_]  # (outcome): back at rest in the moment in which it becomes active
    outcome_streams: UInt64s
    faction_streams: UInt64s


class State(NamedTuple):
    """One path in motion; allocated once and used for path after path."""

    influence: Floats  # (faction)
    influence_streams: UInt64s
    influence_spare: Floats
    shares: Floats  # softmax(influence) - 1/K
    tone: Floats  # (outcome)
    tone_streams: UInt64s
    tone_spare: Floats
    active: Int64s  # (outcome): 0 or 1, which is also the hazard that threatens it
    since: Floats
    made: Floats  # (hazard, outcome): when it last made that change
    changed: Int64s  # (outcome): 0 until it first changes
    clock_streams: UInt64s
    clock: Floats  # unit-exponential time left
    own: Floats  # log rate without the other outcomes' effect
    effect_now: Floats  # size of a coupling to this source when bounds were last set
    effect_later: Floats  # the same at the month's end; as long as it stays active that does not change
    bound: Floats  # highest rate until the month ends or an outcome changes


class Plan(NamedTuple):
    """What one chunk simulates: path p is path p % paths of draw p // paths."""

    base: int  # first path
    stop: int  # path after the last
    paths: int  # of each draw
    seed: np.uint64


class Log(NamedTuple):
    """The transitions of a chunk, path after path; the number of rows of ``times`` is all the room there is."""

    times: Floats
    outcome: Int16s
    ends: Int64s  # (path of the chunk): rows in use after each path


def floats(values: NDArray[np.generic]) -> Floats:
    """Return the one type of float array for which the kernel is compiled."""
    return np.ascontiguousarray(values, dtype=np.float64)


def new_state(outcomes: int, factions: int) -> State:
    """Return working memory for one path at a time; the kernel itself allocates nothing."""

    def zeros(size: int) -> Floats:
        return np.zeros(size, dtype=np.float64)

    def streams(size: int) -> UInt64s:
        return np.zeros(size, dtype=np.uint64)

    return State(
        influence=zeros(factions),
        influence_streams=streams(factions),
        influence_spare=zeros(factions),
        shares=zeros(factions),
        tone=zeros(outcomes),
        tone_streams=streams(outcomes),
        tone_spare=zeros(outcomes),
        active=np.zeros(outcomes, dtype=np.int64),
        since=zeros(outcomes),
        made=np.zeros((len(TRANSITIONS), outcomes), dtype=np.float64),
        changed=np.zeros(outcomes, dtype=np.int64),
        clock_streams=streams(outcomes),
        clock=zeros(outcomes),
        own=zeros(outcomes),
        effect_now=zeros(outcomes),
        effect_later=zeros(outcomes),
        bound=zeros(outcomes),
    )
