"""What the command line says on standard error, and how it ends when something is wrong with what it was given."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import typer

from vzforecast.errors import VzForecastError

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130  # as a shell reports it


class OptionError(VzForecastError, ValueError):
    """Options that contradict each other."""


class OutputError(VzForecastError, OSError):
    """A place where nothing can be written."""


@contextmanager
def spoken() -> Iterator[None]:
    """Say errors made on purpose in one message and end with code 2; say own warnings in one line each.

    Any other exception is a fault of the library and keeps its traceback.
    """
    with warnings.catch_warnings():
        warnings.showwarning = _say_warning
        try:
            yield
        except VzForecastError as error:
            say(f"error: {error}")
            raise typer.Exit(BAD_INPUT) from error
        except KeyboardInterrupt as error:
            say("interrupted")
            raise typer.Exit(INTERRUPTED) from error


def say(message: str) -> None:
    """Write a message on standard error."""
    typer.echo(message, err=True)


def check_target(path: Path, option: str = "--save") -> None:
    """Refuse a file that could not be written, before hours have gone into what it is to hold.

    Raises
    ------
    OutputError
        It is a folder, or its folder is missing or cannot be written to.
    """
    folder = path.parent
    if path.is_dir():
        raise OutputError(f"{option} {str(path)!r} is a folder; give the name of a file")
    if not folder.is_dir():
        raise OutputError(f"{option} {str(path)!r}: there is no folder {str(folder)!r}; make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{option} {str(path)!r}: the folder {str(folder)!r} cannot be written to; choose another")


def unwritable(path: Path, error: OSError, option: str = "--save") -> OutputError:
    """Return the error of a file that could not be written after all."""
    return OutputError(f"{option} {str(path)!r} could not be written ({error.strerror or error}); choose another place")


def _say_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Write a warning of this library in one line; for any other, where it comes from matters."""
    if category.__module__.startswith("vzforecast."):
        say(f"warning: {message}")
    else:
        (file or sys.stderr).write(warnings.formatwarning(message, category, filename, lineno, line))
