"""``vz.stack``: variants of a case fitted apart and pooled by how well each foresaw the months that are known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from vzforecast import names
from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.convergence import ConvergenceReport
from vzforecast.fitting import fit_known
from vzforecast.forecast import Forecast
from vzforecast.forecast.averaged import Averaged, score_table
from vzforecast.forecast.posterior import places as places_of
from vzforecast.history import Known, Places
from vzforecast.inputs.dates import DateLike
from vzforecast.paths import Paths
from vzforecast.settings import SamplerSettings, checked_seed
from vzforecast.stacking.members import MEMBERS, Members, checked_members
from vzforecast.stacking.months import log_score, months_of, rows_to_predict
from vzforecast.stacking.weights import stacking_weights

# Of the fits of past months, of which a mean is all that is asked: half the draws of a forecast, about what the
# verdict on a fit needs to pass, and hardly any path.
LIGHT: Final = SamplerSettings(draws=750, tune=500, chains=4, paths=2)


def stack(
    case: Case,
    as_of: DateLike | None = None,
    settings: SamplerSettings | None = None,
    seed: int = 1,
    members: Mapping[str, Iterable[str]] | None = None,
    *,
    cache: bool = True,
    progress: bool | None = None,
) -> Forecast:
    r"""Fit several variants of a case and average them: a linear pool of their paths.

    Weights are those of Bayesian stacking: they maximise
    :math:`\sum_t \log \sum_m w_m e^{l_{m,t}} + \sum_m \log w_m`, where :math:`l_{m,t}` is the log probability (nats)
    that member m, fitted on what was published before the calendar month t, gave to the rows of all outcomes in it. A
    Dirichlet(2) prior holds few months close to equal weights. Months before the first day on which the case can be
    asked have no score.

    Parameters
    ----------
    case : Case
        What is asked and known; what it leaves out itself, every member leaves out.
    as_of : date-like, optional
        Forecast origin; the case's default by default.
    settings : SamplerSettings, optional
        Of each member's fit. Those of past months have 750 draws on 4 chains, as their score is a mean.
    seed : int, default 1
        The same seed gives the same forecast.
    members : mapping of str to iterable of str, optional
        Terms that each member leaves out, by its name, as in ``Case.without`` but for the schedule. By default
        ``reference class only`` (coupling, influence and tone), ``no coupling``, ``no influence`` and ``full``.
    cache : bool, default True
        Look for each fit on disk first, and keep it there.
    progress : bool, optional
        Show progress; by default only on a terminal or in a notebook.

    Returns
    -------
    Forecast
        Of the case, with the draws and paths of all members; ``averaged`` has their weights and scores. Every
        probability is the weighted mean of the members'. It passed its diagnostics if every member did.

    Raises
    ------
    DateError
        As in ``fit``.
    SettingsError
        The seed is out of range, or the members are not such as can be pooled.
    CaseError
        A member leaves out what is no term of the model.

    References
    ----------
    Yao, Vehtari, Simpson and Gelman (2018), Using stacking to average Bayesian predictive distributions.

    Examples
    --------
    >>> fc = stack(load_case(), as_of="2025-02-05")  # doctest: +SKIP
    >>> fc.averaged.table  # doctest: +SKIP
    """
    chosen = checked_members(given_case(case, "stack"), members)
    settings, seed = settings or SamplerSettings(), checked_seed(seed)
    known = case.known_when_asked(as_of)
    return stack_known(known, settings, seed, chosen, cache=cache, progress=progress)


def stack_known(
    known: Case,
    settings: SamplerSettings,
    seed: int,
    members: Members = MEMBERS,
    *,
    places: Places | None = None,
    cores: int | None = None,
    cache: bool = True,
    progress: bool | None = None,
) -> Forecast:
    """Fit and average variants of a case that is cut to a day.

    Parameters
    ----------
    known : Case
        Cut to the as-of date.
    settings : SamplerSettings
        Of each member.
    seed : int
        Of each member.
    members : mapping of str to tuple of str
        Terms that each leaves out; those of ``stack`` by default.
    places : Places, optional
        As in ``fit_known``.
    cores : int, optional
        As in ``fit_known``.
    cache : bool, default True
        As in ``fit``.
    progress : bool, optional
        As in ``fit``.

    Returns
    -------
    Forecast
        As from ``stack``.
    """
    own: dict[str, Any] = {"cores": cores, "cache": cache, "progress": progress}
    fits = {
        name: fit_known(known.without(*terms), settings, seed, places=places, **own) for name, terms in members.items()
    }
    light = replace(LIGHT, density=settings.density)
    scores = score_table(pd.DataFrame(_scores(known, (light, seed), members, own)))
    by_month = scores["score"].to_numpy(float).reshape(-1, len(members))  # each month has a line for every member
    return pooled(known, fits, Averaged(members, stacking_weights(by_month), scores))


def _scores(
    known: Case, how: tuple[SamplerSettings, int], members: Members, own: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield what each member gave each past month, fitted on its eve.

    Fits of later months take the places of earlier ones as far as they suffice: nothing is compiled again, and the fit
    of a month, once kept on disk, serves every later as-of date.
    """
    settings, seed = how
    room: Places | None = None
    for month in months_of(known, known.as_of or known.spec.default_as_of):
        eve = known.known_on(month.before)
        room = Known(eve, room).room
        fits = {
            name: fit_known(eve.without(*terms), settings, seed, places=room, **own) for name, terms in members.items()
        }
        room = places_of(next(iter(fits.values())).posterior)
        rows = rows_to_predict(known, month, room)
        events = rows.data["row_events"].astype(int)
        if events.size:  # none if no day of the month has passed
            counts = {"month": str(month.first), "rows": events.size, "events": int(events.sum())}
            for name, fitted in fits.items():
                score, error = log_score(fitted, rows, month, seed)
                yield {**counts, "member": name, "score": score, "mcse": error, "ok": fitted.ok}


