"""What is found out about the calibration of a forecaster."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from vzforecast.scoring.decomposition import Decomposition
from vzforecast.scoring.wording import counted, what_it_shows
from vzforecast.told import Told

_MOST_SHOWN: Final = 25  # blocks in the text; a picture shows more


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Told):
    """How what a forecaster said compares with what happened.

    Attributes
    ----------
    forecaster : str
        Whose forecasts.
    n, questions, unresolved, blocks : int
        Resolved forecasts, of how many questions, and in how many blocks; forecasts whose resolution is blank.
    by : str
        What makes blocks.
    parts : Decomposition
        Brier ``score`` (one-sided), ``miscalibration``, ``discrimination``, ``uncertainty``.
    by_chance : float
        How often a calibrated forecaster has at least this much miscalibration.
    table : pandas.DataFrame
        A row for each isotonic ``block``, a stretch of forecasts for which the record gives one calibrated probability:
        ``lowest``, ``highest`` and mean ``forecast`` in it, ``n``, ``observed`` (share of yes: the calibrated
        probability), and ``lower``, ``upper``, where 90 % of calibrated forecasters have it.
    curve : pandas.DataFrame
        The same by distinct ``forecast`` (mean of neighbours, if there are more than 500): ``n``, ``calibrated``,
        ``lower``, ``upper``.
    seed : int
        Of the simulated records behind ``by_chance`` and the bands.

    Examples
    --------
    >>> import pandas as pd
    >>> import vzforecast as vz
    >>> table = pd.DataFrame({"question": range(40), "probability": 0.9, "resolution": [0, 1] * 20})
    >>> found = vz.calibration(table)
    >>> found.parts.miscalibration.__round__(2), found.by_chance < 0.01
    (0.16, True)
    """

    forecaster: str
    n: int
    questions: int
    unresolved: int
    blocks: int
    by: str
    parts: Decomposition
    by_chance: float
    table: pd.DataFrame
    curve: pd.DataFrame
    seed: int

    @property
    def text(self) -> str:
        """Parts of the score, blocks, and what n can and cannot show, for people."""
        return "\n".join(self._lines())

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Blocks": self.table}

    def _lines(self) -> Iterator[str]:
        parts = self.parts
        yield f"{self.forecaster}: {counted(self.n, 'forecast')} of {counted(self.questions, 'question')}"
        yield (
            f"Brier score, one-sided, {parts.score:.3f} = miscalibration {parts.miscalibration:.3f} "
            f"- discrimination {parts.discrimination:.3f} + uncertainty {parts.uncertainty:.3f}"
        )
        yield f"Luck gives calibrated forecasters this much miscalibration in {_percent(self.by_chance)} of records"
        yield "\n  said               n  happened  if calibrated (90 %)"
        for row in self.table.head(_MOST_SHOWN).to_dict("records"):
            said = f"{row['lowest']:.3f} to {row['highest']:.3f}"
            if row["lowest"] == row["highest"]:
                said = f"{row['lowest']:.3f}"
            band = f"{row['lower']:.3f} to {row['upper']:.3f}"
            outside = "" if row["lower"] <= row["observed"] <= row["upper"] else "  outside"
            yield f"  {said:<14}  {row['n']:>6,}  {row['observed']:8.3f}  {band}{outside}"
        if len(self.table) > _MOST_SHOWN:
            yield f"  and {len(self.table) - _MOST_SHOWN:,} more blocks, in table"
        yield f"\nWhat n shows: {what_it_shows(self.blocks, self.by)}"
        if self.unresolved:
            yield f"Left out, as the resolution is blank: {counted(self.unresolved, 'forecast')}."


def _percent(share: float) -> str:
    """Return a share in words, to two digits; one of a thousand simulated records is 0.1 %."""
    return f"{100 * share:.{0 if share >= 0.0995 else 1}f} %"
