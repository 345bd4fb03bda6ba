"""What predicting the rows again found: line by line, in words."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import pandas as pd

from vzforecast.told import Told

# Half a share of either tail: beyond it a line is flagged.
TAIL: Final = 0.025
Row = Mapping[Hashable, Any]
INDEX: Final = ["kind", "group", "measure"]
# What the text shows; members of classes and kinds of signals stand in the table, and in the text if flagged.
_SHOWN: Final = {
    "class": "Reference classes, events",
    "outcome": "Transitions of the outcomes",
    "signals": "Signals in the news, by whom they favour",
    "leans": "Leans of the news",
}


@dataclass(frozen=True, eq=False, repr=False)
class PredictiveCheck(Told):
    """What was observed, beside what the posterior predicts of the same rows.

    Attributes
    ----------
    title : str
        Case and as-of date.
    table : DataFrame
        Index ``(kind, group, measure)``. Kinds: ``class`` (a reference class), ``level`` (one of its members),
        ``outcome`` (a transition), ``signals`` (by whom they favour), ``signals of a kind``, ``leans``. Measures:
        ``events``, ``items`` (numbers) and ``scatter`` (of events among the rows of a class, about ``n`` if the model
        is right). ``n`` rows; ``observed`` (of a scatter, the median over draws); ``lower``, ``median``, ``upper``
        (5, 50, 95 % of what is predicted); ``tail``, the probability of more than was observed, plus half that of
        exactly as much; ``flagged`` if it is below 0.025 or above 0.975.

    Examples
    --------
    >>> import vzforecast as vz
    >>> vz.posterior_check(vz.load_forecast("fc.nc")).flagged  # doctest: +SKIP
    """

    title: str
    table: pd.DataFrame

    @classmethod
    def of(cls, title: str, lines: Mapping[tuple[str, str, str], Mapping[str, float]]) -> Self:
        """Gather lines.

        Parameters
        ----------
        title : str
            Case and as-of date.
        lines : mapping
            By kind, group and measure: everything but the flag.

        Returns
        -------
        PredictiveCheck
            With flags.
        """
        index = pd.MultiIndex.from_tuples(list(lines), names=INDEX)
        table = pd.DataFrame(list(lines.values()), index=index)
        return cls(title, table.assign(flagged=~table["tail"].between(TAIL, 1.0 - TAIL)))

    @property
    def flagged(self) -> pd.DataFrame:
        """The lines on which the model and the record disagree."""
        return self.table[self.table["flagged"]]

    @property
    def ok(self) -> bool:
        """Whether no line is flagged."""
        return self.flagged.empty

    @property
    def text(self) -> str:
        """What is unlike, in sentences, and the classes, outcomes and news as a table, for people."""
        return "\n".join(self._lines())

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Flagged": self.flagged, "Every line": self.table}

    def _lines(self) -> Iterator[str]:
        count, total = len(self.flagged), len(self.table)
        yield (
            f"{self.title}: {count} of {total} figures of the record are unlike what the model predicts of the same "
            f"rows; were the model right, fewer than {2 * TAIL * total:.0f} on average would be."
        )
        yield from map(_flagged_line, self.flagged.reset_index().to_dict(orient="records"))
        for kind, heading in _SHOWN.items():
            own = self.table[self.table.index.get_level_values("kind") == kind]
            if not own.empty:
                yield f"\n{heading:<48} rows  observed  predicted (median)"
                yield from map(_line, own.reset_index().to_dict(orient="records"))


def _flagged_line(row: Row) -> str:
    """Say what is wrong with one line."""
    fewer = "less" if row["measure"] == "scatter" else "fewer"
    word = "more" if row["tail"] < TAIL else fewer
    return (
        f"  ! {row['group']}: {word} {_measured(row)} than the model predicts: {_number(row, 'observed')} on "
        f"{row['n']} rows, predicted {_range(row)}; chance {min(row['tail'], 1.0 - row['tail']):.3f}"
    )


def _line(row: Row) -> str:
    mark = "  !" if row["flagged"] else ""
    name = f"{row['group']}, scatter" if row["measure"] == "scatter" else row["group"]
    return f"  {name:<46} {row['n']:>4}  {_number(row, 'observed'):>8}  {_range(row)}{mark}"


def _measured(row: Row) -> str:
    return "scatter among its rows" if row["measure"] == "scatter" else str(row["measure"])


def _range(row: Row) -> str:
    return f"{_number(row, 'lower')} to {_number(row, 'upper')} ({_number(row, 'median')})"


def _number(row: Row, column: str) -> str:
    return f"{row[column]:.{1 if row['measure'] == 'scatter' else 0}f}"
