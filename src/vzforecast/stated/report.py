"""What is found out about stated probabilities."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from vzforecast.told import Told


@dataclass(frozen=True, eq=False, repr=False)
class CoherenceReport(Told):
    """Whether one distribution over the possible worlds gives all stated probabilities, and the nearest that does.

    Attributes
    ----------
    as_of : datetime.date
        The day up to whose end the record counts.
    atoms : int
        Number of possible worlds: ways in which the stated events can happen or not, all together.
    incoherences : pandas.DataFrame
        A row for each rule that is broken: ``kind`` (``certain``, ``implies``, ``exclusive``, ``exhaustive``,
        ``partition``, ``joint``), ``events`` and ``stated`` (text, separated by semicolons), ``rule`` in words, and by
        how many ``points`` (percentage points) it is broken.
    nearest : pandas.DataFrame
        Index ``event``, as given; ``stated``, ``coherent`` (the coherent numbers with the least sum of squared
        changes), ``change``; ``model``, the forecast's own probability, if there is a forecast; ``name``, if names
        were given.
    distance : float
        Root mean square of ``change``.

    Examples
    --------
    >>> import vzforecast as vz
    >>> known = vz.load_case().known_on("2025-02-05")
    >>> event = "ever(sanctions = re_escalated) by 2025-06-30"
    >>> report = vz.coherence(known, {event: 0.6, f"not {event}": 0.6})
    >>> report.ok, report.nearest["coherent"].round(3).tolist()
    (False, [0.5, 0.5])
    """

    as_of: date
    atoms: int
    incoherences: pd.DataFrame
    nearest: pd.DataFrame
    distance: float

    @property
    def ok(self) -> bool:
        """Whether no rule is broken by more than the tolerance."""
        return self.incoherences.empty

    @property
    def text(self) -> str:
        """Verdict, broken rules and nearest numbers, for people."""
        return "\n".join(self._lines())

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Broken rules": self.incoherences, "Nearest coherent numbers": self.nearest}

    def _lines(self) -> Iterator[str]:
        count, rules = len(self.nearest), len(self.incoherences)
        events = f"{count} stated event{'' if count == 1 else 's'}"
        worlds = f"{self.atoms:,} possible world{'' if self.atoms == 1 else 's'}"
        verdict = "coherent" if self.ok else f"not coherent, {rules} rule{'' if rules == 1 else 's'} broken"
        yield f"As of {self.as_of}: {events}, {worlds}: {verdict}."
        for row in self.incoherences.to_dict(orient="records"):
            yield f"\n{row['kind']}, by {row['points']:.1f} points: {row['rule']}"
            pairs = zip(row["events"].split("; "), row["stated"].split("; "), strict=True)
            for number, (event, stated) in enumerate(pairs, start=1):
                yield f"  P{number} = {stated}  {event}"
        yield f"\nNearest coherent numbers (root mean square change {100 * self.distance:.2f} points)"
        model = "model" in self.nearest
        yield "  stated  coherent  change" + ("   model" if model else "") + "  event"
        for row in self.nearest.reset_index().to_dict(orient="records"):
            own = f"  {row['model']:6.3f}" if model else ""
            shown = f"{row['name']}: {row['event']}" if row.get("name") else row["event"]
            yield f"  {row['stated']:6.3f}  {row['coherent']:8.3f}  {_signed(row['change'])}{own}  {shown}"


def _signed(change: float) -> str:
    """Return a change to three places with its sign, without one if it is nothing to three places."""
    return f"{change:+6.3f}" if abs(change) >= 0.0005 else f"{0.0:6.3f}"
