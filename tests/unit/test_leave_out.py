"""What a forecast rests on: which blocks there are, which case each leaves, paths, words, errors."""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

import vzforecast as vz
from helpers.cases import edited_skeleton, skeleton, with_tables, without_couplings, without_covariates
from helpers.stacks import SHAPE, island_stack, no_sampling
from helpers.synthetic import Refits, failing_report, synthetic_forecast
from helpers.weights import of_few
from vzforecast.explaining.blocks import Blocks, Reading, Removal
from vzforecast.explaining.fitted import Fitted
from vzforecast.explaining.leaving import fits_of, left_out
from vzforecast.explaining.left import Left
from vzforecast.explaining.retold import law_of, retold
from vzforecast.explaining.support_report import COLUMNS
from vzforecast.explaining.terms import terms_of
from vzforecast.forecast import Forecast
from vzforecast.likelihood import log_likelihood
from vzforecast.reweight.difference import with_rows

BROKEN = "ever(fishing_truce = broken) by 2024-12-31"
AS_OF = "2024-04-15"
NAMES = [
    "record",
    "agreement:harbour_2018",
    "agreement:truce_2021",
    "agreement:truce_2024",
    "leverage:wardens",
    "leverage:traders",
    "coupling",
    "covariate:regime_threat",
    "covariate:relief_at_stake",
    "low_confidence",
    "partial:kept",
]


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(skeleton(), AS_OF, draws=200, paths=10)


@pytest.fixture(scope="module")
def half() -> Forecast:
    return synthetic_forecast(skeleton().with_partial("half"), AS_OF, draws=200, chains=4, paths=10)


