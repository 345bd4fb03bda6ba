"""What ``sensitivity`` found: its tables, and plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import pandas as pd

from vzforecast import figures
from vzforecast.errors import ExplainError
from vzforecast.explaining.explained import unclear
from vzforecast.explaining.precision import ERRORS
from vzforecast.explaining.refits import FAILED
from vzforecast.explaining.sensitivity_blocks import ALL, LIKELIHOOD, PRIOR
from vzforecast.explaining.sensitivity_shifts import ENDS
from vzforecast.inputs.wording import choices
from vzforecast.told import Told

# From here on a distance per doubling is worth a second look (Kallioinen et al. 2024, section 2.4).
NOTABLE: Final = 0.05
_SHOWN: Final = 5
_LITTLE: Final = "the priors matter little"
_UNKNOWN: Final = "these draws cannot tell whether the priors matter"
# By what is known of the distance of all priors, and of all rows.
_VERDICTS: Final = {
    **{("small", rows): _LITTLE for rows in ("small", "unknown", "large")},
    **{("unknown", rows): _UNKNOWN for rows in ("small", "unknown", "large")},
    ("large", "small"): "it rests on the priors, the rows say little about it",
    ("large", "unknown"): "the priors matter, and these draws cannot tell whether the rows do",
    ("large", "large"): "priors and rows both matter, and may pull apart",
}


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Told):
    """How a probability, or that of every scenario, hangs on the priors and on groups of rows.

    Attributes
    ----------
    targets : tuple of str
        The event, or the scenarios.
    probabilities : DataFrame
        By target: ``probability``, ``lower``, ``upper``, ``mcse``.
    power : DataFrame
        Index ``(kind, block)``, kind ``prior`` or ``likelihood``, ``all`` of a kind first: ``psense`` (cumulative
        Jensen-Shannon distance of the target's distribution over draws) and ``points`` of its probability, both per
        doubling of what the block counts; ``psense_mcse`` and ``mcse``, their Monte Carlo errors; ``khat`` of the
        weights; ``clear``, whether the points are at least twice their error; ``why_not``, why there is no number.
    tornado : DataFrame
        Index ``prior``, what clearly moves it first, and most first: ``block``, ``median``; for ``low`` and ``high``,
        with the median at the old 5 % or 95 % point, ``_at`` (that point, in the unit of the quantity),
        ``_probability`` and ``_probability_mcse``, ``_points`` moved, ``_mcse`` of the points, ``_khat``, ``_path``
        (``reweight``, ``refit``, or blank: no number), ``_clear``; ``swing`` (points from low to high) and
        ``swing_mcse``; ``clear``, whether the swing is, or the only end that has a number; ``why_not``, why one has
        none.
    case : str
        Its name.
    as_of : date
        Forecast origin.
    seed, draws, paths : int
        Of the forecast.
    ok : bool
        Whether its fit passed its diagnostics.

    Notes
    -----
    Of several targets both tables have one more level of the index before the others, ``target``.

    Examples
    --------
    >>> result = sensitivity(fc)  # doctest: +SKIP
    >>> print(result.of("detente"))  # doctest: +SKIP
    """

    targets: tuple[str, ...]
    probabilities: pd.DataFrame
    power: pd.DataFrame
    tornado: pd.DataFrame
    case: str
    as_of: date
    seed: int
    draws: int
    paths: int
    ok: bool

    @property
    def text(self) -> str:
        """What moves each target most, and whether priors and rows agree."""
        return "\n".join(line for target in self.targets for line in self.of(target)._lines())  # noqa: SLF001 - its own

    @property
    def _alarming(self) -> bool:
        return not self.ok

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Blocks scaled": self.power, "Priors shifted": self.tornado}

    def __repr__(self) -> str:
        return f"<Sensitivity of {', '.join(self.targets)} to {len(self.of(self.targets[0]).tornado)} priors>"

    def of(self, target: str) -> "Sensitivity":
        """Return what was found of one target.

        Parameters
        ----------
        target : str
            One of ``targets``.

        Returns
        -------
        Sensitivity
            Whose tables have no level for it.

        Raises
        ------
        ExplainError
            There is no such target.
        """
        if target not in self.targets:
            raise ExplainError(f"there is no target {target!r}; {choices(target, self.targets)}")
        if len(self.targets) == 1:
            return self
        parts = {name: getattr(self, name).xs(target) for name in ("power", "tornado")}
        return replace(self, targets=(target,), probabilities=self.probabilities.loc[[target]], **parts)

    @property
    def verdict(self) -> str:
        """What the distances of all priors and of all rows say together, of one target.

        A distance is large or small if it is so by more than twice its error; else these draws cannot tell.

        Raises
        ------
        ExplainError
            There are several targets.
        """
        power = self.only().power
        (prior, error), (rows, other) = (
            [float(power[column][kind, ALL]) for column in ("psense", "psense_mcse")] for kind in (PRIOR, LIKELIHOOD)
        )
        figures = f"psense {prior:.3f} (error {error:.3f}) of all priors, {rows:.3f} ({other:.3f}) of all rows"
        return f"{_VERDICTS[_notable(prior, error), _notable(rows, other)]}: {figures}"

    def only(self) -> "Sensitivity":
        """Return the same if it has one target.

        Returns
        -------
        Sensitivity
            Itself.

        Raises
        ------
        ExplainError
            It has several.
        """
        if len(self.targets) > 1:
            raise ExplainError(f"there are {len(self.targets)} targets; take one: result.of({self.targets[0]!r})")
        return self

    def _lines(self) -> Iterator[str]:
        failed = "" if self.ok else "  FAILED FIT: do not use"
        (target,) = self.targets
        yield f"{target}: {float(self.probabilities['probability'].iloc[0]):.1%} as of {self.as_of}{failed}"
        yield f"  {self.verdict}"
        blocks = self.power[self.power.index.get_level_values("block") != ALL].sort_values(
            "points", key=abs, ascending=False, kind="stable"
        )
        yield "Blocks that move it most, in points a doubling:"
        for row in blocks.head(_SHOWN).reset_index().to_dict(orient="records"):
            named = f"{row['kind']} {row['block']}"
            yield f"  {figures.points(row['points'])}  {named} (error {row['mcse']:.1f}){unclear(row['clear'])}"
        if len(self.tornado):
            yield "Priors that move it most, in points with the median at its old 5 % and 95 % point:"
        known = self.tornado[self.tornado[[f"{end}_points" for end in ENDS]].notna().any(axis=1)]
        for line in known.head(_SHOWN).reset_index().to_dict(orient="records"):
            yield f"  {_both(line)}  {line['prior']}{unclear(line['clear'])}"
        yield from self._unfound()

    def _unfound(self) -> Iterator[str]:
        """Yield of how many priors an end has no number that a refit would give, and which refits failed."""
        why_not = self.tornado["why_not"]
        failed = why_not.str.contains(FAILED, regex=False)
        if blank := int((why_not.ne("") & ~failed).sum()):
            yield f"  no number at one end or both of {_priors(blank)} (why_not); refit=True gives them"
        if failed.any():
            names = ", ".join(map(str, why_not[failed].index))
            yield f"  no number at one end or both of {_priors(int(failed.sum()))}, whose refit failed: {names}"


def _priors(count: int) -> str:
    return "1 prior" if count == 1 else f"{count} priors"


def _notable(distance: float, error: float) -> str:
    """Tell whether a distance is large, small, or too near the border for its error."""
    if distance + ERRORS * error < NOTABLE:
        return "small"
    return "large" if distance - ERRORS * error >= NOTABLE else "unknown"


def _both(line: Mapping[Any, Any]) -> str:
    """Say what each end of a prior moves."""
    return ", ".join(
        "no number"
        if not line[f"{end}_path"]
        else f"{figures.points(line[f'{end}_points'])} (error {line[f'{end}_mcse']:.1f})"
        for end in ENDS
    )
