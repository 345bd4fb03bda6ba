"""Replays without sampling: the skeleton with a few questions, and a fit that is a draw from the priors."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from helpers.cases import skeleton, table, with_tables
from helpers.synthetic import synthetic_forecast
from vzforecast.backtesting import BacktestResult
from vzforecast.backtesting.judged import Judged
from vzforecast.backtesting.plan import Plan, make_plan
from vzforecast.backtesting.replay import How, replay
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.case import Case
from vzforecast.forecast import Forecast
from vzforecast.history import Places
from vzforecast.settings import SamplerSettings

SETTINGS: Final = SamplerSettings(draws=50, tune=50, chains=2, paths=6)
DAYS: Final = ("2024-04-12", "2024-04-29", "2024-05-15", "2024-05-30", "2024-06-20")
WALL: Final = ("fit_time", "pred_time")


def asking() -> Case:
    """Return the skeleton with questions whose answers are known, of which one needs an outcome that is not there."""
    permit, seized = ("ferry_permit = withdrawn", "fishing_truce = broken")
    rows = (
        ("permit_may", "2024-04-10", "2024-05-10", f"ever({permit}) by 2024-05-10", 0, "2024-05-10"),
        ("seizure_may", "2024-04-10", "2024-05-31", f"ever({seized}) by 2024-05-31", 1, "2024-05-21"),
        ("seizure_jun", "2024-04-25", "2024-06-30", f"ever({seized}) by 2024-06-30", 1, "2024-05-21"),
        ("truce_on_30jun", "2024-05-25", "2024-06-30", "state(fishing_truce = held) on 2024-06-30", 0, "2024-06-30"),
        ("permit_sep", "2024-04-10", "2024-09-30", f"ever({permit}) by 2024-09-30", "", ""),
        ("cows", "2024-04-10", "2024-06-15", "", 1, "2024-06-15"),
    )
    names = ("question_id", "opened", "horizon", "event", "resolution", "resolved_on")
    asked = [dict(zip(names, row, strict=True)) | {"text": f"Is it {row[0]}?"} for row in rows]
    quote = {"platform": "Harbour exchange", "question": "seizure_may", "horizon": "2024-05-31"}
    quotes = [quote | {"date": day, "probability": p} for day, p in (("2024-04-12", 0.2), ("2024-05-16", 0.7))]
    return with_tables(skeleton(), questions=table("questions", *asked), markets=table("markets", *quotes))


def quick_fit(
    known: Case,
    settings: SamplerSettings,
    seed: int,
    *,
    places: Places | None = None,
    cores: int | None = None,
    **_options: Any,
) -> Forecast:
    """Stand in for ``fit_known``."""
    del cores
    shape = {"draws": settings.draws, "chains": settings.chains, "paths": settings.paths}
    return synthetic_forecast(known, seed=seed, places=places, **shape)


def plan_of(case: Case | None = None, days: Sequence[str] = DAYS, strategy: str = "refit", **options: Any) -> Plan:
    """Return a plan for the questions above."""
    asked = {"questions": None, "how": (SETTINGS, 1), "leads": (28, 84)} | options
    return make_plan(asking() if case is None else case, days, strategy=strategy, **asked)


def result_of(plan: Plan, snapshots: list[Snapshot], scored_on: str | None = "2024-07-01") -> BacktestResult:
    """Judge snapshots by what happened to the case above."""
    return BacktestResult.of(plan, snapshots, Judged.on(asking(), scored_on))


def replayed(days: Sequence[str] = DAYS, scored_on: str | None = "2024-07-01", **options: Any) -> BacktestResult:
    """Replay the case above."""
    plan = plan_of(days=days, **options)
    return result_of(plan, replay(plan, How(progress=False), quick_fit), scored_on)


def assert_same(one: BacktestResult, other: BacktestResult) -> None:
    """Compare every table to the bit, wall times and times of day apart."""
    pd.testing.assert_frame_equal(
        one.table.drop(columns=list(WALL)), other.table.drop(columns=list(WALL)), check_exact=True
    )
    for name in ("stated", "scenarios", "scenario_scores", "passages"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    kept = one.provenance.columns.drop("seconds")
    pd.testing.assert_frame_equal(one.provenance[kept], other.provenance[kept])


def said(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    """Return everything said, without wall times and digests of the whole text of a case."""
    kept = ("as_of", "questions", "base_rate", "scenarios", "passages", "method", "ok")
    return [{name: one.to_dict()[name] for name in kept} for one in snapshots]
