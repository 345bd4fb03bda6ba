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
from pydantic import BaseModel

from vzforecast.case import Case, load_case, new_case
from vzforecast.case.csvfile import read_table
from vzforecast.case.tables import TABLES
from vzforecast.history import Design, build_history, encode
from vzforecast.inputs.dates import DateLike


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
    required = {column.name for column in schema.columns if column.kind == "text" and not column.blank}
    harmless = {header: HARMLESS.get(header, "x" if header in required else "") for header in schema.headers}
    frame = pd.DataFrame([harmless | row for row in rows], columns=list(schema.headers))
    reading = read_table(schema, frame.to_csv(index=False))
    assert reading.frame is not None
    assert not reading.faults, reading.faults
    return reading.frame


HARMLESS: Mapping[str, Any] = {
    "confidence": "high",
    "source": "https://example.org/row",
    **dict.fromkeys(("office", "proximity", "salience"), 50),
    **dict.fromkeys(("regime_threat", "verifiable", "sectoral"), 1),
    **dict.fromkeys(("strength", "severity"), 2),
    **dict.fromkeys(("is_decision", "self_renewing"), 0),
    "kind": "statement",
    "relief_at_stake": "minor",
    "direction": "pressure",
    "unit": "months",
}


def with_tables(case: Case, **tables: pd.DataFrame) -> Case:
    """Return a case with other tables, unchecked."""
    return dataclasses.replace(case, tables={**case.tables, **tables})


def with_spec(case: Case, **changes: Any) -> Case:
    """Return a case with other declarations, unchecked; a mapping changes the keys of a part."""
    for key, change in changes.items():
        part = getattr(case.spec, key)
        changes[key] = part.model_copy(update=change) if isinstance(part, BaseModel) else change
    return dataclasses.replace(case, spec=case.spec.model_copy(update=changes))


def design_of(case: Case, as_of: DateLike) -> Design:
    """Return the arrays that a fit of the case on a day would use."""
    known = case.known_on(as_of)
    return encode(build_history(known), known.prior_specs, half_life=known.spec.tension.half_life_months)


def without_couplings() -> Case:
    """Return the skeleton with outcomes that leave each other alone."""
    return edited_skeleton(_NO_COUPLINGS)


def without_covariates() -> Case:
    """Return the skeleton with promises that differ by kind and agreement only."""
    return edited_skeleton(_NO_COVARIATES)


def without_groupings() -> Case:
    """Return the skeleton with no partial pooling at all, and no place kept for any."""
    return edited_skeleton(_NO_GROUPINGS)


def smallest() -> Case:
    """Return the skeleton with none of these, and before any news."""
    parts = (_NO_COUPLINGS, _NO_COVARIATES, _NO_GROUPINGS)
    edits = {file: [one for part in parts for one in part.get(file, ())] for file in ("case.toml", "priors.toml")}
    return with_tables(edited_skeleton(edits), news=table("news"))


_NO_COUPLINGS: Mapping[str, list[tuple[str, str]]] = {"priors.toml": [(r"\[coupling[^[]*", "")]}
_NO_COVARIATES: Mapping[str, list[tuple[str, str]]] = {
    "case.toml": [(r'^covariates = \["regime_threat", "relief_at_stake"\]', ""), (r"^covariates = \{.*\}", "")],
    "priors.toml": [(r"\[slope[^[]*", "")],
}
_NO_GROUPINGS: Mapping[str, list[tuple[str, str]]] = {
    "case.toml": [(r"^groupings = .*", "groupings = []"), (r"^members = .*", ""), (r"^level = 2", "level = 0")],
    "priors.toml": [(r"\[spread[^[]*", "")],
}


