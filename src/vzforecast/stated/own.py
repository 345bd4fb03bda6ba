"""A forecast's own probabilities, as if somebody had stated them."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from vzforecast.case import Case
from vzforecast.events import And, Event, Ever, Not, StateOn, evaluate_all, parse_event
from vzforecast.forecast import Forecast
from vzforecast.paths import Floats
from vzforecast.stated.reading import Stated


def own_statements(forecast: Forecast) -> list[Stated]:
    """Return what a forecast says of the events that its case asks about.

    Parameters
    ----------
    forecast : Forecast
        Any.

    Returns
    -------
    list of Stated
        Every scenario on the horizon; every outcome active on, and some time after the as-of date by, each deadline to
        come; each two outcomes active by the first of these; every open question that has an event.
    """
    named: dict[Event, str] = {}
    asked = forecast.questions()
    questions = asked.loc[asked["why_not"] == "", "event"].items()
    for name, event in (
        *_scenarios(forecast.case),
        *((str(question), parse_event(str(text), forecast.vocabulary)) for question, text in questions),
        *_outcomes(forecast.case, forecast.as_of),
    ):
        named.setdefault(event, name)
    numbers = probabilities(forecast, named)
    return [
        Stated(str(event), event, float(number), name)
        for (event, name), number in zip(named.items(), numbers, strict=True)
    ]


def probabilities(forecast: Forecast, events: Iterable[Event]) -> list[float]:
    """Return a forecast's probability of each event.

    Parameters
    ----------
    forecast : Forecast
        Any.
    events : iterable of Event
        All different.

    Returns
    -------
    list of float
        In the order of the events.
    """
    happens = evaluate_all(events, forecast.simulated)
    weights = forecast.weights
    shares: Iterator[Floats] = (weights.shares(paths)[0] for paths in happens.values())
    # A sum of many weights may miss one by a rounding error.
    return [min(max(float(weights.mean(share)), 0.0), 1.0) for share in shares]


def _outcomes(case: Case, as_of: date) -> Iterator[tuple[str, Event]]:
    """Yield what the table of outcomes is about, and pairs of outcomes; without names."""
    deadlines = [day for day in case.spec.deadlines if day > as_of]
    for outcome in case.spec.outcomes:
        for day in deadlines:
            yield "", StateOn(outcome.id, outcome.active, active=True, on=day)
            yield "", Ever(outcome.id, outcome.active, active=True, after=as_of, by=day)
    if deadlines:
        first = [Ever(o.id, o.active, active=True, after=as_of, by=deadlines[0]) for o in case.spec.outcomes]
        for pair in combinations(first, 2):
            yield "", And(pair)


def _scenarios(case: Case) -> Iterator[tuple[str, Event]]:
    """Yield every scenario on the horizon as an event: what it asks for, and nothing that an earlier one asks for."""
    earlier: list[Event] = []
    for scenario in case.spec.scenarios:
        holds: list[Event] = [
            StateOn(name, state, state == case.outcome(name).active, case.spec.horizon)
            for name, state in scenario.when.items()
        ]
        yield scenario.id, _all_of([*holds, *(Not(event) for event in earlier)])
        if holds:
            earlier.append(_all_of(holds))


def _all_of(events: list[Event]) -> Event:
    return events[0] if len(events) == 1 else And(tuple(events))
