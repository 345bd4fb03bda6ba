"""Laws of updating that hold for every batch of news, to the last digit where nothing but labels differs.

Few draws from the priors and no limit on the weights: what can be trusted is another matter, and tested elsewhere.
"""

import datetime as dt
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers.cases import edited_skeleton, skeleton
from helpers.synthetic import synthetic_forecast
from vzforecast import EvidenceError, JudgementWarning, LowEvidenceWarning, load_forecast, simulate, update
from vzforecast.case import Case
from vzforecast.evidence import KINDS, Evidence
from vzforecast.forecast import Forecast
from vzforecast.forecast.future import future
from vzforecast.forecast.posterior import labelled, places, stacked
from vzforecast.history import Known
from vzforecast.reweight import Reweighted

AS_OF, LAST, HORIZON = dt.date(2024, 4, 15), dt.date(2024, 8, 20), dt.date(2024, 12, 31)
OPEN_EVENTS = [  # none of them is ever decided before the horizon
    "state(fishing_truce = broken) on 2024-12-20",
    "state(ferry_permit = withdrawn) on 2024-12-01 or state(fishing_truce = broken) on 2024-11-01",
    "state(fishing_truce = held) on 2024-10-01 and state(ferry_permit = in_force) on 2024-11-01",
]
SIGNED = {"pact_2024": "2024-04-01"}  # an agreement that the case does not have
EVENTS = [*OPEN_EVENTS, "ever(fishing_truce = broken) by 2024-06-30", "ever(ferry_permit = withdrawn) by 2024-12-31"]

# Batches -----------------------------------------------------------------------------------------------------

late_days = st.dates(AS_OF - dt.timedelta(10), LAST)
chances = st.floats(0.05, 0.95)
Fields = dict[str, Any]


def _fields(kind: str, /, **own: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Fields]]:
    return st.tuples(st.just(kind), st.fixed_dictionaries(own))


_signal = _fields(
    "signal",
    kind=st.sampled_from(["statement", "decision", "leak"]),
    strength=st.integers(1, 3),
    faction=st.sampled_from(["wardens", "traders", "mixed"]),
    episode=st.sampled_from([None, "one", "two"]),
    leaning=st.sampled_from(
        [None, ("fishing_truce", "active"), ("fishing_truce", "rest"), ("ferry_permit", "neither")]
    ),
)
_promise = _fields(
    "commitment_resolved",
    agreement=st.sampled_from(["truce_2024", "harbour_2018", "pact_2024"]),
    kind=st.sampled_from(["fishing", "prisoners", "flags"]),
    form=st.sampled_from(["one_off", "flow"]),
    result=st.sampled_from(["kept", "partial", "broken", "unresolved"]),
    regime_threat=st.integers(0, 2),
    relief_at_stake=st.sampled_from(["none", "minor", "major"]),
)
_licence = _fields(
    "licence_decision",
    licence=st.sampled_from(["Salvage", "Ferry"]),
    decision=st.sampled_from(["renewed", "narrowed", "revoked"]),
)
_action = _fields(
    "action",
    direction=st.sampled_from(["ease", "tighten"]),
    severity=st.integers(1, 3),
    sectoral=st.booleans(),
    kind=st.just("dues"),
)
_ahead = _fields(
    "scheduled_decision",
    outcome=st.sampled_from(["ferry_permit", "fishing_truce"]),
    kind=st.sampled_from(["permit_ends", "permit_ends", "council_vote"]),
    ahead=st.integers(0, 150),
)
_post = _fields(
    "appointment",
    faction=st.sampled_from(["wardens", "traders"]),
    **dict.fromkeys(("office", "proximity", "salience"), st.integers(1, 100)),
)
_ratio = _fields("likelihood_judgement", event=st.sampled_from(EVENTS), ratio=st.floats(0.05, 20.0))
_stated = _fields("probability_judgement", event=st.sampled_from(OPEN_EVENTS), probability=chances)
_quote = _fields(
    "market_quote",
    event=st.sampled_from(OPEN_EVENTS),
    probability=chances,
    weight=st.floats(0.0, 1.0),
    platform=st.just("Exchange"),
)
_any = st.one_of(_signal, _signal, _promise, _licence, _action, _ahead, _post, _ratio, _stated, _quote)


