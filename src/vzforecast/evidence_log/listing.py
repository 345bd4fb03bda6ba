"""The entries of a log as a table."""

import datetime as dt
import shlex
from typing import Any, Final

import pandas as pd

from vzforecast.evidence import Evidence
from vzforecast.evidence_log.entry import Entry
from vzforecast.evidence_log.ledger import Ledger

_DAYS: Final = ("date", "published", "from")
COLUMNS: Final = (
    "id", "what", "type", "date", "published", "confidence", "headline", "content", "source", "note", "from", "status",
    "why",
)  # fmt: skip
"""Columns of the table, in order."""


def listing(ledger: Ledger, day: dt.date) -> pd.DataFrame:
    """Return what a log says by the end of a day, a row an entry.

    Parameters
    ----------
    ledger : Ledger
        The entries.
    day : datetime.date
        The day.

    Returns
    -------
    pandas.DataFrame
        By the day from which an entry counts, then id, then the order of entry.
    """
    known = sorted((entry for entry in ledger.entries if entry.on <= day), key=lambda entry: (entry.on, entry.id))
    table = pd.DataFrame([_row(ledger, entry, day) for entry in known], columns=list(COLUMNS))
    return table.astype({name: "datetime64[us]" if name in _DAYS else "str" for name in COLUMNS})


def _row(ledger: Ledger, entry: Entry, day: dt.date) -> dict[str, Any]:
    item = entry.item or ledger.item(entry.id, entry.on)
    common = ("type", "date", "published", "confidence", "headline", "source", "note")
    return {
        "id": entry.id,
        "what": entry.what,
        **{name: getattr(item, name) for name in common},
        "content": _content(item),
        "from": entry.on,
        "status": _status(entry, ledger.standing(entry.id, day)),
        "why": entry.why,
    }


def _status(entry: Entry, standing: Entry | None) -> str:
    if standing is not None and standing.what == "retract":
        return "retracted"
    return "in force" if entry is standing else "corrected"


def _content(item: Evidence) -> str:
    """Return what only items of this type have, as it would be typed."""
    own = {name: value for name, value in item.given().items() if name not in Evidence.model_fields}
    return " ".join(f"{name}={shlex.quote(_typed(value))}" for name, value in own.items())


def _typed(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
