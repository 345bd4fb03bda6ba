"""The forecast that the priors alone give, before any row is seen."""

import numpy as np
import pandas as pd

from vzforecast import latent, names
from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.history import Known
from vzforecast.inputs.dates import DateLike
from vzforecast.prior_draws import prior_draws

MONTHS = 12.0
NEAR_CERTAIN = 0.99


def prior_check(case: Case, as_of: DateLike | None = None, *, draws: int = 4000, seed: int = 1) -> pd.DataFrame:
    r"""Return the prior probability of each outcome's onset and recovery within a year.

    Draws come from the same model object that is fitted. Per draw the probability is
    :math:`1 - \exp(-12\, e^{\eta})` with the log hazard rate :math:`\eta` (per month) of the as-of month held for a
    year and every other outcome at rest.

    Parameters
    ----------
    case : Case
        Any case.
    as_of : date-like, optional
        Month whose rate is held; the case's default by default.
    draws : int, default 4000
        Draws from the prior.
    seed : int, default 1
        The same seed gives the same table.

    Returns
    -------
    DataFrame
        Index ``(transition, outcome)``, without the recovery that a recurrent outcome does not have; ``lower``,
        ``median``, ``upper`` (5, 50, 95 % of draws) and ``near_certain`` (share of draws above 0.99: priors that leave
        many there are too wide).

    Raises
    ------
    DateError
        If ``as_of`` is not a date of the case.
    SettingsError
        If the seed is out of range.

    Examples
    --------
    >>> prior_check(load_case())  # doctest: +SKIP
    """
    known = given_case(case, "prior_check").known_when_asked(as_of)
    # The prior is the same however partial commitments are read; half a count would be refused as an observation.
    rows = Known(known.with_partial("as_broken"))
    history, design = rows.history, rows.design
    values = prior_draws(design, draws, seed)
    chance = -np.expm1(-MONTHS * np.exp(latent.log_rates_at_rest(values, design, history.period_now)))
    quantiles = np.quantile(chance, [names.LOWER_QUANTILE, 0.5, names.UPPER_QUANTILE], axis=0)
    index = pd.MultiIndex.from_product([names.TRANSITIONS, history.outcomes], names=[names.TRANSITION, names.OUTCOME])
    columns = dict(zip(("lower", "median", "upper"), quantiles.reshape(3, -1), strict=True))
    table = pd.DataFrame(columns | {"near_certain": (chance > NEAR_CERTAIN).mean(axis=0).ravel()}, index=index)
    return table.loc[np.stack([np.ones_like(history.recurrent), ~history.recurrent]).ravel()]
