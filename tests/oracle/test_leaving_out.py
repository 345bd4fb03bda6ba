"""Rows left out by weights: exact posteriors, and the same weights by the way that updates take."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

import vzforecast as vz
from helpers.cases import skeleton
from helpers.stacks import island_stack
from helpers.synthetic import synthetic_forecast
from vzforecast.explaining.factions import by_faction
from vzforecast.explaining.leaving import effect, left_out
from vzforecast.explaining.left import Mean, as_it_is
from vzforecast.explaining.promises import Promises
from vzforecast.explaining.record import by_record
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import places
from vzforecast.forecast.weights import Weights
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


def test_variants_of_a_stack_count_as_they_do() -> None:
    """By Bayes' rule a variant that never read the rows would lose to one that found them unlikely."""
    stack = island_stack(members={"no record": ("defection",), "full": ()})
    assert stack.averaged is not None
    silent, full = Promises.of(stack).by_agreement[AGREEMENT].reshape(2, -1)
    assert not silent.any()
    assert np.ptp(full) > 0.0
    left = left_out(stack, np.concatenate([silent, full])).weights.reshape(2, -1)
    assert left.sum(axis=1) == pytest.approx(stack.averaged.in_force, rel=1e-9)
    assert np.ptp(left[0]) == pytest.approx(0.0, abs=1e-12)
    assert np.ptp(left[1]) > 0.0


def test_judgements_move_what_a_variant_counts_as_they_would_after_a_fit_without_the_rows() -> None:
    """A variant counts by its weight times the mean path weight of the draws that are left of it."""
    judgement = vz.LikelihoodJudgement(date="2024-05-15", event=BROKEN, ratio=9.0)
    stack = island_stack(members={"no record": ("defection",), "full": ()})
    judged = vz.update(stack, [judgement])
    assert stack.averaged is not None
    assert judged.weights.path is not None
    nats = Promises.of(stack).by_agreement[AGREEMENT]
    bare = left_out(stack, nats).weights.reshape(2, -1)
    shares = stack.averaged.in_force * [
        own @ judged.weights.path.mean(axis=1).reshape(2, -1)[number] / own.sum() for number, own in enumerate(bare)
    ]
    left = left_out(judged, nats)
    found = left.weights.reshape(2, -1).sum(axis=1)
    assert found == pytest.approx(shares / shares.sum(), rel=0.02)  # the largest weights are smoothed
    assert left.rows is not None
    assert left.rows.reshape(2, -1).sum(axis=1) == pytest.approx(found)


@pytest.mark.parametrize("judged", [False, True])
def test_the_error_of_a_pool_is_that_of_repeated_runs(*, judged: bool) -> None:
    """Two fits far apart, whose paths a judgement favours very unevenly: what each counts is most of the noise."""
    found = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        values = np.concatenate([random.normal(mean, 0.02, 400) for mean in (0.1, 0.9)])
        favour = random.lognormal(0.0, 1.5, 800)
        weights = Weights(np.full(800, 1.0 / 800), favour[:, None] if judged else None)
        pool = cast("Forecast", SimpleNamespace(weights=weights, readings=2, chains=4, simulated=Drawn(800)))
        mean = Mean(pool, as_it_is(pool), values)
        found.append((mean.value, mean.error))
    means, errors = np.array(found).T
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(np.std(means, ddof=1), rel=0.15)
    assert bool(np.std(means) > 0.02) is judged, "what each fit counts is most of it, or none"


@dataclass
class Drawn:
    draws: int
