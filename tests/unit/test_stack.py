"""A stack as a forecast: what it shows of its members, how it is saved and updated, and what may be a member."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers.cases import skeleton
from helpers.evidence import item
from helpers.stacks import AS_OF, SETTINGS, island_stack, no_sampling
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast import CaseError, Forecast, intervene, load_forecast, stack, update
from vzforecast.display import Run, Summary, print_summary
from vzforecast.errors import SettingsError
from vzforecast.forecast.averaged import Averaged
from vzforecast.paths import Paths
from vzforecast.reweight import Reweighted
from vzforecast.stacking.members import MEMBERS
from vzforecast.stacking.stacking import LIGHT, pooled
from vzforecast.updating.weigh import rows_then_and_now


def averaged(fc: Forecast) -> Averaged:
    assert fc.averaged is not None
    return fc.averaged


def test_table_of_members() -> None:
    table = averaged(island_stack()).table
    assert list(table.columns) == ["without", "weight", "stacked", "equal", "score"]
    assert table.index.tolist() == list(MEMBERS)
    assert table["without"].tolist() == ["coupling, influence, tone", "coupling", "influence", ""]
    assert table["weight"].sum() == pytest.approx(1.0)
    assert table["equal"].tolist() == [0.25] * 4
    assert (table.sort_values("score").index == table.sort_values("weight").index).all()


def test_scores_by_month_and_member() -> None:
    scores = averaged(island_stack()).scores
    assert list(scores.columns) == ["score", "mcse", "rows", "events", "ok"]
    months = [pd.Timestamp(2024, 4, 1), pd.Timestamp(2024, 5, 1)]
    assert scores.index.tolist() == [(month, member) for month in months for member in MEMBERS]
    assert (scores["score"] < 0.0).all()
    assert scores["mcse"].between(0.0, 0.1).all()
    assert scores["ok"].all()
    assert scores["rows"].groupby("month").nunique().tolist() == [1, 1]


def test_every_fit_knows_what_was_published_before_its_month_and_no_more() -> None:
    with no_sampling() as fitted:
        stack(skeleton(), AS_OF, SETTINGS)
    days = [str(case.as_of) for case in fitted]
    assert days == [AS_OF] * 4 + ["2024-03-31"] * 4 + ["2024-04-30"] * 4
    for case in fitted:
        assert case == skeleton().known_on(str(case.as_of)).without(*case.spec.variant.without)


def test_before_the_first_eve_weights_are_equal() -> None:
    early = island_stack("2024-03-10")
    assert averaged(early).months == 0
    assert averaged(early).table["weight"].tolist() == [0.25] * 4
    assert "by 0 scored months" in repr(early)


def test_says_what_it_is(tmp_path: Path) -> None:
    fc = island_stack()
    assert "average of 4 variants by 2 scored months: reference class only 2" in repr(fc)
    assert fc.provenance["weights"] == pytest.approx(averaged(fc).table["weight"].to_dict())
    with (tmp_path / "printed").open("w+", encoding="utf-8") as file:
        print_summary(Summary(Run(fc, fc.horizon, 1.0)), file)
        file.seek(0)
        printed = " ".join(file.read().split())
    assert "An average of 4 variants by 2 scored months" in printed
    assert "(equal weights: 25% each)" in printed


@pytest.mark.parametrize("moved", [False, True])
def test_saved_and_loaded(moved: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reweighted, "failures", ())
    fc = update(island_stack(), [item("signal", date="2024-05-20")]) if moved else island_stack()
    again = load_forecast(fc.save(tmp_path / "stack.nc"))
    for name in ("scenarios", "outcomes", "influence", "defection"):
        pd.testing.assert_frame_equal(getattr(again, name)(), getattr(fc, name)())
    pd.testing.assert_frame_equal(averaged(again).table, averaged(fc).table)
    pd.testing.assert_frame_equal(averaged(again).scores, averaged(fc).scores)
    with xr.open_datatree(tmp_path / "stack.nc", engine="h5netcdf") as tree:
        assert tree.attrs["format"] == "vzforecast forecast 4"  # which a version without stacks refuses


def test_time_without_news_keeps_a_stack_and_its_weights_at_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reweighted, "failures", ())
    before = island_stack()
    after = update(update(before, as_of="2024-05-25"), as_of="2024-06-10")
    assert averaged(after).weights.tolist() == averaged(before).weights.tolist()
    assert averaged(after).in_force.sum() == pytest.approx(1.0)
    assert after.scenarios()["probability"].sum() == pytest.approx(1.0)
    assert averaged(before).now is None


def test_a_refit_stacks_again() -> None:
    with no_sampling() as fitted:
        after = update(island_stack(), as_of="2024-06-10", method="refit")
    assert len(fitted) == 4 * 4
    assert averaged(after).members == MEMBERS
    assert averaged(after).months == 3
    assert after.update_report is not None
    assert after.update_report.method == "refit"
    assert after.weights.of_draws is not None
    np.testing.assert_allclose(after.weights.of_draws.reshape(4, -1).sum(axis=1), averaged(after).weights)


def test_which_member_fails_its_limits_is_said() -> None:
    with no_sampling():
        report = update(island_stack(), [item("signal", date="2024-05-20")]).update_report
    assert report is not None
    assert report.method == "refit"
    assert "is below 200 (reference class only)" in report.why  # 120 draws


def test_a_member_without_the_record_of_promises_learns_nothing_from_one() -> None:
    fc = island_stack()
    for terms, promises in ((), True), (("defection",), False):
        ((then, _),) = rows_then_and_now(fc.known, fc.known, terms)
        flow = then.coords["process"].index("promise_flow")
        own = (then.data["row_process"] == flow) & (then.data["row_own"] == 0.0)
        assert own.any() == promises


def test_interventions_keep_the_weights() -> None:
    after = intervene(island_stack(), outcomes={"ferry_permit": "withdrawn"})
    assert after.weights.of_draws is not None
    np.testing.assert_allclose(after.weights.of_draws, island_stack().weights.of_draws)
    assert after.probability("state(ferry_permit = withdrawn) on 2024-09-01").mean == pytest.approx(1.0)


def test_half_pools_two_readings_of_each_member() -> None:
    with no_sampling():
        half = stack(skeleton().with_partial("half"), "2024-03-10", SETTINGS)
    assert half.readings == 8


def test_one_failed_member_fails_the_stack() -> None:
    known = skeleton().known_on(AS_OF)
    shape = {"draws": 60, "chains": 2, "paths": 6}
    good, bad = synthetic_forecast(known, **shape), synthetic_forecast(known, report=failing_report(), **shape)
    weights = Averaged({"a": (), "b": ("tone",)}, np.array([0.9, 0.1]), averaged(island_stack()).scores.iloc[:0])
    assert not pooled(known, {"a": good, "b": bad}, weights).ok


def test_failed_fits_behind_the_weights_are_counted() -> None:
    of_stack = averaged(island_stack())
    assert "failed" not in of_stack.text
    scores = of_stack.scores.assign(ok=[False, *of_stack.scores["ok"][1:]])
    said = replace(of_stack, scores=scores).text
    assert said.endswith(f"; 1 of {len(scores)} fits behind the weights failed their diagnostics")


WRONG: Mapping[str, tuple[Mapping[str, tuple[str, ...]], type[Exception], str]] = {
    "one": ({"full": ()}, SettingsError, "give at least two"),
    "alike": ({"a": ("tone", "coupling"), "b": ("coupling", "tone")}, SettingsError, "'a' and 'b' leave out the same"),
    "schedule": ({"a": ("schedule",), "b": ()}, SettingsError, "case.without[(]'schedule'[)]"),
    "no term": ({"a": ("mood",), "b": ()}, CaseError, "choose one of coupling, influence"),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_members_that_cannot_be_pooled(what: str) -> None:
    members, error, message = WRONG[what]
    with pytest.raises(error, match=message):
        stack(skeleton(), AS_OF, members=members)


def test_paths_of_another_record_do_not_stand_beside_these() -> None:
    one, other = (synthetic_forecast(skeleton(), day, draws=60, paths=6).simulated for day in (AS_OF, "2024-05-16"))
    with pytest.raises(ValueError, match="different records"):
        Paths.side_by_side([one, other])


def test_past_months_are_fitted_lightly() -> None:
    assert (LIGHT.chains, LIGHT.draws, LIGHT.paths) == (4, 750, 2)
