"""Influence and tone as the densities read them: over all months of a draw, or over many futures of one month."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from vzforecast import latent
from vzforecast.history import Design
from vzforecast.latent import Array, Draws


@dataclass(frozen=True)
class States:
    """Latent states of some consecutive periods, for every draw or for several futures of every draw.

    Attributes
    ----------
    scale : ndarray, dims (sample, period, faction) or (sample, future, period, faction)
        Influence on the log scale.
    tone : ndarray, dims (sample, period, outcome) or (sample, future, period, outcome)
        Tone of the news.
    first : int
        Index of their first period.
    """

    scale: Array
    tone: Array
    first: int = 0

    @classmethod
    def of(cls, draws: Draws, design: Design) -> Self:
        """Return the states of every period, as the draws have them."""
        return cls(latent.influence_scale(draws, design), latent.tone(draws, design))

    def scale_at(self, period: NDArray[Any]) -> Array:
        """Return the log influence of some periods, dims (sample, ..., row, faction)."""
        return np.asarray(self.scale[..., period - self.first, :])

    def tone_at(self, cell: NDArray[Any]) -> Array:
        """Return the tone in some cells (period times outcomes plus outcome), dims (sample, ..., row)."""
        outcomes = self.tone.shape[-1]
        return np.asarray(self.tone[..., cell // outcomes - self.first, cell % outcomes])

    def pull_at(self, coefficient: Array, cell: NDArray[Any]) -> Array:
        """Return the pull of influence in some cells by coefficients (sample, outcome, faction), as ``tone_at``."""
        outcomes = self.tone.shape[-1]
        periods, place = np.unique(cell // outcomes, return_inverse=True)
        share = latent.softmax(self.scale_at(periods)) - 1.0 / self.scale.shape[-1]
        leverage = self.spread(latent.centred(coefficient)[:, None])
        # One product a faction: for so few of them much faster than a contraction.
        factions = range(share.shape[-1])
        pull = sum((share[..., k, None] * leverage[..., k] for k in factions), np.zeros(()))
        return np.asarray(pull[..., place, cell % outcomes])

    def spread(self, values: Array) -> Array:
        """Give values of dims (sample, row, ...) the dims after the first that the states have."""
        return values.reshape(len(values), *[1] * (self.scale.ndim - 3), *values.shape[1:])
