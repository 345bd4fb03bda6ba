"""What the priors imply, in numbers that a political scientist can judge: before any row is seen, beside the record."""

import numpy as np
import pandas as pd

from vzforecast import latent, names
from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.case.processes import CommitmentsProcess
from vzforecast.checking.prior_report import PriorPredictive
from vzforecast.checking.replicated import rows_of
from vzforecast.history import Design, History
from vzforecast.inputs.dates import DateLike
from vzforecast.latent import Array, Draws
from vzforecast.likelihood import row_log_rates
from vzforecast.prior_draws import prior_draws

MONTHS_A_DECADE = 120.0
PROMISES = 10.0


def prior_predictive(case: Case, as_of: DateLike | None = None, *, draws: int = 4000, seed: int = 1) -> PriorPredictive:
    r"""Say what the priors alone imply: how often things happen, what moves them, what goes together.

    Draws come from the same model object that is fitted. The rate of a reference class is the mean over its rows known
    on the day, weighted by exposure, members and codes included; that of an outcome's transition is the rate of the
    as-of month with every other outcome at rest. Rates are told per decade, :math:`120\, e^{\eta}`, or for one-off
    promises as the number of ten that would be broken, :math:`10\,(1 - \exp(-e^{\eta}))`.

    Parameters
    ----------
    case : Case
        Any case.
    as_of : date-like, optional
        Day whose rows are taken; the case's default by default.
    draws : int, default 4000
        Draws from the prior.
    seed : int, default 1
        The same seed gives the same answer.

    Returns
    -------
    PriorPredictive
        Three tables and a text.

    Raises
    ------
    DateError
        If ``as_of`` is not a date of the case.
    SettingsError
        If the seed is out of range.

    References
    ----------
    Gabry, Simpson, Vehtari, Betancourt and Gelman (2019), Visualization in Bayesian workflow, section 3.

    Examples
    --------
    >>> print(prior_predictive(load_case()))  # doctest: +SKIP
    """
    known = given_case(case, "prior_predictive").known_when_asked(as_of)
    rows = rows_of(known)
    design, history = rows.design, rows.history
    values = prior_draws(design, draws, seed)
    log_rate = latent.log_rates_at_rest(values, design, history.period_now)
    rates = pd.concat([_classes(known, history, design, values), _outcomes(known, history, log_rate)])
    tension = pd.DataFrame(log_rate[:, 0], columns=list(history.outcomes))
    return PriorPredictive(known, rates, _ratios(values, design), _pairs(tension))


def _classes(case: Case, history: History, design: Design, values: Draws) -> pd.DataFrame:
    """Return the prior rate of each reference class beside what the record has."""
    rows, hazard = history.rows.reset_index(drop=True), np.exp(row_log_rates(values, design))
    lines = {}
    for place, (process, declared) in enumerate(case.spec.processes.items()):
        own = rows[(rows["process"] == process) & (rows["outcome"] == "")]
        one_off = isinstance(declared, CommitmentsProcess) and declared.form == "one_off"
        # A class without rows is told by its own rate: that of a row of no level and no codes.
        at, exposure = own.index.to_numpy(), own["exposure"].to_numpy(float) if len(own) else np.ones(1)
        rates = hazard[:, at] if len(own) else np.exp(values["log_rate"][:, [place]])
        rate = -np.expm1(-rates * exposure).mean(axis=1) if one_off else rates @ exposure / exposure.sum()
        lines["class", process] = _line(rate, own, promises=one_off)
    return _table(lines)


def _outcomes(case: Case, history: History, log_rate: Array) -> pd.DataFrame:
    """Return the prior rate of each transition of each outcome beside its own record."""
    rows, lines = history.rows, {}
    for place, outcome in enumerate(case.spec.outcomes):
        for number, transition in enumerate(names.TRANSITIONS):
            if transition in outcome.hazards:
                own = rows[(rows["outcome"] == outcome.id) & (rows["transition"] == transition)]
                rate = np.exp(log_rate[:, number, place])
                lines[transition, outcome.id] = _line(rate, own, promises=False)
    return _table(lines)


def _line(rate: Array, rows: pd.DataFrame, *, promises: bool) -> dict[str, object]:
    """Return quantiles of a rate per month or per promise, told per decade or of ten, and the record."""
    scale = PROMISES if promises else MONTHS_A_DECADE
    exposure, events = float(rows["exposure"].sum()), int(rows["events"].sum())
    return {
        "unit": "of ten promises" if promises else "a decade",
        **_quantiles(scale * rate),
        "events": events,
        "exposure": exposure if promises else exposure / 12.0,
        "record": scale * events / exposure if exposure else np.nan,
    }


def _ratios(values: Draws, design: Design) -> pd.DataFrame:
    """Return by what factor one thing multiplies a rate: a fresh coupling, a faction alone, one sd of a grouping."""
    coords, found = design.coords, {}
    for place, coupling in enumerate(coords[names.COUPLING]):
        found["coupling", coupling] = values["coupling_effect"][:, place]
    leverage = latent.centred(values["leverage"])
    for o, outcome in enumerate(coords[names.OUTCOME]):
        for k, faction in enumerate(coords[names.FACTION]):
            found["leverage", f"{outcome}.{faction}"] = leverage[:, o, k]
    for place, grouping in enumerate(coords[names.GROUPING]):
        found["spread", grouping] = values["spread"][:, place]
    return _table({key: _quantiles(np.exp(own)) for key, own in found.items()})


def _pairs(log_rate: pd.DataFrame) -> pd.DataFrame:
    """Return the correlation of the log onset rates of every two outcomes, strongest first."""
    table = log_rate.corr()
    pairs = {
        (one, other): table.loc[one, other]
        for place, one in enumerate(table.index)
        for other in table.columns[place + 1 :]
    }
    index = pd.MultiIndex.from_tuples(list(pairs), names=[names.OUTCOME, "other"])
    frame = pd.DataFrame({"correlation": list(pairs.values())}, index=index)
    return frame.sort_values("correlation", key=abs, ascending=False)


def _quantiles(values: Array) -> dict[str, float]:
    found = np.quantile(values, [names.LOWER_QUANTILE, 0.5, names.UPPER_QUANTILE])
    return dict(zip(("lower", "median", "upper"), map(float, found), strict=True))


def _table(lines: dict[tuple[str, str], dict[str, object]] | dict[tuple[str, str], dict[str, float]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(lines), names=["kind", "name"])
    return pd.DataFrame(list(lines.values()), index=index)
