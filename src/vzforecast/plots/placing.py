"""Where labels of points go, so that none covers another label or a point."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Directions in which a label may stand off its point, the best to read first, and how far, in units of its own height.
_ANGLES: Final = np.deg2rad([0.0, 180.0, 90.0, 270.0, 45.0, 315.0, 135.0, 225.0])
_DISTANCES: Final = (0.3, 1.0, 2.0, 3.2, 4.6, 6.2)
# Past the edge is worse than on a point, and on a point than on a label.
_OUTSIDE: Final = 4.0
_ON_POINT: Final = 2.0


def placed(points: Array, radii: Array, sizes: Array, room: Array) -> Array:
    """Return the middle of the label of each point, all in one unit of length.

    Points are served in order; each takes the first place, near before far, that is free, or the one that covers least.

    Parameters
    ----------
    points : ndarray, dims (point, xy)
        Their middles.
    radii : ndarray, dims (point,)
        How far each reaches.
    sizes : ndarray, dims (point, xy)
        Width and height of their labels.
    room : ndarray, dims (corner, xy)
        Lower left and upper right corner within which labels are to stay.

    Returns
    -------
    ndarray, dims (point, xy)
        The middles of the labels.
    """
    marks = np.stack([points - radii[:, None], points + radii[:, None]], axis=1)
    boxes = np.empty((0, 2, 2))
    middles = np.empty_like(points)
    for number, (point, radius, size) in enumerate(zip(points, radii, sizes, strict=True)):
        places = np.array(list(_places(point, float(radius), size)))
        own = np.stack([places - size / 2.0, places + size / 2.0], axis=1)
        worth = _covered(own, boxes).sum(axis=1) + _ON_POINT * _covered(own, marks).sum(axis=1)
        worth += _OUTSIDE * (size.prod() - _covered(own, room[None])[:, 0])
        best = int(np.argmin(np.round(worth, 6)))  # the first of the best
        middles[number] = places[best]
        boxes = np.concatenate([boxes, own[best : best + 1]])
    return middles


def _places(point: Array, radius: float, size: Array) -> Iterator[Array]:
    for distance in _DISTANCES:
        for angle in _ANGLES:
            way = np.array([np.cos(angle), np.sin(angle)])
            yield point + way * (radius + distance * size[1] + size / 2.0)


def _covered(boxes: Array, others: Array) -> Array:
    """Return the area that each box shares with each of the others, dims (box, other)."""
    low = np.maximum(boxes[:, None, 0], others[None, :, 0])
    high = np.minimum(boxes[:, None, 1], others[None, :, 1])
    return np.asarray(np.maximum(high - low, 0.0).prod(axis=2))
