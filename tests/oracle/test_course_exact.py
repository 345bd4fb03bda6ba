"""Dated changes of the law against closed forms and matrix exponentials of the changed chain."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.stats import poisson

from helpers.laws import DRAWS, ONSET, RECOVERY, agrees, law, run
from vzforecast import names
from vzforecast.case import load_case
from vzforecast.course import CouplingFactor, Forced, InfluenceMove, RateFactor, StandingStep
from vzforecast.forecast.future import scheduled_changes
from vzforecast.history import Known
from vzforecast.names import DAYS_PER_MONTH

END = np.inf


def test_a_scheduled_rate_gives_the_exponential_of_its_integral() -> None:
    """Twenty-four times the rate in one week: P(ever) = 1 - exp(-sum of rate times length)."""
    changes = (RateFactor(10.0, 17.0, ONSET, 0, 24.2), RateFactor(0.0, 10.0, ONSET, 0, 0.5))
    paths = run(law([0.3], [0.0]), changes=changes)
    for day, days in ((10.0, 5.0), (17.0, 5.0 + 7 * 24.2), (60.0, 5.0 + 7 * 24.2 + 43.0)):
        exact = 1 - np.exp(-0.3 * days / DAYS_PER_MONTH)
        assert agrees(paths.active_between("outcome 0", active=True, after=0.0, until=day), exact, within=0.03)


def test_before_a_known_end_the_simulated_rate_is_that_of_the_formula() -> None:
    """As of 10 April 2025 the wind-down is known to end as 27 May begins; the licence's return gathers before that."""
    history = Known(load_case().known_on("2025-04-10")).history
    (item,) = history.scheduled
    assert (item.outcome, item.transition, item.end) == ("chevron_licence", names.RECOVERY, date(2025, 5, 26))
    rate = 0.6
    paths = run(law([0.0], [rate], active=[True]), changes=tuple(scheduled_changes(history)))
    for days in (20, 40, 44, 46, 47, 60, 84):
        months = item.integral(history.as_of, history.as_of + timedelta(days=days)) / DAYS_PER_MONTH
        happened = paths.active_between("outcome 0", active=False, after=0.0, until=float(days))
        assert agrees(happened, 1 - np.exp(-rate * months), within=0.02)


def test_what_is_scheduled_concerns_the_present_spell_only() -> None:
    """Once the outcome has changed, a second onset runs at the plain rate: two states and a flag, by stretches."""
    onset, recovery, factor = 1.2, 2.0, 6.0
    changes = (RateFactor(5.0, 30.0, ONSET, 0, factor),)
    paths = run(law([onset], [recovery]), changes=changes)

    def chain(first: float) -> np.ndarray:
        # states: rest and never changed; active; rest after a change
        return np.array([[-first, first, 0.0], [0.0, -recovery, recovery], [0.0, onset, -onset]]) / DAYS_PER_MONTH

    exact = np.array([1.0, 0.0, 0.0]) @ expm(chain(onset) * 5.0) @ expm(chain(onset * factor) * 25.0)
    assert agrees(paths.active_at("outcome 0", 30.0), exact[1])


def test_a_forced_outcome_drives_the_others_as_the_clamped_chain_says() -> None:
    """From day 20 to 50 outcome 0 is held active; outcome 1 then has a constant rate, later both run again."""
    coupling = np.zeros((2, 2, 2))
    coupling[ONSET, 1, 0] = 1.1
    changes = (Forced(20.0, 50.0, 0, active=True),)
    paths = run(law([0.6, 0.3], [0.9, 0.8], coupling=coupling), changes=changes)
    free, held = _generator(0.6, 0.9, 0.3, 0.8, 1.1), _generator(0.0, 0.0, 0.3, 0.8, 1.1)
    clamp = np.kron(np.eye(2), np.array([[0.0, 1.0], [0.0, 1.0]]))  # outcome 0 becomes active, outcome 1 stays
    begin = np.array([1.0, 0.0, 0.0, 0.0]) @ expm(free * 20.0) @ clamp
    assert paths.active_at("outcome 0", 20.0).all()
    assert paths.active_at("outcome 0", 49.9).all()
    assert agrees(paths.active_at("outcome 1", 50.0), (begin @ expm(held * 30.0))[2:].sum())
    later = begin @ expm(held * 30.0) @ expm(free * 34.0)
    assert agrees(paths.active_at("outcome 0", 84.0), later[[1, 3]].sum())
    assert agrees(paths.active_at("outcome 1", 84.0), later[2:].sum())