def with_groups(*counts: str, group: str = "North") -> Case:
    """Return the skeleton with counts of two islands, more rows of `counts.csv`, and the truce a level of its own."""
    storm = "truce_restored,Storm,North,2024-04-01,2,5,months,src,high,"
    header, level = "process,level,published,", r'level = "Seizures 2010 to 2023"'
    spread = ("spread.truce_restored.group", "half_normal", "sigma = 0.5")
    return edited_skeleton(
        {
            "case.toml": [
                (r'^groupings = \["level"\]', 'groupings = ["level", "group"]'),
                (level, f'level = "fishing_truce", group = "{group}"'),
            ],
            "priors.toml": [(r"\Z", _PRIOR.format(*spread))],
            "counts.csv": [
                (header, "process,level,group,published,"),
                ("^truce_restored,Seizures 2010 to 2023,", "truce_restored,Seizures 2010 to 2023,South,"),
                (r"\Z", "".join(f"{row}\n" for row in (storm, *counts))),
            ],
        }
    )


def with_factions(count: int) -> Case:
    """Return the skeleton with as many factions, each with somebody in post; those added move no rate much."""
    more = [f"faction_{number}" for number in range(count - 2)]
    declared = "".join(f'[[factions]]\nid = "{one}"\nlabel = "{one}"\ndescription = "One more."\n\n' for one in more)
    posts = "".join(f"Member of {one},{one},Member,2023-01-01,,50,50,50,judgement,\n" for one in more)
    outcomes = ("ferry_permit", "fishing_truce")
    own = ("normal", 'interval = "-1.0 to 1.0"')
    priors = "".join(_PRIOR.format(f"leverage.{name}.{one}", *own) for name in outcomes for one in more)
    return edited_skeleton(
        {
            "case.toml": [(r"^# --- Outcomes:", f"{declared}# --- Outcomes:")],
            "actors.csv": [(r"\Z", posts)],
            "priors.toml": [(r"\Z", priors)],
        }
    )


def without_news() -> Case:
    """Return the skeleton before any news: no signals and no leans."""
    return with_tables(skeleton(), news=table("news"))


def with_recurrent(*days: str) -> Case:
    """Return the skeleton with a recurrent outcome, whose events came on the days given, or on three days of spring."""
    days = days or ("2024-03-20", "2024-05-02", "2024-05-03")
    rows = "".join(f"{RESCUE},{day},{day},rescued,,high,,https://example.org/rescues\n" for day in days)
    return edited_skeleton(
        {
            "case.toml": [(r"^# --- Reference classes", RESCUE_DECLARED), (r"^# --- How rows", RESCUE_CLASS)],
            "priors.toml": [(r"\Z", RESCUE_PRIORS)],
            "counts.csv": [(r"\Z", "rescues,Rescues 2020 to 2023,2023-12-31,9,48,months,https://example.org,high,\n")],
            "transitions.csv": [(r"\Z", rows)],
        }
    )


RESCUE = "sea_rescue"

RESCUE_DECLARED = f"""
[[outcomes]]
id = "{RESCUE}"
label = "Rescue at sea"
definition = "Rescued: one side brings home a crew of the other on that day."
states = ["none_rescued", "rescued"]
active_is = "easing"
start = 2024-02-10
state_at_start = "none_rescued"
recurrent = true
onset = {{ process = "rescues", members = {{ level = "Rescues 2020 to 2023" }} }}

# --- Reference classes"""

RESCUE_CLASS = """[processes.rescues]
table = "counts"
groupings = ["level"]
unit = "per month"

# --- How rows"""

_PRIOR = """
[{}]
distribution = "{}"
{}
rationale = "Crews help each other."
source = "judgement"
"""

RESCUE_PRIORS = "".join(
    _PRIOR.format(*parts)
    for parts in (
        ("rate.rescues", "log_normal", 'interval = "0.05 to 0.5"'),
        ("spread.rescues.level", "half_normal", "sigma = 0.3"),
        (f"delta.onset.{RESCUE}", "normal", 'interval = "-0.7 to 0.7"'),
        (f"leverage.{RESCUE}.wardens", "normal", 'interval = "-1.0 to 1.0"'),
        (f"leverage.{RESCUE}.traders", "normal", 'interval = "-1.0 to 1.0"'),
        (f"coupling.onset.{RESCUE}.fishing_truce", "normal", 'interval = "-1.5 to 0.2"'),
    )
)
