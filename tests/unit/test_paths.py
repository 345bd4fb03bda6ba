"""Hand-made records and paths with known answers, at the edges of days and of intervals."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from vzforecast.paths import Paths, Record

AS_OF, HORIZON = date(2025, 2, 5), date(2025, 2, 15)


@pytest.fixture
def record() -> Record:
    """Licence lost on 25 January and back on 3 February; flights halted from the start."""
    return Record.from_transitions(
        AS_OF,
        HORIZON,
        {"licence": False, "flights": True},
        [("licence", date(2025, 2, 3)), ("licence", date(2025, 1, 25))],
    )


@pytest.fixture
def paths(record: Record) -> Paths:
    """Four paths: nothing; licence at 2; flights at 0.25 and 4.5; licence at 1.5, flights at 2.5, licence at 10."""
    return Paths(
        record=record,
        draws=2,
        paths=2,
        offsets=np.array([0, 0, 1, 3, 6]),
        times=np.array([2.0, 0.25, 4.5, 1.5, 2.5, 10.0]),
        outcome=np.array([0, 1, 1, 0, 1, 0], dtype=np.int16),
    )


def test_a_record_sorts_its_transitions_and_puts_them_at_noon(record: Record) -> None:
    np.testing.assert_array_equal(record.times, [-11.5, -2.5])
    np.testing.assert_array_equal(record.outcome, [0, 0])
    np.testing.assert_array_equal(record.active_now, [False, True])


def test_a_transition_on_the_as_of_day_is_known() -> None:
    record = Record.from_transitions(AS_OF, HORIZON, {"licence": False}, [("licence", AS_OF)])
    np.testing.assert_array_equal(record.times, [-0.5])
    np.testing.assert_array_equal(record.active_now, [True])


def test_transitions_of_one_day_keep_their_order() -> None:
    day = date(2025, 2, 1)
    record = Record.from_transitions(
        AS_OF, HORIZON, {"a": False, "b": False}, [("b", day), ("a", day), ("b", day), ("a", date(2025, 1, 31))]
    )
    np.testing.assert_array_equal(record.outcome, [0, 1, 0, 1])


@pytest.mark.parametrize(
    ("day", "licence", "flights"),
    [
        # Before the record, on its days and after them: the same on every path.
        (date(2025, 1, 20), [[0, 0], [0, 0]], [[1, 1], [1, 1]]),
        (date(2025, 1, 24), [[0, 0], [0, 0]], [[1, 1], [1, 1]]),
        (date(2025, 1, 25), [[1, 1], [1, 1]], [[1, 1], [1, 1]]),
        (date(2025, 2, 2), [[1, 1], [1, 1]], [[1, 1], [1, 1]]),
        (date(2025, 2, 3), [[0, 0], [0, 0]], [[1, 1], [1, 1]]),
        (AS_OF, [[0, 0], [0, 0]], [[1, 1], [1, 1]]),
        # Simulated: a transition at 2.0 is the last moment of the second day, one at 1.5 lies in it.
        (date(2025, 2, 6), [[0, 0], [0, 0]], [[1, 1], [0, 1]]),
        (date(2025, 2, 7), [[0, 1], [0, 1]], [[1, 1], [0, 1]]),
        (date(2025, 2, 8), [[0, 1], [0, 1]], [[1, 1], [0, 0]]),
        (date(2025, 2, 10), [[0, 1], [0, 1]], [[1, 1], [1, 0]]),
        (date(2025, 2, 14), [[0, 1], [0, 1]], [[1, 1], [1, 0]]),
        (HORIZON, [[0, 1], [0, 0]], [[1, 1], [1, 0]]),
    ],
)
def test_states_at_the_end_of_a_day(
    paths: Paths, day: date, licence: list[list[int]], flights: list[list[int]]
) -> None:
    states = paths.active_on([day])
    assert states.shape == (2, 2, 1, 2)
    np.testing.assert_array_equal(states[:, :, 0, 0], licence)
    np.testing.assert_array_equal(states[:, :, 0, 1], flights)


def test_dates_may_come_in_any_order_and_twice(paths: Paths) -> None:
    days = [date(2025, 2, 10), date(2025, 1, 25), date(2025, 2, 7), date(2025, 2, 10)]
    states = paths.active_on(days)
    for d, day in enumerate(days):
        np.testing.assert_array_equal(states[:, :, d], paths.active_on([day])[:, :, 0])


@pytest.mark.parametrize(
    ("active", "after", "until", "expected"),
    [
        # From the start: the record counts, so "ever lost" is already true, and so is "ever in force".
        (True, -np.inf, 10, [[1, 1], [1, 1]]),
        (False, -np.inf, 10, [[1, 1], [1, 1]]),
        (True, -np.inf, -12, [[0, 0], [0, 0]]),
        (True, -np.inf, -11.5, [[1, 1], [1, 1]]),  # the very moment of the transition counts at the upper end ...
        (True, -2.5, 1, [[0, 0], [0, 0]]),  # ... and at the lower end it is over
        (True, -2.6, 1, [[1, 1], [1, 1]]),  # a moment before, it is still in that state
        (False, -11.5, -3, [[0, 0], [0, 0]]),
        (False, -11.6, -3, [[1, 1], [1, 1]]),
        # After as-of.
        (True, 0, 1, [[0, 0], [0, 0]]),
        (True, 0, 1.5, [[0, 0], [0, 1]]),
        (True, 0, 2, [[0, 1], [0, 1]]),
        (True, 0, 10, [[0, 1], [0, 1]]),
        (True, 2, 10, [[0, 1], [0, 1]]),  # entered at 2.0 and still there: being there after the day counts
        (False, 2, 10, [[1, 0], [1, 1]]),  # the second path stays, the fourth returns at 10.0
        (False, 2, 9.9, [[1, 0], [1, 0]]),
        (False, 1, 2, [[1, 1], [1, 1]]),
    ],
)
def test_visits_of_a_state_in_an_interval(
    paths: Paths, active: bool, after: float, until: float, expected: list[list[int]]
) -> None:
    np.testing.assert_array_equal(paths.active_between("licence", active, after, until), expected)


def test_an_empty_interval_is_refused(paths: Paths) -> None:
    with pytest.raises(ValueError, match=r"the interval \(3, 3\] is empty"):
        paths.active_between("licence", active=True, after=3, until=3)


def test_a_state_left_on_the_day_it_was_entered_was_still_visited() -> None:
    day = date(2025, 2, 1)
    record = Record.from_transitions(AS_OF, HORIZON, {"licence": False}, [("licence", day), ("licence", day)])
    paths = Paths(record, 1, 1, np.array([0, 0]), np.empty(0), np.empty(0, dtype=np.int16))
    assert paths.active_between("licence", active=True, after=-np.inf, until=0).all()
    assert not paths.active_on([day]).any()


@pytest.mark.parametrize(
    ("after", "licence", "flights"),
    [
        (0.0, [np.inf, 2.0, np.inf, 1.5], [np.inf, np.inf, 0.25, 2.5]),
        (2.0, [np.inf] * 3 + [10.0], [np.inf] * 2 + [4.5, 2.5]),
    ],
)
def test_the_first_change_after_a_moment(
    paths: Paths, after: float, licence: list[float], flights: list[float]
) -> None:
    np.testing.assert_array_equal(paths.first_change("licence", after).ravel(), licence)
    np.testing.assert_array_equal(paths.first_change("flights", after).ravel(), flights)


def test_saving_as_arrays_gives_the_same_paths_back(paths: Paths) -> None:
    arrays = paths.to_arrays()
    again = Paths.from_arrays({name: array.copy() for name, array in arrays.items()})
    assert (again.as_of, again.horizon, again.outcomes) == (AS_OF, HORIZON, ("licence", "flights"))
    assert (again.draws, again.paths) == (2, 2)
    for name, array in again.to_arrays().items():
        np.testing.assert_array_equal(array, arrays[name])
        assert array.dtype == arrays[name].dtype


def test_a_missing_array_is_named(paths: Paths) -> None:
    arrays = paths.to_arrays()
    del arrays["times"]
    with pytest.raises(KeyError, match="times"):
        Paths.from_arrays(arrays)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"offsets": np.array([0, 0, 1, 3])}, r"offsets have shape \(4,\) for 2 x 2 paths"),
        ({"offsets": np.array([0, 0, 1, 3, 5])}, "offsets must rise from 0 to the number of entries"),
        ({"offsets": np.array([0, 2, 1, 3, 6])}, "offsets must rise from 0 to the number of entries"),
        ({"offsets": np.array([0, 0, 0, 3, 6])}, "entries of a path must be in time order"),
        ({"times": np.array([2.0, 0.25, 4.5, 1.5, 2.5, 10.5])}, "after as_of and not after the horizon"),
        ({"times": np.array([2.0, 0.0, 4.5, 1.5, 2.5, 10.0])}, "after as_of and not after the horizon"),
        ({"times": np.array([2.0, np.nan, 4.5, 1.5, 2.5, 10.0])}, "every time must be finite"),
        ({"times": np.array([2.0])}, r"two columns of one length, not \(1,\) and \(6,\)"),
        ({"outcome": np.array([0, 1, 1, 0, 2, 0], dtype=np.int16)}, "an entry names outcome 0 or 2 of 2"),
    ],
    ids=[
        "too-few-offsets",
        "offsets-end-early",
        "offsets-fall",
        "order-in-a-path",
        "after-the-horizon",
        "at-as-of",
        "not-a-number",
        "columns-of-two-lengths",
        "no-such-outcome",
    ],
)
def test_columns_that_do_not_fit_together_are_refused(paths: Paths, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(paths, **change)


def test_a_record_that_contradicts_itself_is_refused(record: Record) -> None:
    with pytest.raises(ValueError, match="horizon 2025-02-01 is before as_of 2025-02-05"):
        replace(record, horizon=date(2025, 2, 1))
    with pytest.raises(ValueError, match=r"active_at_start has shape \(1,\), not \(2,\)"):
        replace(record, active_at_start=np.array([True]))
    with pytest.raises(ValueError, match="outcome ids are not unique"):
        replace(record, outcomes=("licence", "licence"))
    with pytest.raises(ValueError, match="must be sorted and none after as_of"):
        replace(record, times=record.times[::-1])
    with pytest.raises(ValueError, match="must be sorted and none after as_of"):
        Record.from_transitions(AS_OF, HORIZON, {"licence": False}, [("licence", date(2025, 2, 6))])
