"""What a value of information says: its tables, and "watch for this" in plain words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.explaining.explained import Explained, unclear
from vzforecast.explaining.information import Value
from vzforecast.explaining.precision import clear
from vzforecast.explaining.questions import Question
from vzforecast.forecast.origin import Origin

COLUMNS: Final = ["kind", "bits", "bits_mcse", "shift", "shift_mcse", "clear"]
ANSWER_COLUMNS: Final = [
    *("predictive", "predictive_mcse", "after", "after_mcse", "change", "change_mcse", "clear"),
]

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
        (blank for an answer that no path gives), and ``change`` of the event's in points, each with ``_mcse``;
        ``clear``, whether the change is at least twice its error.
    origin : Origin
        Case, seed and size of the forecast.

    Examples
    --------
    >>> print(value_of_information(fc, None, event))  # doctest: +SKIP
    """

    table: pd.DataFrame
    answers: pd.DataFrame
    origin: Origin

    def __repr__(self) -> str:
        return f"<Information about {self.event} in {len(self.table)} questions>"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Questions": self.table, "Answers": self.answers}

    def _lines(self) -> Iterator[str]:
        """Yield the most informative questions, and what each of their answers would do."""
        yield self._head(". Watch for this:")
        shown = self.table.head(_SHOWN).to_dict(orient="index")
        for number, (question, row) in enumerate(shown.items(), start=1):
            bits = f"{row['bits']:.4f} bits (error {row['bits_mcse']:.4f}){unclear(row['clear'])}"
            yield f"  {number}. {question}: {bits}, {row['shift']:.1f} points on average"
            for answer, line in self.answers.loc[str(question)].iterrows():
                yield f"       {answer} {line['predictive']:.0%}: {_after(line)}"
        if (hidden := len(self.table) - _SHOWN) > 0:
            yield f"  and {hidden} more in the table"


def _after(line: "pd.Series[Any]") -> str:
    """Say what the event's probability is after an answer, and what that changes."""
    if np.isnan(line["after"]):
        return "on no path"
    return f"then {line['after']:.1%} ({figures.points(line['change'])}){unclear(line['clear'])}"


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
        "clear": clear(value.bits, value.bits_mcse),
    }


def _answer_lines(value: Value) -> Iterator[dict[str, float | bool]]:
    """Yield a line an answer."""
    columns = value.predictive, value.predictive_mcse, value.after, value.after_mcse
    for *shares, change, error in zip(*columns, _POINTS * value.change, _POINTS * value.change_mcse, strict=True):
        figures = [*map(float, shares), float(change), float(error), clear(change, error)]
        yield dict(zip(ANSWER_COLUMNS, figures, strict=True))
