"""The simulator against closed forms, matrix exponentials and quadrature.

Every comparison is of a share of simulated paths with an exact probability: within 4.5 standard errors at a fixed seed,
with so many paths that 4.5 standard errors are less than 1 % of the probability wherever `agrees` says so.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.stats import kstest, norm, poisson

from helpers.laws import AS_OF, DRAWS, NEVER, ONSET, PATHS, RECOVERY, agrees, law, run
from vzforecast.names import DAYS_PER_MONTH
from vzforecast.simulate import Dynamics


@pytest.mark.parametrize("rate", [0.2, 0.5, 1.5])
@pytest.mark.parametrize("days", [30, 84])
def test_constant_rate_gives_an_exponential_first_passage(rate: float, days: int) -> None:
    paths = run(law([rate], [0.7]))
    exact = 1 - np.exp(-rate * days / DAYS_PER_MONTH)
    assert agrees(paths.active_between("outcome 0", active=True, after=0, until=days), exact)


def test_first_passage_times_are_exponential_within_and_across_months() -> None:
    """The whole distribution, not only one deadline: a step of a day or a reset at a month's start would show."""
    rate, rng = 0.8, np.random.default_rng(3)
    paths = run(law([rate], [0.0]))
    for days in rng.uniform(0.2, 84, size=25):
        exact = 1 - np.exp(-rate * days / DAYS_PER_MONTH)
        share = paths.active_between("outcome 0", active=True, after=0, until=float(days)).mean()
        assert abs(share - exact) < 4.5 * np.sqrt(exact * (1 - exact) / (DRAWS * PATHS))


