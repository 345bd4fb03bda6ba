"""The job of ``vzforecast score``: resolved forecasts in, scores and, against a reference, skill out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from vzforecast.scoring import Scores, Skill, score, skill


@dataclass(frozen=True)
class ScoreRequest:
    """What is asked.

    Attributes
    ----------
    file : Path
        CSV file of question, probability, resolution, and if wanted forecaster and as_of.
    against : tuple of str
        References to compare with; none if empty.
    by : str
        Column whose values make blocks.
    floor : float
        Of the log score.
    """

    file: Path
    against: tuple[str, ...]
    by: str
    floor: float


@dataclass(frozen=True)
class Scored:
    """What is answered.

    Attributes
    ----------
    scores : Scores
        As from ``vzforecast.score``.
    skill : Skill or None
        As from ``vzforecast.skill``; None if no reference was named.
    """

    scores: Scores
    skill: Skill | None


def run_score_job(request: ScoreRequest) -> Scored:
    """Score a file.

    Parameters
    ----------
    request : ScoreRequest
        What is asked.

    Returns
    -------
    Scored
        The tables.

    Raises
    ------
    ScoreError
        The file has faults, a reference is not in it, or an option is out of range.
    """
    scores = score(request.file, by=request.by, floor=request.floor)
    if not request.against:
        return Scored(scores, None)
    return Scored(scores, skill(request.file, request.against, by=request.by, floor=request.floor))


def scored_text(scored: Scored) -> str:
    """Return the tables for people; what the second repeats of the notes is said once."""
    if scored.skill is None:
        return scored.scores.text
    said = set(scored.scores.attrs["notes"])
    shorter = Skill(scored.skill)
    shorter.attrs = {**scored.skill.attrs, "notes": [note for note in scored.skill.attrs["notes"] if note not in said]}
    return f"{scored.scores.text}\n\n{shorter.text}"


def scored_json(scored: Scored) -> str:
    """Return the tables as one JSON document, in full precision, null for what is not a number."""
    document = {
        "scores": _records(scored.scores),
        "skill": None if scored.skill is None else _records(scored.skill),
        "floor": scored.scores.attrs["floor"],
        "by": scored.scores.attrs["by"],
        "notes": _notes([scored.scores, *([] if scored.skill is None else [scored.skill])]),
    }
    return json.dumps(document, indent=2, allow_nan=False)


def scored_csv(scored: Scored) -> str:
    """Return the scores as CSV in full precision, or the skill if a reference was named."""
    table = scored.scores if scored.skill is None else scored.skill
    return table.to_csv(lineterminator="\n")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.reset_index().to_dict(orient="records")
    return [{str(name): None if pd.isna(value) else value for name, value in row.items()} for row in rows]


def _notes(tables: Sequence[pd.DataFrame]) -> list[str]:
    return list(dict.fromkeys(note for table in tables for note in table.attrs["notes"]))
