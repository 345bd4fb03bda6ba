"""A log in a plain file: one JSON object a line, lines only ever added."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence import Record, Records, fields_of, items_of
from vzforecast.evidence_log.entry import Entry
from vzforecast.evidence_log.ledger import Ledger
from vzforecast.whole_file import whole_file

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MEND: Final = "restore the line from a copy of the file, or remove it"


class JsonLinesStore:
    """Keeps entries in a file of JSON lines; a file that does not exist yet is an empty log.

    One process may write at a time. A file that cannot be read whole is never written to.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; its folder must exist.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> JsonLinesStore(Path(mkdtemp()) / "evidence.jsonl").read()
    ()
    """

    def __init__(self, path: str | os.PathLike[str]):
        self._path = Path(path)

    def __str__(self) -> str:
        return str(self._path)

    def read(self) -> tuple[Entry, ...]:
        """Return every entry in the order in which they were made.

        Returns
        -------
        tuple of Entry
            One for each line; empty lines are passed over.

        Raises
        ------
        EvidenceError
            The file cannot be read, or lines are at fault; each is named with file, line and remedy.
        """
        return self._entries(self._content())

    def append(self, entries: Sequence[Entry]) -> None:
        """Add a line for each entry, all or none.

        Parameters
        ----------
        entries : sequence of Entry
            The entries.

        Raises
        ------
        EvidenceError
            The file cannot be read or written, or the entries may not follow what stands in it; it is left unchanged.
        """
        content = self._content()
        if content and not content.endswith(b"\n"):
            content += b"\n"
        content += b"".join(map(_line, entries))
        self._entries(content)  # what could not be read again is not written
        if entries:
            self._write(content)

    def _content(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise self._error(f"cannot be read ({error.strerror})", "make it a readable file") from None

    def _write(self, content: bytes) -> None:
        try:
            with whole_file(self._path) as temporary:
                temporary.write_bytes(content)
        except OSError as error:
            remedy = "give a file in a folder that can be written to"
            raise self._error(f"cannot be written ({error.strerror})", remedy) from None

    def _error(self, problem: str, remedy: str) -> EvidenceError:
        return EvidenceError([Fault(str(self), "file", "", problem, remedy)])

    def _entries(self, content: bytes) -> tuple[Entry, ...]:
        """Read each line by itself; if all are whole, follow them from the first."""
        faults: list[Fault] = []
        found: list[tuple[int, Entry]] = []
        for number, line in _lines(content):
            try:
                found.append((number, _entry(str(self), f"line {number}", line)))
            except EvidenceError as error:
                faults += error.faults
        ledger = Ledger()
        for number, entry in () if faults else found:
            if conflicts := ledger.faults(entry, str(self), f"line {number} ({entry}), "):
                faults += conflicts
            else:
                ledger.take(entry)
        if faults:
            raise EvidenceError(faults)
        return tuple(ledger.entries)


def _line(entry: Entry) -> bytes:
    named = {"id": entry.id} if entry.item is None else {"item": fields_of(entry.item)}
    why = {"why": entry.why} if entry.why else {}
    text = json.dumps({"what": entry.what, "on": entry.on, **named, **why}, ensure_ascii=False, default=str)
    return f"{text}\n".encode()


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(content.removeprefix(_BYTE_ORDER_MARK).split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _entry(file: str, place: str, line: bytes) -> Entry:
    """Read one line.

    Raises
    ------
    EvidenceError
        It is no whole entry.
    """
    fields = _object(file, place, line)
    if fields.get("item") is not None:
        if not isinstance(fields["item"], dict):
            raise EvidenceError([Fault(file, f"{place}, item", "", "no item with fields", _MEND)])
        (fields["item"],) = items_of(file, Records([Record(place, fields["item"])]))
    try:
        return Entry(**fields)
    except EvidenceError as error:
        found = [Fault(file, f"{place}, {f.place}", f.value, f.problem, f.remedy) for f in error.faults]
        raise EvidenceError(found) from None


def _object(file: str, place: str, line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line.decode(), object_pairs_hook=_once)
    except UnicodeDecodeError:
        problem = "not UTF-8 text"
    except json.JSONDecodeError as error:
        problem = f"not valid JSON ({error.msg}, column {error.colno})"
    except RecursionError:
        problem = "not an entry, nested too deeply"
    except ValueError as error:
        problem = f"not valid JSON ({error})"
    else:
        if isinstance(found, dict):
            return found
        problem = "not a JSON object"
    raise EvidenceError([Fault(file, place, "", problem, _MEND)])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"key {key!r} given twice in one object")
    return dict(pairs)
