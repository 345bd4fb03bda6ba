"""Several items at once: each of a known kind, each with an id of its own, in one order."""

from collections.abc import Iterable, Iterator

from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence.base import Evidence
from vzforecast.evidence.kinds import KINDS


def check_batch(items: Iterable[Evidence]) -> None:
    """Refuse what is no evidence, and ids that repeat.

    Parameters
    ----------
    items : iterable of Evidence
        The batch.

    Raises
    ------
    EvidenceError
        Names every such item.

    Examples
    --------
    >>> from vzforecast.evidence import Departure
    >>> check_batch([Departure(actor="Mike Waltz", date="2025-05-01")])
    """
    batch = collected(items)
    faults = [*_strangers(batch), *(repeat_fault(str(batch[place]), batch[place].id) for place in repeats(batch))]
    if faults:
        raise EvidenceError(faults)


def collected(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the items of a batch, and refuse a single one: it can be iterated, but yields its fields.

    Parameters
    ----------
    items : iterable of Evidence
        The batch.

    Returns
    -------
    tuple of Evidence
        Its items, unchecked.

    Raises
    ------
    EvidenceError
        It is one item.
    """
    found: object = items  # callers may well pass what the annotation forbids
    if isinstance(found, Evidence):
        raise EvidenceError([Fault(str(found), "items", "", "one item where a list of items belongs", "put it in [ ]")])
    return tuple(items)


def in_order(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return items in the order in which they became public, the canonical one.

    Parameters
    ----------
    items : iterable of Evidence
        In any order.

    Returns
    -------
    tuple of Evidence
        By `published`, then `date`, then `id`.

    Examples
    --------
    >>> from vzforecast.evidence import Departure
    >>> items = [Departure(id=day, actor="Mike Waltz", date=day) for day in ("2025-05-02", "2025-05-01")]
    >>> [item.id for item in in_order(items)]
    ['2025-05-01', '2025-05-02']
    """
    return tuple(sorted(items, key=lambda item: (item.published, item.date, item.id, item.type)))


def repeats(items: Iterable[object]) -> list[int]:
    """Return the positions of items whose id an earlier item has.

    Parameters
    ----------
    items : iterable
        Items; what is no evidence is passed over.

    Returns
    -------
    list of int
        Counted from 0.
    """
    seen: set[str] = set()
    found = []
    for position, item in enumerate(items):
        if isinstance(item, Evidence):
            if item.id in seen:
                found.append(position)
            seen.add(item.id)
    return found


def repeat_fault(file: str, item_id: str, *, place: str = "id") -> Fault:
    """Return the fault of an item whose id an earlier item has.

    Parameters
    ----------
    file : str
        As in `Fault`.
    item_id : str
        The id.
    place : str
        As in `Fault`.

    Returns
    -------
    Fault
        The fault.
    """
    return Fault(file, place, item_id, "id given twice", "drop the repeat, or give each item its own id")


def _strangers(batch: Iterable[object]) -> Iterator[Fault]:
    for number, item in enumerate(batch, start=1):
        if not isinstance(item, Evidence):
            kinds = ", ".join(kind.__name__ for kind in KINDS.values())
            yield Fault(f"item {number}", "type", type(item).__name__, "no kind of evidence", f"make one of {kinds}")
