"""A case as texts by name: what a saved forecast carries, and what digests are of."""

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from vzforecast.case.csvfile import read_table, write_table
from vzforecast.case.schema import CaseSpec
from vzforecast.case.tables import TABLES
from vzforecast.errors import CaseError, Fault
from vzforecast.priors import PriorSpec

_DECLARED = "case.json"
_PRIORS = "priors.json"
# The table that the first cases did not have.
_LATER = "schedule"


def write_payload(
    spec: CaseSpec, priors: Mapping[str, PriorSpec], tables: Mapping[str, pd.DataFrame], as_of: dt.date | None
) -> dict[str, str]:
    """Write the parts of a case as texts.

    Parameters
    ----------
    spec : CaseSpec
        Declarations.
    priors : mapping of str to PriorSpec
        Priors by id.
    tables : mapping of str to pandas.DataFrame
        All tables.
    as_of : datetime.date or None
        The day it was cut to.

    Returns
    -------
    dict of str to str
        ``case.json``, ``priors.json`` and one CSV text for each table: the same texts for the same content, however
        its files were formatted. An empty schedule has none.
    """
    # What a case without named events, recurrent outcomes, a schedule, answered couplings or a term left out declares
    # is saved as it was before there were any.
    unused: dict[str, Any] = {} if spec.events else {"events": True}
    if not any(outcome.recurrent for outcome in spec.outcomes):
        unused |= {"outcomes": {"__all__": {"recurrent"}}}
    if spec.scheduled is None:
        unused |= {"scheduled": True}
    if not spec.coupling.ends_with_answer:
        unused |= {"coupling": {"ends_with_answer"}}
    if not spec.variant.without:
        unused |= {"variant": True}
    declared = {"as_of": str(as_of) if as_of else None, "spec": spec.model_dump(mode="json", exclude=unused)}
    by_id = {prior_id: dataclasses.asdict(prior) for prior_id, prior in priors.items()}
    written = {name: schema for name, schema in TABLES.items() if name != _LATER or len(tables[name])}
    texts = {schema.file: write_table(schema, tables[name]) for name, schema in written.items()}
    return {_DECLARED: json.dumps(declared), _PRIORS: json.dumps(by_id), **texts}


def read_payload(
    payload: Mapping[str, str],
) -> tuple[CaseSpec, dict[str, PriorSpec], dict[str, pd.DataFrame], dt.date | None]:
    """Read back what `write_payload` wrote.

    Parameters
    ----------
    payload : mapping of str to str
        The texts.

    Returns
    -------
    tuple
        Declarations, priors, tables, and the day the case was cut to.

    Raises
    ------
    CaseError
        A text is missing or was changed into something else.
    """
    try:
        declared = json.loads(payload[_DECLARED])
        as_of = dt.date.fromisoformat(declared["as_of"]) if declared["as_of"] else None
        spec = CaseSpec.model_validate_json(json.dumps(declared["spec"]))
        priors = {prior_id: _prior(fields) for prior_id, fields in json.loads(payload[_PRIORS]).items()}
        none = {TABLES[_LATER].file: TABLES[_LATER].empty}
        tables = {name: _table(name, {**none, **payload}) for name in TABLES}
    except CaseError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        remedy = "take it from Case.to_payload unchanged"
        raise CaseError([Fault("payload", "texts", "", "not what a case was saved as", remedy)]) from error
    if as_of is not None:  # the rows of a cut case are numbered afresh, not by lines of a file
        tables = {name: table.reset_index(drop=True) for name, table in tables.items()}
    return spec, priors, tables, as_of


def payload_digest(payload: Mapping[str, str]) -> str:
    """Return the digest of a payload; the order of its priors does not count.

    Parameters
    ----------
    payload : mapping of str to str
        The texts.

    Returns
    -------
    str
        SHA-256, in hexadecimal.
    """
    return _digest({**payload, _PRIORS: json.loads(payload[_PRIORS])})


def priors_digest(priors: Mapping[str, PriorSpec]) -> str:
    """Return the digest of the distributions of priors, whatever the reasons given for them.

    Parameters
    ----------
    priors : mapping of str to PriorSpec
        Priors by id.

    Returns
    -------
    str
        SHA-256, in hexadecimal.
    """
    return _digest({prior_id: (prior.distribution, prior.mu, prior.sigma) for prior_id, prior in priors.items()})


def _prior(fields: Mapping[str, object]) -> PriorSpec:
    interval = fields["interval"]
    return PriorSpec(**{**fields, "interval": tuple(interval) if isinstance(interval, list) else None})  # type: ignore[arg-type]


def _table(name: str, payload: Mapping[str, str]) -> pd.DataFrame:
    reading = read_table(TABLES[name], payload[TABLES[name].file])
    if reading.frame is None or reading.faults:
        raise CaseError(reading.faults)
    return reading.frame


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