@pytest.fixture
def distrusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no weights be trusted."""

    def left_out(_: Forecast, nats: np.ndarray) -> Left:
        return Left(np.full(len(nats), 1.0 / len(nats)), 0.9, safe=False)

    monkeypatch.setattr("vzforecast.explaining.removing.left_out", left_out)


@pytest.fixture
def refits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refits]:
    """Let fits be drawn from the priors."""
    made = Refits(draws=200, paths=10)
    monkeypatch.setattr("vzforecast.explaining.refits.fit_known", made)
    return made


def removal(fc: Forecast, name: str) -> Removal:
    block = Blocks(fc).all[name]
    assert isinstance(block, Removal)
    return block


def case_of(fc: Forecast, name: str) -> vz.Case:
    return removal(fc, name).case()


def unmoved(_: Forecast, nats: np.ndarray) -> Left:
    """Return even weights that are trusted."""
    return Left(np.full(len(nats), 1.0 / len(nats)), 0.1, safe=True)


def test_the_blocks_of_a_case(fc: Forecast) -> None:
    blocks = Blocks(fc).all
    assert list(blocks) == NAMES
    kinds = ["record", *["agreement"] * 3, *["leverage"] * 2, "coupling", *["covariate"] * 2, "rows", "reading"]
    assert [block.kind for block in blocks.values()] == kinds
    # tr24_seizures is the outcome's own history, no row of the record
    counts = {"record": 5, "harbour_2018": 2, "truce_2021": 2, "truce_2024": 1}
    assert {name.rpartition(":")[2]: block.n for name, block in blocks.items() if block.n} == {
        **counts,
        "low_confidence": 1,
        "kept": 1,
    }


def test_only_blocks_that_there_are() -> None:
    def names(case: vz.Case) -> set[str]:
        return set(Blocks(synthetic_forecast(case, AS_OF, draws=20, paths=2)).all)

    whole = set(NAMES)
    assert names(without_couplings()) == whole - {"coupling"}
    assert names(skeleton().without("coupling", "influence")) == whole - {
        "coupling",
        "leverage:wardens",
        "leverage:traders",
    }
    assert names(without_covariates()) == whole - {"covariate:regime_threat", "covariate:relief_at_stake"}
    record = {name for name in NAMES if name.startswith(("record", "agreement", "partial"))}
    assert names(skeleton().without("defection")) == whole - record
    assert names(skeleton().with_partial("as_kept")) == whole - {"partial:kept"} | {"partial:broken"}
    commitments = skeleton().tables["commitments"]
    kept = with_tables(skeleton(), commitments=commitments[commitments["result"] != "partial"])
    assert names(kept) == whole - {"partial:kept", "low_confidence"}  # the one such row is the one kept in part


def test_the_case_that_each_block_leaves(fc: Forecast) -> None:
    case = fc.case
    assert case_of(fc, "record").digest == case.without("defection").digest
    assert case_of(fc, "agreement:truce_2021").digest == case.without_agreement("truce_2021").digest
    assert case_of(fc, "coupling").digest == case.without("coupling").digest
    assert case_of(fc, "partial:kept").digest == case.with_partial("as_kept").digest
    neutral = case_of(fc, "leverage:wardens")
    changed = {name for name in case.prior_specs if neutral.prior_specs[name] != case.prior_specs[name]}
    assert changed == {"leverage.ferry_permit.wardens", "leverage.fishing_truce.wardens"}
    assert {(neutral.prior_specs[name].mu, neutral.prior_specs[name].sigma) for name in changed} == {(0.0, 1e-3)}
    flat = case_of(fc, "covariate:regime_threat").prior_specs["slope.regime_threat"]
    assert (flat.mu, flat.sigma) == (0.0, 1e-3)


def test_low_confidence_leaves_rows_of_the_model_alone(fc: Forecast) -> None:
    tables = {name: table.copy() for name, table in fc.case.tables.items()}
    for name in ("commitments", "licences", "actions", "news", "counts", "transitions", "agreements", "schedule"):
        tables[name]["confidence"] = "low"
    everything = synthetic_forecast(with_tables(skeleton().known_on(AS_OF), **tables), draws=20, paths=2)
    bare = case_of(everything, "low_confidence").tables
    gone = ("commitments", "licences", "actions", "news", "counts")
    assert not sum(len(bare[name]) for name in gone)
    for name in set(tables) - set(gone):
        pd.testing.assert_frame_equal(bare[name], tables[name])
    assert Blocks(everything).all["low_confidence"].n == sum(len(tables[name]) for name in gone)


def test_paths_start_anew_where_other_rows_say_how_decisions_gather(
    fc: Forecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of the permit is ahead: without decisions of low confidence it gathers otherwise before it."""
    assert removal(fc, "low_confidence").known is None  # nothing is ahead
    ahead = edited_skeleton({"case.toml": [(r"council_vote = \"none\"", 'council_vote = "onset"')]}).known_on(AS_OF)
    licences = ahead.tables["licences"].assign(confidence="low")
    other = synthetic_forecast(with_tables(ahead, licences=licences), draws=100, paths=4)
    known = removal(other, "low_confidence").known
    assert known is not None
    assert known.history.scheduled != other.history.scheduled
    withdrawn = "ever(ferry_permit = withdrawn) by 2024-12-31"
    few, again = (retold(other, other.draws, start).probability(withdrawn).mean for start in (other.known, known))
    assert few != again
    monkeypatch.setattr("vzforecast.explaining.removing.left_out", unmoved)
    line = vz.leave_out(other, withdrawn, "low_confidence", refit=False).table.iloc[0]
    assert line["points"] == pytest.approx(100 * (few - again))


def test_a_retelling_is_the_same_story(fc: Forecast) -> None:
    """As many paths of the same law are the paths that there are; fewer are the first of them."""
    again = retold(fc, fc.draws, fc.known, paths=10)
    assert np.array_equal(again.simulated.times, fc.simulated.times)
    few = retold(fc, fc.draws, fc.known)
    days = [fc.horizon]
    assert np.array_equal(few.simulated.active_on(days), fc.simulated.active_on(days)[:, :2])


def test_the_law_without_a_term_is_that_of_the_draws_without_it(fc: Forecast) -> None:
    law = law_of(fc.draws, fc.known)
    for term in terms_of(fc.history):
        draws = term.out_of(fc.draws)
        own, fresh = term.law(law, draws, fc.design), law_of(draws, fc.known)
        for field in fields(fresh):
            assert np.array_equal(getattr(own, field.name), getattr(fresh, field.name)), (term.name, field.name)


