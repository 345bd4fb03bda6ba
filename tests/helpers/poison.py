"""Cases whose future is garbled or gone: what was not known on a day is filled with nonsense, or deleted."""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from vzforecast.case import Case

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
