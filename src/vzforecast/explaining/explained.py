"""What every explanation of an event's probability has in common: its head, its text, its marks."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from vzforecast.forecast import Probability
from vzforecast.told import Told


@dataclass(frozen=True, eq=False, repr=False)
class Explained(Told):
    """An explanation of the probability of one event.

    A subclass adds its tables as fields, tells them in `_lines`, of which `_head` is the first, and names in `_tables`
    those that are shown below in a notebook.

    Attributes
    ----------
    event : str
        The event.
    as_of : date
        Forecast origin.
    probability : Probability
        Of the event, by the forecast that is explained.
    """

    event: str
    as_of: date
    probability: Probability

    @property
    def text(self) -> str:
        """What is found, in plain words, what counts most first."""
        return "\n".join(self._lines())

    @property
    def _alarming(self) -> bool:
        return not self.probability.ok

    @abstractmethod
    def _lines(self) -> Iterator[str]:
        """Yield the lines of the text."""

    def _head(self, remark: str = "") -> str:
        """Return the first line: the event, its probability, a remark, and an alarm if the fit failed."""
        verdict = "" if self.probability.ok else "  FAILED FIT: do not use"
        return f"{self.event}: {self.probability.mean:.1%} as of {self.as_of}{remark}{verdict}"


def unclear(clear: bool) -> str:
    """Return the mark of a figure that cannot be told from noise, to stand behind it; nothing if it can.

    Parameters
    ----------
    clear : bool
        Whether the figure is at least twice its Monte Carlo error.

    Returns
    -------
    str
        With a space before it.

    Examples
    --------
    >>> unclear(True), unclear(False)
    ('', ' (within twice its Monte Carlo error)')
    """
    return "" if clear else " (within twice its Monte Carlo error)"


def unfound(table: pd.DataFrame) -> Iterator[str]:
    """Yield what has no figure, and why: what weights do not give, then what no refit gives either.

    Parameters
    ----------
    table : DataFrame
        Columns ``khat`` and ``why_not``, blank where there is a figure.

    Yields
    ------
    str
        A line each.
    """
    blank = table[table["why_not"] != ""]
    by_weights = blank["why_not"].str.startswith(("k-hat", "ESS"))
    listed = [
        f"{name} (k-hat {row['khat']:.2f})" if row["why_not"].startswith("k-hat") else f"{name} ({row['why_not']})"
        for name, row in blank[by_weights].iterrows()
    ]
    if listed:
        yield f"  no number by weights, refit=True gives one: {', '.join(listed)}"
    for name, why_not in blank.loc[~by_weights, "why_not"].items():
        yield f"  no number for {name}: {why_not}"
