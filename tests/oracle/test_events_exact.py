"""Events on exact paths of chains with constant rates: closed forms, renewal equations and matrix exponentials.

Every comparison is of a share of paths with an exact probability: within 4.5 standard errors at a fixed seed, with so
many paths that 4.5 standard errors are less than 2 % of the probability, or as `agrees` is told.
"""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.stats import poisson

from helpers.chains import AS_OF, Chain, Floats, agrees, beginning, chain, generator, simulated
from vzforecast.events import evaluate, parse_event
from vzforecast.forecast.conditional import conditioned
from vzforecast.forecast.probability import path_probability
from vzforecast.forecast.weights import Weights
from vzforecast.paths import Paths

PATHS, DAYS = 400_000, 120


def day(number: float) -> date:
    return AS_OF + timedelta(days=number)


def happens(law: Chain, paths: Paths, text: str) -> NDArray[np.bool_]:
    """Evaluate a text in which ``{n}`` is the n-th day after as-of."""
    dates = [day(number) for number in range(DAYS + 1)]
    return evaluate(parse_event(text.format(*dates), law.vocabulary(DAYS)), paths)


def coupled() -> Chain:
    """Each of three outcomes changes the rates of another: 0 those of 1, 1 those of 0, 2 those of both."""
    coupling = np.zeros((2, 3, 3))
    coupling[:, 1, 0] = 1.2, -0.8
    coupling[:, 0, 1] = 0.7, -0.5
    coupling[0, :2, 2] = -0.9, 0.6
    return chain([0.010, 0.020, 0.015], [0.03, 0.02, 0.025], "rra", coupling)


@pytest.mark.parametrize(("a", "b"), [(0.02, 0.03), (0.05, 0.01)])
def test_the_first_of_two_is_a_race_of_exponentials(a: float, b: float) -> None:
    # P(X < Y, X <= T) = a / (a + b) (1 - exp(-(a + b) T)), and a / (a + b) as T grows.
    law = chain([a, b], [0.04, 0.05])
    paths = simulated(law, DAYS, PATHS)
    for days in (10, 40, DAYS):
        exact = a / (a + b) * -np.expm1(-(a + b) * days)
        assert agrees(happens(law, paths, f"first(o0 = active) before first(o1 = active) by {{{days}}}"), exact)
    # What never comes is beaten by whatever comes.
    assert agrees(
        happens(law, paths, "first(o0 = active) before first(o1 = active) by {120} and not ever(o1 = active) by {120}"),
        np.exp(-b * DAYS) * -np.expm1(-a * DAYS),
        within=0.12,
    )


def test_the_first_of_two_coupled_outcomes_is_the_chain_stopped_at_either() -> None:
    law = coupled()
    paths = simulated(law, DAYS, PATHS)

    def stopped(flag: int, outcome: int, active: bool) -> int:
        return flag or (outcome + 1 if outcome < 2 and active else 0)

    matrix = generator(law, 3, stopped)
    for days in (20, 60, DAYS):
        exact = (beginning(law, 3) @ expm(matrix * days)).reshape(-1, 3).sum(axis=0)
        one, other = "first(o0 = active)", "first(o1 = active)"
        assert agrees(happens(law, paths, f"{one} before {other} by {{{days}}}"), exact[1], within=0.03)
        assert agrees(happens(law, paths, f"{other} before {one} by {{{days}}}"), exact[2], within=0.03)


@pytest.mark.parametrize("length", [7, 14, 30])
def test_a_first_stretch_lasts_as_long_as_an_exponential(length: int) -> None:
    # The outcome starts active at noon of the as-of day: half a day of the stretch has passed by as-of.
    law = chain([0.0], [0.03], "a")
    paths = simulated(law, DAYS, PATHS)
    lasts = np.exp(-0.03 * (length - 0.5))
    for days in (length, DAYS):
        assert agrees(happens(law, paths, f"held(o0 = active, days = {length}) by {{{days}}}"), lasts)
    assert not happens(law, paths, f"held(o0 = active, days = {length}) by {{{length - 1}}}").any()


