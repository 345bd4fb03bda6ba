"""Weights for what became known since a fit, against the whole likelihood evaluated anew and against brute force."""

import numpy as np
import pytest
from numpy.typing import NDArray

from helpers.cases import embedded, skeleton, with_tables
from helpers.synthetic import synthetic_posterior
from vzforecast import names
from vzforecast.case import Case
from vzforecast.evidence import ScheduledDecision
from vzforecast.forecast.posterior import places, stacked
from vzforecast.history import Design, build_history, encode
from vzforecast.likelihood import log_likelihood
from vzforecast.reweight import reweight
from vzforecast.reweight.difference import difference
from vzforecast.reweight.futures import carry

Draws = dict[str, NDArray[np.float64]]


class Step:
    """Draws for what was known on one day, and the rows of that day and of a later one, or of any two cases."""

    def __init__(self, then: str | Case, now: str | Case, *, draws: int = 200, width: float = 0.5) -> None:
        case, later = (embedded().known_on(one) if isinstance(one, str) else one for one in (then, now))
        half_life = case.spec.tension.half_life_months
        self.before = encode(build_history(case), case.prior_specs, half_life=half_life)
        tree = synthetic_posterior(self.before, draws=draws, chains=2, seed=3, width=width)
        self.draws: Draws = stacked(tree)
        history = build_history(later, places(tree))
        self.now: Design = encode(history, later.prior_specs, half_life=half_life)
        self.periods = build_history(case).period_now, history.period_now

    def total(self, design: Design, draws: Draws | None = None) -> NDArray[np.float64]:
        """Log likelihood of all rows of a design."""
        parts = log_likelihood(self.draws if draws is None else draws, design)
        return np.sum([values.sum(axis=1) for values in parts.values()], axis=0)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("2025-02-05", "2025-02-06"),
        ("2025-02-05", "2025-02-28"),
        ("2025-03-10", "2025-03-31"),
        ("2025-05-02", "2025-05-31"),
    ],
)
def test_within_a_month_the_ratio_is_that_of_the_whole_likelihoods(then: str, now: str) -> None:
    step = Step(then, now)
    change = difference(step.before, step.now, *step.periods)
    assert change.later == ()
    found = step.total(change.new) - step.total(change.gone)
    np.testing.assert_allclose(found, step.total(step.now) - step.total(step.before), rtol=1e-9, atol=1e-9)


def test_nothing_new_is_no_difference() -> None:
    step = Step("2025-03-10", "2025-03-10")
    change = difference(step.before, step.now, *step.periods)
    for design in (change.gone, change.new):
        assert all(design.data[name].size == 0 for name in ("signal_favoured", "lean_category", "row_events"))


def test_only_rows_that_changed_are_evaluated() -> None:
    # A day later within the month: open rows lengthen and no news came in; signals and leans all cancel.
    step = Step("2025-02-08", "2025-02-09")
    change = difference(step.before, step.now, *step.periods)
    assert change.new.data["row_events"].size == change.gone.data["row_events"].size
    assert 0 < change.new.data["row_events"].size < step.now.data["row_events"].size / 4


@pytest.mark.parametrize(("as_of", "rows"), [("2025-03-31", 1), ("2025-04-15", 2), ("2025-05-27", 3)])
def test_an_end_that_one_learns_late_replaces_rows_of_its_hazard_alone(as_of: str, rows: int) -> None:
    # From 24 March the licence waits for 27 May: months until then count anew, all other rows cancel.
    end = ScheduledDecision(
        id="gl41b", date="2025-03-24", outcome="chevron_licence", due="2025-05-27", kind="wind_down_end"
    )
    known = embedded().known_on(as_of)
    unaware = with_tables(known, schedule=embedded().known_on("2025-03-20").tables["schedule"])
    step = Step(unaware, unaware.with_evidence([end]))
    change = difference(step.before, step.now, *step.periods)
    assert change.later == ()
    hazard = step.before.coords[names.OUTCOME].index("chevron_licence")
    for design in (change.gone, change.new):
        assert design.data["signal_favoured"].size == design.data["lean_category"].size == 0
        assert (design.data["row_cell"] % len(design.coords[names.OUTCOME]) == hazard).all()
    assert change.gone.data["row_events"].size == change.new.data["row_events"].size >= rows
    found = step.total(change.new) - step.total(change.gone)
    assert np.abs(found).max() > 1e-3
    np.testing.assert_allclose(found, step.total(step.now) - step.total(step.before), rtol=1e-9, atol=1e-9)
    files = Step(unaware, known)
    np.testing.assert_allclose(found, files.total(files.now) - files.total(files.before), rtol=1e-9, atol=1e-9)


