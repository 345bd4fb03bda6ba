"""The next item of news and its alternatives: the probability of each, draw by draw.

An item that favours a faction stands against the same item in favour of each other faction, one that leans an outcome
against the other leans, and one that does both against all pairs. The density is that of the model, so the
probabilities of the alternatives sum to one in every draw.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from vzforecast.case import Case
from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence import Signal
from vzforecast.explaining.questions import has_faction
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import places
from vzforecast.history import Design, Known, NoPlaceError
from vzforecast.latent import Array
from vzforecast.latent_states import States
from vzforecast.likelihood import favoured_log_likelihood, lean_log_likelihood
from vzforecast.names import LEANS
from vzforecast.reweight.difference import with_rows


def alternatives(fc: Forecast, item: Signal) -> dict[str, Signal]:
    """Return an item and what it might say instead, by what distinguishes them.

    Parameters
    ----------
    fc : Forecast
        On whose as-of date they are taken to come.
    item : Signal
        With a faction, a lean, or both.

    Returns
    -------
    dict of str to Signal
        In the order of the factions and of the leans; none belongs to an episode.
    """
    factions = fc.history.factions if has_faction(item) else (item.faction,)
    leans = LEANS if item.lean else (None,)
    now = {"date": fc.as_of, "published": fc.as_of, "episode": None}
    found = {}
    for faction, lean in product(factions, leans):
        answer = ", ".join(word for word in (faction if has_faction(item) else None, lean) if word)
        other = {"id": f"{item.id}: {answer}", "faction": faction, "lean": lean}
        found[answer] = item.model_copy(update=now | other)
    return found


def answer_probabilities(fc: Forecast, items: Sequence[Signal]) -> list[tuple[tuple[str, ...], Array]]:
    """Return the answers that each item of news may give, and the probability of each in every draw.

    Parameters
    ----------
    fc : Forecast
        Any.
    items : sequence of Signal
        Dated in the month of the as-of date.

    Returns
    -------
    list of (tuple of str, ndarray), dims (sample, answer)
        For each item; probabilities sum to one in each draw.

    Raises
    ------
    EvidenceError
        An item is dated in another month, contradicts the case, or carries no signal.
    """
    if not items:
        return []
    _check(fc, items)
    numbered = [item.model_copy(update={"id": f"candidate {number}"}) for number, item in enumerate(items)]
    asked = [alternatives(fc, item) for item in numbered]
    design, history = _rows(fc, [one for several in asked for one in several.values()])
    states = States.of(fc.draws, design)
    ids = {one.id for several in asked for one in several.values()}
    parts = [_by_id(fc, design, prefix, table, states, ids) for prefix, table in history.items()]
    zero = np.zeros(len(fc.draws["tau"]))
    found = []
    for several in asked:
        columns = [sum((part.get(one.id, zero) for part in parts), zero) for one in several.values()]
        found.append((tuple(several), np.exp(np.stack(columns, axis=1))))
    return found


def _check(fc: Forecast, items: Sequence[Signal]) -> None:
    """Refuse what says nothing, what lies in another month, and what the case would not take."""
    faults = []
    for item in items:
        if (item.date.year, item.date.month) != (fc.as_of.year, fc.as_of.month):
            remedy = f"date it {fc.as_of}: what it is worth is what it would say now"
            problem = "not in the month of the as-of date, for which influence and tone are known"
            faults.append(Fault(str(item), "date", str(item.date), problem, remedy))
        if not has_faction(item) and item.lean is None:
            remedy = f"give one of {', '.join(fc.history.factions)}, or an outcome and a lean"
            faults.append(
                Fault(str(item), "faction", str(item.faction), "favours no faction and leans nothing", remedy)
            )
    if faults:
        raise EvidenceError(faults)
    now = {"date": fc.as_of, "published": fc.as_of}
    distinct = {item.id: item.model_copy(update=now) for item in items}
    fc.case.with_evidence(distinct.values(), as_of=fc.as_of)


def _rows(fc: Forecast, items: Sequence[Signal]) -> tuple[Design, Mapping[str, pd.DataFrame]]:
    """Return the arrays of the case with these items, for the draws of the forecast, and the tables of news rows."""
    case: Case = fc.case.with_evidence(items, as_of=fc.as_of)
    known = Known(case, places(fc.posterior))
    try:
        history = known.history
    except NoPlaceError as error:
        kinds = ", ".join(kind for kind in fc.history.signal_kinds if not kind.startswith("spare "))
        raise EvidenceError(
            [Fault("candidates", "kind", "", str(error), f"use a kind the fit knows: {kinds}")]
        ) from None
    return known.design, {"signal": history.signals, "lean": history.leans}


def _by_id(
    fc: Forecast, design: Design, prefix: str, table: pd.DataFrame, states: States, ids: Collection[str]
) -> dict[str, Array]:
    """Return the log likelihood of the rows of some items in one observed variable, by item."""
    ours = table["id"].isin(ids).to_numpy(bool)
    if not ours.any():
        return {}
    density = favoured_log_likelihood if prefix == "signal" else lean_log_likelihood
    rows = density(fc.draws, with_rows(design, {prefix: ours}), states)
    return dict(zip(table.loc[ours, "id"], rows.T, strict=True))
