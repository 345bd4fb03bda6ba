"""What figures share: letters as they are, looks that differ, sources, verdicts, panels, and labels that find room."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.dates import num2date
from matplotlib.figure import Figure

import vzforecast as vz
from helpers.cases import skeleton
from helpers.figures import drawn, marked_failed, panels, source, texts
from helpers.stacks import island_stack
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.forecast import Forecast
from vzforecast.plots import sources
from vzforecast.plots.canvas import FAILED, date_axis, finish, look, new_axes
from vzforecast.plots.panels import panel_axes, stacked_axes
from vzforecast.plots.placing import placed
from vzforecast.plots.words import label

pytestmark = pytest.mark.usefixtures("closed_figures")


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=4)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ferry", "Ferry"),
        ("$5 and $6", r"\$5 and \$6"),
        ("_under", " _under"),
        ("one\ntwo\tthree", "one two three"),
        ("\x07bell", "\N{REPLACEMENT CHARACTER}bell"),
        ("half \ud800", "half \N{REPLACEMENT CHARACTER}"),
        ("détente שלום", "détente שלום"),
        ("", ""),
    ],
)
def test_letters_are_shown_as_they_are(text: str, shown: str) -> None:
    assert label(text) == shown


def test_long_texts_are_broken_into_lines_and_then_cut() -> None:
    assert label("a rather long name of a thing", width=12, lines=2) == "a rather\nlong name …"
    assert label("x" * 100, width=10, lines=2).count("\n") == 1
    assert max(map(len, label("word " * 50, width=20).split("\n"))) <= 20


def test_a_dollar_is_no_formula() -> None:
    axes = new_axes(3.0, 3.0)
    wrong = axes.set_title(label(r"\$x $\frac{$"))  # would not parse as one
    assert wrong.get_text() == r"\\$x \$\frac{\$"
    drawn(axes.figure)


def test_looks_differ_in_more_than_colour_before_they_come_again() -> None:
    looks = [look(number) for number in range(56)]
    assert len(set(looks)) == 56
    assert look(56) == look(0)
    assert len({one.marker for one in looks[:8]}) == 8  # in grey, marks tell


def test_the_source_names_case_day_seed_and_size(fc: Forecast) -> None:
    assert sources.source_of(fc) == "two-islands as of 2024-04-15, seed 1, 100 draws x 4 paths"
    later = synthetic_forecast(skeleton(), "2024-05-01", draws=60, paths=4, seed=2)
    both = "two-islands as of 2024-04-15 to 2024-05-01, seeds 1, 2, 100 draws x 4 paths, 120 draws x 4 paths"
    assert sources.source_of(fc, later) == both
    assert sources.source_of(island_stack()).endswith("average of variants")
    done = vz.intervene(fc, influence={"wardens": 0.1}, start="2024-06-01")
    assert sources.source_of(done).endswith("under an intervention")


def test_below_the_axes_stands_the_source_and_across_them_a_failed_verdict() -> None:
    axes = new_axes(4.0, 3.0)
    axes.set_xlabel("Days")
    figure = finish(axes, "case as of today", ok=False, below="1  first\n2  second")
    assert source(figure) == "1  first\n2  second\n\ncase as of today"
    assert marked_failed(figure)
    drawn(figure)
    (said,), name = texts(axes, "source"), axes.xaxis.label
    assert said.get_window_extent().y1 < name.get_window_extent().y0 < axes.get_window_extent().y0
    assert said.get_window_extent().y0 >= 0.0  # on the page
    fine = new_axes(4.0, 3.0)
    assert not texts(finish(fine, "case").axes[0], FAILED)


def test_axes_that_are_on_no_figure_are_refused() -> None:
    axes = new_axes(2.0, 2.0)
    axes.remove()
    with pytest.raises(ValueError, match="the axes are on no figure"):
        finish(axes, "case")


@pytest.mark.parametrize("count", [1, 2, 4, 5, 11, 40])
def test_panels_lie_within_their_axes_without_touching(count: int) -> None:
    outer, inner = panel_axes(count, 4, (2.0, 1.2), None)
    drawn(outer.figure)
    boxes = [panel.get_window_extent() for panel in inner]
    around = outer.get_window_extent()
    assert len(boxes) == count
    assert all(around.x0 - 1 <= box.x0 and box.x1 <= around.x1 + 1 and around.y0 - 1 <= box.y0 for box in boxes)
    assert all(box.y1 < around.y1 for box in boxes)  # with room for a title
    assert not any(one.overlaps(other) for n, one in enumerate(boxes) for other in boxes[:n])
    below = [panel.xaxis.get_major_ticks()[0].label1.get_visible() for panel in inner]
    assert sum(below) == min(count, 4)
    assert below[-1]


def test_stacked_panels_are_as_high_as_their_lines() -> None:
    outer, (first, second) = stacked_axes([2, 8], None)
    drawn(outer.figure)
    heights = [panel.get_window_extent().height for panel in (first, second)]
    assert heights[1] == pytest.approx(4.0 * heights[0])
    assert first.get_window_extent().y0 > second.get_window_extent().y1


def overlaps(middles: np.ndarray, sizes: np.ndarray) -> int:
    apart = np.abs(middles[:, None] - middles[None]) >= (sizes[:, None] + sizes[None]) / 2.0 - 1e-9
    return int((~apart.any(axis=2)).sum() - len(middles)) // 2


def test_labels_find_room() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        points, sizes = random.uniform(50, 550, (12, 2)), np.tile([80.0, 12.0], (12, 1))
        room = np.array([[0.0, 0.0], [600.0, 600.0]])
        found = placed(points, np.full(12, 8.0), sizes, room)
        assert overlaps(found, sizes) == 0
        assert (found - sizes / 2.0 >= -1e-6).all()
        assert (found + sizes / 2.0 <= 600.0 + 1e-6).all()


def test_a_label_alone_stands_to_the_right_of_its_point_and_in_the_corner_to_the_left() -> None:
    room, size = np.array([[0.0, 0.0], [100.0, 100.0]]), np.array([[40.0, 10.0]])
    assert placed(np.array([[20.0, 50.0]]), np.array([5.0]), size, room) == pytest.approx(np.array([[48.0, 50.0]]))
    assert placed(np.array([[90.0, 50.0]]), np.array([5.0]), size, room) == pytest.approx(np.array([[62.0, 50.0]]))


def test_labels_of_one_place_still_differ() -> None:
    points = np.tile([300.0, 300.0], (6, 1))
    sizes, room = np.tile([60.0, 12.0], (6, 1)), np.array([[0.0, 0.0], [600.0, 600.0]])
    assert overlaps(placed(points, np.full(6, 8.0), sizes, room), sizes) == 0


def test_what_explains_says_its_source_too() -> None:
    event = "ever(fishing_truce = broken) by 2024-12-31"
    fc = synthetic_forecast(skeleton(), "2024-04-15", draws=200, paths=4, width=0.3)
    found = vz.value_of_information(fc, None, event)
    assert source(vz.plot.information(found)) == "two-islands as of 2024-04-15, seed 1, 400 draws x 4 paths"
    later = vz.update(fc, [vz.Signal(id="a", date="2024-04-20", faction="wardens")], method="reweight")
    ledger = vz.explain(fc, later, event)
    assert source(vz.plot.move(ledger)) == "two-islands as of 2024-04-15 to 2024-04-20, seed 1, 400 draws x 4 paths"
    assert not marked_failed(vz.plot.move(ledger))
    assert marked_failed(vz.plot.move(replace(ledger, after=replace(ledger.after, ok=False))))
    assert marked_failed(vz.plot.information(replace(found, probability=replace(found.probability, ok=False))))


def test_what_explains_lies_on_the_page_and_no_change_has_no_sign() -> None:
    event = "ever(fishing_truce = broken) by 2024-12-31"
    fc = synthetic_forecast(skeleton(), "2024-04-15", draws=200, paths=4, width=0.3)
    tornado = vz.plot.tornado(vz.sensitivity(fc, event))
    drawn(tornado)
    legend = tornado.axes[0].get_legend()
    assert legend is not None
    box = legend.get_window_extent()
    assert 0.0 <= box.x0 < box.x1 <= tornado.bbox.width
    assert box.y1 <= tornado.bbox.height
    later = vz.update(fc, [vz.Signal(id="a", date="2024-04-20", faction="wardens")], method="reweight")
    ledger = vz.explain(fc, later, event)
    named = replace(ledger, event=f"{event} and not {event}", items=ledger.items.assign(headline="long words " * 9))
    figure = vz.plot.move(named)
    drawn(figure)
    title = figure.axes[0].title.get_window_extent()
    assert 0.0 <= title.x0 < title.x1 <= figure.bbox.width
    still = replace(ledger, items=ledger.items.assign(points=-0.001))
    said = [text.get_text().strip() for text in vz.plot.move(still).axes[0].texts]
    assert said[2 : 2 + len(still.items)] == ["0.0"] * len(still.items)


def test_every_figure_of_a_forecast_says_that_its_fit_failed_and_does_not_warn() -> None:
    failed = synthetic_forecast(skeleton(), "2024-04-15", draws=50, paths=4, report=failing_report())
    figures = [
        vz.plot.scenarios(failed),
        vz.plot.outcomes(failed),
        vz.plot.influence(failed),
        vz.plot.survival(failed),
        vz.plot.survival(failed, "ever(fishing_truce = broken)"),
        vz.plot.defection(failed),
        vz.plot.history(failed, "calm"),
    ]
    assert all(map(marked_failed, figures))
    assert not marked_failed(vz.plot.actors(failed))  # which nothing was fitted for


def test_titles_and_labels_lie_on_the_page_however_few_panels_there_are(fc: Forecast) -> None:
    events = ["ever(fishing_truce = broken)", "ever(ferry_permit = withdrawn)", "count(fishing_truce = broken) >= 2"]
    figures = [vz.plot.survival(fc, events[:count]) for count in (1, 2, 3)]
    for figure in [*figures, vz.plot.influence(fc), vz.plot.outcomes(fc), vz.plot.defection(fc), vz.plot.scenarios(fc)]:
        drawn(figure)
        axes = figure.axes[0]
        parts = [axes.title, axes.xaxis.label, axes.yaxis.label, *texts(axes, "source")]
        for box in [part.get_window_extent() for part in parts if part.get_text()]:
            assert min(box.x0, box.y0) >= 0.0
            assert box.x1 <= figure.bbox.width
            assert box.y1 <= figure.bbox.height


@pytest.mark.parametrize("draw", [vz.plot.outcomes, vz.plot.survival, vz.plot.influence])
def test_days_and_names_of_panels_lie_on_the_page(fc: Forecast, draw: Callable[[Forecast], Figure]) -> None:
    """Only panels of the last column are asked when room is made, so that the others must keep within it."""
    figure = draw(fc)
    drawn(figure)
    for panel in panels(figure):
        days = [tick.get_window_extent() for tick in panel.get_xticklabels() if tick.get_visible()]
        for box in [*days, panel.get_window_extent(), *(tick.get_window_extent() for tick in panel.get_yticklabels())]:
            assert min(box.x0, box.y0) >= 0.0
            assert box.x1 <= figure.bbox.width


def test_days_below_are_those_within_the_limits_and_stay() -> None:
    axes = new_axes(6.0, 3.0)
    axes.set_xlim(date(2024, 11, 20), date(2025, 4, 10))
    date_axis(axes)
    days = [num2date(place).date() for place in axes.get_xticks()]
    assert days == [date(2024, 12, 1), *(date(2025, month, 1) for month in (1, 2, 3, 4))]
    assert [text.get_text() for text in axes.get_xticklabels()] == [
        "Dec 2024",
        "Jan 2025",
        "Feb 2025",
        "Mar 2025",
        "Apr 2025",
    ]
    axes.set_xlim(date(2024, 12, 30), date(2025, 1, 3))
    assert [num2date(place).date() for place in axes.get_xticks()] == days
    close = new_axes(6.0, 3.0)
    close.set_xlim(date(2025, 1, 1), date(2025, 1, 4))
    date_axis(close)
    assert [text.get_text() for text in close.get_xticklabels()][1:3] == ["02 Jan", "03 Jan"]


def test_a_figure_is_drawn_where_it_is_told(fc: Forecast) -> None:
    page = plt.figure(figsize=(12, 20), layout="constrained")
    axes = page.subplots(4, 2).ravel()
    calls = [
        lambda ax: vz.plot.scenarios(fc, ax=ax),
        lambda ax: vz.plot.outcomes(fc, ax=ax),
        lambda ax: vz.plot.influence(fc, ax=ax),
        lambda ax: vz.plot.survival(fc, ax=ax),
        lambda ax: vz.plot.defection(fc, ax=ax),
        lambda ax: vz.plot.actors(fc, ax=ax),
        lambda ax: vz.plot.history([fc], "calm", ax=ax),
        lambda ax: vz.plot.survival(fc.time_to("ever(fishing_truce = broken)"), ax=ax),
    ]
    for call, ax in zip(calls, axes, strict=True):
        assert call(ax) is page
        assert ax.get_title()
    drawn(page)
    plt.close(page)


def test_nothing_is_simulated_or_sampled_for_a_figure(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise AssertionError("a figure started a simulation or a fit")

    for place in ("vzforecast.forecast.future.future", "vzforecast.simulate.simulate", "vzforecast.fitting.fit_known"):
        monkeypatch.setattr(place, fail)
    with pytest.raises(AssertionError, match="started a simulation"):
        vz.intervene(fc, influence={"wardens": 0.1})  # which has to: the trap works
    for figure in (vz.plot.scenarios(fc), vz.plot.outcomes(fc), vz.plot.influence(fc), vz.plot.survival(fc)):
        drawn(figure)
    for figure in (vz.plot.defection(fc), vz.plot.actors(fc), vz.plot.history(fc, "calm")):
        drawn(figure)


def test_a_word_longer_than_its_one_line_is_cut_and_not_lost() -> None:
    assert label("0" * 42, 36, lines=1) == "0" * 34 + " …"
    assert label("0" * 42 + " and more", 24, lines=1) == "0" * 22 + " …"
    assert label("0" * 42, 36, lines=2) == "0" * 36 + "\n" + "0" * 6
    assert label("…", 36, lines=1) == "…"