def test_likelihoods_do_not_depend_on_how_many_draws_are_evaluated_at_once(
    fc: Forecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((draws, design),) = fits_of(fc)
    monkeypatch.setattr("vzforecast.explaining.fitted._AT_ONCE", 100)
    fit, whole = Fitted(draws, design), log_likelihood(draws, design)
    assert design.data["row_events"].size > 1
    assert fit.events == pytest.approx(whole["events"], rel=1e-12)
    assert fit.total(design) == pytest.approx(sum(values.sum(axis=1) for values in whole.values()), rel=1e-12)
    sizes = {"signal": "signal_favoured", "lean": "lean_category", "row": "row_events"}
    empty = {prefix: np.zeros(design.data[name].size, dtype=np.bool_) for prefix, name in sizes.items()}
    assert np.array_equal(fit.total(with_rows(design, empty)), np.zeros(len(draws["tau"])))


def test_with_less_without(fc: Forecast) -> None:
    found = vz.leave_out(fc, BROKEN, refit=False)
    known = found.table[found.table["path"] != ""]
    assert len(known) > 5
    difference = 100 * (fc.probability(BROKEN).mean - known["probability"])
    assert known["points"].to_numpy() == pytest.approx(difference.to_numpy())
    more_than_nothing = known["points"].abs() > 1e-9
    assert (known["clear"] == (more_than_nothing & (known["points"].abs() >= 2 * known["mcse"]))).all()
    assert known["probability_mcse"].gt(0.0).all()
    assert known["points"].abs().is_monotonic_decreasing


def test_nothing_adds_to_what_is_certain(fc: Forecast) -> None:
    sure = f"{BROKEN} or not {BROKEN}"
    known = vz.leave_out(fc, sure, refit=False).table.query("path != ''")
    assert len(known) > 5
    assert (known["probability"] == 1.0).all()
    assert (known["points"] == 0.0).all()
    assert not known["clear"].any()


def test_an_agreement_leaves_as_in_the_table_of_the_record(fc: Forecast) -> None:
    record = vz.by_record(fc, BROKEN).agreements
    table = vz.leave_out(fc, BROKEN, [f"agreement:{name}" for name in record.index], refit=False).table
    for column in ("n", "points", "mcse", "path", "khat", "clear"):
        assert table[column].tolist() == record[column].tolist(), column


def test_readings_are_among_the_draws(half: Forecast) -> None:
    table = vz.leave_out(half, BROKEN, ["partial:broken", "partial:kept"]).table
    assert set(table["path"]) == {"readings"}
    assert isinstance(Blocks(half).all["partial:kept"], Reading)
    assert half.simulated.draws == 800  # four hundred of each reading
    share = half.weights.shares(_happens(half))[0]
    assert table.loc["partial:broken", "probability"] == pytest.approx(share[:400].mean())
    assert table.loc["partial:kept", "probability"] == pytest.approx(share[400:].mean())
    assert table["points"].sum() == pytest.approx(0.0, abs=1e-9)  # pooled in equal parts
    assert table["khat"].isna().all()


def _happens(fc: Forecast) -> np.ndarray:
    from vzforecast.events import evaluate, parse_event  # noqa: PLC0415

    return evaluate(parse_event(BROKEN, fc.vocabulary), fc.simulated)


def test_readings_of_a_weighted_forecast(half: Forecast) -> None:
    """Draws and paths keep the weight that they have within the reading."""
    judged = vz.update(half, [vz.LikelihoodJudgement(date=AS_OF, event=BROKEN, ratio=4.0)])
    table = vz.leave_out(judged, BROKEN, ["partial:broken"]).table
    plain = half.weights.shares(_happens(half))[0][:400].mean()
    assert table.loc["partial:broken", "probability"] == pytest.approx(4 * plain / (1 + 3 * plain))


def test_a_stack_is_taken_apart() -> None:
    stack = island_stack()
    found = vz.leave_out(stack, BROKEN, refit=False).table
    known = found[found["path"] != ""]
    assert len(known) > 5
    assert known["mcse"].gt(0.0).any()
    assert known.loc["coupling", "n"] is pd.NA


def test_a_term_leaves_the_members_of_a_stack_that_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of four have no influence: they stay as they are, on the paths that they have, and none counts otherwise."""
    monkeypatch.setattr("vzforecast.explaining.removing.MIN_ESS_PER_CHAIN", 1.0)  # a member has 120 draws
    stack = island_stack()
    assert stack.averaged is not None
    block = removal(stack, "leverage:wardens")
    assert block.term is not None
    free = np.array(["influence" in terms for terms in stack.averaged.members.values()])
    assert free.sum() == 2
    nats = block.nats().reshape(4, -1)
    assert (np.ptp(nats, axis=1) == 0.0).tolist() == free.tolist()
    left = left_out(stack, nats.ravel()).weights.reshape(4, -1)
    assert left.sum(axis=1) == pytest.approx(stack.averaged.in_force)
    assert left[free] == pytest.approx(np.repeat(stack.averaged.in_force[free] / 120, 120).reshape(2, 120))
    told = (retold(stack, draws, stack.known) for draws in (stack.draws, block.term.out_of(stack.draws)))
    few, bare = (one.weights.shares(_happens(one))[0].reshape(4, -1) for one in told)
    assert np.array_equal(few[free], bare[free])
    assert not np.array_equal(few[~free], bare[~free])
    added = stack.averaged.in_force @ few.mean(axis=1) - (left * bare).sum()
    line = vz.leave_out(stack, BROKEN, block.name, refit=False).table.loc[block.name]
    assert line["path"] == "reweight"
    assert line["points"] == pytest.approx(100 * added)
    assert line["probability"] == pytest.approx(stack.probability(BROKEN).mean - added)


@pytest.mark.usefixtures("distrusted")
def test_members_of_a_stack_count_after_a_refit_as_before() -> None:
    """As where weights do without one: no past month is fitted again for other stacking weights."""
    stack = island_stack()
    assert stack.averaged is not None
    with no_sampling() as fitted:
        line = vz.leave_out(stack, BROKEN, "record", cache=False).table.loc["record"]
    assert line["path"] == "refit"
    bare = case_of(stack, "record")
    cases = [bare.without(*terms) for terms in stack.averaged.members.values()]
    assert [case.digest for case in fitted] == [case.digest for case in cases]
    each = [synthetic_forecast(case, seed=1, places=stack.known.places, **SHAPE) for case in cases]
    expected = stack.averaged.in_force @ [one.probability(BROKEN).mean for one in each]
    assert line["probability"] == pytest.approx(expected)


@pytest.mark.usefixtures("distrusted")
def test_what_is_not_to_be_trusted_is_blank_or_refitted(fc: Forecast, refits: Refits) -> None:
    blank = vz.leave_out(fc, BROKEN, refit=False)
    assert set(blank.table["path"]) == {""}
    assert blank.table[["probability", "probability_mcse", "points", "mcse"]].isna().all(axis=None)
    assert not blank.table["clear"].any()
    assert not refits.calls
    assert blank.text.splitlines()[1].startswith("  no number by weights, refit=True gives one: record (k-hat 0.90), ")


@pytest.mark.usefixtures("distrusted")
def test_a_refit_takes_the_place_of_weights_that_fail(fc: Forecast, refits: Refits) -> None:
    judged = vz.update(fc, [vz.LikelihoodJudgement(date=AS_OF, event=BROKEN, ratio=4.0)])
    names = ["record", "agreement:truce_2021", "coupling", "low_confidence", "partial:kept"]
    found = vz.leave_out(judged, BROKEN, names, cache=False, progress=False).table
    assert set(found["path"]) == {"refit"}
    assert [call["known"].digest for call in refits.calls] == [case_of(judged, name).digest for name in names]
    assert {(call["cache"], call["progress"]) for call in refits.calls} == {(False, False)}
    # draws from priors that are the same, with what was judged: nothing is left of the difference
    for name in ("record", "agreement:truce_2021", "low_confidence", "partial:kept"):
        assert found.loc[name, "points"] == pytest.approx(0.0, abs=1e-9)
        assert found.loc[name, "mcse"] == pytest.approx(100 * 2**0.5 * judged.probability(BROKEN).mcse)
    assert found["khat"].tolist() == [0.9] * len(names)


def test_a_refit_is_finished_by_weights(fc: Forecast, refits: Refits, monkeypatch: pytest.MonkeyPatch) -> None:
    """One prior stands for the doubts about all factions: what a refit leaves of one is weighted out."""
    seen = []

    def left_out(given: Forecast, nats: np.ndarray) -> Left:
        seen.append(given.case.digest)
        return Left(np.full(len(nats), 1.0 / len(nats)), 0.9 if len(seen) == 1 else 0.3, safe=len(seen) > 1)

    monkeypatch.setattr("vzforecast.explaining.removing.left_out", left_out)
    line = vz.leave_out(fc, BROKEN, "leverage:wardens").table.iloc[0]
    assert line["path"] == "refit"
    assert seen == [fc.case.digest, case_of(fc, "leverage:wardens").digest]
    assert len(refits.calls) == 1


@pytest.mark.usefixtures("distrusted", "refits")
def test_a_refit_that_cannot_be_finished_gives_no_figure(fc: Forecast) -> None:
    line = vz.leave_out(fc, BROKEN, "leverage:wardens").table.iloc[0]
    assert line["path"] == ""
    assert np.isnan(line["points"])
    told = "weights cannot take what is left of it out of a refit: k-hat 0.90 is not below 0.62"
    assert line["why_not"] == told


@pytest.mark.usefixtures("distrusted")
@pytest.mark.parametrize("block", ["record", "leverage:wardens"])
def test_a_refit_that_fails_its_diagnostics_gives_no_figure(
    fc: Forecast, block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Refits(draws=50, paths=2, report=failing_report())
    monkeypatch.setattr("vzforecast.explaining.refits.fit_known", failed)
    found = vz.leave_out(fc, BROKEN, block, cache=False)
    line = found.table.iloc[0]
    assert (line["path"], line["clear"]) == ("", False)
    assert line[["probability", "points", "mcse"]].isna().all()
    why_not = f"the refit failed its diagnostics: {failing_report().text}"
    assert line["why_not"] == why_not
    assert found.text.splitlines()[1:] == [f"  no number for {block}: {why_not}"]


def test_weights_of_too_few_draws_are_refused(fc: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    """k-hat passes by luck where hardly any draw is left."""
    monkeypatch.setattr("vzforecast.explaining.removing.left_out", of_few(99))  # of two chains, each with fifty
    found = vz.leave_out(fc, BROKEN, "record", refit=False)
    assert found.table.loc["record", ["path", "why_not"]].tolist() == ["", "ESS 99 is below 100"]
    assert found.text.splitlines()[1] == "  no number by weights, refit=True gives one: record (ESS 99 is below 100)"
    monkeypatch.setattr("vzforecast.explaining.removing.left_out", of_few(101))
    line = vz.leave_out(fc, BROKEN, "record", refit=False).table.iloc[0]
    assert line[["path", "why_not"]].tolist() == ["reweight", ""]


@pytest.mark.usefixtures("distrusted")
def test_a_refit_under_an_intervention_is_refused(fc: Forecast) -> None:
    pushed = vz.intervene(fc, influence={"wardens": 0.1})
    with pytest.raises(vz.InterventionError) as caught:
        vz.leave_out(pushed, BROKEN, "record")
    assert str(caught.value) == (
        "1 fault in the intervention:\n"
        "  intervention: ('from 2024-04-16 to 2024-12-31: wardens +10 points of influence'): a fit says what will be, "
        "and not what would be under an intervention; take refit=False, or ask the forecast that it was made from"
    )
    assert set(vz.leave_out(pushed, BROKEN, "record", refit=False).table["path"]) == {""}


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        (
            ["record", "leverage:warden"],
            "blocks: this forecast has no block 'leverage:warden'; did you mean leverage:wardens? choose from record, ",
        ),
        ("partial:broken", "blocks: this forecast has no block 'partial:broken'; did you mean "),
        ([], "blocks is empty; choose from record, agreement:harbour_2018, "),
    ],
    ids=["unknown", "what it is already", "none"],
)
def test_blocks_that_there_are_not(fc: Forecast, blocks: list[str] | str, says: str) -> None:
    with pytest.raises(vz.ExplainError) as caught:
        vz.leave_out(fc, BROKEN, blocks, refit=False)
    assert str(caught.value).startswith(says)
    assert all(name in str(caught.value) for name in NAMES)


def test_an_event_that_does_not_parse(fc: Forecast) -> None:
    with pytest.raises(vz.EventError):
        vz.leave_out(fc, "ever(fishing_truce = sunk) by 2024-12-31")


def test_blocks_are_chosen_once_each(fc: Forecast) -> None:
    found = vz.leave_out(fc, BROKEN, iter(["coupling", "record", "coupling"]), refit=False)
    assert sorted(found.table.index) == ["coupling", "record"]
    whole = vz.leave_out(fc, BROKEN, refit=False).table
    pd.testing.assert_frame_equal(found.table, whole.loc[found.table.index])


def test_nothing_is_changed(fc: Forecast) -> None:
    draws = {name: values.copy() for name, values in fc.draws.items()}
    times, digest, seen = fc.simulated.times.copy(), fc.case.digest, fc.scenarios()
    vz.leave_out(fc, BROKEN, refit=False)
    assert all(np.array_equal(values, draws[name]) for name, values in fc.draws.items())
    assert np.array_equal(fc.simulated.times, times)
    assert (fc.case.digest, fc.revision, fc.intervened) == (digest, None, None)
    pd.testing.assert_frame_equal(fc.scenarios(), seen)


def test_report(fc: Forecast) -> None:
    found = vz.leave_out(fc, BROKEN, refit=False)
    assert [field.name for field in fields(found)] == ["event", "as_of", "probability", "table"]
    assert (found.table.index.name, found.table.columns.tolist()) == ("block", COLUMNS)
    assert str(found) == found.text
    assert repr(found) == f"<Support of {BROKEN}, {len(NAMES)} blocks>"
    lines = found.text.splitlines()
    assert lines[0] == f"{BROKEN}: {found.probability.mean:.1%} as of {AS_OF}"
    assert lines[1] == "What it rests on, in points by which it would be lower without:"
    first = found.table.iloc[0]
    assert lines[2].startswith(f"  {first['points']:+.1f}  ")
    assert f" {first['probability']:.1%} (by reweight, error {first['mcse']:.1f})" in lines[2]


def test_every_kind_in_words(fc: Forecast) -> None:
    def told(*names: str) -> str:
        return vz.leave_out(fc, BROKEN, names, refit=False).text

    assert "the whole record of promises (5 rows): without " in told("record")
    assert "what truce_2024 taught (1 row): without " in told("agreement:truce_2024")
    assert "leverage of wardens: without " in told("leverage:wardens")
    assert "couplings between outcomes: without " in told("coupling")
    assert "the code regime_threat of promises: without " in told("covariate:regime_threat")
    assert "rows coded with low confidence (1 row): without " in told("low_confidence")
    assert "how partial promises are read (1): all as kept " in told("partial:kept")


def test_a_failed_fit_says_so() -> None:
    failed = synthetic_forecast(skeleton(), AS_OF, draws=50, paths=2, report=failing_report())
    with pytest.warns(vz.UnconvergedWarning):
        assert "FAILED FIT" in vz.leave_out(failed, BROKEN, "coupling", refit=False).text
