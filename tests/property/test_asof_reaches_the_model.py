"""Nothing published after a day reaches the model fitted as of it.

Every row and field of the embedded case that was not known on the day is first filled with nonsense, then deleted; what
the model would get (coordinates, spare levels, rows, arrays, states, standing) must be the same as before, to the bit.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.cases import embedded
from vzforecast.case import Case
from vzforecast.history import Design, History, build_history, encode
from vzforecast.model import pack

# This file's own statement of when a row is known (docs/schema.md) ...
ROW_KNOWN_FROM: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "actors": lambda t: t["from"],
    "agreements": lambda t: t["published"].fillna(t["signed"]),
    "licences": lambda t: t["issued"],
    "actions": lambda t: t["date"],
    "news": lambda t: t["published"],
    "transitions": lambda t: t["published"],
    "questions": lambda t: t["opened"],
    "markets": lambda t: t["date"],
    "flights": lambda t: t["month"] + pd.offsets.MonthEnd(0),
    "schedule": lambda t: t["published"],
    "counts": lambda t: t["published"],
}
# ... and of when the rest of a row becomes known that was open.
REST_KNOWN_FROM: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "actors": ("to", ("to",)),
    "commitments": ("resolved_on", ("result", "first_breach", "resolved_on", "days_to_breach", "note")),
    "questions": ("resolved_on", ("resolution", "resolved_on", "source", "confidence", "note")),
    "markets": ("horizon", ("resolution",)),
}
# Dates that say when a thing becomes known: nonsense for them is another day after the as-of date.
CLOCKS = {"from", "to", "published", "issued", "opened", "resolved_on", "month", "horizon"}
CLOCK_OF_ROW = {"actions": {"date"}, "markets": {"date"}, "agreements": {"signed"}}

days = st.dates(dt.date(2025, 1, 31), dt.date(2025, 12, 31))


def unknown_rows(tables: Mapping[str, pd.DataFrame], day: pd.Timestamp) -> dict[str, pd.Series]:
    unknown = {name: known_from(tables[name]) > day for name, known_from in ROW_KNOWN_FROM.items()}
    agreements = tables["agreements"]
    later = set(agreements.loc[unknown["agreements"], "agreement_id"])
    return unknown | {"commitments": tables["commitments"]["agreement_id"].isin(later)}


def deleted(case: Case, day: pd.Timestamp) -> Case:
    """Drop what was not known."""
    unknown, tables = unknown_rows(case.tables, day), {}
    for name in case.tables:
        frame = case.tables[name].loc[~unknown[name]].copy()
        if name in REST_KNOWN_FROM:
            clock, fields = REST_KNOWN_FROM[name]
            later = frame[clock] > day
            for field in fields:
                frame[field] = frame[field].mask(later, "" if pd.api.types.is_string_dtype(frame[field]) else None)
        tables[name] = frame
    return dataclasses.replace(case, tables=tables)


def poisoned(case: Case, day: pd.Timestamp, random: np.random.Generator) -> Case:
    """Fill what was not known with nonsense of the right type, and add more of it."""
    unknown, tables = unknown_rows(case.tables, day), {}
    for name in case.tables:
        frame, later = case.tables[name], unknown[name]
        keep = {"agreement_id"} if name == "commitments" else set()
        for column in set(frame.columns) - keep:
            clocked = column in CLOCKS | CLOCK_OF_ROW.get(name, set())
            frame[column] = frame[column].mask(later, nonsense(frame[column], day, random, clocked=clocked))
        clock, fields = REST_KNOWN_FROM.get(name, ("", ()))
        still_open = ~later & (frame[clock] > day) if clock else later
        for field in fields:
            frame[field] = frame[field].mask(still_open, nonsense(frame[field], day, random, clocked=field == clock))
        more = frame.loc[unknown_rows({**case.tables, name: frame}, day)[name]]
        tables[name] = pd.concat([more, frame, more], ignore_index=True)
    return dataclasses.replace(case, tables=tables)


def nonsense(column: pd.Series, day: pd.Timestamp, random: np.random.Generator, *, clocked: bool) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        offset = random.integers(1, 400) if clocked else random.integers(-3000, 3000)
        return pd.Series(day + pd.Timedelta(int(offset), "D"), index=column.index, dtype=column.dtype)
    if pd.api.types.is_string_dtype(column):
        text = random.choice(["poison", *column.unique()])
        return pd.Series(str(text), index=column.index, dtype=column.dtype)
    return pd.Series(random.choice([0, 1, 2, 3]), index=column.index).astype(column.dtype)


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