@pytest.mark.parametrize("together", [False, True])
def test_a_state_brought_about_answers_a_coupling_unless_its_source_comes_with_it(together: bool) -> None:
    """Outcome 0 is brought into its active state on day 20, under a source active before or from that moment on.

    Nothing fades by itself. If the source comes with it, the next onset is the first that answers it.
    """
    coupling = np.zeros((2, 2, 2))
    coupling[ONSET, 0, 1] = 1.3
    changes = (Forced(20.0, 30.0, 0, active=True), *([Forced(20.0, END, 1, active=True)] if together else []))
    dynamics = replace(
        law([0.4, 0.0], [0.9, 0.0], coupling=coupling, active=[False, not together]),
        fade_half_life=1e9,
        lasting_share=0.0,
        made_ago=np.full((2, 2), np.inf),
    )
    paths = run(dynamics, changes=changes, paths=400)
    raised = 0.4 * np.exp(1.3)
    # After its release: active; at rest before the onset that answers; active and at rest after it.
    chain = np.array([[-0.9, 0.9, 0, 0], [0, -raised, raised, 0], [0, 0, -0.9, 0.9], [0, 0, 0.4, -0.4]])
    begin = np.array([1.0, 0, 0, 0]) if together else np.array([0, 0, 1.0, 0])
    assert paths.active_at("outcome 0", 29.9).all()
    for days in (40, 84):
        exact = begin @ expm(chain * (days - 30) / DAYS_PER_MONTH)
        assert agrees(paths.active_at("outcome 0", days), exact[0] + exact[2], within=0.02)


@pytest.mark.parametrize("factor", [0.0, 0.5, 2.0, -1.0])
def test_a_coupling_is_scaled_from_its_day_on(factor: float) -> None:
    coupling = np.zeros((2, 2, 2))
    coupling[ONSET, 1, 0] = 0.9
    changes = (CouplingFactor(30.0, END, (ONSET, 1, 0), factor),)
    paths = run(law([0.6, 0.3], [0.9, 0.8], coupling=coupling), changes=changes)
    before, after = (_generator(0.6, 0.9, 0.3, 0.8, c) for c in (0.9, 0.9 * factor))
    exact = np.array([1.0, 0.0, 0.0, 0.0]) @ expm(before * 30.0) @ expm(after * 54.0)
    assert agrees(paths.active_at("outcome 1", 84.0), exact[2:].sum())


@pytest.mark.parametrize(
    ("move", "shares"),
    [
        (((0, 0.10),), (0.6, 0.24, 0.16)),
        (((0, 0.10), (2, -0.05)), (0.6, 0.25, 0.15)),
        (((1, None),), (0.5 / 0.7, 0.0, 0.2 / 0.7)),
        (((0, 0.2), (1, None)), (0.7, 0.0, 0.3)),
        (((0, 0.9),), (1.0, 0.0, 0.0)),
        (((0, 0.5), (1, 0.7)), (0.5, 0.5, 0.0)),
    ],
    ids=["add", "add and take", "silence", "add and silence", "no more than all", "two ask for more than all"],
)
def test_influence_is_moved_in_points_and_the_others_in_proportion(
    move: tuple[tuple[int, float | None], ...], shares: tuple[float, ...]
) -> None:
    """Shares of .5, .3, .2 that nothing else moves; the rate follows from leverage times the shares."""
    leverage = np.tile(np.array([2.0, -1.5, -0.5]), (DRAWS, 2, 1, 1))
    now = np.tile(np.log([0.5, 0.3, 0.2]), (DRAWS, 1))
    dynamics = law([0.4], [0.0], factions=3, leverage=leverage, influence_now=now)
    paths = run(dynamics, changes=(InfluenceMove(40.0, END, move),))
    hazard = [
        0.4 * np.exp(np.dot([2.0, -1.5, -0.5], np.subtract(held, 1 / 3))) / DAYS_PER_MONTH
        for held in ((0.5, 0.3, 0.2), shares)
    ]
    exact = 1 - np.exp(-40.0 * hazard[0] - 44.0 * hazard[1])
    assert agrees(paths.active_between("outcome 0", active=True, after=0.0, until=84.0), exact)


