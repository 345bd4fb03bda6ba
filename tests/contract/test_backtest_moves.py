"""A backtest by updates whose days are moved on, sampled for real: cut off after any day, it goes on from there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpers.replayed import DAYS, assert_same, plan_of, result_of
from vzforecast.backtesting import replay as replaying
from vzforecast.backtesting.replay import How, replay
from vzforecast.settings import SamplerSettings
from vzforecast.updating import advance
from vzforecast.updating.weigh import Verdict

THREE = DAYS[:3]
SETTINGS = SamplerSettings(draws=1_000, tune=300, chains=4, paths=3, density="written")


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse weights, whatever they are worth: the news of these days is little."""
    real = advance.weigh

    def refused(*arguments: Any) -> Verdict:
        return replace(real(*arguments), result=None, why="weights are refused here")

    monkeypatch.setattr(advance, "weigh", refused)


def run(folder: Path | None) -> Any:
    plan = plan_of(days=THREE, strategy="update", how=(SETTINGS, 1))
    return result_of(plan, replay(plan, How(out=folder, progress=False)))


@pytest.mark.parametrize("done", [1, 2])
def test_a_chain_of_moves_goes_on_where_it_was_cut_off(
    done: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(None)
    assert whole.provenance["method"].tolist() == ["fit", "move", "move"]
    real, snapshots = replaying.snapshot, []

    def cut(*arguments: Any) -> Any:
        if len(snapshots) == done:
            raise KeyboardInterrupt
        snapshots.append(real(*arguments))
        return snapshots[-1]

    with monkeypatch.context() as patch:
        patch.setattr(replaying, "snapshot", cut)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "run")
    monkeypatch.setattr("vzforecast.fitting._fit", lambda *_: pytest.fail("fitted again"))
    assert_same(run(tmp_path / "run"), whole)
