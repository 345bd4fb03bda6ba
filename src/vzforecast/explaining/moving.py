"""``vzforecast.explain``: why a probability moved from one forecast to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast.errors import ExplainError, SettingsError
from vzforecast.events import evaluate, parse_event
from vzforecast.evidence import Evidence, Signal
from vzforecast.explaining.changes import Changes
from vzforecast.explaining.coalitions import Coalitions
from vzforecast.explaining.ledger import ABOUT, COLUMNS, MoveLedger, check_grouping
from vzforecast.explaining.precision import clear, even_or
from vzforecast.explaining.shapley import EXACT_PARTS, MOST_PARTS, Orders, every_order, some_orders
from vzforecast.explaining.spread import Spread
from vzforecast.explaining.weighing import Weighing, chains_of
from vzforecast.forecast import Forecast
from vzforecast.forecast.ess import effective_sample_size
from vzforecast.forecast.origin import Origin
from vzforecast.forecast.posterior import stacked
from vzforecast.latent import Array
from vzforecast.reweight.psis import smoothed
from vzforecast.settings import checked_seed
from vzforecast.updating.basis import Basis

TIME: Final = "time passing"
REFIT: Final = "refit"
APPROXIMATION: Final = "approximation"

# Sets of rows that are built rather than drawn from: some ten seconds of them, with paths of their own.
_MOST_BUILDS: Final = 176


def explain(
    fc_old: Forecast,
    fc_new: Forecast,
    event: str,
    *,
    by: str | None = None,
    permutations: int = 200,
    seed: int = 1,
) -> MoveLedger:
    r"""Return why the probability of an event moved from one forecast to another, line by line.

    Time passes first: the draws behind the earlier forecast are weighted to the new as-of date with nothing new, and
    its paths start there. Then the evidence that only the later forecast has, edits of priors and corrections of the
    files enter in every order; a part's line is the mean of what it adds (its Shapley value). What the later forecast
    differs by from all of that comes last, under its own name: ``refit`` if it has other draws (of another fit, or
    moved on), else ``approximation``. The lines sum to the change, in log-odds and in points.

    Parameters
    ----------
    fc_old, fc_new : Forecast
        The earlier and the later forecast: fitted, updated or loaded; the later one need not come from the earlier.
    event : str
        In the event language.
    by : {"faction", "kind", "source", "month"}, optional
        Group the lines of ``table`` and ``text``; ``items`` and ``grouped`` of the result have the others.
    permutations : int, default 200
        Orders to draw where there are more than twelve parts, or parts that bear on each other are so many that not
        every set can be valued; in pairs of an order and its reverse. Otherwise every order counts. Of parts that bear
        on each other there are fewer orders, each in several of these; ``drawn`` of the result says how many.
    seed : int, default 1
        Of the orders.

    Returns
    -------
    MoveLedger
        Frozen; ``table``, ``text``, ``grouped``, and ``vzforecast.plot.move`` draws it.

    Raises
    ------
    EventError
        The event does not parse.
    DateError
        The second forecast is the earlier one.
    ExplainError
        The draws of the earlier fit have no place for what became known, or allow none of it; more than 62 pieces of
        news and other changes lie between; or `by` is unknown.
    SettingsError
        Fewer than four permutations, or a seed that is none.
    InterventionError
        A forecast is under an intervention.

    Notes
    -----
    docs/explaining.md says what the value of a set of parts is. Neither forecast is changed.

    References
    ----------
    Shapley (1953), A value for n-person games; Faigle and Kern (1992), The Shapley value for cooperative games under
    precedence constraints (time comes before what was published in it).

    Examples
    --------
    >>> fc2 = update(fc, items)  # doctest: +SKIP
    >>> print(explain(fc, fc2, "ever(sanctions = re_escalated) by 2025-06-30").text)  # doctest: +SKIP
    """
    if by is not None:
        check_grouping(by)
    if permutations < 4:
        raise SettingsError(f"permutations is {permutations}; give at least 4, two pairs of an order and its reverse")
    changes = Changes.between(fc_old, fc_new)
    worth = Coalitions(Weighing(changes), parse_event(event, fc_old.vocabulary), fc_old.vocabulary)
    orders = _orders(worth, permutations, seed)
    valued = _valued(worth, orders)
    ends = _End.of(fc_old, event), _End.of(fc_new, event)
    lines = _lines(worth, valued, ends, same_fit=_same_fit(fc_old, fc_new), timed=fc_new.as_of > fc_old.as_of)
    khat, ess = _trust(worth, len(worth.parts))
    said = (fc_old.probability(event), fc_new.probability(event)), (fc_old.as_of, fc_new.as_of)
    told = str(worth.event), *said[0], said[1], _table(lines, changes), by
    made = Origin.of(fc_old), Origin.of(fc_new)
    return MoveLedger(*told, orders.drawn, _drawn(worth, orders), khat, ess, lines.spread, made)


def _orders(worth: Coalitions, permutations: int, seed: int) -> Orders:
    """Return every order if all sets can be valued, else some; few of parts whose sets need rows of their own."""
    parts = len(worth.parts)
    if parts > MOST_PARTS:
        raise ExplainError(f"{parts} pieces of news and other changes lie between; explain at most {MOST_PARTS} a step")
    if parts <= EXACT_PARTS and worth.builds <= _MOST_BUILDS:
        return every_order(parts)
    built = 2 * sum(len(group) - 1 for group in worth.tied)
    tied = [place for group in worth.tied for place in group]
    return some_orders(parts, permutations, checked_seed(seed), tied, _MOST_BUILDS // max(1, built))


def _drawn(worth: Coalitions, orders: Orders) -> str:
    """Say which orders were drawn; nothing if all count."""
    if orders.drawn is None:
        return ""
    said = f"{orders.drawn} orders of {len(worth.parts)} parts were drawn"
    tied, few = sum(map(len, worth.tied)), 2 * orders.apart
    return f"{said}, with {few} orders of the {tied} that bear on each other" if few < orders.drawn else said


@dataclass(frozen=True, eq=False)
class _Valued:
    """The value of every set, the shares of the parts, and how draws move them; the last two lines are none and all."""

    orders: Orders
    values: Array
    draws: Array


@dataclass(frozen=True, eq=False)
class _End:
    """What a forecast says, and how far each of its draws moves that."""

    value: float
    draws: Array

    @classmethod
    def of(cls, fc: Forecast, event: str) -> "_End":
        share, _ = fc.weights.shares(evaluate(parse_event(event, fc.vocabulary), fc.simulated))
        value = float(fc.weights.mean(share))
        return cls(value, even_or(fc.weights.of_draws, share.size) * (share - value))


@dataclass(frozen=True, eq=False)
class _Lines:
    """Lines by name, in probabilities and log-odds, and what their errors are made of."""

    names: list[str]
    points: Array
    log_odds: Array
    spread: Spread


def _valued(worth: Coalitions, orders: Orders) -> _Valued:
    """Value every set, and find how draws move the parts and both ends."""
    ends = np.zeros((2, orders.sets.size))
    ends[0, 0] = ends[1, -1] = 1.0
    return _Valued(orders, *worth.values(orders.sets, np.concatenate([orders.coefficients, ends])))


def _lines(worth: Coalitions, valued: _Valued, ends: tuple[_End, _End], *, same_fit: bool, timed: bool) -> _Lines:
    """Put the lines together: time first, the parts, and what is left under its name."""
    before, after = ends
    none, whole = valued.draws[-2], valued.draws[-1]
    parts = len(worth.parts)
    names = [*([TIME] if timed else []), *worth.parts, APPROXIMATION if same_fit else REFIT]
    draws = [*([none - before.draws] if timed else []), *valued.draws[:parts]]
    rest = -whole if timed else none - before.draws - whole
    draws.append(rest + after.draws if same_fit else rest)
    shared = valued.orders.by_draw(valued.values)
    pairs = np.zeros((len(shared), len(names)))
    pairs[:, timed : timed + parts] = shared
    apart = np.zeros(len(names))
    chains = chains_of(worth.weighing)
    if not same_fit:
        apart[-1] = Spread(after.draws[None], np.zeros((2, 1)), np.zeros(1), 1, chains).error([0]) ** 2
    spread = Spread(np.stack(draws), pairs, apart, worth.weighing.fits, chains)
    points, log_odds = (_split(valued, ends, timed=timed, scale=scale) for scale in (_plain, _logit))
    return _Lines(names, points, log_odds, spread)


def _split(valued: _Valued, ends: tuple[_End, _End], *, timed: bool, scale: Any) -> Array:
    """Return the lines on a scale; they sum to the change, because the last is what is left of it."""
    values, start, end = scale(valued.values), *(scale(np.array(one.value)) for one in ends)
    lines = [*([values[0] - start] if timed else []), *valued.orders.shares(values)]
    return np.array([*lines, (end - values[-1]) + (0.0 if timed else values[0] - start)])


def _plain(values: Array) -> Array:
    return values


def _logit(values: Array) -> Array:
    """Return log-odds, blank for a probability of 0 or 1."""
    inside = (values > 0.0) & (values < 1.0)
    safe = np.where(inside, values, 0.5)
    return np.where(inside, np.log(safe) - np.log1p(-safe), np.nan)


def _table(lines: _Lines, changes: Changes) -> pd.DataFrame:
    """Return the table of a ledger."""
    items = {item.id: item for item in changes.items}
    blank = bool(np.isnan(lines.log_odds).any())
    rows = []
    for place, name in enumerate(lines.names):
        points, mcse = 100.0 * float(lines.points[place]), 100.0 * lines.spread.error([place])
        figures = (np.nan if blank else float(lines.log_odds[place]), points, mcse, clear(points, mcse))
        rows.append((*figures, *_about(items.get(name), name)))
    return pd.DataFrame(rows, columns=[*COLUMNS, *ABOUT], index=pd.Index(lines.names, name="part"))


def _about(item: Evidence | None, name: str) -> tuple[Any, ...]:
    """Return what an item is; a part that is none is its own kind."""
    if item is None:
        return name, pd.NaT, "", "", ""
    kind = item.kind if isinstance(item, Signal) else item.type
    return kind, pd.Timestamp(item.published), getattr(item, "faction", None) or "", item.source, item.headline


def _same_fit(before: Forecast, after: Forecast) -> bool:
    """Tell whether two forecasts weigh the draws of one fit."""
    one, other = Basis.of(before), Basis.of(after)
    made = [(basis.known.case.digest, basis.seed, basis.settings, _members(basis)) for basis in (one, other)]
    if made[0] != made[1]:
        return False
    # A move and a refit of one day differ in nothing but their draws, of which weights never change these.
    return np.array_equal(stacked(one.posterior)["log_rate"], stacked(other.posterior)["log_rate"])


def _members(basis: Basis) -> Mapping[str, tuple[str, ...]]:
    return {} if basis.averaged is None else dict(basis.averaged.members)


def _trust(worth: Coalitions, parts: int) -> tuple[float, float]:
    """Return the largest k-hat of the fits with all parts in, and the effective draws of all."""
    fits = worth.log_weights(range(parts)).reshape(worth.weighing.fits, -1)
    khats, sizes = [], []
    for log_ratio in fits:
        ratio = np.exp(log_ratio - log_ratio.max()).reshape(chains_of(worth.weighing), -1)
        relative = min(1.0, effective_sample_size(ratio) / ratio.size)
        found = smoothed(log_ratio, relative)
        khats.append(found.khat)
        sizes.append(relative / float(found.weights @ found.weights))
    return max(khats), sum(sizes)
