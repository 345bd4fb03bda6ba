"""What to watch for: the questions whose answers would move the event most."""

from typing import Final

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.case.schema import CaseSpec
from vzforecast.convergence import quietly
from vzforecast.explaining import Information, value_of_information
from vzforecast.forecast import Forecast
from vzforecast.reporting.asked import answered, worded
from vzforecast.reporting.grids import PLAIN, UNCLEAR, Bar, Grid, Line
from vzforecast.reporting.subject import Subject

SHOWN: Final = 8
_HEADERS: Final = (
    ("Watch for", False),
    ("Answers, and the probability after each", False),
    ("Points", True),
    ("Bits", True),
)
_NOTE: Final = (
    "Points: how far the answer moves the probability, on average over the answers, which the bars show. Bits: "
    "information that the answer is expected to bring. Grey: within twice its Monte Carlo error."
)


def watch_grid(fc: Forecast, about: Subject) -> Grid:
    """Return the most informative questions about an event, and what each of their answers would do.

    Parameters
    ----------
    fc : Forecast
        With days left after its as-of date.
    about : Subject
        The event.

    Returns
    -------
    Grid
        At most eight lines.
    """
    value = quietly(lambda: value_of_information(fc, None, about.text))
    table = value.table.head(SHOWN)
    longest = max(float(table["shift"].max()), 1e-9)
    lines = []
    for question, row in table.iterrows():
        told = _answers(value, str(question), fc.case.spec)
        points, bits = f"{row['shift']:.1f}", f"{row['bits']:.4f}"
        bar = Bar(0.0, 100.0 * row["shift"] / longest, np.nan, np.nan, PLAIN if row["clear"] else UNCLEAR, points)
        lines.append(Line((worded(str(question), fc.case.spec), told, points, bits), bar))
    title = f"{about.name}: {figures.percent(value.probability.mean)} now"
    return Grid(title, _HEADERS, tuple(lines), _NOTE, fc.ok)


def _answers(value: Information, question: str, spec: CaseSpec) -> str:
    lines = value.answers.loc[question].iterrows()
    said = "\n".join(_answer(answered(str(answer), question, spec), row) for answer, row in lines)
    return figures.unbroken(said)


def _answer(answer: str, row: pd.Series) -> str:
    """Return an answer, how likely it is, and the probability after it."""
    if np.isnan(row["after"]):
        return f"{answer} ({figures.percent(row['predictive'])}): on no path"
    moved = f"{figures.percent(row['after'])} ({figures.change(row['change'] / 100.0)})"
    return f"{answer} ({figures.percent(row['predictive'])}): then {moved}"
