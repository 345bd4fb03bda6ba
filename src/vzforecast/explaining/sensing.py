"""``vzforecast.sensitivity``: which priors, and which groups of rows, a forecast hangs on."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.events import evaluate, parse_event
from vzforecast.explaining.sensitivity_blocks import power_tables
from vzforecast.explaining.sensitivity_priors import ruled_by
from vzforecast.explaining.sensitivity_report import Sensitivity
from vzforecast.explaining.sensitivity_tornado import End, fitted_end, tornado_tables, weighted_end
from vzforecast.forecast import Forecast
from vzforecast.forecast.probability import FIGURES
from vzforecast.forecast.tables import scenarios_on
from vzforecast.latent import Array


def sensitivity(
    fc: Forecast,
    event: str | None = None,
    *,
    priors: Iterable[str] | None = None,
    refit: bool = False,
    cache: bool = True,
) -> Sensitivity:
    r"""Show which priors, and which groups of rows, a probability hangs on.

    ``power`` lets each block of priors or rows count a little more or less. ``tornado`` shifts each prior until its
    median stands at its old 5 % or 95 % point. Both weigh the draws; the paths stay, since given the parameters priors
    say nothing more about them.

    Parameters
    ----------
    fc : Forecast
        Any; it stays as it is.
    event : str, optional
        In the event language, or the name of a scenario, which is then asked for on the horizon; every scenario on the
        horizon by default.
    priors : iterable of str, optional
        Ids of the priors to shift, as in ``case.priors``; all of them by default.
    refit : bool, default False
        Fit again where weights cannot be trusted or no draw knows the prior: two fits at most for each such prior,
        seconds each, in the process of the fit. By default those lines are blank.
    cache : bool, default True
        Of the refits, as in ``fit``.

    Returns
    -------
    Sensitivity
        Frozen; ``power``, ``tornado``, ``text``, and ``vzforecast.plot.tornado`` draws it.

    Raises
    ------
    EventError
        The text does not parse.
    PriorError
        The case has no prior of that id.
    InterventionError
        A refit is asked for of a forecast under an intervention.

    Notes
    -----
    A normal or log-normal prior moves and keeps its scale; of a half-normal, and of a normal that must be centred, the
    scale is shifted. Members of a stack count as they do. docs/explaining.md, "Which priors it hangs on".

    References
    ----------
    Kallioinen, Paananen, Bürkner and Vehtari (2024), Detecting and diagnosing prior and likelihood sensitivity with
    power-scaling; Vehtari et al. (2024), Pareto smoothed importance sampling.

    Examples
    --------
    >>> print(sensitivity(fc, "detente"))  # doctest: +SKIP
    >>> sensitivity(fc, priors=["tension.psi"], refit=True).tornado  # doctest: +SKIP
    """
    ids = _checked(fc, priors)
    targets, probabilities, ruled = _targets(fc, event), _probabilities(fc, event), ruled_by(fc.known)

    def end(prior_id: str, quantile: float) -> End:
        found = weighted_end(fc, prior_id, ruled, quantile)
        return fitted_end(fc, prior_id, found, cache=cache) if refit else found

    return Sensitivity(
        targets=tuple(targets),
        probabilities=probabilities,
        power=_joined(power_tables(fc, ruled, targets)),
        tornado=_joined(tornado_tables(fc, ids, end, targets, lambda other: _targets(other, event))),
        case=fc.case.spec.label,
        as_of=fc.as_of,
        seed=int(fc.provenance["seed"]),
        draws=fc.simulated.draws,
        paths=fc.simulated.paths,
        ok=fc.ok,
    )


def _checked(fc: Forecast, priors: Iterable[str] | None) -> list[str]:
    """Return the ids of the priors to shift, each once."""
    declared = fc.case.prior_specs
    if priors is None:
        return list(declared)
    ids = list(dict.fromkeys([priors] if isinstance(priors, str) else priors))
    for prior_id in ids:
        fc.case.with_prior(prior_id, declared.get(prior_id, ""))  # which says what is wrong with an id
    return ids


def _targets(fc: Forecast, event: str | None) -> dict[str, Array]:
    """Return the share of the paths of each draw on which each target happens, dims (sample,)."""
    return {name: fc.weights.shares(happened)[0] for name, happened in _happened(fc, event).items()}


def _happened(fc: Forecast, event: str | None) -> Mapping[str, NDArray[np.bool_]]:
    scenarios = {scenario.id for scenario in fc.case.spec.scenarios}
    if event is not None and event not in scenarios:
        parsed = parse_event(event, fc.vocabulary)
        return {str(parsed): evaluate(parsed, fc.simulated)}
    return {name: holds for name, holds in scenarios_on(fc.case, fc.simulated, fc.horizon) if event in (None, name)}


def _probabilities(fc: Forecast, event: str | None) -> pd.DataFrame:
    """Return the probability of each target, with the warning of a failed fit."""
    scenarios = [scenario.id for scenario in fc.case.spec.scenarios]
    if event is not None and event not in scenarios:
        row = fc.probability(event).row
        return pd.DataFrame([row], index=pd.Index([str(parse_event(event, fc.vocabulary))], name="target"))[FIGURES]
    return fc.scenarios().loc[scenarios if event is None else [event]].rename_axis("target")


def _joined(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the table of the only target, or those of several under each other."""
    if len(tables) == 1:
        (table,) = tables.values()
        return table
    return pd.concat(tables, names=["target"])