@st.composite
def batches(draw: st.DrawFn, most: int = 5) -> list[Evidence]:
    """Draw news of the skeleton after 5 April, late items and changes of state among it."""
    items = []
    for number, (kind, fields) in enumerate(draw(st.lists(_any, max_size=most))):
        date = draw(late_days)
        own = {"id": f"i{number}", "date": date, **fields}
        own["published"] = min(date + dt.timedelta(draw(st.integers(0, 20))), LAST)
        if kind == "signal":
            own["outcome"], own["lean"] = own.pop("leaning") or (None, None)
        if kind == "commitment_resolved":
            own |= {
                "commitment": f"promise{number}",
                "signed": "2024-04-01" if own["agreement"] == "pact_2024" else None,
            }
        if kind == "scheduled_decision":
            own["due"] = own["published"] + dt.timedelta(own.pop("ahead"))
        if kind == "appointment":
            own["actor"] = f"Actor {number}"
        items.append(KINDS[kind](**own))
    for outcome, active, rest in (("fishing_truce", "broken", "held"), ("ferry_permit", "withdrawn", "in_force")):
        days = sorted(draw(st.sets(late_days, max_size=2)))
        for day, state in zip(days, (active, rest), strict=False):
            episode = draw(st.sampled_from([None, "one"]))
            items.append(
                KINDS["transition"](id=f"{outcome} {state}", date=day, outcome=outcome, to=state, episode=episode)
            )
    return items


def others(items: Sequence[Evidence]) -> list[Evidence]:
    """Return items that can follow a first batch: other ids and actors."""
    items = [item for item in items if item.type not in ("transition", "commitment_resolved", "scheduled_decision")]
    named = [{**item.given(), "id": f"second {item.id}"} for item in items]
    named = [fields | ({"actor": f"Second {fields['actor']}"} if "actor" in fields else {}) for fields in named]
    return [type(item)(**fields) for item, fields in zip(items, named, strict=True)]


@cache
def base() -> Forecast:
    return synthetic_forecast(skeleton(), AS_OF, draws=30, chains=2, paths=4, width=0.4)


@pytest.fixture(scope="module", autouse=True)
def no_limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reweighted, "failures", ())
        yield


def updated(fc: Forecast, items: Sequence[Evidence] = (), day: dt.date | None = None) -> Forecast:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", JudgementWarning)
        warnings.simplefilter("ignore", LowEvidenceWarning)  # there are few paths to begin with
        return update(fc, items, method="reweight", as_of=day)


def outcome_of(make: Callable[[], Forecast]) -> Forecast | str:
    """Return a forecast, or the message that refuses it: laws hold for both."""
    try:
        return make()
    except EvidenceError as error:
        return str(error)


def assert_identical(one: Forecast | str, other: Forecast | str) -> None:
    """Compare to the last bit everything from which a forecast answers."""
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    xr.testing.assert_identical(one.posterior, other.posterior)
    assert one.case.digest == other.case.digest
    for name, values in one.simulated.to_arrays().items():
        np.testing.assert_array_equal(values, other.simulated.to_arrays()[name], err_msg=name)
    assert one.revision is not None
    assert other.revision is not None
    assert one.evidence == other.evidence
    assert dict(one.revision.ratios) == dict(other.revision.ratios)
    np.testing.assert_array_equal(one.revision.draw_weights, other.revision.draw_weights)
    for part in ("items", "quotes"):
        tables = getattr(one.update_report, part), getattr(other.update_report, part)
        assert tables[0].to_dict("index") == tables[1].to_dict("index")
        assert tables[0].columns.tolist() == tables[1].columns.tolist()
    pd.testing.assert_frame_equal(one.scenarios(), other.scenarios(), check_exact=True)
    pd.testing.assert_frame_equal(one.influence(), other.influence(), check_exact=True)


