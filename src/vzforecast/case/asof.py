"""The one place where a case is cut to what was known on a day.

A row stays if its deciding date is not later than the day; of a row half known, the fields learnt later become blank.
Nothing later than the day passes, so whatever reads the tables of a cut case cannot see the future.
"""

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from vzforecast.case.schema import CaseSpec
from vzforecast.errors import DateError
from vzforecast.inputs.frozen import Tables

# The date that decides when a row was known, where one column alone does.
_DECIDING: Mapping[str, str] = {
    "actors": "from",
    "licences": "issued",
    "actions": "date",
    "news": "published",
    "transitions": "published",
    "questions": "opened",
    "markets": "date",
    "schedule": "published",
    "counts": "published",
}


def cut_tables(tables: Mapping[str, pd.DataFrame], as_of: dt.date) -> Tables:
    """Return the tables as they were known at the end of a day.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        All tables of a case.
    as_of : datetime.date
        The day; it is included.

    Returns
    -------
    Tables
        Rows known by then, numbered from 0, with fields learnt later blank.
    """
    day = pd.Timestamp(as_of)
    cut = {name: tables[name].loc[tables[name][column] <= day] for name, column in _DECIDING.items()}
    cut["agreements"] = _known_agreements(tables["agreements"], day)
    of_known = tables["commitments"]["agreement_id"].isin(cut["agreements"]["agreement_id"])
    cut["commitments"] = tables["commitments"].loc[of_known]
    flights = tables["flights"]
    cut["flights"] = flights.loc[flights["month"] + pd.offsets.MonthEnd(0) <= day]
    for name, half_known in (
        ("actors", _actors),
        ("commitments", _commitments),
        ("questions", _questions),
        ("markets", _markets),
    ):
        cut[name] = half_known(cut[name].copy(), day)
    return Tables({name: cut[name].reset_index(drop=True) for name in tables})


def record_end(tables: Mapping[str, pd.DataFrame]) -> dt.date:
    """Return the newest day on which a row of the tables, or its resolution, became known.

    Days ahead that a row names (horizons, expiries, dues) do not count, and monthly totals tell of no day.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        All tables of a case.

    Returns
    -------
    datetime.date
        The last day of which the tables tell; what they leave out before it did not happen, as far as they know.
    """
    columns = [*_DECIDING.items(), ("questions", "resolved_on"), ("commitments", "resolved_on")]
    newest = max(tables[name][column].max() for name, column in columns if tables[name][column].notna().any())
    return pd.Timestamp(newest).date()


def check_as_of(spec: CaseSpec, as_of: dt.date, already: dt.date | None) -> None:
    """Refuse a day on which the case cannot be asked.

    Parameters
    ----------
    spec : CaseSpec
        Its origin, horizon and outcomes bound the day.
    as_of : datetime.date
        The day.
    already : datetime.date or None
        The day to which the case was cut before, after which it knows nothing.

    Raises
    ------
    DateError
        Before the origin, after the horizon, before an outcome's start, or after an earlier cut.
    """
    span = f"choose a day from {spec.origin} to {spec.horizon}"
    if as_of < spec.origin:
        raise DateError(f"as-of date {as_of} is before the origin of the case, {spec.origin}; {span}")
    if as_of > spec.horizon:
        raise DateError(f"as-of date {as_of} is after the horizon of the case, {spec.horizon}; {span}")
    last = max(spec.outcomes, key=lambda outcome: outcome.start)
    if as_of < last.start:
        span = f"choose a day from {last.start} to {spec.horizon}"
        raise DateError(f"as-of date {as_of} is before the start of the outcome {last.id}, {last.start}; {span}")
    if already is not None and as_of > already:
        problem = f"the case was cut to {already} and knows nothing after it"
        raise DateError(f"as-of date {as_of} cannot be asked: {problem}; cut the whole case instead")


def _known_agreements(agreements: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Keep agreements in the open by the day: one kept secret is known from its publication, not its signature."""
    return agreements.loc[agreements["published"].fillna(agreements["signed"]) <= day]


def _actors(actors: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return _blank(actors, actors["to"] > day, "to")


def _commitments(commitments: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Reopen what was resolved later, or was not to be judged only because of a breach later than the day."""
    undated = commitments["resolved_on"].isna()
    later = (commitments["resolved_on"] > day) | (undated & (commitments["first_breach"] > day))
    return _blank(commitments, later, "result", "resolved_on", "first_breach", "days_to_breach", "note")


def _questions(questions: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Reopen questions; how sure the resolution is, and why, is known with the resolution only."""
    still_open = questions["resolved_on"] > day
    return _blank(questions, still_open, "resolution", "resolved_on", "source", "confidence", "note")


def _markets(markets: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return _blank(markets, markets["horizon"] > day, "resolution")


def _blank(table: pd.DataFrame, rows: pd.Series, *columns: str) -> pd.DataFrame:
    for column in columns:
        is_text = pd.api.types.is_string_dtype(table[column])
        table[column] = table[column].mask(rows, "" if is_text else None)
    return table
