"""What two designs of the same parameters differ in: only those rows weigh.

Rows that stand in both cancel in the ratio of likelihoods, so an update costs what it changes, not what is known. A row
that reads influence also depends on the standing of the factions in its month: where an appointment moved that, it
counts as gone and new.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.history import Design

PREFIXES = ("signal", "lean", "row")
REFERENCE = -1  # the period of a row of a reference class


@dataclass(frozen=True, eq=False)
class Difference:
    """The rows of two designs that do not cancel.

    Attributes
    ----------
    gone : Design
        Rows that only the earlier design has.
    new : Design
        Rows that only the later one has, up to the last period of the earlier one, reference rows among them.
    later : tuple of Design
        Rows of each period after that, in order.
    """

    gone: Design
    new: Design
    later: tuple[Design, ...]


def difference(before: Design, now: Design, then_period: int, now_period: int) -> Difference:
    """Compare the rows of two designs.

    Parameters
    ----------
    before, now : Design
        Of the same parameters; their rows differ, and the standing of the factions may.
    then_period, now_period : int
        Index of the period in which the as-of date of each falls.

    Returns
    -------
    Difference
        In terms of rows; an unchanged pair has none.
    """
    keys = {prefix: (_keys(before, prefix), _keys(now, prefix)) for prefix in PREFIXES}
    gone = {prefix: _excess(old, new) for prefix, (old, new) in keys.items()}
    new = {prefix: _excess(new, old) for prefix, (old, new) in keys.items()}
    periods = {prefix: _periods(now, prefix) for prefix in PREFIXES}
    later = [{p: new[p] & (periods[p] == t) for p in PREFIXES} for t in range(then_period + 1, now_period + 1)]
    known = {p: new[p] & (periods[p] <= then_period) for p in PREFIXES}
    return Difference(with_rows(before, gone), with_rows(now, known), tuple(with_rows(now, month) for month in later))


def _periods(design: Design, prefix: str) -> NDArray[np.int64]:
    """Return the period of each row; the tables name it or the cell it is in."""
    data, outcomes = design.data, len(design.coords[names.OUTCOME])
    if prefix == "signal":
        return data["signal_period"].astype(np.int64)
    cells = data[f"{prefix}_cell"].astype(np.int64) // outcomes
    return cells if prefix == "lean" else np.where(data["row_own"] == 1.0, cells, REFERENCE)


def _columns(design: Design, prefix: str) -> list[NDArray[np.generic]]:
    return [np.atleast_2d(values) for name, values in design.data.items() if name.startswith(f"{prefix}_")]


def _keys(design: Design, prefix: str) -> list[bytes]:
    """Return for each row everything that its likelihood depends on, as bytes."""
    columns = np.concatenate([values.astype(float) for values in _columns(design, prefix)])
    periods = _periods(design, prefix)
    standing = design.data["standing"].astype(float)[:, np.maximum(periods, 0)] * (periods >= 0)[:, None]
    by_row = np.moveaxis(standing, 1, 0).reshape(len(periods), standing.shape[0] * standing.shape[2])  # also of no row
    everything = np.concatenate([columns.T, by_row], axis=1)
    return [row.tobytes() for row in everything + 0.0]  # minus zero and zero are one value


def _excess(these: list[bytes], those: list[bytes]) -> NDArray[np.bool_]:
    """Tell which of these rows are not among those, counting equal ones."""
    left = Counter(those)
    mask = np.zeros(len(these), dtype=bool)
    for position, key in enumerate(these):
        mask[position] = left[key] == 0
        left[key] -= not mask[position]
    return mask


def rows_of_period(design: Design, period: int) -> Design:
    """Return a design with the rows of all outcomes in one period, and with no other row, signal or lean."""
    none = {prefix: np.zeros(_periods(design, prefix).shape, dtype=np.bool_) for prefix in PREFIXES}
    return with_rows(design, none | {"row": _periods(design, "row") == period})


def with_rows(design: Design, rows: dict[str, NDArray[np.bool_]]) -> Design:
    """Return a design with some of its rows."""
    data = dict(design.data)
    for name, values in design.data.items():
        prefix = name.split("_", maxsplit=1)[0]
        if prefix in rows:
            data[name] = values[..., rows[prefix]]
    return replace(design, data=data)
