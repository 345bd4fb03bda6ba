"""The move ledger against likelihoods summed over all rows, known ratios, densities of scipy, and updates."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import vzforecast as vz
from helpers.cases import skeleton, with_tables
from helpers.evidence import EVENT, item
from helpers.stacks import island_stack
from helpers.synthetic import Refits, synthetic_forecast
from vzforecast.evidence import Evidence
from vzforecast.explaining.changes import Changes
from vzforecast.explaining.weighing import Weighing
from vzforecast.forecast import Forecast
from vzforecast.history import Known
from vzforecast.latent import Array
from vzforecast.likelihood import log_likelihood
from vzforecast.reweight import Reweighted
from vzforecast.updating.advance import case_on

AS_OF = "2024-04-15"
BY = ["faction", "kind", "source", "month"]


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reweighted, "failures", ())


@pytest.fixture
def refits(monkeypatch: pytest.MonkeyPatch) -> Refits:
    stand_in = Refits(draws=100, chains=2, width=0.4)
    monkeypatch.setattr("vzforecast.updating.advance.fit_known", stand_in)
    return stand_in


@cache
def island() -> Forecast:
    return synthetic_forecast(skeleton(), AS_OF, draws=100, chains=2, paths=10, width=0.4)


def leaning(name: str, day: str = "2024-04-20", **fields: Any) -> Evidence:
    fields = {"faction": None, "outcome": "fishing_truce", "lean": "active", "strength": 3} | fields
    return item("signal", id=name, date=day, **fields)


def moved(*items: Evidence, event: str = EVENT, **options: Any) -> vz.MoveLedger:
    return vz.explain(island(), vz.update(island(), items), event, **options)


def assert_sums(move: vz.MoveLedger) -> None:
    assert move.items["points"].sum() == pytest.approx(move.points, abs=1e-9)
    ends = [np.log(said.mean / (1.0 - said.mean)) for said in (move.before, move.after)]
    assert move.items["log_odds"].sum() == pytest.approx(ends[1] - ends[0], abs=1e-9)


TIED = (
    leaning("a", episode="talks"),
    leaning("b", "2024-04-22", episode="talks", faction="wardens", strength=2),
    item("transition", id="t", date="2024-04-24", outcome="ferry_permit", to="withdrawn", episode="talks"),
    item("appointment", id="post", date="2024-04-18"),
    item("signal", id="s", date="2024-04-23"),
    item("action", id="dues", date="2024-04-21", sectoral=True),
)
# An episode that no post is part of: what its news says is read with the standing of the factions all the same.
APART = (
    item("signal", id="a", date="2024-04-20", episode="talks"),
    item("signal", id="b", date="2024-04-22", episode="talks", faction="wardens", strength=3),
    item("appointment", id="post", date="2024-04-18"),
    item("transition", id="t", date="2024-04-24", outcome="ferry_permit", to="withdrawn"),
    item("signal", id="s", date="2024-04-23"),
)
LATER = (leaning("a"), item("signal", id="s", date="2024-05-21"), leaning("b", "2024-06-03", lean="rest"))


def every_subset(count: int) -> list[tuple[int, ...]]:
    return list(chain.from_iterable(combinations(range(count), size) for size in range(count + 1)))


def summed_over_all_rows(items: Sequence[Evidence], day: Any) -> Array:
    """Return the log likelihood of everything that is known with some items, row by row."""
    fc = island()
    known = Known(case_on(Changes.between(fc, fc).basis, tuple(items), day), fc.known.places)
    return sum(values.sum(axis=1) for values in log_likelihood(fc.draws, known.design).values())


# Tied by an episode and by states, a signal, an action; an episode, what is tied by states, a signal.
@pytest.mark.parametrize(("news", "sizes"), [(TIED, [1, 1, 4]), (APART, [1, 2, 2])])
def test_blocks_add_up_to_the_likelihood_of_all_rows_for_every_set_of_items(
    news: tuple[Evidence, ...], sizes: list[int]
) -> None:
    weighing = Weighing(Changes.between(island(), vz.update(island(), news)))
    items, day = weighing.changes.items, weighing.changes.day
    assert sorted(map(len, weighing.groups)) == sizes
    start = summed_over_all_rows((), day)
    for members in [*every_subset(len(items))[::3], tuple(range(len(items)))]:
        scene = weighing.subset(tuple(place for place in members if place in weighing.changes.moving))
        parts = [(block, tuple(place for place in block.parts if place in members)) for block in weighing.blocks()]
        added = sum((block.log_ratio(own, scene)[:, 0] for block, own in parts), np.zeros(200))
        gap = summed_over_all_rows([items[place] for place in members], day) - start - added
        assert np.ptp(gap) == pytest.approx(0.0, abs=1e-9)


# In the months after the fit: a transition that ends an open row, a post that changes how the month is read.
AFTERWARDS = (
    item("transition", id="t", date="2024-05-24"),
    item("appointment", id="post", date="2024-05-18"),
    leaning("a", "2024-05-20", episode="talks"),
    item("signal", id="b", date="2024-06-02", episode="talks", faction="wardens", strength=3),
    item("signal", id="s", date="2024-06-03"),
)


def test_blocks_add_up_on_every_future_of_the_months_after_the_fit() -> None:
    weighing = Weighing(Changes.between(island(), vz.update(island(), AFTERWARDS)))
    draws, shape, basis = weighing.particles.spread_out(), weighing.particles.shape, weighing.changes.basis
    assert shape == (200, 8)

    def summed(known: Known) -> Array:
        return sum(values.sum(axis=1) for values in log_likelihood(draws, known.design).values()).reshape(shape)

    then = log_likelihood(island().draws, basis.known.design)
    fitted = sum(values.sum(axis=1) for values in then.values())[:, None]
    for members in every_subset(len(AFTERWARDS))[::2]:
        scene = weighing.subset(tuple(place for place in members if place in weighing.changes.moving))
        parts = [(block, tuple(place for place in block.parts if place in members)) for block in weighing.blocks()]
        added = sum((block.log_ratio(own, scene) for block, own in parts), weighing.passed)
        gap = summed(weighing.subset(members)) - fitted - added
        assert np.ptp(gap) == pytest.approx(0.0, abs=1e-9)


def test_time_weighs_draws_as_an_update_without_news_does() -> None:
    move = vz.explain(island(), vz.update(island(), as_of="2024-04-28"), EVENT)
    assert move.items.index.tolist() == ["time passing", "approximation"]
    assert move.items.loc["approximation", "points"] == pytest.approx(0.0, abs=0.05)
    assert_sums(move)


@pytest.mark.parametrize("items", [TIED[:2] + TIED[3:], LATER], ids=["same month", "later months"])
def test_lines_sum_to_the_change_and_little_is_left(items: tuple[Evidence, ...]) -> None:
    move = moved(*items)
    assert_sums(move)
    assert set(move.items.index) == {"time passing", "approximation"} | {one.id for one in items}
    left = move.items.loc["approximation"]
    assert abs(left["points"]) < 0.2 + 4.0 * left["mcse"]
    assert (move.items["mcse"] >= 0.0).all()


def test_independent_reports_add_the_logarithms_of_their_ratios() -> None:
    ratios = {"j1": 3.0, "j2": 0.5, "j3": 1.0}
    move = moved(*(item("likelihood_judgement", id=name, ratio=ratio) for name, ratio in ratios.items()))
    assert move.items.loc[list(ratios), "log_odds"].to_numpy() == pytest.approx(np.log([*ratios.values()]), abs=1e-9)
    assert move.items.loc["j3", "points"] == pytest.approx(0.0, abs=1e-9)
    assert not move.items.loc["j3", "clear"]
    assert_sums(move)


def test_what_a_report_says_of_another_event_is_conditional_probability() -> None:
    other = "state(ferry_permit = withdrawn) on 2024-12-20"
    report = item("likelihood_judgement", id="j", event=other, ratio=4.0, date=AS_OF)
    move = moved(report)
    fc = island()
    p, q = fc.probability(other).mean, fc.probability(f"({EVENT}) and {other}").mean
    r = fc.probability(EVENT).mean
    expected = (4.0 * q + r - q) / (4.0 * p + 1.0 - p) - r
    assert move.items.loc["j", "points"] == pytest.approx(100.0 * expected, abs=1e-9)


def test_equal_items_get_equal_shares_and_one_that_was_never_informative_none() -> None:
    nothing = item("scheduled_decision", id="n", kind="council_vote", date="2024-04-20")
    move = moved(leaning("a"), leaning("b"), nothing)
    assert move.items.loc["a", "points"] == pytest.approx(move.items.loc["b", "points"], abs=1e-12)
    assert abs(move.items.loc["n", "points"]) <= max(2.0 * move.items.loc["n", "mcse"], 1e-9)


def test_where_it_has_happened_points_carry_the_sum() -> None:
    move = moved(leaning("a"), item("transition", id="t", date="2024-04-24"))
    assert move.after.mean == 1.0
    assert move.items["log_odds"].isna().all()
    assert move.items["points"].sum() == pytest.approx(move.points, abs=1e-9)
    assert move.items.loc["t", "points"] > 50.0
    assert move.grouped("kind")["log_odds"].isna().all()


def test_many_items_are_split_by_drawn_orders_with_their_noise() -> None:
    items = [leaning(f"s{number}", lean=("active", "rest")[number % 2]) for number in range(13)]
    move = moved(*items, permutations=30, seed=2)
    assert move.orders == 30
    assert_sums(move)
    assert move.spread.orders.shape == (15, 15)
    same = move.items.loc[["s0", "s2", "s4"], "points"]
    assert np.ptp(same) < 6.0 * move.items.loc["s0", "mcse"]
    assert moved(*items, permutations=30, seed=2).items.equals(move.items)


def test_few_orders_of_parts_that_bear_on_each_other_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    later = vz.update(island(), TIED[:2] + TIED[3:] + (item("transition", id="t", date="2024-04-24"),))
    event = "ever(ferry_permit = withdrawn) by 2024-12-31"
    exact = vz.explain(island(), later, event)
    assert (exact.orders, exact.drawn) == (None, "")
    monkeypatch.setattr("vzforecast.explaining.moving.EXACT_PARTS", 0)
    monkeypatch.setattr("vzforecast.explaining.coalitions._FEW", 1)
    monkeypatch.setattr("vzforecast.explaining.moving._MOST_BUILDS", 8)
    move = vz.explain(island(), later, event, permutations=60)
    assert_sums(move)
    assert move.orders == 60
    assert move.drawn == "60 orders of 6 parts were drawn, with 4 orders of the 4 that bear on each other"
    assert f"The split is a sample: {move.drawn}." in move.text
    assert move.spread.orders.shape == (2, 8)
    gap = move.items["points"] - exact.items["points"]
    assert gap[["time passing", "approximation"]].abs().max() == pytest.approx(0.0, abs=1e-9)
    assert (gap.abs() <= 4.0 * move.items["mcse"] + 1e-9).all()


def test_more_pieces_than_a_set_can_hold_are_refused() -> None:
    reports = [item("likelihood_judgement", id=f"j{number}", ratio=1.01) for number in range(63)]
    with pytest.raises(vz.ExplainError, match=r"^63 pieces of news and other changes lie between; explain at most 62"):
        moved(*reports)


def test_a_refit_has_a_line_of_its_own(refits: Refits) -> None:
    later = vz.update(island(), [leaning("a")], method="refit")
    move = vz.explain(island(), later, EVENT)
    assert len(refits.calls) == 1
    assert move.items.index.tolist() == ["time passing", "a", "refit"]
    assert_sums(move)
    assert move.items.loc["refit", "mcse"] >= 100.0 * later.probability(EVENT).mcse * 0.9


@pytest.mark.usefixtures("refits")
def test_a_prior_edit_weighs_draws_by_the_ratio_of_the_densities() -> None:
    key = "leverage.fishing_truce.wardens"
    case = skeleton().with_prior(key, "0.5 to 1.0")
    later = vz.update(island(), [leaning("a")], case=case)
    move = vz.explain(island(), later, EVENT)
    learnt = [one.id for one in skeleton().evidence_between(AS_OF, "2024-04-20")]
    assert move.items.index.tolist()[-2:] == ["prior edits", "refit"]
    assert set(move.items.index) == {"time passing", "a", *learnt, "prior edits", "refit"}
    assert_sums(move)
    weighing = Weighing(Changes.between(island(), later))
    old, new = (one.prior_specs[key] for one in (island().case, case))
    history = island().history
    values = island().draws["leverage"][:, history.outcomes.index("fishing_truce"), history.factions.index("wardens")]
    expected = stats.norm.logpdf(values, new.mu, new.sigma) - stats.norm.logpdf(values, old.mu, old.sigma)
    assert weighing.priors is not None
    assert weighing.priors[:, 0] == pytest.approx(expected)


def test_corrected_files_have_a_line() -> None:
    corrected = with_tables(skeleton(), news=skeleton().tables["news"].iloc[1:].reset_index(drop=True))
    move = vz.explain(island(), vz.update(island(), [leaning("a")], case=corrected), EVENT)
    assert move.items.index.tolist()[-2:] == ["data corrections", "approximation"]
    assert move.items.loc["data corrections", "points"] != 0.0
    assert_sums(move)
    left = move.items.loc["approximation"]
    assert abs(left["points"]) < 0.2 + 4.0 * left["mcse"]


def test_what_the_files_learnt_by_themselves_is_listed_item_by_item() -> None:
    learnt = skeleton().evidence_between(AS_OF, "2024-06-30")
    move = vz.explain(island(), vz.update(island(), case=skeleton(), as_of="2024-06-30"), EVENT)
    assert {one.id for one in learnt} == set(move.items.index) - {"time passing", "approximation"}
    assert move.items["points"].sum() == pytest.approx(move.points, abs=1e-9)


def test_second_updates_start_from_the_first() -> None:
    first = vz.update(island(), [leaning("a"), item("likelihood_judgement", id="j")])
    move = vz.explain(first, vz.update(first, [leaning("b", "2024-04-23")]), EVENT)
    assert move.items.index.tolist() == ["time passing", "b", "approximation"]
    assert_sums(move)
    left = move.items.loc["approximation"]
    assert abs(left["points"]) < 0.2 + 4.0 * left["mcse"]


def test_forecasts_that_say_the_same_did_not_move() -> None:
    move = vz.explain(island(), island(), EVENT)
    assert move.items["points"].tolist() == pytest.approx([0.0])
    assert "no change" in move.text
    assert repr(move).startswith("<MoveLedger of ever(fishing_truce")


def test_nothing_is_changed() -> None:
    later = vz.update(island(), TIED[:2])
    before = {name: values.copy() for name, values in later.draws.items()}
    tables = [fc.scenarios() for fc in (island(), later)]
    vz.explain(island(), later, EVENT)
    for fc, table in zip((island(), later), tables, strict=True):
        pd.testing.assert_frame_equal(fc.scenarios(), table, check_exact=True)
    assert all(np.array_equal(later.draws[name], values) for name, values in before.items())


@pytest.mark.parametrize("by", BY)
def test_groups_sum_to_the_change_and_have_their_own_errors(by: str) -> None:
    move = moved(leaning("a", source="x"), item("signal", id="s", date="2024-04-23"), by=by)
    assert move.table.index.name == by
    assert move.table["points"].sum() == pytest.approx(move.points, abs=1e-9)
    assert move.table["items"].sum() == len(move.items)
    alone = move.items.loc[["time passing"], "mcse"].to_numpy()
    assert move.table.loc["time passing", "mcse"] == pytest.approx(alone[0])
    assert move.points == pytest.approx(move.table["points"].sum())


@pytest.mark.slow
def test_the_error_of_a_line_is_that_of_repeated_runs() -> None:
    news, report = leaning("a"), item("likelihood_judgement", id="j")
    found = []
    for seed in range(30):
        fc = synthetic_forecast(skeleton(), AS_OF, draws=60, chains=2, paths=4, width=0.4, seed=seed)
        found.append(vz.explain(fc, vz.update(fc, [news, report]), EVENT).items.loc[["time passing", "a", "j"]])
    spread = np.std([one["points"] for one in found], axis=0, ddof=1)
    assert np.mean([one["mcse"] for one in found], axis=0) == pytest.approx(spread, rel=0.5)


def test_it_says_what_moved_and_what_is_noise() -> None:
    move = moved(item("likelihood_judgement", id="j", headline="Crews signed off"), leaning("weak", strength=1))
    assert move.text.startswith(f"{EVENT}: {move.before.mean:.1%} as of 15 April 2024, {move.after.mean:.1%} as of 20")
    assert "from the likelihood judgement of 20 April (Crews signed off)" in move.text
    assert str(move) == move.text


def test_it_says_when_the_split_cannot_be_relied_on() -> None:
    move = moved(leaning("a"))
    assert move.trusted
    assert "Do not rely" not in move.text
    far = replace(move, khat=0.85)
    assert not far.trusted
    assert "Do not rely on the split: the news moves the draws of the earlier fit too far (k-hat 0.85" in far.text


def test_the_figure_steps_from_one_probability_to_the_other() -> None:
    mpl.use("agg")
    move = moved(leaning("a", headline="Nets cut"), item("likelihood_judgement", id="j"))
    axes = vz.plot.move(move).axes[0]
    ends = [patch.get_x() + patch.get_width() for patch in axes.patches]
    assert ends[-1] == pytest.approx(100.0 * move.after.mean)
    assert axes.get_yticklabels()[0].get_text() == "as of 2024-04-15"
    assert "Nets cut" in [label.get_text() for label in axes.get_yticklabels()]


def test_what_cannot_be_explained_is_refused() -> None:
    later = vz.update(island(), [leaning("a")])
    with pytest.raises(vz.ExplainError, match="by is 'actor'; choose one of faction, kind, source, month"):
        vz.explain(island(), later, EVENT, by="actor")
    with pytest.raises(vz.ExplainError, match="by is 'actor'"):
        vz.explain(island(), later, EVENT).grouped("actor")
    with pytest.raises(vz.DateError, match="before the first, 2024-04-20; swap them"):
        vz.explain(later, island(), EVENT)
    with pytest.raises(vz.VzForecastError, match="permutations is 3; give at least 4"):
        vz.explain(island(), later, EVENT, permutations=3)
    with pytest.raises(vz.InterventionError):
        vz.explain(island(), vz.intervene(island(), silence=["wardens"]), EVENT)
    with pytest.raises(vz.EventError):
        vz.explain(island(), later, "ever(ferry = sunk)")


def test_a_kind_of_news_without_a_place_is_refused_with_the_reason() -> None:
    later = synthetic_forecast(skeleton(), AS_OF, draws=60, chains=2, paths=4)
    new = [item("signal", id=f"k{number}", kind=f"kind {number}") for number in range(20)]
    later = synthetic_forecast(later.case.with_evidence(new), draws=60, chains=2, paths=4)
    with pytest.raises(vz.ExplainError, match="the earlier forecast cannot be weighted"):
        vz.explain(island(), later, EVENT)


def test_a_stack_and_its_members_weigh_as_in_an_update() -> None:
    fc = island_stack()
    move = vz.explain(fc, vz.update(fc, [leaning("a", "2024-05-20"), leaning("b", "2024-05-21")]), EVENT)
    assert_sums(move)
    assert move.items.loc["a", "points"] == pytest.approx(move.items.loc["b", "points"], abs=1e-9)
    assert abs(move.items.loc["approximation", "points"]) < 0.2


def test_two_readings_of_promises_kept_in_part_weigh_as_in_an_update() -> None:
    fc = synthetic_forecast(skeleton().with_partial("half"), AS_OF, draws=60, chains=4, paths=6, width=0.4)
    promise = item("commitment_resolved", id="p", date="2024-04-21")
    move = vz.explain(fc, vz.update(fc, [leaning("a"), promise]), EVENT)
    assert_sums(move)
    assert abs(move.items.loc["approximation", "points"]) < 0.2
