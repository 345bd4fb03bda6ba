"""Judgements and quotes at the moment they were stated: what each multiplies the odds of its event by, for good."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence import Evidence, LikelihoodJudgement, MarketQuote, ProbabilityJudgement
from vzforecast.forecast import Forecast, LowEvidenceWarning
from vzforecast.forecast.conditional import ENOUGH, effective_paths
from vzforecast.forecast.judgement import log_odds, marginal_ratio, pooled_with_market
from vzforecast.forecast.weights import Weights
from vzforecast.updating.basis import revision_of


class JudgementWarning(UserWarning):
    """A stated probability overrides what the model and earlier evidence say of its event.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("ignore", JudgementWarning)  # where that is meant
    """


@dataclass(frozen=True, eq=False)
class Ratios:
    """Likelihood ratios in force, and the quotes behind some of them.

    Attributes
    ----------
    ratios : mapping of str to float
        By id of the item.
    quotes : mapping of str to dict
        By id of the quote: a line of the table of quotes.
    """

    ratios: Mapping[str, float] = field(default_factory=dict)
    quotes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def on(self, forecast: Forecast) -> Forecast:
        """Return the forecast with these ratios in force."""
        return replace(forecast, revision=replace(revision_of(forecast), ratios=dict(self.ratios)))


def is_marginal(item: Evidence) -> bool:
    """Tell whether an item states what P(E) is to be, so that its ratio depends on the moment."""
    return isinstance(item, ProbabilityJudgement | MarketQuote)


def moment(item: Evidence, fitted: date) -> date:
    """Return the day on which a stated probability counts: its publication, but not before the last fit knows."""
    return max(item.published, fitted)


def with_given(ratios: Ratios, items: tuple[Evidence, ...]) -> Ratios:
    """Add the ratios of virtual evidence, which are given and commute with everything."""
    given = {item.id: item.ratio for item in items if isinstance(item, LikelihoodJudgement)}
    return Ratios({**ratios.ratios, **given}, ratios.quotes)


def with_stated(ratios: Ratios, forecast: Forecast, items: tuple[Evidence, ...]) -> Ratios:
    """Fix the ratios of probabilities stated on one day, one after the other in canonical order.

    Parameters
    ----------
    ratios : Ratios
        In force before.
    forecast : Forecast
        Of that day, with all other evidence in it.
    items : tuple of Evidence
        Probability judgements and market quotes of that day.

    Returns
    -------
    Ratios
        With theirs.

    Raises
    ------
    EvidenceError
        The event has happened, or cannot any more, on every path.
    """
    for item in items:
        current = ratios.on(forecast).probability(item.event).mean  # type: ignore[attr-defined]
        if not 0.0 < current < 1.0:
            raise EvidenceError([_decided(item, current)])
        stated, line = _STATED[type(item)](item, current)
        fixed = {item.id: marginal_ratio(current, stated)}
        ratios = Ratios({**ratios.ratios, **fixed}, {**ratios.quotes, **line})
    return ratios


def warn_of_stated(items: tuple[Evidence, ...]) -> None:
    """Warn of probability judgements: they give up what was believed of their event, and their order matters."""
    stated = [item for item in items if isinstance(item, ProbabilityJudgement)]
    if stated:
        listed = ", ".join(f"{item.id} (P = {item.probability:g})" for item in stated)
        message = (
            f"stated probabilities override the model and earlier evidence about their events, and do not commute: "
            f"{listed}; for a report that is only likelier one way, use a likelihood judgement"
        )
        warnings.warn(message, JudgementWarning, stacklevel=3)


def warn_of_few(weights: Weights) -> None:
    """Warn if judgements leave few effective paths: k-hat and ESS look at draws only."""
    if weights.path is None:
        return
    left = effective_paths(weights.path, weights.draw)
    if left < min(ENOUGH, 0.1 * weights.path.size):
        message = (
            f"judgements leave {left:,.0f} effective paths of {weights.path.size:,}; mind the Monte Carlo error, or "
            f"give a ratio nearer to 1"
        )
        warnings.warn(message, LowEvidenceWarning, stacklevel=3)


def _decided(item: Evidence, current: float) -> Fault:
    state = "happens on every path" if current else "happens on no path"
    remedy = "leave the item out: no stated probability moves it"
    return Fault(f"{item.type} {item.id}", "event", item.event, f"{state} of the forecast then", remedy)  # type: ignore[attr-defined]


type _Line = dict[str, dict[str, Any]]


def _judgement(item: ProbabilityJudgement, _current: float) -> tuple[float, _Line]:
    return item.probability, {}


def _quote(item: MarketQuote, current: float) -> tuple[float, _Line]:
    pooled = pooled_with_market(current, item.probability, item.weight)
    line = {
        "event": item.event,
        "platform": item.platform,
        "date": str(item.date),
        "market": item.probability,
        "model": current,
        "difference": item.probability - current,
        "log_odds": log_odds(item.probability) - log_odds(current),
        "weight": item.weight,
        "pooled": pooled,
    }
    return pooled, {item.id: line}


_STATED: Mapping[type[Evidence], Callable[[Any, float], tuple[float, _Line]]] = {
    ProbabilityJudgement: _judgement,
    MarketQuote: _quote,
}
