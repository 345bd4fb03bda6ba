"""``vz.sensitivity`` and its figure: tables, words, targets, refits, variants, errors."""

import re
from collections.abc import Iterator
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import vzforecast as vz
from helpers.cases import skeleton
from helpers.stacks import island_stack, no_sampling
from helpers.synthetic import Refits, failing_report, synthetic_forecast
from vzforecast.explaining.left import Left
from vzforecast.explaining.sensitivity_blocks import NOT_SAMPLED, POWER_COLUMNS
from vzforecast.explaining.sensitivity_shifts import ENDS
from vzforecast.explaining.sensitivity_tornado import TORNADO_COLUMNS
from vzforecast.forecast import Forecast

BROKEN = "ever(fishing_truce = broken) by 2024-12-31"
SCHEDULE = ["schedule.log_odds", "schedule.days"]
FIGURES = [f"{end}_{column}" for end in ENDS for column in ("probability", "points", "mcse")]


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), "2024-04-15", draws=400, chains=4, paths=10)


@pytest.fixture(scope="module")
def found(fc: Forecast) -> vz.Sensitivity:
    return vz.sensitivity(fc, BROKEN)


@pytest.fixture(autouse=True)
def figures_are_closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def distrusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no weights be trusted."""

    def weighed(_: Forecast, ratio: np.ndarray) -> Left:
        return Left(np.full(len(ratio), 1.0 / len(ratio)), 0.9, safe=False)

    monkeypatch.setattr("vzforecast.explaining.sensitivity_tornado.weighed", weighed)


def test_every_prior_is_a_line_or_says_why_not(fc: Forecast, found: vz.Sensitivity) -> None:
    assert sorted(found.tornado.index) == sorted(fc.case.priors.index)
    assert found.tornado.index.is_unique
    assert found.tornado.index.name == "prior"
    assert found.tornado.columns.tolist() == TORNADO_COLUMNS
    assert found.tornado.loc[SCHEDULE, "why_not"].tolist() == [f"low: {NOT_SAMPLED}; high: {NOT_SAMPLED}"] * 2
    for end in ENDS:
        known = found.tornado[f"{end}_path"] == "reweight"
        assert known.sum() > 20
        assert (found.tornado.loc[known, f"{end}_khat"] < 0.7).all()
        blank = found.tornado.loc[~known]
        assert blank[[f"{end}_points", f"{end}_mcse", f"{end}_probability"]].isna().all(axis=None)
        assert not blank[f"{end}_clear"].any()
        assert blank["why_not"].str.contains(f"{end}: ").all()


def test_figures_agree_with_each_other(fc: Forecast, found: vz.Sensitivity) -> None:
    table, here = found.tornado, fc.probability(BROKEN)
    assert found.probabilities.loc[found.targets[0], "probability"] == here.mean
    assert found.probabilities.loc[found.targets[0], "mcse"] == here.mcse
    for end in ENDS:
        np.testing.assert_allclose(100 * (table[f"{end}_probability"] - here.mean), table[f"{end}_points"])
        assert (table[f"{end}_clear"] == (table[f"{end}_points"].abs() >= 2 * table[f"{end}_mcse"])).all()
    np.testing.assert_allclose(table["swing"], table["high_points"] - table["low_points"])
    assert (table["low_at"] < table["median"]).all()
    assert (table["median"] < table["high_at"]).all()
    moved = table[["low_points", "high_points", "swing"]].abs().max(axis=1)
    assert table["clear"].is_monotonic_decreasing, "what clearly moves it comes first"
    for _, own in moved.groupby(table["clear"]):
        assert own.dropna().is_monotonic_decreasing
        assert own.isna().to_numpy()[own.notna().sum() :].all(), "lines without a number come last"
    both = table["swing"].notna()
    assert (table["clear"] == (table["swing"].abs() >= 2 * table["swing_mcse"]))[both].all()


def test_what_the_event_does_not_hang_on_is_within_its_error(found: vz.Sensitivity) -> None:
    """The prior of the recovery of another outcome that nothing couples to the truce."""
    line = found.tornado.loc["delta.recovery.ferry_permit"]
    for end in ENDS:
        assert 0.0 < abs(line[f"{end}_points"]) < 4 * line[f"{end}_mcse"]


def test_what_the_event_hangs_on_moves_it_the_right_way(found: vz.Sensitivity) -> None:
    line = found.tornado.loc["rate.promise_flow"]  # of which the truce is one
    assert line["low_points"] < 0.0 < line["high_points"]
    assert line["low_clear"]
    assert line["clear"]


def test_blocks(found: vz.Sensitivity) -> None:
    assert found.power.columns.tolist() == POWER_COLUMNS
    assert found.power.index.names == ["kind", "block"]
    blocks = {kind: [block for one, block in found.power.index if one == kind] for kind in ("prior", "likelihood")}
    assert set(blocks["prior"]) == {
        *("all", "influence", "signal", "tension", "rate", "spread", "schedule", "slope", "delta", "leverage"),
        *("leverage_doubt", "coupling"),
    }
    assert blocks["prior"][0] == blocks["likelihood"][0] == "all"
    assert {"favoured", "lean", "events.class.promise_flow", "events.outcome.fishing_truce"} <= set(
        blocks["likelihood"]
    )
    assert found.power.loc[("prior", "schedule"), "why_not"] == NOT_SAMPLED
    known = found.power.drop(index=("prior", "schedule"))
    assert known[["psense", "psense_mcse", "points", "mcse"]].gt(-np.inf).all(axis=None)
    assert (known["clear"] == (known["points"].abs() >= 2 * known["mcse"])).all()
    assert (known["khat"] < 0.7).all()
    assert found.power.loc[("prior", "rate"), "points"] != 0.0


def test_all_scenarios_and_one(fc: Forecast) -> None:
    whole = vz.sensitivity(fc)
    ids = [scenario.id for scenario in fc.case.spec.scenarios]
    assert list(whole.targets) == ids
    assert whole.tornado.index.names == ["target", "prior"]
    assert whole.power.index.names == ["target", "kind", "block"]
    pd.testing.assert_series_equal(
        whole.probabilities["probability"], fc.scenarios()["probability"], check_names=False, check_index_type=False
    )
    ends = whole.tornado["low_points"].groupby("prior").sum(min_count=1).dropna()
    assert ends.to_numpy() == pytest.approx(np.zeros(len(ends)), abs=1e-9), "probabilities of scenarios sum to one"
    one = vz.sensitivity(fc, ids[0])
    pd.testing.assert_frame_equal(one.tornado, whole.of(ids[0]).tornado)
    pd.testing.assert_frame_equal(one.power, whole.of(ids[0]).power)
    pd.testing.assert_frame_equal(one.probabilities, whole.of(ids[0]).probabilities)
    assert whole.text.count("Priors that move it most") == len(ids)
    with pytest.raises(vz.ExplainError) as told:
        vz.plot.tornado(whole)
    assert str(told.value) == f"there are {len(ids)} targets; take one: result.of({ids[0]!r})"
    with pytest.raises(vz.ExplainError) as told:
        whole.of("calmer")
    assert str(told.value).startswith("there is no target 'calmer'; did you mean calm? choose one of ")


def test_words(found: vz.Sensitivity) -> None:
    assert str(found) == found.text
    assert found.text.startswith(f"{BROKEN}: ")
    assert found.verdict in found.text
    assert "Priors that move it most, in points with the median at its old 5 % and 95 % point:" in found.text
    blank = int(found.tornado["why_not"].ne("").sum())
    assert f"no number at one end or both of {blank} priors (why_not); refit=True gives them" in found.text
    assert repr(found) == f"<Sensitivity of {BROKEN} to {len(found.tornado)} priors>"


@pytest.mark.parametrize(
    ("prior", "error", "rows", "words"),
    [
        (0.01, 0.001, 0.2, "the priors matter little"),
        (0.04, 0.02, 0.2, "these draws cannot tell whether the priors matter"),  # it may be 0.08
        (0.06, 0.01, 0.2, "these draws cannot tell whether the priors matter"),  # it may be 0.04
        (0.2, 0.15, 0.2, "these draws cannot tell whether the priors matter"),
        (0.2, 0.02, 0.01, "it rests on the priors, the rows say little about it"),
        (0.2, 0.02, 0.045, "the priors matter, and these draws cannot tell whether the rows do"),
        (0.2, 0.02, 0.055, "the priors matter, and these draws cannot tell whether the rows do"),
        (0.2, 0.02, 0.2, "priors and rows both matter, and may pull apart"),
    ],
)
def test_verdicts(found: vz.Sensitivity, prior: float, error: float, rows: float, words: str) -> None:
    power = found.power.copy()
    power.loc[[("prior", "all"), ("likelihood", "all")], "psense"] = [prior, rows]
    power.loc[[("prior", "all"), ("likelihood", "all")], "psense_mcse"] = [error, 0.003]
    told = replace(found, power=power).verdict
    assert told == f"{words}: psense {prior:.3f} (error {error:.3f}) of all priors, {rows:.3f} (0.003) of all rows"


def test_some_priors(fc: Forecast, found: vz.Sensitivity) -> None:
    some = vz.sensitivity(fc, BROKEN, priors=["tension.psi", "rate.permit", "tension.psi"])
    assert sorted(some.tornado.index) == ["rate.permit", "tension.psi"]
    pd.testing.assert_frame_equal(some.tornado.sort_index(), found.tornado.loc[["rate.permit", "tension.psi"]])
    pd.testing.assert_frame_equal(some.power, found.power)
    assert vz.sensitivity(fc, BROKEN, priors="tension.psi").tornado.index.tolist() == ["tension.psi"]
    assert vz.sensitivity(fc, BROKEN, priors=[]).tornado.empty
    with pytest.raises(vz.PriorError) as told:
        vz.sensitivity(fc, BROKEN, priors=["tension.psy"])
    assert str(told.value) == (
        "the case has no prior 'tension.psy'; did you mean tension.psi? case.priors lists all of them"
    )
    with pytest.raises(vz.EventError):
        vz.sensitivity(fc, "ever(fishing_truce = gone)")


@pytest.mark.usefixtures("distrusted")
def test_a_refit_takes_the_place_of_weights_that_fail(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    refits = Refits(draws=400, chains=4, paths=10)
    monkeypatch.setattr("vzforecast.explaining.refits.fit_known", refits)
    ids = ["rate.promise_flow", "tension.psi", "signal.bearing", "schedule.days"]
    blank = vz.sensitivity(fc, BROKEN, priors=ids).tornado
    assert not refits.calls
    assert blank[FIGURES].isna().all(axis=None)
    told = "low: k-hat 0.90 is not below 0.69; high: k-hat 0.90 is not below 0.69"
    assert blank.loc["tension.psi", "why_not"] == told
    table = vz.sensitivity(fc, BROKEN, priors=ids, refit=True, cache=False).tornado
    assert set(table["low_path"]) | set(table["high_path"]) == {"refit"}
    assert set(table["why_not"]) == {""}
    assert len(refits.calls) == 2 * len(ids)
    assert not any(call["cache"] for call in refits.calls)
    for call, prior_id in zip(refits.calls, np.repeat(ids, 2), strict=True):
        own = {name for name, prior in call["known"].prior_specs.items() if prior != fc.case.prior_specs[name]}
        assert own == {prior_id}
    here = fc.probability(BROKEN)
    for call, end in zip(refits.calls[:2], ENDS, strict=True):
        other = synthetic_forecast(call["known"], seed=1, draws=400, chains=4, paths=10).probability(BROKEN)
        line = table.loc["rate.promise_flow"]
        assert line[f"{end}_points"] == pytest.approx(100 * (other.mean - here.mean))
        assert line[f"{end}_mcse"] == pytest.approx(100 * np.hypot(other.mcse, here.mcse))
        assert line[f"{end}_khat"] == 0.9
        assert line[f"{end}_probability_mcse"] == pytest.approx(other.mcse)
    assert np.isnan(table.loc["schedule.days", "low_khat"])


@pytest.mark.usefixtures("distrusted")
def test_a_refit_that_fails_its_diagnostics_gives_no_number(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    refits = Refits(draws=50, paths=2, report=failing_report())
    monkeypatch.setattr("vzforecast.explaining.refits.fit_known", refits)
    table = vz.sensitivity(fc, BROKEN, priors="tension.psi", refit=True, cache=False).tornado
    assert table[FIGURES].isna().all(axis=None)
    assert table[["low_probability_mcse", "high_probability_mcse"]].isna().all(axis=None)
    assert table["why_not"].iloc[0].startswith("low: the refit failed its diagnostics: ")
    told = vz.sensitivity(fc, BROKEN, priors="tension.psi", refit=True, cache=False).text.splitlines()
    assert told[-1] == "  no number at one end or both of 1 prior, whose refit failed: tension.psi"
    assert not any("refit=True gives" in line for line in told)


@pytest.mark.usefixtures("distrusted")
def test_members_of_a_stack_count_as_they_do_after_a_refit() -> None:
    stack = island_stack()
    with no_sampling() as fitted:
        table = vz.sensitivity(stack, BROKEN, priors="tension.psi", refit=True, cache=False).tornado
    assert fitted, "the members were fitted again"
    scales = sorted({case.prior_specs["tension.psi"].sigma for case in fitted})
    factors = [scale / stack.case.prior_specs["tension.psi"].sigma for scale in scales]
    assert factors == pytest.approx([0.09297, 2.90585], rel=1e-4)
    assert set(table["low_path"]) == {"refit"}


def test_weights_serve_stacks_judgements_and_updates(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = vz.update(fc, [vz.LikelihoodJudgement(date="2024-04-15", event=BROKEN, ratio=4.0)])
    signal = vz.Signal(date="2024-04-16", kind="statement", strength=1, faction="wardens")
    updated = vz.update(fc, [signal], method="reweight")
    for own in (judged, updated):
        result = vz.sensitivity(own, BROKEN, priors=["rate.promise_flow", "rate.permit"])
        here = own.probability(BROKEN).mean
        assert result.probabilities["probability"].iloc[0] == pytest.approx(here)
        points = 100 * result.tornado["high_probability"] - result.tornado["high_points"]
        assert points.to_numpy() == pytest.approx(100 * here)
    stack = island_stack()
    few = vz.sensitivity(stack, BROKEN, priors="rate.permit").tornado["why_not"].iloc[0]
    assert re.match("low: ESS [0-9]+ is below 100; high: ", few), "a member has 120 draws"
    monkeypatch.setattr("vzforecast.explaining.sensitivity_tornado.MIN_ESS_PER_CHAIN", 1.0)
    result = vz.sensitivity(stack, BROKEN)
    here = stack.probability(BROKEN).mean
    assert result.probabilities["probability"].iloc[0] == pytest.approx(here)
    known = result.tornado[result.tornado["low_path"] == "reweight"]
    assert len(known) > 20
    assert (100 * known["low_probability"] - known["low_points"]).to_numpy() == pytest.approx(100 * here)
    assert result.power["points"].drop(index=("prior", "schedule")).notna().all()


def test_an_intervention_keeps_its_paths_and_is_not_fitted(fc: Forecast) -> None:
    under = vz.intervene(fc, outcomes={"ferry_permit": "withdrawn"}, start="2024-06-01")
    result = vz.sensitivity(under, BROKEN, priors="rate.promise_flow")
    assert result.probabilities["probability"].iloc[0] == pytest.approx(under.probability(BROKEN).mean)
    assert result.tornado["low_path"].tolist() == ["reweight"]
    with pytest.raises(vz.InterventionError, match="ask the forecast that it was made from"):
        vz.sensitivity(under, BROKEN, priors="schedule.days", refit=True)


def test_a_term_left_out_moves_nothing() -> None:
    bare = synthetic_forecast(skeleton().without("coupling", "tone", "schedule"), "2024-04-15", draws=300, paths=6)
    result = vz.sensitivity(bare, BROKEN)
    assert sorted(result.tornado.index) == sorted(bare.case.priors.index)
    for prior in ("coupling.onset.ferry_permit.fishing_truce", "tension.psi", "tension.lambda"):
        line = result.tornado.loc[prior]
        assert line[["low_points", "high_points", "swing"]].to_numpy(float) == pytest.approx(0.0, abs=1e-9)
        assert not line["clear"]
    assert result.power.loc[("prior", "coupling"), "points"] == pytest.approx(0.0, abs=1e-9)
    assert result.power.loc[("prior", "coupling"), "psense"] == pytest.approx(0.0, abs=1e-9)
    assert ("prior", "schedule") not in result.power.index


def test_an_event_that_is_certain(fc: Forecast) -> None:
    result = vz.sensitivity(fc, f"{BROKEN} or not {BROKEN}")
    assert result.probabilities["probability"].iloc[0] == 1.0
    assert result.power["psense"].dropna().eq(0.0).all()
    assert not result.tornado["clear"].any()
    assert len(vz.plot.tornado(result).axes) == 1


def test_nothing_is_changed(fc: Forecast) -> None:
    before = {name: values.copy() for name, values in fc.draws.items()}
    digest = fc.case.digest
    vz.sensitivity(fc)
    assert all(np.array_equal(values, before[name]) for name, values in fc.draws.items())
    assert fc.case.digest == digest


def test_a_failed_fit_says_so() -> None:
    failed = synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=2, report=failing_report())
    with pytest.warns(vz.UnconvergedWarning):
        result = vz.sensitivity(failed, BROKEN)
    assert "FAILED FIT: do not use" in result.text
    texts = [text.get_text() for text in vz.plot.tornado(result).axes[0].texts]
    assert "FAILED FIT, DO NOT USE" in texts


# --- The figure ---------------------------------------------------------------------------------------------


def test_bars_start_at_the_probability_and_end_at_the_shifted_one(found: vz.Sensitivity) -> None:
    figure = vz.plot.tornado(found, top=6)
    (axes,) = figure.axes
    shown = found.tornado[found.tornado[["low_points", "high_points"]].notna().any(axis=1)].head(6)
    here = 100 * found.probabilities["probability"].iloc[0]
    for end in ENDS:
        bars = [patch for patch in axes.patches if patch.get_gid() == end]
        known = shown[f"{end}_points"].dropna()
        assert len(bars) == len(known)
        assert [bar.get_x() for bar in bars] == pytest.approx([here] * len(known))
        assert [bar.get_width() for bar in bars] == pytest.approx(known.tolist())
        assert [bar.get_alpha() == 1.0 for bar in bars] == shown.loc[known.index, f"{end}_clear"].tolist()
    labels = [text.get_text() for text in axes.get_yticklabels()]
    for text, (prior, row) in zip(labels, shown.iterrows(), strict=True):
        assert text == f"{prior}\n[{row['low_at']:.3g} … {row['high_at']:.3g}], now {row['median']:.3g}"
    assert axes.get_xlabel() == "Probability, % (whisker: twice the Monte Carlo error of the shift)"
    told = [text.get_text() for text in axes.get_legend().get_texts()]
    assert told == ["median at its old 5 % point", "median at its old 95 % point", "no number at that end"]
    assert any(f"as of {found.as_of}, seed 1, 1,600 draws x 10 paths" in text.get_text() for text in axes.texts)
    hatches = {patch.get_gid(): patch.get_hatch() for patch in axes.patches}
    assert hatches["low"] != hatches["high"], "told apart without colour"


def test_a_given_axes_is_drawn_on(found: vz.Sensitivity) -> None:
    figure, axes = plt.subplots(1, 2)
    assert vz.plot.tornado(found, ax=axes[1]) is figure
    assert axes[1].patches
    assert not axes[0].patches


@pytest.mark.usefixtures("distrusted")
def test_a_tornado_without_any_number_is_empty(fc: Forecast) -> None:
    (axes,) = vz.plot.tornado(vz.sensitivity(fc, BROKEN)).axes
    assert not axes.patches