def assert_close(one: Forecast, other: Forecast, *, rtol: float = 1e-9) -> None:
    for table in ("scenarios", "outcomes", "influence", "defection"):
        pd.testing.assert_frame_equal(getattr(one, table)(), getattr(other, table)(), rtol=rtol, atol=1e-12)


# Order, batches, retraction ----------------------------------------------------------------------------------


@settings(max_examples=10)
@given(batches(), st.randoms(use_true_random=False))
def test_the_order_in_which_items_are_given_does_not_matter(items: list[Evidence], random: Any) -> None:
    shuffled = random.sample(items, len(items))
    assert_identical(outcome_of(lambda: updated(base(), items)), outcome_of(lambda: updated(base(), shuffled)))


@settings(max_examples=25)
@given(batches(7), st.data())
def test_an_update_of_an_update_is_one_update_with_both_batches(items: list[Evidence], data: st.DataObject) -> None:
    first = data.draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items)))
    one, other = ([item for item, own in zip(items, first, strict=True) if own is part] for part in (True, False))
    middle = data.draw(st.one_of(st.none(), st.dates(AS_OF, LAST)))
    assume(middle is None or all(item.published <= middle for item in one))
    halfway = outcome_of(lambda: updated(base(), one, middle))
    assume(not isinstance(halfway, str))
    chained = outcome_of(lambda: updated(halfway, other))
    newest = max((item.published for item in items), default=AS_OF)
    assert_identical(chained, outcome_of(lambda: updated(base(), items, max(newest, halfway.as_of))))


@settings(max_examples=8)
@given(batches(6))
def test_one_item_at_a_time_is_all_at_once(items: list[Evidence]) -> None:
    fc: Forecast | str = updated(base())
    for item in items:
        fc = outcome_of(lambda fc=fc, item=item: updated(fc, [item]))
        assume(not isinstance(fc, str))
    assert_identical(fc, outcome_of(lambda: updated(base(), items)))


@settings(max_examples=10)
@given(batches(), st.data())
def test_a_retraction_is_as_if_the_item_had_never_been_added(items: list[Evidence], data: st.DataObject) -> None:
    assume(items)
    taken_back = data.draw(st.sampled_from(items))
    kept = [item for item in items if item is not taken_back]
    never = outcome_of(lambda: updated(base(), kept, LAST))
    outcome_of(lambda: updated(base(), items, LAST))  # believed until then, and leaves no trace
    assert_identical(outcome_of(lambda: updated(base(), kept, LAST)), never)


@settings(max_examples=10)
@given(batches(3), st.lists(st.dates(AS_OF, LAST), min_size=1, max_size=3))
def test_days_on_the_way_do_not_matter(items: list[Evidence], stops: list[dt.date]) -> None:
    straight = outcome_of(lambda: updated(base(), items, LAST))
    assume(not isinstance(straight, str))
    fc = base()
    for day in sorted(stops):
        fc = updated(fc, day=day)
    assert_identical(updated(fc, items, LAST), straight)


# What says nothing changes nothing ---------------------------------------------------------------------------


@settings(max_examples=12)
@given(batches(3), st.sampled_from(EVENTS), st.dates(AS_OF - dt.timedelta(5), LAST))
def test_a_likelihood_ratio_of_one_changes_nothing(items: list[Evidence], event: str, day: dt.date) -> None:
    without = outcome_of(lambda: updated(base(), items, LAST))
    assume(not isinstance(without, str))
    nothing = KINDS["likelihood_judgement"](id="nothing", event=event, ratio=1.0, date=day)
    assert_close(updated(base(), [*items, nothing], LAST), without)


