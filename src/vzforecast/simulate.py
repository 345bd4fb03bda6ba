"""Simulate the joint future of all outcomes, several paths for every posterior draw (model.md, section 3).

The law, in month m and for hazard r (onset 0, recovery 1) of outcome o, rates per month::

    log rate = log_rate[r,o] + sum_k leverage[r,o,k] (softmax(u)_k - 1/K) +/- psi n_o + sum_o' coupling[r,o,o'] X_o'(t)
    X_o'     = active_o' (q + (1 - q) 2^(-age/h))

with + for onset and - for recovery. When a month begins, ``u += rho_office dP + rho_proximity dQ + tau z`` and
``n = phi n + sqrt(1 - phi^2) z``, the z drawn anew for every path. Event times are exact: there is no time step.
What else changes the law at some day, a scheduled decision or an intervention, is a `Course`.
"""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import blake2b
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from vzforecast.course import Cells, Course, stretches
from vzforecast.errors import SettingsError, VzForecastError
from vzforecast.names import DAYS_PER_MONTH
from vzforecast.path_kernel.kernel import MAX_CANDIDATES, NO_ROOM, TOO_FAST, run_paths
from vzforecast.path_kernel.layout import Couplings, Law, Log, Plan, Start, floats, new_state
from vzforecast.paths import Bools, Floats, Int64s, Paths, Record

type UInt64s = NDArray[np.uint64]

# Chunks: enough that a progress bar moves and both threads end together, few enough that their cost does not show.
_CHUNKS: Final = 24
_ROOM_PER_PATH: Final = 8
# What the kernel's rates are made of: by the name of each prepared thing the field that is its own, and what all share.
_PREPARED: Final = {"_log_rate": "log_rate", "_leverage": "leverage", "_coupling": "coupling", "cells": "coupling"}
_STREAMS: Final = {"outcome_streams", "faction_streams"}


class SimulationError(VzForecastError, ArithmeticError):
    """A draw whose rates are too high to simulate: thousands of changes of state a day."""


