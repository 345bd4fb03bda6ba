"""What a forecast that averages variants of its case is made of: its members, what each scored, what each counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.told import Told

SCORE_INDEX = ["month", "member"]
SCORE_COLUMNS = ["score", "mcse", "rows", "events", "ok"]


@dataclass(frozen=True, eq=False, repr=False)
class Averaged(Told):
    """The members of a stack and their weights.

    Attributes
    ----------
    members : mapping of str to tuple of str
        Terms that each member leaves out, by its name; draws stand in this order, as many of each.
    weights : ndarray, dims (member,)
        By stacking, at the last fit; they sum to one.
    scores : DataFrame
        Index ``(month, member)``, month by its first day; ``score``, log probability (nats) that the member, fitted on
        what was published before the month, gave to the rows of all outcomes in it; ``mcse``, its Monte Carlo error;
        ``rows`` and ``events`` in the month; ``ok``, whether that fit passed its diagnostics.
    now : ndarray, dims (member,), or None
        Weights after reweighting by news; None if there was none since the last fit.

    Examples
    --------
    >>> stack(load_case()).averaged.table  # doctest: +SKIP
    """

    members: Mapping[str, tuple[str, ...]]
    weights: NDArray[np.float64]
    scores: pd.DataFrame
    now: NDArray[np.float64] | None = None

    @property
    def in_force(self) -> NDArray[np.float64]:
        """Weights that the forecast uses, dims (member,)."""
        return self.weights if self.now is None else self.now

    @property
    def months(self) -> int:
        """Number of months that were scored."""
        return len(self.scores.index.unique("month"))

    @property
    def table(self) -> pd.DataFrame:
        """One line a member.

        Index ``member``; ``without`` (terms left out), ``weight`` (in force), ``stacked`` (at the last fit), ``equal``
        (what it would be if all counted alike) and ``score`` (nats over all scored months, the more the better).
        """
        total = self.scores["score"].groupby(level="member").sum().reindex(list(self.members), fill_value=0.0)
        columns = {
            "without": [", ".join(terms) for terms in self.members.values()],
            "weight": self.in_force,
            "stacked": self.weights,
            "equal": 1.0 / len(self.members),
            "score": total.to_numpy(),
        }
        return pd.DataFrame(columns, index=pd.Index(list(self.members), name="member"))

    @property
    def text(self) -> str:
        """How many variants by how many months, what each counts, and how many fits failed, in a line."""
        listed = ", ".join(f"{name} {weight:.0%}" for name, weight in zip(self.members, self.in_force, strict=True))
        months = f"{self.months} scored month{'s' if self.months != 1 else ''}"
        said = f"average of {len(self.members)} variants by {months}: {listed} (equal weights: {self.equal:.0%} each)"
        failed = int((~self.scores["ok"]).sum())
        if not failed:
            return said
        return f"{said}; {failed} of {len(self.scores)} fits behind the weights failed their diagnostics"

    @property
    def equal(self) -> float:
        """The weight of each member if all counted alike."""
        return 1.0 / len(self.members)

    def _tables(self) -> Mapping[str, pd.DataFrame]:
        return {"Members": self.table, "Scores by month": self.scores}

    def draw_weights(self, draws: int) -> NDArray[np.float64]:
        """Return the weight of each of so many draws, member after member, at the last fit; they sum to one."""
        own = draws // len(self.members)
        return np.repeat(self.weights / own, own)

    def moved(self, draw_weights: NDArray[np.float64]) -> Self:
        """Return the same with the weights that reweighted draws give the members."""
        return replace(self, now=draw_weights.reshape(len(self.members), -1).sum(axis=1))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for saving; ``from_dict`` gives it back."""
        return {
            "members": {name: list(terms) for name, terms in self.members.items()},
            "weights": self.weights.tolist(),
            "now": None if self.now is None else self.now.tolist(),
            "scores": self.scores.reset_index().astype({"month": str}).to_dict(orient="list"),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild it from what ``to_dict`` gave."""
        return cls(
            members={name: tuple(terms) for name, terms in values["members"].items()},
            weights=np.array(values["weights"]),
            scores=score_table(pd.DataFrame(values["scores"])),
            now=None if values["now"] is None else np.array(values["now"]),
        )


def score_table(records: pd.DataFrame) -> pd.DataFrame:
    """Return scores with their index and types; of no records, a table without lines."""
    frame = records.reindex(columns=[*SCORE_INDEX, *SCORE_COLUMNS])
    types = {"score": float, "mcse": float, "rows": int, "events": int, "ok": bool}
    return frame.assign(month=pd.to_datetime(frame["month"])).astype(types).set_index(SCORE_INDEX)
