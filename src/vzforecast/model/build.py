"""One joint model with three observed variables: ``favoured``, ``lean`` and ``events``.

Read this file, then ``influence.py``, ``tension.py`` and ``hazards.py``; they follow docs/model.md in order.
Three habits keep compiling short, which is most of the cost of a fit: products are written as broadcast, multiply
and sum (each kind of ``dot`` node costs many seconds once); nothing derived is registered with the model
(``vzforecast.latent`` computes it from draws); and rows travel in few tables (see ``packing``).
"""

import pymc as pm

from vzforecast import names
from vzforecast.history import Design
from vzforecast.model.hazards import event_histories
from vzforecast.model.influence import influence_scale, shares, signals
from vzforecast.model.packing import pack, unpack
from vzforecast.model.tension import leans, tone

TABLE_DIMS = {
    "standing": (None, names.PERIOD, names.FACTION),
    "prior_values": (None,),
    "signal_index": (None, names.SIGNAL),
    "lean_index": (None, names.LEAN_ITEM),
    "row_index": (None, names.ROW),
    "row_value": (None, names.ROW),
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
        tables = {name: pm.Data(name, values, dims=TABLE_DIMS[name]) for name, values in pack(design).items()}
        data, priors = unpack(design, tables)

        scale = influence_scale(data, priors)
        signals(scale, data, priors)

        share = shares(scale) - 1.0 / len(design.coords[names.FACTION])
        mood = tone(design.persistence, len(design.coords[names.PERIOD]))
        pull = event_histories(share, mood, data, priors, design)
        leans(pull, mood, data, priors)
    return model


def _coords(design: Design) -> dict[str, list[str]]:
    """Labels of every dim; rows are numbered."""
    rows = {
        names.SIGNAL: len(design.data["signal_favoured"]),
        names.LEAN_ITEM: len(design.data["lean_category"]),
        names.ROW: len(design.data["row_events"]),
    }
    labels = {name: list(values) for name, values in design.coords.items()}
    labels[names.FREE_KIND] = labels[names.SIGNAL_KIND][1:]
    return labels | {name: [str(number) for number in range(length)] for name, length in rows.items()}
