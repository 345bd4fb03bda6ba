"""One of the fits that a forecast pools: its draws, its rows, and what they say of each other, found once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.latent_states import States
from vzforecast.likelihood import events_log_likelihood, lean_log_likelihood, log_likelihood


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
        return events_log_likelihood(self.draws, self.design, self.states)

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
        found = log_likelihood(self.draws, design, self.states)
        return np.asarray(sum(values.sum(axis=-1) for values in found.values()))
