"""The record between two days, added as evidence to a case cut to the first, against the case cut to the second.

The two routes share the as-of cut of the first day and nothing else: one reads items, the other reads the tables.
"""

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cases import embedded, skeleton
from vzforecast.case import Case
from vzforecast.evidence import KINDS, ScheduledDecision
from vzforecast.history import History, build_history

FIRST = "2025-02-05"
MONTH_ENDS = [str(day.date()) for day in pd.date_range("2025-02-28", "2025-08-31", freq="ME")]
PAIRS = [
    *((FIRST, day) for day in MONTH_ENDS),
    (FIRST, "2025-02-06"),
    (FIRST, "2025-12-31"),
    ("2025-02-01", "2025-03-04"),
    ("2025-03-08", "2025-03-24"),
    ("2025-03-13", "2025-03-31"),
    ("2025-04-30", "2025-05-01"),
    ("2025-05-01", "2025-05-31"),
    ("2025-07-17", "2025-07-21"),
]


def records(table: pd.DataFrame, *ignored: str) -> list[str]:
    return sorted(map(repr, table.drop(columns=list(ignored)).to_dict("records")))


def differences(found: History, expected: History) -> dict[str, Any]:
    """Return what the model would read differently; the labels of rows are for people, and levels hold names alone."""
    pairs = {
        "signals": (records(found.signals), records(expected.signals)),
        "leans": (records(found.leans), records(expected.leans)),
        "rows": (records(found.rows, "row"), records(expected.rows, "row")),
        "states": (found.states.to_dict(), expected.states.to_dict()),
        "scheduled": (found.scheduled, expected.scheduled),
        "as_of": (found.as_of, expected.as_of),
    }
    different = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    for name in ("office", "proximity"):  # means over actors, whose order differs
        gap = np.abs(getattr(found, name) - getattr(expected, name)).max()
        different |= {name: gap} if gap > 1e-12 else {}
    return different


def replayed(case: Case, first: str | dt.date, last: str | dt.date) -> Case:
    return case.known_on(first).with_evidence(case.evidence_between(first, last), as_of=last)


@pytest.mark.parametrize(("first", "last"), PAIRS, ids=[" to ".join(pair) for pair in PAIRS])
def test_of_the_embedded_case(first: str, last: str) -> None:
    case = embedded()
    known = replayed(case, first, last)
    known.validate()
    assert differences(build_history(known), build_history(case.known_on(last))) == {}


@pytest.mark.parametrize("last", ["2024-03-10", "2024-05-20", "2024-05-21", "2024-06-01", "2024-12-31"])
@pytest.mark.parametrize("first", ["2024-03-01", "2024-03-02", "2024-03-05"])
def test_of_the_skeleton(first: str, last: str) -> None:
    """Its second truce was signed on 1 March, published on 3 March, and is partly resolved on 10 March."""
    case = skeleton()
    assert differences(build_history(replayed(case, first, last)), build_history(case.known_on(last))) == {}


def test_a_day_ahead_that_becomes_known_governs_from_then_on() -> None:
    """From 24 March the wind-down runs to 27 May, not to 3 April any more."""
    case = embedded()
    (before,) = build_history(case.known_on("2025-03-20")).scheduled
    (found,) = build_history(replayed(case, "2025-03-20", "2025-03-31")).scheduled
    assert (found.outcome, found.transition) == (before.outcome, before.transition)
    assert found.end - before.end == dt.date(2025, 5, 27) - dt.date(2025, 4, 3)


@pytest.mark.parametrize("late", ["2025-03-25", "2025-04-10"])
def test_a_day_ahead_that_one_learns_late_is_the_same(late: str) -> None:
    """Rows of the days since it was published are counted anew, as the files would have them."""
    case = embedded()
    items = case.evidence_between("2025-03-20", late)
    tardy = [one for one in items if isinstance(one, ScheduledDecision) and one.kind == "wind_down_end"]
    assert [one.due for one in tardy] == [dt.date(2025, 5, 27)]
    unaware = case.known_on("2025-03-20").with_evidence([one for one in items if one not in tardy], as_of=late)
    expected = build_history(case.known_on(late))
    assert list(differences(build_history(unaware), expected)) == ["rows", "scheduled"]
    assert differences(build_history(unaware.with_evidence(tardy, as_of=late)), expected) == {}


def test_every_kind_of_row_is_needed() -> None:
    """Leaving out the items of one kind changes what the model reads, so that the tests above can fail."""
    case, last = embedded(), MONTH_ENDS[-1]
    items, expected = case.evidence_between(FIRST, last), build_history(case.known_on(last))
    missed = {}
    for kind in (kind for kind in KINDS.values() if kind.is_row):
        kept = [one for one in items if not isinstance(one, kind)]
        assert len(kept) < len(items), kind
        known = case.known_on(FIRST).with_evidence(kept, as_of=last)
        missed[kind.type] = sorted(differences(build_history(known), expected))
    assert missed == {
        "signal": ["leans", "signals"],
        "transition": ["leans", "rows", "states"],
        "commitment_resolved": ["rows"],
        "licence_decision": ["rows"],
        "action": [],  # in this case every process of actions ends where an outcome's own history begins
        "scheduled_decision": ["rows"],
        "appointment": ["office", "proximity"],
        "departure": ["office", "proximity"],
    }


def test_an_action_is_needed_where_a_process_goes_on_counting() -> None:
    case = skeleton()
    actions = pd.concat([case.tables["actions"], case.tables["actions"].iloc[[1]]], ignore_index=True)
    actions.loc[3, ["date", "administration"]] = [pd.Timestamp("2024-05-05"), "marsh1"]
    case = dataclasses.replace(case, tables={**case.tables, "actions": actions})
    known = replayed(case, "2024-03-05", "2024-05-31")
    expected = build_history(case.known_on("2024-05-31"))
    assert differences(build_history(known), expected) == {}
    without = dataclasses.replace(
        known, tables={**known.tables, "actions": case.known_on("2024-03-05").tables["actions"]}
    )
    assert list(differences(build_history(without), expected)) == ["rows"]


days = st.dates(dt.date(2025, 2, 1), dt.date(2025, 8, 31))


@settings(max_examples=20)
@given(spans=st.lists(days, min_size=3, max_size=3).map(sorted), order=st.randoms(use_true_random=False))
def test_in_two_steps_as_in_one_and_in_any_order(spans: list[dt.date], order: Any) -> None:
    case, (first, middle, last) = embedded(), spans
    items = case.evidence_between(first, last)
    assert case.evidence_between(first, middle) + case.evidence_between(middle, last) == items
    shuffled = list(items)
    order.shuffle(shuffled)
    at_once = case.known_on(first).with_evidence(shuffled, as_of=last)
    in_steps = replayed(case, first, middle).with_evidence(case.evidence_between(middle, last), as_of=last)
    assert in_steps.digest == at_once.digest
    assert differences(build_history(at_once), build_history(case.known_on(last))) == {}
