"""What an updated forecast knows beyond its last fit: evidence, weights, and how the update went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.case import Case
from vzforecast.events import Vocabulary, evaluate, parse_event
from vzforecast.evidence import Evidence, LikelihoodJudgement, MarketQuote, ProbabilityJudgement, in_order
from vzforecast.forecast.judgement import virtual_weights
from vzforecast.history import Known
from vzforecast.paths import Paths
from vzforecast.told import Told

# What weighs paths instead of adding rows.
JUDGEMENTS = (LikelihoodJudgement, ProbabilityJudgement, MarketQuote)

ITEM_COLUMNS = ["type", "date", "published", "confidence", "enters_as", "headline", "source", "note"]
_ITEMS_SHOWN = ["type", "published", "headline", "enters_as"]
QUOTE_COLUMNS = ["event", "platform", "date", "market", "model", "difference", "log_odds", "weight", "pooled"]


@dataclass(frozen=True, eq=False, repr=False)
class UpdateReport(Told):
    """How a forecast was updated, and whether that can be trusted.

    Attributes
    ----------
    method : {"reweight", "move", "refit"}
        The path taken.
    khat : float
        Pareto k of the importance ratios, also where they were refused; NaN if reweighting was not tried, -inf if all
        draws count alike.
    ess : float
        Effective draws among the weighted ones, also where weights were refused (moved draws have their own in the
        diagnostics of the forecast); NaN if reweighting was not tried.
    draws : int
        Draws of the forecast.
    seconds : float
        Wall time.
    why : str
        Why this path and no other.
    fitted : str
        As-of date up to which the sampler knew whose draws these are: of a fit, or of draws moved on.
    items : DataFrame
        Every item of evidence since the case was read from files, by ``id``: ``type``, ``date``, ``published``,
        ``confidence`` (kept and shown, never a weight), ``enters_as`` (what it is in the model, or why it is nothing),
        ``headline``, ``source``, ``note``.
    quotes : DataFrame
        Market quotes by ``id``: ``market`` and ``model`` probability of the ``event`` when quoted, their
        ``difference``, the same in ``log_odds``, the ``weight`` of the market and the ``pooled`` probability.

    Examples
    --------
    >>> update(fc, [item]).update_report.method  # doctest: +SKIP
    'reweight'
    """

    method: Literal["reweight", "move", "refit"]
    khat: float
    ess: float
    draws: int
    seconds: float
    why: str
    fitted: str
    items: pd.DataFrame
    quotes: pd.DataFrame

    @property
    def text(self) -> str:
        """One line: the path taken, the figures it rests on, and why."""
        whose = "" if self.method == "reweight" else "weights had "
        found = f" ({whose}k-hat {self.khat:.2f}, ESS {self.ess:,.0f} of {self.draws:,} draws)"
        figures = "" if np.isnan(self.khat) else found
        words = {"reweight": "reweighted the fit of", "move": "moved draws on as of", "refit": "refitted as of"}
        return f"{words[self.method]} {self.fitted}{figures} in {self.seconds:.2f} s: {self.why}"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Evidence": self.items[_ITEMS_SHOWN], "Market quotes": self.quotes}


@dataclass(frozen=True, eq=False)
class Revision:
    """What makes an updated forecast differ from its last fit.

    Attributes
    ----------
    basis : Known
        What that fit knew, as rows for its draws: what a later update goes back to.
    known : Known
        What is known now, as rows for the same draws.
    fitted : tuple of Evidence
        Items whose rows are in the case of that fit.
    since : tuple of Evidence
        Items added after it, in canonical order.
    ratios : mapping of str to float
        Likelihood ratio, by id, of every judgement and quote in force: given, or fixed when it was stated.
    draw_weights : ndarray, dims (sample,), or None
        From reweighting, summing to one; None after a refit or a move.
    files : Case or None
        The case without evidence, if its files were read again after that fit; None if it is that of the fit.
    report : UpdateReport
        How it went.
    """

    basis: Known
    known: Known
    fitted: tuple[Evidence, ...]
    since: tuple[Evidence, ...]
    ratios: Mapping[str, float]
    draw_weights: NDArray[np.float64] | None
    report: UpdateReport
    files: Case | None = None

    @property
    def items(self) -> tuple[Evidence, ...]:
        """All evidence added since the case was read from files, in canonical order."""
        return in_order((*self.fitted, *self.since))

    def path_weights(self, paths: Paths, vocabulary: Vocabulary) -> NDArray[np.float64] | None:
        """Return the weights of paths by all judgements and quotes in force together.

        Parameters
        ----------
        paths : Paths
            On which their events happen or not.
        vocabulary : Vocabulary
            Names and dates that their events may use.

        Returns
        -------
        ndarray, dims (sample, path), or None
            The largest is 1; None if nothing is judged.
        """
        log_weight = None
        for item in self.items:
            if isinstance(item, JUDGEMENTS) and item.id in self.ratios:
                happened = evaluate(parse_event(item.event, vocabulary), paths)
                own = np.log(virtual_weights(happened, self.ratios[item.id]))
                log_weight = own if log_weight is None else log_weight + own
        return None if log_weight is None else np.exp(log_weight - log_weight.max())
