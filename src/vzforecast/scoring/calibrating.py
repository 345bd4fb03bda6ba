"""Where forecasts were too high or too low."""

import numpy as np
import pandas as pd

from vzforecast.errors import Fault, ScoreError
from vzforecast.inputs.wording import choices
from vzforecast.scoring.consistency import Band, consistency_band
from vzforecast.scoring.decomposition import Recalibrated, decompose, recalibrated
from vzforecast.scoring.judged import Judged, read_judged
from vzforecast.scoring.reading import TableLike
from vzforecast.scoring.report import Calibration
from vzforecast.settings import checked_seed


def calibration(table: TableLike, forecaster: str | None = None, *, by: str = "question", seed: int = 1) -> Calibration:
    """Compare what a forecaster said with what happened: does what was called 70 % likely happen 70 times in 100.

    The calibrated probability of a forecast is found by isotonic regression: the best non-decreasing function of the
    forecasts, which is constant on blocks of neighbouring ones. No bins are chosen by anybody. How far a calibrated
    forecaster's record strays by luck is found by simulation.

    Parameters
    ----------
    table : str, pathlib.Path or pandas.DataFrame
        As for `vzforecast.score`.
    forecaster : str, optional
        Whose forecasts; needed if there are several forecasters in the table.
    by : str, default "question"
        Column whose values make blocks; rows of one block are simulated together.
    seed : int, default 1
        Of the simulation.

    Returns
    -------
    Calibration
        Blocks, band, parts of the Brier score, and how easily luck gives as much miscalibration.

    Raises
    ------
    ScoreError
        The table has faults, no such forecaster, several and none named, or nothing resolved.
    SettingsError
        The seed is out of range.

    References
    ----------
    Dimitriadis, T., Gneiting, T. and Jordan, A. I. (2021). Stable reliability diagrams for probabilistic classifiers.
    Proceedings of the National Academy of Sciences 118, e2016191118.

    Examples
    --------
    >>> import pandas as pd
    >>> import vzforecast as vz
    >>> forecast, happened = [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]
    >>> table = pd.DataFrame({"question": list("abcd"), "probability": forecast, "resolution": happened})
    >>> vz.calibration(table).table[["lowest", "highest", "n", "observed"]].to_numpy().tolist()
    [[0.1, 0.2, 2.0, 0.0], [0.8, 0.9, 2.0, 1.0]]
    """
    checked_seed(seed)
    judged = read_judged(table, by)
    name = forecaster if forecaster is not None else _only(judged)
    record = judged.record(name)
    if not record.n:
        remedy = "wait until a question is resolved, or fill in resolution"
        raise ScoreError([Fault(judged.source, "resolution", "", f"nothing of {name} is resolved", remedy)])
    found = recalibrated(record.probability, record.resolution)
    band = consistency_band(record, found, seed)
    return Calibration(
        forecaster=name,
        n=record.n,
        questions=record.questions,
        unresolved=record.unresolved,
        blocks=record.blocks,
        by=by,
        parts=decompose(found),
        by_chance=band.by_chance,
        table=_table(found, band),
        curve=_curve(band),
        seed=seed,
    )


def _only(judged: Judged) -> str:
    if len(judged.names) > 1:
        remedy = choices("", judged.names)
        raise ScoreError([Fault(judged.source, "forecaster", "", "several are in the table", remedy)])
    return judged.names[0]


def _table(found: Recalibrated, band: Band) -> pd.DataFrame:
    """Return a row for each isotonic block."""
    block = found.block
    first = np.searchsorted(block, np.arange(block[-1] + 1))
    n = np.bincount(block, weights=found.n)
    columns = {
        "lowest": found.forecast[first],
        "highest": found.forecast[np.append(first[1:], block.size) - 1],
        "forecast": np.bincount(block, weights=found.n * found.forecast) / n,
        "n": n.astype(int),
        "observed": found.calibrated[first],
        "lower": band.block_lower,
        "upper": band.block_upper,
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(1, first.size + 1, name="block"))


def _curve(band: Band) -> pd.DataFrame:
    columns = {"n": band.n.astype(int), "calibrated": band.calibrated, "lower": band.lower, "upper": band.upper}
    return pd.DataFrame(columns, index=pd.Index(band.forecast, name="forecast"))
