"""Each question of the embedded case has an event or says why not, and what is resolved agrees with the record.

The record of transitions as known on the day of a resolution, with nothing simulated after it, must give the resolution
that was found in the press: two codings of one history, made apart.
"""

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd
import pytest

from helpers.cases import embedded
from vzforecast.events import evaluate, parse_event
from vzforecast.paths import Paths, Record

QUESTIONS: Final = embedded().tables["questions"].set_index("question_id")
BOUND: Final = QUESTIONS[QUESTIONS["event"] != ""]
RESOLVED: Final = BOUND[BOUND["resolved_on"] <= pd.Timestamp("2025-08-31")]


def happens(text: str, known: dt.date) -> bool:
    """Tell whether an event holds if nothing happens after the record of a day."""
    case = embedded().known_on(known)
    table = case.tables["transitions"]
    record = Record.from_transitions(
        known,
        case.spec.horizon,
        {outcome.id: outcome.state_at_start == outcome.active for outcome in case.spec.outcomes},
        zip(table["outcome"], (day.date() for day in table["date"]), strict=True),
        recurrent=[outcome.id for outcome in case.spec.outcomes if outcome.recurrent],
    )
    nothing = Paths(record, 1, 1, np.zeros(2, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int16))
    return bool(evaluate(parse_event(text, case.spec.vocabulary), nothing)[0, 0])


def test_every_question_has_an_event_or_the_reason_why_not() -> None:
    assert ((QUESTIONS["event"] == "") != (QUESTIONS["why_not"] == "")).all()
    assert len(QUESTIONS) == 28
    assert len(BOUND) == 17


@pytest.mark.parametrize("question", RESOLVED.index)
def test_the_record_gives_the_resolution(question: str) -> None:
    row = RESOLVED.loc[question]
    assert happens(row["event"], row["resolved_on"].date()) == bool(row["resolution"])


def test_resolutions_of_both_kinds_are_checked() -> None:
    """Otherwise a rule that answers every question alike would pass."""
    counts = RESOLVED["resolution"].value_counts()
    assert counts.to_dict() == {0.0: 7, 1.0: 5}


@pytest.mark.parametrize("question", RESOLVED.index[RESOLVED["resolution"] == 1])
def test_what_came_true_had_not_on_the_day_the_question_was_asked(question: str) -> None:
    """An event that held already when it was asked would be no question."""
    row = RESOLVED.loc[question]
    assert not happens(row["event"], row["opened"].date())


def test_a_question_of_the_end_of_the_year_is_open() -> None:
    row = BOUND.loc["rubio_still_secretary_end2025"]
    assert row["resolution"] != row["resolution"]  # NaN
    assert happens(row["event"], dt.date(2025, 8, 31))
