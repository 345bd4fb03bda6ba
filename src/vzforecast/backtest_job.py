"""The job of ``vzforecast backtest``: days of the past in, scores and tables out."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from vzforecast.backtesting import BacktestResult, backtest
from vzforecast.case import load_case
from vzforecast.inputs.dates import as_day
from vzforecast.messages import OptionError, unwritable
from vzforecast.settings import SamplerSettings, Strategy

_EVERY: Final = re.compile(r"([1-9][0-9]{0,3})([dw])", re.ASCII)
_DAYS_OF: Final = {"d": 1, "w": 7}


@dataclass(frozen=True)
class BacktestRequest:
    """What is asked.

    Attributes
    ----------
    case : str or None
        Name or folder of the case; the embedded one if not given.
    first, last : str
        First as-of date, and the day after which there is none.
    every : str
        Step between as-of dates, ``14d`` or ``2w``.
    questions : tuple of str
        Ids of the questions; all if none is named.
    strategy : {"refit", "update", "none"}
        How each day's forecast comes about.
    workers : int
        Processes of this machine.
    settings : SamplerSettings
        Of every fit.
    seed : int
        Of every fit.
    scored_on : str or None
        Up to the end of this day it counts what happened.
    average : bool
        Average variants of the case on every day.
    out : Path
        Folder of finished days and tables.
    """

    case: str | None
    first: str
    last: str
    every: str
    questions: tuple[str, ...]
    strategy: Strategy
    workers: int
    settings: SamplerSettings
    seed: int
    scored_on: str | None
    average: bool
    out: Path


def run_backtest_job(request: BacktestRequest) -> BacktestResult:
    """Replay the days asked for and write the tables.

    Parameters
    ----------
    request : BacktestRequest
        What is asked.

    Returns
    -------
    BacktestResult
        As from ``vzforecast.backtest``.

    Raises
    ------
    OptionError
        The dates or the step make no list of days.
    OutputError
        The tables cannot be written.
    BacktestError
        As from ``vzforecast.backtest``.
    """
    result = backtest(
        load_case(request.case),
        as_of_dates(request.first, request.last, request.every),
        request.questions or None,
        request.strategy,
        request.workers,
        out=request.out,
        settings=request.settings,
        seed=request.seed,
        scored_on=request.scored_on,
        average=request.average,
    )
    try:
        result.save(request.out)
    except OSError as error:
        raise unwritable(request.out, error, "--output") from error
    return result


def as_of_dates(first: str, last: str, every: str) -> list[date]:
    """Return the days from a first one on, a step apart, as far as they are not after a last one.

    Raises
    ------
    DateError
        A date that is not ISO.
    OptionError
        The step is none, or the last day is before the first.
    """
    begin, end = as_day(first, "date of --from"), as_day(last, "date of --to")
    if end < begin:
        raise OptionError(f"--to {end} is before --from {begin}; exchange them")
    step = _EVERY.fullmatch(every)
    if step is None:
        raise OptionError(f"--every is {every!r}; give days or weeks, such as 14d or 2w")
    days = int(step[1]) * _DAYS_OF[step[2]]
    return [begin + timedelta(ahead) for ahead in range(0, (end - begin).days + 1, days)]
