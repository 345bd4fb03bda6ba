"""The verdict on a fit: whether its numbers may be used."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from vzforecast.told import Told

# Limits: Vehtari et al. (2021) for R-hat and ESS, Betancourt (2016) for E-BFMI.
MAX_RHAT = 1.01
MIN_ESS = 400.0
MIN_BFMI = 0.3
MAX_DIVERGENT_SHARE = 0.001

_SHOWN = 5


class UnconvergedWarning(UserWarning):
    """An answer comes from a fit that failed its diagnostics.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("error", UnconvergedWarning)  # to stop instead of answering
    """


def quietly[T](ask: Callable[[], T]) -> T:
    """Ask without the warning of a failed fit: for what shows the answer together with the verdict.

    Parameters
    ----------
    ask : callable
        Without arguments.

    Returns
    -------
    object
        What it gives.

    Examples
    --------
    >>> quietly(lambda: 2)
    2
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnconvergedWarning)
        return ask()


@dataclass(frozen=True, repr=False)
class ConvergenceReport(Told):
    """Convergence of one fit.

    Attributes
    ----------
    table : DataFrame
        By variable: ``rhat`` (largest), ``ess_bulk`` and ``ess_tail`` (smallest over its elements).
    bfmi : float
        Smallest energy Bayesian fraction of missing information over chains.
    divergences : int
        Divergent transitions after tuning.
    draws : int
        Draws over all chains.

    Examples
    --------
    >>> table = pd.DataFrame({"rhat": [1.002], "ess_bulk": [1500.0], "ess_tail": [1300.0]}, index=["tau"])
    >>> ConvergenceReport(table, bfmi=0.9, divergences=0, draws=4000).ok
    True
    """

    table: pd.DataFrame
    bfmi: float
    divergences: int
    draws: int

    @cached_property  # every answer asks for the verdict
    def failures(self) -> tuple[str, ...]:
        """Every limit that was not met, in words."""
        rhat, bulk, tail = self._worst
        # Written so that a measure that could not be computed (NaN) fails.
        met = {
            f"R-hat {rhat:.3f} is above {MAX_RHAT}": rhat <= MAX_RHAT,
            f"bulk ESS {bulk:.0f} is below {MIN_ESS:.0f}": bulk >= MIN_ESS,
            f"tail ESS {tail:.0f} is below {MIN_ESS:.0f}": tail >= MIN_ESS,
            f"E-BFMI {self.bfmi:.2f} is below {MIN_BFMI}": self.bfmi >= MIN_BFMI,
            f"{self.divergences} divergences in {self.draws} draws": self.divergences
            <= MAX_DIVERGENT_SHARE * self.draws,
        }
        return tuple(message for message, good in met.items() if not good)

    @property
    def _worst(self) -> tuple[float, float, float]:
        """Largest R-hat, smallest bulk and tail ESS; NaN if any variable's could not be computed."""
        rhat, bulk, tail = (self.table[name].to_numpy(float) for name in ("rhat", "ess_bulk", "ess_tail"))
        return float(rhat.max()), float(bulk.min()), float(tail.min())

    @property
    def worst(self) -> pd.DataFrame:
        """The lines of the table; first what could not be computed, then what is furthest beyond a limit or nearest."""
        rhat, *sizes = (self.table[name].to_numpy(float) for name in ("rhat", "ess_bulk", "ess_tail"))
        used = np.max([(rhat - 1.0) / (MAX_RHAT - 1.0), *(MIN_ESS / size for size in sizes)], axis=0)
        return self.table.iloc[np.argsort(-np.nan_to_num(used, nan=np.inf), kind="stable")]

    @property
    def ok(self) -> bool:
        """Whether every limit was met."""
        return not self.failures

    @property
    def text(self) -> str:
        """One line: the verdict and the figures it rests on."""
        rhat, bulk, tail = self._worst
        figures = (
            f"R-hat at most {rhat:.3f}, bulk ESS at least {bulk:.0f}, tail ESS at least {tail:.0f}, "
            f"E-BFMI {self.bfmi:.2f}, "
            f"{self.divergences} divergence{'' if self.divergences == 1 else 's'} in {self.draws:,} draws"
        )
        return f"converged: {figures}" if self.ok else f"FAILED: {'; '.join(self.failures)} ({figures})"

    @property
    def _alarming(self) -> bool:
        return not self.ok

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"The worst of its variables": self.worst.head(_SHOWN)}

    def worst_with(self, other: "ConvergenceReport") -> "ConvergenceReport":
        """Return the worse of two reports, measure by measure: the verdict on draws pooled from two fits.

        Parameters
        ----------
        other : ConvergenceReport
            Of a fit with the same variables.

        Returns
        -------
        ConvergenceReport
            Largest R-hat, smallest ESS and E-BFMI; divergences and draws add up.
        """
        largest = self.table.combine(other.table, np.maximum)
        smallest = self.table.combine(other.table, np.minimum)
        table = smallest.assign(rhat=largest["rhat"])
        bfmi, draws = min(self.bfmi, other.bfmi), self.draws + other.draws
        return ConvergenceReport(table, bfmi, self.divergences + other.divergences, draws)

    def to_dict(self) -> dict[str, object]:
        """Return the report as plain values, for saving.

        Returns
        -------
        dict
            What ``from_dict`` takes.
        """
        rows = self.table.reset_index().to_dict(orient="list")
        return {"table": rows, "bfmi": self.bfmi, "divergences": self.divergences, "draws": self.draws}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ConvergenceReport":
        """Rebuild a report saved by ``to_dict``.

        Parameters
        ----------
        values : mapping
            What ``to_dict`` returned.

        Returns
        -------
        ConvergenceReport
            Equal to the one saved.
        """
        table = pd.DataFrame(values["table"]).set_index("variable")
        return cls(table, float(values["bfmi"]), int(values["divergences"]), int(values["draws"]))
