"""The main job: fit a case, and once more without the agreement that its headline leaves out."""

import time
from dataclasses import dataclass
from datetime import date

from vzforecast.case import Case
from vzforecast.display import Run, Summary
from vzforecast.errors import DateError
from vzforecast.fitting import fit
from vzforecast.inputs.dates import as_day
from vzforecast.settings import SamplerSettings


@dataclass(frozen=True)
class Request:
    """What is asked of a case.

    Attributes
    ----------
    case : Case
        The whole case.
    as_of : str or None
        Forecast origin; the case's default if not given.
    by : str or None
        Day of the scenarios; the case's horizon if not given.
    settings : SamplerSettings
        Of both fits.
    seed : int
        Of both fits.
    cache : bool
        Whether to look for the fits on disk and keep them there.
    """

    case: Case
    as_of: str | None
    by: str | None
    settings: SamplerSettings
    seed: int
    cache: bool


def run_main_job(request: Request, *, compare: bool = True) -> Summary:
    """Check what is asked, then fit.

    Parameters
    ----------
    request : Request
        What is asked.
    compare : bool, default True
        Whether to fit also without the agreement that the headline leaves out, if the case has one. The second fit
        reuses what was compiled for the first.

    Returns
    -------
    Summary
        The fits, and what they answer.

    Raises
    ------
    DateError
        A date that is not ISO, or outside the span where it means something; nothing has been fitted.
    """
    case = request.case
    known = case.known_when_asked(request.as_of)
    by = _day_of_scenarios(request.by, known)
    main = _run(known, by, request)
    headline = case.spec.headline
    # Without the record of promises, leaving out one agreement changes nothing.
    if headline is None or not compare or "defection" in case.spec.variant.without:
        return Summary(main)
    rest = case.without_agreement(headline.leave_out).known_on(main.forecast.as_of)
    return Summary(main, _run(rest, by, request))


def _day_of_scenarios(text: str | None, known: Case) -> date:
    first, last = known.as_of or known.spec.origin, known.spec.horizon
    day = last if text is None else as_day(text, "date of --by")
    if not first <= day <= last:
        raise DateError(f"date of --by {day} is outside the forecast; give a day from {first} to {last}")
    return day


def _run(known: Case, by: date, request: Request) -> Run:
    begun = time.perf_counter()
    forecast = fit(known, settings=request.settings, seed=request.seed, cache=request.cache)
    return Run(forecast, by, time.perf_counter() - begun)