def test_an_appointment_reaches_rows_of_its_month_that_stay() -> None:
    # Two actors more in May: the same rows, but another standing behind them.
    step = Step("2025-05-02", "2025-05-02")
    standing = step.now.data["standing"].astype(float).copy()
    standing[:, step.periods[1], 0] += 0.5
    moved = Design(**{**vars(step.now), "data": {**step.now.data, "standing": standing}})
    change = difference(step.before, moved, *step.periods)
    assert change.new.data["signal_favoured"].size == change.gone.data["signal_favoured"].size > 0
    found = step.total(change.new) - step.total(change.gone)
    np.testing.assert_allclose(found, step.total(moved) - step.total(step.before), rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def two_months() -> Step:
    """One draw, thirty thousand times, carried from February to April."""
    step = Step("2025-02-28", "2025-04-12", draws=1)
    step.draws = {name: np.repeat(values[:1], 30_000, axis=0) for name, values in step.draws.items()}
    return step


def _brute_force(step: Step) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the likelihood of the rows after February for fresh steps drawn from their prior, and one of the steps."""
    random, (then, now) = np.random.default_rng(7), step.periods
    months = slice(then + 1, now + 1)
    fresh = {name: step.draws[name].copy() for name in ("influence_step", "tone_step")}
    for values in fresh.values():
        values[:, months] = random.standard_normal(values[:, months].shape)
    change = difference(step.before, step.now, *step.periods)
    draws = step.draws | fresh
    likelihood = np.exp(np.sum([step.total(month, draws) for month in change.later], axis=0))
    return likelihood, fresh["tone_step"][:, then + 1, 0]


def _error(values: NDArray[np.float64]) -> float:
    return float(values.std() / np.sqrt(values.size))


def test_futures_estimate_the_likelihood_of_later_months_without_bias(two_months: Step) -> None:
    change = difference(two_months.before, two_months.now, *two_months.periods)
    assert len(change.later) == 2
    brute, _ = _brute_force(two_months)
    found = np.exp(carry(two_months.draws, change.later, two_months.periods[0], seed=5).log_likelihood)
    assert found.mean() == pytest.approx(brute.mean(), abs=3.5 * np.hypot(_error(found), _error(brute)))
    # Sixteen futures and resampling between the months leave far less noise than one future.
    assert found.std() / found.mean() < 0.5 * brute.std() / brute.mean()


def test_the_future_kept_is_one_that_the_news_make_likely(two_months: Step) -> None:
    change = difference(two_months.before, two_months.now, *two_months.periods)
    weight, step = _brute_force(two_months)
    carried = carry(two_months.draws, change.later, two_months.periods[0], seed=6)
    own = np.exp(carried.log_likelihood)
    expected = float(weight @ step / weight.sum())
    found = float(own @ carried.tone_step[:, 0, 0] / own.sum())
    assert abs(expected) > 0.05, "the news must say something of this step, or the test shows nothing"
    error = np.hypot(_error(weight * (step - expected)) / weight.mean(), 1.0 / np.sqrt(step.size))
    assert found == pytest.approx(expected, abs=4.0 * error)


def test_the_same_seed_gives_the_same_weights_and_another_does_not() -> None:
    step = Step("2025-02-28", "2025-03-03")
    one, same, other = (
        reweight(step.draws, step.before, step.now, step.periods, chains=2, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.weights, same.weights)
    assert np.abs(one.weights - other.weights).max() > 0.0


def test_steps_of_later_months_only_are_drawn_anew() -> None:
    step = Step("2025-02-28", "2025-04-12")
    found = reweight(step.draws, step.before, step.now, step.periods, chains=2, seed=1)
    then, now = step.periods
    later = slice(then + 1, now + 1)
    for name in ("influence_step", "tone_step"):
        values, drawn = getattr(found, name), step.draws[name]
        assert not np.any(values[:, later] == drawn[:, later])
        np.testing.assert_array_equal(np.delete(values, [3, 2], axis=1), np.delete(drawn, [3, 2], axis=1))


def test_weights_sum_to_one_and_say_when_they_cannot_be_trusted() -> None:
    near, far = Step("2025-02-05", "2025-02-06"), Step("2025-02-05", "2025-02-28", width=3.0)
    trusted = reweight(near.draws, near.before, near.now, near.periods, chains=2, seed=1)
    assert trusted.failures == ()
    assert trusted.weights.sum() == pytest.approx(1.0)
    refused = reweight(far.draws, far.before, far.now, far.periods, chains=2, seed=1)
    assert any("ESS" in failure for failure in refused.failures)


def test_labels_keep_their_places_and_new_ones_take_spare_places() -> None:
    case = skeleton().known_on("2024-08-15")
    history = build_history(case)
    tree = synthetic_posterior(encode(history, case.prior_specs, half_life=3.0), draws=2)
    assert places(tree).levels == tuple(history.levels["level"])
    assert tuple(build_history(case, places(tree)).levels["level"]) == tuple(history.levels["level"])
    assert names.LEVEL in tree[names.POSTERIOR].coords
