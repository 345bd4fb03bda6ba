"""What is handed to a log: one item or several, some of which may be at fault."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence import Evidence, check_batch, repeats


def several(items: Evidence | Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return items given alone or together.

    Parameters
    ----------
    items : Evidence or iterable of Evidence
        One item, or several.

    Returns
    -------
    tuple of Evidence
        The items; what is neither stands in it for `sound` to name.
    """
    found: Any = items  # callers may well pass what the annotation forbids
    alone = isinstance(found, Evidence | str | Mapping) or not isinstance(found, Iterable)
    return (found,) if alone else tuple(found)


def sound(batch: Sequence[Evidence]) -> tuple[Sequence[Evidence], Sequence[Fault]]:
    """Tell items that can be judged one by one from those that cannot.

    Parameters
    ----------
    batch : sequence of Evidence
        What `several` gave.

    Returns
    -------
    items : sequence of Evidence
        The items, without repeats of an id.
    faults : sequence of Fault
        Those of the others.
    """
    try:
        check_batch(batch)
    except EvidenceError as error:
        repeated = repeats(batch)
        some: Sequence[Any] = batch
        kept = [item for place, item in enumerate(some) if isinstance(item, Evidence) and place not in repeated]
        return kept, error.faults
    return batch, ()
