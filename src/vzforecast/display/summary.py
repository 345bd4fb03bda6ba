"""The answers of the main job, gathered once from its two fits for whatever shows them."""

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

import pandas as pd

from vzforecast.case.processes import CommitmentsProcess
from vzforecast.case.schema import CaseSpec, Headline
from vzforecast.convergence import quietly
from vzforecast.forecast import Forecast, Probability
from vzforecast.names import SCORES

_ROW: Final = ("probability", "lower", "upper", "mcse")

Line = tuple[str, str]  # of the record of promises: grouping, level


@dataclass(frozen=True)
class Run:
    """One fit, what it answers, and how long it took to get it; a failed fit is told by `ok`, not by warnings.

    Attributes
    ----------
    forecast : Forecast
        The fit.
    by : datetime.date
        The day of the scenario table.
    seconds : float
        Wall time, from the cache or not.
    """

    forecast: Forecast
    by: date
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the fit passed its diagnostics."""
        return self.forecast.ok

    @property
    def from_cache(self) -> bool:
        """Whether the fit was computed earlier and kept."""
        return bool(self.forecast.provenance.get("from_cache", False))

    @cached_property
    def scenarios(self) -> pd.DataFrame:
        """As `Forecast.scenarios`, on the day asked about."""
        return quietly(lambda: self.forecast.scenarios(self.by))

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """As `Forecast.outcomes`, at the case's deadlines still to come."""
        return quietly(self.forecast.outcomes)

    @cached_property
    def on_the_day(self) -> pd.DataFrame:
        """How likely each outcome is active on the day of the scenarios, by outcome."""
        if self.by == self.forecast.as_of:  # then it is on record
            record = self.forecast.simulated.record
            known = dict(zip(record.outcomes, record.active_now.astype(float), strict=True))
            columns = {name: dict.fromkeys(known, 0.0) if name == "mcse" else known for name in _ROW}
            return pd.DataFrame(columns).rename_axis("outcome")
        table = quietly(lambda: self.forecast.outcomes([self.by])).droplevel("by")
        return table[[f"at{part}" for part in ("", "_lower", "_upper", "_mcse")]].set_axis(list(_ROW), axis=1)

    @cached_property
    def influence(self) -> pd.DataFrame:
        """As `Forecast.influence`."""
        return quietly(self.forecast.influence)

    @cached_property
    def defection(self) -> pd.DataFrame:
        """As `Forecast.defection`."""
        return quietly(self.forecast.defection)

    @cached_property
    def questions(self) -> pd.DataFrame:
        """As `Forecast.questions`."""
        return quietly(self.forecast.questions)

    @cached_property
    def closeness_beats_office(self) -> Probability:
        """As `Forecast.closeness_beats_office`."""
        return quietly(lambda: self.forecast.closeness_beats_office)

    @property
    def prior_closeness_beats_office(self) -> float:
        """Its prior: of two half-normals with scales p and o, the first is larger with probability 2/pi atan(p/o)."""
        office, proximity = (self.forecast.case.prior_specs[f"influence.rho_{score}"].sigma for score in SCORES)
        return 2.0 / math.pi * math.atan2(proximity, office)


@dataclass(frozen=True)
class Summary:
    """What the main job shows.

    Attributes
    ----------
    main : Run
        The fit of all data.
    left_out : Run or None
        The fit without the agreement that the case's headline leaves out.
    """

    main: Run
    left_out: Run | None = None

    @property
    def spec(self) -> CaseSpec:
        """The declarations of the case."""
        return self.main.forecast.case.spec

    @property
    def headline(self) -> Headline | None:
        """What the case declares to show of the record of promises."""
        return self.spec.headline

    @property
    def runs(self) -> dict[str, Run]:
        """The fits by what they are of."""
        runs = {"all data": self.main}
        if self.left_out is not None and self.headline is not None:
            runs[f"without {self.headline.leave_out}"] = self.left_out
        return runs

    @property
    def ok(self) -> bool:
        """Whether every fit that a number comes from passed its diagnostics."""
        return all(run.ok for run in self.runs.values())

    @property
    def record_lines(self) -> list[Line]:
        """Lines of the record to show: each class as a whole, or the headline's class and its level; if any."""
        if self.headline is None:
            lines = [(f"{n}.all", "all") for n, p in self.spec.processes.items() if isinstance(p, CommitmentsProcess)]
        else:
            lines = [(f"{self.headline.process}.all", "all"), headline_line(self.headline)]
        return [line for line in lines if line in self.main.defection.index]


def rows(table: pd.DataFrame) -> dict[Any, dict[str, float]]:
    """Return the rows of a table of numbers by their index."""
    return {
        key: {str(name): float(value) for name, value in row.items()} for key, row in table.to_dict("index").items()
    }


def headline_line(headline: Headline) -> Line:
    """Return the line of the record that a headline names."""
    return f"{headline.process}.{headline.grouping}", headline.level
