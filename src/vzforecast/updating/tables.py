"""The tables of an update report: every item with its confidence and what it is in the model, and the quotes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from vzforecast.case import Case
from vzforecast.case.processes import ActionsProcess, LicencesProcess
from vzforecast.evidence import (
    Action,
    CommitmentResolved,
    Evidence,
    LicenceDecision,
    ScheduledDecision,
    Signal,
)
from vzforecast.forecast.revision import ITEM_COLUMNS, QUOTE_COLUMNS
from vzforecast.history import History
from vzforecast.history.ends import KnownEnds
from vzforecast.history.outcomes import Spell, scheduled_now, spells
from vzforecast.history.reference import Row, action_rows, licence_rows
from vzforecast.history.schedule import Multiplier

NO_ITEMS: Final = pd.DataFrame(columns=ITEM_COLUMNS, index=pd.Index([], name="id", dtype=object), dtype=object)
NO_QUOTES: Final = pd.DataFrame(columns=QUOTE_COLUMNS, index=pd.Index([], name="id", dtype=object), dtype=object)


def item_table(items: Iterable[Evidence], case: Case, history: History) -> pd.DataFrame:
    """Return one line an item.

    Parameters
    ----------
    items : iterable of Evidence
        Everything added since the case was read from files.
    case : Case
        With their rows.
    history : History
        The rows of the model.

    Returns
    -------
    DataFrame
        By ``id``; columns of ``UpdateReport.items``.
    """
    lines = {item.id: _line(item, _enters_as(item, case, history)) for item in items}
    if not lines:
        return NO_ITEMS
    return pd.DataFrame.from_dict(lines, orient="index", columns=ITEM_COLUMNS).rename_axis("id")


def quote_table(quotes: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return one line a market quote, by ``id``; columns of ``UpdateReport.quotes``."""
    if not quotes:
        return NO_QUOTES
    return pd.DataFrame.from_dict(dict(quotes), orient="index", columns=QUOTE_COLUMNS).rename_axis("id")


def _line(item: Evidence, enters_as: str) -> list[str]:
    days = str(item.date), str(item.published)
    return [item.type, *days, item.confidence, enters_as, item.headline or _gist(item), item.source, item.note]


def _gist(item: Evidence) -> str:
    """Say what happened in the fields of the item, where it has no headline."""
    return ", ".join(f"{name} {value}" for name, value in item.given().items() if name not in Evidence.model_fields)


def _enters_as(item: Evidence, case: Case, history: History) -> str:
    """Say what an item is in the model, or why it is nothing there."""
    match item:
        case Signal():
            return _signal(item, history)
        case CommitmentResolved():
            label = f"commitment {item.commitment}"
            return "promise" if (history.rows["row"] == label).any() else _OWN_HISTORY
        case LicenceDecision() | Action():
            return "reference row" if _is_read(item, case) else _OWN_HISTORY
        case ScheduledDecision():
            return _day_ahead(item, case, history)
    return _NAMES[item.type]


_NAMES: Final = {
    "transition": "transition",
    "appointment": "standing of the factions",
    "departure": "standing of the factions",
    "likelihood_judgement": "likelihood ratio of paths",
    "probability_judgement": "stated probability of paths",
    "market_quote": "pooled probability of paths",
}
_OWN_HISTORY: Final = "nothing: no reference row reads it; if an outcome changed state, add a transition"


def _signal(item: Signal, history: History) -> str:
    parts = [
        name for name, table in (("signal", history.signals), ("lean", history.leans)) if item.id in set(table["id"])
    ]
    if parts:
        return " and ".join(parts)
    return "nothing: its episode counts once, by another item" if item.episode else "nothing: it favours no faction"


def _day_ahead(item: ScheduledDecision, case: Case, history: History) -> str:
    """Say what a day ahead bears on: rows since it was published, paths until it comes."""
    if case.spec.scheduled is None or case.spec.scheduled.kinds[item.kind] == "none":
        return "nothing: its kind moves no rate"
    table = case.tables["schedule"]
    own = (table["outcome"] == item.outcome) & (table["kind"] == item.kind) & (table["date"] == pd.Timestamp(item.due))
    without = replace(case, tables={**case.tables, "schedule": table.loc[~own]})
    ends, others = (KnownEnds.of(one, history.schedule) for one in (case, without))
    if ends == others:
        return "nothing: no time was left when it was published"
    if _as_scheduled(case, history, ends) == _as_scheduled(case, history, others):
        return f"nothing: {item.outcome} is not in the state that it ends; if it changed state, add a transition"
    return "day ahead"


def _as_scheduled(case: Case, history: History, ends: KnownEnds) -> tuple[list[Spell], list[Multiplier]]:
    """Return what known ends bear on: the rows of the outcomes, and the rates of their paths."""
    rows = spells(case, history.as_of, history.periods, ends)
    return list(rows), list(scheduled_now(case, history.as_of, ends))


def _is_read(item: LicenceDecision | Action, case: Case) -> bool:
    """Tell whether any reference row would be another without an item."""
    name = "licences" if isinstance(item, LicenceDecision) else "actions"
    table = case.tables[name]
    if isinstance(item, LicenceDecision):
        own = (table["licence"] == item.licence) & (table["version"] == (item.version or item.id))
    else:
        own = (table["direction"] == item.direction) & (table["kind"] == item.kind)
        own &= table["severity"] == item.severity
        if item.instrument:
            own &= table["instrument"] == item.instrument
    own &= table[_DATE_OF[name]] == pd.Timestamp(item.date)
    without = replace(case, tables={**case.tables, name: table.loc[~own]})
    return _rows_from(name, case) != _rows_from(name, without)


_DATE_OF: Final = {"licences": "issued", "actions": "date"}


def _rows_from(table: str, case: Case) -> list[Row]:
    """Return the reference rows of the processes that read a table, as of the horizon.

    A licence term that begins today is no row yet, and one renewed today the same row as before, but not tomorrow.
    """
    found: list[Row] = []
    for name, declared in case.spec.processes.items():
        if table == "licences" and isinstance(declared, LicencesProcess):
            found += licence_rows(case, name, case.spec.horizon)
        if table == "actions" and isinstance(declared, ActionsProcess):
            found += action_rows(case, name, declared, case.spec.horizon)
    return found
