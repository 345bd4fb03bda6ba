"""Strategies, folders that runs go on from, and workers: rows are the same whoever does them, killed or not."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest

from helpers.cases import edited_skeleton, embedded
from helpers.mortal import always_dies
from helpers.replayed import DAYS, SETTINGS, asking, assert_same, plan_of, quick_fit, replayed, result_of
from vzforecast import (
    BacktestError,
    BacktestResult,
    CacheWarning,
    DateError,
    Forecast,
    SamplerSettings,
    backtest,
    update,
)
from vzforecast.backtesting.pricing import snapshot
from vzforecast.backtesting.replay import How, replay
from vzforecast.case import Case
from vzforecast.history import NoPlaceError
from vzforecast.settings import Strategy
from vzforecast.whole_file import whole_file

QUIET = {"progress": False}
THREE, TWO = DAYS[:3], DAYS[:2]
# Draws close enough to the data that a week's news can be weighted.
WEIGHABLE = SamplerSettings(draws=300, tune=50, chains=2, paths=3)


class Fits:
    """A quick fit that notes its days, and may be cut off after so many."""

    def __init__(self, stop_after: int = 99):
        self.days: list[str] = []
        self.stop_after = stop_after

    def __call__(self, known: Any, *rest: Any, **options: Any) -> Forecast:
        if len(self.days) == self.stop_after:
            raise KeyboardInterrupt
        self.days.append(str(known.as_of))
        return quick_fit(known, *rest, **options)


@pytest.fixture
def refits(monkeypatch: pytest.MonkeyPatch) -> Fits:
    fits = Fits()
    monkeypatch.setattr("vzforecast.updating.advance.fit_known", fits)
    return fits


@pytest.fixture(scope="module")
def whole() -> BacktestResult:
    return replayed(THREE)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three days done; tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    replay(plan_of(days=THREE), How(out=folder, **QUIET), quick_fit)
    return folder


# Strategies ------------------------------------------------------------------------------------------------


def test_refit_fits_every_day_from_the_case_of_that_day_alone() -> None:
    seen: list[Any] = []

    def fit(known: Any, *rest: Any, **options: Any) -> Forecast:
        seen.append(known)
        return quick_fit(known, *rest, **options)

    plan = plan_of()
    made = replay(plan, How(**QUIET), fit)
    assert [one.method for one in made] == ["fit"] * len(DAYS)
    assert [known.digest for known in seen] == [asking().known_on(day).digest for day in DAYS]
    assert [one.provenance["fitted"] for one in made] == list(DAYS)
    assert [one.provenance["case_digest"] for one in made] == [known.digest for known in plan.cuts]


def test_update_goes_from_day_to_day_and_says_how(refits: Fits) -> None:
    plan = plan_of(days=THREE, strategy="update", how=(WEIGHABLE, 1))
    first = Fits()
    result = result_of(plan, replay(plan, How(**QUIET), first))
    assert first.days == [DAYS[0]]
    assert result.provenance["method"].tolist()[0] == "fit"
    assert set(result.provenance["method"][1:]) <= {"reweight", "refit"}
    assert refits.days == [str(day.date()) for day in result.provenance.index[result.provenance["method"] == "refit"]]
    later = result.table.loc[result.table["method"] == "reweight"]
    assert len(later)
    assert (later["ess"] > 0).all()
    assert result.provenance["why"][1:].str.len().min() > 0
    assert result.table.loc[result.table["method"] == "fit", "khat"].isna().all()


def test_an_update_to_a_day_prices_as_vz_update_does(refits: Fits) -> None:
    plan = plan_of(days=DAYS[:2], strategy="update", how=(WEIGHABLE, 1))
    made = replay(plan, How(**QUIET), quick_fit)[1]
    fc = update(quick_fit(plan.cuts[0], WEIGHABLE, 1), as_of=DAYS[1], case=asking(), progress=False)
    own = fc.questions().loc["permit_sep"]
    found = {asked["question"]: asked for asked in made.questions}["permit_sep"]
    assert found["probability"] == own["probability"]
    assert refits.days in ([], [DAYS[1]] * 2)


def test_none_leaves_the_first_forecast_as_it_was_and_prices_later_questions_with_it() -> None:
    plan, fits = plan_of(strategy="none"), Fits()
    result = result_of(plan, replay(plan, How(**QUIET), fits))
    fc = quick_fit(plan.cuts[0], SETTINGS, 1)
    assert fits.days == [DAYS[0]]
    assert result.provenance["method"].tolist() == ["fit", *["none"] * 4]
    assert result.provenance["fitted"].tolist() == [DAYS[0]] * 5
    for (question, _), row in result.table.loc[result.table["why_not"] == ""].iterrows():
        assert row["probability"] == fc.probability(row["event"]).mean, question
    assert ("truce_on_30jun", pd.Timestamp(DAYS[3])) in result.table.index


def test_days_share_the_labels_of_the_first_until_they_have_no_room() -> None:
    roomy = plan_of().places()
    assert roomy[0] is None
    assert len({id(places) for places in roomy[1:]}) == 1
    full = edited_skeleton({"case.toml": [(r"^signal_kind = \d+", "signal_kind = 0")]})
    crowded = plan_of(full, ["2024-03-01", "2024-03-02", "2024-04-12", "2024-04-29"]).places()
    assert [places is None for places in crowded] == [True, False, True, False]  # a new kind of news on 2 April
    assert crowded[1] != crowded[3]
    with pytest.raises(NoPlaceError):
        quick_fit(full.known_on("2024-04-12"), SETTINGS, 1, places=crowded[1])


def test_only_the_questions_asked_for() -> None:
    result = replayed(TWO, questions=["permit_sep", "seizure_may"])
    assert set(result.table.index.get_level_values("question")) == {"permit_sep", "seizure_may"}


# Folders ---------------------------------------------------------------------------------------------------


def test_a_finished_run_is_read_and_nothing_is_fitted_again(finished: Path, whole: BacktestResult) -> None:
    fits, plan = Fits(), plan_of(days=THREE)
    assert_same(result_of(plan, replay(plan, How(out=finished, **QUIET), fits)), whole)
    assert fits.days == []


@pytest.mark.parametrize("strategy", ["refit", "update", "none"])
def test_an_interrupted_run_goes_on_and_gives_the_same(strategy: str, tmp_path: Path, refits: Fits) -> None:
    how, plan = How(out=tmp_path / "run", **QUIET), plan_of(days=THREE, strategy=strategy, how=(WEIGHABLE, 1))
    uncut = result_of(plan, replay(plan, How(**QUIET), quick_fit))
    stopping: dict[str, Callable[[], Any]] = {
        "refit": lambda: replay(plan, how, Fits(stop_after=2)),
        "update": lambda: replay(plan, how, quick_fit),
        "none": lambda: replay(plan, how, quick_fit),
    }
    days = tmp_path / "run" / "days"
    if strategy == "refit":
        with pytest.raises(KeyboardInterrupt):
            stopping[strategy]()
    else:  # as it stood after the second day: the later ones are not there
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("vzforecast.backtesting.replay.snapshot", _failing_after(2))
            with pytest.raises(KeyboardInterrupt):
                stopping[strategy]()
    assert sorted(path.name for path in days.glob("*.json")) == [f"{day}.json" for day in TWO]
    fits = Fits()
    refits.days.clear()
    assert_same(result_of(plan, replay(plan, how, fits)), uncut)
    assert fits.days == ([DAYS[2]] if strategy == "refit" else [])
    assert not set(refits.days) & set(TWO)


def _failing_after(number: int) -> Callable[..., Any]:
    calls: list[None] = []

    def stop(*arguments: Any) -> Any:
        if len(calls) == number:
            raise KeyboardInterrupt
        calls.append(None)
        return snapshot(*arguments)

    return stop


@pytest.mark.usefixtures("refits")
def test_a_chain_keeps_one_forecast_and_begins_anew_without_it(tmp_path: Path) -> None:
    how, plan = How(out=tmp_path / "run", **QUIET), plan_of(days=THREE, strategy="update", how=(WEIGHABLE, 1))
    uncut = result_of(plan, replay(plan, how, quick_fit))
    days = tmp_path / "run" / "days"
    assert [path.name for path in days.glob("*.nc")] == [f"{THREE[-1]}.nc"]
    (days / f"{THREE[-1]}.json").unlink()  # and the forecast before it is gone: no way to go on from there
    fits = Fits()
    assert_same(result_of(plan, replay(plan, how, fits)), uncut)
    assert fits.days == [DAYS[0]]


@pytest.mark.parametrize("damage", ["cut short", "changed", "another day's"])
def test_a_damaged_day_is_reported_and_done_again(
    damage: str, finished: Path, whole: BacktestResult, tmp_path: Path
) -> None:
    how, plan = How(out=tmp_path / "run", **QUIET), plan_of(days=THREE)
    shutil.copytree(finished, tmp_path / "run")
    file, other = (tmp_path / "run" / "days" / f"{day}.json" for day in DAYS[1:3])
    text = file.read_text(encoding="utf-8")
    broken = {"cut short": text[:-40], "changed": text.replace("0.", "1.", 1), "another day's": other.read_text()}
    file.write_text(broken[damage], encoding="utf-8")
    fits = Fits()
    with pytest.warns(CacheWarning, match=f"{DAYS[1]}.json cannot be trusted .*; the day is done again"):
        again = replay(plan, how, fits)
    assert fits.days == [DAYS[1]]
    assert_same(result_of(plan, again), whole)


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "seed": ({"how": (SETTINGS, 2)}, "seed: 1 there, 2 now"),
    "settings": ({"how": (SamplerSettings(draws=60), 1)}, "settings: .*'draws': 60.* now"),
    "days": ({"days": TWO}, f"as-of dates: {', '.join(THREE)} there, {', '.join(TWO)} now"),
    "strategy": ({"strategy": "none"}, "strategy: refit there, none now"),
    "questions": ({"questions": ["cows"]}, r"questions: None there, \['cows'\] now"),
    "leads": ({"leads": (28,)}, r"leads: \[28, 84\] there, \[28\] now"),
    "case": ({"case": asking().with_prior("rate.promise_flow", "0.1 to 1.0")}, f"the case as known on {THREE[0]}, "),
}


@pytest.mark.parametrize("what", list(OTHERS))
def test_the_folder_of_another_backtest_is_refused(what: str, finished: Path) -> None:
    change, said = OTHERS[what]
    with pytest.raises(BacktestError, match=f"the backtest there is another: {said}.*; give a new folder"):
        replay(plan_of(**({"days": THREE} | change)), How(out=finished, **QUIET), Fits(stop_after=0))


def test_another_version_of_the_code_or_its_libraries_is_another_backtest(finished: Path, tmp_path: Path) -> None:
    how = How(out=tmp_path, **QUIET)
    plan = json.loads((finished / "plan.json").read_text(encoding="utf-8"))
    plan |= {"code": "0", "versions": plan["versions"] | {"pymc": "5.0"}}
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    with pytest.raises(BacktestError, match=r"'pymc': '5.0'.*; the code of vzforecast is another"):
        replay(plan_of(days=THREE), how, Fits(stop_after=0))


def test_what_was_learnt_after_the_last_day_changes_no_plan(finished: Path) -> None:
    fits = Fits(stop_after=0)
    again = replay(plan_of(asking().known_on("2024-05-16"), THREE), How(out=finished, **QUIET), fits)
    assert [one.day for one in again] == list(plan_of(days=THREE).days), "read from the folder, none fitted again"


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BacktestError, match="not empty, and no backtest is in it"):
        replay(plan_of(), How(out=tmp_path, **QUIET), quick_fit)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_plan_of_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('["chapters"]', encoding="utf-8")
    with pytest.raises(BacktestError, match=r"no backtest is in it \(plan.json there is no plan\); give a new folder"):
        replay(plan_of(), How(out=tmp_path, **QUIET), quick_fit)


def test_a_run_killed_before_its_plan_was_written_can_be_started_again(tmp_path: Path, whole: BacktestResult) -> None:
    (tmp_path / "days").mkdir()
    (tmp_path / ".plan.json.0123456789abcdef.part").write_text("{", encoding="utf-8")
    plan = plan_of(days=THREE)
    assert_same(result_of(plan, replay(plan, How(out=tmp_path, **QUIET), quick_fit)), whole)


FULL = (
    r"could not be written \(No space left on device\); make room, or the folder writable, and start the same run again"
)


def test_a_full_disk_is_said_and_what_is_done_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> Any:
        if THREE[1] in path.name:
            raise OSError(28, "No space left on device")
        return whole_file(path)

    how = How(out=tmp_path / "run", **QUIET)
    with monkeypatch.context() as patch:
        patch.setattr("vzforecast.backtesting.folder.whole_file", full)
        with pytest.raises(BacktestError, match=rf"{THREE[1]}\.json {FULL}: days that are done are kept"):
            replay(plan_of(days=THREE), how, quick_fit)
    fits = Fits()
    replay(plan_of(days=THREE), how, fits)
    assert fits.days == list(THREE[1:])


def test_a_disk_too_full_for_the_forecast_of_a_chain_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vzforecast.forecast.Forecast.save", full)
    with pytest.raises(BacktestError, match=rf"{TWO[0]}\.nc {FULL}"):
        replay(plan_of(days=TWO, strategy="none"), How(out=tmp_path / "run", **QUIET), quick_fit)


def test_neither_order_nor_repetition_of_questions_makes_another_backtest() -> None:
    one, other = (plan_of(days=TWO, questions=asked) for asked in (["cows", "permit_sep"], ["permit_sep", "cows"] * 2))
    assert one.to_dict() == other.to_dict()


def test_every_module_that_decides_what_is_said_is_in_the_digest_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    apart: list[frozenset[str]] = []
    monkeypatch.setattr("vzforecast.backtesting.plan.code_digest", lambda names: apart.append(names) or "digest")
    plan_of(days=TWO).to_dict()
    assert not apart[0] & {"backtesting", "stacking", "updating", "forecast", "fitting.py", "events", "history", "case"}
    assert "scoring" in apart[0], "scores are made anew from the days each time"


KILLED = """
import sys
from pathlib import Path
from helpers.mortal import lingers
from helpers.replayed import DAYS, plan_of
from vzforecast.backtesting.replay import How, replay

