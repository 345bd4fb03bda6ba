"""Rows left out by weights: exact posteriors, and the same weights by the way that updates take."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.cases import skeleton
from helpers.stacks import island_stack
from helpers.synthetic import synthetic_forecast
from vzforecast.explaining.factions import by_faction
from vzforecast.explaining.leaving import effect, left_out
from vzforecast.explaining.promises import Promises
from vzforecast.explaining.record import by_record
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import places
from vzforecast.history import Known
from vzforecast.inputs.frozen import Tables
from vzforecast.updating.basis import Basis
from vzforecast.updating.weigh import weigh

BROKEN = "ever(fishing_truce = broken) by 2024-12-31"
AGREEMENT = "truce_2021"


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), "2024-04-15", draws=400, paths=10, width=0.3)


@pytest.fixture(scope="module")
def half() -> Forecast:
    return synthetic_forecast(skeleton().with_partial("half"), "2024-04-15", draws=400, paths=10, width=0.3)


def test_a_normal_mean_without_one_of_its_observations(fc: Forecast) -> None:
    """Four draws of a normal mean seen through unit noise: without the last value its posterior is known exactly."""
    random, values = np.random.default_rng(3), np.array([0.3, -0.2, 0.9, 1.4])
    theta = random.normal(values.mean(), 0.5, fc.simulated.draws)
    left = left_out(fc, -0.5 * (values[-1] - theta) ** 2)
    found, error = effect(fc, left, theta)
    assert left.safe
    assert found == pytest.approx(values.mean() - values[:-1].mean(), abs=4 * error)
    assert error < 0.05


def test_rows_that_say_nothing_add_nothing(fc: Forecast) -> None:
    happens = np.random.default_rng(4).random(fc.simulated.draws)
    assert effect(fc, left_out(fc, np.full(fc.simulated.draws, -3.2)), happens) == pytest.approx((0.0, 0.0), abs=1e-12)
    apart = np.random.default_rng(5).normal(size=fc.simulated.draws)  # depends on nothing that the event depends on
    points, error = effect(fc, left_out(fc, 0.3 * apart), happens)
    assert 0.0 < abs(points) < 3 * error


@pytest.mark.parametrize("pooled", [False, True])
def test_an_agreement_leaves_as_it_does_in_an_update(fc: Forecast, half: Forecast, *, pooled: bool) -> None:
    own = half if pooled else fc
    known = Known(own.case.without_agreement(AGREEMENT), places(own.posterior))
    expected = weigh(Basis.of(own), known).result
    assert expected is not None
    left = left_out(own, Promises.of(own).by_agreement[AGREEMENT])
    assert left.weights == pytest.approx(expected.weights, rel=1e-9)
    line = by_record(own, BROKEN).agreements.loc[AGREEMENT]
    without = own.weights.shares(own.simulated.active_between("fishing_truce", active=True, after=0.0, until=260.0))[0]
    assert line["points"] == pytest.approx(100 * (own.probability(BROKEN).mean - expected.weights @ without))


def test_an_item_of_news_leaves_as_it_does_in_an_update(fc: Forecast) -> None:
    table = by_faction(fc, BROKEN).signals
    news = fc.case.tables["news"]
    alone = set(news.loc[news["episode"] == "", "id"])  # of an episode, another item would take its place
    item = next(name for name in table.index[table["safe"]] if name in alone)
    case = replace(fc.case, tables=Tables({**fc.case.tables, "news": news[news["id"] != item]}))
    expected = weigh(Basis.of(fc), Known(case, places(fc.posterior))).result
    assert expected is not None
    closer = fc.draws["rho"][:, 1] > fc.draws["rho"][:, 0]
    moved = 100 * (closer.mean() - expected.weights @ closer)
    assert table.loc[item, "closeness"] == pytest.approx(moved)


def test_variants_of_a_stack_count_by_what_they_gave_to_the_rows() -> None:
    stack = island_stack(members={"no record": ("defection",), "full": ()})
    silent, full = Promises.of(stack).by_agreement[AGREEMENT].reshape(2, -1)
    assert not silent.any()
    assert np.ptp(full) > 0.0
    base = stack.weights.of_draws
    assert base is not None
    raw = base.reshape(2, -1) * np.exp([-silent, -full])  # Bayes' rule for the pool, before anything is smoothed
    left = left_out(stack, np.concatenate([silent, full])).weights.reshape(2, -1)
    assert left.sum(axis=1) == pytest.approx(raw.sum(axis=1) / raw.sum(), rel=1e-9)
