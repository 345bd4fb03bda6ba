"""What a forecast says on the questions of its case that are still open."""

from collections.abc import Callable
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast import figures, markup
from vzforecast.case import Case
from vzforecast.events import evaluate_all, parse_event
from vzforecast.forecast.probability import FIGURES, Probability
from vzforecast.paths import Paths
from vzforecast.told import ToldTable

COLUMNS: Final = ["text", "event", "horizon", *FIGURES, "why_not"]

Estimate = Callable[[NDArray[np.bool_]], Probability]


class Questions(ToldTable):
    """Open questions with their probabilities; in a notebook a line a question, in percent, with the reasons below."""

    def _repr_html_(self) -> str:
        priced, other = self[self["why_not"] == ""], self[self["why_not"] != ""]
        parts = [markup.table(_shown(priced), "Open questions", figures=_READ, most=len(priced))]
        if len(other):
            reasons = other[["text", "horizon", "why_not"]].set_axis(["Question", "By", "Why not"], axis=1)
            table = markup.table(reasons.rename_axis("Id"), most=len(other))
            parts.append(markup.folded(f"{len(other)} open questions without a probability", table))
        return markup.block(*parts)


_READ: Final = ("Probability", "90 % interval", "MC error")


def _shown(priced: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "Question": priced["text"],
        "By": priced["horizon"],
        "Probability": priced["probability"].map(figures.percent),
        "90 % interval": list(map(figures.percent_interval, priced["lower"], priced["upper"])),
        "MC error": priced["mcse"].map(figures.error),
    }
    return pd.DataFrame(columns, index=priced.index.rename("Id"))


def question_table(case: Case, day: date, paths: Paths, estimate: Estimate) -> pd.DataFrame:
    """Return every question open on a day, with its probability or the reason why it has none.

    Parameters
    ----------
    case : Case
        Its questions, as far as they were known on the day.
    day : datetime.date
        The as-of date of the paths, or a later one of a case that has learnt since.
    paths : Paths
        The record and the simulated paths.
    estimate : callable
        From bool[draw, path] to a `Probability`.

    Returns
    -------
    DataFrame
        Index ``question``, by horizon and then id; columns as in `COLUMNS`.
    """
    asked = _open(case.tables["questions"], pd.Timestamp(day))
    asked["why_not"] = [_why_not(row, pd.Timestamp(paths.horizon)) for _, row in asked.iterrows()]
    priced = asked.loc[asked["why_not"] == "", "event"]
    events = {question: parse_event(text, case.spec.vocabulary) for question, text in priced.items()}
    happens = evaluate_all(events.values(), paths)  # one reading of the paths for all of them
    rows = {question: estimate(happens[event]).row for question, event in events.items()}
    priced_at = pd.DataFrame.from_dict(rows, orient="index", columns=FIGURES, dtype=float)
    return Questions(asked.join(priced_at)[COLUMNS])


def _open(questions: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return the questions that were asked by a day, whose answer it does not know and whose horizon it has not passed.

    After an update the table is still that of the case as it was cut, and the day is a later one.
    """
    unresolved = questions["resolution"].isna() | (questions["resolved_on"] > as_of)
    chosen = questions.loc[(questions["opened"] <= as_of) & unresolved & (questions["horizon"] >= as_of)]
    return chosen.sort_values(["horizon", "question_id"]).set_index("question_id").rename_axis("question")


def _why_not(question: pd.Series, horizon: pd.Timestamp) -> str:
    """Say why a question has no probability; nothing if it has one."""
    if question["why_not"]:
        return str(question["why_not"])
    if question["horizon"] > horizon:
        return f"its horizon, {question['horizon'].date()}, is after that of the case, {horizon.date()}"
    return "" if question["event"] else "no event is bound to it"
