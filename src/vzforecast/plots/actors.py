"""Who is close to the president, who holds an office, who cares, and which side each is on."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.errors import DateError
from vzforecast.forecast import Forecast
from vzforecast.inputs.dates import DateLike, as_day
from vzforecast.plots.canvas import DARK, GREY, figure_of, finish, look, new_axes
from vzforecast.plots.placing import placed
from vzforecast.plots.sources import source_of
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

_AREA: Final = 3.0  # square points for each point of salience
_KEY: Final = (25, 50, 100)  # saliences that the legend shows
_EDGES: Final = (-6.0, 106.0)  # of scores from 0 to 100, with room for the marks


def actors(who: Forecast | Case, on: DateLike | None = None, ax: "Axes | None" = None) -> "Figure":
    """Draw the actors in post on a day: office against closeness to the president.

    Both scores, and the salience of the matter to each actor, are judgements of the case from 0 to 100. The area of a
    mark grows with salience; colour and shape are the faction.

    Parameters
    ----------
    who : Forecast or Case
        Whose table of actors to draw.
    on : date-like, optional
        The day; by default the as-of date, of a case that was not cut its default as-of date.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Raises
    ------
    DateError
        If nothing is known of that day yet.

    Examples
    --------
    >>> from vzforecast.case import load_case
    >>> actors(load_case(), on="2025-02-05").axes[0].get_xlabel()
    'Office, 0 to 100'
    """
    case = who.case if isinstance(who, Forecast) else given_case(who, "actors")
    day = as_day(on or case.as_of or case.spec.default_as_of)
    if case.as_of is not None and day > case.as_of:
        raise DateError(f"actors on {day}: the case is known up to {case.as_of}; choose a day until then")
    table = in_post(case, pd.Timestamp(day))
    axes = new_axes(8.0, 6.4) if ax is None else ax
    _draw(axes, table, case)
    axes.set(xlim=_EDGES, ylim=_EDGES, xlabel="Office, 0 to 100", ylabel="Closeness to the president, 0 to 100")
    axes.set_title(label(f"{case.spec.title}: actors on {day}", 80))
    axes.grid(alpha=0.3)
    source = source_of(who) if isinstance(who, Forecast) else f"{case.spec.label} on {day}"
    finish(axes, f"{source}; scores are judgements of the case")
    _name(axes, table)
    return figure_of(axes)


def in_post(case: Case, day: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of actors whose spell in post holds on a day, the closest to the president first."""
    table = case.tables["actors"]
    there = (table["from"] <= day) & (table["to"].isna() | (table["to"] > day))
    return table[there].sort_values(["proximity", "office", "actor"], ascending=[False, False, True])


def _draw(axes: "Axes", table: pd.DataFrame, case: Case) -> None:
    for number, faction in enumerate(case.spec.factions):
        own = table[table["faction"] == faction.id]
        colour, marker = look(number)
        axes.scatter(
            own["office"],
            own["proximity"],
            s=_AREA * own["salience"].to_numpy(float),
            color=colour,
            marker=marker,
            alpha=0.85,
            edgecolors="black",
            linewidths=0.8,
            label=label(faction.label, 24, lines=1),
            zorder=2,
        )
    for salience in _KEY:
        axes.scatter([], [], s=_AREA * salience, color="white", edgecolors=DARK, label=f"salience {salience}")
    columns = 1 + (len(case.spec.factions) + len(_KEY) - 1) // 20
    axes.legend(
        loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize="small", ncols=columns, labelspacing=1.4
    )


def _name(axes: "Axes", table: pd.DataFrame) -> None:
    """Write names beside the marks, once it is known how large both have become."""
    from matplotlib.text import Text  # noqa: PLC0415 - drawing alone needs it

    if table.empty:
        return
    scores = table[["office", "proximity"]].to_numpy(float)
    notes = [_note(axes, label(name, 26, lines=2), score) for name, score in zip(table["actor"], scores, strict=True)]
    figure = figure_of(axes)
    figure.draw_without_rendering()  # so that layout and sizes of texts are those of the picture
    point = figure.dpi / 72.0
    middles = axes.transData.transform(scores)
    extents = [Text.get_window_extent(note) for note in notes]  # of the letters, without the line
    sizes = np.array([[extent.width, extent.height] for extent in extents]) + 2.0 * point
    radii = np.sqrt(_AREA * table["salience"].to_numpy(float)) / 2.0
    found = placed(middles, point * radii, sizes, axes.get_window_extent().get_points())
    for note, offset, radius, size in zip(notes, (found - middles) / point, radii, sizes / point, strict=True):
        note.set_position(tuple(offset))
        apart = np.hypot(*np.maximum(np.abs(offset) - size / 2.0, 0.0)) - radius
        if line := note.arrow_patch:
            line.shrinkB = float(radius)  # it ends at the edge of the mark
            line.set_visible(bool(apart > size[1] / 2.0))  # beside it none is needed


def _note(axes: "Axes", name: str, score: "np.ndarray") -> "Annotation":
    note = axes.annotate(
        name,
        (float(score[0]), float(score[1])),
        (0.0, 0.0),
        textcoords="offset points",
        arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.7, "shrinkA": 0.0},
        ha="center",
        va="center",
        fontsize="small",
        zorder=3,
    )
    note.set_in_layout(False)  # labels keep within the axes, and the axes do not make room for them
    return note
