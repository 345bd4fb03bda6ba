"""Weights of a stack, scores of past months and pooled probabilities against other routes to the same numbers."""

import datetime as dt
from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from helpers.cases import skeleton
from helpers.evidence import item
from helpers.stacks import AS_OF, SHAPE, island_stack
from helpers.synthetic import synthetic_forecast
from vzforecast import update
from vzforecast.case import Case
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import places
from vzforecast.history import Known
from vzforecast.likelihood import log_likelihood
from vzforecast.reweight import Reweighted
from vzforecast.stacking.members import MEMBERS
from vzforecast.stacking.months import Month, log_score, months_of, rows_to_predict
from vzforecast.stacking.weights import stacking_weights

DAYS_PER_MONTH = 30.4375


class TestWeights:
    @pytest.mark.parametrize(("a", "b"), [(0.4, 0.1), (1e-3, 0.9), (0.5, 0.499)])
    def test_one_month_and_two_members_solve_a_quadratic(self, a: float, b: float) -> None:
        # (a - b) / (w a + (1 - w) b) + 1 / w - 1 / (1 - w) = 0, cleared of its fractions
        roots = np.roots([-3.0 * (a - b), 2.0 * (a - b) - 2.0 * b, b])
        wanted = roots[(roots > 0.0) & (roots < 1.0)].item()
        np.testing.assert_allclose(stacking_weights(np.log([[a, b]])), [wanted, 1.0 - wanted], rtol=1e-10)

    def test_several_months_and_members_by_a_general_optimiser(self) -> None:
        scores = np.random.default_rng(1).normal(-4.0, 1.5, size=(7, 4))

        def loss(weights: np.ndarray) -> float:
            return -float(np.log(np.exp(scores) @ weights).sum() + np.log(weights).sum())

        whole = {"type": "eq", "fun": lambda weights: weights.sum() - 1.0}
        found = optimize.minimize(
            loss, np.full(4, 0.25), bounds=[(1e-9, 1.0)] * 4, constraints=[whole], options={"ftol": 1e-15}
        )
        np.testing.assert_allclose(stacking_weights(scores), found.x, atol=1e-6)

    def test_members_that_foresaw_alike_count_alike(self) -> None:
        np.testing.assert_allclose(stacking_weights(np.full((5, 3), -2.0)), 1 / 3, rtol=1e-12)

    def test_no_month_leaves_equal_weights_and_few_keep_near_them(self) -> None:
        assert stacking_weights(np.zeros((0, 4))).tolist() == [0.25] * 4
        # However sure one month is, it weighs as one month against one pseudo-month a member.
        np.testing.assert_allclose(stacking_weights(np.array([[0.0, -700.0]])), [2 / 3, 1 / 3], rtol=1e-9)

    def test_order_of_members_and_months_does_not_matter(self) -> None:
        scores = np.random.default_rng(2).normal(size=(4, 3))
        for order in permutations(range(3)):
            columns = list(order)
            np.testing.assert_allclose(
                stacking_weights(scores[::-1, columns]), stacking_weights(scores)[columns], rtol=1e-9
            )


class TestScores:
    """The law of one month by labels and loops, from draws of a fit on its eve."""

    def test_of_reference_class_only_exactly(self) -> None:
        known, month, fitted = april(*MEMBERS["reference class only"])
        found, _ = log_score(fitted, rows_to_predict(known, month, places(fitted.posterior)), month, seed=1)
        draws = range(SHAPE["draws"] * SHAPE["chains"])
        each = [sum(log_chance(fitted, days, event, rate(fitted, o, j)) for o, days, event in ROWS) for j in draws]
        np.testing.assert_allclose(found, np.log(np.mean(np.exp(each))), rtol=1e-10)

    def test_with_influence_and_tone_by_many_futures(self) -> None:
        known, month, fitted = april()
        found, error = log_score(fitted, rows_to_predict(known, month, places(fitted.posterior)), month, seed=1)
        random, futures = np.random.default_rng(3), 400
        each = []
        for j in range(SHAPE["draws"] * SHAPE["chains"]):
            u, tone = stepped(fitted, j, month.period, random, futures)
            share = np.exp(u) / np.exp(u).sum(axis=1, keepdims=True) - 1.0 / u.shape[1]
            total = np.zeros(futures)
            for position, (outcome, days, event) in enumerate(ROWS):
                own = fitted.draws["leverage"][j, position]
                tension = share @ (own - own.mean()) + fitted.draws["psi"][j] * tone[:, position]
                total += log_chance(fitted, days, event, rate(fitted, outcome, j) + tension)
            each.append(np.log(np.mean(np.exp(total))))
        wanted = np.log(np.mean(np.exp(each)))
        assert abs(found - wanted) < 0.004  # the noise of 16 futures of 120 draws
        assert 0.0 < error < 0.1

    def test_months_begin_where_the_case_can_first_be_asked(self) -> None:
        known = skeleton().known_on("2024-06-15")
        months = list(months_of(known, dt.date(2024, 6, 15)))
        assert [str(month.before) for month in months] == ["2024-03-31", "2024-04-30", "2024-05-31"]
        assert [str(month.last) for month in months] == ["2024-04-30", "2024-05-31", "2024-06-15"]

    def test_what_came_later_changes_no_score_of_an_earlier_month(self) -> None:
        early, late = (island_stack(day).averaged.scores for day in ("2024-04-30", AS_OF))  # type: ignore[union-attr]
        assert late.loc[["2024-04-01"]].equals(early)


