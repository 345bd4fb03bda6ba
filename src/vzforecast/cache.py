"""Fits kept on disk by what went into them, and trusted only after checking that nothing else got in.

``VZFORECAST_CACHE`` moves the folder. An entry is a forecast file and a note of its checksum; an entry that was cut
short, changed, or stands under another's name is reported and fitted again.
"""

import hashlib
import json
import os
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from vzforecast.errors import ForecastFileError
from vzforecast.forecast import Forecast, load_forecast

# What only prints, draws, scores, checks or reads commands cannot change a fit: editing it keeps the cached ones.
PRINTING = frozenset(
    {
        *("cli.py", "display", "evidence_log", "main_job.py", "messages.py", "update_job.py", "news_commands.py"),
        *("checking", "explaining", "plots", "prior_check.py", "prior_draws.py"),
        *("report_job.py", "reporting"),
        *("score_job.py", "scoring"),
        *("backtest_job.py", "backtesting"),
        *("figures.py", "markup.py", "notebook_bar.py", "told.py"),
        "stacking",  # pools fits, each of which is cached by itself
    }
)
# What decides the draws: another version of any of these may give others.
LIBRARIES = ("numpy", "pymc", "pytensor", "numba", "nutpie", "xarray")


class CacheWarning(UserWarning):
    """A cached fit could not be used, or a fit could not be kept.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("error", CacheWarning)  # to stop instead of fitting again
    """


def cache_folder() -> Path:
    """Return the folder of cached fits: ``VZFORECAST_CACHE`` if set, else the user's cache folder."""
    chosen = os.environ.get("VZFORECAST_CACHE")
    return Path(chosen) if chosen else user_cache_path("vzforecast")


def cache_key(ingredients: Mapping[str, Any]) -> str:
    """Return the name of a cache entry: a digest of everything that decides the fit.

    Parameters
    ----------
    ingredients : mapping
        Case digest, as-of date, settings, seed; versions and the code itself are added here.

    Returns
    -------
    str
        Hexadecimal digest.
    """
    everything = {**ingredients, "versions": versions(), "code": code_digest()}
    return hashlib.sha256(json.dumps(everything, sort_keys=True, default=str).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of this package and of what it samples with, without importing them."""
    return {name: version(name) for name in ("vzforecast", *LIBRARIES)}


@cache
def code_digest(apart: frozenset[str] = PRINTING) -> str:
    """Return a digest of this package's own source, so that a changed model never answers from an old fit.

    Parameters
    ----------
    apart : frozenset of str
        Modules and packages left out; by default what cannot change a number of a fit.

    Returns
    -------
    str
        Hexadecimal digest.
    """
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for source in sorted(root.rglob("*.py")):
        if source.relative_to(root).parts[0] in apart:
            continue
        digest.update(str(source.relative_to(root)).encode() + source.read_bytes())
    return digest.hexdigest()


def read_cached(key: str) -> Forecast | None:
    """Return the fit kept under a key, or None if there is none that can be trusted.

    Warns
    -----
    CacheWarning
        If an entry exists but is corrupt or belongs to another key.
    """
    entry = _entry(key)
    if not entry.is_file():
        return None
    forecast, reason = _verified(key)
    if reason:
        warnings.warn(
            f"cached fit {entry.name} cannot be trusted ({reason}); fitting again", CacheWarning, stacklevel=3
        )
    return forecast


def _verified(key: str) -> tuple[Forecast | None, str]:
    """Return the fit kept under a key, or why it cannot be trusted."""
    try:
        if _note(key).read_text().strip() != _checksum(_entry(key)):
            return None, "its checksum does not match"
        forecast = load_forecast(_entry(key))
    except (ForecastFileError, OSError, UnicodeDecodeError) as error:
        return None, str(error)
    if forecast.provenance.get("cache_key") != key:
        return None, "it holds another fit"
    return forecast, ""


def write_cached(key: str, forecast: Forecast) -> None:
    """Keep a fit; a folder that cannot be written costs only the next start.

    Warns
    -----
    CacheWarning
        If it could not be kept.
    """
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        forecast.save(_entry(key))
        _note(key).write_text(_checksum(_entry(key)))
    except OSError as error:
        warnings.warn(f"the fit could not be kept in {cache_folder()}: {error}", CacheWarning, stacklevel=2)


def _entry(key: str) -> Path:
    return cache_folder() / f"{key}.nc"


def _note(key: str) -> Path:
    return cache_folder() / f"{key}.sha256"


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