def test_with_equal_rates_the_transitions_are_a_poisson_process() -> None:
    """The mean counts every clock after the first, the variance that each is as random as it should be."""
    dynamics = law([10.0], [10.0])
    paths = run(dynamics, paths=50)
    expected = 10 * 84 / DAYS_PER_MONTH
    counts = np.diff(paths.offsets)
    assert counts.mean() == pytest.approx(expected, abs=4.5 * np.sqrt(expected / counts.size))
    assert counts.var() == pytest.approx(expected, abs=4.5 * expected * np.sqrt((2 + 1 / expected) / counts.size))
    # Given their number they lie as uniforms do.
    assert kstest(paths.times / 84, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("days", [15, 50, 84])
@pytest.mark.parametrize("active", [False, True])
def test_two_states_have_the_closed_form(days: int, active: bool) -> None:
    h, g = 0.6, 0.9
    paths = run(law([h], [g], active=[active]))
    total = h + g
    settled = np.exp(-total * days / DAYS_PER_MONTH)
    exact = h / total * (1 - settled) + active * settled
    assert agrees(paths.active_at("outcome 0", days), exact)


def chain_generator(log_rate: NDArray[np.float64], coupling: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rates of the Markov chain on all joint states; bit o of a state's number is outcome o."""
    outcomes = log_rate.shape[1]
    generator = np.zeros((2**outcomes, 2**outcomes))
    for state in range(2**outcomes):
        active = np.array([(state >> o) & 1 for o in range(outcomes)])
        for o in range(outcomes):
            rate = np.exp(log_rate[active[o], o] + coupling[active[o], o] @ active)
            generator[state, state ^ (1 << o)] += rate
            generator[state, state] -= rate
    return generator


@pytest.mark.parametrize("start", [[False, False, False], [True, False, True], [True, True, True]])
def test_coupled_outcomes_are_the_chain_of_their_joint_states(start: list[bool]) -> None:
    rng = np.random.default_rng(7)
    rates = rng.uniform(0.3, 1.2, size=(2, 3))
    coupling = rng.normal(0, 0.9, size=(2, 3, 3))
    coupling[:, range(3), range(3)] = 0
    paths = run(law(list(rates[0]), list(rates[1]), coupling=coupling, active=start))
    generator = chain_generator(np.log(rates), coupling)
    first = sum(1 << o for o, active in enumerate(start) if active)
    for days in (5, 23, 60, 84):
        exact = expm(generator * days / DAYS_PER_MONTH)[first]
        states = paths.active_on([AS_OF + timedelta(days=days)])[:, :, 0]
        shares = np.bincount((states @ [1, 2, 4]).ravel(), minlength=8) / (DRAWS * PATHS)
        errors = np.sqrt(exact * (1 - exact) / (DRAWS * PATHS))
        np.testing.assert_array_less(np.abs(shares - exact), 4.5 * errors)
        assert errors.max() < 0.001


def test_states_at_two_dates_are_the_chain_s_joint_distribution() -> None:
    coupling = np.zeros((2, 2, 2))
    coupling[ONSET, 0, 1], coupling[RECOVERY, 1, 0] = 1.0, -0.8
    paths = run(law([0.4, 0.6], [0.5, 0.7], coupling=coupling))
    generator = chain_generator(np.log([[0.4, 0.6], [0.5, 0.7]]), coupling)
    early, late = (expm(generator * days / DAYS_PER_MONTH) for days in (30, 50))
    exact = (early[0][:, None] * late).ravel()
    states = paths.active_on([AS_OF + timedelta(days=30), AS_OF + timedelta(days=80)])
    codes = (states[:, :, 0] @ [1, 2]) * 4 + states[:, :, 1] @ [1, 2]
    shares = np.bincount(codes.ravel(), minlength=16) / codes.size
    np.testing.assert_array_less(np.abs(shares - exact), 4.5 * np.sqrt(exact * (1 - exact) / codes.size))


def waning(age: float, half_life: float, lasting: float) -> float:
    """Size of a coupling, age and half-life in months."""
    return float(lasting + (1 - lasting) * 2.0 ** (-age / half_life))


@pytest.mark.parametrize("effect", [1.5, -1.5])
@pytest.mark.parametrize("age", [0.0, 0.7])
@pytest.mark.parametrize("lasting", [0.0, 0.25])
def test_a_fading_coupling_integrates_its_hazard(effect: float, age: float, lasting: float) -> None:
    coupling = np.zeros((2, 2, 2))
    coupling[ONSET, 0, 1] = effect
    rate, half_life = 0.25, 0.6
    dynamics = law([rate, 0.0], [0.0, 0.0], coupling=coupling, active=[False, True])
    paths = run(
        replace(dynamics, active_for=np.array([0.0, age]), fade_half_life=half_life, lasting_share=lasting), seed=5
    )
    for days in (12, 40, 84):
        hazard, _ = quad(
            lambda t: rate * np.exp(effect * waning(age + t, half_life, lasting)), 0, days / DAYS_PER_MONTH
        )
        none = ~paths.active_between("outcome 0", active=True, after=0, until=days)
        assert agrees(none, np.exp(-hazard))


@pytest.mark.parametrize("effect", [2.0, -2.0])
def test_a_coupling_fades_from_the_moment_its_source_becomes_active(effect: float) -> None:
    coupling = np.zeros((2, 2, 2))
    coupling[ONSET, 0, 1] = effect
    rate, source_rate, half_life, lasting = 0.2, 0.9, 0.5, 0.25
    dynamics = law([rate, source_rate], [0.0, 0.0], coupling=coupling)
    paths = run(replace(dynamics, fade_half_life=half_life, lasting_share=lasting), seed=6)

    def none_given(start: float, end: float) -> float:
        """P(no onset by ``end``) when the source becomes active at ``start``."""
        raised, _ = quad(lambda t: rate * np.exp(effect * waning(t - start, half_life, lasting)), start, end)
        return float(np.exp(-rate * start - raised))

    for days in (20, 84):
        end = days / DAYS_PER_MONTH
        source_active, _ = quad(
            lambda start, end=end: source_rate * np.exp(-source_rate * start) * none_given(start, end), 0, end
        )
        exact = source_active + np.exp(-(rate + source_rate) * end)
        assert agrees(~paths.active_between("outcome 0", active=True, after=0, until=days), exact)


def answering(recovery: float, made_ago: list[list[float]], **others: object) -> Dynamics:
    """Outcome 0 under outcome 1, which became active 0.2 months ago and stays so; both its hazards are raised."""
    coupling = np.zeros((2, 2, 2))
    coupling[:, 0, 1] = 1.2, -1.0
    dynamics = law([0.5, 0.0], [recovery, 0.0], coupling=coupling, active=[False, True])
    return replace(dynamics, active_for=np.array([0.0, 0.2]), made_ago=np.array(made_ago), **others)


@pytest.mark.parametrize(("before", "lasting"), [(0.1, 0.3), (0.2, 0.3), (np.inf, 0.0)])
def test_the_first_of_recurrent_events_spends_what_fades_of_a_coupling(lasting: float, before: float) -> None:
    """From then on, or from the start if it came since the source's change, they are a plain Poisson process."""
    half_life, effect, rate = 0.6, 1.2, 0.5
    fading = {"fade_half_life": half_life, "lasting_share": lasting, "recurrent": np.array([True, False])}
    paths = run(answering(0.0, [[before, 0.2], [np.inf, np.inf]], **fading), seed=9, paths=400)
    counts = np.diff(paths.offsets) // 2
    end, spent = 84 / DAYS_PER_MONTH, rate * np.exp(effect * lasting)

    def hazard(t: float) -> float:
        return float(rate * np.exp(effect * waning(0.2 + t, half_life, lasting)))

    def first_at(t: float) -> float:
        return hazard(t) * float(np.exp(-quad(hazard, 0, t)[0]))

    for events in range(4):
        if before < 0.2:
            exact = poisson.pmf(events, spent * end)
        elif events == 0:
            exact = np.exp(-quad(hazard, 0, end)[0])
        else:
            exact = quad(lambda t, n=events - 1: first_at(t) * poisson.pmf(n, spent * (end - t)), 0, end)[0]
        assert agrees(counts == events, exact, within=0.05), events


@pytest.mark.parametrize(
    ("made_ago", "onset_answered", "recovery_answered"),
    [
        ([[0.2, 0.2], [np.inf, np.inf]], False, False),  # the same day is no answer
        ([[0.3, 0.2], [0.1, np.inf]], False, True),
        ([[0.1, 0.2], [np.inf, np.inf]], True, False),
    ],
    ids=["same-day", "recovery", "onset"],
)
def test_an_onset_answers_for_onsets_and_a_recovery_for_recoveries(
    made_ago: list[list[float]], onset_answered: bool, recovery_answered: bool
) -> None:
    """Nothing fades by itself: a chain of rest and active, before and after each has been made under the source."""
    dynamics = answering(0.8, made_ago, fade_half_life=1e9, lasting_share=0.0)
    first = 0.5 * (1 if onset_answered else np.exp(1.2))
    back = 0.8 * (1 if recovery_answered else np.exp(-1.0))
    # At rest; active; at rest and active again.
    chain = np.array([[-first, first, 0, 0], [0, -back, back, 0], [0, 0, -0.5, 0.5], [0, 0, 0.8, -0.8]])
    paths = run(dynamics, seed=10, paths=400)
    for days in (10, 40):
        exact = expm(chain * days / DAYS_PER_MONTH)[0]
        assert agrees(paths.active_at("outcome 0", days), exact[1] + exact[3], within=0.03)
        assert agrees(~paths.active_between("outcome 0", active=True, after=0, until=days), exact[0], within=0.03)


def share(u: NDArray[np.float64]) -> float:
    """Influence of the first faction above its equal share."""
    return float(np.exp(u[0]) / np.exp(u).sum() - 1 / u.size)


@pytest.mark.parametrize("hazard", [ONSET, RECOVERY])
def test_known_steps_of_office_and_proximity_change_the_rate_when_their_month_begins(hazard: int) -> None:
    months = (23.0, 54.0, 84.0)
    office = np.array([[9.0, 9.0, 9.0], [1.0, -0.5, -0.5], [-2.0, 1.0, 1.0]])  # row 0 must not matter
    proximity = np.array([[7.0, 0.0, 0.0], [0.0, 0.4, -0.4], [1.5, -0.5, -1.0]])
    leverage = np.zeros((DRAWS, 2, 1, 3))
    leverage[:, hazard, 0, 0] = 1.8
    now = np.array([0.3, -0.2, 0.1])
    dynamics = law(
        [0.2],
        [0.2],
        months=months,
        factions=3,
        active=[hazard == RECOVERY],
        leverage=leverage,
        influence_now=np.tile(now, (DRAWS, 1)),
        rho_office=np.full(DRAWS, 0.9),
        rho_proximity=np.full(DRAWS, 0.6),
        office_steps=office,
        proximity_steps=proximity,
    )
    u, total = now, 0.0
    for m, (begin, end) in enumerate(pairwise((0.0, *months))):
        u = u if m == 0 else u + 0.9 * office[m] + 0.6 * proximity[m]
        total += 0.2 * np.exp(1.8 * share(u)) * (end - begin) / DAYS_PER_MONTH
    changed = run(dynamics).active_between("outcome 0", active=hazard == ONSET, after=0, until=84)
    assert agrees(~changed, np.exp(-total))


def mean_over_normal(function: Callable[[float], float]) -> float:
    """Expectation under a standard normal."""
    mean, _ = quad(lambda z: function(z) * norm.pdf(z), -9, 9, epsabs=1e-9, limit=200)
    return float(mean)


@pytest.mark.parametrize("hazard", [ONSET, RECOVERY])
def test_tone_raises_onset_lowers_recovery_and_reverts_with_fresh_noise_on_every_path(hazard: int) -> None:
    rate, psi, now, phi, sign = 0.25, 0.8, 1.3, 2 ** (-1 / 3), (1, -1)[hazard]
    dynamics = law(
        [rate],
        [rate],
        months=(30.0, 84.0),
        active=[hazard == RECOVERY],
        psi=np.full(DRAWS, psi),
        tone_now=np.full((DRAWS, 1), now),
    )
    first, second = 30 / DAYS_PER_MONTH, 54 / DAYS_PER_MONTH

    def none(z: float) -> float:
        later = phi * now + np.sqrt(1 - phi**2) * z
        return float(np.exp(-rate * (np.exp(sign * psi * now) * first + np.exp(sign * psi * later) * second)))

    changed = run(dynamics).active_between("outcome 0", active=hazard == ONSET, after=0, until=84)
    assert agrees(~changed, mean_over_normal(none))
    # Drawn anew for every path: the share of a draw varies no more than that of independent paths does.
    p = changed.mean()
    assert changed.mean(axis=1).var() == pytest.approx(p * (1 - p) / PATHS, rel=0.25)


def test_influence_walks_with_sd_tau_a_month() -> None:
    # Far from even and with much at stake, so that an error of tau would show: 10 % of it is 2 % of the answer.
    rate, leverage, tau, now = 0.25, 6.0, 1.5, np.array([-1.5, 1.5])
    weights = np.zeros((DRAWS, 2, 1, 2))
    weights[:, ONSET, 0] = [leverage, -leverage]
    dynamics = law(
        [rate],
        [0.0],
        months=(5.0, 84.0),
        leverage=weights,
        influence_now=np.tile(now, (DRAWS, 1)),
        tau=np.full(DRAWS, tau),
    )

    def none(z: float) -> float:
        # Only the difference of the two counts, and its step has sd tau * sqrt(2).
        step = np.array([tau * np.sqrt(2) * z, 0.0])
        rates = [rate * np.exp(2 * leverage * share(u)) for u in (now, now + step)]
        return float(np.exp(-(rates[0] * 5 + rates[1] * 79) / DAYS_PER_MONTH))

    changed = run(dynamics).active_between("outcome 0", active=True, after=0, until=84)
    assert agrees(~changed, mean_over_normal(none))


def test_draws_keep_their_own_parameters() -> None:
    rates = np.linspace(0.1, 1.5, DRAWS)
    log_rate = np.stack([np.log(rates), np.full(DRAWS, NEVER)], axis=1)[:, :, None]
    ever = run(replace(law([1.0], [0.0]), log_rate=log_rate)).active_between(
        "outcome 0", active=True, after=0, until=84
    )
    exact = 1 - np.exp(-rates * 84 / DAYS_PER_MONTH)
    scores = (ever.mean(axis=1) - exact) / np.sqrt(exact * (1 - exact) / PATHS)
    assert np.abs(scores).max() < 4.5
    assert np.mean(scores**2) == pytest.approx(1, abs=4.5 * np.sqrt(2 / DRAWS))
