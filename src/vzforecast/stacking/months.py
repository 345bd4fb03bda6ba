r"""What each past month would have been given by fits made before it.

:math:`l_{m,t} = \log \overline{\prod_r \mathrm{Poisson}(events_r \mid E_r e^{\eta_r})}`, the mean over the draws of
member m fitted on what was published before month t and, within each draw, over futures of influence and tone; r are
the rows of all outcomes in month t that are known now, the same for every member.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from vzforecast.case import Case
from vzforecast.forecast import Forecast
from vzforecast.forecast.ess import effective_sample_size
from vzforecast.history import Design, Known, Places
from vzforecast.history.calendar import Periods
from vzforecast.inputs.frozen import Tables
from vzforecast.reweight.difference import rows_of_period
from vzforecast.reweight.futures import carry


@dataclass(frozen=True)
class Month:
    """A month to predict.

    Attributes
    ----------
    period : int
        Its index.
    first : date
        Its first day.
    before : date
        Its eve: what was known then is what its prediction rests on.
    last : date
        Its last day, or the as-of date if that is earlier.
    """

    period: int
    first: date
    before: date
    last: date


def months_of(known: Case, as_of: date) -> Iterator[Month]:
    """Yield the months up to the as-of date on whose eve the case can be asked, in order."""
    spec = known.spec
    first = max(spec.origin, *(outcome.start for outcome in spec.outcomes))
    starts = Periods.spanning(spec.origin, spec.horizon).starts
    for period, start in enumerate(starts):
        before = start - timedelta(days=1)
        if first <= before and start <= as_of:
            after = starts[period + 1] if period + 1 < len(starts) else spec.horizon + timedelta(days=1)
            yield Month(period, start, before, min(after - timedelta(days=1), as_of))


def rows_to_predict(known: Case, month: Month, places: Places) -> Design:
    """Return the rows of all outcomes in a month, as known now, for draws of a fit made on its eve.

    Of what became known later only the transitions enter, since they are what is predicted; standing, known ends of
    terms and how decisions gather before them are those of the eve.

    Parameters
    ----------
    known : Case
        Cut to the as-of date.
    month : Month
        The month.
    places : Places
        Labels of the draws.

    Returns
    -------
    Design
        Its outcome rows alone: no reference rows, no signals, no leans.
    """
    eve, happened = known.known_on(month.before), known.tables["transitions"]
    until = happened.loc[happened["date"] <= pd.Timestamp(month.last)]
    then = replace(eve, tables=Tables({**eve.tables, "transitions": until}), as_of=month.last)
    return rows_of_period(Known(then, places).design, month.period)


def log_score(fitted: Forecast, rows: Design, month: Month, seed: int) -> tuple[float, float]:
    """Return the log probability that a fit gave to the rows of the month after it, and its Monte Carlo error.

    Parameters
    ----------
    fitted : Forecast
        As of the eve of the month.
    rows : Design
        From `rows_to_predict`.
    month : Month
        The month.
    seed : int
        Of the futures of influence and tone.

    Returns
    -------
    tuple of float
        In nats; the error by the delta method, from the effective number of draws.
    """
    each = carry(fitted.draws, [rows], month.period - 1, seed).log_likelihood
    highest = float(each.max())
    chance = np.exp(each - highest)
    mean = float(chance.mean())
    size = effective_sample_size(chance.reshape(fitted.chains, -1))
    return highest + float(np.log(mean)), float(chance.std()) / mean / float(np.sqrt(size))
