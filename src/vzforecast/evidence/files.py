"""Files of evidence: CSV, TOML or JSON, read whole and written whole."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence.base import Evidence
from vzforecast.evidence.batch import check_batch, collected
from vzforecast.evidence.csvform import read_csv, write_csv
from vzforecast.evidence.records import fields_of, items_of
from vzforecast.evidence.treeform import read_json, read_toml, write_json, write_toml
from vzforecast.whole_file import whole_file

# By suffix: how a format is read and written.
_FORMS: Final = {
    ".csv": (read_csv, write_csv),
    ".toml": (read_toml, write_toml),
    ".json": (read_json, write_json),
}


def read_evidence(path: str | Path) -> tuple[Evidence, ...]:
    r"""Read items of evidence from a file, all or none.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; its suffix tells the format. ``.csv``: a column ``type`` and one for each field used, a blank cell
        meaning not given. ``.toml``: one table ``[[evidence]]`` an item. ``.json``: a list of objects.

    Returns
    -------
    tuple of Evidence
        In the order of the file.

    Raises
    ------
    EvidenceError
        The file cannot be read, or items in it have faults; each is named with file, place, value and remedy.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "news.csv"
    >>> path.write_text("type,date,faction\nsignal,2025-02-26,hardliners\n")
    47
    >>> [item.faction for item in read_evidence(path)]
    ['hardliners']
    """
    path = Path(path)
    read, _ = _FORMS[_suffix(path)]
    text = _text(path)
    try:
        records = read(str(path), text)
    except (RecursionError, ValueError) as error:  # nested without end, or a number of thousands of digits
        raise _unreadable(path, "", f"cannot be read ({error})", "write one flat table or object an item") from None
    return items_of(str(path), records)


def write_evidence(items: Iterable[Evidence], path: str | Path) -> Path:
    """Write items of evidence to a file, whole or not at all.

    Parameters
    ----------
    items : iterable of Evidence
        The items, in the order to be written.
    path : str or pathlib.Path
        Where to; the suffix ``.csv``, ``.toml`` or ``.json`` gives the format. An existing file is replaced.

    Returns
    -------
    pathlib.Path
        The file written; `read_evidence` gives equal items.

    Raises
    ------
    EvidenceError
        Another suffix, something that is no evidence, or an id given twice.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from vzforecast.evidence import Departure
    >>> items = (Departure(actor="Mike Waltz", date="2025-05-01"),)
    >>> read_evidence(write_evidence(items, Path(mkdtemp()) / "news.toml")) == items
    True
    """
    path = Path(path)
    _, write = _FORMS[_suffix(path)]
    batch = collected(items)
    check_batch(batch)
    text = write([fields_of(item) for item in batch])
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
    return path


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _FORMS:
        raise _unreadable(path, suffix, "not a format of evidence", f"choose one of {', '.join(_FORMS)}", "suffix")
    return suffix


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # line ends inside quotes stay as they are
    except UnicodeDecodeError:
        raise _unreadable(path, "", "not UTF-8 text", "save it as UTF-8") from None
    except FileNotFoundError:
        raise _unreadable(path, "", "no such file", "check the path") from None
    except OSError as error:
        raise _unreadable(path, "", f"cannot be read ({error.strerror})", "make it a readable file") from None


def _unreadable(path: Path, value: str, problem: str, remedy: str, place: str = "file") -> EvidenceError:
    return EvidenceError([Fault(str(path), place, value, problem, remedy)])