def held(onset: float, recovery: float, length: int, *, active: bool, steps: int = 40) -> Floats:
    r"""Return P(a stretch of ``length`` days is complete by each day), by the renewal equations on a fine grid.

    From rest :math:`F(t) = \int_0^t h e^{-hs} G(t - s) ds`; from the beginning of a stretch
    :math:`G(t) = [t \ge n] e^{-gn} + \int_0^{\min(n, t)} g e^{-gu} F(t - u) du`.
    """
    grid = np.arange(DAYS * steps + 1) / steps
    wait, stay = onset * np.exp(-onset * grid) / steps, recovery * np.exp(-recovery * grid) / steps
    stay[length * steps + 1 :] = 0.0
    stay[length * steps] /= 2.0
    rest, begun = np.zeros(grid.size), np.where(grid >= length, np.exp(-recovery * length), 0.0)
    for t in range(1, grid.size):  # trapezoids; the ends that hold the unknown itself are solved for
        known_rest = wait[1 : t + 1] @ begun[t - 1 :: -1] - wait[t] * begun[0] / 2.0
        known_begun = begun[t] + stay[1 : t + 1] @ rest[t - 1 :: -1] - stay[t] * rest[0] / 2.0
        rest[t] = (known_rest + wait[0] / 2.0 * known_begun) / (1.0 - wait[0] * stay[0] / 4.0)
        begun[t] = known_begun + stay[0] / 2.0 * rest[t]
    return (begun if active else rest)[::steps]


@pytest.mark.parametrize(("onset", "recovery", "length"), [(0.02, 0.05, 14), (0.05, 0.10, 21)])
def test_some_stretch_is_long_enough_as_renewal_theory_has_it(onset: float, recovery: float, length: int) -> None:
    law = chain([onset], [recovery])
    paths = simulated(law, DAYS, PATHS)
    exact = held(onset, recovery, length, active=False)
    for days in (length + 10, 60, DAYS):
        found = happens(law, paths, f"held(o0 = active, days = {length}) by {{{days}}}")
        assert agrees(found, float(exact[days]), within=0.05)


def test_a_stretch_after_a_day_counts_from_that_day() -> None:
    # A chain without memory starts anew at the end of the day, at rest or in the middle of a stretch.
    onset, recovery, length, begin = 0.02, 0.05, 14, 40
    law = chain([onset], [recovery], "a")
    paths = simulated(law, DAYS, PATHS)
    active = (recovery * np.exp(-(onset + recovery) * begin) + onset) / (onset + recovery)
    rest, begun = (held(onset, recovery, length, active=state) for state in (False, True))
    for days in (length, 30, 70):
        exact = (1.0 - active) * rest[days] + active * begun[days]
        found = happens(law, paths, f"held(o0 = active, days = {length}) after {{{begin}}} by {{{begin + days}}}")
        assert agrees(found, float(exact), within=0.03)


def test_the_first_after_a_day_is_a_race_from_the_states_of_that_day() -> None:
    # o0 is first if it is active on the day and o1 is not, or if both rest and it comes before o1.
    a, b, begin = 0.02, 0.03, 30
    law = chain([a, b], [0.05, 0.04], "ar")
    paths = simulated(law, DAYS, PATHS)
    one = (a + 0.05 * np.exp(-(a + 0.05) * begin)) / (a + 0.05)
    other = b * -np.expm1(-(b + 0.04) * begin) / (b + 0.04)
    for days in (1, 20, 90):
        race = a / (a + b) * -np.expm1(-(a + b) * days)
        exact = (1.0 - other) * (one + (1.0 - one) * race)
        text = f"first(o0 = active) before first(o1 = active) after {{{begin}}} by {{{begin + days}}}"
        assert agrees(happens(law, paths, text), exact)


@pytest.mark.parametrize("start", ["r", "a"])
def test_entries_are_counted_as_the_chain_of_state_and_count_has_it(start: str) -> None:
    law = chain([0.06], [0.08], start)
    paths = simulated(law, DAYS, PATHS)
    most = 4

    def counted(flag: int, _: int, active: bool) -> int:
        return min(flag + active, most)

    matrix = generator(law, most + 1, counted)
    for days in (30, DAYS):
        exact = (beginning(law, most + 1) @ expm(matrix * days)).reshape(-1, most + 1).sum(axis=0)
        for least in (1, 2, 3):
            found = happens(law, paths, f"count(o0 = active) by {{{days}}} >= {least}")
            assert agrees(found, exact[least:].sum(), within=0.1)


