"""``vzforecast.by_record``: what a forecast owes to how promises were kept before."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast.case.processes import CommitmentsProcess
from vzforecast.events import parse_event
from vzforecast.explaining.blocks import blocks_of
from vzforecast.explaining.record_report import AGREEMENT_COLUMNS, RATE_COLUMNS, ByRecord
from vzforecast.explaining.removing import Asked
from vzforecast.forecast import FirstPassage, Forecast

_AGREEMENT: Final = "agreement"


def by_record(fc: Forecast, event: str, *, refit: bool = False, cache: bool = True) -> ByRecord:
    r"""Show how an event hangs on the record of promises kept and broken.

    Parameters
    ----------
    fc : Forecast
        Any; it stays as it is.
    event : str
        In the event language.
    refit : bool, default False
        Fit again without each agreement that weights cannot take out: seconds each, in the process of the fit. By
        default such a line is blank.
    cache : bool, default True
        Of the refits, as in ``fit``.

    Returns
    -------
    ByRecord
        ``rates``, raw, of the class as a whole, and partially pooled; ``first_breach`` of each deal that outcomes
        stand for; ``agreements``, a line an agreement; ``text``.

    Raises
    ------
    EventError
        The text does not parse.
    InterventionError
        A refit is asked for of a forecast under an intervention.

    Notes
    -----
    An agreement is left out with all its rows of the record; the histories of the outcomes stay. The paths stay, too:
    given the parameters the record says nothing more about them. docs/explaining.md, "By defection record".

    References
    ----------
    Gelman and Hill (2007), Data Analysis Using Regression and Multilevel Models, section 12.2 (complete and partial
    pooling).

    Examples
    --------
    >>> print(by_record(fc, "held(deportation_flights = halted, days = 14) by 2025-06-30"))  # doctest: +SKIP
    """
    parsed = parse_event(event, fc.vocabulary)
    return ByRecord(
        event=str(parsed),
        as_of=fc.as_of,
        probability=fc.probability(event),
        rates=_rates(fc),
        first_breach=_first_breaches(fc),
        agreements=_agreements(Asked(blocks_of(fc), parsed), refit=refit, cache=cache),
    )


def _rates(fc: Forecast) -> pd.DataFrame:
    """Return the record of each level beside that of its whole class."""
    table = fc.defection()
    processes = [str(grouping).rpartition(".")[0] for grouping in table.index.get_level_values(0)]
    whole = [table["raw"].get((f"{process}.all", "all"), np.nan) for process in processes]
    return table.assign(complete=whole)[RATE_COLUMNS]


def _first_breaches(fc: Forecast) -> dict[str, FirstPassage]:
    """Return when the first promise of each deal is broken: the first of the outcomes that stand for them."""
    parts: dict[str, list[str]] = {}
    for outcome in fc.case.spec.outcomes:
        deal = outcome.onset.members.get(_AGREEMENT)
        if deal and isinstance(fc.case.spec.processes[outcome.onset.process], CommitmentsProcess):
            parts.setdefault(deal, []).append(f"ever({outcome.id} = {outcome.active})")
    return {deal: fc.time_to(" or ".join(broken)) for deal, broken in parts.items()}


def _agreements(asked: Asked, *, refit: bool, cache: bool) -> pd.DataFrame:
    """Return what each agreement's rows of the record add to the event; blank where neither weights nor a refit say."""
    fc = asked.fc
    rows, lines = fc.history.rows[fc.history.rows["outcome"] == ""], dict[str, Mapping[str, Any]]()
    for agreement, block in asked.blocks.agreements.items():
        own = [agreement in {name.partition(":")[2] for name in members} for members in rows["members"]]
        counts = {"n": block.n, "broken": float(rows.loc[own, "events"].sum())}
        lines[agreement] = {**counts, **asked.without(block, refit=refit, cache=cache)}
    index = pd.Index(list(lines), name=_AGREEMENT)
    table = pd.DataFrame(list(lines.values()), index=index, columns=AGREEMENT_COLUMNS)
    return table.sort_values("points", key=abs, ascending=False, kind="stable")
