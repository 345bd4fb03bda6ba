"""Nothing learnt after a day can reach a case cut to it: poison whatever is later, then delete it, and compare."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from functools import cache

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vzforecast.case import Case, load_case
from vzforecast.case.asof import cut_tables
from vzforecast.case.csvfile import Reading, read_table, write_table
from vzforecast.case.tables import TABLES

AS_OF = pd.Timestamp("2025-02-05")

# This file's own statement of the rule, from the case format: the date on which a row is known ...
KNOWN = {
    "actors": "from",
    "agreements": "published",
    "licences": "issued",
    "actions": "date",
    "news": "published",
    "transitions": "published",
    "questions": "opened",
    "markets": "date",
    "schedule": "published",
    "counts": "published",
}
# ... and the fields that are learnt later than the row, on the date that is first among them.
LATER_FIELDS = {
    "actors": ("to",),
    "commitments": ("resolved_on", "result", "first_breach", "days_to_breach", "note"),
    "questions": ("resolved_on", "resolution", "source", "confidence", "note"),
}

days_before = st.integers(0, 4000).map(lambda days: AS_OF - pd.Timedelta(days, "D"))
days_after = st.integers(1, 4000).map(lambda days: AS_OF + pd.Timedelta(days, "D"))
words = st.text("abcxyz 0189-", max_size=12).map(str.strip)


@cache
def embedded() -> Case:
    return load_case()


def poison(draw: st.DrawFn, name: str, row: dict[str, object], columns: list[str]) -> dict[str, object]:
    """Fill some columns of a row with anything of their type."""
    anything = {
        "text": words,
        "date": st.one_of(days_before, days_after),
        "month": days_before,
        "integer": st.integers(0, 1),
        "number": st.floats(0, 1),
    }
    return {**row, **{column: draw(anything[TABLES[name].column(column).kind]) for column in columns}}


def later_row(draw: st.DrawFn, name: str, row: dict[str, object]) -> dict[str, object]:
    """Turn a row into one that was not known yet."""
    headers = list(TABLES[name].headers)
    if name == "commitments":
        return {**poison(draw, name, row, headers), "agreement_id": "later"}
    if name == "flights":
        return {**poison(draw, name, row, headers), "month": draw(days_after).to_period("M").to_timestamp()}
    return {**poison(draw, name, row, headers), KNOWN[name]: draw(days_after)}


def later_fields(draw: st.DrawFn, name: str, row: dict[str, object]) -> dict[str, object]:
    """Give a row that was open on the day what was learnt about it later."""
    if name == "markets" and row["horizon"] > AS_OF:  # type: ignore[operator]
        return poison(draw, name, row, ["resolution"])
    fields = LATER_FIELDS.get(name, ())
    if not fields or not pd.isna(row[fields[0]]) or (name == "commitments" and row["result"] == "unresolved"):
        return row
    return {**poison(draw, name, row, list(fields)), fields[0]: draw(days_after)}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Draw what was known on the day, and the same with every kind of later knowledge mixed in."""
    known = embedded().known_on(AS_OF)
    poisoned = {}
    for name in TABLES:
        rows = [later_fields(draw, name, row) for row in known.tables[name].to_dict("records")[:6]]
        for _ in range(draw(st.integers(0, 2))):
            template = embedded().tables[name].to_dict("records")[0]
            rows.insert(draw(st.integers(0, len(rows))), later_row(draw, name, template))
        frame = pd.DataFrame(rows, columns=list(TABLES[name].headers))
        poisoned[name] = frame.astype(known.tables[name].dtypes.to_dict())
    return {name: known.tables[name].head(6) for name in TABLES}, poisoned


def assert_same(first: Mapping[str, pd.DataFrame], second: Mapping[str, pd.DataFrame]) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(first[name], second[name])


@given(worlds())
def test_poisoned_and_deleted_futures_cut_alike(drawn: tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]) -> None:
    clean, poisoned = drawn
    assert_same(cut_tables(poisoned, AS_OF.date()), cut_tables(clean, AS_OF.date()))
    assert_same(cut_tables(clean, AS_OF.date()), clean)  # what was known loses nothing


@given(st.dates(dt.date(2025, 1, 31), dt.date(2025, 12, 31)), st.dates(dt.date(2025, 1, 31), dt.date(2025, 12, 31)))
def test_cutting_twice_is_cutting_to_the_earlier_day(one: dt.date, other: dt.date) -> None:
    early, late = sorted([one, other])
    assert embedded().known_on(late).known_on(early).digest == embedded().known_on(early).digest


@given(st.dates(dt.date(2025, 1, 31), dt.date(2025, 12, 31)))
def test_a_cut_case_is_valid_and_holds_no_later_date(day: dt.date) -> None:
    known = embedded().known_on(day)
    known.validate()
    for name, column in KNOWN.items():
        assert not (known.tables[name][column] > pd.Timestamp(day)).any()
    for name, fields in LATER_FIELDS.items():
        assert not (known.tables[name][fields[0]] > pd.Timestamp(day)).any()
    assert not (known.tables["commitments"]["first_breach"] > pd.Timestamp(day)).any()


@given(st.permutations(range(9)))
def test_the_cut_keeps_the_order_of_rows(order: list[int]) -> None:
    actors = embedded().tables["actors"].iloc[order]
    shuffled = dataclasses.replace(embedded(), tables={**embedded().tables, "actors": actors})
    known = shuffled.known_on(AS_OF).tables["actors"]
    expected = [actor for actor, start in zip(actors["actor"], actors["from"], strict=True) if start <= AS_OF]
    assert known["actor"].tolist() == expected


@given(st.sampled_from(list(TABLES)), st.text(max_size=200))
def test_reading_any_text_gives_a_table_or_faults(name: str, text: str) -> None:
    for content in (text, f"{','.join(TABLES[name].headers)}\n{text}"):
        reading = read_table(TABLES[name], content)
        assert isinstance(reading, Reading)
        assert reading.faults or reading.frame is not None


@pytest.mark.parametrize("name", list(TABLES))
def test_writing_and_reading_the_embedded_tables_changes_nothing(name: str) -> None:
    table = embedded().tables[name]
    again = read_table(TABLES[name], write_table(TABLES[name], table))
    assert again.faults == ()
    assert again.frame is not None
    pd.testing.assert_frame_equal(again.frame.reset_index(drop=True), table.reset_index(drop=True))
