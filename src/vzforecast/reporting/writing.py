"""``vzforecast.report``: a forecast as one file that can be sent."""

from pathlib import Path

from vzforecast.errors import ReportError
from vzforecast.forecast import Forecast
from vzforecast.reporting.changing import check_since
from vzforecast.reporting.contents import contents_of
from vzforecast.reporting.page import page
from vzforecast.whole_file import whole_file


def report(fc: Forecast, path: str | Path, *, since: Forecast | None = None, event: str | None = None) -> Path:
    """Write a forecast as one HTML file: for reading on any screen, on paper, and without a network.

    It says what is likely, what changed and why, whose influence grew, what became of promises, what to watch for,
    and whether and from what the numbers were made. Without JavaScript it is complete; with it a reader chooses the
    deadline and hides factions. The same forecasts give the same bytes.

    Parameters
    ----------
    fc : Forecast
        Any; a failed fit is marked in every part. Nothing is sampled.
    path : str or Path
        The file; one that exists is replaced, whole or not at all.
    since : Forecast, optional
        An earlier forecast of the same case: what changed is said of the two, and split by what moved `event` if no
        more than twelve items lie between, or forty none of which bears on another. Without it the report tells what
        the last update did, if there was one.
    event : str, optional
        The event whose change is split, and which what to watch for is about, in the event language; by default
        that the scenario which is most likely on the horizon holds then.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ReportError
        The folder is missing or the file is one; or `since` is of another case, a later day, or other declarations.
    EventError
        The event does not parse.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> report(fc, "report.html", since=before)  # doctest: +SKIP
    """
    target = Path(path)
    _check_place(target)
    if since is not None:
        check_since(fc, since)
    text = page(contents_of(fc, since, event))
    with whole_file(target) as temporary:
        temporary.write_bytes(text.encode())  # bytes, so that line ends are the same on every system
    return target


def _check_place(target: Path) -> None:
    """Refuse a place where nothing can be written, before anything is computed."""
    if target.is_dir():
        raise ReportError(f"report: {str(target)!r} is a folder; give the name of a file")
    if not target.parent.is_dir():
        raise ReportError(f"report: {str(target)!r}: there is no folder {str(target.parent)!r}; make it first")
