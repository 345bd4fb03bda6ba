"""Would the posterior predict what it was fitted to? Reference class by reference class, transition by transition."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.checking.leaving_out import checked_reading
from vzforecast.checking.predictive_report import PredictiveCheck
from vzforecast.checking.replicated import expected_events, replicated
from vzforecast.forecast import Forecast
from vzforecast.forecast.weights import Weights
from vzforecast.history import Design, History
from vzforecast.latent import Array

# A level of a class is checked by itself from so many rows on; with fewer it is mostly its class again.
LEAST_ROWS: Final = 3
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Group:
    """Some rows of one kind, and the number that is compared on them."""

    kind: str
    group: str
    measure: str
    n: int
    observed: Array  # dims (sample,): the scatter depends on the draw, a count does not
    predicted: Array  # dims (sample,)

    def line(self, weights: Weights) -> dict[str, float]:
        """Return quantiles of what is predicted, and the chance of more than was observed (half that of as much)."""
        above = (self.predicted > self.observed) + 0.5 * (self.predicted == self.observed)
        ends = [names.LOWER_QUANTILE, 0.5, names.UPPER_QUANTILE]
        # Steps, not lines between them: a count predicted is one that can be.
        both = np.stack([self.observed, self.predicted], axis=1)
        quantiles = np.quantile(both, ends, axis=0, method="inverted_cdf", weights=weights.of_draws)
        (_, observed, _), (lower, median, upper) = quantiles.T
        found = {"n": self.n, "observed": float(observed), "lower": float(lower)}
        return found | {"median": float(median), "upper": float(upper), "tail": float(weights.mean(above))}


def posterior_check(fc: Forecast, *, seed: int = 1) -> PredictiveCheck:
    r"""Compare what was observed with what the posterior predicts for the same rows.

    For every draw all rows are drawn anew. Compared are, for each reference class, for each of its levels with three
    rows or more, and for each transition of an outcome, the number of events; for each class also the scatter of events
    among its rows, :math:`\sum_r (y_r - \mu_r)^2 / \mu_r` (too much: the class holds unlike things, or events come in
    clusters; too little: they keep out of each other's way); for each faction and each kind of signal the items that
    favour it; for each outcome the items that lean to its active state.

    Parameters
    ----------
    fc : Forecast
        Any; the weights of an updated forecast are respected.
    seed : int, default 1
        Of the new rows.

    Returns
    -------
    PredictiveCheck
        Table, flagged lines and text.

    Raises
    ------
    CheckError
        If partial promises count half in the forecast, or it averages variants: its draws belong to different rows.

    Notes
    -----
    Rows are predicted by a posterior that has seen them, so tail probabilities keep nearer to one half than uniform
    ones would: a line that is flagged is bad news, a line that is not is weak comfort. ``loo`` predicts each row
    without itself.

    References
    ----------
    Gelman, Meng and Stern (1996), Posterior predictive assessment of model fitness via realized discrepancies.

    Examples
    --------
    >>> posterior_check(load_forecast("fc.nc")).flagged  # doctest: +SKIP
    """
    checked_reading(fc)
    design, weights = fc.design, fc.weights
    new = replicated(fc.draws, design, np.random.default_rng(seed))
    events = np.asarray(design.data["row_events"], dtype=np.int64), new[names.EVENTS]
    groups = [
        *_classes(fc.history, events, expected_events(fc.draws, design)),
        *_transitions(fc.history, events),
        *_signals(fc.history, design, new[names.FAVOURED]),
        *_leans(fc.history, design, new[names.LEAN]),
    ]
    lines = {}
    for own in groups:
        lines[own.kind, own.group, own.measure] = own.line(weights)
    return PredictiveCheck.of(f"{fc.case.spec.label} as of {fc.as_of}", lines)


def _counted(kind: str, group: str, measure: str, observed: Counts, new: Counts) -> _Group:
    """Compare numbers: of what was observed, dims (row,), and drawn anew, dims (sample, row)."""
    predicted = new.sum(axis=1).astype(float)
    return _Group(kind, group, measure, len(observed), np.full(len(new), float(observed.sum())), predicted)


def _classes(history: History, events: tuple[Counts, Counts], expected: Array) -> Iterator[_Group]:
    """Yield each reference class with the scatter among its rows, and its levels with enough rows."""
    rows, (seen, new) = history.rows.reset_index(drop=True), events
    own = rows[rows["outcome"] == ""]
    for process, table in own.groupby("process", sort=False):
        at = table.index.to_numpy()
        yield _counted("class", str(process), "events", seen[at], new[:, at])
        if len(at) > 1:
            scatter = [((one - expected[:, at]) ** 2 / expected[:, at]).sum(axis=1) for one in (seen[at], new[:, at])]
            yield _Group("class", str(process), "scatter", len(at), *scatter)
        levels = table["members"].explode().dropna()
        for level, places in levels.groupby(levels).groups.items():
            if LEAST_ROWS <= len(places) < len(at):
                chosen = places.to_numpy()
                yield _counted("level", f"{process}, {level}", "events", seen[chosen], new[:, chosen])


def _transitions(history: History, events: tuple[Counts, Counts]) -> Iterator[_Group]:
    """Yield the record of each outcome by transition: what happened in all the days on which it could."""
    rows, (seen, new) = history.rows.reset_index(drop=True), events
    own = rows[rows["outcome"] != ""]
    for (outcome, transition), table in own.groupby(["outcome", "transition"], sort=False):
        at = table.index.to_numpy()
        yield _counted("outcome", f"{transition}.{outcome}", "events", seen[at], new[:, at])


def _signals(history: History, design: Design, new: Counts) -> Iterator[_Group]:
    """Yield for each faction the signals that favour it, all and by kind of news with enough of them."""
    kinds, seen = history.signals["kind"].to_numpy(), design.data["signal_favoured"]
    often = [kind for kind in dict.fromkeys(kinds) if (kinds == kind).sum() >= LEAST_ROWS]
    for number, faction in enumerate(design.coords[names.FACTION]):
        favours, again = (seen == number).astype(np.int64), (new == number).astype(np.int64)
        if len(seen):
            yield _counted("signals", faction, "items", favours, again)
        for kind in often:
            yield _counted(
                "signals of a kind", f"{faction}, {kind}", "items", favours[kinds == kind], again[:, kinds == kind]
            )


def _leans(history: History, design: Design, new: Counts) -> Iterator[_Group]:
    """Yield for each outcome the items that lean to its active state, and to its rest state."""
    outcomes, seen = history.leans["outcome"].to_numpy(), design.data["lean_category"]
    for outcome in dict.fromkeys(outcomes):
        at = outcomes == outcome
        for category in (names.LEANS[-1], names.LEANS[0]):
            number = names.LEANS.index(category)
            one, other = ((values == number).astype(np.int64) for values in (seen[at], new[:, at]))
            yield _counted("leans", f"{outcome} to {category}", "items", one, other)
