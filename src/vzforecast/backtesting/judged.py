"""What happened, read from the whole case after every forecast has been made: the only place that sees it."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from vzforecast.backtesting.references import standing_still
from vzforecast.case import Case
from vzforecast.forecast.tables import scenarios_on
from vzforecast.history.recorded import recorded
from vzforecast.inputs.dates import DateLike, as_day
from vzforecast.paths import Paths


@dataclass(frozen=True, eq=False)
class Judged:
    """A case as far as it is known on the day of judgement.

    Attributes
    ----------
    case : Case
        The whole case.
    scored_on : date
        What was published up to the end of this day counts.
    """

    case: Case
    scored_on: date

    @classmethod
    def on(cls, case: Case, day: DateLike | None) -> Self:
        """Return the case on a day; by default the newest of which its tables tell."""
        return cls(case, case.record_end if day is None else as_day(day, "scored_on"))

    @cached_property
    def resolutions(self) -> pd.Series:
        """Answers on record, by question: 0.0, 1.0, or blank."""
        table = self.case.tables["questions"].set_index("question_id")
        there = table["resolved_on"] <= pd.Timestamp(self.scored_on)
        return table["resolution"].astype(float).where(there)

    def why_not_scored(self, question: str, horizon: date) -> str:
        """Say why a question is not scored yet; nothing if it is."""
        if horizon > self.scored_on:
            return f"its horizon, {horizon}, has not passed by {self.scored_on}"
        return "its answer is not on record" if np.isnan(self.resolutions[question]) else ""

    @property
    def last(self) -> date:
        """The last day of which the states of all outcomes are known."""
        return min(self.scored_on, self.case.spec.horizon)

    @cached_property
    def _paths(self) -> Paths:
        """The one path that the world took."""
        table = self.case.tables["transitions"]
        known = table.loc[(table["published"] <= pd.Timestamp(self.scored_on)) & (table["date"] <= str(self.last))]
        case = dataclasses.replace(self.case, tables={**self.case.tables, "transitions": known})
        return standing_still(recorded(case, self.last))

    def scenario(self, day: date) -> str | None:
        """Return the scenario whose states held at the end of a day; None if that is not known yet."""
        if day > self.last:
            return None
        return next(name for name, holds in scenarios_on(self.case, self._paths, day) if holds[0, 0])

    def next_changes(self, as_of: date) -> Iterator[tuple[str, float]]:
        """Yield every outcome, and how many days after a day it changed next; infinite if it has not."""
        record = self._paths.record
        begin = float((as_of - self.last).days)
        for number, outcome in enumerate(record.outcomes):
            times = record.times[(record.outcome == number) & (record.times > begin)]
            yield outcome, float(np.ceil(times[0] - begin)) if times.size else np.inf
