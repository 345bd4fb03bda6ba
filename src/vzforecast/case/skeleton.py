"""A first case to start from: commented, valid, and small enough to fit as it is."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from vzforecast.errors import VzForecastError

_TEMPLATE: Final = Path(__file__).with_name("template")


class CaseFolderError(VzForecastError, OSError):
    """A place where no new case can be written."""


def new_case(folder: str | Path) -> Path:
    """Write a commented case to start from.

    Parameters
    ----------
    folder : str or pathlib.Path
        A new folder inside one that exists, or an empty one.

    Returns
    -------
    pathlib.Path
        The folder, with ``case.toml``, ``priors.toml``, every table, and a README.

    Raises
    ------
    CaseFolderError
        There are files at that place already, or it cannot be written; nothing has been written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as parent:
    ...     (new_case(f"{parent}/mine") / "case.toml").exists()
    True
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise CaseFolderError(f"{str(target)!r} is a file; give a new or an empty folder")
    if target.is_dir() and any(target.iterdir()):
        raise CaseFolderError(f"the folder {str(target)!r} is not empty; give a new or an empty one")
    if not target.parent.is_dir():
        raise CaseFolderError(f"there is no folder {str(target.parent)!r} to write in; make it first")
    try:
        _write(target)
    except OSError as error:
        reason = error.strerror or "the copy failed"
        raise CaseFolderError(f"{str(target)!r} cannot be written ({reason}); choose another place") from error
    return target


def _write(target: Path) -> None:
    """Copy aside on the same disk first, then move into place, so that a failed copy leaves nothing behind."""
    there = target.is_dir()
    with tempfile.TemporaryDirectory(dir=target if there else target.parent, prefix=".new-case-") as staging:
        copy = shutil.copytree(_TEMPLATE, Path(staging) / "case", copy_function=shutil.copyfile)
        if not there:
            copy.rename(target)
            return
        for file in sorted(copy.iterdir()):  # a shell may stand in the empty folder: fill it, do not replace it
            file.rename(target / file.name)
