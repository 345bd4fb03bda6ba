"""What the priors imply, as sentences."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast.case import Case
from vzforecast.case.schema import Outcome
from vzforecast.names import ONSET, RECOVERY
from vzforecast.told import Told

Row = Mapping[Hashable, Any]
# Correlations of log rates weaker than this are not worth a sentence.
WORTH_TELLING: Final = 0.15
_MOST_PAIRS: Final = 6


@dataclass(frozen=True, eq=False, repr=False)
class PriorPredictive(Told):
    """What the priors imply, before any row is seen.

    Attributes
    ----------
    case : Case
        Cut to the day whose record stands beside.
    rates : DataFrame
        Index ``(kind, name)``: ``class`` and the reference class, or ``onset`` or ``recovery`` and the outcome.
        ``unit`` (``a decade``, or ``of ten promises`` broken); ``lower``, ``median``, ``upper`` (5, 50, 95 % of the
        prior); the record known on the day: ``events``, ``exposure`` (years, or promises) and ``record``, the rate
        they give.
    ratios : DataFrame
        Index ``(kind, name)``: by what factor (``lower``, ``median``, ``upper``) a rate is multiplied by ``coupling``
        (another outcome that has just become active), ``leverage`` (of a faction that alone had influence, against
        equal shares) and ``spread`` (membership of a group one standard deviation above the middle).
    correlations : DataFrame
        Index ``(outcome, other)``: ``correlation`` of their log onset rates over the prior, strongest first.

    Examples
    --------
    >>> import vzforecast as vz
    >>> vz.prior_predictive(vz.load_case()).rates.loc["class"]  # doctest: +SKIP
    """

    case: Case
    rates: pd.DataFrame
    ratios: pd.DataFrame
    correlations: pd.DataFrame

    @property
    def text(self) -> str:
        """Every implication in a sentence, for people."""
        return "\n".join(self._lines())

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Rates": self.rates, "Ratios": self.ratios, "Correlations": self.correlations}

    def _lines(self) -> Iterator[str]:
        yield (
            f"What the priors of {self.case.spec.label} imply before any row is seen (5 to 95 % of the prior), and the "
            f"record known on {self.case.as_of}:"
        )
        yield "\nReference classes"
        for row in _records(self.rates.loc[["class"]]):
            yield f"  {row['name']}: {_often(row)}{_record(row)}"
        yield "\nOutcomes, each with all others at rest"
        for outcome in self.case.spec.outcomes:
            yield from self._outcome(outcome)
        yield "\nWhat moves what, where the prior is sure of the direction"
        for row in _records(self.ratios[self.ratios.index.get_level_values("kind") != "spread"]):
            if not row["lower"] <= 1.0 <= row["upper"]:
                yield f"  {self._moved(row['kind'], row['name'])} {_times(row)}"
        yield "\nWhat goes together, by a shared class or shared influence"
        told = self.correlations[self.correlations["correlation"].abs() >= WORTH_TELLING].head(_MOST_PAIRS)
        for row in _records(told):
            word, value = "raises" if row["correlation"] > 0 else "lowers", f"{row['correlation']:+.2f}"
            yield f"  What raises the rate of {row['outcome']} {word} that of {row['other']}: correlation {value}"
        if told.empty:
            yield f"  No two outcomes have log rates that correlate by {WORTH_TELLING} or more."

    def _outcome(self, outcome: Outcome) -> Iterator[str]:
        rest, active = outcome.rest, outcome.active
        (row,) = _records(self.rates.loc[[(ONSET, outcome.id)]])
        yield f"  {outcome.id} becomes {active} {_often(row)}{_record(row)}"
        if (RECOVERY, outcome.id) in self.rates.index:
            (row,) = _records(self.rates.loc[[(RECOVERY, outcome.id)]])
            lower, median, upper = (120.0 / row[name] for name in ("upper", "median", "lower"))
            yield (
                f"    and, once {active}, {rest} again after a mean time of {_months(lower)} to {_months(upper)} "
                f"(median {_months(median)})"
            )

    def _moved(self, kind: str, name: str) -> str:
        if kind == "leverage":
            outcome, faction = name.split(".")
            return f"Were all influence with {faction}, {outcome} would become {self.case.outcome(outcome).active}"
        transition, outcome, source = name.split(".")
        own, other = self.case.outcome(outcome), self.case.outcome(source)
        to = own.active if transition == ONSET else own.rest
        return f"When {source} has just become {other.active}, {outcome} becomes {to}"


def _records(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return table.reset_index().to_dict(orient="records")


def _often(row: Row) -> str:
    numbers = f"{_short(row['lower'])} to {_short(row['upper'])}"
    if row["unit"] == "a decade":
        return f"{numbers} times a decade (median {_short(row['median'])})"
    return f"{numbers} of ten promises are broken (median {_short(row['median'])})"


def _record(row: Row) -> str:
    """Say what the record has; nothing if it has no exposure."""
    if not row["exposure"]:
        return "; no record"
    if row["unit"] == "a decade":
        years = row["exposure"]
        span = f"{years:,.0f} years" if years >= 2 else f"{12 * years:.1f} months"
        return f"; the record has {row['events']} in {span}"
    return f"; of {row['exposure']:.0f} on record {row['events']} were"


def _times(row: Row) -> str:
    return f"{_short(row['lower'])} to {_short(row['upper'])} times as fast (median {_short(row['median'])})"


def _months(months: float) -> str:
    if months < 1.0:
        return f"{30.4375 * months:.0f} days"
    if months < 36.0:
        return f"{months:.0f} month{'s' if round(months) != 1 else ''}"
    return f"{months / 12.0:.0f} years"


def _short(value: float) -> str:
    """Return two figures, without an exponent."""
    if value >= 1.0:
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    return np.format_float_positional(value, precision=2, fractional=False, trim="-")
