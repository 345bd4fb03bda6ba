"""One of the fits that a forecast pools: its draws, its rows, and what they say of each other, found once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.latent_states import States
from vzforecast.likelihood import events_log_likelihood, favoured_log_likelihood, lean_log_likelihood

# Numbers (draws times rows) that are evaluated at once. Their arrays stay in the cache of a core, and products of
# matrices so small are not shared out among threads of BLAS, which wait for each other longer than they work.
_AT_ONCE: Final = 15_000
# The kinds of rows, by a column that has an entry for each.
_KINDS: Final = {
    "signal_favoured": favoured_log_likelihood,
    "lean_category": lean_log_likelihood,
    "row_events": events_log_likelihood,
}


@dataclass(frozen=True, eq=False)
class Fitted:
    """Draws of one fit and its rows.

    Attributes
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    design : Design
        The rows.
    """

    draws: Draws
    design: Design

    @cached_property
    def states(self) -> States:
        """Influence and tone of all months."""
        return States.of(self.draws, self.design)

    @cached_property
    def events(self) -> Array:
        """Log likelihood of every event-history row, dims (sample, row), in nats."""
        return self.events_of(self.design)

    @cached_property
    def leans(self) -> Array:
        """Log likelihood of every lean, dims (sample, lean_item), in nats."""
        return lean_log_likelihood(self.draws, self.design, self.states)

    def total(self, design: Design) -> Array:
        """Return the log likelihood of all of some rows, dims (sample,), read with the standing of the factions here.

        Parameters
        ----------
        design : Design
            Of the same parameters, with the same standing.

        Returns
        -------
        ndarray, dims (sample,)
            In nats; zero of no row.
        """
        kinds = [evaluate for column, evaluate in _KINDS.items() if design.data[column].size]

        def total(draws: Draws, states: States) -> Array:
            found = (evaluate(draws, design, states).sum(axis=-1) for evaluate in kinds)
            return np.asarray(sum(found, np.zeros(len(draws["tau"]))))

        return self._by_pieces(total, design)

    def events_of(self, design: Design, out_of: Callable[[Draws], Draws] = dict) -> Array:
        """Return the log likelihood of some event-history rows, of draws that something may be taken out of.

        Parameters
        ----------
        design : Design
            As in `total`.
        out_of : callable, optional
            Takes draws and returns others with the same influence and tone; the same draws by default.

        Returns
        -------
        ndarray, dims (sample, row)
            In nats.
        """
        return self._by_pieces(lambda draws, states: events_log_likelihood(out_of(draws), design, states), design)

    def _by_pieces(self, evaluate: Callable[[Draws, States], Array], design: Design) -> Array:
        """Evaluate a few draws at a time; each is by itself."""
        size = max(1, _AT_ONCE // max(1, design.data["row_events"].size))
        return np.concatenate([evaluate(*self._piece(first, size)) for first in range(0, len(self.draws["tau"]), size)])

    def _piece(self, first: int, size: int) -> tuple[Draws, States]:
        own = slice(first, first + size)
        states = States(self.states.scale[own], self.states.tone[own])
        return {name: values[own] for name, values in self.draws.items()}, states
