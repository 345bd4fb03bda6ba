"""``vzforecast.backtest``: past days, each forecast from what was known then, judged by what happened since."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from vzforecast.backtesting.judged import Judged
from vzforecast.backtesting.plan import make_plan
from vzforecast.backtesting.replay import How, replay
from vzforecast.backtesting.result import BacktestResult
from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.fitting import fit_known
from vzforecast.inputs.dates import DateLike
from vzforecast.settings import SamplerSettings, Strategy, checked_seed, density_for
from vzforecast.stacking import stack_known

# Two thirds of the draws of a single forecast: the Monte Carlo error of a probability near one half, 0.6 points, is
# small beside what a score of a few dozen questions is uncertain by. With half of them R-hat came out at 1.011 to 1.012
# on 3 of 14 days, above its limit.
SETTINGS: Final = SamplerSettings(draws=1000)
LEADS: Final = (28, 84)


def settings_for(strategy: Strategy) -> SamplerSettings:
    """Return the settings of the fits of a backtest unless told otherwise."""
    return replace(SETTINGS, density=density_for(strategy))


def backtest(  # noqa: PLR0913 - each is an option of its own; all but three have a default
    case: Case,
    as_of: Iterable[DateLike],
    questions: Iterable[str] | None = None,
    strategy: Strategy = "refit",
    workers: int = 1,
    client: Any = None,
    out: str | Path | None = None,
    *,
    settings: SamplerSettings | None = None,
    seed: int = 1,
    scored_on: DateLike | None = None,
    leads: Iterable[int] = LEADS,
    average: bool = False,
    cache: bool = False,
    progress: bool | None = None,
) -> BacktestResult:
    r"""Forecast past days, each from what was known then, and score what was said.

    On each day the case is cut, a forecast is made, and every question open then is priced. **A question is scored only
    once its scheduled horizon has passed**, whatever was known earlier: an early yes comes in before any late no, so
    scoring answers as they arrive would make every forecaster look too low.

    Parameters
    ----------
    case : Case
        The whole case. Forecasters see the cuts alone.
    as_of : iterable of date-like
        Forecast origins.
    questions : iterable of str, optional
        Ids of the questions to price; all by default.
    strategy : {"refit", "update", "none"}
        ``refit``: each day by itself. ``update``: fitted on the first day, from then on ``vzforecast.update``, which
        weights draws where that can be trusted, else moves them on or refits. ``none``: the first day's forecast left
        as it was, which is what standing still would have said, of later questions, too.
    workers : int, default 1
        Processes of this machine, which share its cores; for ``refit`` only. A script that asks for more than one must
        guard its own start with ``if __name__ == "__main__":``.
    client : distributed.Client, optional
        A cluster in the place of ``workers``; needs the extra ``vzforecast[distributed]``.
    out : str or Path, optional
        Folder of finished days. A run that was killed goes on from what is there.
    settings : SamplerSettings, optional
        Of every fit; 4 chains of 1,000 draws by default, two thirds of a forecast's: the Monte Carlo error is still
        small beside what the few questions of a record leave open. By default ``update`` samples the density that its
        later days are moved on (``density="written"``), the other strategies that of the ``pm.Model``. Settings that
        are given decide that, too.
    seed : int, default 1
        Of every fit.
    scored_on : date-like, optional
        Up to the end of this day it counts what happened. By default the newest day of which the tables of the case
        tell (``Case.record_end``); give a later one if nothing happened since.
    leads : iterable of int, default (28, 84)
        Days after each as-of date on which scenarios are asked, beside the horizon of the case.
    average : bool, default False
        Average variants of the case on every day, as ``vzforecast.stack`` does, instead of fitting the case alone.
    cache : bool, default False
        Look for each fit on disk, and keep it there (some 15 MB each).
    progress : bool, optional
        Show a bar; by default only on a terminal or in a notebook.

    Returns
    -------
    BacktestResult
        Tables by question and day, scenario tables, scores with references. Rows do not depend on how many workers did
        them; wall times do. A fit that failed its diagnostics is kept, marked and counted.

    Raises
    ------
    DateError
        A day is given twice, or is one on which the case cannot be asked.
    BacktestError
        A question or strategy that does not exist; options that contradict each other; a folder with another backtest;
        workers that died.
    SettingsError
        The seed is out of range.

    Warns
    -----
    CacheWarning
        A file in ``out`` was damaged; its day is done again.

    See Also
    --------
    vzforecast.score : What the scores are.

    References
    ----------
    Tetlock, P. E. and Gardner, D. (2015). Superforecasting, on scoring forecasts that are repeated until a question
    closes. Hyndman, R. J. and Athanasopoulos, G. (2021). Forecasting: principles and practice, section 5.10, on
    evaluation with a moving origin.

    Examples
    --------
    >>> result = backtest(load_case(), as_of=["2025-02-05", "2025-02-19"])  # doctest: +SKIP
    >>> print(result.text)  # doctest: +SKIP
    """
    how = How(workers, client, None if out is None else Path(out), cache, progress)
    how_fitted = settings or settings_for(strategy), checked_seed(seed)
    plan = make_plan(given_case(case, "backtest"), as_of, questions, strategy, how_fitted, leads, average=average)
    judged = Judged.on(case, scored_on)
    return BacktestResult.of(plan, replay(plan, how, stack_known if average else fit_known), judged)
