"""Monte Carlo errors of the lines of a ledger, and of any sum of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vzforecast.forecast.ess import effective_sample_size
from vzforecast.latent import Array


@dataclass(frozen=True, eq=False)
class Spread:
    """What the Monte Carlo errors of the lines are made of, so that sums of lines have theirs.

    Attributes
    ----------
    draws : ndarray, dims (line, sample)
        How far each draw of the earlier forecast's fit moves a line; sums over draws to zero.
    orders : ndarray, dims (pair, line)
        Each line in each pair of orders; all alike if every order counts.
    apart : ndarray, dims (line,)
        Variance from draws of another fit.
    fits, chains : int
        Fits among the draws, and chains of each.
    """

    draws: Array
    orders: Array
    apart: Array
    fits: int
    chains: int

    def error(self, lines: Sequence[int]) -> float:
        """Return the standard error of the sum of some lines, in the unit of probabilities."""
        of_fits = self.draws[list(lines)].sum(axis=0).reshape(self.fits, self.chains, -1)
        drawn = sum(fit.size**2 * float(fit.var()) / effective_sample_size(fit) for fit in of_fits)
        ordered = float(self.orders[:, list(lines)].sum(axis=1).var(ddof=1)) / len(self.orders)
        return math.sqrt(drawn + ordered + float(self.apart[list(lines)].sum()))
