"""New values of the observed variables given parameters and latent states, in numpy: the model's own data again.

Chances of categories are read off the pointwise log likelihood, so no formula of the model stands here a second time.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.case import Case
from vzforecast.history import Design, Known
from vzforecast.latent import Array, Draws
from vzforecast.latent_states import States
from vzforecast.likelihood import favoured_log_likelihood, lean_log_likelihood, row_log_rates

# Where each observed variable stands among the arrays of a design, and the prefix of its rows.
OBSERVED: Final = {names.FAVOURED: "signal_favoured", names.LEAN: "lean_category", names.EVENTS: "row_events"}
PREFIX: Final = {names.FAVOURED: "signal", names.LEAN: "lean", names.EVENTS: "row"}
Rows = Mapping[str, NDArray[np.int64]]


def rows_of(known: Case) -> Known:
    """Return the rows of a case that is cut to a day; where partial promises count half, they are read as broken.

    Half a count can be neither observed nor simulated.
    """
    half = known.spec.partial.commitments == "half"
    return Known(known.with_partial("as_broken") if half else known)


def expected_events(draws: Draws, design: Design) -> Array:
    """Return the expected number of events of every event-history row, dims (sample, row)."""
    return np.asarray(np.exp(row_log_rates(draws, design)) * design.data["row_exposure"])


def chances(draws: Draws, design: Design, kind: str) -> Array:
    """Return the chance of every category of a categorical variable on each of its rows.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, each with leading dim ``sample``.
    design : Design
        The rows; what was observed on them does not matter.
    kind : {"favoured", "lean"}
        The variable.

    Returns
    -------
    ndarray, dims (sample, row, category)
        They sum to one over categories: factions, or rest, neither, active.
    """
    states, column = States.of(draws, design), OBSERVED[kind]
    density = favoured_log_likelihood if kind == names.FAVOURED else lean_log_likelihood
    count = len(design.coords[names.FACTION]) if kind == names.FAVOURED else len(names.LEANS)
    rows = design.data[column]
    found = [density(draws, with_rows(design, {kind: np.full_like(rows, c)}), states) for c in range(count)]
    return np.exp(np.stack(found, axis=-1))


def replicated(draws: Draws, design: Design, rng: np.random.Generator) -> dict[str, NDArray[np.int64]]:
    """Draw the three observed variables anew, once for every draw.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, each with leading dim ``sample``.
    design : Design
        The rows; what was observed on them does not matter.
    rng : Generator
        Source of randomness.

    Returns
    -------
    dict
        ``favoured`` (sample, signal), ``lean`` (sample, lean_item), ``events`` (sample, row).
    """
    found = {kind: _categories(chances(draws, design, kind), rng) for kind in (names.FAVOURED, names.LEAN)}
    # A count beyond this is no count of events; the limit only keeps rates of the far prior tail within whole numbers.
    return found | {names.EVENTS: rng.poisson(np.minimum(expected_events(draws, design), 1e12))}


def with_rows(design: Design, rows: Mapping[str, NDArray[Any]]) -> Design:
    """Return the design with other observations on the same rows, given by variable."""
    return replace(design, data=design.data | {OBSERVED[kind]: values for kind, values in rows.items()})


def doubled(design: Design, rows: Rows) -> Design:
    """Return the design with every row twice: as observed, and with a second, independent observation.

    Parameters
    ----------
    design : Design
        Rows with the real observations.
    rows : mapping of str to ndarray
        The second observation of every row, by variable.

    Returns
    -------
    Design
        Of the same parameters. Given parameters and latent months, observations are independent of each other, so a
        second set of them on the same rows belongs to the same months and levels and adds its likelihood.
    """
    again, data = with_rows(design, rows).data, dict(design.data)
    for name, values in design.data.items():
        if name.split("_", maxsplit=1)[0] in PREFIX.values():
            data[name] = np.concatenate([values, again[name]], axis=-1)
    return replace(design, data=data)


def _categories(chance: Array, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw one category from chances over the last dim."""
    edges = np.cumsum(chance[..., :-1], axis=-1)
    return np.asarray((rng.random(chance.shape[:-1])[..., None] > edges).sum(axis=-1), dtype=np.int64)
