"""Where the entries of a log are kept: the one interface between a log and a file, or a database."""

from collections.abc import Sequence
from typing import Protocol

from vzforecast.evidence_log.entry import Entry


class EntryStore(Protocol):
    """Keeps entries and their order. Its `str` is what messages call it.

    See Also
    --------
    vzforecast.evidence_log.JsonLinesStore : A plain file.
    """

    def read(self) -> tuple[Entry, ...]:
        """Return every entry in the order in which they were made.

        Returns
        -------
        tuple of Entry
            None at all if nothing was ever kept.
        """
        ...

    def append(self, entries: Sequence[Entry]) -> None:
        """Keep more entries after those there are: all of them or, with an error, none.

        Parameters
        ----------
        entries : sequence of Entry
            What to add.
        """
        ...
