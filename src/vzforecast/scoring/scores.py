"""Score forecasters by their resolved forecasts."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast.scoring.blocks import block_interval
from vzforecast.scoring.decomposition import decompose, recalibrated
from vzforecast.scoring.judged import Record, read_judged
from vzforecast.scoring.reading import TableLike
from vzforecast.scoring.rules import FLOOR, Floats, brier_score, checked_floor, log_score
from vzforecast.scoring.tables import Scores
from vzforecast.scoring.wording import counted, how_intervals, notes_on_n
from vzforecast.settings import checked_seed

_COLUMNS: Final = (
    *("n", "questions", "unresolved", "brier", "brier_lower", "brier_upper"),
    *("log_score", "log_score_lower", "log_score_upper", "floored"),
    *("miscalibration", "discrimination", "uncertainty"),
)
_SCALES: Final = (
    "Brier is one-sided, (p - y)^2: 0 is best, always one half scores 0.25, the two-sided score is twice as much. "
    "It is miscalibration - discrimination + uncertainty."
)


def score(table: TableLike, *, by: str = "question", floor: float = FLOOR, seed: int = 1) -> Scores:
    """Score forecasters by what happened.

    Parameters
    ----------
    table : str, pathlib.Path or pandas.DataFrame
        A CSV file or a table with the columns ``question``, ``probability`` (of yes) and ``resolution`` (1, 0, or blank
        while nobody knows), and if wanted ``forecaster`` and ``as_of`` (the day of the forecast). Other columns are
        left alone.
    by : str, default "question"
        Column whose values make blocks: forecasts that stand or fall together, and so count as one when it comes to
        intervals. A question asked on twenty days is one block.
    floor : float, default 0.001
        For the log score, probabilities are first moved into `floor` to 1 - `floor`.
    seed : int, default 1
        Of the intervals; the same seed gives the same numbers, whatever the order of the rows.

    Returns
    -------
    pandas.DataFrame
        Index ``forecaster``; ``n`` forecasts of how many ``questions`` are scored, and how many are ``unresolved`` and
        so left out; the means ``brier`` (one-sided) and ``log_score`` (nats) with their 90 % intervals ``_lower``,
        ``_upper``; ``floored``, how many forecasts the floor moved; ``miscalibration``, ``discrimination`` and
        ``uncertainty``, the parts of ``brier``. Smaller scores are better. Printed, it adds the notes in
        ``attrs["notes"]``: scales, and what n can and cannot show.

    Raises
    ------
    ScoreError
        The table has faults, or the floor is out of range.
    SettingsError
        The seed is out of range.

    See Also
    --------
    vzforecast.skill : The difference to another forecaster on the same questions.
    vzforecast.calibration : Where forecasts were too high or too low.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation. Journal of the
    American Statistical Association 102, 359-378. The parts of the score: `vzforecast.scoring.decompose`.

    Examples
    --------
    >>> import pandas as pd
    >>> import vzforecast as vz
    >>> table = pd.DataFrame({"question": ["a", "b"], "probability": [0.5, 0.9], "resolution": [1, 0]})
    >>> vz.score(table)[["n", "brier"]].round(3).to_dict("records")
    [{'n': 2, 'brier': 0.53}]
    """
    checked_floor(floor)
    checked_seed(seed)
    judged = read_judged(table, by)
    records = {name: judged.record(name) for name in judged.names}
    rows = [_row(record, floor, seed) for record in records.values()]
    index = pd.Index(judged.names, name="forecaster")
    found = Scores(pd.DataFrame(rows, index=index, columns=list(_COLUMNS)))
    found.attrs = {"notes": list(_notes(records, by, floor)), "by": by, "floor": floor, "seed": seed}
    return found


def both_scores(record: Record, floor: float) -> Floats:
    """Return the Brier score and the log score of each forecast, dims (row, score)."""
    p, y = record.probability, record.resolution
    return np.column_stack([brier_score(p, y), log_score(p, y, floor=floor)])


def _row(record: Record, floor: float, seed: int) -> dict[str, Any]:
    row: dict[str, Any] = {"n": record.n, "questions": record.questions, "unresolved": record.unresolved, "floored": 0}
    if not record.n:
        return row
    scores = both_scores(record, floor)
    (brier, log), (lower, upper) = scores.mean(axis=0), block_interval(scores, record.block, seed)
    parts = decompose(recalibrated(record.probability, record.resolution))
    moved = (record.probability < floor) | (record.probability > 1.0 - floor)
    return row | {
        "brier": brier,
        "brier_lower": lower[0],
        "brier_upper": upper[0],
        "log_score": log,
        "log_score_lower": lower[1],
        "log_score_upper": upper[1],
        "floored": int(moved.sum()),
        "miscalibration": parts.miscalibration,
        "discrimination": parts.discrimination,
        "uncertainty": parts.uncertainty,
    }


def _notes(records: Mapping[str, Record], by: str, floor: float) -> Iterator[str]:
    yield _SCALES
    yield floor_note(floor)
    blocks = {name: record.blocks for name, record in records.items()}
    yield how_intervals(max(blocks.values()), min(blocks.values()), by)
    yield from notes_on_n(blocks, by)
    open_now = {name: record.unresolved for name, record in records.items() if record.unresolved}
    if open_now:
        counts = ", ".join(f"{name} {count:,}" for name, count in open_now.items())
        yield f"Not scored, as the resolution is blank: {counted(sum(open_now.values()), 'forecast')} ({counts})."


def floor_note(floor: float) -> str:
    """Return the scale of the log score, and what its floor did."""
    ends = f"{floor:g} to {1.0 - floor:g}"
    return f"The log score is in nats: 0 is best, always one half scores 0.693; probabilities count as from {ends}."
