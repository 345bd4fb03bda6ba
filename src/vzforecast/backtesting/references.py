"""What simple forecasters would have said on a day: base rate, persistence, the market. Each reads a cut case only."""

import numpy as np
import pandas as pd

from vzforecast.backtesting.plan import day_of
from vzforecast.case import Case
from vzforecast.events import evaluate_all, parse_event
from vzforecast.history.recorded import recorded
from vzforecast.paths import Paths, Record


def base_rate(known: Case) -> float:
    """Return the share of yes among the questions whose horizon had passed, by Laplace's rule of succession.

    (yes + 1) / (n + 2), one half where no horizon has passed yet. A question that was answered before its horizon
    counts only once this has passed: early answers are mostly yes.

    Parameters
    ----------
    known : Case
        Cut to the day.

    Returns
    -------
    float
        Between 0 and 1, never 0 or 1.
    """
    questions = known.tables["questions"]
    passed = (questions["horizon"] <= pd.Timestamp(day_of(known))) & questions["resolution"].notna()
    answers = questions.loc[passed, "resolution"].astype(float)
    return float((answers.sum() + 1.0) / (len(answers) + 2.0))


def persistence(known: Case, events: pd.Series) -> pd.Series:
    """Return 1.0 for every event that comes true if all outcomes stay as they are, else 0.0.

    Parameters
    ----------
    known : Case
        Cut to the day.
    events : Series of str
        Texts of events, by question.

    Returns
    -------
    Series of float
        By question.
    """
    parsed = {question: parse_event(text, known.spec.vocabulary) for question, text in events.items()}
    happens = evaluate_all(parsed.values(), standing_still(recorded(known, day_of(known))))
    return pd.Series({question: float(happens[event][0, 0]) for question, event in parsed.items()}, dtype=float)


def market(known: Case, questions: pd.DataFrame) -> pd.Series:
    """Return the newest quote of a market for each question, blank where there is none.

    A quote is for a question if its own ``question`` is the question's id, text or event, and its horizon is the same.
    Of several quotes of the newest day the mean is taken.

    Parameters
    ----------
    known : Case
        Cut to the day: later quotes are not in it.
    questions : DataFrame
        By question: ``text``, ``event``, ``horizon``.

    Returns
    -------
    Series of float
        By question.
    """
    names = {question: {str(question), row["text"], row["event"]} - {""} for question, row in questions.iterrows()}
    quotes = known.tables["markets"]
    quotes = quotes.loc[quotes["question"].isin(set[str]().union(*names.values()))]
    asked = zip(names.items(), questions["horizon"], strict=True) if len(quotes) else ()
    newest = {question: _newest(quotes, own, horizon) for (question, own), horizon in asked}
    return pd.Series(newest, index=questions.index, dtype=float)


def _newest(quotes: pd.DataFrame, names: set[str], horizon: pd.Timestamp) -> float:
    """Return the mean of the newest day's quotes of a question under one of its names; NaN if there are none."""
    own = quotes.loc[quotes["question"].isin(names) & (quotes["horizon"] == horizon)]
    return float(own.loc[own["date"] == own["date"].max(), "probability"].mean())


def standing_still(record: Record) -> Paths:
    """Return one path on which nothing changes any more."""
    none = np.zeros(0)
    return Paths(record, 1, 1, np.zeros(2, dtype=np.int64), none, none.astype(np.int16))
