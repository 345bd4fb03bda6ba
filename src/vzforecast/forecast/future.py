"""From posterior draws to the law of the future: what the path simulator needs to start at the as-of date."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import Any, Final

import numpy as np

from vzforecast import latent, names
from vzforecast.case import Case
from vzforecast.course import Change, RateFactor, course_of
from vzforecast.history import Design, History, Known, Multiplier
from vzforecast.history.recorded import recorded
from vzforecast.latent import Array, Draws
from vzforecast.paths import Paths
from vzforecast.simulate import Dynamics, simulate, stream_id

# A rate that rises towards a known end is followed day by day over so many times the mean distance of decisions from
# it; before that (a four-hundredth of what gathers there) it is as good as level.
_FOLLOWED: Final = 6.0


def dynamics(draws: Draws, case: Case, history: History, design: Design) -> Dynamics:
    """Collect the law of the outcomes after the as-of date, draw by draw.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    case : Case
        The case the draws were fitted to, cut to its as-of date.
    history : History
        Its rows.
    design : Design
        Its rows and priors as arrays.

    Returns
    -------
    Dynamics
        Latent states stand at the as-of period; their later steps are drawn anew on every path.
    """
    now = history.period_now
    coming = history.periods.starts[now + 1 :]
    tomorrow = history.as_of + timedelta(days=1)
    ends = [max(0, (start - tomorrow).days) for start in (*coming, history.periods.end)]
    steps = np.diff(design.data["standing"][:, now:], axis=1, prepend=design.data["standing"][:, now : now + 1])
    return Dynamics(
        log_rate=latent.base_log_rates(draws, design),
        leverage=latent.leverage(draws),
        coupling=_coupling_matrix(draws, history),
        influence_now=latent.influence_scale(draws, design)[:, now],
        tone_now=latent.tone(draws, design)[:, now],
        tau=draws["tau"],
        psi=draws["psi"],
        rho_office=draws["rho"][:, 0],
        rho_proximity=draws["rho"][:, 1],
        persistence=design.persistence,
        office_steps=steps[0],
        proximity_steps=steps[1],
        month_ends=np.array(ends, dtype=float),
        fade_half_life=case.spec.coupling.half_life_months,
        lasting_share=case.spec.coupling.lasting_share,
        outcome_streams=np.array([stream_id(f"outcome {name}") for name in history.outcomes], dtype=np.uint64),
        faction_streams=np.array([stream_id(f"faction {name}") for name in history.factions], dtype=np.uint64),
        recurrent=history.recurrent,
        **_states(case, history),
    )


def future(
    draws: Draws,
    known: Known,
    *,
    paths: int,
    seed: int,
    changes: Sequence[Change] = (),
    progress: Callable[[float], None] | None = None,
    threads: int | None = None,
) -> Paths:
    """Simulate what comes after the as-of date.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    known : Known
        What is known on that date, as rows for these draws.
    paths : int
        Paths of each draw.
    seed : int
        The same seed gives the same paths.
    changes : sequence of Change, optional
        Dated changes of the law beside the scheduled ones.
    progress : callable, optional
        Takes the share done, 0 to 1.
    threads : int, optional
        How many to use; by default as many as the machine has cores.

    Returns
    -------
    Paths
        The record and the simulated transitions after it.
    """
    law = dynamics(draws, known.case, known.history, known.design)
    return follow(law, known, paths=paths, seed=seed, changes=changes, progress=progress, threads=threads)


def follow(law: Dynamics, known: Known, *, paths: int, seed: int, changes: Sequence[Change] = (), **how: Any) -> Paths:
    """Simulate what comes after the as-of date by a law that is at hand.

    Parameters
    ----------
    law : Dynamics
        To the horizon of the case, or to the end of a month before it.
    known : Known
        What is known on that date.
    paths : int
        Paths of each draw.
    seed : int
        As in ``future``.
    changes : sequence of Change, optional
        As in ``future``.
    **how
        ``progress`` and ``threads``, as in ``future``.

    Returns
    -------
    Paths
        The record and the simulated transitions after it, as far as the law goes.
    """
    history, days = known.history, float(law.month_ends[-1])
    past = replace(recorded(known.case, history.as_of), horizon=history.as_of + timedelta(days=days))
    course = course_of([*scheduled_changes(history), *changes], len(history.outcomes), len(history.factions), days)
    return simulate(law, past, paths=paths, seed=seed, course=course, **how)


def until(law: Dynamics, days: int) -> Dynamics:
    """Return a law that ends with the month in which a day falls; up to then its paths are the same.

    Parameters
    ----------
    law : Dynamics
        Any.
    days : int
        The day, in days after the as-of date; one after the last month is in the last.

    Returns
    -------
    Dynamics
        Of fewer months.
    """
    months = slice(int(np.searchsorted(law.month_ends, max(days, 1))) + 1)
    return law.starting(
        month_ends=law.month_ends[months],
        office_steps=law.office_steps[months],
        proximity_steps=law.proximity_steps[months],
    )


def restarted(law: Dynamics, case: Case, history: History) -> Dynamics:
    """Return a law that starts from the states of another history of the same day, standing and classes."""
    return law.starting(**_states(case, history))


def _states(case: Case, history: History) -> dict[str, Any]:
    """Return the states that paths start from, by their names in `Dynamics`."""
    made = history.states[["onset_ago", "recovery_ago"]].to_numpy(float).T
    return {
        "active_now": history.states["active"].to_numpy(bool),
        "active_for": history.states["active_for"].to_numpy(float),
        "made_ago": made if case.spec.coupling.ends_with_answer else None,
    }


def scheduled_changes(history: History) -> Iterator[RateFactor]:
    """Yield what multiplies a rate before each known end of a term: the mean of every stretch, exactly.

    Parameters
    ----------
    history : History
        Its ``scheduled`` items are still ahead.

    Yields
    ------
    RateFactor
        Day by day where decisions gather, one for the time before.
    """
    for item in history.scheduled:
        left = (item.end - history.as_of).days
        followed = min(left, ceil(_FOLLOWED * item.days))
        edges = [0, *range(left - followed, left + 1)] if followed < left else [*range(left + 1)]
        hazard = names.TRANSITIONS.index(item.transition), history.outcomes.index(item.outcome)
        yield from (_factor(item, history, hazard, span) for span in pairwise(edges))


def _factor(item: Multiplier, history: History, hazard: tuple[int, int], span: tuple[int, int]) -> RateFactor:
    first, last = (history.as_of + timedelta(days=day) for day in span)
    return RateFactor(float(span[0]), float(span[1]), *hazard, item.mean_over(first, last))


def _coupling_matrix(draws: Draws, history: History) -> Array:
    """Return couplings as dims (sample, transition, outcome, source outcome); undeclared ones are zero."""
    outcomes = {name: index for index, name in enumerate(history.outcomes)}
    matrix = np.zeros((len(draws["tau"]), len(names.TRANSITIONS), len(outcomes), len(outcomes)))
    for position, (transition, outcome, source) in enumerate(history.couplings):
        cell = names.TRANSITIONS.index(transition), outcomes[outcome], outcomes[source]
        matrix[:, *cell] = draws["coupling_effect"][:, position]
    return matrix
