"""A backtest on a real cluster of two workers, one of which is killed half-way: nothing lost, nothing counted twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from helpers.mortal import DiesOnce, always_dies
from helpers.replayed import DAYS, assert_same, plan_of, quick_fit, replayed, result_of
from vzforecast import BacktestError
from vzforecast.backtesting.replay import How, replay

pytestmark = [
    pytest.mark.slow,
    # A killed worker leaves its sockets and its temporary folder to be tidied by others, who say so.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = str(tmp_path_factory.mktemp("dask"))
    with (
        LocalCluster(2, threads_per_worker=1, dashboard_address=None, local_directory=folder) as cluster,
        Client(cluster) as client,
    ):
        yield client


def test_a_cluster_gives_the_rows_of_one_process(client: Client) -> None:
    plan = plan_of()
    assert_same(result_of(plan, replay(plan, How(client=client, progress=False), quick_fit)), replayed())


def test_a_worker_killed_in_the_middle_loses_nothing(client: Client, tmp_path: Path) -> None:
    plan, how = plan_of(), How(client=client, out=tmp_path / "run", progress=False)
    result = result_of(plan, replay(plan, how, DiesOnce(tmp_path)))
    assert (tmp_path / "died").exists()
    assert {path.name.split()[0] for path in tmp_path.glob("2024-*")} == set(DAYS)
    assert_same(result, replayed())
    assert not result.table.index.has_duplicates
    assert not result.stated.duplicated(["forecaster", "question", "as_of"]).any()
    kept = sorted(path.name for path in (tmp_path / "run" / "days").iterdir())
    assert kept == [f"{day}.json" for day in DAYS]


def test_a_day_that_kills_every_worker_ends_the_run_and_keeps_the_others(client: Client, tmp_path: Path) -> None:
    plan, how = plan_of(days=DAYS[:2]), How(client=client, out=tmp_path / "run", progress=False)
    with pytest.raises(BacktestError, match="several workers of the cluster died on the same day's fit"):
        replay(plan, how, always_dies)
    assert [path.name for path in (tmp_path / "run" / "days").iterdir()] == [f"{DAYS[0]}.json"]
