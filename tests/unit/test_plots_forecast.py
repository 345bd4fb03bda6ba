"""Figures of one forecast show the numbers of its tables: bars, bands, days, marks, names."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from matplotlib.dates import date2num
from matplotlib.text import Text

import vzforecast as vz
from helpers.cases import embedded, skeleton, table, with_recurrent, with_tables
from helpers.figures import band, drawn, marks, panels, segments, source, texts
from helpers.synthetic import synthetic_forecast
from vzforecast.forecast import Forecast
from vzforecast.plots.canvas import look
from vzforecast.plots.outcomes import deadlines

pytestmark = pytest.mark.usefixtures("closed_figures")

AS_OF = "2024-04-15"
BROKEN = "ever(fishing_truce = broken)"


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), AS_OF, draws=100, paths=8)


@pytest.fixture(scope="module")
def recurrent() -> Forecast:
    return synthetic_forecast(with_recurrent(), "2024-05-10", draws=50, paths=8)


def test_bars_of_scenarios_are_their_probabilities(fc: Forecast) -> None:
    figure = vz.plot.scenarios(fc, by="2024-08-31")
    (axes,), rows = figure.axes, fc.scenarios("2024-08-31")
    assert [bar.get_width() for bar in axes.patches] == pytest.approx((100.0 * rows["probability"]).tolist())
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["Calm", "Rupture", "Mixed signals"]
    interval, error = segments(axes)
    assert interval[:, :, 0] == pytest.approx(100.0 * rows[["lower", "upper"]].to_numpy())
    noise = 200.0 * rows["mcse"].to_numpy()
    assert error[:, 1, 0] - error[:, 0, 0] == pytest.approx(2.0 * noise)
    assert axes.get_title() == "Two islands, a ferry and a truce: scenarios on 2024-08-31"
    assert axes.get_xlabel().startswith("Probability, %")
    assert source(figure) == "two-islands as of 2024-04-15, seed 1, 200 draws x 8 paths"
    assert axes.yaxis_inverted()  # the first scenario is on top
    drawn(figure)


def test_scenarios_of_a_day_beyond_are_refused(fc: Forecast) -> None:
    with pytest.raises(vz.DateError, match="outside this forecast; give a day from 2024-04-15 to 2024-12-31"):
        vz.plot.scenarios(fc, by="2025-01-01")


def test_curves_of_outcomes_are_those_of_the_events(fc: Forecast) -> None:
    figure = vz.plot.outcomes(fc)
    days = deadlines(fc)
    assert (days[0], days[-1]) == (pd.Timestamp("2024-04-16"), pd.Timestamp("2024-12-31"))
    for outcome, panel in zip(fc.case.spec.outcomes, panels(figure), strict=True):
        curve = fc.curve(f"ever({outcome.id} = {outcome.active}) after {AS_OF}", days)
        said = 100.0 * curve["probability"].to_numpy()
        ever, at = panel.get_lines()
        assert np.asarray(ever.get_ydata()) == pytest.approx(said)
        assert band(panel) == pytest.approx(100.0 * curve[["lower", "upper"]].to_numpy().T)
        on = [100.0 * fc.probability(f"state({outcome.id} = {outcome.active}) on {day.date()}").mean for day in days]
        assert np.asarray(at.get_ydata()) == pytest.approx(on)
        assert (ever.get_linestyle(), at.get_linestyle()) == ("-", "--")
        name, last = panel.get_title(loc="left").split("\n")
        assert name == outcome.label
        assert last.startswith(f"{outcome.active}: {said[-1]:.0f} % [")
    assert figure.axes[0].get_ylabel() == "Probability, %"
    drawn(figure)


def test_an_outcome_that_is_over_at_once_has_no_line_of_being_active(recurrent: Forecast) -> None:
    lines = {one.id: len(panel.get_lines()) for one, panel in outcomes_of(recurrent)}
    assert lines == {"ferry_permit": 2, "fishing_truce": 2, "sea_rescue": 1}


def outcomes_of(fc: Forecast) -> list[tuple[object, object]]:
    return list(zip(fc.case.spec.outcomes, panels(vz.plot.outcomes(fc)), strict=True))


def test_outcomes_at_days_of_ones_own(fc: Forecast) -> None:
    panel = panels(vz.plot.outcomes(fc, by=["2024-09-30", "2024-06-30"]))[0]
    days = [date(2024, 6, 30), date(2024, 9, 30)]
    assert date2num(panel.get_lines()[0].get_xdata()) == pytest.approx(date2num(days))  # in order, as given or not
    with pytest.raises(vz.DateError):
        vz.plot.outcomes(fc, by=["2024-04-15"])


def test_shares_of_influence_hold_for_their_months(fc: Forecast) -> None:
    figure = vz.plot.influence(fc)
    shares = fc.influence()
    edges = date2num([date(2024, month, 1) for month in (1, 2, 3, 4)] + [date(2024, 4, 16)])
    for number, (faction, panel) in enumerate(zip(fc.case.spec.factions, panels(figure), strict=True)):
        own = shares.xs(faction.id, level="faction")
        (line,) = panel.get_lines()
        assert date2num(line.get_xdata()) == pytest.approx(edges)
        assert np.asarray(line.get_ydata()) == pytest.approx(100.0 * own["mean"].iloc[[0, 1, 2, 3, 3]].to_numpy())
        assert line.get_drawstyle() == "steps-post"
        assert same_color(line.get_color(), look(number).colour)
        assert panel.get_title(loc="left").split("\n")[0] == faction.label
    assert [panel.get_ylim() for panel in panels(figure)] == [(0.0, 100.0)] * 2
    drawn(figure)


def test_signals_are_marked_on_their_days_under_their_faction(fc: Forecast) -> None:
    wardens, traders = (marks(panel)[0] for panel in panels(vz.plot.influence(fc)))
    days = {"captain_warns": date(2024, 1, 20), "guild_dinner": date(2024, 2, 10), "truce_signed": date(2024, 3, 1)}
    assert set(fc.history.signals["id"]) == set(days)
    assert np.asarray(wardens.get_offsets())[:, 0] == pytest.approx(date2num([days["captain_warns"]]))
    assert np.asarray(traders.get_offsets())[:, 0] == pytest.approx(
        date2num([days["guild_dinner"], days["truce_signed"]])
    )
    small, large = traders.get_sizes()
    assert large / small == pytest.approx(3.0 / 2.0)  # strength 3 and 2


def test_signals_of_evidence_are_marked_too() -> None:
    fc = synthetic_forecast(skeleton(), AS_OF, draws=200, paths=2, width=0.3)
    later = vz.update(fc, [vz.Signal(id="new", date="2024-04-20", faction="wardens", strength=1)], method="reweight")
    wardens = marks(panels(vz.plot.influence(later))[0])[0]
    assert wardens.get_offsets()[-1, 0] == pytest.approx(date2num(date(2024, 4, 20)))


def test_survival_is_what_the_curve_leaves(fc: Forecast) -> None:
    passage = fc.time_to(BROKEN)
    figure = vz.plot.survival(passage)
    (panel,) = panels(figure)
    curve = fc.curve(BROKEN, passage.survival.index)
    assert np.asarray(panel.get_lines()[0].get_ydata()) == pytest.approx(100.0 - 100.0 * curve["probability"])
    assert band(panel) == pytest.approx(100.0 - 100.0 * curve[["upper", "lower"]].to_numpy().T)
    across = {line.get_xdata()[0]: line.get_linestyle() for line in panel.get_lines()[2:]}
    found = {passage.median: "--", passage.median_lower: ":", passage.median_upper: ":"}
    assert {day.date(): style for day, style in across.items()} == {d: s for d, s in found.items() if d is not None}
    assert panel.get_title(loc="left").split("\n")[0] == BROKEN
    assert source(figure) == "two-islands as of 2024-04-15, seed 1, 200 draws x 8 paths"
    drawn(figure)


def test_survival_of_a_forecast_is_that_of_its_outcomes_or_of_events(fc: Forecast) -> None:
    every = vz.plot.survival(fc)
    ever = fc.outcomes(deadlines(fc))["ever"]
    for outcome, panel in zip(fc.case.spec.outcomes, panels(every), strict=True):
        assert np.asarray(panel.get_lines()[0].get_ydata()) == pytest.approx(100.0 - 100.0 * ever[outcome.id])
        low, high = band(panel)
        assert (low <= high).all()
    events = [BROKEN, "count(fishing_truce = broken) >= 2"]
    both = vz.plot.survival(fc, events)
    assert [panel.get_title(loc="left").split("\n")[0] for panel in panels(both)] == [
        BROKEN,
        str(fc.time_to(events[1]).event),
    ]
    same = vz.plot.survival(map(fc.time_to, events))
    for one, other in zip(panels(both), panels(same), strict=True):
        assert np.array_equal(one.get_lines()[0].get_ydata(), other.get_lines()[0].get_ydata())


def test_survival_refuses_what_it_cannot_draw(fc: Forecast) -> None:
    passage = fc.time_to(BROKEN)
    wrong = "survival: events is 'x', but times to events have their own; leave it out"
    with pytest.raises(vz.PlotError, match=f"^{re.escape(wrong)}$"):
        vz.plot.survival(passage, "x")
    none = "survival: times to events of one span are needed, got none; draw each by itself"
    with pytest.raises(vz.PlotError, match=f"^{re.escape(none)}$"):
        vz.plot.survival([])
    later = synthetic_forecast(skeleton(), "2024-05-01", draws=50, paths=4).time_to(BROKEN)
    two = "got 2024-04-15 to 2024-12-31, 2024-05-01 to 2024-12-31; draw each by itself"
    with pytest.raises(vz.PlotError, match=re.escape(two)):
        vz.plot.survival([passage, later])
    with pytest.raises(vz.PlotError, match=re.escape("survival: events is empty; name at least one, or leave it out")):
        vz.plot.survival(fc, [])
    with pytest.raises(vz.EventError):
        vz.plot.survival(fc, "ever(fishing_truce = broken) by 2024-06-30")


def test_actors_in_post_stand_at_their_scores(fc: Forecast) -> None:
    figure = vz.plot.actors(fc)
    (axes,) = figure.axes
    wardens, traders = marks(axes)[:2]
    assert wardens.get_offsets().tolist() == [[80.0, 40.0]]
    assert traders.get_offsets().tolist() == [[40.0, 70.0]]
    assert wardens.get_sizes()[0] / traders.get_sizes()[0] == pytest.approx(90.0 / 80.0)  # salience is an area
    assert {text.get_text() for text in texts(axes)[1:]} == {"Ada Flint", "Cora Vane"}
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["Wardens", "Traders", "salience 25", "salience 50", "salience 100"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Office, 0 to 100", "Closeness to the president, 0 to 100")
    assert source(figure).endswith("200 draws x 8 paths; scores are judgements of the case")
    drawn(figure)


def test_actors_change_with_the_day() -> None:
    names = {
        day: {text.get_text() for text in texts(vz.plot.actors(skeleton(), on=day).axes[0])[1:]}
        for day in ("2024-05-31", "2024-06-01")
    }
    assert names == {"2024-05-31": {"Ada Flint", "Cora Vane"}, "2024-06-01": {"Ben Holm", "Cora Vane"}}


def test_actors_of_a_day_not_known_yet_are_refused(fc: Forecast) -> None:
    message = "actors on 2024-06-01: the case is known up to 2024-04-15; choose a day until then"
    with pytest.raises(vz.DateError, match=message):
        vz.plot.actors(fc, on="2024-06-01")
    with pytest.raises(vz.DateError):
        vz.plot.actors(fc, on="June")


def test_names_of_the_embedded_actors_cover_neither_each_other_nor_a_mark() -> None:
    figure = vz.plot.actors(embedded(), on="2025-02-05")
    drawn(figure)
    (axes,) = figure.axes
    names = [Text.get_window_extent(text) for text in texts(axes)[1:]]  # of the letters, without the line
    assert len(names) == 7
    assert not any(one.overlaps(other) for n, one in enumerate(names) for other in names[:n])
    room = axes.get_window_extent()
    assert all(room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1 for box in names)
    for group in marks(axes)[:3]:
        for point in axes.transData.transform(group.get_offsets()):
            assert not any(box.contains(*point) for box in names)


def test_a_day_with_nobody_in_post_is_an_empty_map() -> None:
    nobody = with_tables(skeleton(), actors=table("actors"))
    assert not texts(vz.plot.actors(nobody, on=AS_OF).axes[0])[1:]


def test_the_record_of_promises_shows_raw_pooled_and_the_way_between(fc: Forecast) -> None:
    figure = vz.plot.defection(fc)
    record = fc.defection()
    one_off, flow = panels(figure)
    assert [panel.get_xlabel() for panel in (one_off, flow)] == ["Breaches per promise", "Breaches per month"]
    for process, panel in (("promise_one_off", one_off), ("promise_flow", flow)):
        own = record.loc[f"{process}.kind"].sort_values("pooled", ascending=False)
        rows = pd.concat([record.loc[f"{process}.all"], own])
        assert [tick.get_text() for tick in panel.get_yticklabels()] == rows.index.tolist()
        (interval,) = segments(panel)
        assert interval[:, :, 0] == pytest.approx(rows[["lower", "upper"]].to_numpy())
        pooled, raw = panel.get_lines()
        assert np.asarray(pooled.get_xdata()) == pytest.approx(rows["pooled"].to_numpy())
        assert np.asarray(raw.get_xdata()) == pytest.approx(rows["raw"].to_numpy())
        arrows = [text for text in texts(panel) if text.arrow_patch is not None]
        ends = np.array([(arrow.xyann[0], arrow.xy[0]) for arrow in arrows])
        assert ends == pytest.approx(rows[["raw", "pooled"]].to_numpy())
        counts = [text.get_text() for text in texts(panel) if text.arrow_patch is None]
        assert counts == [f"{row.broken:g} of {row.n:g} broken" for row in rows.itertuples()]
    drawn(figure)


def test_the_record_by_another_grouping(fc: Forecast) -> None:
    agreements = panels(vz.plot.defection(fc, by="agreement"))[0]
    assert {tick.get_text() for tick in agreements.get_yticklabels()} >= {"all", "harbour_2018", "truce_2024"}
    outcome = panels(vz.plot.defection(fc, by="outcome"))[1]
    assert [tick.get_text() for tick in outcome.get_yticklabels()] == ["all", "fishing_truce"]
    assert len([text for text in texts(outcome) if text.arrow_patch is not None]) == 1  # nothing counted, no arrow
    message = "defection: by is 'agrement', which the record does not have; did you mean agreement? choose one of kind"
    with pytest.raises(vz.PlotError, match=re.escape(message)):
        vz.plot.defection(fc, by="agrement")


def test_no_record_is_no_figure() -> None:
    silent = with_tables(skeleton(), commitments=table("commitments"))
    fc = synthetic_forecast(silent, AS_OF, draws=50, paths=2)
    message = "defection: nothing was promised by 2024-04-15, so there is no record; draw a later forecast"
    with pytest.raises(vz.PlotError, match=message):
        vz.plot.defection(fc)
