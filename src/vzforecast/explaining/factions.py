"""``vzforecast.by_faction``: what a forecast owes to who has influence, and to the news that says so."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast import latent, names
from vzforecast.events import evaluate, parse_event
from vzforecast.explaining.factions_report import SIGNAL_COLUMNS, TABLE_COLUMNS, ByFaction
from vzforecast.explaining.leaving import MIN_ESS_PER_CHAIN, effect, failure, left_out
from vzforecast.explaining.precision import clear, even_or, standard_error
from vzforecast.forecast import Forecast
from vzforecast.forecast.probability import path_probability
from vzforecast.forecast.weights import Weights
from vzforecast.latent import Array
from vzforecast.latent_states import States
from vzforecast.likelihood import favoured_log_likelihood, lean_log_likelihood

_POINTS: Final = 100.0


def by_faction(fc: Forecast, event: str) -> ByFaction:
    r"""Show how an event hangs on which faction is on top, and which news says who is.

    Parameters
    ----------
    fc : Forecast
        Any; it stays as it is.
    event : str
        In the event language.

    Returns
    -------
    ByFaction
        ``table``, a line a faction; ``influence`` by month; ``signals``, a line an item of news; ``closeness``.

    Raises
    ------
    EventError
        The text does not parse.

    Notes
    -----
    On top is the faction with the largest share of influence in the month of the as-of date, draw by draw. P(event |
    on top) is what follows from learning that it is; what bringing it there would do is for ``intervene``. An item is
    left out with all that the model reads in it, its signal and its lean, and with its episode, by weighting the draws:
    docs/explaining.md, "By faction".

    Examples
    --------
    >>> print(by_faction(fc, "ever(chevron_licence = suspended) by 2025-06-30"))  # doctest: +SKIP
    """
    parsed = parse_event(event, fc.vocabulary)
    happened = evaluate(parsed, fc.simulated)
    share = latent.influence(fc.draws, fc.design)[:, fc.history.period_now]
    sigma = fc.design.priors["rho_sigma"]
    return ByFaction(
        event=str(parsed),
        as_of=fc.as_of,
        probability=fc.probability(event),
        table=_on_top(fc, happened, share),
        influence=fc.influence(),
        signals=_signals(fc, fc.weights.shares(happened)[0], share),
        closeness=fc.closeness_beats_office,
        closeness_prior=float(2.0 / np.pi * np.arctan2(sigma[1], sigma[0])),
    )


def _on_top(fc: Forecast, happened: NDArray[np.bool_], share: Array) -> pd.DataFrame:
    """Return the probability of the event given who is on top."""
    top = share.argmax(axis=1)
    lines = [_given(fc, happened, top == number) for number in range(share.shape[1])]
    index = pd.Index(fc.history.factions, name=names.FACTION)
    return pd.DataFrame(lines, index=index, columns=TABLE_COLUMNS)


def _given(fc: Forecast, happened: NDArray[np.bool_], holds: NDArray[np.bool_]) -> dict[str, float | bool]:
    """Return a line of it: the draws in which a faction is on top."""
    base = even_or(fc.weights.of_draws, len(holds))
    chance = float(fc.weights.mean(holds.astype(float)))
    line: dict[str, float | bool] = {"on_top": chance, "on_top_mcse": standard_error(fc, (base, holds.astype(float)))}
    if not chance > 0.0:
        return line | {"clear": False}
    before = np.ones(len(holds)) if fc.weights.draw is None else fc.weights.draw
    weights = Weights(before * holds, fc.weights.path)
    found = path_probability(happened, fc.chains, readings=fc.readings, ok=fc.ok, weights=weights)
    shares = fc.weights.shares(happened)[0]
    given = base * holds / chance
    moved = _POINTS * float(given @ shares - base @ shares)
    error = _POINTS * standard_error(fc, (given, shares), (base, -shares))
    return line | found.row | {"change": moved, "change_mcse": error, "clear": clear(moved, error)}


def _signals(fc: Forecast, happens: Array, share: Array) -> pd.DataFrame:
    """Return what each item of news adds to the event, to its faction's share and to closeness over office."""
    rho = fc.draws["rho"]
    closer = (rho[:, 1] > rho[:, 0]).astype(float)
    news = fc.case.tables["news"].set_index("id")
    favoured = fc.history.signals.set_index("id")["faction"]
    lines = dict[str, dict[str, Any]]()
    for item, nats in _news_likelihood(fc).items():
        left, faction = left_out(fc, nats), str(favoured.get(item, ""))
        own = share[:, fc.history.factions.index(faction)] if faction else np.zeros(len(share))
        effects: Mapping[str, Array] = {"event": happens, "share": own, "closeness": closer}
        line: dict[str, Any] = {
            "date": news.loc[item, "date"],
            "faction": faction,
            "headline": news.loc[item, "headline"],
        }
        why_not = failure(fc, left, left.khat, MIN_ESS_PER_CHAIN)
        for name, values in effects.items():
            points, error = (np.nan if why_not else _POINTS * figure for figure in effect(fc, left, values))
            line |= {name: points, f"{name}_mcse": error}
        marks = {"safe": not why_not, "clear": clear(line["event"], line["event_mcse"]), "why_not": why_not}
        lines[item] = line | {"khat": left.khat} | marks
    table = pd.DataFrame(list(lines.values()), index=pd.Index(list(lines), name="item"), columns=SIGNAL_COLUMNS)
    table = table.astype({"safe": bool, "clear": bool})
    table.loc[table["faction"] == "", ["share", "share_mcse"]] = np.nan
    return table.sort_values("event", key=abs, ascending=False, kind="stable")


def _news_likelihood(fc: Forecast) -> dict[str, Array]:
    """Return the log likelihood of all that the model reads in each item of news, dims (sample,)."""
    states, found = States.of(fc.draws, fc.design), dict[str, Array]()
    rows = {
        "signals": favoured_log_likelihood(fc.draws, fc.design, states),
        "leans": lean_log_likelihood(fc.draws, fc.design, states),
    }
    for table, nats in rows.items():
        for item, own in zip(getattr(fc.history, table)["id"], nats.T, strict=True):
            found[str(item)] = found.get(str(item), 0.0) + own
    return found
