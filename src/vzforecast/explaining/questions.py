"""Questions whose answer is awaited: what may be the answer, and its joint probability with an event in each draw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.errors import DateError
from vzforecast.events import Event, parse_event
from vzforecast.evidence import Signal
from vzforecast.forecast import Forecast
from vzforecast.history.terms import NOTICE
from vzforecast.latent import Array
from vzforecast.names import LEANS, ONSET

YES_NO: Final = ("yes", "no")

# What a decision is called among the kinds of news, and how strong a turning point is.
_DECISION: Final = "decision"
_TURNING_POINT: Final = 3


@dataclass(frozen=True)
class Question:
    """Something whose answer may be learnt.

    Attributes
    ----------
    label : str
        What is asked.
    kind : {"news", "transition", "scheduled", "event"}
        What will answer it.
    asked : Event or Signal
        An event, which happens or not; or an item of news, whose alternatives are the same item otherwise.
    """

    label: str
    kind: str
    asked: Event | Signal


def joint_with_path_event(fc: Forecast, answer: NDArray[np.bool_], happened: NDArray[np.bool_]) -> Array:
    """Return the joint probabilities of yes and no with an event, draw by draw.

    Parameters
    ----------
    fc : Forecast
        Whose paths they are.
    answer, happened : ndarray of bool, dims (sample, path)
        Where the answer is yes, and where the event happens.

    Returns
    -------
    ndarray, dims (sample, answer, 2)
        Answers yes, no; the event absent, present.
    """
    cells = [[answer & ~happened, answer & happened], [~answer & ~happened, ~answer & happened]]
    shares = [[fc.weights.shares(cell)[0] for cell in row] for row in cells]
    return np.moveaxis(np.array(shares), -1, 0)


def generated(fc: Forecast, lead: int) -> Iterator[Question]:
    """Yield what is worth asking of any case.

    Parameters
    ----------
    fc : Forecast
        As of its day.
    lead : int
        Days within which an outcome may change.

    Yields
    ------
    Question
        Whom the next decision favours, and which way it leans each outcome; whether each outcome changes within the
        lead; how each scheduled decision goes.

    Raises
    ------
    DateError
        No day is left after the as-of date.
    """
    if fc.as_of >= fc.horizon:
        raise DateError(f"this forecast ends on its as-of date, {fc.as_of}: there is nothing left to learn")
    yield from (news_question(item) for item in _next_decisions(fc))
    until = min(fc.as_of + timedelta(days=lead), fc.horizon)
    for outcome in fc.history.outcomes:
        yield changes(fc, outcome, until, "transition")
    for item in fc.history.scheduled:
        due = min(item.end + NOTICE, fc.horizon)
        if (item.transition == ONSET) != _is_active(fc, item.outcome):
            yield changes(fc, item.outcome, due, "scheduled")


def _next_decisions(fc: Forecast) -> Iterator[Signal]:
    spec = fc.case.spec
    kind = _DECISION if _DECISION in fc.history.signal_kinds else spec.news.reference_kind
    plain = Signal(date=fc.as_of, kind=kind, strength=_TURNING_POINT, faction=fc.history.factions[0])
    yield plain
    for outcome in fc.history.outcomes:
        yield plain.model_copy(update={"faction": None, "outcome": outcome, "lean": LEANS[-1]})


def changes(fc: Forecast, outcome: str, until: date, kind: str) -> Question:
    """Return the question whether an outcome leaves its present state, or happens if it is recurrent, by a day."""
    declared = fc.case.outcome(outcome)
    to = declared.rest if _is_active(fc, outcome) else declared.active
    return path_question(fc, f"ever({outcome} = {to}) after {fc.as_of} by {until}", kind)


def is_now(fc: Forecast, outcome: str, state: str) -> bool:
    """Tell whether an outcome is in a state at the end of the as-of day."""
    declared = fc.case.outcome(outcome)
    return state == (declared.active if _is_active(fc, outcome) else declared.rest)


def _is_active(fc: Forecast, outcome: str) -> bool:
    return bool(fc.history.states.loc[outcome, "active"])


def path_question(fc: Forecast, text: str, kind: str = "event") -> Question:
    """Return the question whether an event happens.

    Raises
    ------
    EventError
        The text does not parse.
    """
    event = parse_event(text, fc.vocabulary)
    return Question(str(event), kind, event)


def news_question(item: Signal) -> Question:
    """Return the question how an item of news falls out."""
    what = [
        word for word, asked in (("whom it favours", has_faction(item)), ("which way it leans", item.lean)) if asked
    ]
    about = f" on {item.outcome}" if item.outcome else ""
    return Question(item.headline or f"next {item.kind}{about}: {', '.join(what)}", "news", item)


def has_faction(item: Signal) -> bool:
    """Tell whether an item favours one faction."""
    return item.faction not in (None, "mixed", "none")


def with_distinct_labels(questions: Sequence[Question]) -> list[Question]:
    """Return the questions with labels that come again numbered: an index names a line once."""
    seen: dict[str, int] = {}
    result = []
    for question in questions:
        number = seen[question.label] = seen.get(question.label, 0) + 1
        label = question.label if number == 1 else f"{question.label} ({number})"
        result.append(Question(label, question.kind, question.asked))
    return result
