"""All dated changes at once against a plain simulation in steps of a tenth of a day, written without the library's.

Couplings that fade, flip their sign and end, whether or not an answer ends them too; states forced and nested; moves
of influence that overlap; steps of standing; scheduled rates; walks, tone, a recurrent outcome: where one part spoils
the bound of another, shares differ.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from helpers.laws import DRAWS, ONSET, RECOVERY, law, run
from vzforecast.course import Change, CouplingFactor, Forced, InfluenceMove, RateFactor, StandingStep
from vzforecast.names import DAYS_PER_MONTH
from vzforecast.simulate import Dynamics

pytestmark = pytest.mark.slow

type Floats = NDArray[np.float64]
type Bools = NDArray[np.bool_]

STEPS_PER_DAY: Final = 10
SAMPLE: Final = 60_000
MONTHS: Final = (0.0, 23.0, 54.0, 84.0)  # as of the last day of a month: nothing is left of the first
DAYS: Final = (5.0, 14.9, 18.0, 22.9, 29.9, 33.0, 35.4, 44.9, 50.0, 59.9, 66.0, 70.0, 84.0)
EVENT: Final = 3  # the recurrent outcome
CHANGES: Final[tuple[Change, ...]] = (
    RateFactor(0.0, 12.0, ONSET, 0, 4.0),
    RateFactor(12.0, 30.0, ONSET, 0, 0.3),
    RateFactor(5.0, 40.0, RECOVERY, 1, 3.0),
    Forced(15.0, 45.0, 2, active=True),
    Forced(30.0, 35.5, 2, active=False),
    Forced(60.0, 70.0, 0, active=True),
    Forced(60.0, 66.0, 1, active=False),
    CouplingFactor(20.0, 60.0, (ONSET, 0, 2), -1.0),
    CouplingFactor(33.0, np.inf, (RECOVERY, 1, 0), 2.0),
    CouplingFactor(33.0, 75.0, (ONSET, EVENT, 2), -1.5),
    CouplingFactor(50.0, 58.0, (ONSET, 1, 0), 0.0),
    InfluenceMove(10.0, 50.0, ((0, 0.15), (1, None))),
    InfluenceMove(30.0, 70.0, ((0, 0.1), (1, 0.2))),
    InfluenceMove(70.0, 80.0, ((2, -0.7),)),
    StandingStep(41.5, (1.0, -0.5, -0.5), (0.3, 0.3, -0.6)),
    StandingStep(54.0, (0.0, -0.5, 0.5), (0.3, 0.0, -0.3)),
)


def _dynamics(*, answered: bool) -> Dynamics:
    coupling = np.zeros((2, 4, 4))
    coupling[ONSET, 0, 1:3], coupling[RECOVERY, 0, 2] = (-0.7, 1.6), -1.2
    coupling[RECOVERY, 1, 0], coupling[ONSET, 1, [0, 2]] = 1.4, (-1.5, 0.8)
    coupling[ONSET, 2, 1], coupling[RECOVERY, 2, 1] = 1.0, -0.9
    coupling[ONSET, EVENT, [0, 2]] = 1.3, -1.1
    onset = [[1.2, -0.8, 0.5], [-0.6, 0.4, 0.9], [0.7, 0.3, -1.0], [0.9, -0.9, 0.0]]
    recovery = [[-1.0, 0.5, 0.2], [0.8, -0.2, -0.5], [0.3, 0.3, -0.6], [0.0, 0.0, 0.0]]
    parts = {"leverage": [onset, recovery], "influence_now": [0.5, -0.2, 0.1], "tone_now": [0.3, -0.5, 0.2, 0.4]}
    scales = {"tau": 0.25, "psi": 0.4, "rho_office": 0.6, "rho_proximity": 0.3}
    return replace(
        law([0.8, 0.9, 0.6, 1.2], [1.1, 0.9, 1.3, 0.0], months=MONTHS, factions=3, coupling=coupling),
        **{name: np.broadcast_to(np.array(value), (DRAWS, *np.shape(value))) for name, value in parts.items()},
        **{name: np.full(DRAWS, value) for name, value in scales.items()},
        office_steps=np.array([[9.0, 9.0, 9.0], [0.2, 0.0, -0.2], [0.5, -0.3, -0.2], [-0.4, 0.6, -0.2]]),
        proximity_steps=np.array([[9.0, 9.0, 9.0], [0.0, 0.0, 0.0], [0.0, 0.7, -0.7], [0.2, 0.2, -0.4]]),
        active_now=np.array([False, True, False, False]),
        active_for=np.array([0.0, 0.4, 0.0, 0.0]),
        fade_half_life=0.35,
        lasting_share=0.25,
        recurrent=np.array([False, False, False, True]),
        # Outcome 0 has answered outcome 1, active for 0.4 months; outcome 2 changed before that.
        made_ago=np.array([[0.3, 0.4, 0.6, np.inf], [0.2, 0.9, 0.5, np.inf]]) if answered else None,
    )


class Plain:
    """Many paths of one draw of a law, all at the same moment, in small steps."""

    def __init__(self, dynamics: Dynamics, seed: int) -> None:
        self.law, self.random = dynamics, np.random.default_rng(seed)
        self.active = np.tile(dynamics.active_now, (SAMPLE, 1))
        self.since = np.tile(-dynamics.active_for * DAYS_PER_MONTH, (SAMPLE, 1))
        self.changed = np.zeros_like(self.active)
        never = np.full((2, EVENT + 1), np.inf)
        self.made = np.tile(
            -(never if dynamics.made_ago is None else dynamics.made_ago) * DAYS_PER_MONTH, (SAMPLE, 1, 1)
        )
        self.u = np.tile(dynamics.influence_now[0], (SAMPLE, 1))
        self.tone = np.tile(dynamics.tone_now[0], (SAMPLE, 1))
        self.events = np.zeros(SAMPLE)

    def flip(self, outcome: int, who: Bools, t: float) -> None:
        for hazard in (ONSET, RECOVERY):
            self.made[who & (self.active[:, outcome] == hazard), hazard, outcome] = t
        self.active[who, outcome] ^= True
        self.since[who, outcome] = t
        self.changed[who, outcome] = True

    def begin(self, t: float) -> None:
        """Take months, steps of standing and forced states that begin at a moment."""
        one = self.law
        rho = np.array([one.rho_office[0], one.rho_proximity[0]])
        for month, start in enumerate(MONTHS[:-1], 1):
            if start == t:
                self.u = self.u + one.tau[0] * self.random.normal(size=self.u.shape)
                self.u += rho @ [one.office_steps[month], one.proximity_steps[month]]
                fresh = np.sqrt(1 - one.persistence**2) * self.random.normal(size=self.tone.shape)
                self.tone = one.persistence * self.tone + fresh
        for change in CHANGES:
            if isinstance(change, StandingStep) and change.begin == t:
                self.u += rho @ [change.office, change.proximity]
        for outcome, state in held(t).items():
            self.flip(outcome, self.active[:, outcome] != state, t)

    def move(self, t: float, length: float) -> None:
        """Let every outcome that is not held change at most once, at the rates of the middle of the step."""
        shares, middle = self.shares(t), t + length / 2
        months = (middle - self.since) / DAYS_PER_MONTH
        lasting = self.law.lasting_share
        faded = self.active * (lasting + (1 - lasting) * 0.5 ** (months / self.law.fade_half_life))
        means = {
            outcome: length * self.rate(outcome, t, shares, faded)
            for outcome in range(EVENT + 1)
            if outcome not in held(t)
        }
        for outcome, mean in means.items():
            if outcome == EVENT:
                count = self.random.poisson(mean)
                self.events += count
                self.changed[:, EVENT] |= count > 0
                self.made[count > 0, ONSET, EVENT] = middle
            else:
                self.flip(outcome, self.random.random(SAMPLE) < -np.expm1(-mean), middle)

    def rate(self, outcome: int, t: float, shares: Floats, faded: Floats) -> Floats:
        """Rate per day of the hazard that each path is under."""
        hazards = []
        for hazard, sign in ((ONSET, 1.0), (RECOVERY, -1.0)):
            own = self.law.log_rate[0, hazard, outcome] + sign * self.law.psi[0] * self.tone[:, outcome]
            factors = [c.factor for c in now(t, RateFactor) if (c.hazard, c.outcome) == (hazard, outcome)]
            own = own + np.where(self.changed[:, outcome], 0.0, np.log(factors).sum())
            coupling = self.law.coupling[0, hazard, outcome].copy()
            for change in now(t, CouplingFactor):
                if change.cell[:2] == (hazard, outcome):
                    coupling[change.cell[2]] *= change.factor
            left = faded
            if self.law.made_ago is not None:
                answered = self.made[:, hazard, [outcome]] > self.since
                left = np.where(answered, self.law.lasting_share * self.active, faded)
            hazards.append(own + (shares - 1 / 3) @ self.law.leverage[0, hazard, outcome] + left @ coupling)
        return np.exp(np.where(self.active[:, outcome], hazards[RECOVERY], hazards[ONSET])) / DAYS_PER_MONTH

    def shares(self, t: float) -> Floats:
        """Shares of influence with the moves of a moment, one after another; the others in proportion."""
        shares = np.exp(self.u)
        shares /= shares.sum(axis=1, keepdims=True)
        base, points = {}, dict[int, float]()
        for move in now(t, InfluenceMove):
            for faction, more in move.points:
                if more is None:
                    base[faction], points[faction] = 0.0 * shares[:, faction], 0.0
                else:
                    base.setdefault(faction, shares[:, faction])
                    points[faction] = points.get(faction, 0.0) + more
        taken = {faction: np.clip(base[faction] + points[faction], 0.0, 1.0) for faction in base}
        total = sum(taken.values(), start=np.zeros(SAMPLE))
        free = [faction for faction in range(3) if faction not in taken]
        left = np.maximum(0.0, 1.0 - total) / shares[:, free].sum(axis=1)
        columns = [
            taken[faction] / np.maximum(1.0, total) if faction in taken else shares[:, faction] * left
            for faction in range(3)
        ]
        return np.stack(columns, axis=1)


def now[C: (RateFactor, CouplingFactor, InfluenceMove, Forced)](t: float, kind: type[C]) -> list[C]:
    return [change for change in CHANGES if isinstance(change, kind) and change.begin <= t < change.end]


def held(t: float) -> dict[int, bool]:
    return {change.outcome: change.active for change in now(t, Forced)}


@pytest.mark.parametrize("answered", [False, True])
def test_all_changes_at_once_give_the_shares_of_a_plain_simulation(answered: bool) -> None:
    dynamics = _dynamics(answered=answered)
    paths, plain = run(dynamics, seed=1, changes=CHANGES), Plain(dynamics, seed=7)
    events = paths.times[paths.outcome == EVENT][::2]
    for step in range(round(MONTHS[-1] * STEPS_PER_DAY) + 1):
        t = step / STEPS_PER_DAY
        if t in DAYS:
            active = np.stack([paths.active_at(f"outcome {o}", t).ravel() for o in range(EVENT)], axis=1)
            for pair in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)):
                found, exact = (np.mean(states[:, pair[0]] & states[:, pair[1]]) for states in (active, plain.active))
                error = 4.5 * np.sqrt(max(exact * (1 - exact), 1e-6) / SAMPLE) + 5e-4  # steps are not instants
                assert abs(found - exact) < error, f"outcomes {pair} on day {t}: {found} and {exact}"
            counted = np.count_nonzero(events <= t) / (paths.offsets.size - 1)
            error = 4.5 * plain.events.std() / np.sqrt(SAMPLE) + 2e-3
            assert abs(counted - plain.events.mean()) < error, f"events by day {t}: {counted} and {plain.events.mean()}"
        plain.begin(t)
        plain.move(t, 1 / STEPS_PER_DAY)
