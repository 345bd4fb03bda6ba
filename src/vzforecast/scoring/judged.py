"""Checked forecasts with their resolutions, as arrays."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from vzforecast.errors import DateError, Fault, ScoreError
from vzforecast.inputs.dates import as_day
from vzforecast.inputs.wording import choices
from vzforecast.scoring.reading import Columns, TableLike, read_columns
from vzforecast.scoring.rules import Floats

Ints = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

UNNAMED: Final = "forecaster"  # who the rows are of, in a table that does not say
_RANGE: Final = "give a number from 0 to 1, such as 0.6 for 60%"
_RESOLUTION: Final = "give 1 for yes, 0 for no, or leave it blank until it is known"


@dataclass(frozen=True, eq=False)
class Record:
    """The resolved forecasts of one forecaster, in an order that does not depend on that of the rows.

    Attributes
    ----------
    question, block : numpy.ndarray of int
        Numbers of the question and of the block of each forecast.
    asked : numpy.ndarray of int
        Number of the question as asked on its day.
    probability, resolution : numpy.ndarray
        What was said, and what happened: 0 or 1.
    unresolved : int
        Forecasts that are left out, as their resolution is blank.
    """

    question: Ints
    block: Ints
    asked: Ints
    probability: Floats
    resolution: Floats
    unresolved: int

    @property
    def n(self) -> int:
        """How many forecasts are resolved."""
        return self.probability.size

    @property
    def questions(self) -> int:
        """How many distinct questions they are of."""
        return distinct(self.question)

    @property
    def blocks(self) -> int:
        """How many distinct blocks they are in."""
        return distinct(self.block)


@dataclass(frozen=True, eq=False)
class Judged:
    """All forecasts of a table.

    Attributes
    ----------
    source : str
        Where they are from.
    names : tuple of str
        The forecasters, in alphabetical order.
    who, question, asked, block : numpy.ndarray of int
        For each row: position of its forecaster in `names`; numbers of its question, of the question as asked on its
        day, and of its block.
    probability, resolution : numpy.ndarray
        What was said, and what happened: 0, 1, or NaN if it is not known yet.
    """

    source: str
    names: tuple[str, ...]
    who: Ints
    question: Ints
    asked: Ints
    block: Ints
    probability: Floats
    resolution: Floats

    def record(self, name: str) -> Record:
        """Return what one forecaster said, refused if there is none of that name."""
        if name not in self.names:
            raise ScoreError([Fault(self.source, "forecaster", name, "not in the table", choices(name, self.names))])
        own = np.flatnonzero(self.who == self.names.index(name))
        halves = (own[self.resolution[own] == happened] for happened in (0.0, 1.0))
        # Sums are taken in the order of the numbers themselves: no order of rows, and no name, moves the last digit.
        known = np.concatenate([half[np.argsort(self.probability[half])] for half in halves])
        return Record(
            question=self.question[known],
            block=self.block[known],
            asked=self.asked[known],
            probability=self.probability[known],
            resolution=self.resolution[known],
            unresolved=own.size - known.size,
        )


def read_judged(table: TableLike, by: str = "question") -> Judged:
    """Read forecasts with their resolutions, all or none.

    Parameters
    ----------
    table : str, pathlib.Path or pandas.DataFrame
        A CSV file or a table with the columns ``question``, ``probability``, ``resolution`` (0, 1 or blank), and if
        wanted ``forecaster`` and ``as_of``.
    by : str, default "question"
        Column whose values make blocks.

    Returns
    -------
    Judged
        Checked rows.

    Raises
    ------
    ScoreError
        Something is wrong with it; `faults` names all of it, with rows, value and remedy.
    """
    check = _Check(read_columns(table, by))
    frame = check.columns.frame
    people, who = pd.Index([UNNAMED]), np.zeros(len(frame), np.intp)
    if "forecaster" in frame:
        people, who = check.labels("forecaster")
    _, question = check.labels("question")
    block = question if by == "question" else check.labels(by)[1]
    asked = check.days(question) if "as_of" in frame else question
    p, y = check.probabilities(), check.resolutions()
    if not check.faults:
        check.once(who, asked)
        check.agreed(asked, y)
    if check.faults:
        raise ScoreError(check.faults)
    names = sorted(map(str, people))
    rank = pd.Index(names).get_indexer(people)
    return Judged(check.columns.source, tuple(names), rank[who], question, asked, block, p, y)


class _Check:
    """The columns of a table one by one; what is wrong with them joins the faults."""

    def __init__(self, columns: Columns):
        self.columns = columns
        self.faults = list(columns.faults)

    def labels(self, name: str) -> tuple[pd.Index, Ints]:
        """Return the distinct labels of a column, as text, and the number of each row's."""
        column = self.columns.frame[name]
        text = column.astype("str")
        self._report(name, (column.isna() | (text.str.strip() == "")).to_numpy(bool), "blank", "write one in every row")
        codes, found = pd.factorize(text)
        return pd.Index(found), codes.astype(np.intp, copy=False)

    def days(self, question: Ints) -> Ints:
        """Return the number of each row's question as asked on its as-of date."""
        codes, found = pd.factorize(self.columns.frame["as_of"])
        days: list[dt.date | None] = []
        for value in found:
            try:
                days.append(as_day(value, "as_of"))
            except DateError:
                days.append(None)
        wrong = np.array([*(day is None for day in days), True])[codes]  # code -1, the last, is blank
        self._report("as_of", wrong, "not a day", "write YYYY-MM-DD in every row")
        numbers = pd.factorize(pd.Series(days, dtype=object))[0] if days else np.zeros(1, np.intp)
        joint = question.astype(np.int64) * (len(days) + 1) + numbers[codes]
        return pd.factorize(joint)[0].astype(np.intp, copy=False)

    def probabilities(self) -> Floats:
        """Return the probabilities."""
        column = self.columns.frame["probability"]
        numbers = _numbers(column)
        if pd.api.types.is_bool_dtype(column):
            numbers = np.full(len(column), np.nan)
        not_a_number = np.isnan(numbers)
        self._report("probability", not_a_number, "not a number", _RANGE)
        self._report("probability", ~not_a_number & ~((numbers >= 0.0) & (numbers <= 1.0)), "out of range", _RANGE)
        return numbers

    def resolutions(self) -> Floats:
        """Return the resolutions, NaN where they are not known."""
        column = self.columns.frame["resolution"]
        numbers = _numbers(column)
        unclear = np.isnan(numbers) & ~column.isna().to_numpy(bool)
        if unclear.any():  # text that is no number: blank, or wrong
            blank = column[unclear].astype("str").str.strip() == ""
            unclear[unclear] = ~blank.to_numpy(bool)
        wrong = unclear | ~(np.isnan(numbers) | (numbers == 0.0) | (numbers == 1.0))
        self._report("resolution", wrong, "neither 0 nor 1", _RESOLUTION)
        return numbers

    def once(self, who: Ints, asked: Ints) -> None:
        """Refuse two forecasts of one question by one forecaster on one day."""
        joint = pd.Series(asked.astype(np.int64) * (int(who.max()) + 1) + who)
        twice = joint.duplicated(keep="first").to_numpy(bool)
        if not twice.any():
            return
        place = int(np.flatnonzero(twice)[0])
        pair = np.flatnonzero((joint == joint[place]).to_numpy(bool)).tolist()
        dated = "as_of" in self.columns.frame
        problem = f"two forecasts of one question by one forecaster{' on one as-of date' if dated else ''}"
        more = f" ({int(twice.sum()):,} such rows in all)" if twice.sum() > 1 else ""
        remedy = "keep one of them" + ("" if dated else ", or tell them apart by a column as_of or forecaster")
        question = str(self.columns.frame["question"].iloc[place])
        self.faults.append(Fault(self.columns.source, self.columns.rows(pair), question, problem + more, remedy))

    def agreed(self, asked: Ints, y: Floats) -> None:
        """Refuse two resolutions of one question as asked on one day."""
        known = np.where(np.isnan(y), -1.0, y)
        first = np.full(int(asked.max()) + 1, np.nan)
        first[asked[::-1]] = known[::-1]  # of rows with one number, the first is written last
        other = known != first[asked]
        if not other.any():
            return
        place = int(np.flatnonzero(other)[0])
        pair = [int(np.flatnonzero(asked == asked[place])[0]), place]
        question = str(self.columns.frame["question"].iloc[place])
        remedy = "give all rows of a question the same resolution, or a different as_of"
        fault = Fault(self.columns.source, self.columns.rows(pair), question, "resolved in two ways", remedy)
        self.faults.append(fault)

    def _report(self, column: str, wrong: Mask, problem: str, remedy: str) -> None:
        if wrong.any():
            places = np.flatnonzero(wrong).tolist()
            value = self.columns.frame[column].iloc[places[0]]
            shown = "" if pd.isna(value) else str(value)
            where = f"{self.columns.rows(places)}, column {column}"
            self.faults.append(Fault(self.columns.source, where, shown, problem, remedy))


def distinct(numbers: Ints) -> int:
    """Return how many different numbers there are; counting is ten times faster than sorting."""
    return int(np.count_nonzero(np.bincount(numbers)))


def _numbers(column: pd.Series) -> Floats:
    if column.dtype.kind in "mMc":  # days would count as nanoseconds, complex numbers by their real part
        return np.full(len(column), np.nan)
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
