"""The one family of errors that vzforecast raises on purpose.

Each leaf is also the builtin a caller would expect, so ``except ValueError`` keeps working. A message
names what is wrong, where, the value found and the remedy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class VzForecastError(Exception):
    """Root of every error raised on purpose.

    Examples
    --------
    >>> issubclass(DateError, (VzForecastError, ValueError))
    True
    """


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with the files of a case.

    Attributes
    ----------
    file : str
        File name inside the case folder.
    place : str
        Key or row and column, as a person would look for it.
    value : str
        The value found there.
    problem : str
        What is wrong with it.
    remedy : str
        What to do about it.

    Examples
    --------
    >>> print(Fault("news.csv", "row 3, column date", "1 May", "not an ISO date", "write YYYY-MM-DD"))
    news.csv: row 3, column date ('1 May'): not an ISO date; write YYYY-MM-DD
    """

    file: str
    place: str
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        shown = f"({self.value!r})" if self.value else ""
        where = " ".join(part for part in (self.place, shown) if part)
        return f"{self.file}: {f'{where}: ' if where else ''}{self.problem}; {self.remedy}"


class CaseError(VzForecastError, ValueError):
    """The files of a case contradict the schema or each other.

    Parameters
    ----------
    faults : sequence of Fault
        Every fault found; kept in order as the attribute ``faults``.

    Examples
    --------
    >>> CaseError([Fault("case.toml", "horizon", "", "missing", "add it")]).faults[0].remedy
    'add it'
    """

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(sorted(faults))
        count = len(self.faults)
        head = f"the case has {count} fault{'' if count == 1 else 's'}:"
        super().__init__("\n  ".join([head, *map(str, self.faults)]))


class _FaultsError(VzForecastError, ValueError):
    """Several faults told at once, in the order in which they were found."""

    where: ClassVar[str]

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        count = len(self.faults)
        head = f"{count} fault{'' if count == 1 else 's'} in {self.where}:"
        super().__init__("\n  ".join([head, *map(str, self.faults)]))


class EvidenceError(_FaultsError):
    """Items of evidence that contradict themselves, each other, or the case.

    Parameters
    ----------
    faults : sequence of Fault
        Every fault found; kept in order as the attribute ``faults``. The `file` of each names the item.

    Examples
    --------
    >>> print(EvidenceError([Fault("signal leak", "strength", "7", "out of range", "give a value of at most 3")]))
    1 fault in the evidence:
      signal leak: strength ('7'): out of range; give a value of at most 3
    """

    where = "the evidence"


class CoherenceError(_FaultsError):
    """Stated probabilities that cannot be read or checked; ones that are merely incoherent are no error.

    Parameters
    ----------
    faults : sequence of Fault
        Every fault found; kept in order as the attribute ``faults``.

    Examples
    --------
    >>> print(CoherenceError([Fault("stated.csv", "row 2, column probability", "60", "out of range", "give 0.6")]))
    1 fault in the stated probabilities:
      stated.csv: row 2, column probability ('60'): out of range; give 0.6
    """

    where = "the stated probabilities"


class InterventionError(_FaultsError):
    """An intervention that the case cannot have, or a forecast under one where a forecast of what will be is needed.

    Parameters
    ----------
    faults : sequence of Fault
        Every fault found; kept in order as the attribute ``faults``.

    Examples
    --------
    >>> print(InterventionError([Fault("intervention", "silence", "gas", "no such faction", "choose one of oil")]))
    1 fault in the intervention:
      intervention: silence ('gas'): no such faction; choose one of oil
    """

    where = "the intervention"


class BacktestError(VzForecastError, ValueError):
    """A backtest that cannot be run as it is asked for, or a folder that holds another one.

    Examples
    --------
    >>> str(BacktestError("workers is 0; give a whole number from 1"))
    'workers is 0; give a whole number from 1'
    """


class ScoreError(_FaultsError):
    """Forecasts that cannot be scored, compared or pooled as they are given.

    Parameters
    ----------
    faults : sequence of Fault
        Every fault found; kept in order as the attribute ``faults``.

    Examples
    --------
    >>> print(ScoreError([Fault("record.csv", "row 2, column probability", "60", "out of range", "give 0.6")]))
    1 fault in what is to be scored:
      record.csv: row 2, column probability ('60'): out of range; give 0.6
    """

    where = "what is to be scored"


class CaseNotFoundError(VzForecastError, FileNotFoundError):
    """No case of that name or at that folder."""


class DateError(VzForecastError, ValueError):
    """A date that is not ISO, or outside the span where it means something.

    Examples
    --------
    >>> str(DateError("2026-01-01 is after the horizon"))
    '2026-01-01 is after the horizon'
    """


class EventError(VzForecastError, ValueError):
    """An event expression that does not parse or names what the case does not have.

    Examples
    --------
    >>> print(EventError("state(oil = flowing): no outcome 'oil'; choose one of sanctions, formal_relief"))
    state(oil = flowing): no outcome 'oil'; choose one of sanctions, formal_relief
    """


class PriorError(VzForecastError, ValueError):
    """A prior that does not exist or cannot hold the value given.

    Examples
    --------
    >>> print(PriorError("a half_normal prior has no mu, got 0.5; give sigma alone"))
    a half_normal prior has no mu, got 0.5; give sigma alone
    """


class SettingsError(VzForecastError, ValueError):
    """Sampler settings or a seed outside their range."""


class ForecastFileError(VzForecastError, ValueError):
    """A file that is not a saved forecast, or one that was cut short or changed.

    Examples
    --------
    >>> print(ForecastFileError("fc.nc: no such file; give a forecast written by Forecast.save or --save"))
    fc.nc: no such file; give a forecast written by Forecast.save or --save
    """


class CheckError(VzForecastError, ValueError):
    """A check that cannot be made of a forecast: of rows that no draw belongs to, or of two that have different rows.

    Examples
    --------
    >>> print(CheckError("the rows of the two forecasts are not the same; compare forecasts of one case and day"))
    the rows of the two forecasts are not the same; compare forecasts of one case and day
    """


class ExplainError(VzForecastError, ValueError):
    """Two forecasts whose difference cannot be taken apart, or an explanation asked for in words that it does not have.

    Examples
    --------
    >>> print(ExplainError("by is 'week'; choose one of faction, kind, source, month"))
    by is 'week'; choose one of faction, kind, source, month
    """


class PlotError(VzForecastError, ValueError):
    """A figure that cannot be drawn of what it is given.

    Examples
    --------
    >>> issubclass(PlotError, ValueError)
    True
    """


class ReportError(VzForecastError, ValueError):
    """A report that cannot be written: of two forecasts that cannot be compared, or to a place that is not there.

    Examples
    --------
    >>> issubclass(ReportError, ValueError)
    True
    """


class UpdateError(VzForecastError, RuntimeError):
    """Draws that cannot be weighted or moved on: what has become known goes too far, or changes the model.

    Parameters
    ----------
    why : str
        What is wrong, with the figures.
    khat : float
        Pareto k of the importance ratios; NaN if it did not come to that.
    ess : float
        Effective draws among the weighted ones; NaN if it did not come to that.
    asked : str
        What was asked for.

    Examples
    --------
    >>> UpdateError("k-hat 0.91 is not below 0.70", khat=0.91, ess=35.0).khat
    0.91
    """

    def __init__(self, why: str, *, khat: float, ess: float, asked: str = "reweighted"):
        super().__init__(
            f"the forecast cannot be {asked}: {why}; "
            "use method='refit', or 'auto' for the quickest way that can be trusted"
        )
        self.khat = khat
        self.ess = ess
