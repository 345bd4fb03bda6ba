"""Stages of a long computation: their wall times, and a bar where a person is watching."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from vzforecast.notebook_bar import NotebookBar, in_notebook

Report = Callable[[float], None]


@dataclass
class Stages:
    """Time named stages, and show them while they run.

    Attributes
    ----------
    show : bool or None
        Show a bar, below the cell of a notebook or else on standard error; None shows it only in a notebook or on a
        terminal.
    seconds : dict of str to float
        Wall time of each stage, in order; a stage that runs twice adds up.
    """

    show: bool | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _below: NotebookBar = field(default_factory=NotebookBar, init=False, repr=False)

    @contextmanager
    def stage(self, name: str) -> Iterator[Report]:
        """Run a stage; the value yielded takes the share done, 0 to 1 (a stage that never reports just pulses)."""
        begun = time.perf_counter()
        try:
            with self._shown(name) as report:
                yield report
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun

    def _shown(self, name: str) -> AbstractContextManager[Report]:
        if self.show is not False and in_notebook():
            return self._below.stage(name)
        if sys.stderr.isatty() if self.show is None else self.show:
            return _bar(name)
        return nullcontext(lambda _share: None)


@contextmanager
def _bar(name: str) -> Iterator[Report]:
    # Imported here: a run without a terminal, or from the cache, should not pay for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda share: progress.update(task, completed=share, total=1.0)
