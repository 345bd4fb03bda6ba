"""Figures of whatever a case may hold: any letters, one scenario, many factions, certain events, hardly any draws."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vzforecast as vz
from helpers.cases import skeleton, with_factions, with_spec
from helpers.figures import band, drawn, marks, panels, says, texts
from helpers.synthetic import synthetic_forecast
from vzforecast.forecast import Forecast
from vzforecast.plots.placing import placed
from vzforecast.plots.words import label

pytestmark = pytest.mark.usefixtures("closed_figures")

AS_OF, HORIZON = "2024-04-15", "2024-12-31"
BROKEN = f"ever(fishing_truce = broken) by {HORIZON}"

# Letters of several scripts, right-to-left ones among them, and all that means something to matplotlib.
LETTERS = "aZ09 éüñßøčŁ дюЖ αΩ שלום مرحبا _$\\{}^%&#~<>\n\t\u200f\u0301"
words = st.text(st.sampled_from(LETTERS), min_size=1, max_size=120).filter(lambda text: text.strip() != "")


@cache
def small(draws: int = 20, paths: int = 3, as_of: str = AS_OF) -> Forecast:
    return synthetic_forecast(skeleton(), as_of, draws=draws, paths=paths)


def renamed(fc: Forecast, names: list[str]) -> Forecast:
    """Return the forecast with other labels in its case, as many as there are in turn."""
    spec, left = fc.case.spec, iter(names * 10)
    changes: dict[str, Any] = {"title": next(left)}
    for part in ("factions", "outcomes", "scenarios"):
        changes[part] = tuple(one.model_copy(update={"label": next(left)}) for one in getattr(spec, part))
    case = with_spec(fc.case, **changes)
    tables = {**case.tables}
    tables["actors"] = tables["actors"].assign(actor=[next(left) for _ in range(len(tables["actors"]))])
    return replace(fc, case=replace(case, tables=tables))


def every_figure(fc: Forecast) -> list[Any]:
    """Return each figure that a forecast has."""
    return [
        vz.plot.scenarios(fc),
        vz.plot.outcomes(fc),
        vz.plot.influence(fc),
        vz.plot.survival(fc),
        vz.plot.defection(fc),
        vz.plot.actors(fc),
        vz.plot.history(fc, BROKEN),
    ]


@settings(max_examples=5)
@given(st.lists(words, min_size=3, max_size=12))
def test_any_letters_are_drawn(names: list[str]) -> None:
    fc = renamed(small(), names)
    scenarios, outcomes, influence, survival, defection, actors, history = every_figure(fc)
    drawn(defection)  # which has no label of the case but ids
    drawn(history)
    spec = fc.case.spec
    for figure, named in ((scenarios, spec.scenarios), (outcomes, spec.outcomes), (influence, spec.factions)):
        assert all(says(figure, label(one.label)) for one in named)
    assert all(says(survival, label(one.label)) for one in spec.outcomes)
    assert all(says(actors, label(one.label)) for one in spec.factions)


@given(words)
def test_a_label_shows_every_letter_that_fits_and_no_formula(text: str) -> None:
    from matplotlib.cbook import is_math_text  # noqa: PLC0415

    shown = label(text, width=200)
    assert not is_math_text(shown)
    assert not shown.startswith("_")
    assert shown.replace(r"\$", "$").split() == " ".join(text.split()).split()


@settings(max_examples=6)
@given(st.integers(4, 30), st.integers(2, 4), st.integers(1, 5))
def test_hardly_any_draws(draws: int, paths: int, seed: int) -> None:
    fc = synthetic_forecast(skeleton(), AS_OF, draws=draws, chains=2, paths=paths, seed=seed)
    for figure in (vz.plot.scenarios(fc), vz.plot.survival(fc, "ever(fishing_truce = broken)")):
        drawn(figure)
    for panel in panels(vz.plot.outcomes(fc)):
        low, high = band(panel)
        assert (low <= high).all()
        assert low.min() >= 0.0
        assert high.max() <= 100.0


@pytest.mark.parametrize("draws", [1, 2, 3])
def test_one_draw_of_parameters(draws: int) -> None:
    """A chain too short for a Monte Carlo error has no probabilities, but shares and rates, whose errors are blank."""
    fc = synthetic_forecast(skeleton(), AS_OF, draws=draws, chains=2, paths=2)
    assert fc.influence()["mcse"].isna().all()
    assert fc.defection()["mcse"].isna().all()
    for figure in (vz.plot.influence(fc), vz.plot.defection(fc), vz.plot.actors(fc)):
        drawn(figure)


def test_one_scenario_and_a_certain_one() -> None:
    fc = small()
    alone = replace(fc, case=with_spec(fc.case, scenarios=fc.case.spec.scenarios[-1:]))
    (axes,) = vz.plot.scenarios(alone).axes
    assert [bar.get_width() for bar in axes.patches] == [100.0]
    (axes,) = vz.plot.scenarios(fc, by=AS_OF).axes  # whose states are on record
    assert sorted(bar.get_width() for bar in axes.patches) == [0.0, 0.0, 100.0]
    assert {text.get_text() for text in axes.texts[:3]} == {"0 %", "100 %"}
    drawn(axes.figure)


@pytest.mark.parametrize(
    "event", [f"state(ferry_permit = in_force) on {AS_OF}", f"not state(ferry_permit = in_force) on {AS_OF}"]
)
def test_the_history_of_what_is_certain(event: str) -> None:
    figure = vz.plot.history([small(), small(as_of="2024-04-20")], event)
    drawn(figure)
    assert figure.axes[0].get_ylim()[0] == 0.0


def test_the_last_day_but_one_has_one_deadline_and_the_last_has_none() -> None:
    eve = small(as_of="2024-12-30")
    for figure in every_figure(eve):
        drawn(figure)
    assert [len(panel.get_lines()[0].get_xdata()) for panel in panels(vz.plot.outcomes(eve))] == [1, 1]
    last = small(as_of=HORIZON)
    for plot in (vz.plot.outcomes, vz.plot.survival):
        with pytest.raises(vz.DateError):
            plot(last)
    for figure in (vz.plot.scenarios(last), vz.plot.influence(last), vz.plot.history(last, "calm")):
        drawn(figure)


def test_forty_factions_each_have_a_panel_and_a_look() -> None:
    case = with_factions(40)
    fc = synthetic_forecast(case, AS_OF, draws=20, paths=3)
    influence = vz.plot.influence(fc)
    assert len(panels(influence)) == 40
    drawn(influence)
    actors = vz.plot.actors(fc)
    groups = marks(actors.axes[0])[:40]
    looks = {(group.get_facecolor().tobytes(), group.get_paths()[0].vertices.tobytes()) for group in groups}
    assert len(looks) == 40
    assert len(texts(actors.axes[0])) == 41  # all named, and the source
    drawn(actors)


@cache
def explained() -> tuple[Forecast, vz.MoveLedger, vz.Information, vz.Sensitivity]:
    """Return a forecast with draws enough to be weighted, and what explains it."""
    fc = synthetic_forecast(skeleton(), AS_OF, draws=200, paths=4, width=0.3)
    later = vz.update(fc, [vz.Signal(id="a", date="2024-04-20", faction="wardens")], method="reweight")
    found = vz.value_of_information(fc, None, BROKEN)
    return later, vz.explain(fc, later, BROKEN), found, vz.sensitivity(fc, BROKEN)


@settings(max_examples=10)
@given(st.lists(words, min_size=4, max_size=4))
def test_any_letters_of_news_questions_and_forecasters_are_drawn(names: list[str]) -> None:
    _, ledger, found, hangs = explained()
    headline, question, event, forecaster = names
    items = ledger.items.assign(headline=[headline] * len(ledger.items))
    assert says(vz.plot.move(replace(ledger, items=items, event=event)), label(headline))
    asked = found.table.rename(index={found.table.index[0]: question})
    assert says(vz.plot.information(replace(found, table=asked, event=event)), label(question))
    prior = hangs.tornado.rename(index={hangs.tornado.index[0]: question})
    assert says(vz.plot.tornado(replace(hangs, tornado=prior, case=headline)), label(headline))
    rows = {"question": range(4), "probability": [0.0, 0.4, 0.6, 1.0], "resolution": [0, 1, 0, 1]}
    said = vz.calibration(pd.DataFrame(rows).assign(forecaster=forecaster))
    assert says(vz.plot.reliability(said), label(forecaster))


def test_news_of_what_is_certain_is_drawn() -> None:
    fc = synthetic_forecast(skeleton(), AS_OF, draws=200, paths=4, width=0.3)
    later, *_ = explained()
    for event, share in (
        (f"state(ferry_permit = in_force) on {AS_OF}", 1.0),
        (f"count(fishing_truce = broken) by {HORIZON} >= 9", 0.0),
    ):
        assert fc.probability(event).mean == later.probability(event).mean == share
        (axes,) = vz.plot.move(vz.explain(fc, later, event)).axes
        assert [text.get_text().strip() for text in axes.texts[:2]] == [f"{100.0 * share:.1f} %"] * 2
        drawn(axes.figure)
        found = vz.value_of_information(fc, None, event)
        assert not found.table["clear"].any()
        drawn(vz.plot.information(found))
        drawn(vz.plot.tornado(vz.sensitivity(fc, event)))


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_forecasters_who_are_always_certain_are_drawn(probability: float) -> None:
    rows = pd.DataFrame({"question": range(6), "probability": probability, "resolution": [0, 1] * 3})
    figure = vz.plot.reliability(vz.calibration(rows))
    assert np.asarray(figure.axes[0].get_lines()[1].get_ydata()).tolist() == [0.5]
    drawn(figure)


def test_an_outcome_that_is_active_has_a_curve_at_the_top() -> None:
    fc = synthetic_forecast(skeleton(), "2024-06-05", draws=20, paths=3)  # broken since 20 May
    place = [one.id for one in fc.case.spec.outcomes].index("fishing_truce")
    panel = panels(vz.plot.outcomes(fc))[place]
    assert np.asarray(panel.get_lines()[0].get_ydata()).tolist() == [100.0] * 7
    assert panel.get_title(loc="left").endswith("broken: 100 % [100, 100]")
    panel = panels(vz.plot.survival(fc))[place]
    assert np.asarray(panel.get_lines()[0].get_ydata()).tolist() == [0.0] * 7
    drawn(panel.get_figure(root=True))


def test_an_outcome_on_record_is_certain() -> None:
    fc = synthetic_forecast(skeleton(), "2024-06-05", draws=20, paths=3)  # broken since 20 May
    passage = fc.time_to("ever(fishing_truce = broken)")
    (panel,) = panels(vz.plot.survival(passage))
    assert np.asarray(panel.get_lines()[0].get_ydata()).max() == 0.0
    drawn(panel.get_figure(root=True))


coordinates = st.floats(0.0, 600.0)


@given(
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=30), st.floats(5.0, 300.0), st.floats(5.0, 40.0)
)
def test_labels_are_placed_whatever_the_crowd(places: list[tuple[float, float]], width: float, height: float) -> None:
    points = np.array(places)
    sizes = np.tile([width, height], (len(points), 1))
    room = np.array([[0.0, 0.0], [600.0, 600.0]])
    found = placed(points, np.full(len(points), 6.0), sizes, room)
    assert np.isfinite(found).all()
    assert np.array_equal(found, placed(points, np.full(len(points), 6.0), sizes, room))
    assert (np.abs(found - points) >= 6.0 - 1e-6).any(axis=1).all()  # never on its own point
