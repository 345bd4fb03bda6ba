"""What sets of blocks give to each draw and future: the product of what single blocks give, kept piece by piece."""

from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from itertools import batched
from typing import Final

import numpy as np

from vzforecast.explaining.shapley import as_members, as_number
from vzforecast.explaining.weighing import Block
from vzforecast.history import Known
from vzforecast.latent import Array

# Blocks of one part in a piece, whose 2^4 products are kept; how many such products, and products of all pieces (2^6 of
# either half of twelve parts).
_PIECE: Final = 4
_PIECES_KEPT: Final = 512
_KEPT: Final = 140


class Products:
    """Some blocks and their products, dims (future, sample), up to a factor that is the same for all draws.

    Parameters
    ----------
    blocks : sequence of Block
        Of one weighing.
    base : ndarray, dims (sample, future)
        Log ratio that every set has.
    """

    def __init__(self, blocks: Sequence[Block], base: Array) -> None:
        self.parts = as_number(place for block in blocks for place in block.parts)
        self._base = _weights(base)
        single = [block for block in blocks if len(block.parts) == 1]
        self._pieces = [*((block,) for block in blocks if len(block.parts) > 1), *batched(single, _PIECE)]
        self._piece = lru_cache(maxsize=_PIECES_KEPT)(_of_piece)
        self._whole = lru_cache(maxsize=_KEPT)(self._of_all)

    def of(self, number: int, reading: Known) -> Array:
        """Return what those of a set's parts give that these blocks have.

        Parameters
        ----------
        number : int
            Bit i stands for part i; parts of other blocks do not count.
        reading : Known
            With the standing of the factions by which rows are read.

        Returns
        -------
        ndarray, dims (future, sample)
            Not to be written to.
        """
        return self._whole(number & self.parts, reading)

    def _of_all(self, number: int, reading: Known) -> Array:
        return reduce(np.multiply, self._factors(number, reading), self._base)

    def _factors(self, number: int, reading: Known) -> Iterable[Array]:
        for piece in self._pieces:
            if own := number & as_number(place for block in piece for place in block.parts):
                yield self._piece(piece, own, reading)


def _of_piece(piece: tuple[Block, ...], number: int, reading: Known) -> Array:
    inside = set(as_members(number))
    chosen = [(block, tuple(place for place in block.parts if place in inside)) for block in piece]
    return _weights(reduce(np.add, [block.log_ratio(members, reading) for block, members in chosen if members]))


def _weights(log_ratio: Array) -> Array:
    """Return weights, the largest 1, with the draws side by side."""
    return np.ascontiguousarray(np.exp(log_ratio - log_ratio.max()).T)
