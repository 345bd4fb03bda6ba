"""What the possible worlds say of events, two at a time and in sets."""

from collections.abc import Iterable, Sequence

import numpy as np

from vzforecast.paths import Bools
from vzforecast.stated.building import possible_pairs
from vzforecast.stated.worlds import Component


class Logic:
    """What the possible worlds say of events, two at a time and in sets.

    Parameters
    ----------
    parts : sequence of Component
        The possible worlds.
    size : int
        Number of events.
    """

    def __init__(self, parts: Sequence[Component], size: int):
        self.parts = parts
        self.size = size
        both = possible_pairs(parts, size)
        yes, no = slice(None, size), slice(size, None)
        self.never: Bools = ~both.diagonal()[yes]
        self.always: Bools = ~both.diagonal()[no]
        self.implies: Bools = ~both[yes, no]  # an event itself included
        self.exclusive: Bools = ~both[yes, yes]
        self.exhaustive: Bools = ~both[no, no]
        self._component = {int(n): part for part in parts for n in part.events}

    def one_must_happen(self, events: Iterable[int]) -> bool:
        """Tell whether in every world at least one of some events of one component happens."""
        chosen = list(events)
        part = self._component[chosen[0]]
        return part.least(np.isin(part.events, chosen).astype(np.float64)) > 0.5
