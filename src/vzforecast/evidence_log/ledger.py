"""What a sequence of entries says: which may follow which, and what is in force on a day."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from vzforecast.errors import Fault
from vzforecast.evidence import Evidence, in_order
from vzforecast.evidence_log.entry import Entry
from vzforecast.inputs.wording import meant

# Place, value, problem and remedy, as in `Fault`.
type _Conflict = tuple[str, str, str, str]


class Ledger:
    """Entries in the order in which they were made.

    Of one item these are its addition, then any number of corrections, then at most one retraction. The days from which
    they count need not be in that order.

    Parameters
    ----------
    entries : iterable of Entry
        Entries that may follow each other.
    """

    def __init__(self, entries: Iterable[Entry] = ()):
        self._entries: list[Entry] = []
        self._by_id: dict[str, list[Entry]] = {}
        for entry in entries:
            self.take(entry)

    @property
    def entries(self) -> Sequence[Entry]:
        """Every entry taken."""
        return tuple(self._entries)

    def faults(self, entry: Entry, file: str, place: str = "") -> list[Fault]:
        """Return what speaks against one more entry.

        Parameters
        ----------
        entry : Entry
            The entry.
        file, place : str
            Where it stands, as in `Fault`; the key at fault is added to the place.

        Returns
        -------
        list of Fault
            Nothing if it may follow.
        """
        of_item = self._by_id.get(entry.id)
        if entry.what == "add":
            found = _against_adding(entry, of_item)
        elif of_item is None:
            remedy = f"{meant(entry.id, self._by_id)}the list of the log shows every id"
            found = iter([("id", entry.id, "the log has no such item", remedy)])
        else:
            found = _against_changing(entry, of_item)
        return [Fault(file, f"{place}{key}", value, problem, remedy) for key, value, problem, remedy in found]

    def take(self, entry: Entry) -> None:
        """Take one more entry.

        Parameters
        ----------
        entry : Entry
            One without `faults`.
        """
        self._entries.append(entry)
        self._by_id.setdefault(entry.id, []).append(entry)

    def standing(self, item_id: str, day: dt.date) -> Entry | None:
        """Return the entry that decides what an item is at the end of a day.

        Parameters
        ----------
        item_id : str
            Id of an item of the log.
        day : datetime.date
            The day.

        Returns
        -------
        Entry or None
            Its retraction if that counts already, else its latest version; None before it was added.
        """
        last = self._by_id[item_id][-1]
        if last.what == "retract" and last.on <= day:
            return last
        versions = self._versions(item_id, day)
        return versions[-1][0] if versions else None

    def item(self, item_id: str, day: dt.date) -> Evidence:
        """Return an item as its latest version of a day has it, retracted or not.

        Parameters
        ----------
        item_id : str
            Id of an item of the log.
        day : datetime.date
            A day on which it counted.

        Returns
        -------
        Evidence
            The item.
        """
        return self._versions(item_id, day)[-1][1]

    def in_force(self, day: dt.date) -> tuple[Evidence, ...]:
        """Return the items in force at the end of a day.

        Parameters
        ----------
        day : datetime.date
            The day.

        Returns
        -------
        tuple of Evidence
            In canonical order.
        """
        standing = (self.standing(item_id, day) for item_id in self._by_id)
        return in_order(entry.item for entry in standing if entry is not None and entry.item is not None)

    def _versions(self, item_id: str, day: dt.date) -> list[tuple[Entry, Evidence]]:
        """Return the versions of an item that count by the end of a day, the one that stands last."""
        versions = [(entry, entry.item) for entry in self._by_id[item_id] if entry.item is not None and entry.on <= day]
        return sorted(versions, key=lambda version: version[0].on)


def _against_adding(entry: Entry, of_item: Sequence[Entry] | None) -> Iterator[_Conflict]:
    if of_item is not None and of_item[-1].what == "retract":
        problem = f"names for ever an item retracted from {of_item[-1].on} on"
        yield "id", entry.id, problem, "choose another id"
    elif of_item is not None:
        remedy = "leave out an item that the log has, correct it, or choose another id"
        yield "id", entry.id, "the log has an item of this id", remedy
    yield from _too_early(entry)


def _against_changing(entry: Entry, of_item: Sequence[Entry]) -> Iterator[_Conflict]:
    first, last = of_item[0], of_item[-1]
    if last.what == "retract" and entry.what == "retract":
        yield "id", entry.id, f"retracted already, from {last.on} on", "leave it at that"
    elif last.what == "retract":
        problem = f"retracted from {last.on} on, so that there is nothing to correct"
        yield "id", entry.id, problem, "add the item as it should be under another id"
    if entry.on < first.on:
        problem = f"before the day from which the item counts, {first.on}"
        yield "on", str(entry.on), problem, "give that day or a later one"
    else:
        yield from _too_early(entry)


def _too_early(entry: Entry) -> Iterator[_Conflict]:
    if entry.item is not None and entry.on < entry.item.published:
        problem = f"before the published date of the item, {entry.item.published}"
        yield "on", str(entry.on), problem, "give that day or a later one"
