"""Small cases by hand: the skeleton and the embedded case, with some of their tables or declarations replaced."""

import dataclasses
import re
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from vzforecast.case import Case, load_case, new_case
from vzforecast.case.csvfile import read_table
from vzforecast.case.dates import DateLike
from vzforecast.case.tables import TABLES
from vzforecast.history import Design, build_history, encode


@cache
def embedded() -> Case:
    """Return the embedded case."""
    return load_case()


@cache
def skeleton() -> Case:
    """Return the case that ``new_case`` writes."""
    return edited_skeleton({})


def edited_skeleton(edits: Mapping[str, list[tuple[str, str]]]) -> Case:
    """Return the skeleton after replacing patterns (regular expressions, by file), read anew with all its checks."""
    with tempfile.TemporaryDirectory() as folder:
        written = new_case(Path(folder) / "case")
        for file, replacements in edits.items():
            text = (written / file).read_text(encoding="utf-8")
            for pattern, new in replacements:
                text, count = re.subn(pattern, new, text, flags=re.MULTILINE)
                assert count, f"{pattern!r} is not in {file}"
            (written / file).write_text(text, encoding="utf-8")
        case = load_case(written)
        shutil.rmtree(written)
    return dataclasses.replace(case, folder=None)


def table(name: str, *rows: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table of the given cells; those not named are blank, or harmless where they may not be."""
    schema = TABLES[name]
    frame = pd.DataFrame(
        [{header: row.get(header, HARMLESS.get(header, "")) for header in schema.headers} for row in rows]
    )
    frame = frame.reindex(columns=list(schema.headers)).fillna("")
    reading = read_table(schema, frame.to_csv(index=False))
    assert reading.frame is not None
    assert not reading.faults, reading.faults
    return reading.frame


HARMLESS = {
    "confidence": "high",
    "source": "https://example.org/row",
    "role": "r",
    "office": 50,
    "proximity": 50,
    "salience": 50,
    "name": "n",
    "description": "d",
    "form_reason": "why",
    "regime_threat": 1,
    "verifiable": 1,
    "relief_at_stake": "minor",
    "self_renewing": 0,
    "sectoral": 1,
    "severity": 2,
    "kind": "statement",
    "strength": 2,
    "is_decision": 0,
    "direction": "pressure",
    "headline": "h",
    "coding_reason": "c",
    "unit": "months",
}


def with_tables(case: Case, **tables: pd.DataFrame) -> Case:
    """Return a case with other tables, unchecked."""
    return dataclasses.replace(case, tables={**case.tables, **tables})


def with_spec(case: Case, **changes: Any) -> Case:
    """Return a case with other declarations, unchecked; a mapping changes the keys of a part."""
    update = {
        key: getattr(case.spec, key).model_copy(update=change) if isinstance(change, Mapping) else change
        for key, change in changes.items()
    }
    return dataclasses.replace(case, spec=case.spec.model_copy(update=update))


def design_of(case: Case, as_of: DateLike) -> Design:
    """Return the arrays that a fit of the case on a day would use."""
    known = case.known_on(as_of)
    return encode(build_history(known), known.prior_specs, half_life=known.spec.tension.half_life_months)
