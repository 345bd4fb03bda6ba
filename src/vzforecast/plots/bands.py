"""Probabilities along days: a line, and the band of its interval."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vzforecast.plots.canvas import BAND, BLUE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rows_of(table: pd.DataFrame, level: str, key: str) -> pd.DataFrame:
    """Return the rows of one member of a level of the index, ordered by what is left of it."""
    return table[table.index.get_level_values(level) == key].droplevel(level).sort_index()


def draw_band(axes: "Axes", table: pd.DataFrame, colour: str = BLUE, *, mark: str = "", step: bool = False) -> None:
    """Draw shares as percent, with their 90 % intervals.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    table : DataFrame
        Index of days; ``probability``, ``lower``, ``upper``, from 0 to 1.
    colour : str
        Of line and band.
    mark : str, default ""
        Mark of each point; none if blank.
    step : bool, default False
        Whether each value holds until the day of the next row, rather than on its day alone.
    """
    days = table.index.to_numpy()
    lower, upper = (np.clip(100.0 * table[name].to_numpy(float), 0.0, 100.0) for name in ("lower", "upper"))
    axes.fill_between(days, lower, upper, color=colour, alpha=BAND, linewidth=0, step="post" if step else None)
    drawstyle = "steps-post" if step else "default"
    # Clipped lines would be half as thick at 0 and 100 %.
    axes.plot(
        days, 100.0 * table["probability"], color=colour, marker=mark, markersize=5, drawstyle=drawstyle, clip_on=False
    )
    if len(table) == 1:  # a band needs a width to be seen
        axes.vlines(days, lower, upper, color=colour, alpha=0.6, linewidth=3)
