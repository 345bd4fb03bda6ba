"""What a value of information says: its tables, and "watch for this" in plain words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from vzforecast.explaining.explained import Explained, unclear
from vzforecast.explaining.information import Value
from vzforecast.explaining.precision import ERRORS
from vzforecast.explaining.questions import Question

COLUMNS: Final = ["kind", "bits", "bits_mcse", "shift", "shift_mcse", "clear"]
ANSWER_COLUMNS: Final = ["predictive", "predictive_mcse", "after", "after_mcse", "change"]

_SHOWN: Final = 5
_POINTS: Final = 100.0


@dataclass(frozen=True, eq=False, repr=False)
class Information(Explained):
    """What each question is worth for an event.

    Attributes
    ----------
    event : str
        The event.
    as_of : date
        Forecast origin.
    probability : Probability
        Of the event now.
    table : DataFrame
        Index ``question``, the most informative first: ``kind`` (``news``, ``transition``, ``scheduled``, ``event``),
        ``bits`` of expected information and ``shift``, the expected absolute change of the probability in points, each
        with its Monte Carlo error (``_mcse``), and ``clear``: whether ``bits`` are at least twice their error.
    answers : DataFrame
        Index ``(question, answer)``: ``predictive`` probability of the answer, probability of the event ``after`` it
        (blank for an answer that no path gives), each with ``_mcse``, and ``change`` of the event's in points.

    Examples
    --------
    >>> print(value_of_information(fc, None, event))  # doctest: +SKIP
    """

    table: pd.DataFrame
    answers: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Information about {self.event} in {len(self.table)} questions>"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Questions": self.table, "Answers": self.answers}

    def _lines(self) -> Iterator[str]:
        """Yield the most informative questions, and what each of their answers would do."""
        yield self._head(". Watch for this:")
        shown = self.table.head(_SHOWN).to_dict(orient="index")
        for number, (question, row) in enumerate(shown.items(), start=1):
            bits = f"{row['bits']:.4f} bits{unclear(row['clear'])}"
            yield f"  {number}. {question}: {bits}, {row['shift']:.1f} points on average"
            for answer, line in self.answers.loc[str(question)].iterrows():
                after = "on no path" if np.isnan(line["after"]) else f"then {line['after']:.1%} ({line['change']:+.1f})"
                yield f"       {answer} {line['predictive']:.0%}: {after}"
        if (hidden := len(self.table) - _SHOWN) > 0:
            yield f"  and {hidden} more in the table"


def tabulated(
    questions: Sequence[Question], values: Sequence[tuple[tuple[str, ...], Value]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table of questions, the most informative first, and that of their answers in the same order.

    Parameters
    ----------
    questions : sequence of Question
        With labels of their own.
    values : sequence of (tuple of str, Value)
        The answers, and what the question is worth.

    Returns
    -------
    tuple of DataFrame
        As in `Information`.
    """
    valued = sorted(zip(questions, values, strict=True), key=lambda pair: (-pair[1][1].bits, -pair[1][1].shift))
    lines = {question.label: _line(question, value) for question, (_, value) in valued}
    answers = {
        (question.label, answer): line
        for question, (said, value) in valued
        for answer, line in zip(said, _answer_lines(value), strict=True)
    }
    index = pd.MultiIndex.from_tuples(list(answers), names=["question", "answer"])
    table = pd.DataFrame(list(lines.values()), index=pd.Index(list(lines), name="question"), columns=COLUMNS)
    return table, pd.DataFrame(list(answers.values()), index=index, columns=ANSWER_COLUMNS)


def _line(question: Question, value: Value) -> dict[str, object]:
    return {
        "kind": question.kind,
        "bits": value.bits,
        "bits_mcse": value.bits_mcse,
        "shift": _POINTS * value.shift,
        "shift_mcse": _POINTS * value.shift_mcse,
        "clear": value.bits > 0.0 and value.bits >= ERRORS * value.bits_mcse,
    }


def _answer_lines(value: Value) -> Iterator[dict[str, float]]:
    """Yield a line an answer; the probability now is the mean of those after the answers."""
    now = float(np.nansum(value.predictive * value.after))
    columns = value.predictive, value.predictive_mcse, value.after, value.after_mcse, _POINTS * (value.after - now)
    for figures in zip(*columns, strict=True):
        yield dict(zip(ANSWER_COLUMNS, map(float, figures), strict=True))