@settings(max_examples=10)
@given(batches(4))
def test_an_update_with_nothing_to_the_same_day_repeats_the_answer(items: list[Evidence]) -> None:
    fc = outcome_of(lambda: updated(base(), items))
    assume(not isinstance(fc, str))
    assert_identical(updated(fc), fc)


def test_an_empty_update_of_a_fit_changes_nothing() -> None:
    fc = synthetic_forecast(skeleton(), AS_OF, draws=200, chains=2, paths=10)
    same = updated(fc)
    for table in ("scenarios", "outcomes"):
        pd.testing.assert_frame_equal(getattr(same, table)(), getattr(fc, table)(), rtol=1e-9, atol=1e-12)
    pd.testing.assert_series_equal(same.influence()["mean"], fc.influence()["mean"], rtol=1e-12)
    pd.testing.assert_series_equal(same.defection()["pooled"], fc.defection()["pooled"], rtol=1e-12)
    for name, values in fc.draws.items():
        np.testing.assert_array_equal(same.draws[name], values, err_msg=name)
    assert same.closeness_beats_office.mean == pytest.approx(fc.closeness_beats_office.mean)


def test_nor_does_it_change_the_interval_of_a_parameter() -> None:
    fc = synthetic_forecast(skeleton(), AS_OF, draws=200, chains=2, paths=10)
    assert_close(updated(fc), fc)


# Labels ------------------------------------------------------------------------------------------------------

# Other names, whose order in the alphabet is the reverse, and another order of declaration.
TO = {"wardens": "aldermen", "traders": "zealots", "fishing_truce": "alpha", "ferry_permit": "zeta"}
BACK = {new: old for old, new in TO.items()}
_SWAPPED = {
    "factions": r'(\[\[factions\]\]\nid = "aldermen"[\s\S]*?)(\[\[factions\]\]\nid = "zealots"[\s\S]*?)(?=\n# ---)',
    "outcomes": r'(\[\[outcomes\]\]\nid = "zeta"[\s\S]*?)(\[\[outcomes\]\]\nid = "alpha"[\s\S]*?)(?=\n# ---)',
}


@cache
def relabelled() -> Case:
    files = {"case.toml": TO, "priors.toml": TO, "news.csv": TO, "actors.csv": ("wardens", "traders")}
    files |= {"commitments.csv": ("fishing_truce",), "transitions.csv": ("fishing_truce",)}
    files |= {"questions.csv": ("fishing_truce", "ferry_permit"), "schedule.csv": ("ferry_permit",)}
    edits = {file: [(rf"\b{old}\b", TO[old]) for old in old_names] for file, old_names in files.items()}
    edits["case.toml"] += [(pattern, r"\2\n\1") for pattern in _SWAPPED.values()]
    return edited_skeleton(edits)


def renamed(text: str, to: dict[str, str]) -> str:
    for old, new in to.items():
        text = text.replace(old, new)
    return text


def relabelled_item(item: Evidence) -> Evidence:
    names = ("faction", "outcome", "event", "own_history_of")
    changed = {name: renamed(value, TO) for name in names if (value := getattr(item, name, None)) is not None}
    return type(item)(**{**item.given(), **changed})


@cache
def relabelled_base() -> Forecast:
    """The same draws, label by label, and the paths that they give with the random numbers of the old names."""
    fc, case = base(), relabelled().known_on(AS_OF)
    draws = fc.posterior["posterior"].to_dataset().drop_vars("influence")
    design = Known(case, places(fc.posterior)).design
    wanted = {dim: [BACK[label] for label in design.coords[dim]] for dim in ("faction", "outcome")}
    tree = xr.DataTree.from_dict({"posterior": draws.sel(wanted), "sample_stats": fc.posterior["sample_stats"].ds})
    tree = labelled(tree, design)
    known = Known(case, places(tree))
    return Forecast(
        case, tree, future(stacked(tree), known, paths=4, seed=1), fc.diagnostics, {**fc.provenance, "case": "renamed"}
    )


