"""The log of evidence: what became known, was put right or was taken back, and from which day on."""

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd

from vzforecast import markup
from vzforecast.case import Case
from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence import Evidence
from vzforecast.evidence_log.applies import faults_brought
from vzforecast.evidence_log.batch import several, sound
from vzforecast.evidence_log.entry import Entry
from vzforecast.evidence_log.jsonlines import JsonLinesStore
from vzforecast.evidence_log.ledger import Ledger
from vzforecast.evidence_log.listing import listing
from vzforecast.evidence_log.store import EntryStore
from vzforecast.inputs.dates import DateLike, as_day

# Columns of a log in a notebook.
_SHOWN: Final = ("from", "what", "type", "headline", "status", "why")


class EvidenceLog:
    """News as it came, was put right and was taken back: what was in force on any day, and what is now.

    Nothing is ever taken out of a log. Every entry has a day from which it counts; the items in force on a day are what
    `update` needs for the forecast of that day, as it was believed then.

    Parameters
    ----------
    path_or_store : str, os.PathLike or EntryStore
        The file, made with the first entry, or what keeps the entries instead. It is read anew for every answer.
    case : Case, optional
        The case that the items are for, as known before them; a whole one is cut to its `default_as_of`. What it cannot
        take is refused. Without it items are checked by themselves only.

    See Also
    --------
    vzforecast.update : Update a forecast by items.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from vzforecast.case import load_case
    >>> from vzforecast.evidence import Signal
    >>> log = EvidenceLog(Path(mkdtemp()) / "evidence.jsonl", load_case())
    >>> leak = Signal(id="leak", date="2025-02-24", faction="hardliners", headline="A draft order leaks")
    >>> added = log.add([leak, Signal(id="visit", date="2025-02-26", faction="engagement")])
    >>> log.retract("leak", on="2025-03-01", why="The draft was forged.")
    >>> [item.id for item in log.as_of("2025-02-28")], [item.id for item in log.as_of("2025-03-01")]
    (['leak', 'visit'], ['visit'])
    """

    def __init__(self, path_or_store: str | os.PathLike[str] | EntryStore, case: Case | None = None):
        if isinstance(path_or_store, str | os.PathLike):
            path_or_store = JsonLinesStore(path_or_store)
        self._store = path_or_store
        self._case = None if case is None else case.known_when_asked()

    def __len__(self) -> int:
        return len(self._store.read())

    def __repr__(self) -> str:
        checked = f", for {self._case.spec.name} as known on {self._case.as_of}" if self._case else ""
        try:
            ledger = self._ledger()
        except EvidenceError:
            return f"<EvidenceLog {self._store}: cannot be read{checked}>"
        counts = f"{len(ledger.entries)} entries, {len(ledger.in_force(dt.date.max))} items in force"
        return f"<EvidenceLog {self._store}: {counts}{checked}>"

    def _repr_html_(self) -> str:
        """Return the entries as a table, those that count last on top."""
        head = repr(self).strip("<>")
        try:
            entries = self.list().set_index("id")[list(_SHOWN)].iloc[::-1]
        except EvidenceError as error:
            return markup.block(markup.alarm(head), markup.lines(str(error)))
        return markup.block(markup.title(head), *([markup.table(entries)] if len(entries) else []))

    def add(self, items: Evidence | Iterable[Evidence], on: DateLike | None = None) -> tuple[Evidence, ...]:
        """Add items, all or none.

        Parameters
        ----------
        items : Evidence or iterable of Evidence
            One item or several, each with an id that no item of the log has or had.
        on : str, datetime.date or pandas.Timestamp, optional
            The day from which they count, for news that reached the forecaster late; by default that on which each was
            published.

        Returns
        -------
        tuple of Evidence
            The items added.

        Raises
        ------
        EvidenceError
            Items have faults, every one of which is named: an id given twice or known to the log, a day before the
            published date, something the case cannot take. The log is unchanged.
        DateError
            Not a day, or one that the case cannot be asked about.
        """
        day = None if on is None else as_day(on, "day from which the items count")
        batch = several(items)
        kept, faults = sound(batch)
        self._append([Entry(what="add", on=day or item.published, item=item) for item in kept], faults)
        return batch

    def retract(self, id: str, on: DateLike, why: str = "") -> None:  # noqa: A002 - what items call it
        """Take an item back: from a day on it is as if it had never been added.

        Parameters
        ----------
        id : str
            Id of the item; no other item can have it later.
        on : str, datetime.date or pandas.Timestamp
            The first day without it. On earlier days the log still shows it.
        why : str
            The reason.

        Raises
        ------
        EvidenceError
            The log has no such item, it is retracted already, it did not count yet on that day, or later items that
            build on it have no meaning without it. The log is unchanged.
        DateError
            Not a day.
        """
        self._append([Entry(what="retract", on=as_day(on, "day of the retraction"), id=id, why=why)])

    def correct(self, item: Evidence, on: DateLike, why: str = "") -> None:
        """Put an item right: from a day on another version of it counts.

        Parameters
        ----------
        item : Evidence
            The new version, with the id of the item that it replaces.
        on : str, datetime.date or pandas.Timestamp
            The first day of the new version, not before it was published. Of several corrections the one with the
            latest day counts, of two with the same day the one made last.
        why : str
            The reason.

        Raises
        ------
        EvidenceError
            The log has no such item, it is retracted, it did not count yet on that day, the new version was published
            later, or the case cannot take it. The log is unchanged.
        DateError
            Not a day, or one that the case cannot be asked about.
        """
        day = as_day(on, "day of the correction")
        _, faults = sound((item,))
        if faults:
            raise EvidenceError(faults)
        self._append([Entry(what="correct", on=day, item=item, why=why)])

    def as_of(self, day: DateLike) -> tuple[Evidence, ...]:
        """Return the items in force at the end of a day.

        Parameters
        ----------
        day : str, datetime.date or pandas.Timestamp
            The day.

        Returns
        -------
        tuple of Evidence
            By published date, date and id; ``vz.update(fc, log.as_of(day), as_of=day)`` is the forecast of that day.

        Raises
        ------
        EvidenceError
            The log cannot be read.
        DateError
            Not a day.
        """
        return self._ledger().in_force(as_day(day, "as-of date"))

    def list(self, as_of: DateLike | None = None) -> pd.DataFrame:
        """Return the entries of the log, and what became of each.

        Parameters
        ----------
        as_of : str, datetime.date or pandas.Timestamp, optional
            Show what counted by the end of this day, as it stood then; by default everything ever.

        Returns
        -------
        pandas.DataFrame
            A row an entry, ordered by day: id, what (add, correct or retract), type, date, published, confidence,
            headline, content (the fields of its type), source, note, from (the day from which the entry counts), status
            and why. Of status "in force" are the items of `as_of`, "corrected" are versions that another one replaced,
            "retracted" all entries of an item that was taken back.

        Raises
        ------
        EvidenceError
            The log cannot be read.
        DateError
            Not a day.
        """
        return listing(self._ledger(), dt.date.max if as_of is None else as_day(as_of, "as-of date"))

    def _ledger(self) -> Ledger:
        return Ledger(self._store.read())

    def _append(self, entries: Sequence[Entry], faults: Iterable[Fault] = ()) -> None:
        """Keep entries, or raise what speaks against them together with the faults already found."""
        before = self._ledger()
        after, found, taken = Ledger(before.entries), [*faults], []
        for entry in entries:
            if conflicts := after.faults(entry, str(entry.item or entry)):
                found += conflicts
            else:
                after.take(entry)
                taken.append(entry)
        if self._case is not None:
            found += faults_brought(self._case, before, after, taken)
        if found:
            raise EvidenceError(found)
        self._store.append(taken)
