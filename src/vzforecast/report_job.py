"""The job of ``vzforecast report``: saved forecasts in, a page out."""

from dataclasses import dataclass
from pathlib import Path

from vzforecast.forecast import Forecast, load_forecast
from vzforecast.reporting import report


@dataclass(frozen=True)
class ReportRequest:
    """What is asked.

    Attributes
    ----------
    forecast : Path
        A saved forecast.
    output : Path
        Where the page goes.
    since : Path or None
        An earlier saved forecast of the same case.
    event : str or None
        What is explained; the most likely scenario on the horizon if None.
    """

    forecast: Path
    output: Path
    since: Path | None
    event: str | None


def run_report_job(request: ReportRequest) -> Forecast:
    """Read what is asked for, and write the page.

    Parameters
    ----------
    request : ReportRequest
        What is asked.

    Returns
    -------
    Forecast
        The one that the page is of.

    Raises
    ------
    ForecastFileError
        A file is no saved forecast.
    ReportError
        The two forecasts cannot be compared.
    EventError
        The event does not parse.
    OSError
        The page cannot be written.
    """
    forecast = load_forecast(request.forecast)
    since = None if request.since is None else load_forecast(request.since)
    report(forecast, request.output, since=since, event=request.event)
    return forecast
