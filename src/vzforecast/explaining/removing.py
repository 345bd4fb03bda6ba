"""The probability of an event without one block: by weights, by a refit, or read off the draws of one reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from vzforecast.events import Event, evaluate
from vzforecast.explaining.blocks import Block, Blocks, Reading, Removal
from vzforecast.explaining.fitted import Fitted
from vzforecast.explaining.leaving import MIN_ESS_PER_CHAIN, failure, fits_of, left_out
from vzforecast.explaining.left import Left, Mean, as_it_is, rows_alone
from vzforecast.explaining.precision import clear, even_or, standard_error
from vzforecast.explaining.refits import FAILED, refitted
from vzforecast.explaining.retold import retold
from vzforecast.explaining.terms import Term
from vzforecast.forecast import Forecast
from vzforecast.history.known import READINGS
from vzforecast.latent import Array

_POINTS: Final = 100.0
_DIGITS: Final = 12
_FIGURES: Final = ("probability", "probability_mcse", "points", "mcse")
_BLANK: Final = {**dict.fromkeys(_FIGURES, np.nan), "path": "", "clear": False}
_UNFINISHED: Final = "weights cannot take what is left of it out of a refit: {}"

type Line = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Asked:
    """A forecast and the event that is asked of it.

    Attributes
    ----------
    blocks : Blocks
        Of the forecast.
    event : Event
        Parsed.
    """

    blocks: Blocks
    event: Event

    @property
    def fc(self) -> Forecast:
        """The forecast."""
        return self.blocks.fc

    def without(self, block: Block, *, refit: bool, cache: bool, progress: bool | None = None) -> Line:
        """Return what a block adds, by weights if they can be trusted, else by a refit if one is wanted.

        Parameters
        ----------
        block : Removal or Reading
            Of this forecast.
        refit : bool
            Whether one is.
        cache : bool
            As in ``fit``.
        progress : bool, optional
            As in ``fit``.

        Returns
        -------
        mapping of str
            As from `by_weights`; with a refit, k-hat is that of the weights that failed.

        Raises
        ------
        InterventionError
            A refit is needed, and the forecast is under an intervention.
        """
        line = self.by_weights(block)
        if not refit or line["path"] or isinstance(block, Reading):
            return line
        return {**line, **self.by_refit(block, cache=cache, progress=progress)}

    def by_weights(self, block: Block) -> Line:
        """Return what a block adds, from the draws of the forecast.

        Parameters
        ----------
        block : Removal or Reading
            Of this forecast.

        Returns
        -------
        mapping of str
            ``probability``, ``probability_mcse``, ``points``, ``mcse``, ``path``, ``khat``, ``clear`` and ``why_not``;
            no figures, and a blank path, where weights cannot be trusted.
        """
        if isinstance(block, Reading):
            figures = self._line(self._whole, self._of_reading(block.number))
            return figures | {"path": "readings", "khat": np.nan}
        # Judgements weigh paths, so that weights hang on them; else there is no need to simulate for weights that fail.
        judged = self.fc.weights.path is not None
        left = left_out(self.blocks.without(block) if judged else self.fc, block.nats())
        if why_not := failure(self.fc, left, left.khat, MIN_ESS_PER_CHAIN):
            return {**_BLANK, "khat": left.khat, "why_not": why_not}
        without = self.blocks.without(block)
        before, values = (self._whole, self._whole.values) if without is self.fc else (self._few, self._share(without))
        return self._line(before, Mean(without, left, values)) | {"path": "reweight", "khat": left.khat}

    def by_refit(self, block: Removal, *, cache: bool, progress: bool | None) -> Line:
        """Return what a block adds, from a fit without it; the two fits err independently.

        Parameters
        ----------
        block : Removal
            Of this forecast.
        cache : bool
            As in ``fit``.
        progress : bool or None
            As in ``fit``.

        Returns
        -------
        mapping of str
            As from `by_weights`, but for k-hat; only ``why_not`` where the fit failed its diagnostics, or what it
            leaves of a term cannot be taken out of it.

        Raises
        ------
        InterventionError
            The forecast is under an intervention.
        """
        fitted = refitted(self.fc, block.case(), cache=cache, progress=progress)
        if not fitted.ok:
            return {"why_not": f"{FAILED}: {fitted.diagnostics.text}"}
        if block.term is not None and block.term.unfinished:
            without = _bare(fitted, self.event, block.term)
        else:
            figure = fitted.probability(str(self.event))
            without = figure.mean, figure.mcse
        if isinstance(without, str):
            return {"why_not": _UNFINISHED.format(without)}
        now = self.fc.probability(str(self.event))
        error = float(np.hypot(now.mcse, without[1]))
        return self._figures(now.mean - without[0], error, without=without[1]) | {"path": "refit"}

    @cached_property
    def _whole(self) -> Mean:
        """The forecast as it is."""
        return Mean(self.fc, as_it_is(self.fc), self._share(self.fc))

    @cached_property
    def _few(self) -> Mean:
        """The same, of as few paths as a forecast without a term is given."""
        few = self.blocks.few
        return Mean(few, as_it_is(few), self._share(few))

    def _share(self, fc: Forecast) -> Array:
        return fc.weights.shares(evaluate(self.event, fc.simulated))[0]

    def _of_reading(self, number: int) -> Mean:
        """Return the draws of one reading: readings of each variant stand one after the other."""
        whole = self._whole.left.weights
        fits = whole.reshape(-1, len(READINGS), len(whole) // self.fc.readings)
        own = (fits * (np.arange(len(READINGS)) == number)[:, None]).ravel()
        weights = np.asarray(own / own.sum())
        rows = rows_alone(self.fc, even_or(self.fc.weights.draw, weights.size), weights)
        return Mean(self.fc, Left(weights, np.nan, safe=True, rows=rows), self._whole.values)

    def _line(self, before: Mean, after: Mean) -> dict[str, Any]:
        """Return the figures of a mean with a block less the one without it, over the same draws."""
        # A difference found on few paths is taken off the probability on all of them.
        few = () if before is self._whole else (*self._whole.terms(), *before.terms(-1.0))
        return self._figures(*before.less(after), without=standard_error(self.fc, *few, *after.terms()))

    def _figures(self, added: float, error: float, *, without: float) -> dict[str, Any]:
        """Return what a block adds, and the probability without it, with the errors of both."""
        added = round(added, _DIGITS)  # sums of weights err in the last digit, where there is nothing to be clear of
        # Where two laws are compared on few paths the difference has noise that the probability itself has not.
        probability = min(max(round(self._whole.value - added, _DIGITS), 0.0), 1.0)
        points, mcse = _POINTS * added, _POINTS * error
        figures = dict(zip(_FIGURES, (probability, without, points, mcse), strict=True))
        return figures | {"clear": clear(points, mcse), "why_not": ""}


def _bare(fitted: Forecast, event: Event, term: Term) -> tuple[float, float] | str:
    """Return the probability and its error without what a refit left of a term, or why weights cannot say."""
    nats = np.concatenate([term.nats(Fitted(*fit)) for fit in fits_of(fitted)])
    without = retold(fitted, term.out_of(fitted.draws), fitted.known, fitted.simulated.paths)
    left = left_out(without, nats)
    if why_not := failure(without, left, left.khat, MIN_ESS_PER_CHAIN):
        return why_not
    found = Mean(without, left, without.weights.shares(evaluate(event, without.simulated))[0])
    return found.value, found.error
