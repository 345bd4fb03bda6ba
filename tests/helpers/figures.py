"""What tests read off figures."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from vzforecast.plots.canvas import FAILED, SOURCE


def drawn(figure: Figure) -> np.ndarray:
    """Draw a figure as a picture would be, warnings being errors, and return its pixels, not all of one colour."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    assert np.ptp(pixels[..., :3]) > 0
    return pixels


def says(figure: Figure, label: str) -> bool:
    """Draw a figure and return whether a label stands on it: the first letters of its first word.

    Lines are broken, and labels cut, anywhere after that word.
    """
    drawn(figure)
    shown = {"".join(text.get_text().split()) for text in figure.findobj(Text) if text.get_visible()}
    return any(label.split(maxsplit=1)[0][:6] in one for one in shown)


def panels(figure: Figure) -> list[Axes]:
    """Return the panels of small multiples, row by row."""
    return list(figure.axes[0].child_axes)


def texts(axes: Axes, gid: str | None = None) -> list[Text]:
    """Return the annotations on axes, all or those of one name."""
    return [text for text in axes.texts if gid is None or text.get_gid() == gid]


def source(figure: Figure) -> str:
    """Return the line that says where the numbers come from, and what stands before it."""
    (found,) = texts(figure.axes[0], SOURCE)
    return found.get_text()


def marked_failed(figure: Figure) -> bool:
    """Return whether the figure says that its fit failed."""
    return [text.get_text() for text in texts(figure.axes[0], FAILED)] == ["FAILED FIT, DO NOT USE"]


def segments(axes: Axes) -> Iterator[np.ndarray]:
    """Yield the ends of lines drawn across or along, one array a group of lines, dims (line, end, xy)."""
    for group in axes.collections:
        if isinstance(group, LineCollection):
            yield np.array(group.get_segments())


def marks(axes: Axes) -> list[PathCollection]:
    """Return the groups of scattered marks."""
    return [group for group in axes.collections if isinstance(group, PathCollection)]


def band(axes: Axes) -> np.ndarray:
    """Return lowest and highest edge of a band over the points of its line, dims (edge, point)."""
    (filled,) = [g for g in axes.collections if isinstance(g, Collection) and len(g.get_paths()[0]) > 4]
    corners = filled.get_paths()[0].vertices
    days = np.unique(corners[:, 0])
    return np.array([[edge(corners[corners[:, 0] == day, 1]) for day in days] for edge in (np.min, np.max)])
