"""How much better one forecaster is than another, on the same questions."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast.errors import Fault, ScoreError
from vzforecast.scoring.blocks import block_interval
from vzforecast.scoring.judged import Record, distinct, read_judged
from vzforecast.scoring.reading import TableLike
from vzforecast.scoring.rules import FLOOR, checked_floor
from vzforecast.scoring.scores import both_scores, floor_note
from vzforecast.scoring.tables import Skill
from vzforecast.scoring.wording import how_intervals, notes_on_n
from vzforecast.settings import checked_seed

_INDEX: Final = ("forecaster", "against", "score")
_SCORES: Final = ("brier", "log_score")
_COLUMNS: Final = (
    *("n", "questions", "mean", "mean_against"),
    *("difference", "difference_lower", "difference_upper", "skill"),
)


def skill(
    table: TableLike, against: str | Sequence[str], *, by: str = "question", floor: float = FLOOR, seed: int = 1
) -> Skill:
    """Compare forecasters with a reference on what both were asked.

    Two forecasters find the same questions hard, so the interval of the difference between their scores is mostly much
    narrower than the intervals of the two scores suggest. Only forecasts of the same question on the same ``as_of``
    are compared; without that column, of the same question.

    Parameters
    ----------
    table : str, pathlib.Path or pandas.DataFrame
        As for `vzforecast.score`, with the column ``forecaster``; references (base rate, persistence, a market) are
        forecasters like any other.
    against : str or sequence of str
        The references.
    by : str, default "question"
        Column whose values make blocks.
    floor : float, default 0.001
        Of the log score.
    seed : int, default 1
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        Index ``forecaster``, ``against``, ``score`` (``brier``, one-sided, and ``log_score``, nats); ``n`` common
        forecasts of how many ``questions``; ``mean`` and ``mean_against``, the scores on these alone; ``difference``,
        the first less the second, so that less than 0 is better than the reference, with its 90 % interval ``_lower``,
        ``_upper``; ``skill``, 1 - mean / mean_against, blank against a perfect reference. Printed, it adds the notes in
        ``attrs["notes"]``.

    Raises
    ------
    ScoreError
        The table has faults, a reference is not in it, or there is nobody to compare it with.
    SettingsError
        The seed is out of range.

    References
    ----------
    Diebold, F. X. and Mariano, R. S. (1995). Comparing predictive accuracy. Journal of Business and Economic Statistics
    13, 253-263: paired differences. Murphy, A. H. (1988). Skill scores based on the mean square error. Monthly Weather
    Review 116, 2417-2424.

    Examples
    --------
    >>> import pandas as pd
    >>> import vzforecast as vz
    >>> rows = [("a", "model", 0.9, 1), ("b", "model", 0.2, 0), ("a", "coin", 0.5, 1), ("b", "coin", 0.5, 0)]
    >>> table = pd.DataFrame(rows, columns=["question", "forecaster", "probability", "resolution"])
    >>> vz.skill(table, "coin").loc[("model", "coin", "brier"), ["mean", "mean_against", "skill"]].round(3).tolist()
    [0.025, 0.25, 0.9]
    """
    checked_floor(floor)
    checked_seed(seed)
    judged = read_judged(table, by)
    references = [against] if isinstance(against, str) else list(dict.fromkeys(against))
    pairs = [(name, other) for other in references for name in judged.names if name != other]
    if not pairs:
        remedy = "give the table a column forecaster with two at least, and a reference among them"
        raise ScoreError([Fault(judged.source, "against", ", ".join(references), "there is nobody to compare", remedy)])
    records = {name: judged.record(name) for name in (*references, *judged.names)}
    found = {pair: _compared(records[pair[0]], records[pair[1]], floor, seed) for pair in pairs}
    rows = {(*pair, kind): row for pair, (both, _) in found.items() for kind, row in zip(_SCORES, both, strict=True)}
    index = pd.MultiIndex.from_tuples(list(rows), names=list(_INDEX))
    result = Skill(pd.DataFrame(list(rows.values()), index=index, columns=list(_COLUMNS)))
    blocks = {f"{name} against {other}": count for (name, other), (_, count) in found.items()}
    result.attrs = {"notes": list(_notes(blocks, by, floor)), "by": by, "floor": floor, "seed": seed}
    return result


def _compared(own: Record, other: Record, floor: float, seed: int) -> tuple[list[dict[str, Any]], int]:
    """Return a row for each score, and the number of common blocks."""
    asked, here, there = np.intersect1d(own.asked, other.asked, assume_unique=True, return_indices=True)
    questions = distinct(own.question[here])
    counts = {"n": asked.size, "questions": questions}
    if not asked.size:
        return [dict(counts) for _ in _SCORES], 0
    # As in a record, in the order of the numbers themselves.
    order = np.lexsort((own.resolution[here], other.probability[there], own.probability[here]))
    here, there = here[order], there[order]
    first, second = both_scores(own, floor)[here], both_scores(other, floor)[there]
    block = own.block[here]
    gap, (lower, upper) = (first - second).mean(axis=0), block_interval(first - second, block, seed)
    rows = []
    for kind, (mean, reference) in enumerate(zip(first.mean(axis=0), second.mean(axis=0), strict=True)):
        interval = {"difference": gap[kind], "difference_lower": lower[kind], "difference_upper": upper[kind]}
        share = 1.0 - mean / reference if reference > 0.0 else np.nan
        rows.append(counts | {"mean": mean, "mean_against": reference, "skill": share} | interval)
    return rows, distinct(block)


def _notes(blocks: dict[str, int], by: str, floor: float) -> Iterator[str]:
    yield "A difference below 0 is better than the reference; skill is 1 - mean / mean_against."
    yield "Only what both were asked counts: the same question on the same as-of date."
    yield "Brier is one-sided, (p - y)^2. " + floor_note(floor)
    yield how_intervals(max(blocks.values()), min(blocks.values()), by)
    yield from notes_on_n(blocks, by)
