"""Write a file whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a place beside a file; what is written there takes the file's place if nothing went wrong.

    Parameters
    ----------
    path : pathlib.Path
        The file; behind a link, the one that it leads to. One that exists keeps its permissions.

    Yields
    ------
    pathlib.Path
        A new file name in the same folder. Nothing is left of it if an exception is raised inside.

    Raises
    ------
    OSError
        The folder is missing or cannot be written to, or there is no room.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        yield temporary
        if target.exists():
            shutil.copymode(target, temporary)
        with temporary.open("rb+") as file:  # on disk before it has the name, or a crash could leave an empty file
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
