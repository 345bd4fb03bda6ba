"""Time to an event: agreement with the curve, edges of days, what is on record, what is refused, what is said."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from helpers.cases import embedded
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast import EventError, FirstPassage, Forecast, LikelihoodJudgement, Signal, UnconvergedWarning, update
from vzforecast.events import Vocabulary
from vzforecast.forecast.passage import first_passage
from vzforecast.forecast.probability import path_probability
from vzforecast.paths import Paths, Record

EVENTS = [
    "ever(sanctions = re_escalated)",
    "ever(deportation_flights = halted) after 2025-02-10",
    "count(deportation_flights = halted) >= 2",
    "count(american_freed = freed) >= 2",  # recurrent: active for an instant only
    "ever(american_freed = freed) or held(american_freed = none_freed, days = 90)",
    "held(deportation_flights = halted, days = 14)",
    "held(deportation_flights = running, days = 30) after 2025-02-05",
    "first(deportation_flights = halted) before first(sanctions = re_escalated)",
    "first(deportation_flights = running) before first(chevron_licence = in_force) after 2025-02-05",
    "ever(sanctions = re_escalated) and (ever(maduro_exit = out) or ever(chevron_licence = suspended))",
]
NEWS = (
    Signal(id="leak", date="2025-02-07", kind="rumour", faction="hardliners", outcome="sanctions", lean="active"),
    LikelihoodJudgement(id="told", date="2025-02-07", event="ever(sanctions = re_escalated) by 2025-06-30", ratio=3.0),
)


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(embedded(), "2025-02-05", draws=200, chains=4, paths=10, width=0.3)


@pytest.fixture(scope="module")
def updated(fc: Forecast) -> Forecast:
    """With uneven weights of draws and of paths."""
    found = update(fc, NEWS, "reweight")
    assert found.weights.of_draws is not None
    assert found.weights.of_paths is not None
    return found


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("which", ["fc", "updated"])
def test_not_yet_is_one_less_the_curve_on_every_day_of_it(
    event: str, which: str, request: pytest.FixtureRequest
) -> None:
    asked: Forecast = request.getfixturevalue(which)
    found = asked.time_to(event)
    first = "2025-02-19" if "02-10" in event else None  # the curve knows no deadline that is not after 10 February
    curve = asked.curve(event).loc[first:]
    pd.testing.assert_frame_equal(asked.curve(event, dates=curve.index), curve)
    survival = found.survival.loc[curve.index]
    expected = 1.0 - curve[["probability", "upper", "lower"]].set_axis(["probability", "lower", "upper"], axis=1)
    pd.testing.assert_frame_equal(survival, expected.assign(mcse=curve["mcse"]), check_exact=True)
    assert found.survival.index[-1].date() == asked.horizon
    last = asked.curve(event, dates=[asked.horizon]).iloc[0]
    assert found.not_by_horizon.mean == 1.0 - last["probability"] == found.survival["probability"].iloc[-1]
    assert (found.not_by_horizon.lower, found.not_by_horizon.upper) == (1.0 - last["upper"], 1.0 - last["lower"])


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("which", ["fc", "updated"])
def test_each_date_is_the_first_by_which_its_share_has_been_reached(
    event: str, which: str, request: pytest.FixtureRequest
) -> None:
    asked: Forecast = request.getfixturevalue(which)
    found = asked.time_to(event)
    after = date(2025, 2, 10) if "02-10" in event else asked.as_of
    days = pd.date_range(after + timedelta(days=1), asked.horizon)
    curve = asked.curve(event, dates=days)
    for day, column, share in (
        (found.lower, "probability", 0.05),
        (found.median, "probability", 0.5),
        (found.upper, "probability", 0.95),
        (found.median_lower, "upper", 0.5),
        (found.median_upper, "lower", 0.5),
    ):
        reached = curve[column] >= share
        ends = reached.loc[[end for end in (*asked.curve("ever(maduro_exit = out)").index, days[-1]) if end in days]]
        if not ends.any():
            assert day is None
        else:
            week = reached.loc[ends.idxmax() - timedelta(days=6) : ends.idxmax()]
            assert day == week.idxmax().date()
        if column == "probability":  # which can only rise
            assert day == (reached.idxmax().date() if reached.any() else None)


def test_what_is_uncertain_about_the_median_surrounds_it(fc: Forecast) -> None:
    found = fc.time_to("ever(chevron_licence = suspended) or ever(sanctions = re_escalated)")
    assert found.lower is not None
    assert found.median_lower is not None
    assert found.median is not None
    assert found.lower < found.median_lower < found.median <= (found.median_upper or fc.horizon)
    assert found.table.index.tolist() == [0.05, 0.5, 0.95]
    assert found.table.index.name == "reached"
    assert found.table.columns.tolist() == ["date", "lower", "upper"]
    assert found.table.loc[0.5, "date"] == pd.Timestamp(found.median)
    assert found.table.loc[0.05, ["lower", "upper"]].isna().all()


NAMES = Vocabulary(
    {"licence": ("in_force", "suspended"), "flights": ("running", "halted")},
    origin=date(2025, 1, 20),
    horizon=date(2025, 2, 25),
    starts={"flights": date(2025, 1, 31)},
)


def asked_by_hand(event: str, times: list[list[float]]) -> FirstPassage:
    """The licence was lost on 25 January and returned on 3 February; then changes of the flights, a list a path."""
    record = Record.from_transitions(
        date(2025, 2, 5),
        NAMES.horizon,
        {"licence": False, "flights": False},
        [("licence", date(2025, 1, 25)), ("licence", date(2025, 2, 3))],
    )
    draws = 4  # all alike
    flat = np.array([time for path in times for time in path] * draws)
    offsets = np.cumsum([0, *[len(path) for path in times] * draws])
    paths = Paths(record, draws, len(times), offsets, flat, np.ones(flat.size, dtype=np.int16))
    weekly = [date(2025, 2, 12), date(2025, 2, 19)]
    return first_passage(event, NAMES, paths, weekly, lambda happened: path_probability(happened, 1, ok=True))


@pytest.mark.parametrize(
    ("event", "lower", "median", "upper"),
    [
        # One path of four each on the 6th (its last moment), the 7th, the 9th, and never.
        ("ever(flights = halted)", "2025-02-06", "2025-02-07", None),
        ("ever(flights = halted) or ever(licence = suspended) after 2025-02-05", "2025-02-06", "2025-02-07", None),
        # Halted for two days: from 1.0 to 3.0; from 1.5 on for five days; from 3.25 to 5.0 is too short.
        ("held(flights = halted, days = 2)", "2025-02-08", "2025-02-09", None),
        ("held(flights = halted, days = 2) after 2025-02-07", "2025-02-09", None, None),
        # What is held at the end of the day counts for the next one; both at once is no first.
        ("ever(flights = running) after 2025-02-05", "2025-02-06", "2025-02-06", "2025-02-06"),
        ("first(flights = running) before first(licence = in_force) after 2025-02-05", None, None, None),
        (
            "first(flights = halted) before first(licence = suspended) after 2025-02-05",
            "2025-02-06",
            "2025-02-07",
            None,
        ),
        # On record: the day itself, whatever the paths.
        ("ever(licence = suspended)", "2025-01-25", "2025-01-25", "2025-01-25"),
        ("ever(licence = in_force)", "2025-01-20", "2025-01-20", "2025-01-20"),
        ("ever(flights = running)", "2025-01-31", "2025-01-31", "2025-01-31"),
        ("ever(licence = in_force) after 2025-01-25", "2025-02-03", "2025-02-03", "2025-02-03"),
        ("held(licence = suspended, days = 9)", "2025-02-03", "2025-02-03", "2025-02-03"),
        ("count(licence = in_force) >= 1", "2025-02-03", "2025-02-03", "2025-02-03"),
        ("first(licence = suspended) before first(flights = halted)", "2025-01-25", "2025-01-25", "2025-01-25"),
        ("ever(licence = suspended) and ever(flights = running)", "2025-01-31", "2025-01-31", "2025-01-31"),
        ("first(flights = halted) before first(licence = suspended)", None, None, None),
    ],
)
def test_dates_on_paths_made_by_hand(event: str, lower: str | None, median: str | None, upper: str | None) -> None:
    found = asked_by_hand(event, [[1.0, 3.0], [1.5, 6.5], [3.25, 5.0], []])
    assert [day and str(day) for day in (found.lower, found.median, found.upper)] == [lower, median, upper]
    on_record = median is not None and median <= "2025-02-05"
    assert ("which is on record" in found.text) == on_record
    if on_record:
        assert found.not_by_horizon.mean == 0.0
        assert (found.survival["probability"] == 0.0).all()
        assert str(found.median_lower) == str(found.median_upper) == median


def test_on_the_last_day_no_time_is_left() -> None:
    fc = synthetic_forecast(embedded(), "2025-12-31", draws=50, paths=2)
    found = fc.time_to("ever(maduro_exit = out)")
    assert (found.median, found.not_by_horizon.mean) == (None, 1.0)
    assert found.survival.index.tolist() == [pd.Timestamp("2025-12-31")]


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        (
            "state(sanctions = re_escalated)",
            (
                "may hold on one day and not on a later one, so that no single day is the one on which it comes true; "
                "ask for ever(sanctions = re_escalated), or for held with a number of days"
            ),
        ),
        (
            "ever(maduro_exit = out) and not ever(sanctions = re_escalated)",
            (
                "what has not happened by one day may have happened by a later one, so that it does not come true to "
                "stay; ask for the time to ever(sanctions = re_escalated), or for the curve of this event"
            ),
        ),
    ],
    ids=["state", "not"],
)
def test_what_need_not_stay_true_is_refused(fc: Forecast, event: str, problem: str) -> None:
    with pytest.raises(EventError) as error:
        fc.time_to(event)
    assert str(error.value) == f"{event.removeprefix('ever(maduro_exit = out) and ')}: {problem}"


def test_a_deadline_is_refused(fc: Forecast) -> None:
    with pytest.raises(EventError, match="leave out 'by 2025-06-01': this event takes its deadline from elsewhere"):
        fc.time_to("ever(sanctions = re_escalated) by 2025-06-01")


def test_it_says_in_one_line_what_it_found(fc: Forecast) -> None:
    found = replace(
        fc.time_to("ever(sanctions = re_escalated)"),
        median=date(2025, 5, 14),
        median_lower=date(2025, 3, 20),
        median_upper=None,
        lower=date(2025, 2, 9),
        upper=None,
    )
    late = replace(found.not_by_horizon, mean=0.314, lower=0.12, upper=0.558)
    assert str(replace(found, not_by_horizon=late)) == (
        "ever(sanctions = re_escalated): median 14 May 2025 (90 % band 20 March 2025 to after 31 December 2025); "
        "5 % by 9 February 2025, 95 % after 31 December 2025; not by 31 December 2025: 31.4% [12.0%, 55.8%]"
    )
    never = replace(found, median=None, median_lower=None, lower=None, not_by_horizon=late)
    assert repr(never) == (
        "<FirstPassage of ever(sanctions = re_escalated): median after 31 December 2025 (with the whole of its 90 % "
        "band); 5 % after 31 December 2025, 95 % after 31 December 2025; not by 31 December 2025: 31.4% [12.0%, 55.8%]>"
    )


def test_a_failed_fit_warns_and_is_told_beside_the_numbers() -> None:
    fc = synthetic_forecast(embedded(), "2025-02-05", draws=50, paths=2, report=failing_report())
    with pytest.warns(UnconvergedWarning, match="failed fit") as caught:
        found = fc.time_to("ever(sanctions = re_escalated)")
    assert caught[0].filename == __file__
    assert found.text.endswith("  FAILED FIT: do not use")
