"""The way of a probability over as-of dates, and the news numbered on it."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import date2num

import vzforecast as vz
from helpers.cases import skeleton, table, with_tables
from helpers.figures import band, drawn, marked_failed, source, texts
from helpers.replayed import asking, replayed
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.forecast import Forecast
from vzforecast.plots.news import chosen_news, listed

pytestmark = pytest.mark.usefixtures("closed_figures")

DAYS = ("2024-04-15", "2024-05-15", "2024-06-05")
BROKEN = "ever(fishing_truce = broken) by 2024-12-31"


@pytest.fixture(scope="module")
def fits() -> list[Forecast]:
    return [synthetic_forecast(skeleton(), day, draws=60, paths=6) for day in DAYS]


def numbers(figure: object) -> list[str]:
    return [text.get_text() for text in texts(figure.axes[0]) if text.get_gid() is None]


def test_points_are_what_each_forecast_says(fits: list[Forecast]) -> None:
    figure = vz.plot.history(reversed(fits), BROKEN)
    (axes,) = figure.axes
    line = axes.get_lines()[0]
    said = [fc.probability(BROKEN) for fc in fits]
    assert date2num(line.get_xdata()) == pytest.approx(date2num(pd.to_datetime(list(DAYS))))
    assert np.asarray(line.get_ydata()) == pytest.approx([100.0 * one.mean for one in said])
    assert band(axes) == pytest.approx(100.0 * np.array([[one.lower, one.upper] for one in said]).T)
    assert said[-1].mean == 1.0  # broken on 20 May, which is on record
    assert axes.get_title() == BROKEN
    assert axes.get_ylabel() == "Probability, %"
    assert source(figure).endswith("two-islands as of 2024-04-15 to 2024-06-05, seed 1, 120 draws x 6 paths")
    drawn(figure)


def test_a_scenario_is_meant_for_the_horizon(fits: list[Forecast]) -> None:
    axes = vz.plot.history(fits, "rupture").axes[0]
    rows = [fc.scenarios().loc["rupture", "probability"] for fc in fits]
    assert np.asarray(axes.get_lines()[0].get_ydata()) == pytest.approx(100.0 * np.array(rows))
    assert axes.get_title() == "Rupture on 2024-12-31"


def test_news_between_the_first_and_the_last_day_is_numbered_and_listed(fits: list[Forecast]) -> None:
    figure = vz.plot.history(fits, BROKEN)
    assert source(figure).startswith("1  21 May 2024  Fishing truce: broken\n\n")  # the seizure is of one episode
    assert numbers(figure) == ["1"]
    assert numbers(vz.plot.history(fits, BROKEN, news=0)) == []
    assert numbers(vz.plot.history(fits[:2], BROKEN)) == []  # on 15 May nobody knew
    assert numbers(vz.plot.history(fits[0], BROKEN)) == []


def news_of(*rows: tuple[str, str, int, str]) -> vz.Case:
    named = [
        {"id": name, "date": day, "published": day, "headline": name, "strength": strength, "faction": faction}
        for name, day, strength, faction in rows
    ]
    return with_tables(skeleton(), news=table("news", *named))


def chosen(case: vz.Case, most: int) -> list[str]:
    span = pd.Timestamp("2024-04-15").date(), pd.Timestamp("2024-05-20").date()
    return chosen_news(case, span, most)["text"].tolist()


def test_the_strongest_news_is_chosen_and_told_by_day() -> None:
    case = news_of(
        ("weak", "2024-04-20", 1, "wardens"),
        ("strong", "2024-05-02", 3, "wardens"),
        ("middling", "2024-04-25", 2, "traders"),
        ("nobody's", "2024-04-26", 3, "none"),
        ("known already", "2024-04-15", 3, "wardens"),
        ("too late", "2024-05-21", 3, "wardens"),
    )
    assert chosen(case, 9) == ["weak", "middling", "strong"]
    assert chosen(case, 2) == ["middling", "strong"]
    assert chosen(case, 1) == ["strong"]


def test_the_list_says_number_day_and_words_letter_for_letter() -> None:
    case = news_of(("costs $5 or $6", "2024-04-20", 1, "wardens"))
    span = pd.Timestamp("2024-04-15").date(), pd.Timestamp("2024-05-20").date()
    assert listed(chosen_news(case, span, 5)) == r"1  20 Apr 2024  costs \$5 or \$6"


def test_numbers_of_one_day_do_not_cover_each_other(fits: list[Forecast]) -> None:
    case = news_of(*[(f"n{number}", "2024-05-01", 2, "wardens") for number in range(3)])
    figure = vz.plot.history(fits, BROKEN, case=case)
    drawn(figure)
    boxes = [t.get_window_extent() for t in texts(figure.axes[0]) if t.get_gid() is None]
    assert len(boxes) == 4  # with the change of state
    assert not any(one.overlaps(other) for n, one in enumerate(boxes) for other in boxes[:n])


def test_points_of_failed_fits_are_crossed_out() -> None:
    good = synthetic_forecast(skeleton(), DAYS[0], draws=50, paths=4)
    bad = synthetic_forecast(skeleton(), DAYS[1], draws=50, paths=4, report=failing_report())
    figure = vz.plot.history([good, bad], BROKEN)
    crosses = figure.axes[0].get_lines()[1]
    assert date2num(crosses.get_xdata()) == pytest.approx([date2num(pd.Timestamp(DAYS[1]))])
    assert marked_failed(figure)


def test_a_question_of_a_backtest() -> None:
    result = replayed()
    figure = vz.plot.history(result, "seizure_jun", case=asking())
    (axes,) = figure.axes
    rows = result.table.loc["seizure_jun"].sort_index()
    assert np.asarray(axes.get_lines()[0].get_ydata()) == pytest.approx(100.0 * rows["probability"])
    assert axes.get_title() == "seizure_jun: ever(fishing_truce = broken) by 2024-06-30, which happened"
    assert source(figure).endswith("two-islands as of 2024-04-29 to 2024-05-15, seed 1, 100 draws x 6 paths")
    drawn(figure)
    late = vz.plot.history(result, "permit_sep", case=asking())
    assert "1  21 May 2024  Fishing truce: broken" in source(late)
    assert "happen" not in late.axes[0].get_title()  # nobody knows yet
    assert numbers(vz.plot.history(result, "permit_sep")) == []  # a backtest has no news of its own


def test_what_makes_no_history_is_refused(fits: list[Forecast]) -> None:
    first = fits[0]
    done = vz.intervene(first, influence={"wardens": 0.1}, start="2024-06-01")
    other = synthetic_forecast(skeleton().without("tone"), DAYS[1], draws=50, paths=4)
    result = replayed()
    wrong = [
        ([], "calm", "history: there is no forecast; give at least one"),
        ([first, first], "calm", "history: two forecasts are as of 2024-04-15; leave one out"),
        ([done], "calm", "history: as of 2024-04-15 under an intervention, which nobody believed; leave it out"),
        (
            [first, other],
            "calm",
            "history: forecasts of several cases (two-islands, two-islands without tone); draw each by itself",
        ),
        (result, "seizure", "history: the backtest has no question 'seizure'; did you mean seizure_"),
        (result, "cows", "history: question 'cows' has no probability ("),
    ]
    for what, event, message in wrong:
        with pytest.raises(vz.PlotError, match=f"^{re.escape(message)}"):
            vz.plot.history(what, event)
    with pytest.raises(vz.EventError):
        vz.plot.history(first, "ever(ferry = sunk) by 2024-12-31")


def test_updates_make_a_history_like_fits() -> None:
    first = synthetic_forecast(skeleton(), DAYS[0], draws=200, paths=4, width=0.3)
    signal = vz.Signal(id="new", date="2024-04-20", faction="wardens", strength=3, headline="Captain speaks")
    later = vz.update(first, [signal], method="reweight")
    figure = vz.plot.history([first, later], BROKEN)
    assert source(figure).startswith("1  20 Apr 2024  Captain speaks\n")