@dataclass(frozen=True, eq=False)
class Dynamics:
    """Everything the simulator needs, for S posterior draws.

    Parameters
    ----------
    log_rate : float64[draw, 2, outcome]
        Log rate per month of onset (0) and recovery (1) with every constant term in it; -inf never happens.
    leverage : float64[draw, 2, outcome, faction]
        Effect on a log rate of a faction's influence above its equal share 1/K.
    coupling : float64[draw, 2, outcome, outcome]
        Effect on the hazards of the first outcome while the second is active.
    influence_now : float64[draw, faction]
        Influence at as-of on the log scale (u).
    tone_now : float64[draw, outcome]
        Tone of the news at as-of (n).
    tau, psi, rho_office, rho_proximity : float64[draw]
        Monthly sd of u; effect of the tone; effects of office and of closeness to the president on u.
    persistence : float
        Autocorrelation of the tone from month to month (phi).
    office_steps, proximity_steps : float64[month, faction]
        Known change of the two scores when the month begins; row 0 is the rest of the current month and unused.
    month_ends : float64[month]
        Days after as-of at which each month ends; the last is the horizon.
    active_now : bool[outcome]
        State at the end of the as-of day.
    active_for : float64[outcome]
        Months since the outcome became active; 0 where at rest.
    fade_half_life : float
        Half-life in months of the fading part of a coupling (h).
    lasting_share : float
        Share of a coupling that stays (q).
    outcome_streams, faction_streams : uint64[outcome], uint64[faction]
        Identity of each label's own random numbers, from `stream_id`.
    recurrent : bool[outcome], optional
        Outcomes that are back at rest in the moment in which they become active: an event that is counted. None by
        default.
    made_ago : float64[transition, outcome], optional
        Months since an outcome last made each change, inf where it never did. Then a coupling is down to its lasting
        share as soon as the outcome it acts on has made the change in question since the source became active: it has
        answered. By default nothing but time wears a coupling off.
    """

    log_rate: Floats
    leverage: Floats
    coupling: Floats
    influence_now: Floats
    tone_now: Floats
    tau: Floats
    psi: Floats
    rho_office: Floats
    rho_proximity: Floats
    persistence: float
    office_steps: Floats
    proximity_steps: Floats
    month_ends: Floats
    active_now: Bools
    active_for: Floats
    fade_half_life: float
    lasting_share: float
    outcome_streams: UInt64s
    faction_streams: UInt64s
    recurrent: Bools | None = None
    made_ago: Floats | None = None

    def __post_init__(self) -> None:
        draws, outcomes, factions = self.draws, self.outcome_streams.size, self.faction_streams.size
        months = self.month_ends.size
        shapes = {
            "log_rate": (draws, 2, outcomes),
            "leverage": (draws, 2, outcomes, factions),
            "coupling": (draws, 2, outcomes, outcomes),
            "influence_now": (draws, factions),
            "tone_now": (draws, outcomes),
            **dict.fromkeys(("tau", "psi", "rho_office", "rho_proximity"), (draws,)),
            "office_steps": (months, factions),
            "proximity_steps": (months, factions),
            "active_now": (outcomes,),
            "active_for": (outcomes,),
        }
        for name, shape in shapes.items():
            found = getattr(self, name)
            if found.shape != shape:
                raise ValueError(f"{name} has shape {found.shape}, not {shape}")
            if name != "log_rate" and not np.all(np.isfinite(found)):
                raise ValueError(f"{name} must be finite")
        _check_values(self)

    @property
    def draws(self) -> int:
        """Number of posterior draws."""
        return int(self.log_rate.shape[0])

    @cached_property
    def places(self) -> tuple[Int64s, Int64s]:
        """Outcomes and factions in the order in which the kernel sees them, that of their streams.

        Sums of floats depend on their order, so that it is not to depend on how labels are listed.
        """
        return np.argsort(self.outcome_streams), np.argsort(self.faction_streams)

    @property
    def rates(self) -> tuple[Floats, Floats, Couplings]:
        """Log rates per day, leverage and couplings as the kernel reads them."""
        return self._log_rate, self._leverage, self._coupling

    @cached_property
    def cells(self) -> Cells:
        """Hazard, outcome and source outcome of each coupling that there is in any draw, by their places."""
        outcomes, _ = self.places
        hazard, outcome, source = np.nonzero(np.any(self.coupling, axis=0)[:, outcomes][..., outcomes])
        return hazard, outcome, source

    @cached_property
    def _log_rate(self) -> Floats:
        return floats(self.log_rate[:, :, self.places[0]] - math.log(DAYS_PER_MONTH))

    @cached_property
    def _leverage(self) -> Floats:
        return _ordered(self.leverage, *self.places)

    @cached_property
    def _coupling(self) -> Couplings:
        (outcomes, _), (hazard, outcome, source) = self.places, self.cells
        row = hazard * outcomes.size + outcome
        ends = np.searchsorted(row, np.arange(2 * outcomes.size + 1))
        return Couplings(
            effect=floats(self.coupling[:, hazard, outcomes[outcome], outcomes[source]]),
            source=np.ascontiguousarray(source),  # of one type for the kernel, whatever there is
            span=np.stack([ends[:-1], ends[1:]], axis=1).reshape(2, outcomes.size, 2),
        )

    def starting(self, **start: Any) -> Self:
        """Return the same law from another start, or for another span, without preparing its rates again.

        Parameters
        ----------
        **start
            Other fields than ``log_rate``, ``leverage``, ``coupling`` and the streams.

        Returns
        -------
        Dynamics
            Checked as a new one.

        Raises
        ------
        ValueError
            A field that the prepared rates are made of is among them.
        """
        if prepared := sorted(start.keys() & {*_PREPARED.values(), *_STREAMS}):
            raise ValueError(f"{', '.join(prepared)}: rates are kept as prepared; make new dynamics for others")
        return self._sharing(start)

    def with_rates(self, **rates: Floats) -> Self:
        """Return another law from the same start, preparing again what differs and nothing else.

        Parameters
        ----------
        **rates
            ``log_rate``, ``leverage`` or ``coupling``.

        Returns
        -------
        Dynamics
            Checked as a new one.

        Raises
        ------
        ValueError
            Another field is among them.
        """
        if others := sorted(rates.keys() - {*_PREPARED.values()}):
            raise ValueError(f"{', '.join(others)}: only rates are exchanged; make new dynamics for another start")
        return self._sharing(rates)

    def _sharing(self, changed: dict[str, Any]) -> Self:
        """Return a law with some other fields than the streams, and all that is prepared of the fields it keeps."""
        other = replace(self, **changed)
        kept = {"places", *(name for name, field in _PREPARED.items() if field not in changed)}
        other.__dict__.update({name: getattr(self, name) for name in kept})  # where cached properties are kept
        return other


