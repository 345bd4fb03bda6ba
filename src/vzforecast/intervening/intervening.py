"""``vzforecast.intervene``: bring something about in the simulated future, and leave everything upstream as it was."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from vzforecast.errors import DateError
from vzforecast.forecast import Forecast
from vzforecast.forecast.intervention import Intervened, Intervention
from vzforecast.inputs.dates import DateLike, as_day
from vzforecast.intervening.asked import asked
from vzforecast.intervening.changes import changes_of
from vzforecast.intervening.checked import check


def intervene(
    fc: Forecast,
    influence: Mapping[str, float] | None = None,
    start: DateLike | None = None,
    end: DateLike | None = None,
    *,
    actors: Mapping[str, Any] | None = None,
    outcomes: Mapping[str, str] | None = None,
    coupling: Mapping[str, float] | None = None,
    silence: Iterable[str] = (),
) -> Forecast:
    r"""Return the forecast of a world in which something is brought about, whatever would have happened.

    It answers *what if we did*, :math:`P(E \mid \mathrm{do}(X))`, where ``fc.probability(E, given=X)`` answers *what if
    we learnt*, :math:`P(E \mid X)`. To learn that a licence was lost says that those who wanted it lost are strong, and
    so raises everything else that they want; to take it away says nothing about them. Draws, influence and tone up to
    the day stay as they were, and every path goes on with the random numbers that it had: up to the first day of the
    intervention paths are the same, and what it does not reach stays the same after it.

    Parameters
    ----------
    fc : Forecast
        Fitted, updated, loaded, or under interventions already: then these are added. Points and factors add up; of
        two states or posts for the same days the one given last holds, and after it the one before.
    influence : mapping of str to float, optional
        Points added to the share of factions, as shares of one (``{"hardliners": +0.10}``); the others shrink or grow
        in proportion. A share stays within 0 and 1.
    start, end : date-like, optional
        First and last day on which it holds: the day after the as-of date and the horizon by default. After the last
        one the law is what it was; an outcome goes on from the state in which it was held.
    actors : mapping of str, optional
        ``"out"`` puts an actor out of post, ``"in"`` puts one in, with the scores of the last post; a mapping with any
        of ``faction``, ``office``, ``proximity``, ``salience`` (0 to 100) gives a post with other scores.
    outcomes : mapping of str to str, optional
        States in which outcomes are held: ``{"chevron_licence": "in_force"}``. A recurrent outcome can be held at rest:
        then it does not happen.
    coupling : mapping of str to float, optional
        Factors of couplings by ``<onset|recovery>.<outcome>.<source outcome>``: 0 cuts one, 2 doubles it.
    silence : iterable of str, optional
        Factions without any influence; the others take it in proportion. Points given later are then all they have.

    Returns
    -------
    Forecast
        Its ``interventions`` list what was brought about; it saves and answers like any other. It says nothing of
        what will happen: it cannot be updated. The forecast it starts from stays as it is.

    Raises
    ------
    InterventionError
        Nothing is asked for, or a name, state or number is not valid; every fault is named.
    DateError
        A day is not after the as-of date, after the horizon, or the last is before the first.
    SimulationError
        Factors of couplings so large that an outcome would change thousands of times a day.

    Notes
    -----
    Pearl (2009), Causality, sections 1.3 and 3.2: an intervention replaces the mechanism of what it sets and no other.
    docs/model.md, "Interventions".

    Examples
    --------
    >>> held = intervene(fc, outcomes={"chevron_licence": "in_force"}, start="2025-03-01")  # doctest: +SKIP
    >>> held.scenarios()  # doctest: +SKIP
    """
    first, last = _span(fc, start, end)
    intervention = asked(
        start=first,
        end=last,
        influence=influence,
        silence=silence,
        actors=actors,
        outcomes=outcomes,
        coupling=coupling,
    )
    made = (*fc.interventions, intervention)
    check(fc.case, made)
    return _simulated(fc, made)


def _span(fc: Forecast, start: DateLike | None, end: DateLike | None) -> tuple[date, date]:
    """Return the first and last day, which must lie after the as-of date and within the horizon."""
    tomorrow = fc.as_of + timedelta(days=1)
    if tomorrow > fc.horizon:
        raise DateError(
            f"this forecast ends on its as-of date, {fc.as_of}: no day is left; intervene in an earlier one"
        )
    first = tomorrow if start is None else as_day(start, "start")
    last = fc.horizon if end is None else as_day(end, "end")
    for name, day in (("start", first), ("end", last)):
        if not tomorrow <= day <= fc.horizon:
            raise DateError(f"{name} {day} is outside the future of this forecast, {tomorrow} to {fc.horizon}")
    if last < first:
        raise DateError(f"end {last} is before the start, {first}; exchange them")
    return first, last


def _simulated(fc: Forecast, made: tuple[Intervention, ...]) -> Forecast:
    """Simulate again with the same draws and random numbers."""
    from vzforecast.forecast.future import future  # noqa: PLC0415 - numba, which no other answer needs

    changes = changes_of(fc.case, fc.history, made)
    seed = int(fc.provenance["seed"])
    paths = future(fc.draws, fc.known, paths=fc.simulated.paths, seed=seed, changes=changes)
    return replace(fc, simulated=paths, intervened=Intervened(made, fc.weights))
