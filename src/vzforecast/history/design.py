"""The rows of a history, and the priors, as the named arrays that the model and its numpy twin both read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.history.build import History
from vzforecast.priors import PriorSpec

Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Design:
    """Coordinates and arrays of one fit.

    Attributes
    ----------
    coords : dict of str to tuple of str
        Labels of every named dimension.
    level_grouping : ndarray, dims (level,)
        Grouping each level belongs to.
    data : dict of str to ndarray
        Standing, and rows as index and value arrays with the row dim last; rows may change in number between
        fits of one compiled model.
    hazards : dict of str to ndarray
        The class of every hazard, encoded as rows in the order (transition, outcome). What stands for a recurrent
        outcome's recovery, here and in the priors of ``delta``, is that of its onset; no row reads it.
    priors : dict of str to ndarray
        Locations (``<variable>_mu``) and scales (``<variable>_sigma``) of the priors, and a switch for each term that
        the model can do without (``<term>_switch``), 1 or 0.
    persistence : float
        Month-to-month autocorrelation of the tone of the news.
    """

    coords: dict[str, tuple[str, ...]]
    level_grouping: NDArray[np.int64]
    data: Arrays
    hazards: Arrays
    priors: Arrays
    persistence: float


def encode(history: History, priors: Mapping[str, PriorSpec], *, half_life: float) -> Design:
    """Encode a history and the priors of its case.

    Parameters
    ----------
    history : History
        Rows and coordinates.
    priors : mapping of str to PriorSpec
        By prior id.
    half_life : float
        Months after which the tone of the news has half returned to normal.

    Returns
    -------
    Design
        Ready for ``build_model`` and for ``likelihood``.
    """
    coords = _coords(history)
    data = {
        "standing": np.stack([history.office, history.proximity]),
        **_signal_arrays(history, coords),
        **_lean_arrays(history, coords),
        **_row_arrays(history, coords),
    }
    grouping = _codes(history.levels["grouping"], coords[names.GROUPING])
    hazards = _class_arrays(history.hazards, coords)
    # Switches are data like the numbers of the priors: one compiled model serves every variant.
    switches: Arrays = {f"{term}_switch": np.array(float(term not in history.without)) for term in names.SWITCHES}
    numbers = _prior_arrays(priors, coords, history.recurrent) | switches
    return Design(coords, grouping, data, hazards, numbers, 2.0 ** (-1.0 / half_life))


def _coords(history: History) -> dict[str, tuple[str, ...]]:
    return {
        names.PERIOD: history.periods.labels,
        names.SCORE: names.SCORES,
        names.FACTION: history.factions,
        names.OUTCOME: history.outcomes,
        names.TRANSITION: names.TRANSITIONS,
        names.PROCESS: history.processes,
        names.GROUPING: tuple(dict.fromkeys(history.levels["grouping"])),
        names.LEVEL: tuple(history.levels["level"]),
        names.COVARIATE: history.covariates,
        names.COUPLING: tuple(".".join(coupling) for coupling in history.couplings),
        names.SIGNAL_KIND: history.signal_kinds,
        names.BEARING: names.BEARINGS,
    }


def _codes(values: pd.Series, labels: tuple[str, ...]) -> NDArray[np.int64]:
    place = {label: index for index, label in enumerate(labels)}
    return np.array([place[value] for value in values], dtype=np.int64)


def _signal_arrays(history: History, coords: Mapping[str, tuple[str, ...]]) -> Arrays:
    table = history.signals
    return {
        "signal_period": table["period"].to_numpy(np.int64),
        "signal_kind_index": _codes(table["kind"], coords[names.SIGNAL_KIND]),
        "signal_strength": table["strength"].to_numpy(np.int64),
        "signal_bearing": _codes(table["bearing"].replace("", names.BEARINGS[1]), names.BEARINGS),
        "signal_has_bearing": (table["bearing"] != "").to_numpy(np.int64),
        "signal_favoured": _codes(table["faction"], coords[names.FACTION]),
    }


def _lean_arrays(history: History, coords: Mapping[str, tuple[str, ...]]) -> Arrays:
    table = history.leans
    outcome = _codes(table["outcome"], coords[names.OUTCOME])
    return {
        "lean_cell": table["period"].to_numpy(np.int64) * len(coords[names.OUTCOME]) + outcome,
        "lean_strength": table["strength"].to_numpy(np.int64),
        "lean_category": _codes(table["lean"], names.LEANS),
    }


def _row_arrays(history: History, coords: Mapping[str, tuple[str, ...]]) -> Arrays:
    rows = history.rows
    own = (rows["outcome"] != "").to_numpy(float)
    recovery = (rows["transition"] == names.RECOVERY).to_numpy(float)
    outcome = _codes(rows["outcome"].replace("", history.outcomes[0]), history.outcomes)
    return {
        **_class_arrays(rows, coords),
        "row_coupling": _coupling_columns(history),
        "row_own": own,
        "row_recovery": recovery,
        "row_sign": own - 2.0 * recovery,
        "row_hazard": recovery.astype(np.int64) * len(history.outcomes) + outcome,
        "row_cell": rows["period"].clip(lower=0).to_numpy(np.int64) * len(history.outcomes) + outcome,
        "row_exposure": rows["exposure"].to_numpy(float),
        "row_events": rows["events"].to_numpy(float),
    }


def _class_arrays(rows: pd.DataFrame, coords: Mapping[str, tuple[str, ...]]) -> Arrays:
    """Encode what gives a row the rate of its class: process, levels and covariates."""
    return {
        "row_process": _codes(rows["process"], coords[names.PROCESS]),
        **_memberships(rows["members"], coords[names.LEVEL]),
        "row_covariate": _columns(rows["covariates"], coords[names.COVARIATE]),
    }


def _memberships(members: pd.Series, labels: tuple[str, ...]) -> Arrays:
    """Index of each row's first and second level, and whether it has one (1) or not (0)."""
    place = {label: index for index, label in enumerate(labels)}
    arrays: Arrays = {}
    for position, ordinal in enumerate(("first", "second")):
        own = [levels[position] if position < len(levels) else None for levels in members]
        arrays[f"row_{ordinal}_level"] = np.array([0 if label is None else place[label] for label in own], np.int64)
        arrays[f"row_in_{ordinal}"] = np.array([float(label is not None) for label in own])
    return arrays


