"""Leave each row out of a fit by weighting its draws; where that fails, fit again without it."""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from vzforecast import names
from vzforecast.checking.left_out import KIND, LABEL, LeaveOneOut, summed
from vzforecast.errors import CheckError
from vzforecast.forecast import Forecast
from vzforecast.forecast.ess import effective_sample_size
from vzforecast.history import History
from vzforecast.latent import Array
from vzforecast.likelihood import log_likelihood
from vzforecast.reweight.psis import khat_limit, smoothed


def loo(fc: Forecast, *, exact: bool = False) -> LeaveOneOut:
    r"""Predict every observed row without itself, by weighting the draws of the fit.

    Leaving row i out multiplies the weight of a draw by :math:`1 / p(y_i | \theta)`; the largest weights are smoothed
    (PSIS), and the shape of their tail, k-hat, says whether the answer can be trusted.

    Parameters
    ----------
    fc : Forecast
        Any; the weights of an updated forecast are respected.
    exact : bool, default False
        Fit the model again without each row whose k-hat is too large (seconds each, after compiling once): its elpd is
        then exact up to Monte Carlo error, and it is no longer flagged unless that fit failed its diagnostics. Its
        k-hat stays as it was.

    Returns
    -------
    LeaveOneOut
        By row, with totals; name the influential rows by ``influential``.

    Raises
    ------
    CheckError
        If partial promises count half in the forecast, or it averages variants: its draws belong to different rows. If
        ``exact`` is asked of a forecast with judgements or quotes, which no fit of rows knows of.

    Notes
    -----
    A row is left out by itself: its neighbours in the same latent month, or of the same agreement, stay. What this
    measures is how well a further row like those would be predicted, not how well the next month would be.

    References
    ----------
    Vehtari, Gelman and Gabry (2017), Practical Bayesian model evaluation using leave-one-out cross-validation and WAIC.
    Vehtari, Simpson, Gelman, Yao and Gabry (2024), Pareto smoothed importance sampling.

    Examples
    --------
    >>> print(loo(load_forecast("fc.nc")))  # doctest: +SKIP
    """
    checked_reading(fc)
    if exact and fc.weights.path is not None:
        raise CheckError(
            "a fit without a row would not know the judgements or market quotes of this forecast; "
            "ask exact=True of the forecast before they were added"
        )
    pointwise = log_likelihood(fc.draws, fc.design)
    rows = np.concatenate(list(pointwise.values()), axis=1)
    figures, limit = leave_each_out(rows, fc.chains, fc.weights.of_draws), khat_limit(len(rows))
    flagged = ~(figures["khat"] < limit)
    refitted = flagged & exact
    if refitted.any():
        from vzforecast.checking.exact import exact_elpd  # noqa: PLC0415 (needs PyMC)

        elpd, sound = exact_elpd(fc, np.flatnonzero(refitted))
        figures["p_loo"][refitted] += figures["elpd"][refitted] - elpd
        figures["elpd"][refitted] = elpd
        flagged[refitted] = ~sound
    table = _labelled(fc.history).assign(**figures, flagged=flagged, refitted=refitted)
    total = summed(table["elpd"], "elpd", p_loo=table["p_loo"], flagged=table["flagged"])
    return LeaveOneOut(f"{fc.case.spec.label} as of {fc.as_of}", table, total, limit)


def leave_each_out(rows: Array, chains: int, weights: Array | None = None) -> dict[str, Array]:
    """Leave each row out by weighting draws.

    Parameters
    ----------
    rows : ndarray, dims (sample, row)
        Pointwise log likelihood, chain after chain.
    chains : int
        Chains among the samples.
    weights : ndarray, dims (sample,), optional
        Of the draws, if not all count alike.

    Returns
    -------
    dict
        ``elpd``, ``p_loo`` and ``khat``, dims (row,).
    """
    base = np.zeros(len(rows)) if weights is None else np.log(np.where(weights > 0.0, weights, np.finfo(float).tiny))
    found = np.empty((3, rows.shape[1]))
    for place, row in enumerate(rows.T):
        # What a draw gains when the row leaves; gains that differ by rounding alone have no tail to speak of.
        ratio = np.round(base - row, 12)
        relative = min(1.0, effective_sample_size(np.exp(ratio - ratio.max()).reshape(chains, -1)) / len(ratio))
        without = smoothed(ratio, relative)
        elpd = _log_mean(row, without.weights)
        found[:, place] = elpd, _log_mean(row, np.exp(base - base.max())) - elpd, without.khat
    return dict(zip(("elpd", "p_loo", "khat"), found, strict=True))


def checked_reading(fc: Forecast) -> None:
    """Refuse a forecast whose draws are pooled from fits to different rows.

    Raises
    ------
    CheckError
        If they come from two readings of partial promises, or from several variants of the case.
    """
    if fc.averaged is not None:
        raise CheckError(
            f"the draws of this forecast come from several variants of the case ({', '.join(fc.averaged.members)}), "
            "whose rows may differ; check each by itself: fit(case.without(...))"
        )
    if fc.readings > 1:
        raise CheckError(
            "the draws of this forecast come from two readings of partial promises (commitments = half), and no row "
            "belongs to both; fit case.with_partial('as_broken') or case.with_partial('as_kept') and check that"
        )


def _log_mean(values: Array, weights: Array) -> float:
    """Return the log of the weighted mean of exponentials."""
    top = values.max()
    return float(top + np.log(weights @ np.exp(values - top) / weights.sum()))


def _labelled(history: History) -> pd.DataFrame:
    """Return what was observed on every row, and its exposure, by kind and label in the order of the variables."""
    leans = history.leans
    own = {
        names.FAVOURED: (history.signals["id"], history.signals["faction"]),
        names.LEAN: (leans["id"] + " on " + leans["outcome"], leans["lean"]),
        names.EVENTS: (history.rows["row"], history.rows["events"].astype(int)),
    }
    pairs = [(kind, label) for kind, (labels, _) in own.items() for label in _distinct(labels)]
    index = pd.MultiIndex.from_tuples(pairs, names=[KIND, LABEL])
    observed = pd.Series([value for _, values in own.values() for value in values], index=index, dtype=object)
    news = [np.nan] * (len(history.signals) + len(leans))
    return pd.DataFrame({"observed": observed, "exposure": [*news, *history.rows["exposure"]]})


def _distinct(labels: Iterable[str]) -> Iterator[str]:
    """Yield labels, numbered from their second appearance on (a published count may have several rows)."""
    seen: Counter[str] = Counter()
    for label in labels:
        seen[label] += 1
        yield label if seen[label] == 1 else f"{label} ({seen[label]})"
