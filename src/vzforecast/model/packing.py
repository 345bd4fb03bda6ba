"""Arrays of a design, packed into a handful of tables that the model sees as named views.

The sampler compiles an unpacking step for every shared array, and the cost of that step grows with the square
of their number: with the forty-odd arrays of a design it was most of the compile time. So columns travel
together: one integer and one float table for signals, leans and rows, one vector for the priors. The row dim is
last, which keeps every view contiguous.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vzforecast.history import Design

OBSERVED = ("signal_favoured", "lean_category", "row_events")
PREFIXES = ("signal", "lean", "row")
Tables = dict[str, NDArray[Any]]


def pack(design: Design) -> Tables:
    """Return the tables of a design: the values of the model's ``pm.Data``.

    Parameters
    ----------
    design : Design
        Rows and priors.

    Returns
    -------
    dict of str to ndarray
        ``standing`` (score, period, faction), ``prior_values`` (flat), ``<prefix>_index`` and ``<prefix>_value``
        (column, row) and the observed columns under their own names.

    Raises
    ------
    ValueError
        If a row has half an event.
    """
    tables: Tables = {
        "standing": design.data["standing"],
        "prior_values": np.concatenate([np.ravel(values) for values in design.priors.values()]),
    }
    for table in dict.fromkeys(table for _, table, _ in _columns(design)):
        members = [np.atleast_2d(design.data[name]) for name, home, _ in _columns(design) if home == table]
        tables[table] = np.concatenate(members)
    if np.any(design.data["row_events"] % 1):
        raise ValueError("half events cannot be observed (a count would be cut to 0); fit as_broken and as_kept apart")
    return tables | {name: design.data[name].astype(np.int64) for name in OBSERVED}


def unpack(design: Design, tables: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return named views of packed tables: the arrays of the design, and the locations and scales of its priors.

    Parameters
    ----------
    design : Design
        Gives names and shapes, never values.
    tables : mapping of str to array or tensor
        As ``pack`` returns them, in numpy or as tensors.

    Returns
    -------
    data : dict
        Views named as in ``Design.data``.
    priors : dict
        Views named as in ``Design.priors``, switches among them.
    """
    data = {name: tables[name] for name in ("standing", *OBSERVED)}
    for name, table, columns in _columns(design):
        one = design.data[name].ndim == 1
        data[name] = tables[table][columns.start] if one else tables[table][columns]
    priors, first = {}, 0
    for name, values in design.priors.items():
        priors[name] = tables["prior_values"][first : first + values.size].reshape(values.shape)
        first += values.size
    return data, priors


def _columns(design: Design) -> Iterator[tuple[str, str, slice]]:
    """Yield each array that is packed by column: its name, its table and its columns there."""
    used: dict[str, int] = {}
    for name, values in design.data.items():
        prefix = name.split("_", maxsplit=1)[0]
        if prefix not in PREFIXES or name in OBSERVED:
            continue
        table = f"{prefix}_{'index' if values.dtype.kind == 'i' else 'value'}"
        first, width = used.get(table, 0), 1 if values.ndim == 1 else len(values)
        used[table] = first + width
        yield name, table, slice(first, first + width)