# Both outcomes of the skeleton at rest through April 2024: days of exposure, and no event.
ROWS = [("fishing_truce", 30, 0), ("ferry_permit", 30, 0)]


def april(*terms: str) -> tuple[Case, Month, Forecast]:
    known = skeleton().without("schedule", "coupling").known_on("2024-04-30")
    (month,) = months_of(known, dt.date(2024, 4, 30))
    return known, month, synthetic_forecast(known.known_on(month.before).without(*terms), **SHAPE)


def rate(fitted: Forecast, outcome: str, j: int) -> float:
    """Log rate of the onset: class, members, codes and doubt, by their labels."""
    posterior = fitted.posterior["posterior"].to_dataset().stack(sample=("chain", "draw")).isel(sample=j)
    hazard = fitted.case.outcome(outcome).onset
    process = fitted.case.spec.processes[hazard.process]
    total = float(posterior["log_rate"].sel(process=hazard.process))
    for grouping in process.groupings:
        name = f"{process.family}.{grouping}"
        effect = posterior["level_offset"].sel(level=f"{name}:{hazard.members[grouping]}")
        total += float(posterior["spread"].sel(grouping=name) * effect)
    codes: Mapping[Any, float] = {"none": 0, "minor": 1, "major": 2}
    for code in process.covariates:
        value = hazard.covariates[code]
        total += float(posterior["slope"].sel(covariate=code)) * (codes.get(value, value) - 1)  # type: ignore[operator]
    return total + float(posterior["delta"].sel(transition="onset", outcome=outcome))


def stepped(
    fitted: Forecast, j: int, period: int, random: np.random.Generator, futures: int
) -> tuple[np.ndarray, np.ndarray]:
    """Influence and tone of a month, from those of the month before: one step, drawn anew for every future."""
    draws, history = fitted.draws, fitted.history
    phi, rho = 2 ** (-1 / fitted.case.spec.tension.half_life_months), draws["rho"][j]
    u, n = draws["influence_step"][j, 0].copy(), draws["tone_step"][j, 0].copy()
    u += rho[0] * history.office[0] + rho[1] * history.proximity[0]
    for t in range(1, period):
        u += rho[0] * np.diff(history.office, axis=0)[t - 1] + rho[1] * np.diff(history.proximity, axis=0)[t - 1]
        u += draws["tau"][j] * draws["influence_step"][j, t]
        n = phi * n + np.sqrt(1 - phi**2) * draws["tone_step"][j, t]
    u += rho[0] * np.diff(history.office, axis=0)[period - 1] + rho[1] * np.diff(history.proximity, axis=0)[period - 1]
    z, zeta = random.standard_normal((futures, u.size)), random.standard_normal((futures, n.size))
    return u + draws["tau"][j] * z, phi * n + np.sqrt(1 - phi**2) * zeta


def log_chance(fitted: Forecast, days: int, events: int, log_rate: Any) -> Any:
    del fitted
    return stats.poisson.logpmf(events, days / DAYS_PER_MONTH * np.exp(log_rate))


class TestPool:
    EVENTS = ("ever(ferry_permit = withdrawn) by 2024-09-30", "state(fishing_truce = broken) on 2024-12-20")

    @pytest.mark.parametrize("event", EVENTS)
    def test_a_probability_is_the_weighted_mean_of_the_members_and_so_is_its_error(self, event: str) -> None:
        fc = island_stack()
        assert fc.averaged is not None
        known = skeleton().known_on(AS_OF)
        members = [synthetic_forecast(known.without(*terms), **SHAPE).probability(event) for terms in MEMBERS.values()]
        pool, weights = fc.probability(event), fc.averaged.weights
        np.testing.assert_allclose(pool.mean, weights @ [member.mean for member in members], rtol=1e-12)
        errors = np.array([member.mcse for member in members])
        np.testing.assert_allclose(pool.mcse, np.sqrt((weights**2) @ errors**2), rtol=1e-9)

    def test_order_of_members_does_not_matter(self) -> None:
        one, other = island_stack(), island_stack(members=dict(reversed(MEMBERS.items())))
        first, second = one.averaged.table, other.averaged.table  # type: ignore[union-attr]
        np.testing.assert_allclose(second.loc[first.index, "weight"], first["weight"], rtol=1e-9)
        for column in ("probability", "lower", "upper", "mcse"):
            np.testing.assert_allclose(one.scenarios()[column], other.scenarios()[column], rtol=1e-9)

    def test_news_moves_members_as_bayes_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Reweighted, "failures", ())
        before = island_stack()
        news = item("transition", date="2024-05-20", outcome="ferry_permit", to="withdrawn")
        after = update(before, [news])
        assert before.averaged is not None
        assert after.averaged is not None
        size, ratios = SHAPE["draws"] * SHAPE["chains"], []
        there, here = before.known.design, Known(after.case, places(before.posterior)).design
        for position in range(len(MEMBERS)):
            own = {name: values[position * size : (position + 1) * size] for name, values in before.draws.items()}
            then, now = (sum(v.sum(axis=1) for v in log_likelihood(own, rows).values()) for rows in (there, here))
            ratios.append(np.mean(np.exp(now - then)))
        wanted = before.averaged.weights * ratios
        np.testing.assert_allclose(after.averaged.in_force, wanted / wanted.sum(), rtol=1e-9)
        assert after.averaged.weights.tolist() == before.averaged.weights.tolist()
        np.testing.assert_allclose(after.weights.of_draws.reshape(4, -1).sum(axis=1), after.averaged.in_force)  # type: ignore[union-attr]
