"""What every part of the model reads: rows, priors and labels, as tensors and sizes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from vzforecast import names
from vzforecast.history import Design


@dataclass(frozen=True)
class Inputs:
    """Named views of a design inside a model.

    Attributes
    ----------
    data : dict of str to TensorVariable
        Standing and rows, named as in ``Design.data``.
    priors : dict of str to TensorVariable
        Locations, scales and switches, named as in ``Design.priors``.
    design : Design
        Labels and sizes only; its values reach the model through the tensors.
    """

    data: dict[str, TensorVariable]
    priors: dict[str, TensorVariable]
    design: Design

    def size(self, dim: str) -> int:
        """Return the number of labels along a dimension."""
        return len(self.design.coords[dim])

    def centred(self, values: TensorVariable) -> TensorVariable:
        """Subtract the mean over factions, the last dim of two: only differences between factions matter.

        A product with the centring matrix, since a plain sum is a kind of node the model does without.
        """
        factions = self.size(names.FACTION)
        centring: NDArray[np.float64] = np.eye(factions) - 1.0 / factions
        return (values[:, None, :] * centring).sum(axis=-1)