def pooled(known: Case, fits: Mapping[str, Forecast], averaged: Averaged) -> Forecast:
    """Return fits of variants as one forecast: their draws and paths one after the other, with weights.

    Parameters
    ----------
    known : Case
        The case of which they are variants, cut to their as-of date.
    fits : mapping of str to Forecast
        By member, in the order of ``averaged``, equal in draws, paths and labels.
    averaged : Averaged
        Members, weights and scores.

    Returns
    -------
    Forecast
        Of the case.
    """
    parts = list(fits.values())
    groups = (names.POSTERIOR, names.SAMPLE_STATS)
    joined = {g: xr.concat([part.posterior[g].to_dataset() for part in parts], names.CHAIN) for g in groups}
    chains = {names.CHAIN: np.arange(sum(part.chains for part in parts))}
    tree = xr.DataTree.from_dict({group: dataset.assign_coords(chains) for group, dataset in joined.items()})
    report = reduce(ConvergenceReport.worst_with, (part.diagnostics for part in parts))
    paths = Paths.side_by_side([part.simulated for part in parts])
    return Forecast(known, tree, paths, report, _provenance(known, fits, averaged), averaged=averaged)


def _provenance(known: Case, fits: Mapping[str, Forecast], averaged: Averaged) -> dict[str, Any]:
    """Say what is common to all members, and by which keys their own fits are cached."""
    provenances = {name: dict(fitted.provenance) for name, fitted in fits.items()}
    first = next(iter(provenances.values()))
    stages = dict.fromkeys(stage for one in provenances.values() for stage in one["seconds"])
    seconds = {s: round(sum(one["seconds"].get(s, 0.0) for one in provenances.values()), 3) for s in stages}
    return {
        **first,
        "case_digest": known.digest,
        "without": list(known.spec.variant.without),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": seconds,
        "cache_key": {name: one["cache_key"] for name, one in provenances.items()},
        "from_cache": all(one.get("from_cache", False) for one in provenances.values()),
        "weights": dict(zip(fits, averaged.weights.tolist(), strict=True)),
    }
