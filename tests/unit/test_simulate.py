"""What simulate refuses, reports and promises besides its distribution (for that see tests/oracle)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from vzforecast import simulate as module
from vzforecast.errors import SettingsError, VzForecastError
from vzforecast.path_kernel.kernel import run_paths
from vzforecast.paths import Paths, Record
from vzforecast.simulate import Dynamics, SimulationError, simulate, stream_id

AS_OF = date(2025, 2, 5)
DRAWS = 7


@pytest.fixture
def dynamics() -> Dynamics:
    rng = np.random.default_rng(2)
    return Dynamics(
        log_rate=rng.normal(0, 0.5, size=(DRAWS, 2, 2)),
        leverage=rng.normal(size=(DRAWS, 2, 2, 3)),
        coupling=rng.normal(size=(DRAWS, 2, 2, 2)) * [[0, 1], [1, 0]],
        influence_now=rng.normal(size=(DRAWS, 3)),
        tone_now=rng.normal(size=(DRAWS, 2)),
        tau=np.full(DRAWS, 0.3),
        psi=np.full(DRAWS, 0.4),
        rho_office=np.full(DRAWS, 0.2),
        rho_proximity=np.full(DRAWS, 0.5),
        persistence=0.8,
        office_steps=np.zeros((3, 3)),
        proximity_steps=np.zeros((3, 3)),
        month_ends=np.array([23.0, 54.0, 84.0]),
        active_now=np.array([False, True]),
        active_for=np.array([0.0, 0.4]),
        fade_half_life=1.0,
        lasting_share=0.25,
        outcome_streams=np.array([stream_id("licence"), stream_id("flights")], dtype=np.uint64),
        faction_streams=np.array([stream_id(name) for name in ("hard", "engage", "oil")], dtype=np.uint64),
    )


@pytest.fixture
def record() -> Record:
    return Record.from_transitions(AS_OF, AS_OF + timedelta(days=84), {"licence": False, "flights": True}, [])


def assert_same(one: Paths, other: Paths) -> None:
    np.testing.assert_array_equal(one.offsets, other.offsets)
    np.testing.assert_array_equal(one.times, other.times)
    np.testing.assert_array_equal(one.outcome, other.outcome)


def test_the_same_seed_gives_the_same_paths_and_another_seed_others(dynamics: Dynamics, record: Record) -> None:
    first = simulate(dynamics, record, paths=20, seed=5)
    assert_same(first, simulate(dynamics, record, paths=20, seed=5))
    assert first.times.size != simulate(dynamics, record, paths=20, seed=6).times.size


def test_a_law_from_another_start_keeps_its_rates_and_takes_no_others(dynamics: Dynamics, record: Record) -> None:
    fresh = replace(dynamics, active_for=np.array([0.0, 2.0]))
    again = dynamics.starting(active_for=np.array([0.0, 2.0]))
    assert all(kept is prepared for kept, prepared in zip(again.rates, dynamics.rates, strict=True))
    assert_same(simulate(fresh, record, paths=20, seed=5), simulate(again, record, paths=20, seed=5))
    with pytest.raises(ValueError, match="leverage, log_rate: rates are kept as prepared; make new dynamics"):
        dynamics.starting(log_rate=dynamics.log_rate, leverage=dynamics.leverage)


def test_a_law_of_other_rates_keeps_what_is_the_same(dynamics: Dynamics, record: Record) -> None:
    for field in ("log_rate", "leverage", "coupling"):
        other = {field: getattr(dynamics, field) - 0.5}
        fresh, again = replace(dynamics, **other), dynamics.with_rates(**other)
        kept = [one is same for one, same in zip(again.rates, dynamics.rates, strict=True)]
        assert kept == [name != field for name in ("log_rate", "leverage", "coupling")]
        assert_same(simulate(fresh, record, paths=20, seed=5), simulate(again, record, paths=20, seed=5))
    with pytest.raises(ValueError, match="tau: only rates are exchanged; make new dynamics for another start"):
        dynamics.with_rates(tau=dynamics.tau, leverage=dynamics.leverage)


def test_the_kernel_is_compiled_once_whatever_couplings_there_are(dynamics: Dynamics, record: Record) -> None:
    kept = np.zeros((2, 2, 2))
    simulate(dynamics, record, paths=1, seed=5)
    compiled = len(run_paths.signatures)
    for number, cell in enumerate([(0, 0, 1), (1, 1, 0)]):
        law = replace(dynamics, coupling=dynamics.coupling * kept)
        assert law.rates[2].source.size == number
        simulate(law, record, paths=1, seed=5)
        kept[cell] = 1.0
    assert len(run_paths.signatures) == compiled


def test_couplings_are_those_that_any_draw_has(dynamics: Dynamics) -> None:
    coupling = np.zeros_like(dynamics.coupling)
    coupling[3, 1, 0, 1] = 0.7
    law = replace(dynamics, coupling=coupling)
    outcomes, _ = law.places
    hazard, outcome, source = law.cells
    assert (hazard.tolist(), outcomes[outcome].tolist(), outcomes[source].tolist()) == ([1], [0], [1])
    found = law.rates[2]
    np.testing.assert_array_equal(found.effect[:, 0], coupling[:, 1, 0, 1])
    taken = found.span[..., 1] - found.span[..., 0]
    assert np.argwhere(taken).tolist() == [[1, int(outcome[0])]]


def test_threads_and_chunks_change_nothing(dynamics: Dynamics, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = simulate(dynamics, record, paths=30, seed=5)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    monkeypatch.setattr(module, "_CHUNKS", 2)
    assert_same(usual, simulate(dynamics, record, paths=30, seed=5))


def test_a_log_that_outgrows_its_room_loses_nothing(
    dynamics: Dynamics, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = replace(dynamics, log_rate=dynamics.log_rate + 2.5)
    roomy = simulate(busy, record, paths=10, seed=5)
    assert roomy.times.size > 10 * module._ROOM_PER_PATH * DRAWS
    monkeypatch.setattr(module, "_ROOM_PER_PATH", 1)
    assert_same(roomy, simulate(busy, record, paths=10, seed=5))


def test_progress_rises_to_one(dynamics: Dynamics, record: Record) -> None:
    shares: list[float] = []
    simulate(dynamics, record, paths=2, seed=1, progress=shares.append)
    assert shares == sorted(shares)
    assert len(shares) == DRAWS
    assert shares[-1] == 1


def test_nothing_happens_after_the_horizon_or_at_a_rate_of_zero(dynamics: Dynamics, record: Record) -> None:
    log_rate = dynamics.log_rate.copy()
    log_rate[:, :, 0] = -np.inf
    paths = simulate(replace(dynamics, log_rate=log_rate), record, paths=50, seed=1)
    assert set(paths.outcome) == {1}
    assert 0 < paths.times.min() < paths.times.max() < 84


def test_a_forecast_whose_horizon_is_as_of_has_paths_without_transitions(dynamics: Dynamics, record: Record) -> None:
    steps = np.zeros((1, 3))
    last = replace(dynamics, month_ends=np.array([0.0]), office_steps=steps, proximity_steps=steps)
    paths = simulate(last, replace(record, horizon=AS_OF), paths=4, seed=1)
    np.testing.assert_array_equal(paths.offsets, np.zeros(DRAWS * 4 + 1))
    assert paths.active_on([AS_OF])[..., 1].all()


def test_the_first_row_of_the_known_steps_is_not_used(dynamics: Dynamics, record: Record) -> None:
    steps = np.zeros((3, 3))
    steps[0] = [5.0, -3.0, 2.0]
    changed = replace(dynamics, office_steps=steps, proximity_steps=steps)
    assert_same(simulate(dynamics, record, paths=5, seed=1), simulate(changed, record, paths=5, seed=1))


@pytest.mark.parametrize("rate", [15.0, 2_000.0])
def test_absurd_rates_are_an_error_that_names_the_draw(dynamics: Dynamics, record: Record, rate: float) -> None:
    log_rate = dynamics.log_rate.copy()
    log_rate[4] = rate
    with pytest.raises(
        SimulationError, match=r"^draw 4, path 0: over 200,000 changes of state in one stretch of time$"
    ) as error:
        simulate(replace(dynamics, log_rate=log_rate), record, paths=3, seed=1)
    assert isinstance(error.value, VzForecastError)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"paths": 0, "seed": 1}, "paths must be at least 1, not 0"),
        ({"paths": 1, "seed": -1}, r"seed must be from 0 to 2\^64 - 1, not -1"),
        ({"paths": 1, "seed": 2**64}, r"seed must be from 0 to 2\^64 - 1, not 18446744073709551616"),
    ],
    ids=["no-paths", "negative-seed", "huge-seed"],
)
def test_settings_outside_their_range_are_refused(
    dynamics: Dynamics, record: Record, settings: dict[str, int], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        simulate(dynamics, record, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tau": np.zeros(3)}, r"tau has shape \(3,\), not \(7,\)"),
        ({"coupling": np.zeros((DRAWS, 2, 2, 3))}, r"coupling has shape \(7, 2, 2, 3\), not \(7, 2, 2, 2\)"),
        ({"psi": np.full(DRAWS, np.nan)}, "psi must be finite"),
        ({"log_rate": np.full((DRAWS, 2, 2), np.inf)}, "log_rate must be finite or -inf"),
        ({"log_rate": np.full((DRAWS, 2, 2), np.nan)}, "log_rate must be finite or -inf"),
        ({"month_ends": np.array([23.0, 20.0, 84.0])}, "month_ends must be finite, not negative and ascending"),
        ({"month_ends": np.array([-1.0, 20.0, 84.0])}, "month_ends must be finite, not negative and ascending"),
        ({"persistence": 1.1}, r"persistence and lasting_share must lie in 0\.\.1"),
        ({"lasting_share": -0.1}, r"persistence and lasting_share must lie in 0\.\.1"),
        ({"fade_half_life": 0.0}, "fade_half_life must be positive"),
        ({"active_for": np.array([0.0, -1.0])}, "active_for not negative"),
        ({"made_ago": np.zeros(2)}, r"made_ago has shape \(2,\), not \(2, 2\)"),
        ({"made_ago": np.array([[1.0, -0.1], [2.0, np.inf]])}, "made_ago must not be negative"),
        ({"made_ago": np.array([[1.0, np.nan], [2.0, np.inf]])}, "made_ago must not be negative"),
        ({"outcome_streams": np.array([3, 3], dtype=np.uint64)}, "each with a random stream of its own"),
    ],
    ids=[
        "shape",
        "shape-of-four",
        "nan",
        "infinite-rate",
        "nan-rate",
        "months-that-go-back",
        "month-in-the-past",
        "persistence",
        "lasting-share",
        "half-life",
        "age",
        "shape-of-answers",
        "answer-to-come",
        "nan-answer",
        "shared-stream",
    ],
)
def test_dynamics_without_a_meaning_are_refused(dynamics: Dynamics, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(dynamics, **change)


def test_a_record_of_other_dynamics_is_refused(dynamics: Dynamics, record: Record) -> None:
    with pytest.raises(ValueError, match="the record has 1 outcomes, not 2"):
        simulate(dynamics, replace(record, outcomes=("a",), active_at_start=np.array([True])), paths=1, seed=1)
    with pytest.raises(ValueError, match=r"the record ends with active = \[ True  True\], not \[False  True\]"):
        simulate(dynamics, replace(record, active_at_start=np.array([True, True])), paths=1, seed=1)
    with pytest.raises(ValueError, match=r"the last month ends on day 84\.0, not at the horizon, day 80"):
        simulate(dynamics, replace(record, horizon=AS_OF + timedelta(days=80)), paths=1, seed=1)
