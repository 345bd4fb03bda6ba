"""Weights in place of those that rows which leave would give."""

from collections.abc import Callable

import numpy as np

from vzforecast.explaining.left import Left
from vzforecast.forecast import Forecast


def of_few(draws: int) -> Callable[[Forecast, np.ndarray], Left]:
    """Return what leaves so many draws of even weight and no other, with a k-hat that says nothing of it."""

    def left_out(_: Forecast, nats: np.ndarray) -> Left:
        weights = np.where(np.arange(len(nats)) < draws, 1.0, 0.0)
        return Left(weights / weights.sum(), 0.3, safe=True)

    return left_out
