"""A design as what the kernel reads: priors of a flat vector, and rows."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.hamiltonian.layout import NAMES, Floats, Indices, shapes_of
from vzforecast.history import Design
from vzforecast.latent import free_kinds

# Half-normal variables; all others are normal.
POSITIVE = frozenset({"rho", "tau", "psi", "spread", "lambda", "cutpoint"})


class Prior(NamedTuple):
    """Priors of the flat vector: normal, and half-normal where positive."""

    location: Floats  # (flat)
    precision: Floats  # (flat): 1 / scale
    positive: Indices  # where in the flat vector, moved as logs


class Terms(NamedTuple):
    """What is not a row: standing, grouping, and switches that are 0 for terms that the case does without."""

    standing: Floats  # (score, period, faction)
    free_kind: Floats  # (signal kind): 0 for the reference kind
    level_grouping: Indices  # (level)
    periods: int  # months up to the last of which anything is observed; later ones keep their prior
    persistence: float
    influence: float
    tone: float
    coupling: float


class Signals(NamedTuple):
    """News and the faction that it favours; every array has the dim (signal)."""

    period: Indices
    kind: Indices
    weight: Floats  # strength / 2
    bearing: Indices
    has_bearing: Floats
    favoured: Indices


class Leans(NamedTuple):
    """News and the way that it leans; every array has the dim (lean item)."""

    period: Indices
    outcome: Indices
    weight: Floats  # strength / 2
    category: Indices


class Rows(NamedTuple):
    """Event histories; arrays have the dim (row), couplings in force a dim of their own (most rows have none)."""

    process: Indices
    first_level: Indices
    in_first: Floats
    second_level: Indices
    in_second: Floats
    covariate: Floats  # (covariate, row)
    own: Floats  # 1 for the row of an outcome, 0 for one of its reference classes, which no later term touches
    transition: Indices
    outcome: Indices
    period: Indices
    sign: Floats
    recovery: Floats
    exposure: Floats  # months
    events: Floats
    coupled_row: Indices
    coupled_by: Indices
    coupled_value: Floats


class Target(NamedTuple):
    """The posterior of one design."""

    prior: Prior
    terms: Terms
    signals: Signals
    leans: Leans
    rows: Rows


def target_of(design: Design) -> Target:
    """Return the posterior of a design as arrays of the types the kernel is compiled for.

    Parameters
    ----------
    design : Design
        Rows and priors.

    Returns
    -------
    Target
        For the kernel.
    """
    data = design.data
    signals = Signals(
        _as_indices(data["signal_period"]),
        _as_indices(data["signal_kind_index"]),
        _floats(data["signal_strength"]) / 2.0,
        _as_indices(data["signal_bearing"]),
        _floats(data["signal_has_bearing"]),
        _as_indices(data["signal_favoured"]),
    )
    cells = _cells(data["lean_cell"], design)
    leans = Leans(*cells, _floats(data["lean_strength"]) / 2.0, _as_indices(data["lean_category"]))
    rows = _rows(design)
    observed = (signals.period, leans.period, rows.period[rows.own != 0.0])
    periods = 1 + max((int(period.max()) for period in observed if period.size), default=0)
    return Target(_prior(design), _terms(design, periods), signals, leans, rows)


def _terms(design: Design, periods: int) -> Terms:
    switches = (float(design.priors[f"{term}_switch"]) for term in ("influence", "tone", "coupling"))
    grouping = _as_indices(design.level_grouping)
    return Terms(_floats(design.data["standing"]), free_kinds(design), grouping, periods, design.persistence, *switches)


def _rows(design: Design) -> Rows:
    data = _counted_once(design.data)
    coupling, row = np.nonzero(data["row_coupling"])
    period, outcome = _cells(data["row_cell"], design)
    transition, _ = _cells(data["row_hazard"], design)
    return Rows(
        process=_as_indices(data["row_process"]),
        first_level=_as_indices(data["row_first_level"]),
        in_first=_floats(data["row_in_first"]),
        second_level=_as_indices(data["row_second_level"]),
        in_second=_floats(data["row_in_second"]),
        covariate=_floats(data["row_covariate"]),
        own=_floats(data["row_own"]),
        transition=transition,
        outcome=outcome,
        period=period,
        sign=_floats(data["row_sign"]),
        recovery=_floats(data["row_recovery"]),
        exposure=_floats(data["row_exposure"]),
        events=_floats(data["row_events"]),
        coupled_row=_as_indices(row),
        coupled_by=_as_indices(coupling),
        coupled_value=_floats(data["row_coupling"][coupling, row]),
    )


def _counted_once(data: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """Return event-history rows, those of one log rate as one: of them only all events and all exposure matter."""
    rows = {name: values for name, values in data.items() if name.startswith("row_")}
    summed = {name: rows.pop(name) for name in ("row_exposure", "row_events")}
    table = np.concatenate([np.atleast_2d(values) for values in rows.values()])
    _, first, number = np.unique(table, axis=1, return_index=True, return_inverse=True)
    totals = {name: np.bincount(number, _floats(values), first.size) for name, values in summed.items()}
    return {**{name: values[..., first] for name, values in rows.items()}, **totals}


def _cells(cells: NDArray[np.generic], design: Design) -> tuple[Indices, Indices]:
    """Return row and column of cells in a table with a column for each outcome."""
    row, column = np.divmod(cells, len(design.coords[names.OUTCOME]))
    return _as_indices(row), _as_indices(column)


def _prior(design: Design) -> Prior:
    """Return the prior of every number of the flat vector."""
    priors = design.priors
    parts = []
    for name, shape in zip(NAMES, shapes_of(design), strict=True):
        location = priors.get(f"{name}_mu", np.array(0.0))
        scale = priors.get(f"{name}_sigma", np.array(1.0))
        numbers = (np.broadcast_to(np.asarray(one, dtype=np.float64), shape).ravel() for one in (location, scale))
        parts.append((*numbers, np.full(math.prod(shape), name in POSITIVE)))
    location, scale, positive = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Prior(location, 1.0 / scale, _as_indices(np.flatnonzero(positive)))


def _floats(values: NDArray[np.generic]) -> Floats:
    return np.array(values, dtype=np.float64, order="C")


def _as_indices(values: NDArray[np.generic]) -> Indices:
    return np.array(values, dtype=np.uint64, order="C")