def _ordered(values: Floats, rows: Int64s, columns: Int64s) -> Floats:
    """Return an array with its last two dims in other orders, draw by draw: cells are taken in one go."""
    cells = np.arange(values[0].size).reshape(values.shape[1:])[..., rows[:, None], columns]
    return floats(np.take(values.reshape(len(values), -1), cells, axis=1))


def _check_values(dynamics: Dynamics) -> None:
    """Refuse values under which the law has no meaning."""
    ends = dynamics.month_ends
    if not np.all(dynamics.log_rate < np.inf):
        raise ValueError("log_rate must be finite or -inf")
    if not ends.size or not np.all(np.isfinite(ends)) or np.any(np.diff(ends, prepend=0.0) < 0):
        raise ValueError("month_ends must be finite, not negative and ascending")
    if not 0 <= dynamics.persistence <= 1 or not 0 <= dynamics.lasting_share <= 1:
        raise ValueError("persistence and lasting_share must lie in 0..1")
    if not dynamics.fade_half_life > 0 or np.any(dynamics.active_for < 0):
        raise ValueError("fade_half_life must be positive and active_for not negative")
    _check_outcomes(dynamics)
    for streams in (dynamics.outcome_streams, dynamics.faction_streams):
        if not streams.size or np.unique(streams).size != streams.size:
            raise ValueError("there must be outcomes and factions, each with a random stream of its own")


def _check_outcomes(dynamics: Dynamics) -> None:
    """Refuse what contradicts itself about outcomes that recur or have answered."""
    if dynamics.recurrent is not None and dynamics.recurrent.shape != dynamics.active_now.shape:
        raise ValueError(f"recurrent has shape {dynamics.recurrent.shape}, not {dynamics.active_now.shape}")
    if dynamics.recurrent is not None and np.any(dynamics.recurrent & dynamics.active_now):
        raise ValueError("an outcome that is recurrent is never active at the end of a day")
    if dynamics.made_ago is not None and dynamics.made_ago.shape != (2, dynamics.active_now.size):
        raise ValueError(f"made_ago has shape {dynamics.made_ago.shape}, not {(2, dynamics.active_now.size)}")
    if dynamics.made_ago is not None and not np.all(dynamics.made_ago >= 0):
        raise ValueError("made_ago must not be negative")


def stream_id(name: str) -> int:
    """Return the identity of a label's random stream: the same on every machine and in every version.

    Examples
    --------
    >>> stream_id("sanctions") == stream_id("sanctions")
    True
    """
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def simulate(
    dynamics: Dynamics,
    record: Record,
    *,
    paths: int,
    seed: int,
    course: Course | None = None,
    progress: Callable[[float], None] | None = None,
    threads: int | None = None,
) -> Paths:
    """Simulate paths of all outcomes from as-of to the horizon.

    Path r of draw j is the same whatever the number of draws, paths or threads, and permuting outcomes or factions
    together with their streams permutes the result exactly.

    Parameters
    ----------
    dynamics : Dynamics
        Posterior draws of the law, and where it starts.
    record : Record
        What is known up to as-of; its outcomes are those of ``dynamics``, in the same order.
    paths : int
        Paths of each draw.
    seed : int
        0 <= seed < 2^64.
    course : Course, optional
        What changes the law as time goes by; nothing by default. Up to its first change paths are the same as without.
    progress : callable, optional
        Called in this thread with the share done, ending with 1.
    threads : int, optional
        How many to use; by default as many as the machine has cores.

    Returns
    -------
    Paths
        The record and every path's transitions after it.

    Raises
    ------
    SettingsError
        ``paths`` or ``seed`` outside their range.
    SimulationError
        A draw whose rates are absurdly high.
    ValueError
        ``record`` and ``dynamics`` contradict each other.
    """
    if paths < 1:
        raise SettingsError(f"paths must be at least 1, not {paths}")
    if not 0 <= seed < 2**64:
        raise SettingsError(f"seed must be from 0 to 2^64 - 1, not {seed}")
    _check_agreement(dynamics, record)
    course = course or Course.unchanged([0.0], dynamics.outcome_streams.size, dynamics.faction_streams.size)
    run = partial(_run_chunk, *_kernel_arguments(dynamics, course), paths, seed)
    bounds = np.linspace(0, dynamics.draws, min(_CHUNKS, dynamics.draws) + 1).astype(int) * paths
    logs: list[Log] = []
    with ThreadPoolExecutor(max_workers=min(_CHUNKS, threads or os.cpu_count() or 1)) as pool:
        for log in pool.map(run, bounds[:-1].tolist(), bounds[1:].tolist()):
            logs.append(log)
            if progress is not None:
                progress(len(logs) / (bounds.size - 1))
    lengths = np.concatenate([[0], *(np.diff(log.ends, prepend=0) for log in logs)])
    return Paths(
        record=record,
        draws=dynamics.draws,
        paths=paths,
        offsets=np.cumsum(lengths, dtype=np.int64),
        times=np.concatenate([log.times for log in logs]),
        outcome=dynamics.places[0].astype(np.int16)[np.concatenate([log.outcome for log in logs])],
    )


