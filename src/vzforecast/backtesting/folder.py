"""A backtest on disk: its plan, a file for each finished day, and the last forecast of a chain."""

import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from vzforecast.backtesting.plan import Plan, differences
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.cache import CacheWarning
from vzforecast.errors import BacktestError, ForecastFileError
from vzforecast.forecast import Forecast, load_forecast
from vzforecast.whole_file import whole_file

_PLAN: Final = "plan.json"
_DAYS: Final = "days"


class Folder:
    """What a run leaves for the next.

    Every file is written whole or not at all, so a run may be killed at any moment.

    Parameters
    ----------
    path : Path
        New, empty, or that of an earlier run of the same plan.
    plan : Plan
        The plan.

    Raises
    ------
    BacktestError
        The folder is of another plan, or holds something else.
    """

    def __init__(self, path: Path, plan: Plan):
        self._path = path
        self._days = plan.days
        own = plan.to_dict()
        begun = path.is_dir() and any(map(_is_something, path.iterdir()))
        if begun:
            self._check(own)
        self._begin(own, anew=not begun)

    def finished(self) -> dict[date, Snapshot]:
        """Return the snapshots of the days that are done.

        Warns
        -----
        CacheWarning
            A file cannot be trusted; its day will be done again.
        """
        found = {}
        for day in self._days:
            file = self._file(day)
            if file.exists():
                try:
                    found[day] = _opened(file.read_text(encoding="utf-8"), day)
                except (ValueError, TypeError, KeyError, OSError) as error:
                    message = f"{file} cannot be trusted ({error}); the day is done again"
                    warnings.warn(message, CacheWarning, stacklevel=2)
        return found

    def keep(self, snapshot: Snapshot) -> None:
        """Write the snapshot of a finished day.

        Raises
        ------
        BacktestError
            It cannot be written, for want of room perhaps.
        """
        text = json.dumps(snapshot.to_dict())
        with _written(self._file(snapshot.day)) as file, whole_file(file) as temporary:
            temporary.write_text(json.dumps({"sha256": _digest(text), "snapshot": text}), encoding="utf-8")

    def keep_forecast(self, forecast: Forecast, day: date) -> None:
        """Keep the forecast from which a chain goes on after a day.

        Raises
        ------
        BacktestError
            It cannot be written, for want of room perhaps.
        """
        with _written(self._forecast(day)) as file:
            forecast.save(file)

    def forget_forecast(self, day: date) -> None:
        """Drop the forecast of a day that a later one has followed."""
        self._forecast(day).unlink(missing_ok=True)

    def forecast(self, day: date) -> Forecast | None:
        """Return the forecast kept of a day; None if there is none that can be read."""
        try:
            return load_forecast(self._forecast(day))
        except ForecastFileError:
            return None

    def _check(self, own: Mapping[str, Any]) -> None:
        """Refuse a folder that is not of this plan."""
        file = self._path / _PLAN
        remedy = "give a new folder, or run what was planned there"
        try:
            theirs = _plan_in(file.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise BacktestError(f"{self._path}: not empty, and no backtest is in it ({error}); {remedy}") from error
        if other := differences(own, theirs):
            raise BacktestError(f"{self._path}: the backtest there is another: {'; '.join(other)}; {remedy}")

    def _begin(self, own: Mapping[str, Any], *, anew: bool) -> None:
        try:
            (self._path / _DAYS).mkdir(parents=True, exist_ok=True)
            if anew:
                with whole_file(self._path / _PLAN) as temporary:
                    temporary.write_text(json.dumps(own, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise BacktestError(f"{self._path} cannot be written to ({error}); choose another folder") from error

    def _file(self, day: date) -> Path:
        return self._path / _DAYS / f"{day}.json"

    def _forecast(self, day: date) -> Path:
        return self._path / _DAYS / f"{day}.nc"


@contextmanager
def _written(file: Path) -> Iterator[Path]:
    """Yield a file; say what to do if it cannot be written."""
    try:
        yield file
    except OSError as error:
        remedy = "make room, or the folder writable, and start the same run again: days that are done are kept"
        raise BacktestError(f"{file} could not be written ({error.strerror or error}); {remedy}") from error


def _plan_in(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(f"{_PLAN} there is no plan")  # noqa: TRY004 - a fault of what the file says
    return found


def _is_something(path: Path) -> bool:
    """Return whether a file or folder is more than what a run leaves that was killed before its plan was written."""
    unborn = path.name.startswith(f".{_PLAN}.") or (path.name == _DAYS and path.is_dir() and not any(path.iterdir()))
    return not unborn


def _opened(text: str, day: date) -> Snapshot:
    """Return the snapshot in a file, or raise if the file is not what was written."""
    outer = json.loads(text)
    if _digest(outer["snapshot"]) != outer["sha256"]:
        raise ValueError("its checksum does not match")
    snapshot = Snapshot.from_dict(json.loads(outer["snapshot"]))
    if snapshot.day != day:
        raise ValueError(f"it is of {snapshot.day}")
    return snapshot


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
