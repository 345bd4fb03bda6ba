"""Checks of the events that questions are bound to."""

import dataclasses
from collections.abc import Iterator

from vzforecast.case.checks.parts import Parts, Row
from vzforecast.case.schema import CaseSpec
from vzforecast.errors import EventError, Fault
from vzforecast.events import Vocabulary, check_names, in_brief, parse_event


def check_questions(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Yield the faults of a question's event, and of a reason against one that stands beside it.

    Parameters
    ----------
    parts : Parts
        The tables.
    spec : CaseSpec
        The declarations.

    Yields
    ------
    Fault
        Each contradiction.
    """
    bound = [row for row in parts.rows("questions") if row.text("event")]
    for row in bound:
        if row.text("why_not"):
            remedy = "leave why_not empty, or drop the event"
            yield row.fault("why_not", "a reason why there is no event, though one is bound", remedy)
    if bound and spec.horizon > spec.origin:  # else no date could be right
        vocabulary = _without_faulty_names(spec.vocabulary)
        for row in bound:
            yield from _event(row, vocabulary)


def _event(row: Row, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Require that the event can be read, and is decided by the question's horizon."""
    try:
        event = parse_event(row.text("event"), vocabulary)
    except EventError as error:
        yield row.fault("event", *in_brief(error))
        return
    horizon = row.day("horizon")
    if horizon is None:
        return
    late = [day for day in event.deadlines() if day > horizon]
    if late:
        problem = f"its deadline, {max(late)}, is after the horizon of the question, {horizon}"
        yield row.fault("event", problem, "correct one of the dates")


def _without_faulty_names(vocabulary: Vocabulary) -> Vocabulary:
    """Return the vocabulary with harmless events for its names if any is faulty: that is told of the name alone."""
    if not any(check_names(vocabulary)):
        return vocabulary
    outcome, (rest, _) = next(iter(vocabulary.outcomes.items()))
    harmless = f"state({outcome} = {rest}) on {vocabulary.origin}"
    return dataclasses.replace(vocabulary, events=dict.fromkeys(vocabulary.events, harmless))
