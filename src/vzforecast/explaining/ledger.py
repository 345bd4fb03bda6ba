"""The move ledger: what moved the probability of an event from one forecast to another, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from vzforecast import figures
from vzforecast.errors import ExplainError
from vzforecast.explaining.precision import ROUNDING, clear
from vzforecast.explaining.spread import Spread
from vzforecast.forecast import Probability
from vzforecast.forecast.origin import Origin
from vzforecast.reweight import khat_limit
from vzforecast.told import Told

COLUMNS: Final = ("log_odds", "points", "mcse", "clear")
ABOUT: Final = ("kind", "published", "faction", "source", "headline")
# How many lines a sentence names.
_NAMED: Final = 5

GROUPINGS: Final = ("faction", "kind", "source", "month")


def check_grouping(by: object) -> None:
    """Refuse what is not the one name of a grouping."""
    if not isinstance(by, str):
        raise ExplainError(f"by is of type {type(by).__name__}; choose one of {', '.join(GROUPINGS)}")
    if by not in GROUPINGS:
        raise ExplainError(f"by is {by!r}; choose one of {', '.join(GROUPINGS)}")


@dataclass(frozen=True, eq=False, repr=False)
class MoveLedger(Told):
    """Why the probability of an event moved from one forecast to another; made by ``vzforecast.explain``.

    Attributes
    ----------
    event : str
        The event.
    before, after : Probability
        What the two forecasts say.
    days : tuple of date
        Their as-of dates.
    items : DataFrame
        A line a part by ``part``: ``log_odds`` and ``points`` (percentage points), both summing to the whole change,
        ``mcse`` (Monte Carlo standard error of the points), ``clear`` (whether the points are at least twice that), and
        what the part is: ``kind``, ``published``, ``faction``, ``source``, ``headline``. Log-odds are blank where a
        probability is 0 or 1.
    by : {"faction", "kind", "source", "month"} or None
        How `table` is grouped.
    orders : int or None
        Orders that were drawn; None if every order counts.
    drawn : str
        What was drawn, in words; nothing if every order counts.
    khat, ess : float
        Pareto k and effective draws of the weights with all parts in: how far the split can be trusted.
    spread : Spread
        What the errors are made of.
    origins : tuple of Origin
        Case, seed and size of the two forecasts.

    Examples
    --------
    >>> move = explain(fc, update(fc, items), "ever(sanctions = re_escalated) by 2025-06-30")  # doctest: +SKIP
    >>> move.table[["log_odds", "points", "mcse"]]  # doctest: +SKIP
    """

    event: str
    before: Probability
    after: Probability
    days: tuple[date, date]
    items: pd.DataFrame
    by: str | None
    orders: int | None
    drawn: str
    khat: float
    ess: float
    spread: Spread
    origins: tuple[Origin, Origin]

    @property
    def table(self) -> pd.DataFrame:
        """The lines, grouped if that was asked for."""
        return self.items if self.by is None else self.grouped(self.by)

    @property
    def points(self) -> float:
        """The whole change in percentage points."""
        return 100.0 * (self.after.mean - self.before.mean)

    @property
    def mcse(self) -> float:
        """Monte Carlo standard error of the whole change, in percentage points."""
        return 100.0 * self.spread.error(range(len(self.items)))

    @property
    def trusted(self) -> bool:
        """Whether k-hat is within its limit: beyond it, how the change is split may be quite wrong."""
        return self.khat < khat_limit(self.spread.draws.shape[1] // self.spread.fits)

    def grouped(self, by: str) -> pd.DataFrame:
        """Return the lines added up by what their items have in common.

        Parameters
        ----------
        by : {"faction", "kind", "source", "month"}
            The faction that an item favours or belongs to, its kind, its source, or the month of publication. What is
            no item keeps its own line.

        Returns
        -------
        DataFrame
            Index named as `by`; columns ``log_odds``, ``points``, ``mcse``, ``clear``, ``items`` (lines added up).

        Raises
        ------
        ExplainError
            `by` is none of the four.
        """
        check_grouping(by)
        if by == "month":
            published = pd.to_datetime(self.items["published"])
            labels = published.dt.strftime("%Y-%m")
        else:
            labels = self.items[by].replace("", f"no {by}")
        is_item = self.items["published"].notna()
        labels = labels.where(is_item, self.items.index.to_series())
        rows = {label: self._sum_of(np.flatnonzero(labels == label).tolist()) for label in labels.unique()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis(by)

    def _sum_of(self, lines: list[int]) -> dict[str, float | bool | int]:
        own, mcse = self.items.iloc[lines], 100.0 * self.spread.error(lines)
        points = float(own["points"].sum())
        log_odds = float(own["log_odds"].sum(skipna=False))
        return {"log_odds": log_odds, "points": points, "mcse": mcse, "clear": clear(points, mcse), "items": len(lines)}

    @property
    def text(self) -> str:
        """The change, and what it comes from, in sentences."""
        return in_words(self)

    @property
    def _alarming(self) -> bool:
        return not (self.trusted and self.before.ok and self.after.ok)

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Line by line, in points": self.table}

    def __repr__(self) -> str:
        return f"<MoveLedger of {self.event}: {figures.points(self.points)} points in {len(self.items)} lines>"


def in_words(ledger: MoveLedger) -> str:
    """Say by how much a probability moved, what from, and what cannot be told from noise."""
    first, last = (f"{said.mean:.1%} as of {_day(day, year=True)}" for said, day in _ends(ledger))
    sentences = [f"{ledger.event}: {first}, {last}: {_moved(ledger)}."]
    if ledger.drawn:
        sentences.append(f"The split is a sample: {ledger.drawn}.")
    if not ledger.trusted:
        limit = khat_limit(ledger.spread.draws.shape[1] // ledger.spread.fits)
        sentences.append(
            f"Do not rely on the split: the news moves the draws of the earlier fit too far (k-hat {ledger.khat:.2f}, "
            f"limit {limit:.2f}); explain it in shorter steps."
        )
    return " ".join(sentences)


def _ends(ledger: MoveLedger) -> Iterator[tuple[Probability, date]]:
    return zip((ledger.before, ledger.after), ledger.days, strict=True)


def _moved(ledger: MoveLedger) -> str:
    table = ledger.table
    told = table[table["clear"]].sort_values("points", key=abs, ascending=False)
    named = [
        f"{figures.points(row['points'])} from {_source(ledger, str(name))}"
        for name, row in told.head(_NAMED).iterrows()
    ]
    more, rest = told.iloc[_NAMED:], table[~table["clear"] & (table["points"].abs() >= ROUNDING)]
    if len(more):
        named.append(f"{figures.points(more['points'].sum())} from {_lines(len(more))} more")
    if len(rest):
        whole = figures.points(rest["points"].sum())
        named.append(f"{whole} from {_lines(len(rest))} smaller than twice the Monte Carlo error")
    return f"{_headline(ledger)}: {', '.join(named)}" if named else _headline(ledger)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _headline(ledger: MoveLedger) -> str:
    if abs(ledger.points) < ROUNDING:
        return "no change"
    direction = "up" if ledger.points > 0.0 else "down"
    return f"{direction} {abs(ledger.points):.1f} points (Monte Carlo error {ledger.mcse:.1f})"


def _source(ledger: MoveLedger, name: str) -> str:
    """Say what a line is: an item by its kind and day, another part or a group by its name."""
    if ledger.by is not None:
        return name if name in ledger.items.index else f"{ledger.by} {name}"
    row = ledger.items.loc[name].to_dict()
    if pd.isna(row["published"]):
        return name
    what = f"the {str(row['kind']).replace('_', ' ')} of {_day(row['published'].date())}"
    return f"{what} ({row['headline'] or name})"


def _day(day: date, *, year: bool = False) -> str:
    return f"{day.day} {day:%B}" + (f" {day.year}" if year else "")
