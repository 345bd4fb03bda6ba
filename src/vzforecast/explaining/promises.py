"""What the draws of a forecast say of the record of promises: log likelihood of its rows, by agreement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.case.processes import CommitmentsProcess
from vzforecast.explaining.fitted import Fitted
from vzforecast.explaining.leaving import fits_of
from vzforecast.forecast import Forecast
from vzforecast.history import Design
from vzforecast.latent import Array
from vzforecast.names import LEVEL, PROCESS, level
from vzforecast.reweight.difference import with_rows

_AGREEMENT: Final = "agreement"
_ORDINALS: Final = ("first", "second")  # a row belongs to two levels at most


@dataclass(frozen=True, eq=False)
class Promises:
    """Log likelihood of the record of promises in each draw; the histories of outcomes are no part of it.

    Attributes
    ----------
    whole : ndarray, dims (sample,)
        Of all its rows, in nats.
    by_agreement : mapping of str to ndarray, dims (sample,)
        Of the rows of each agreement that has any.
    rows : mapping of str to int
        How many those are.
    n : int
        How many rows there are in all.
    """

    whole: Array
    by_agreement: Mapping[str, Array]
    rows: Mapping[str, int]
    n: int

    @classmethod
    def of(cls, fc: Forecast, pooled: Iterable[Fitted] | None = None) -> "Promises":
        """Evaluate the record once for each fit of a forecast, as that fit read it.

        Parameters
        ----------
        fc : Forecast
            Any; a variant without the record gives nothing to it.
        pooled : iterable of Fitted, optional
            Its fits, if they are at hand.

        Returns
        -------
        Promises
            Draws of all fits one after the other.
        """
        fits = [_Rows.of(fc, fit) for fit in pooled or (Fitted(*fit) for fit in fits_of(fc))]
        found = dict.fromkeys(name for fit in fits for name in fit.members)
        return cls(
            whole=np.concatenate([fit.nats.sum(axis=1) for fit in fits]),
            by_agreement={name: np.concatenate([fit.of_agreement(name) for fit in fits]) for name in found},
            rows={name: max(fit.count(name) for fit in fits) for name in found},
            n=max(fit.nats.shape[1] for fit in fits),
        )


@dataclass(frozen=True, eq=False)
class _Rows:
    """The record in one fit: its pointwise log likelihood (sample, row), and the rows of each agreement."""

    nats: Array
    members: Mapping[str, NDArray[np.bool_]]

    @classmethod
    def of(cls, fc: Forecast, fit: Fitted) -> "_Rows":
        record = _is_record(fc, fit.design)
        alone = with_rows(fit.design, {"row": record})
        return cls(fit.events[:, record], _members(fc, alone) if record.any() else {})

    def of_agreement(self, name: str) -> Array:
        """Return the log likelihood of the rows of one, dims (sample,); zero if there are none."""
        return self.nats[:, self.members[name]].sum(axis=1) if name in self.members else np.zeros(len(self.nats))

    def count(self, name: str) -> int:
        return int(self.members[name].sum()) if name in self.members else 0


def _processes(fc: Forecast) -> dict[str, CommitmentsProcess]:
    declared = fc.case.spec.processes.items()
    return {name: process for name, process in declared if isinstance(process, CommitmentsProcess)}


def _is_record(fc: Forecast, design: Design) -> NDArray[np.bool_]:
    """Tell which rows are promises of the past."""
    own = [number for number, name in enumerate(design.coords[PROCESS]) if name in _processes(fc)]
    return np.asarray(np.isin(design.data["row_process"], own) & (design.data["row_own"] == 0.0))


def _members(fc: Forecast, design: Design) -> dict[str, NDArray[np.bool_]]:
    """Tell for each agreement which of some rows are its own; agreements without rows are left out."""
    families = {process.family for process in _processes(fc).values()}
    places = {name: number for number, name in enumerate(design.coords[LEVEL])}
    found = {}
    for name in map(str, fc.case.tables["agreements"]["agreement_id"]):
        own = [places[one] for family in families if (one := level(f"{family}.{_AGREEMENT}", name)) in places]
        found[name] = _belong(design.data, own)
    return {name: rows for name, rows in found.items() if rows.any()}


def _belong(data: Mapping[str, NDArray[Any]], levels: list[int]) -> NDArray[np.bool_]:
    """Tell which rows belong to one of some levels."""
    members = [np.isin(data[f"row_{which}_level"], levels) & (data[f"row_in_{which}"] > 0.0) for which in _ORDINALS]
    return np.asarray(np.any(members, axis=0))