def test_entries_after_a_day_begin_with_the_state_held_then() -> None:
    law, most = chain([0.06], [0.08]), 3
    paths = simulated(law, DAYS, PATHS)

    def counted(flag: int, _: int, active: bool) -> int:
        return min(flag + (not active), most)

    matrix = generator(law, most + 1, counted)
    on_the_day = (beginning(law, most + 1) @ expm(matrix * 25)).reshape(-1, most + 1).sum(axis=1)
    anew = np.zeros((2, most + 1))
    anew[:, 0] = on_the_day
    exact = (anew.ravel() @ expm(matrix * 35)).reshape(-1, most + 1).sum(axis=0)
    for least in (1, 2, 3):
        found = happens(law, paths, f"count(o0 = rest) after {{25}} by {{60}} >= {least}")
        assert agrees(found, exact[least:].sum(), within=0.1)


def test_with_equal_rates_every_other_change_of_a_poisson_process_is_an_entry() -> None:
    law = chain([0.05], [0.05])
    paths = simulated(law, DAYS, PATHS)
    for least in (1, 2, 3, 4):
        found = happens(law, paths, f"count(o0 = active) by {{60}} >= {least}")
        assert agrees(found, float(poisson.sf(2 * least - 2, 3.0)), within=0.1)


def after(law: Chain, early: int, late: int) -> tuple[float, float, float]:
    """Return P(A), P(B), P(A and B) of A, o0 ever active by ``early``, and B, o1 active on ``late``."""
    matrix = generator(law, 2, lambda flag, outcome, active: int(flag or (outcome == 0 and active)))
    then = beginning(law, 2) @ expm(matrix * early)
    active_then = np.array([state >> 1 & 1 for state in range(2**law.outcomes)], dtype=bool)
    plain = generator(law, 1, lambda *_: 0)
    later = expm(plain * (late - early))
    happened, all_of = then.reshape(-1, 2)[:, 1], then.reshape(-1, 2).sum(axis=1)
    return happened.sum(), (all_of @ later)[active_then].sum(), (happened @ later)[active_then].sum()


def test_joint_and_conditional_events_are_those_of_the_chain() -> None:
    law = coupled()
    paths = simulated(law, DAYS, PATHS)
    for early, late in ((30, 45), (60, DAYS)):
        a, b, both = after(law, early, late)
        one, other = f"ever(o0 = active) by {{{early}}}", f"state(o1 = active) on {{{late}}}"
        happened, holds = happens(law, paths, one), happens(law, paths, other)
        assert agrees(happens(law, paths, f"{one} and {other}"), both, within=0.04)
        assert abs(both / b - a) > 0.05 * a, "the two must depend on each other, or nothing is tested"
        for event, condition, exact in ((happened, holds, both / b), (holds, happened, both / a)):
            found = path_probability(event, 4, ok=True, weights=conditioned(Weights(), condition, "it"))
            assert abs(found.mean - exact) < 4.5 * found.mcse
            assert found.mcse < 0.01 * exact
            assert found.mcse == pytest.approx(np.sqrt(exact * (1 - exact) / condition.sum()), rel=0.2)


def test_events_beyond_the_connectives_are_joined_on_the_same_paths() -> None:
    # A stretch of 14 days and an entry by a day: on one outcome at rest, P(held 14 by 60, one entry by 60).
    law = chain([0.02], [0.05])
    paths = simulated(law, DAYS, PATHS)
    held_14 = "held(o0 = active, days = 14) by {60}"
    once = "count(o0 = active) by {60} >= 1 and not count(o0 = active) by {60} >= 2"
    h, g, n, end = 0.02, 0.05, 14.0, 60.0
    # Entry at s <= 60 - 14, the stretch lasts 14 days, and no second entry by 60: exit at s + u, then rest.
    s = np.linspace(0.0, end - n, 4001)
    stays = np.exp(-g * (end - s))
    leaves = g * np.exp(-h * (end - s)) * (np.exp((h - g) * (end - s)) - np.exp((h - g) * n)) / (h - g)
    exact = float(np.trapezoid(h * np.exp(-h * s) * (stays + leaves), s))
    assert agrees(happens(law, paths, f"{held_14} and {once}"), exact)
