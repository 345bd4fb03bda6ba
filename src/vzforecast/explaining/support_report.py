"""What ``leave_out`` found: its table, and plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from vzforecast import figures
from vzforecast.explaining.explained import Explained, unclear, unfound

COLUMNS: Final = [
    *("kind", "n", "probability", "probability_mcse", "points", "mcse", "path", "khat", "clear", "why_not"),
]
_SHOWN: Final = 8

_WORDS: Final[Mapping[str, str]] = {
    "record": "the whole record of promises",
    "agreement": "what {label} taught",
    "leverage": "leverage of {label}",
    "coupling": "couplings between outcomes",
    "covariate": "the code {label} of promises",
    "rows": "rows coded with low confidence",
}


@dataclass(frozen=True, eq=False, repr=False)
class Support(Explained):
    """What the probability of an event rests on.

    Attributes
    ----------
    event : str
        The event.
    as_of : date
        Forecast origin.
    probability : Probability
        Of the event, with everything.
    table : DataFrame
        Index ``block``, the one that counts most first, those without a figure last: ``kind`` (``record``,
        ``agreement``, ``leverage``, ``coupling``, ``covariate``, ``rows``, ``reading``), ``n`` rows of the case that
        leave or are read otherwise (blank for a term of the model), ``probability`` of the event without it, a share
        from 0 to 1, and its ``probability_mcse``, ``points``, percentage points that it adds (with less without),
        ``mcse`` of the points, ``path`` (``reweight``, ``refit``, ``readings``, or blank: there is no figure), ``khat``
        of the weights (blank for readings), ``clear``: whether the points are at least twice their error, and
        ``why_not``: why there is no figure.

    Examples
    --------
    >>> print(leave_out(fc, event))  # doctest: +SKIP
    """

    table: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Support of {self.event}, {len(self.table)} blocks>"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Blocks, in points": self.table}

    def _lines(self) -> Iterator[str]:
        """Yield what counts most, and what has no figure."""
        yield self._head()
        known = self.table[self.table["path"] != ""]
        if len(known):
            yield "What it rests on, in points by which it would be lower without:"
        for block, row in known.head(_SHOWN).to_dict(orient="index").items():
            yield f"  {figures.points(row['points'])}  {_told(str(block), row)}{unclear(row['clear'])}"
        if (hidden := len(known) - _SHOWN) > 0:
            yield f"  and {hidden} more in the table"
        yield from unfound(self.table)


def _told(block: str, row: Mapping[Any, Any]) -> str:
    """Return a block in words, with its size, what the probability would be, and how that was found."""
    label, path = block.partition(":")[2], f"by {row['path']}, error {row['mcse']:.1f}"
    if row["kind"] == "reading":
        words, otherwise = f"how partial promises are read ({row['n']})", f"all as {label}"
    else:
        size = "" if pd.isna(row["n"]) else f" ({row['n']} row{'' if row['n'] == 1 else 's'})"
        words, otherwise = _WORDS[row["kind"]].format(label=label) + size, "without"
    return f"{words}: {otherwise} {row['probability']:.1%} ({path})"


def tabulated(lines: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of blocks, the one that counts most first.

    Parameters
    ----------
    lines : mapping of str to mapping
        By block, its columns.

    Returns
    -------
    DataFrame
        As in `Support`.
    """
    table = pd.DataFrame(list(lines.values()), index=pd.Index(list(lines), name="block"), columns=COLUMNS)
    typed = table.astype({"khat": float, "clear": bool}).astype({"n": "Int64"})
    return typed.sort_values("points", key=abs, ascending=False, kind="stable")