def _check_agreement(dynamics: Dynamics, record: Record) -> None:
    """Refuse a record that belongs to other dynamics."""
    if len(record.outcomes) != dynamics.outcome_streams.size:
        raise ValueError(f"the record has {len(record.outcomes)} outcomes, not {dynamics.outcome_streams.size}")
    if not np.array_equal(record.active_now, dynamics.active_now):
        raise ValueError(f"the record ends with active = {record.active_now}, not {dynamics.active_now}")
    span = (record.horizon - record.as_of).days
    if dynamics.month_ends[-1] != span:
        raise ValueError(f"the last month ends on day {dynamics.month_ends[-1]}, not at the horizon, day {span}")


def _kernel_arguments(dynamics: Dynamics, course: Course) -> tuple[Law, Start]:
    """Return what the kernel reads: rates per day, times in days, labels in the order of their streams."""
    d, (o, k), (log_rate, leverage, couplings) = dynamics, dynamics.places, dynamics.rates
    law = Law(
        log_rate=log_rate,
        leverage=leverage,
        couplings=couplings,
        scales=floats(np.stack([d.tau, d.psi, d.rho_office, d.rho_proximity], axis=1)),
        persistence=float(d.persistence),
        lasting=float(d.lasting_share),
        # With nothing to fade the bound is the rate itself, to the last bit.
        fade=math.log(2) / (d.fade_half_life * DAYS_PER_MONTH) if d.lasting_share < 1 else 0.0,
        answered=d.made_ago is not None,
        course=stretches(course, d.month_ends, (d.office_steps, d.proximity_steps), (o, k), d.cells),
    )
    start = Start(
        influence=floats(d.influence_now[:, k]),
        tone=floats(d.tone_now[:, o]),
        active=d.active_now[o].astype(np.bool_),
        since=floats(-d.active_for[o] * DAYS_PER_MONTH),
        made=floats(np.full((2, o.size), -np.inf) if d.made_ago is None else -d.made_ago[:, o] * DAYS_PER_MONTH),
        recurrent=np.zeros(o.size, np.bool_) if d.recurrent is None else d.recurrent[o].astype(np.bool_),
        outcome_streams=d.outcome_streams[o].astype(np.uint64),
        faction_streams=d.faction_streams[k].astype(np.uint64),
    )
    return law, start


def _run_chunk(law: Law, start: Start, paths: int, seed: int, base: int, stop: int) -> Log:
    """Run paths ``base`` to ``stop``; return their log, cut to length."""
    plan = Plan(base, stop, paths, np.uint64(seed))
    state = new_state(start.outcome_streams.size, start.faction_streams.size)
    room = _ROOM_PER_PATH * (stop - base)
    log = Log(np.zeros(room), np.zeros(room, dtype=np.int16), np.zeros(stop - base, dtype=np.int64))
    done = base
    while done < stop:
        done, why = run_paths(done, plan, law, start, state, log)
        if why == TOO_FAST:
            draw, path = divmod(done, paths)
            where = f"draw {draw}, path {path}"
            raise SimulationError(f"{where}: over {MAX_CANDIDATES:,} changes of state in one stretch of time")
        if why == NO_ROOM:  # double it and go on with the path that did not fit
            times, outcome = (np.concatenate([column, np.zeros_like(column)]) for column in log[:2])
            log = Log(times, outcome, log.ends)
    size = int(log.ends[-1])
    return Log(log.times[:size].copy(), log.outcome[:size].copy(), log.ends)
