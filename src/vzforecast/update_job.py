"""The job of ``vzforecast update``: a saved forecast and news in, before and after out."""

import time
from dataclasses import dataclass
from pathlib import Path

from vzforecast.display import Move, Run
from vzforecast.errors import DateError, EvidenceError, Fault
from vzforecast.evidence import Evidence, parse_item, read_evidence
from vzforecast.evidence_log import EvidenceLog
from vzforecast.forecast import Forecast, load_forecast
from vzforecast.inputs.dates import as_day
from vzforecast.settings import Method
from vzforecast.updating import update


@dataclass(frozen=True)
class UpdateRequest:
    """What is asked.

    Attributes
    ----------
    forecast : Path
        A saved forecast.
    news : tuple of Path
        Files of evidence.
    items : tuple of str
        Typed items.
    log : Path or None
        An evidence log; its items as of the new date.
    as_of, by : str or None
        New forecast origin, and day of the scenarios.
    method : {"auto", "reweight", "move", "refit"}
        As in ``update``.
    cache : bool
        Of a refit.
    """

    forecast: Path
    news: tuple[Path, ...]
    items: tuple[str, ...]
    log: Path | None
    as_of: str | None
    by: str | None
    method: Method
    cache: bool


def run_update_job(request: UpdateRequest) -> Move:
    """Read what is asked for, then update.

    Parameters
    ----------
    request : UpdateRequest
        What is asked.

    Returns
    -------
    Move
        Before and after; the new forecast is ``after.forecast``.

    Raises
    ------
    EvidenceError
        An item is not valid, contradicts the case, or is in the forecast already.
    ForecastFileError
        The file is no saved forecast.
    DateError
        A date that is not ISO, or outside the span where it means something.
    """
    before = load_forecast(request.forecast)
    items = _items(request, before)
    by = before.horizon if request.by is None else as_day(request.by, "date of --by")
    first = max([before.as_of, *(item.published for item in items)])
    if not first <= by <= before.horizon:
        raise DateError(f"date of --by {by} is outside the new forecast; give a day from {first} to {before.horizon}")
    begun = time.perf_counter()
    after = update(before, items, request.method, request.as_of, cache=request.cache)
    return Move(Run(before, by, 0.0), Run(after, by, time.perf_counter() - begun))


def _items(request: UpdateRequest, before: Forecast) -> tuple[Evidence, ...]:
    """Return all items asked for; those of a log that the forecast has already are what it goes on from."""
    items = [item for path in request.news for item in read_evidence(path)]
    items += [parse_item(text) for text in request.items]
    if request.log is not None:
        there = {item.id: item for item in before.evidence}
        logged = EvidenceLog(request.log).as_of(request.as_of or before.horizon)
        _check_kept(before, {item.id: item for item in logged})
        items += [item for item in logged if item.id not in there]
    return tuple(items)


def _check_kept(before: Forecast, logged: dict[str, Evidence]) -> None:
    """Refuse a log that took back or corrected what the forecast rests on: nothing can be taken out of its draws."""
    remedy = "update the forecast that came before it with this log"
    faults = [
        Fault(str(item), "id", item.id, "in the forecast, but not so in the log", remedy)
        for item in before.evidence
        if logged.get(item.id) != item
    ]
    if faults:
        raise EvidenceError(faults)
