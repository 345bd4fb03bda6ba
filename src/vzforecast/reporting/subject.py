"""The event that a report explains: what moved it, and what would move it next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from vzforecast.case.schema import CaseSpec
from vzforecast.display.summary import Run
from vzforecast.events import parse_event


@dataclass(frozen=True)
class Subject:
    """An event, and what it is called.

    Attributes
    ----------
    text : str
        In the event language.
    name : str
        For people: the label of a scenario and its day, or the text itself.
    """

    text: str
    name: str


def subject(run: Run, event: str | None) -> Subject:
    """Return the event asked for; by default the most likely scenario on the last day of the forecast.

    Where that one asks for nothing and stands alone, it holds whatever happens, so that nothing can be said of it; then
    it is that the first outcome of the case comes by that day.

    Parameters
    ----------
    run : Run
        A forecast, and its scenarios on its last day.
    event : str or None
        What was asked for.

    Raises
    ------
    EventError
        The text does not parse.
    """
    fc = run.forecast
    if event is not None:
        parsed = parse_event(event, fc.vocabulary)
        return Subject(str(parsed), event if event in fc.vocabulary.events else str(parsed))
    leading = str(run.scenarios["probability"].idxmax())
    label = next(scenario.label for scenario in fc.case.spec.scenarios if scenario.id == leading)
    if text := scenario_event(fc.case.spec, leading, fc.horizon):
        return Subject(text, f"{label} on {long_day(fc.horizon)}")
    first = fc.case.spec.outcomes[0]
    name = f"{first.label}: {first.active} by {long_day(fc.horizon)}"
    return Subject(f"ever({first.id} = {first.active}) by {fc.horizon}", name)


def scenario_event(spec: CaseSpec, scenario: str, day: date) -> str:
    """Return the text of the event that a scenario holds on a day.

    The first scenario whose states hold is the one, so that those declared before it must not.

    Parameters
    ----------
    spec : CaseSpec
        Which declares the scenarios.
    scenario : str
        Its id.
    day : datetime.date
        Any day that the case covers.

    Returns
    -------
    str
        In the event language; blank for a scenario that holds whatever happens.
    """
    place = [declared.id for declared in spec.scenarios].index(scenario)
    own, earlier = spec.scenarios[place].when, [declared.when for declared in spec.scenarios[:place]]
    parts = [_holds(own, day)] if own else []
    # One that asks for another state of the same outcome cannot hold as well.
    parts += [f"not ({_holds(other, day)})" for other in earlier if not _apart(own, other)]
    return " and ".join(parts)


def _apart(own: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return any(own.get(outcome, state) != state for outcome, state in other.items())


def _holds(when: Mapping[str, str], day: date) -> str:
    return " and ".join(f"state({outcome} = {state}) on {day}" for outcome, state in when.items())


def long_day(day: date) -> str:
    """Return a day as a sentence has it.

    Examples
    --------
    >>> long_day(date(2025, 2, 5))
    '5 February 2025'
    """
    return f"{day.day} {day:%B %Y}"