replay(plan_of(days=DAYS[:3]), How(out=Path(sys.argv[1]), workers=int(sys.argv[2]), progress=False), lingers)
"""


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])  # two are processes of their own
def test_a_run_killed_in_the_middle_goes_on_from_what_is_done(
    workers: int, tmp_path: Path, root: Path, whole: BacktestResult
) -> None:
    out = tmp_path / "run"
    environment = os.environ | {"PYTHONPATH": str(root / "tests")}
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(out), str(workers)], env=environment)
    try:
        deadline = time.monotonic() + 120
        while len(list(out.glob("days/*.json"))) < 2 and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        started = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert bool(started) == (workers > 1)
    assert psutil.wait_procs(started, timeout=30)[1] == [], "no worker outlives the run that started it"
    fits, plan = Fits(), plan_of(days=THREE)
    result = result_of(plan, replay(plan, How(out=out, **QUIET), fits))
    assert fits.days == [DAYS[2]]
    assert_same(result, whole)
    assert not list(out.glob("**/*.part"))


# Workers ---------------------------------------------------------------------------------------------------


def test_two_processes_give_the_rows_of_one(whole: BacktestResult) -> None:
    plan = plan_of(days=THREE)
    made = replay(plan, How(workers=2, **QUIET), quick_fit)
    assert_same(result_of(plan, made), whole)


@pytest.mark.slow  # it starts two processes
def test_a_process_that_dies_ends_the_run_with_a_remedy_and_keeps_what_is_done(tmp_path: Path) -> None:
    plan, how = plan_of(days=TWO), How(workers=2, out=tmp_path / "run", **QUIET)
    said = "a worker process ended before it was done; start a script's own work under if __name__ == '__main__', "
    with pytest.raises(BacktestError, match=f"{said}use fewer workers if memory ran out; with the same out=DIR"):
        replay(plan, how, always_dies)
    assert_same(result_of(plan, replay(plan, how, quick_fit)), replayed(TWO))


# What is refused -------------------------------------------------------------------------------------------

BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no day": ({"as_of": []}, DateError, "as_of has no day; give one at least"),
    "a text": ({"as_of": "2025-02-05"}, DateError, "as_of is the text '2025-02-05'; give a list of days"),
    "a day twice": ({"as_of": ["2025-02-05", "2025-02-05"]}, DateError, "as_of has 2025-02-05 more than once"),
    "a day after the horizon": ({"as_of": ["2026-02-05"]}, DateError, "is after the horizon of the case"),
    "unknown question": (
        {"questions": ["maduro_gone"]},
        BacktestError,
        "questions: the case has no question 'maduro_gone'; its questions are american_freed_by_30apr2025, ",
    ),
    "questions as a text": ({"questions": "maduro_out_2025"}, BacktestError, "give a list of ids"),
    "unknown strategy": (
        {"strategy": "refits"},
        BacktestError,
        "strategy is 'refits'; did you mean refit? choose one of refit, update, none",
    ),
    "no worker": ({"workers": 0}, BacktestError, "workers is 0; give a whole number from 1"),
    "half a worker": ({"workers": 1.5}, BacktestError, "workers is 1.5; give a whole number from 1"),
    "a chain by two": (
        {"strategy": "update", "workers": 2},
        BacktestError,
        "strategy 'update' is a chain, each day after the one before it; use one worker and no client, or",
    ),
    "workers and client": ({"workers": 2, "client": object()}, BacktestError, "workers and client exclude each other"),
    "no client": ({"client": "localhost:8786"}, BacktestError, "give a dask.distributed.Client"),
    "lead 0": ({"leads": [0]}, BacktestError, "leads has 0; give whole numbers of days from 1"),
    "lead half": ({"leads": [1.5]}, BacktestError, "leads has 1.5; give whole numbers of days from 1"),
    "scored on no day": ({"scored_on": "spring"}, DateError, "scored_on"),
}


@pytest.mark.parametrize("what", list(BAD))
def test_bad_arguments_are_refused_before_any_fit(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, error, message = BAD[what]
    monkeypatch.setattr("vzforecast.backtesting.workers.done", None)
    with pytest.raises(error, match=message.replace("?", r"\?")):
        backtest(**({"case": embedded(), "as_of": ["2025-02-05"]} | change))


@pytest.mark.parametrize(("strategy", "density"), [("refit", "pymc"), ("update", "written"), ("none", "pymc")])
@pytest.mark.parametrize("average", [False, True])
def test_fits_sample_the_density_that_goes_with_the_strategy(
    strategy: Strategy, density: str, average: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[SamplerSettings] = []

    def recorded(known: Case, settings: SamplerSettings, *_: Any, **__: Any) -> Forecast:
        asked.append(settings)
        return quick_fit(known, SETTINGS, 1)

    for name in ("fit_known", "stack_known"):
        monkeypatch.setattr(f"vzforecast.backtesting.backtesting.{name}", recorded)
    days: dict[str, Any] = {"as_of": DAYS[:1], "scored_on": "2024-07-01", "strategy": strategy, "average": average}
    backtest(asking(), **days)
    own = SamplerSettings(draws=70)
    backtest(asking(), **days, settings=own)
    assert asked == [SamplerSettings(draws=1000, density=density), own]  # type: ignore[arg-type]


def test_a_client_without_the_extra_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BacktestError, match=r"client= needs dask.distributed; install vzforecast\[distributed\]"):
        backtest(embedded(), ["2025-02-05"], client=object())


def test_numbers_survive_the_file_to_the_last_bit(tmp_path: Path) -> None:
    plan, how = plan_of(days=DAYS[:1]), How(out=tmp_path / "run", **QUIET)
    first, again = replay(plan, how, quick_fit)[0], replay(plan, how, Fits(stop_after=0))[0]
    assert json.dumps(first.to_dict()) == json.dumps(again.to_dict())
    assert np.isnan(again.khat)
