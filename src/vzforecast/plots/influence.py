"""Whose ear the president has, month by month, and the news that says so."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import pandas as pd

from vzforecast import figures
from vzforecast.convergence import quietly
from vzforecast.names import FACTION
from vzforecast.plots.bands import draw_band, rows_of
from vzforecast.plots.canvas import BLACK, Look, date_axis, finish, look
from vzforecast.plots.panels import panel_axes, panel_title
from vzforecast.plots.sources import source_of
from vzforecast.plots.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vzforecast.forecast import Forecast  # only named here: drawing loads no simulator

_COLUMNS: Final = 3
_AREA: Final = 18.0  # of a mark, in square points for each step of strength
_RUG: Final = 0.06  # of a panel's height: where the marks are


def influence(fc: "Forecast", ax: "Axes | None" = None) -> "Figure":
    """Draw each faction's share of influence by month, and the news that favours it.

    One panel a faction, all on one scale. The share is constant within a calendar month, the last one ending with the
    as-of date; the band is its 90 % interval over draws. Marks at the bottom are the signals that the model read, each
    on its day and the larger the stronger (strength 1 to 3); above stands the share of the last month.

    Parameters
    ----------
    fc : Forecast
        Any; a failed fit is marked on the figure.
    ax : matplotlib.axes.Axes, optional
        Where to draw, panels side by side; a new figure if not given.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, not shown.

    Examples
    --------
    >>> vz.plot.influence(fc)  # doctest: +SKIP
    """
    shares = quietly(fc.influence).rename(columns={"mean": "probability"})
    signals, declared = _dated(fc), fc.case.spec.factions
    starts = fc.history.periods.starts
    outer, panels = panel_axes(len(declared), _COLUMNS, (2.8, 1.9), ax)
    for number, (faction, panel) in enumerate(zip(declared, panels, strict=True)):
        own = rows_of(shares, FACTION, faction.id)
        draw_band(panel, _steps(own, starts, fc.as_of), look(number).colour, step=True)
        _rug(panel, signals[signals["faction"] == faction.id], look(number))
        now = own.iloc[-1][["probability", "lower", "upper"]]
        panel_title(panel, faction.label, f"{figures.month(fc.as_of)}: {figures.percent_with_interval(*now)}")
    panels[0].set_ylim(0.0, 100.0)
    date_axis(panels[0], 5)
    outer.set_ylabel("Share of influence, %")
    outer.set_xlabel("Month (band: 90 % interval over draws; marks: news that favours the faction, by strength)")
    outer.set_title(label(f"{fc.case.spec.title}: influence", 80))
    return finish(outer, source_of(fc), ok=fc.ok)


def _steps(share: pd.DataFrame, starts: Sequence[date], last: date) -> pd.DataFrame:
    """Return the share from the first day of each month on, and once more at the end of the last day."""
    days = [*map(pd.Timestamp, starts[: len(share)]), pd.Timestamp(last) + pd.Timedelta(days=1)]
    return pd.concat([share, share.iloc[[-1]]]).set_axis(pd.DatetimeIndex(days))


def _dated(fc: "Forecast") -> pd.DataFrame:
    """Return the signals with the day that each is of."""
    dates = fc.case.tables["news"].set_index("id")["date"]
    return fc.history.signals.assign(date=lambda rows: rows["id"].map(dates))


def _rug(panel: "Axes", signals: pd.DataFrame, own: Look) -> None:
    panel.scatter(
        signals["date"].to_numpy(),
        [_RUG] * len(signals),
        s=_AREA * signals["strength"].to_numpy(float),
        color=own.colour,
        marker=own.marker,
        edgecolors=BLACK,
        linewidths=0.6,
        transform=panel.get_xaxis_transform(),
        zorder=3,
    )
