"""Pieces of HTML: whatever the text, it is text on the page, and tables say what their cells are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.pages import read
from vzforecast import markup

HOSTILE = [
    "<script>alert(1)</script>",
    "Chevron & Co <b>",
    '" onmouseover="alert(1)',
    "&lt;already&gt; &amp;",
    "</td></table><img src=x onerror=alert(1)>",
    "]]>--><!--",
    "منع & <i>",
]
# What a parser itself would change: a carriage return ends a line, and a surrogate is no character.
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1)
hostile = st.one_of(st.sampled_from(HOSTILE), words, st.tuples(words, st.sampled_from(HOSTILE)).map("".join))


@given(hostile)
@pytest.mark.parametrize("piece", [markup.title, markup.line, markup.quiet, markup.alarm, markup.lines])
def test_text_stays_text(piece: object, text: str) -> None:
    assert "".join(read(markup.block(piece(text))).leaves) == text  # type: ignore[operator]


@given(hostile, hostile)
def test_a_summary_stays_text(summary: str, inside: str) -> None:
    page = read(markup.folded(summary, markup.line(inside)))
    assert page.leaves == [summary, inside]


@given(hostile, hostile, hostile, hostile, hostile)
def test_every_part_of_a_table_stays_text(name: str, label: str, header: str, text: str, caption: str) -> None:
    frame = pd.DataFrame({header: [text]}, index=pd.Index([label], name=name))
    assert read(markup.table(frame, caption)).leaves == [caption, name, header, label, text]


def test_a_table_ties_headers_to_cells() -> None:
    index = pd.MultiIndex.from_tuples([("oil", "2025"), ("oil", "2026")], names=["faction", "year"])
    frame = pd.DataFrame({"share": [0.25, 0.5], "headline": ["a", "b"], "read": ["1 %", "2 %"]}, index=index)
    page = read(markup.table(frame, "Influence", figures=["read"]))
    assert [one["scope"] for one in page.all("th")] == ["col"] * 5 + ["row", "row"] * 2
    aligned = ["right" if "text-align:right" in str(one["style"]) else "left" for one in page.all("td")]
    assert aligned == ["right", "left", "right"] * 2
    assert page.leaves == [
        *("Influence", "faction", "year", "share", "headline", "read"),
        *("oil", "2025", "0.25", "a", "1 %", "oil", "2026", "0.5", "b", "2 %"),
    ]


def test_a_long_table_says_what_it_hides() -> None:
    frame = pd.DataFrame({"n": range(1030)})
    page = read(markup.block(markup.table(frame)))
    assert len(page.all("tr")) == 1 + markup.MOST_ROWS
    assert page.leaves[-1] == "and 1,010 more"
    assert "more" not in read(markup.block(markup.table(frame, most=1030))).text


def test_tables_without_rows_or_columns() -> None:
    assert len(read(markup.table(pd.DataFrame({"a": []}))).all("tr")) == 1
    assert read(markup.table(pd.DataFrame(index=pd.Index(["x", "y"], name="id")))).leaves == ["id", "x", "y"]


def test_two_columns_of_one_name_keep_their_own_cells() -> None:
    frame = pd.DataFrame([[1, "b"]], columns=["a", "a"], index=["x"])
    assert read(markup.table(frame)).leaves == ["a", "a", "x", "1", "b"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.37589, "0.3759"),
        (np.float64(-0.0), "0"),
        (12345.678, "12,346"),
        (float("inf"), "inf"),
        (float("nan"), ""),
        (None, ""),
        (pd.NaT, ""),
        (pd.NA, ""),
        (True, "yes"),
        (np.False_, "no"),
        (1234, "1,234"),
        (np.int64(7), "7"),
        (pd.Timestamp("2025-02-05"), "2025-02-05"),
        (pd.Timestamp("2025-02-05 12:30"), "2025-02-05 12:30:00"),
        ("", ""),
        (("a", 1), "('a', 1)"),
    ],
    ids=str,
)
def test_cells_are_shown_as_people_read_them(value: object, shown: str) -> None:
    assert markup.cell(value) == shown


def test_no_colour_is_fixed_but_that_of_the_bar() -> None:
    frame = pd.DataFrame({"a": [1.0]})
    html = markup.block(
        *(piece("x") for piece in (markup.title, markup.line, markup.quiet, markup.lines)),
        markup.folded("x", markup.table(frame, "x")),
    )
    styles = [str(attributes.get("style", "")) for _, attributes in read(html).elements]
    rules = dict(rule.split(":") for style in styles for rule in style.split(";") if rule)
    assert rules["color"] == "inherit"
    assert rules["background"] == "none"
    assert "#" not in html
    assert markup.alarm("x").count("#") == 1
    assert "border-left:4px solid #e53935" in markup.alarm("x")


def test_formulas_are_not_looked_for() -> None:
    (attributes,) = read(markup.block()).all("div")
    assert attributes["class"] == "tex2jax_ignore mathjax_ignore"
