"""What is awaited, in words that need no event language."""

import re
from datetime import date
from typing import Final

from vzforecast.case.schema import CaseSpec, Outcome
from vzforecast.reporting.subject import long_day

# As `value_of_information` calls what it asks of itself; any other text is shown as it is.
_CHANGE: Final = re.compile(r"ever\((?P<outcome>\w+) = (?P<state>\w+)\) after \S+ by (?P<day>\d{4}-\d\d-\d\d)")
_NEXT: Final = re.compile(r"next (?P<kind>\w+) on (?P<outcome>\w+): (?P<what>.+)")


def worded(question: str, spec: CaseSpec) -> str:
    """Return a question about an outcome with the name of the outcome and its day in words.

    Parameters
    ----------
    question : str
        Its label in an `Information`.
    spec : CaseSpec
        Which has the names.

    Returns
    -------
    str
        The same question.

    Examples
    --------
    >>> from vzforecast.case import load_case
    >>> worded("ever(sanctions = re_escalated) after 2025-02-05 by 2025-03-07", load_case().spec)
    'Sanctions: re_escalated by 7 March 2025?'
    """
    if (found := _CHANGE.fullmatch(question)) and (outcome := _outcome(found["outcome"], spec)):
        return f"{outcome.label}: {found['state']} by {long_day(date.fromisoformat(found['day']))}?"
    if (found := _NEXT.fullmatch(question)) and (outcome := _outcome(found["outcome"], spec)):
        return f"The next {found['kind']} on {outcome.label}: {found['what']}?"
    return f"The {question}?" if question.startswith("next ") else question


def answered(answer: str, question: str, spec: CaseSpec) -> str:
    """Return an answer in words: a state that news leans towards, or the label of a faction."""
    found = _NEXT.fullmatch(question)
    outcome = _outcome(found["outcome"], spec) if found else None
    if outcome is not None:
        return {"rest": f"towards {outcome.rest}", "active": f"towards {outcome.active}"}.get(answer, answer)
    return next((faction.label for faction in spec.factions if faction.id == answer), answer)


def _outcome(name: str, spec: CaseSpec) -> Outcome | None:
    return next((outcome for outcome in spec.outcomes if outcome.id == name), None)
