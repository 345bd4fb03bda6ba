"""What simulation-based calibration found: scalar by scalar, block by block, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

from vzforecast.checking.ranks import Ranks
from vzforecast.checking.uniformity import chi_square, uniformity, whole
from vzforecast.names import INTERVAL_MASS, LOWER_QUANTILE, UPPER_QUANTILE
from vzforecast.told import Told

# A sound inference is called miscalibrated once in a hundred checks, however many scalars are looked at: half of that
# by a single scalar, half by a block as a whole.
LEVEL: Final = 0.01
# Fewer scalars than this are looked at one by one only: their mean is too far from normal.
LEAST_SCALARS: Final = 5


@dataclass(frozen=True, eq=False, repr=False)
class SimulationCheck(Told):
    """Whether the inference finds again the parameters that data were simulated from.

    Attributes
    ----------
    title : str
        What was checked, and with which data.
    ranks : DataFrame
        A row for each simulated data set, a column for each scalar ``(variable, coordinate)``: the rank of the true
        value among the posterior draws as a share of all ranks, uniform if the inference is calibrated.
    table : DataFrame
        Index ``(variable, coordinate)``: ``n`` data sets; ``mean_rank`` (0.5 if unbiased; above, the posterior lies too
        low); ``coverage`` of the 90 % interval; p-values ``chi_square`` (ten bins) and ``ecdf`` (the whole distribution
        of ranks, exact); ``ess``, the median of the effective draws behind a rank.
    blocks : DataFrame
        Index ``variable``: ``scalars``; ``mean_rank`` and ``coverage`` over all of them; the ``worst`` coordinate by
        ``ecdf`` and its p-value ``ecdf``; ``whole``, the p-value that the block as a whole is neither biased nor too
        wide or too narrow (of five scalars or more); ``adjusted``, twice the smaller of these two once each is
        multiplied by how many there are (at most 1); ``ok`` if that is at least 0.01.
    divergent : int
        Fits that had a divergent transition.

    Examples
    --------
    >>> import vzforecast as vz
    >>> vz.simulation_check(vz.load_case(), replications=100).ok  # doctest: +SKIP
    True
    """

    title: str
    ranks: pd.DataFrame
    table: pd.DataFrame
    blocks: pd.DataFrame
    divergent: int

    @classmethod
    def of(cls, ranks: Ranks, title: str) -> Self:
        """Judge ranks.

        Parameters
        ----------
        ranks : Ranks
            Of every scalar in every data set.
        title : str
            What was checked.

        Returns
        -------
        SimulationCheck
            With its tables.
        """
        shares = pd.DataFrame(ranks.share, columns=ranks.scalars).rename_axis("replication")
        inside = (ranks.share >= LOWER_QUANTILE) & (ranks.share <= UPPER_QUANTILE)
        columns = {
            "n": len(shares),
            "mean_rank": ranks.share.mean(axis=0),
            "coverage": inside.mean(axis=0),
            "chi_square": [chi_square(own) for own in ranks.share.T],
            "ecdf": [uniformity(own) for own in ranks.share.T],
            "ess": np.median(ranks.ess, axis=0),
        }
        table = pd.DataFrame(columns, index=ranks.scalars)
        return cls(title, shares, table, _blocks(table, shares), int(ranks.divergent.sum()))

    @property
    def ok(self) -> bool:
        """Whether no scalar, and no block, has ranks further from uniform than chance allows one of so many."""
        return bool(self.blocks["ok"].all())

    @property
    def text(self) -> str:
        """Verdict and blocks, for people."""
        return "\n".join(self._lines())

    @property
    def _alarming(self) -> bool:
        return not self.ok

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Blocks": self.blocks, "Numbers": self.table}

    def _lines(self) -> Iterator[str]:
        count, failed = len(self.ranks), self.blocks.index[~self.blocks["ok"]].tolist()
        verdict = "calibrated" if self.ok else f"NOT calibrated: {', '.join(failed)}"
        yield f"{self.title}: {verdict}."
        yield (
            f"{count} simulated data sets, {len(self.table)} numbers in {len(self.blocks)} blocks; "
            f"{self.table['coverage'].mean():.1%} of all {INTERVAL_MASS:.0%} intervals hold the truth; "
            f"{self.divergent} fits had a divergent transition."
        )
        yield f"{'block':<16} numbers  mean rank  coverage  least p, all counted  worst"
        for row in self.blocks.reset_index().to_dict(orient="records"):
            mark = "" if row["ok"] else "  <- ranks are not uniform"
            yield (
                f"{row['variable']:<16} {row['scalars']:>7}  {row['mean_rank']:>9.3f}  {row['coverage']:>8.3f}  "
                f"{row['adjusted']:>20.3g}  {row['worst']}{mark}"
            )


def _blocks(table: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Gather scalars by variable; p-values are multiplied by how many are looked at (Bonferroni)."""
    lines = {}
    for variable, own in table.groupby(level="variable", sort=False):
        lines[str(variable)] = {
            "scalars": len(own),
            "mean_rank": own["mean_rank"].mean(),
            "coverage": own["coverage"].mean(),
            "worst": str(own.index[int(own["ecdf"].argmin())][1]),
            "ecdf": float(own["ecdf"].min()),
            "whole": whole(shares[variable].to_numpy()) if len(own) >= LEAST_SCALARS else np.nan,
        }
    blocks = pd.DataFrame.from_dict(lines, orient="index").rename_axis("variable")
    least = np.fmin(blocks["ecdf"] * len(table), blocks["whole"] * blocks["whole"].count())
    adjusted = np.minimum(2.0 * least, 1.0)
    return blocks.assign(adjusted=adjusted, ok=adjusted >= LEVEL)
