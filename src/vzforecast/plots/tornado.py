"""Which priors a probability hangs on: a tornado."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from vzforecast.plots.canvas import BLACK, BLUE, DARK, ORANGE, finish, new_axes
from vzforecast.plots.sources import as_of, seeds, size
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vzforecast.explaining import Sensitivity  # only named here: drawing loads no simulator

_WIDTH: Final = 60  # letters of a label in a line
_HEIGHT: Final = 0.36  # of a bar; the two of a prior stand one above the other
_PALE: Final = 0.35
# Of each end: its sign beside the middle of the line, colour, hatch (for those who see no colour), and words.
_ENDS: Final = {
    "low": (-1.0, ORANGE, "", "median at its old 5 % point"),
    "high": (1.0, BLUE, "///", "median at its old 95 % point"),
}


def tornado(result: "Sensitivity", top: int = 12, ax: "Axes | None" = None) -> "Figure":
    """Draw how far a probability moves as the median of each prior is shifted to either end of itself.

    Bars start at the probability as it is: plain orange with the median at its old 5 % point, hatched blue with it at
    the old 95 % point; the label names both points. A whisker is twice the Monte Carlo error on either side, and a
    pale bar is within it. A cross says that there is no number at that end: weights do not give it, and a refit was not
    asked for, or failed. `result.tornado` has the reason.

    Parameters
    ----------
    result : Sensitivity
        From `vzforecast.sensitivity`, of one target: `result.of(scenario)` if it has several.
    top : int, default 12
        Priors to draw, those that move it most.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Raises
    ------
    ExplainError
        The result has several targets.

    Examples
    --------
    >>> vz.plot.tornado(vz.sensitivity(fc, "detente"))  # doctest: +SKIP
    """
    one = result.only()
    numbers = one.tornado[[f"{end}_points" for end in _ENDS]]
    shown = one.tornado[numbers.notna().any(axis=1)].head(top)
    axes = new_axes(9.0, 1.9 + 0.5 * max(len(shown), 2)) if ax is None else ax
    here = 100.0 * float(one.probabilities["probability"].iloc[0])
    for end in _ENDS:
        _draw_end(axes, shown, end, here)
    axes.axvline(here, color=BLACK, linewidth=1)
    axes.set_yticks(np.arange(len(shown)), [_name(str(name), row) for name, row in shown.iterrows()], fontsize="small")
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    axes.margins(x=0.08)
    axes.set_xlabel("Probability, % (whisker: twice the Monte Carlo error of the shift)")
    # Above, since bars may be anywhere, and to the left of the edge, where names leave room.
    place = {"bbox_to_anchor": (1.0, 1.0), "ncols": 3, "columnspacing": 1.2}
    axes.legend(handles=_legend(), loc="lower right", fontsize="small", frameon=False, **place)
    head = label(f"Which priors it hangs on: {one.targets[0]}", 80)
    axes.set_title(f"{head}\n{here:.1f} % as of {one.as_of}", fontsize="medium", pad=28.0)
    axes.spines[["top", "right"]].set_visible(False)
    source = ", ".join([f"{one.case} {as_of([one.as_of])}", seeds([one.seed]), size(one.draws, one.paths)])
    return finish(axes, source, ok=one.ok)


def _draw_end(axes: "Axes", shown: pd.DataFrame, end: str, here: float) -> None:
    """Draw the bars of one end, whiskers and crosses."""
    side, colour, hatch, _ = _ENDS[end]
    points, error = (shown[f"{end}_{column}"].to_numpy(float) for column in ("points", "mcse"))
    place, known = np.arange(len(shown)) + side * _HEIGHT / 2.0, ~np.isnan(points)
    for height, value, clear in zip(place[known], points[known], shown[f"{end}_clear"][known], strict=True):
        (bar,) = axes.barh(height, value, left=here, height=_HEIGHT, color=colour, hatch=hatch, edgecolor="white")
        bar.set(alpha=1.0 if clear else _PALE, gid=end)
    ends = here + points[known]
    axes.errorbar(ends, place[known], xerr=2.0 * error[known], fmt="none", ecolor=BLACK, elinewidth=1)
    axes.plot(np.full(int((~known).sum()), here), place[~known], "x", color=DARK, markersize=5, linestyle="none")


def _name(prior: str, row: "pd.Series[float]") -> str:
    """Return the id of a prior and the points that its median goes to."""
    return f"{label(prior, _WIDTH)}\n[{row['low_at']:.3g} … {row['high_at']:.3g}], now {row['median']:.3g}"


def _legend() -> "list[Artist]":
    """Return what tells the two ends apart, and what a cross is."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - drawing alone needs it
    from matplotlib.patches import Patch  # noqa: PLC0415

    ends = [Patch(facecolor=c, hatch=h, edgecolor="white", label=words) for _, c, h, words in _ENDS.values()]
    cross = Line2D([], [], marker="x", color=DARK, linestyle="none", label="no number at that end")
    return [*ends, cross]
