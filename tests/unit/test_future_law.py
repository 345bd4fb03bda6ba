"""A law that starts anew, or ends early, gives the paths of one made afresh."""

import numpy as np
import pytest

from helpers.cases import skeleton
from helpers.evidence import item
from helpers.synthetic import synthetic_forecast
from vzforecast.events import parse_event
from vzforecast.explaining.changes import Changes
from vzforecast.explaining.scenes import Scenes
from vzforecast.explaining.weighing import Weighing
from vzforecast.forecast import Forecast
from vzforecast.forecast.future import dynamics, follow, future, restarted, until
from vzforecast.history import Known
from vzforecast.paths import Paths
from vzforecast.reweight import Reweighted
from vzforecast.simulate import Dynamics
from vzforecast.updating import update

AS_OF = "2024-04-15"


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), AS_OF, draws=30, chains=2, paths=4, width=0.4)


def law_of(fc: Forecast, known: Known) -> Dynamics:
    return dynamics(fc.draws, known.case, known.history, known.design)


def up_to(paths: Paths, day: float) -> list[tuple[int, float, int]]:
    """Return path, time and outcome of every transition up to a day."""
    of_path = np.repeat(np.arange(paths.draws * paths.paths), np.diff(paths.offsets))
    early = paths.times <= day
    return list(zip(of_path[early].tolist(), paths.times[early].tolist(), paths.outcome[early].tolist(), strict=True))


@pytest.mark.parametrize("days", [0, 1, 15, 16, 100, 10_000])
def test_paths_that_end_early_are_the_same_so_far(fc: Forecast, days: int) -> None:
    law = law_of(fc, fc.known)
    whole = future(fc.draws, fc.known, paths=3, seed=7)
    cut = until(law, days)
    early = follow(cut, fc.known, paths=3, seed=7)
    last = float(cut.month_ends[-1])
    assert last >= min(max(days, 1), law.month_ends[-1])  # the day is in it, and no whole month after it
    assert cut.month_ends.size == 1 or cut.month_ends[-2] < max(days, 1)
    assert early.days(early.horizon) == last
    assert up_to(early, last) == up_to(whole, last)
    assert len(early.times) == len(up_to(whole, last)) > 0


def test_a_law_that_starts_from_other_states_is_as_one_made_of_them(fc: Forecast) -> None:
    change = item("transition", id="t", date="2024-04-10", published=AS_OF)
    known = Known(fc.case.with_evidence([change], as_of=AS_OF), fc.known.places)
    anew, again = law_of(fc, known), restarted(law_of(fc, fc.known), known.case, known.history)
    assert (anew.active_now != law_of(fc, fc.known).active_now).any()
    for name, value in vars(anew).items():
        np.testing.assert_array_equal(getattr(again, name), value, err_msg=name)
    one, other = (follow(law, known, paths=3, seed=7) for law in (anew, again))
    assert up_to(one, np.inf) == up_to(other, np.inf)


def test_scenes_see_what_whole_futures_would(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reweighted, "failures", ())
    items = [
        item("transition", id="t", date="2024-04-24"),
        item("appointment", id="post", date="2024-04-18"),
        item("signal", id="s", date="2024-05-23"),
    ]
    weighing = Weighing(Changes.between(fc, update(fc, items)))
    event = parse_event("ever(fishing_truce = broken) by 2024-07-02", fc.vocabulary)
    scenes = Scenes(weighing, event, {}, 4)
    draws, seed = weighing.particles.spread_out(), weighing.changes.basis.seed
    places = {one.id: place for place, one in enumerate(weighing.changes.items)}
    for members in ([], ["t"], ["post"], ["t", "post"]):
        known = weighing.subset(tuple(sorted(places[name] for name in members)))
        found = scenes.of(known)
        whole = future(draws, known, paths=found.happened.shape[2], seed=seed)
        happened = whole.active_between("fishing_truce", True, -np.inf, whole.days(event.deadlines()[0]))
        np.testing.assert_array_equal(found.happened.reshape(happened.shape), happened)
