"""``vzforecast.value_of_information``: which answer is worth waiting for."""

from collections.abc import Iterable, Iterator

import numpy as np

from vzforecast.errors import EvidenceError, Fault, SettingsError
from vzforecast.events import Event, evaluate_all, parse_event
from vzforecast.evidence import Evidence, Signal, Transition
from vzforecast.explaining.information import Value, value_of
from vzforecast.explaining.information_report import Information, tabulated
from vzforecast.explaining.news import answer_probabilities
from vzforecast.explaining.questions import (
    YES_NO,
    Question,
    generated,
    is_now,
    joint_with_path_event,
    news_question,
    path_question,
    with_distinct_labels,
)
from vzforecast.forecast import Forecast
from vzforecast.forecast.origin import Origin

Candidate = Evidence | str


def value_of_information(
    fc: Forecast, candidates: Iterable[Candidate] | None, event: str, *, lead: int = 30
) -> Information:
    r"""Rank what may be learnt next by how much it says about an event.

    Each candidate is a question with two or more answers. Before the answer is known, each has a predictive
    probability and a probability of the event after it; both come from weighting the draws and paths at hand by the
    likelihood of the answer, so that nothing is fitted or simulated. The probabilities after the answers average to
    the probability now.

    Parameters
    ----------
    fc : Forecast
        Any; it stays as it is.
    candidates : iterable of Evidence or str, or None
        A ``Signal`` stands against the same item in favour of the other factions, with the other leans, or both; it is
        read as if it came on the as-of date, by itself and not as part of an episode. A ``Transition`` asks whether
        the outcome enters that state after the as-of date and by its date. A text in the event language asks whether
        that happens. With None: whom the next decision favours and which way it leans each outcome, whether each
        outcome changes within `lead` days, and how each scheduled decision goes.
    event : str
        What is to be known, in the event language.
    lead : int, default 30
        Days ahead of the generated changes of state, cut at the horizon.

    Returns
    -------
    Information
        ``table``, a line a question by expected information; ``answers``, a line an answer; ``text``.

    Raises
    ------
    EventError
        A text does not parse.
    EvidenceError
        A candidate is of a kind whose alternatives the model has no probability for, contradicts the case, or is dated
        where it says nothing new.
    DateError
        Candidates are to be generated and no day is left.
    SettingsError
        `lead` is below 1.

    Notes
    -----
    Formulas, errors and the bias of estimated information: docs/explaining.md, "What would move it next". What a
    signal says about influence is said of the present month.

    References
    ----------
    Lindley (1956), On a measure of the information provided by an experiment. Howard (1966), Information value theory.

    Examples
    --------
    >>> halted = "ever(deportation_flights = halted) by 2025-06-30"
    >>> value_of_information(fc, None, halted).table.head(3)  # doctest: +SKIP
    """
    if lead < 1:
        raise SettingsError(f"lead is {lead}; give a number of days from 1")
    asked = generated(fc, lead) if candidates is None else _asked(fc, candidates)
    questions = with_distinct_labels(list(asked))
    parsed = parse_event(event, fc.vocabulary)
    values = list(_values(fc, questions, parsed))
    table, answers = tabulated(questions, values)
    return Information(str(parsed), fc.as_of, fc.probability(event), table, answers, Origin.of(fc))


def _values(fc: Forecast, questions: list[Question], event: Event) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Yield the answers and the value of each question, in order."""
    paths = [question.asked for question in questions if isinstance(question.asked, Event)]
    happens = evaluate_all([event, *paths], fc.simulated)
    share = fc.weights.shares(happens[event])[0]
    with_event = np.stack([1.0 - share, share], axis=-1)
    news = iter(answer_probabilities(fc, [one.asked for one in questions if isinstance(one.asked, Signal)]))
    for question in questions:
        if isinstance(question.asked, Event):
            yield YES_NO, value_of(fc, joint_with_path_event(fc, happens[question.asked], happens[event]))
        else:
            answers, probability = next(news)
            # Given the draw, an item of news says nothing more about its paths.
            yield answers, value_of(fc, probability[:, :, None] * with_event[:, None, :])


def _asked(fc: Forecast, candidates: Iterable[Candidate]) -> list[Question]:
    """Return the question that each candidate is about; every one that is none is named."""
    given = [candidates] if isinstance(candidates, str | Evidence) else list(candidates)
    faults = [fault for one in given if (fault := _fault(fc, one))]
    if faults or not given:
        remedy = "give signals, transitions or events, or None to have them generated"
        raise EvidenceError(faults or [Fault("candidates", "", "", "there are none", remedy)])
    return [_question(fc, one) for one in given]


def _question(fc: Forecast, candidate: Candidate) -> Question:
    if isinstance(candidate, Signal):
        return news_question(candidate)
    if isinstance(candidate, Transition):
        text = f"ever({candidate.outcome} = {candidate.to}) after {fc.as_of} by {candidate.date}"
        return path_question(fc, text, "transition")
    return path_question(fc, str(candidate))


def _fault(fc: Forecast, candidate: object) -> Fault | None:
    """Return what is wrong with a candidate."""
    if isinstance(candidate, Transition):
        return _untimely(fc, candidate)
    if isinstance(candidate, str | Signal):
        return None
    name = str(candidate) if isinstance(candidate, Evidence) else "candidate"
    problem = "of a kind whose alternatives have no probability in the model"
    remedy = "give a Signal, a Transition, or the text of an event"
    return Fault(name, "type", type(candidate).__name__, problem, remedy)


def _untimely(fc: Forecast, item: Transition) -> Fault | None:
    """Return what is wrong with the day or the state of a transition that may come."""
    if not fc.as_of < item.date <= fc.horizon:
        problem = f"not in the future of this forecast, {fc.as_of} to {fc.horizon}"
        return Fault(str(item), "date", str(item.date), problem, "give the day by which it may have happened")
    if is_now(fc, item.outcome, item.to):
        problem = f"the state that {item.outcome} is in on {fc.as_of} already"
        return Fault(str(item), "to", item.to, problem, "give the other state")
    return None
