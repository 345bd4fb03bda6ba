"""One joint model with three observed variables: ``favoured``, ``lean`` and ``events``.

Read this file, then ``influence.py``, ``tension.py`` and ``hazards.py``; they follow docs/model.md in order.
Three habits keep compiling short, which is most of the cost of a fit: products are written as broadcast, multiply
and sum (each kind of ``dot`` node costs many seconds once); nothing derived is registered with the model
(``vzforecast.latent`` computes it from draws); and rows travel in few tables (see ``packing``).
"""

from typing import Any

import pymc as pm
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.history import Design
from vzforecast.model.hazards import event_histories
from vzforecast.model.influence import influence_scale, shares, signals
from vzforecast.model.inputs import Inputs
from vzforecast.model.packing import pack, unpack
from vzforecast.model.tension import leans, tone

ROW_DIMS = {
    "standing": (names.SCORE, names.PERIOD, names.FACTION),
    "signal_index": (names.SIGNAL,),
    "lean_index": (names.LEAN_ITEM,),
    "row_index": (names.ROW,),
    "row_value": (names.ROW,),
    "signal_favoured": (names.SIGNAL,),
    "lean_category": (names.LEAN_ITEM,),
    "row_events": (names.ROW,),
}


def build_model(design: Design) -> pm.Model:
    """Build the model of one design, afresh.

    Parameters
    ----------
    design : Design
        Coordinates, rows and priors, as encoded from a history.

    Returns
    -------
    pm.Model
        With named dims, rows and prior scales in ``pm.Data`` (so that both may change without compiling
        again), and exactly the observed variables ``favoured``, ``lean`` and ``events``.

    Notes
    -----
    Bounds are not checked inside the density: every parameter is valid by construction.
    """
    with pm.Model(coords=_coords(design), check_bounds=False) as model:
        tables = {
            name: pm.Data(name, values, dims=_dims(name, values), shape=_shape(name, values))
            for name, values in pack(design).items()
        }
        inputs = Inputs(*unpack(design, tables), design)

        scale = influence_scale(inputs)
        signals(scale, inputs)

        # A term that the case does without is multiplied by 0 here, where all that it moves begins.
        share = (shares(scale) - 1.0 / inputs.size(names.FACTION)) * inputs.priors["influence_switch"]
        mood = tone(inputs) * inputs.priors["tone_switch"]
        pull = event_histories(share, mood, inputs)
        leans(pull, mood, inputs)
    return model


def _dims(table: str, values: NDArray[Any]) -> tuple[str, ...]:
    """Dims of a packed table: its columns, then what its rows stand for."""
    rows = ROW_DIMS.get(table, ())
    return (f"{table}_column", *rows) if values.ndim > len(rows) else rows


def _shape(table: str, values: NDArray[Any]) -> tuple[int | None, ...]:
    """Return the static shape of a packed table: only what numbers signals, leans and rows may change between fits."""
    fixed = table in ("standing", "prior_values")
    return values.shape if fixed else (*values.shape[:-1], None)


def _coords(design: Design) -> dict[str, list[str]]:
    """Labels of every dim; rows are numbered."""
    rows = {
        names.SIGNAL: len(design.data["signal_favoured"]),
        names.LEAN_ITEM: len(design.data["lean_category"]),
        names.ROW: len(design.data["row_events"]),
    }
    labels = {name: list(values) for name, values in design.coords.items()}
    return labels | {name: [str(number) for number in range(length)] for name, length in rows.items()}
