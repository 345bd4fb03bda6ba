"""The reliability diagram: what was said against what happened."""

from typing import TYPE_CHECKING

import numpy as np

from vzforecast.plots.canvas import BLUE, GREY, ORANGE, finish, new_axes
from vzforecast.plots.sources import seeds
from vzforecast.plots.words import label
from vzforecast.scoring import Calibration
from vzforecast.scoring.consistency import RESAMPLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BINS = 20  # of the counts only; the curve has none


def reliability(calibration: Calibration, ax: "Axes | None" = None) -> "Figure":
    """Draw the reliability diagram of a forecaster.

    The curve is the calibrated probability of each forecast, by isotonic regression; on the diagonal, what was said is
    what happened. The band is where the curve of a calibrated forecaster with these forecasts stays, at each forecast,
    in 90 % of records. Bars below count the forecasts.

    Parameters
    ----------
    calibration : Calibration
        From `vzforecast.calibration`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given. The bars hang below it, a quarter of its height.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    References
    ----------
    Dimitriadis, T., Gneiting, T. and Jordan, A. I. (2021). Stable reliability diagrams for probabilistic classifiers.
    Proceedings of the National Academy of Sciences 118, e2016191118.

    Examples
    --------
    >>> import pandas as pd
    >>> import vzforecast as vz
    >>> table = pd.DataFrame({"question": range(4), "probability": [0.1, 0.4, 0.6, 0.9], "resolution": [0, 1, 0, 1]})
    >>> figure = vz.plot.reliability(vz.calibration(table))
    >>> figure.axes[0].get_ylabel()
    'Share that happened'
    """
    # What hangs below moves as the axes shrink to make room for it, by less than this.
    axes = new_axes(5.4, 6.2, room=0.08) if ax is None else ax
    counts = axes.inset_axes((0.0, -0.24, 1.0, 0.2), sharex=axes)
    _draw_curve(calibration, axes)
    _draw_counts(calibration, counts)
    return finish(counts, _source(calibration), width=100)


def _source(calibration: Calibration) -> str:
    """Return what the figure rests on."""
    rest = f"resolved, {calibration.unresolved:,} not yet; {calibration.blocks:,} blocks by {calibration.by}"
    return f"{calibration.n:,} forecasts {rest}; {RESAMPLES:,} simulated records, {seeds([calibration.seed])}"


def _draw_curve(calibration: Calibration, axes: "Axes") -> None:
    curve = calibration.curve
    said, band = curve.index.to_numpy(), curve[["lower", "upper"]].to_numpy()
    if said.size == 1:  # a band needs a width to be seen
        said, band = np.array([said[0] - 0.01, said[0] + 0.01]), np.repeat(band, 2, axis=0)
    axes.fill_between(said, band[:, 0], band[:, 1], color=ORANGE, alpha=0.35, linewidth=0, label="if calibrated, 90 %")
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="what was said happened")
    axes.plot(curve.index, curve["calibrated"], color=BLUE, marker="o", markersize=4, label="calibrated probability")
    parts, name = calibration.parts, label(calibration.forecaster, 30, lines=1)
    axes.set_title(
        f"{name}: {calibration.n:,} forecasts of {calibration.questions:,} questions\n"
        f"Brier {parts.score:.3f} = miscalibration {parts.miscalibration:.3f}\n"
        f"- discrimination {parts.discrimination:.3f} + uncertainty {parts.uncertainty:.3f}",
        fontsize="medium",
    )
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel="Share that happened")
    axes.tick_params(labelbottom=False)
    axes.legend(loc="upper left", frameon=False)


def _draw_counts(calibration: Calibration, axes: "Axes") -> None:
    curve = calibration.curve
    axes.hist(curve.index, bins=_BINS, range=(0.0, 1.0), weights=curve["n"], color=GREY, rwidth=0.9)
    axes.set(xlabel="Probability that was said", ylabel="Forecasts")