@pytest.mark.parametrize(
    ("moves", "shares"),
    [
        ((((1, None),), ((1, 0.1),)), (0.9 * 5 / 7, 0.1, 0.9 * 2 / 7)),
        ((((1, 0.1),), ((1, None),)), (5 / 7, 0.0, 2 / 7)),
        ((((0, 0.3),), ((0, -0.2),)), (0.6, 0.24, 0.16)),
    ],
    ids=["points to the silent", "the silent had points", "sum"],
)
def test_moves_of_one_faction_follow_on_each_other(
    moves: tuple[tuple[tuple[int, float | None], ...], ...], shares: tuple[float, ...]
) -> None:
    """The second of two moves at once starts from what the first one left."""
    leverage = np.tile(np.array([2.0, -1.5, -0.5]), (DRAWS, 2, 1, 1))
    now = np.tile(np.log([0.5, 0.3, 0.2]), (DRAWS, 1))
    dynamics = law([0.4], [0.0], factions=3, leverage=leverage, influence_now=now)
    paths = run(dynamics, changes=tuple(InfluenceMove(0.0, END, move) for move in moves))
    rate = 0.4 * np.exp(np.dot([2.0, -1.5, -0.5], np.subtract(shares, 1 / 3)))
    exact = 1 - np.exp(-84.0 * rate / DAYS_PER_MONTH)
    assert agrees(paths.active_between("outcome 0", active=True, after=0.0, until=84.0), exact)


def test_a_step_of_standing_moves_influence_from_its_moment_on() -> None:
    """One doubling of office for the first of two factions, rho 0.8: the log-odds of its share rise by 0.8."""
    leverage = np.tile(np.array([1.5, -1.5]), (DRAWS, 2, 1, 1))
    dynamics = law([0.4], [0.0], leverage=leverage, rho_office=np.full(DRAWS, 0.8))
    paths = run(dynamics, changes=(StandingStep(30.5, (1.0, 0.0), (0.0, 0.0)),))
    share = 1 / (1 + np.exp(-0.8))
    before, after = 0.4, 0.4 * np.exp(1.5 * (2 * share - 1))
    exact = 1 - np.exp(-(30.5 * before + 53.5 * after) / DAYS_PER_MONTH)
    assert agrees(paths.active_between("outcome 0", active=True, after=0.0, until=84.0), exact)


def test_a_recurrent_outcome_is_a_poisson_process_of_events() -> None:
    rate = 1.1
    paths = run(replace(law([rate], [0.0]), recurrent=np.array([True])))
    counts = np.diff(paths.offsets) / 2
    for number in range(7):
        assert agrees(
            (counts == number).reshape(DRAWS, -1), poisson.pmf(number, rate * 84 / DAYS_PER_MONTH), within=0.05
        )
    assert not paths.active_at("outcome 0", 84.0).any()
    np.testing.assert_array_equal(paths.times[::2], paths.times[1::2])


def test_a_recurrent_outcome_pushes_no_other_and_is_pushed_by_others() -> None:
    """Its rate while another is active is e times as high; what it couples to sees it never active."""
    coupling = np.zeros((2, 2, 2))
    coupling[ONSET, 0, 1], coupling[ONSET, 1, 0] = 1.0, 5.0
    dynamics = law([0.3, 0.5], [0.0, 0.0], coupling=coupling, recurrent=np.array([True, False]))
    paths = run(dynamics)
    assert agrees(paths.active_at("outcome 1", 84.0), 1 - np.exp(-0.5 * 84 / DAYS_PER_MONTH))
    onset = 0.5 / DAYS_PER_MONTH
    mean_active = quad(lambda t: 1 - np.exp(-onset * t), 0.0, 84.0)[0]
    expected = 0.3 * (84.0 + (np.e - 1) * mean_active) / DAYS_PER_MONTH
    events = np.count_nonzero(paths.outcome == 0) / 2
    assert events / (paths.offsets.size - 1) == pytest.approx(expected, rel=0.01)


def _generator(on: float, off: float, other_on: float, other_off: float, c: float) -> np.ndarray:
    """Rates a day of two outcomes, in the order (0,0), (1,0), (0,1), (1,1); outcome 0 pushes the onset of outcome 1."""
    pushed = other_on * np.exp(c)
    rates = np.array(
        [[0.0, on, other_on, 0.0], [off, 0.0, 0.0, pushed], [other_off, 0.0, 0.0, on], [0.0, other_off, off, 0.0]]
    )
    assert RECOVERY == 1
    return (rates - np.diag(rates.sum(axis=1))) / DAYS_PER_MONTH
