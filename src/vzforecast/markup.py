"""Compact HTML for notebooks: text that is escaped, tables, and what folds away.

Colours are those of the page it stands on, light or dark; only the bar beside an alarm has one of its own. Whatever
comes from a case or a person is escaped here and nowhere else: what is passed in is text, what is returned is HTML.
"""

from collections.abc import Collection, Iterable
from html import escape
from typing import Any, Final, NewType

import numpy as np
import pandas as pd

Html = NewType("Html", str)

MOST_ROWS: Final = 20

# Styles stand on the elements: some that render notebooks show a style sheet inside an output as text.
_BLOCK: Final = "max-width:60em;overflow-x:auto"
_LINE: Final = "margin:.2em 0"
_QUIET: Final = f"{_LINE};opacity:.8;font-size:90%"
_ALARM: Final = f"{_LINE};padding-left:.6em;border-left:4px solid #e53935;font-weight:bold"
_TABLE: Final = "border-collapse:collapse;margin:.5em 0"
_CAPTION: Final = "caption-side:top;text-align:left;font-weight:bold;color:inherit"
_TEXT: Final = "text-align:left;vertical-align:top"
_NAME: Final = f"{_TEXT};font-weight:normal"
_DAY: Final = f"{_TEXT};white-space:nowrap"
_FIGURE: Final = "text-align:right;vertical-align:top;white-space:nowrap"
_LINES: Final = f"{_LINE};white-space:pre-wrap;background:none;color:inherit;font-size:90%"


def block(*parts: Html) -> Html:
    """Put parts below each other; formulas are not looked for in them, as a headline may name two sums in dollars."""
    return Html(f'<div class="tex2jax_ignore mathjax_ignore" style="{_BLOCK}">{"".join(parts)}</div>')


def title(text: str) -> Html:
    """Return what the block is about."""
    return Html(f'<p style="{_LINE}"><strong>{escape(text)}</strong></p>')


def line(text: str) -> Html:
    """Return a paragraph."""
    return Html(f'<p style="{_LINE}">{escape(text)}</p>')


def quiet(text: str) -> Html:
    """Return a paragraph that steps back: a hint, or how to read a table."""
    return Html(f'<p style="{_QUIET}">{escape(text)}</p>')


def alarm(text: str) -> Html:
    """Return a paragraph nobody should overlook."""
    return Html(f'<p role="alert" style="{_ALARM}">{escape(text)}</p>')


def lines(text: str) -> Html:
    """Return text whose lines and spaces are kept; long lines are broken."""
    return Html(f'<pre style="{_LINES}">{escape(text)}</pre>')


def folded(summary: str, content: Html, *, opened: bool = False) -> Html:
    """Return what the reader opens by its summary."""
    state = " open" if opened else ""
    return Html(f'<details{state} style="{_LINE}"><summary>{escape(summary)}</summary>{content}</details>')


def table(frame: pd.DataFrame, caption: str = "", *, figures: Collection[str] = (), most: int = MOST_ROWS) -> Html:
    """Return a table whose index names its rows.

    Parameters
    ----------
    frame : DataFrame
        Text is shown as it is, numbers to four figures, days without their hour, what is missing as nothing.
    caption : str, optional
        What it is of.
    figures : collection of str, optional
        Columns of text that are set to the right, as numbers are.
    most : int, default 20
        Rows shown; a line below says how many more there are.

    Returns
    -------
    Html
        With headers that a screen reader ties to their cells.

    Examples
    --------
    >>> "<td" in table(pd.DataFrame({"mean": [0.25]}, index=pd.Index(["oil"], name="faction")))
    True
    """
    shown = frame.head(most)
    columns = [shown.iloc[:, place] for place in range(shown.shape[1])]
    styles = [_FIGURE if own.name in figures else _style(own) for own in columns]
    names = [(_TEXT, "" if name is None else name) for name in shown.index.names]
    heads = [*names, *zip(styles, shown.columns, strict=True)]
    head = "".join(f'<th scope="col" style="{style}">{escape(str(name))}</th>' for style, name in heads)
    rows = zip(*columns, strict=True) if columns else [()] * len(shown)
    body = "".join(_row(key, zip(styles, cells, strict=True)) for key, cells in zip(shown.index, rows, strict=True))
    above = f'<caption style="{_CAPTION}">{escape(caption)}</caption>' if caption else ""
    below = quiet(f"and {len(frame) - len(shown):,} more") if len(frame) > len(shown) else ""
    return Html(f'<table style="{_TABLE}">{above}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}')


def _row(key: Any, cells: Iterable[tuple[str, Any]]) -> str:
    labels = key if isinstance(key, tuple) else (key,)
    heads = "".join(f'<th scope="row" style="{_NAME}">{escape(cell(label))}</th>' for label in labels)
    return f"<tr>{heads}{''.join(f'<td style="{style}">{escape(cell(value))}</td>' for style, value in cells)}</tr>"


def _style(column: "pd.Series[Any]") -> str:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _DAY
    is_number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    return _FIGURE if is_number else _TEXT


def cell(value: Any) -> str:
    """Return the text of a cell of any kind.

    Parameters
    ----------
    value : object
        A number, a day, a truth value, text, or nothing.

    Returns
    -------
    str
        Not yet escaped.

    Examples
    --------
    >>> [cell(value) for value in (0.37589, 12345.6, float("nan"), True, pd.Timestamp("2025-02-05"), "a < b")]
    ['0.3759', '12,346', '', 'yes', '2025-02-05', 'a < b']
    """
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return str(value.date())
    return str(value)


def _number(value: float) -> str:
    if np.isnan(value):
        return ""
    return f"{value + 0.0:.4g}" if abs(value) < 1000.0 else f"{value:,.0f}"
