"""Backtests that sample: cores and workers change nothing, and one compiled model serves all days."""

import pytest

from helpers.replayed import asking, assert_same
from vzforecast import BacktestResult, SamplerSettings, backtest
from vzforecast.fitting import fit_known

pytestmark = pytest.mark.slow

DAYS = ("2024-04-12", "2024-05-15", "2024-06-20")
SHORT = SamplerSettings(draws=300, tune=300, chains=2, paths=5)


@pytest.fixture(scope="module")
def serial() -> BacktestResult:
    return backtest(asking(), DAYS, settings=SHORT, progress=False)


def test_draws_and_paths_do_not_depend_on_cores() -> None:
    known = asking().known_on(DAYS[0])
    one, two = (fit_known(known, SHORT, 1, cores=cores, cache=False, progress=False) for cores in (1, 2))
    assert one.posterior["posterior"].to_dataset().equals(two.posterior["posterior"].to_dataset())
    assert (one.simulated.times == two.simulated.times).all()


def test_two_workers_give_the_rows_of_one_process(serial: BacktestResult) -> None:
    assert_same(backtest(asking(), DAYS, workers=2, settings=SHORT, progress=False), serial)


def test_one_compiled_model_serves_all_days(serial: BacktestResult, monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_again(*_: object) -> None:
        raise AssertionError("compiled again")

    del serial
    monkeypatch.setattr("vzforecast.inference.compile_model", compile_again)
    again = backtest(asking(), DAYS, seed=2, settings=SHORT, progress=False)
    assert len(again.provenance) == len(DAYS)


def test_update_and_none_begin_with_the_same_forecast(serial: BacktestResult) -> None:
    columns = ["probability", "lower", "upper", "mcse"]
    for strategy in ("update", "none"):
        found = backtest(asking(), DAYS, strategy=strategy, settings=SHORT, progress=False).table
        first = found.xs(DAYS[0], level="as_of")[columns]
        assert first.equals(serial.table.xs(DAYS[0], level="as_of")[columns])
        assert found["method"].isin(["fit", "refit", "move", "reweight", "none"]).all()
