"""Nothing published after a day reaches the model fitted as of it.

Every row and field of the embedded case that was not known on the day is first filled with nonsense, then deleted; what
the model would get (coordinates, spare levels, rows, arrays, states, standing) must be the same as before, to the bit.
"""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.cases import embedded
from helpers.poison import deleted, poisoned, unknown_rows
from vzforecast.case import Case
from vzforecast.history import Design, History, build_history, encode
from vzforecast.model import pack

days = st.dates(dt.date(2025, 1, 31), dt.date(2025, 12, 31))


def seen_by_the_model(case: Case, day: pd.Timestamp) -> tuple[History, Design]:
    known = case.known_on(day)
    history = build_history(known)
    return history, encode(history, known.prior_specs, half_life=known.spec.tension.half_life_months)


def assert_same(one: tuple[History, Design], other: tuple[History, Design]) -> None:
    for field in dataclasses.fields(History):
        first, second = getattr(one[0], field.name), getattr(other[0], field.name)
        if isinstance(first, pd.DataFrame):
            pd.testing.assert_frame_equal(first, second, check_exact=True)
        else:
            np.testing.assert_equal(first, second)
    for field in dataclasses.fields(Design):
        np.testing.assert_equal(getattr(one[1], field.name), getattr(other[1], field.name))
    np.testing.assert_equal(pack(one[1]), pack(other[1]))


@settings(max_examples=25)
@given(days, st.integers(0, 2**32 - 1))
@example(dt.date(2025, 2, 5), 1)
@example(dt.date(2025, 3, 24), 2)
@example(dt.date(2025, 8, 31), 3)
def test_poisoned_and_deleted_futures_give_the_model_the_same(day: dt.date, seed: int) -> None:
    stamp, random = pd.Timestamp(day), np.random.default_rng(seed)
    plain = seen_by_the_model(embedded(), stamp)
    assert_same(seen_by_the_model(poisoned(embedded(), stamp, random), stamp), plain)
    assert_same(seen_by_the_model(deleted(embedded(), stamp), stamp), plain)


def test_the_poison_is_poison_and_the_deletion_deletes() -> None:
    stamp = pd.Timestamp("2025-03-24")
    bad, gone = poisoned(embedded(), stamp, np.random.default_rng(1)), deleted(embedded(), stamp)
    for name in ("actors", "agreements", "commitments", "licences", "actions", "news", "transitions", "schedule"):
        whole = embedded().tables[name]
        later = int(unknown_rows(embedded().tables, stamp)[name].sum())
        assert later > 0
        assert len(gone.tables[name]) == len(whole) - later
        assert len(bad.tables[name]) > len(whole)
        rows = set(whole.astype(str).itertuples(index=False, name=None))
        assert sum(row not in rows for row in bad.tables[name].astype(str).itertuples(index=False, name=None)) >= later
