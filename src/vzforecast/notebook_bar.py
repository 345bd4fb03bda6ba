"""A progress bar in a notebook; it needs nothing but the notebook, and leaves nothing there."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Final

# Seconds between two looks; a stage that is over before the first shows nothing.
_EVERY: Final = 0.5


def in_notebook() -> bool:
    """Tell whether the code runs in a notebook, or anything else that a kernel serves."""
    # Where nobody has imported IPython there is no notebook.
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


class NotebookBar:
    """One place below the cell, which stages use one after the other.

    Parameters
    ----------
    every : float, default 0.5
        Seconds between two looks.
    """

    def __init__(self, every: float = _EVERY) -> None:
        self._every = every
        self._place: Any = None

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[float], None]]:
        """Show a stage; the value yielded takes the share done, 0 to 1 (until it does, the bar just moves)."""
        begun, share = time.perf_counter(), [-1.0]
        over = threading.Event()

        def watch() -> None:
            while not over.wait(self._every):
                self._put(bar(name, share[0], time.perf_counter() - begun))

        # A thread of its own: the sampler reports from threads that belong to no cell, the compiler not at all.
        watcher = threading.Thread(target=watch, name="progress", daemon=True)
        watcher.start()
        try:
            yield lambda done: share.__setitem__(0, done)
        finally:
            over.set()
            watcher.join()
            if self._place is not None:
                self._put({"text/plain": ""})  # a saved notebook keeps nothing of it

    def _put(self, content: dict[str, str]) -> None:
        from IPython.display import display  # noqa: PLC0415 - only there if a notebook is

        if self._place is None:
            self._place = display(content, raw=True, display_id=True)  # type: ignore[no-untyped-call]  # as IPython has it
        else:
            self._place.update(content, raw=True)


def bar(name: str, share: float, seconds: float) -> dict[str, str]:
    """Return what is shown of a stage, by MIME type.

    Parameters
    ----------
    name : str
        Of the stage.
    share : float
        How much of it is done, 0 to 1; below 0 if nobody knows.
    seconds : float
        Since it began.

    Returns
    -------
    dict of str to str
        As text, and as HTML: the page's own progress element, in its colours.

    Examples
    --------
    >>> bar("sampling", 0.4, 3.2)["text/plain"]
    'sampling 40 %, 3 s'
    """
    done = "" if share < 0.0 else f" {share:.0%}".replace("%", " %")
    text = f"{name}{done}, {seconds:.0f} s"
    value = "" if share < 0.0 else f' value="{share:.3f}"'
    element = f'<progress max="1"{value} aria-label="{escape(name)}" style="vertical-align:middle"></progress>'
    return {"text/plain": text, "text/html": f"<div>{element} {escape(text)}</div>"}
