"""Fits that kill their process or wait to be killed. Here, not in a test module, so that workers can import them."""

import os
import time
from pathlib import Path
from typing import Any

from helpers.replayed import DAYS, quick_fit
from vzforecast.forecast import Forecast


class DiesOnce:
    """Kill the worker that takes the third day, the first time that anybody does; note every day that was finished."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __call__(self, known: Any, *rest: Any, **options: Any) -> Forecast:
        mark = self.folder / "died"
        if str(known.as_of) == DAYS[2] and not mark.exists():
            mark.touch()
            os._exit(9)
        made = quick_fit(known, *rest, **options)
        (self.folder / f"{known.as_of} {time.monotonic_ns()}").touch()
        return made


def always_dies(known: Any, *rest: Any, **options: Any) -> Forecast:
    """Kill whoever takes the second day."""
    if str(known.as_of) == DAYS[1]:
        os._exit(9)
    return quick_fit(known, *rest, **options)


def lingers(known: Any, *rest: Any, **options: Any) -> Forecast:
    """Take a minute for the third day."""
    if str(known.as_of) == DAYS[2]:
        time.sleep(60)
    return quick_fit(known, *rest, **options)
