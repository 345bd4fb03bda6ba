"""What leaving rows out found: row by row, by kind of row, and against another forecast of the same rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from vzforecast.errors import CheckError
from vzforecast.told import Told

KIND, LABEL, TOTAL = "kind", "label", "all"
_SHOWN: Final = 5


@dataclass(frozen=True, eq=False, repr=False)
class LeaveOneOut(Told):
    """Expected log predictive density of every observed row, each predicted without itself.

    Attributes
    ----------
    title : str
        Case and as-of date.
    table : DataFrame
        Index ``(kind, label)``, kind one of ``favoured``, ``lean``, ``events``: ``observed`` (the faction, the lean, or
        the number of events) and ``exposure`` of events (months, promises), ``elpd`` in nats, ``p_loo`` (by how many
        nats the row is better predicted with itself among the data: its pull on the posterior), ``khat`` (shape of the
        tail of the importance ratios), ``refitted`` (elpd and p_loo come from a fit without the row) and ``flagged``
        (they are not to be trusted: k-hat is not below the limit for so many draws, or the fit without the row
        failed its diagnostics).
    total : DataFrame
        Index ``kind``, and ``all``: ``n`` rows, ``elpd`` and its standard error ``se`` over rows, ``p_loo`` (effective
        number of parameters) and ``flagged`` rows.
    limit : float
        What k-hat must stay below.

    Examples
    --------
    >>> import vzforecast as vz
    >>> found = vz.loo(vz.load_forecast("fc.nc"))  # doctest: +SKIP
    >>> found.influential  # doctest: +SKIP
    """

    title: str
    table: pd.DataFrame
    total: pd.DataFrame
    limit: float

    @property
    def influential(self) -> pd.DataFrame:
        """Rows whose k-hat is not below the limit, largest first: single observations that the posterior hangs on."""
        return self.table[~(self.table["khat"] < self.limit)].sort_values("khat", ascending=False)

    @property
    def ok(self) -> bool:
        """Whether the figures of every row can be trusted."""
        return not self.table["flagged"].any()

    @property
    def text(self) -> str:
        """Totals, influential rows and what to do about them, for people."""
        return "\n".join(self._lines())

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Totals": self.total, "Influential rows": self.influential}

    def compare(self, other: "LeaveOneOut") -> pd.DataFrame:
        r"""Return how much better this forecast predicts the same rows than another one.

        Parameters
        ----------
        other : LeaveOneOut
            Of a forecast of the same rows, by another model or other priors.

        Returns
        -------
        DataFrame
            Index ``kind``, and ``all``: ``n`` rows, ``difference`` of elpd in nats (above 0: this one is better), its
            standard error ``se`` from the paired differences, :math:`\sqrt{n}\, sd(d_i)`, and ``flagged``, rows that
            either cannot judge. Below four nats the standard error says too little.

        Raises
        ------
        CheckError
            If the rows differ, in label, exposure or what was observed.

        References
        ----------
        Vehtari, Gelman and Gabry (2017), section 5.2. Sivula, Magnusson, Matamoros and Vehtari (2025), Uncertainty in
        Bayesian leave-one-out cross-validation based model comparison.
        """
        mine, theirs = (set(_rows(one.table)) for one in (self, other))
        differ = sorted({row[:2] for row in mine ^ theirs})
        if differ:
            raise CheckError(
                f"the rows of the two forecasts are not the same ({len(differ)} differ, such as {differ[0]!r}); "
                "compare forecasts of one case as of one day that differ only in priors or in the form of the model"
            )
        gain = self.table["elpd"] - other.table["elpd"]
        flagged = self.table["flagged"] | other.table["flagged"]
        return summed(gain, "difference", flagged=flagged)

    def _lines(self) -> Iterator[str]:
        whole = self.total.loc[TOTAL]
        yield (
            f"{self.title}, each of {whole['n']:.0f} rows predicted without itself: {whole['elpd']:.1f} nats "
            f"(standard error {whole['se']:.1f}), {whole['p_loo']:.1f} effective parameters."
        )
        for kind, row in self.total.drop(index=TOTAL).iterrows():
            error = f" (s.e. {row['se']:.1f})" if row["n"] > 1 else ""
            yield f"  {kind:<9} {row['n']:>4.0f} rows  {row['elpd']:>8.1f} nats{error}"
        if self.influential.empty:
            yield f"Every k-hat is below {self.limit:.2f}: all of this can be trusted."
        else:
            yield self._trust()
            yield from _listed(self.influential)
        yield "Rows with the largest pull on the posterior:"
        yield from _listed(self.table.sort_values("p_loo", ascending=False).head(_SHOWN))

    def _trust(self) -> str:
        """Say what the rows with a large k-hat are worth, and what to do about them."""
        rows = self.influential
        found = f"{len(rows)} rows have a k-hat of {self.limit:.2f} or more: the posterior hangs on them. "
        if not rows["refitted"].all():
            return found + (
                "Their figures here are not to be trusted. Look at each row first; loo(forecast, exact=True) fits the "
                "model again without it:"
            )
        failed = int(rows["flagged"].sum())
        return found + (
            f"Their figures come from a fit without each; {failed} of these fits failed their diagnostics, and more "
            "draws are wanted:"
            if failed
            else "Their figures come from a fit without each, and can be trusted:"
        )


def summed(elpd: pd.Series, name: str, **more: pd.Series) -> pd.DataFrame:
    """Return sums over the rows of each kind, and over all.

    Parameters
    ----------
    elpd : Series
        By (kind, label), in nats.
    name : str
        Its column.
    **more : Series
        Further columns to sum.

    Returns
    -------
    DataFrame
        Index ``kind``, and ``all``: ``n``, the sum, its standard error ``se`` over rows, and the further sums.
    """
    frame = pd.DataFrame({name: elpd} | more)
    groups = {str(kind): own for kind, own in frame.groupby(level=KIND, sort=False)} | {TOTAL: frame}
    lines = {
        kind: {"n": len(own), name: own[name].sum(), "se": np.sqrt(len(own)) * own[name].std(ddof=1)}
        | {column: own[column].sum() for column in more}
        for kind, own in groups.items()
    }
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis(KIND).astype({"n": int})


def _listed(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.reset_index().to_dict(orient="records"):
        yield (
            f"  {row['kind']:<9} {row['label']}: observed {row['observed']}, elpd {row['elpd']:.2f}, "
            f"pull {row['p_loo']:.2f} nats, k-hat {row['khat']:.2f}"
        )


def _rows(table: pd.DataFrame) -> Iterator[tuple[str, str, str, float]]:
    """Yield what makes a row the same row: kind, label, what was observed, and its exposure (0 if it has none)."""
    for (kind, label), observed, exposure in zip(table.index, table["observed"], table["exposure"], strict=True):
        yield kind, label, str(observed), 0.0 if np.isnan(exposure) else round(float(exposure), 9)