@pytest.fixture(scope="module")
def streams_of_old_names() -> Iterator[None]:
    """Random numbers hang on names: give every label those of its old name."""

    of_name = simulate.stream_id

    def stream_id(name: str) -> int:
        return of_name(renamed(name, BACK))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vzforecast.simulate.stream_id", stream_id)  # for the futures of later months
        patch.setattr("vzforecast.forecast.future.stream_id", stream_id)
        yield


@pytest.mark.usefixtures("streams_of_old_names")
@settings(max_examples=15)
@given(batches(), st.dates(AS_OF, LAST))
def test_relabelling_factions_and_outcomes_relabels_the_answer(items: list[Evidence], day: dt.date) -> None:
    day = max([day, *(item.published for item in items)])
    one = outcome_of(lambda: updated(base(), items, day))
    other = outcome_of(lambda: updated(relabelled_base(), [relabelled_item(item) for item in items], day))
    if isinstance(one, str) or isinstance(other, str):
        assert isinstance(one, str)
        assert isinstance(other, str)
        return
    pd.testing.assert_frame_equal(one.scenarios(), other.scenarios(), rtol=1e-9, atol=1e-9)
    for table, level in (("influence", "faction"), ("outcomes", "outcome")):
        renamed_table = getattr(one, table)().rename(index=TO, level=level).sort_index()
        pd.testing.assert_frame_equal(renamed_table, getattr(other, table)().sort_index(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one.revision.draw_weights, other.revision.draw_weights, rtol=1e-9, atol=1e-12)
    assert one.revision.ratios == pytest.approx(dict(other.revision.ratios), rel=1e-9)


# Nothing is changed under anyone's feet ----------------------------------------------------------------------


def snapshot(fc: Forecast) -> dict[str, Any]:
    """Copy everything that a forecast holds."""
    revision = fc.revision
    return {
        "posterior": fc.posterior.copy(deep=True),
        "paths": {name: values.copy() for name, values in fc.simulated.to_arrays().items()},
        "digest": fc.case.digest,
        "payload": fc.case.to_payload(),
        "provenance": dict(fc.provenance),
        "scenarios": fc.scenarios(),
        "influence": fc.influence(),
        "evidence": fc.evidence,
        "weights": None if revision is None else revision.draw_weights.copy(),
        "ratios": None if revision is None else dict(revision.ratios),
        "text": str(fc.update_report),
    }


def assert_unchanged(fc: Forecast, before: dict[str, Any]) -> None:
    now = snapshot(fc)
    xr.testing.assert_identical(now["posterior"], before["posterior"])
    for name, values in before["paths"].items():
        np.testing.assert_array_equal(now["paths"][name], values)
    for name in ("scenarios", "influence"):
        pd.testing.assert_frame_equal(now[name], before[name], check_exact=True)
    np.testing.assert_array_equal(now["weights"], before["weights"])
    for name in ("digest", "payload", "provenance", "evidence", "ratios", "text"):
        assert now[name] == before[name], name


@settings(max_examples=10)
@given(batches(), batches(3))
def test_an_update_never_changes_the_forecast_it_starts_from(first: list[Evidence], second: list[Evidence]) -> None:
    plain, items, more = snapshot(base()), tuple(first), others(second)
    fc = outcome_of(lambda: updated(base(), first))
    assert_unchanged(base(), plain)
    assert tuple(first) == items
    assume(not isinstance(fc, str))
    before = snapshot(fc)
    outcome_of(lambda: updated(fc, more))
    updated(fc, day=HORIZON)
    assert_unchanged(fc, before)


def test_a_refused_update_changes_nothing_either() -> None:
    fc = updated(base(), [KINDS["signal"](id="known", date="2024-04-20", faction="traders")])
    before = snapshot(fc)
    bad = [KINDS["signal"](id="known", date="2024-04-22", faction="nobody")]
    with pytest.raises(EvidenceError):
        updated(fc, bad)
    assert_unchanged(fc, before)


# Probabilities under weights ---------------------------------------------------------------------------------


@settings(max_examples=12)
@given(batches(), st.sampled_from(EVENTS), st.sampled_from(EVENTS), st.dates(LAST, HORIZON))
def test_probabilities_obey_their_laws_under_weights(items: list[Evidence], a: str, b: str, day: dt.date) -> None:
    fc = outcome_of(lambda: updated(base(), items))
    assume(not isinstance(fc, str))
    for table in (fc.scenarios(), fc.scenarios(by=day)):
        assert table["probability"].sum() == pytest.approx(1.0, abs=1e-12)
        assert ((table["probability"] >= 0) & (table["lower"] <= table["upper"] + 1e-12)).all()
        assert ((table["lower"] >= -1e-12) & (table["upper"] <= 1.0 + 1e-12) & (table["mcse"] >= 0)).all()
    both, either = fc.probability(f"({a}) and ({b})").mean, fc.probability(f"({a}) or ({b})").mean
    one, other = fc.probability(a).mean, fc.probability(b).mean
    assert both <= min(one, other) + 1e-12
    assert either == pytest.approx(one + other - both, abs=1e-12)
    assert fc.probability(f"not ({a})").mean == pytest.approx(1.0 - one, abs=1e-12)


@settings(max_examples=10)
@given(batches())
def test_ever_rises_with_the_deadline_under_weights(items: list[Evidence]) -> None:
    fc = outcome_of(lambda: updated(base(), items))
    assume(not isinstance(fc, str))
    days = [day.date() for day in pd.date_range(max(fc.as_of, AS_OF) + dt.timedelta(1), HORIZON, freq="31D")]
    for event in ("ever(fishing_truce = broken)", "ever(ferry_permit = withdrawn)"):
        assert (fc.curve(event, dates=days)["probability"].diff().dropna() >= -1e-12).all()
    table = fc.outcomes(by=days)
    assert (table["at"] <= table["ever"] + 1e-12).all()


@settings(max_examples=10)
@given(batches())
def test_the_weights_of_paths_say_the_same_as_the_scenarios(items: list[Evidence]) -> None:
    fc = outcome_of(lambda: updated(base(), items))
    assume(not isinstance(fc, str))
    states = fc.paths([HORIZON]).isel(date=0)
    weight = states["weight"]
    assert float(weight.sum()) == pytest.approx(1.0)
    broken = states.sel(outcome="fishing_truce") == 1
    withdrawn = states.sel(outcome="ferry_permit") == 1
    by_hand = {"calm": ~broken & ~withdrawn, "rupture": broken & withdrawn, "mixed_signals": broken ^ withdrawn}
    expected = {name: float((weight * holds).sum()) for name, holds in by_hand.items()}
    assert fc.scenarios()["probability"].to_dict() == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(weight.sum("path"), fc.weights.of_draws, rtol=1e-9)


# Files -------------------------------------------------------------------------------------------------------


@settings(max_examples=5)
@given(batches(), batches(3))
def test_a_loaded_forecast_answers_and_updates_alike(
    tmp_path_factory: pytest.TempPathFactory, first: list[Evidence], second: list[Evidence]
) -> None:
    fc = outcome_of(lambda: updated(base(), first))
    assume(not isinstance(fc, str))
    folder: Path = tmp_path_factory.mktemp("saved")
    loaded = load_forecast(fc.save(folder / "fc.nc"))
    assert_identical(loaded, fc)
    assert loaded.revision.report.text == fc.revision.report.text
    assert_close(loaded, fc, rtol=0)
    more = others(second)
    again, straight = outcome_of(lambda: updated(loaded, more)), outcome_of(lambda: updated(fc, more))
    assert_identical(again, straight)
    if isinstance(again, Forecast):
        assert_identical(load_forecast(again.save(folder / "fc.nc")), again)
