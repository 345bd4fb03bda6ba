"""The job of ``vzforecast coherence``: stated probabilities in, a verdict and the nearest coherent ones out."""

import json
from dataclasses import dataclass
from pathlib import Path

from vzforecast.case import Case, load_case
from vzforecast.forecast import Forecast, load_forecast
from vzforecast.messages import OptionError
from vzforecast.stated import CoherenceReport, coherence
from vzforecast.whole_file import whole_file


@dataclass(frozen=True)
class CoherenceRequest:
    """What is asked.

    Attributes
    ----------
    stated : Path or None
        CSV file of events and probabilities; the forecast's own if not given.
    case : str or None
        Name or folder of the case; the embedded one if not given.
    as_of : str or None
        Day up to whose end the record counts; the case's default if not given.
    forecast : Path or None
        A saved forecast, in the place of case and day.
    tolerance : float
        How far each number may be off.
    """

    stated: Path | None
    case: str | None
    as_of: str | None
    forecast: Path | None
    tolerance: float


def run_coherence_job(request: CoherenceRequest) -> CoherenceReport:
    """Read what is asked for, then check it.

    Parameters
    ----------
    request : CoherenceRequest
        What is asked.

    Returns
    -------
    CoherenceReport
        As from ``vzforecast.coherence``.

    Raises
    ------
    OptionError
        Options contradict each other, or nothing is stated.
    CoherenceError
        What is stated has faults, or makes too many possible worlds.
    """
    if request.forecast is not None and (request.case is not None or request.as_of is not None):
        raise OptionError("--forecast brings its case and day; leave it out, or leave out --case and --as-of")
    if request.forecast is None and request.stated is None:
        raise OptionError("nothing is stated; give a CSV file, or --forecast for what a forecast says itself")
    return coherence(_known(request), request.stated, request.tolerance)


def report_json(report: CoherenceReport) -> str:
    """Return a report as one JSON document, in full precision."""
    document = {
        "ok": report.ok,
        "as_of": str(report.as_of),
        "atoms": report.atoms,
        "distance": report.distance,
        "incoherences": report.incoherences.to_dict(orient="records"),
        "nearest": report.nearest.reset_index().to_dict(orient="records"),
    }
    return json.dumps(document, indent=2, allow_nan=False)


def report_csv(report: CoherenceReport) -> str:
    """Return the table of nearest numbers as CSV, in full precision."""
    return report.nearest.to_csv(lineterminator="\n")


def write_nearest(report: CoherenceReport, path: Path) -> None:
    """Write the nearest coherent numbers as a file that can be read as stated ones.

    Parameters
    ----------
    report : CoherenceReport
        From `run_coherence_job`.
    path : pathlib.Path
        Where to; an existing file is replaced, whole or not at all.

    Raises
    ------
    OSError
        It cannot be written there.
    """
    # A projection may miss 0 or 1 by a rounding error, which a reader would refuse.
    table = report.nearest["coherent"].clip(0.0, 1.0).rename("probability")
    with whole_file(path) as temporary:
        temporary.write_text(table.to_csv(lineterminator="\n"), encoding="utf-8", newline="")


def _known(request: CoherenceRequest) -> Forecast | Case:
    if request.forecast is not None:
        return load_forecast(request.forecast)
    return load_case(request.case).known_when_asked(request.as_of)