def _columns(values: pd.Series, labels: tuple[str, ...]) -> NDArray[np.float64]:
    """Value of each label on each row, dims (label, row); blank is 0."""
    table = [[row.get(label, 0.0) for row in values] for label in labels]
    return np.array(table, dtype=float).reshape(len(labels), len(values))


def _coupling_columns(history: History) -> NDArray[np.float64]:
    """How active each coupling's source was on the rows of the hazard it acts on, dims (coupling, row)."""
    rows = history.rows
    columns = np.zeros((len(history.couplings), len(rows)))
    for row, (*hazard, active) in enumerate(zip(rows["transition"], rows["outcome"], rows["active"], strict=True)):
        for column, (transition, outcome, source) in enumerate(history.couplings if active else ()):
            if hazard == [transition, outcome]:
                columns[column, row] = active.get(source, 0.0)
    return columns


def _prior_arrays(
    priors: Mapping[str, PriorSpec], coords: Mapping[str, tuple[str, ...]], recurrent: NDArray[np.bool_]
) -> Arrays:
    """Gather scales (and locations) of the priors, in the order of the coordinates."""
    half_normal = {
        "tau": "influence.tau",
        "psi": "tension.psi",
        "lambda": "tension.lambda",
        "cutpoint": "tension.cutpoint",
        "bearing_effect": "signal.bearing",
        "leverage_doubt": "leverage_doubt",
    }
    arrays: Arrays = {f"{variable}_sigma": np.array(priors[key].sigma) for variable, key in half_normal.items()}
    outcomes, factions = coords[names.OUTCOME], coords[names.FACTION]
    keyed = {
        "log_kappa": ["signal.kappa"] * len(coords[names.SIGNAL_KIND]),
        "log_rate": [f"rate.{process}" for process in coords[names.PROCESS]],
        "slope": [f"slope.{code}" for code in coords[names.COVARIATE]],
        "coupling_effect": [f"coupling.{coupling}" for coupling in coords[names.COUPLING]],
        "delta": _delta_ids(outcomes, recurrent),
        "leverage": [f"leverage.{outcome}.{faction}" for outcome in outcomes for faction in factions],
    }
    shapes = {"delta": (2, len(outcomes)), "leverage": (len(outcomes), len(factions))}
    for variable, keys in keyed.items():
        shape = shapes.get(variable, (len(keys),))
        arrays[f"{variable}_mu"] = np.array([priors[key].mu for key in keys], dtype=float).reshape(shape)
        arrays[f"{variable}_sigma"] = np.array([priors[key].sigma for key in keys], dtype=float).reshape(shape)
    scales = {
        "rho": [f"influence.rho_{score}" for score in names.SCORES],
        "spread": [f"spread.{grouping}" for grouping in coords[names.GROUPING]],
    }
    return arrays | {f"{name}_sigma": np.array([priors[key].sigma for key in keys]) for name, keys in scales.items()}


def _delta_ids(outcomes: tuple[str, ...], recurrent: NDArray[np.bool_]) -> list[str]:
    """Prior ids in the order (transition, outcome); that of the onset where a recurrent outcome has no recovery."""
    recoveries = [names.ONSET if once else names.RECOVERY for once in recurrent]
    onsets = [f"delta.{names.ONSET}.{outcome}" for outcome in outcomes]
    return onsets + [f"delta.{transition}.{outcome}" for transition, outcome in zip(recoveries, outcomes, strict=True)]
