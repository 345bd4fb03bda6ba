"""Coherence of stated probabilities: textbook cases, what is said of them, and what is refused."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vzforecast as vz
from helpers.cases import embedded
from helpers.synthetic import failing_report, synthetic_forecast
from vzforecast.case import Case
from vzforecast.convergence import UnconvergedWarning
from vzforecast.errors import CoherenceError
from vzforecast.forecast import Forecast
from vzforecast.stated import CoherenceReport, coherence

SANCTIONS = "ever(sanctions = re_escalated) by 2025-06-30"
LICENCE = "ever(chevron_licence = suspended) by 2025-06-30"
OUT = "state(maduro_exit = out) on 2025-12-31"
BOTH = f"{SANCTIONS} and {LICENCE}"


@pytest.fixture(scope="module")
def known() -> Case:
    return embedded().known_on("2025-02-05")


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(embedded(), "2025-02-05", draws=100, paths=10)


def found(report: CoherenceReport) -> list[tuple[str, str, float]]:
    """Return kind, events and points of each broken rule."""
    table = report.incoherences
    return [(row["kind"], row["events"], round(row["points"], 6)) for row in table.to_dict(orient="records")]


# --- Textbook cases --------------------------------------------------------------------------------------------------


def test_linda_the_bank_teller(known: Case) -> None:
    """Tversky and Kahneman (Psychological Review 90 (1983) 293-315): a conjunction thought likelier than its part."""
    report = coherence(known, {SANCTIONS: 0.3, BOTH: 0.5})
    assert found(report) == [("implies", f"{BOTH}; {SANCTIONS}", 20.0)]
    # Nearest: the two are equal, and half way.
    np.testing.assert_allclose(report.nearest["coherent"], [0.4, 0.4], atol=1e-12)
    assert report.distance == pytest.approx(0.1)
    assert report.atoms == 3
    assert not report.ok


def test_an_event_and_its_opposite(known: Case) -> None:
    """de Finetti (1974, Theory of Probability, 3.3): P(A) + P(not A) = 1, or money can be made of whoever says so."""
    report = coherence(known, {SANCTIONS: 0.6, f"not {SANCTIONS}": 0.6})
    assert found(report) == [("partition", f"{SANCTIONS}; not {SANCTIONS}", 20.0)]
    np.testing.assert_allclose(report.nearest["coherent"], [0.5, 0.5], atol=1e-12)
    assert report.nearest["change"].to_list() == pytest.approx([-0.1, -0.1])


def test_three_that_exclude_each_other_and_exhaust_sum_to_one(known: Case) -> None:
    first, later = "ever(sanctions = re_escalated) by 2025-03-31", "ever(sanctions = re_escalated) by 2025-12-31"
    parts = {first: 0.5, f"{later} and not {first}": 0.4, f"not {later}": 0.2}
    report = coherence(known, parts)
    assert found(report) == [("partition", "; ".join(parts), 10.0)]
    np.testing.assert_allclose(report.nearest["coherent"], np.array([0.5, 0.4, 0.2]) - 0.1 / 3, atol=1e-12)
    low = coherence(known, dict(zip(parts, (0.5, 0.3, 0.1), strict=True)))
    assert found(low) == [("partition", "; ".join(parts), 10.0)]


def test_a_later_deadline_is_no_less_likely_and_a_chain_is_told_by_neighbours(known: Case) -> None:
    chain = [f"ever(sanctions = re_escalated) by 2025-{month}" for month in ("03-31", "06-30", "09-30", "12-31")]
    report = coherence(known, dict(zip(chain, (0.5, 0.4, 0.3, 0.6), strict=True)))
    assert found(report) == [
        ("implies", f"{chain[0]}; {chain[1]}", 10.0),
        ("implies", f"{chain[1]}; {chain[2]}", 10.0),
    ]
    # Isotonic regression: the first three are pooled.
    np.testing.assert_allclose(report.nearest["coherent"], [0.4, 0.4, 0.4, 0.6], atol=1e-12)


def test_two_steps_within_the_tolerance_may_be_too_much_together(known: Case) -> None:
    chain = [f"ever(sanctions = re_escalated) by 2025-{month}" for month in ("03-31", "06-30", "09-30")]
    report = coherence(known, dict(zip(chain, (0.508, 0.5, 0.492), strict=True)))
    assert found(report) == [("implies", f"{chain[0]}; {chain[2]}", 1.6)]


def test_being_there_on_a_day_implies_having_been_there(known: Case) -> None:
    report = coherence(known, {"state(sanctions = re_escalated) on 2025-06-30": 0.4, SANCTIONS: 0.3})
    assert [kind for kind, _, _ in found(report)] == ["implies"]


def test_boole_and_frechet_bounds(known: Case) -> None:
    """Fréchet (1935): P(A and B) >= P(A) + P(B) - 1. No pair is at fault, and no sum."""
    report = coherence(known, {SANCTIONS: 0.8, LICENCE: 0.7, BOTH: 0.4})
    assert found(report) == [("joint", f"{SANCTIONS}; {LICENCE}; {BOTH}", 10.0)]
    assert report.incoherences["rule"].item() == "P1 + P2 - P3 is at most 1 for numbers that go together"
    third = 0.1 / 3
    np.testing.assert_allclose(report.nearest["coherent"], [0.8 - third, 0.7 - third, 0.4 + third], atol=1e-12)


def test_two_causes_that_share_an_event_are_both_told(known: Case) -> None:
    early = "ever(sanctions = re_escalated) by 2025-03-31"
    report = coherence(known, {early: 0.85, SANCTIONS: 0.8, LICENCE: 0.7, BOTH: 0.4})
    assert found(report) == [
        ("implies", f"{early}; {SANCTIONS}", 5.0),
        ("joint", f"{SANCTIONS}; {LICENCE}; {BOTH}", 10.0),
    ]


def test_three_that_differ_pairwise_too_often(known: Case) -> None:
    """Boole (1854), as Bell (1964) needs it: of three yes-or-no things, at most two pairs differ at once."""
    halt = "ever(deportation_flights = halted) by 2025-06-30"
    a, b, c = SANCTIONS, LICENCE, halt

    def differ(one: str, other: str) -> str:
        return f"{one} and not {other} or {other} and not {one}"

    pairs = {differ(a, b): 0.8, differ(b, c): 0.8, differ(a, c): 0.8}
    report = coherence(known, pairs)
    assert found(report) == [("joint", "; ".join(pairs), 40.0)]
    np.testing.assert_allclose(report.nearest["coherent"], [2 / 3] * 3, atol=1e-12)


def test_one_of_two_that_cover_everything_must_happen(known: Case) -> None:
    either = {f"not {SANCTIONS} or {LICENCE}": 0.4, f"not {LICENCE} or {SANCTIONS}": 0.5}
    report = coherence(known, either)
    assert found(report) == [("exhaustive", "; ".join(either), 10.0)]
    np.testing.assert_allclose(report.nearest["coherent"], [0.45, 0.55], atol=1e-12)


def test_three_of_which_one_must_happen(known: Case) -> None:
    halt = "ever(deportation_flights = halted) by 2025-06-30"
    cover = {SANCTIONS: 0.3, LICENCE: 0.2, f"{halt} or not ({SANCTIONS} or {LICENCE})": 0.3}
    assert found(coherence(known, cover)) == [("exhaustive", "; ".join(cover), 20.0)]


def test_orders_in_time_exclude_each_other(known: Case) -> None:
    one, other = "first(sanctions = re_escalated)", "first(chevron_licence = suspended)"
    orders = [f"{one} before {other} by 2025-12-31", f"{other} before {one} by 2025-12-31"]
    assert found(coherence(known, dict.fromkeys(orders, 0.6))) == [("exclusive", "; ".join(orders), 20.0)]
    # Neither need happen, and both may on one day, so less than one is no fault.
    assert coherence(known, dict.fromkeys(orders, 0.1)).ok


def test_the_largest_exclusive_set_speaks_for_those_within_it(known: Case) -> None:
    by = "ever(sanctions = re_escalated) by 2025-{}".format
    early, late = by("03-31"), by("09-30")
    never = f"not {late} and {LICENCE}"
    report = coherence(known, {early: 0.65, late: 0.7, never: 0.5})
    assert found(report) == [("exclusive", f"{late}; {never}", 20.0)]


def test_what_has_happened_and_what_can_happen_no_more(known: Case) -> None:
    after = embedded().known_on("2025-04-30")
    stated = {
        "ever(sanctions = re_escalated) by 2025-04-30": 0.9,
        "state(sanctions = not_escalated) on 2025-04-30": 0.2,
    }
    report = coherence(after, stated)
    happened, _ = stated
    assert ("certain", happened, 10.0) in found(report)
    assert set(report.nearest["coherent"].round(12)) <= {0.0, 1.0}
    assert report.atoms == 1
    assert [kind for kind, _, _ in found(report)] == ["certain"] * 2
    assert coherence(known, stated).atoms > 1


def test_an_opposite_says_nothing_twice(known: Case) -> None:
    """B implies A; stated with the opposite of A, the same fault is not also one of excluding events."""
    stated = {SANCTIONS: 0.6, f"not {SANCTIONS}": 0.4, BOTH: 0.7}
    assert found(coherence(known, stated)) == [("implies", f"{BOTH}; {SANCTIONS}", 10.0)]


def test_the_same_event_in_other_words(known: Case) -> None:
    report = coherence(known, {BOTH: 0.3, f"{LICENCE} and {SANCTIONS}": 0.5})
    assert found(report) == [("implies", f"{LICENCE} and {SANCTIONS}; {BOTH}", 20.0)]


def test_rounded_numbers_are_coherent_within_their_tolerance(known: Case) -> None:
    stated = {SANCTIONS: 0.34, f"not {SANCTIONS}": 0.67}
    assert coherence(known, stated).ok
    assert not coherence(known, stated, tolerance=0.001).ok
    assert coherence(known, stated).nearest["coherent"].sum() == pytest.approx(1.0)


def test_events_with_names_are_what_they_stand_for(known: Case) -> None:
    flights = "ever(deportation_flights = halted) by 2025-06-16"
    report = coherence(known, {"flights_halted_14_days": 0.4, flights: 0.3})
    assert found(report) == [("implies", f"flights_halted_14_days; {flights}", 10.0)]


# --- A forecast ------------------------------------------------------------------------------------------------------


def test_a_forecasts_own_numbers_are_coherent(fc: Forecast) -> None:
    report = coherence(fc)
    assert report.ok
    assert np.abs(report.nearest["change"]).max() < 1e-9
    names = set(report.nearest["name"])
    assert {scenario.id for scenario in fc.case.spec.scenarios} <= names
    priced = fc.questions().query("why_not == ''")
    assert set(priced["event"].map(lambda text: fc.probability(text).mean).round(9)) <= set(
        report.nearest["stated"].round(9)
    )
    by = report.nearest.set_index("name")["stated"]
    assert by[fc.scenarios().index].to_list() == pytest.approx(fc.scenarios()["probability"].to_list())


def test_a_forecast_is_shown_beside_what_is_stated(fc: Forecast) -> None:
    report = coherence(fc, {SANCTIONS: 0.3, OUT: 0.2})
    assert report.nearest.columns.to_list() == ["stated", "coherent", "change", "model"]
    assert report.nearest.loc[OUT, "model"] == pytest.approx(fc.probability(OUT).mean)


def test_a_forecast_from_a_failed_fit_says_so() -> None:
    failed = synthetic_forecast(embedded(), "2025-02-05", draws=50, paths=2, report=failing_report())
    with pytest.warns(UnconvergedWarning, match="failed fit"):
        coherence(failed, {SANCTIONS: 0.3})


# --- The report ------------------------------------------------------------------------------------------------------


def test_the_report_in_words(known: Case) -> None:
    stated = pd.DataFrame({"event": [SANCTIONS, f"not {SANCTIONS}"], "probability": [0.6, 0.6], "name": ["", "calm"]})
    report = coherence(known, stated)
    assert str(report) == report.text
    assert report.text == (
        "As of 2025-02-05: 2 stated events, 2 possible worlds: not coherent, 1 rule broken.\n\n"
        "partition, by 20.0 points: exactly one of them happens, so they sum to 1\n"
        f"  P1 = 0.6  {SANCTIONS}\n"
        f"  P2 = 0.6  not {SANCTIONS}\n\n"
        "Nearest coherent numbers (root mean square change 10.00 points)\n"
        "  stated  coherent  change  event\n"
        f"   0.600     0.500  -0.100  {SANCTIONS}\n"
        f"   0.600     0.500  -0.100  calm: not {SANCTIONS}"
    )
    fine = coherence(known, {SANCTIONS: 0.6})
    assert fine.text.startswith("As of 2025-02-05: 1 stated event, 2 possible worlds: coherent.\n")
    assert "   0.600     0.600   0.000  ever" in fine.text


def test_the_names_of_the_tables(known: Case) -> None:
    report = coherence(known, {SANCTIONS: 0.6})
    assert report.incoherences.columns.to_list() == ["kind", "events", "stated", "rule", "points"]
    assert report.nearest.columns.to_list() == ["stated", "coherent", "change"]
    assert report.nearest.index.name == "event"


# --- Input -----------------------------------------------------------------------------------------------------------


def faults(known: Case, stated: object) -> list[str]:
    with pytest.raises(CoherenceError) as caught:
        coherence(known, stated)  # type: ignore[arg-type]
    return [str(fault) for fault in caught.value.faults]


def test_a_file_is_read_with_names_and_notes(known: Case, tmp_path: Path) -> None:
    file = tmp_path / "stated.csv"
    file.write_text(f"event,probability,name,note\n{SANCTIONS},.3,s,why\n{SANCTIONS},0.30,s,twice\n{BOTH},0.5,b,\n")
    for given in (file, str(file)):
        report = coherence(known, given)
        assert report.nearest.index.to_list() == [SANCTIONS, BOTH]
        assert report.nearest["name"].to_list() == ["s", "b"]
        assert report.nearest["stated"].to_list() == [0.3, 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "header: the file is empty; begin it with event,probability"),
        ("event,probability\n", "rows: no event is stated; state at least one, with its probability"),
        ("event,note\nx,1\n", "header ('probability'): column missing; add the column"),
        (f"event,probability,nmae\n{SANCTIONS},0.5,x\n", "header ('nmae'): unknown column; did you mean name?"),
        (f"event,probability\n{SANCTIONS},60\n", "row 2, column probability ('60'): out of range; give a number"),
        (f"event,probability\n{SANCTIONS},60%\n", "row 2, column probability ('60%'): not a number; give a number"),
        (f"event,probability\n{SANCTIONS},nan\n", "row 2, column probability ('nan'): not a number; give a number"),
        (f"event,probability\n{SANCTIONS},\n", "row 2, column probability: not a number; give a number"),
        (f"event,probability\n{SANCTIONS},0.2,3\n", "row 2: 3 cells where the header has 2; add or remove a comma"),
        ("event,probability\n,0.2\n", "row 2, column event: not an event; write it in the event language"),
        (
            f"event,probability\n{SANCTIONS},0.2\n\never(sanctions=re_escalated) by 2025-06-30,0.3\n",
            "row 4, column probability ('0.3'): the event has another number, 0.2, in row 2; keep one of them",
        ),
        (
            "event,probability\never(sanction = re_escalated) by 2025-06-30,0.2\n",
            "row 2, column event ('ever(sanction = re_escalated) by 2025-06-30'): column 6: unknown outcome 'sanction'",
        ),
    ],
    ids=[
        *("empty", "only a header", "no column", "unknown column", "out of range", "a percentage", "nan", "blank"),
        *("a comma too many", "no event", "twice", "misspelt"),
    ],
)
def test_faults_of_a_file(known: Case, tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "stated.csv"
    file.write_text(text, encoding="utf-8")
    (fault,) = faults(known, file)
    assert fault.startswith(f"{file}: {expected}")


def test_a_file_that_cannot_be_read(known: Case, tmp_path: Path) -> None:
    assert faults(known, tmp_path / "none.csv") == [f"{tmp_path / 'none.csv'}: file: no such file; check the path"]
    assert "cannot be read" in faults(known, tmp_path)[0]
    (tmp_path / "latin.csv").write_bytes(b"event,probability\n\xe9,1\n")
    assert "not UTF-8 text; save it as UTF-8" in faults(known, tmp_path / "latin.csv")[0]


def test_all_faults_of_a_table_are_told_at_once(known: Case) -> None:
    table = pd.DataFrame({"event": [SANCTIONS, 3, "ever("], "probability": [True, 1.5, 0.5]}, index=["a", "b", "c"])
    told = faults(known, table)
    assert [fault.split(" (")[0] for fault in told] == [
        "stated: row a, column probability",
        "stated: row b, column probability",
        "stated: row b, column event",
        "stated: row c, column event",
    ]
    assert "unknown column" in faults(known, table.assign(weight=1))[0]
    assert "column missing" in faults(known, table[["event"]])[0]


def test_a_mapping_names_the_event_at_fault(known: Case) -> None:
    assert faults(known, {SANCTIONS: -0.1})[0].startswith(
        f"stated: event '{SANCTIONS}', column probability ('-0.1'): out of range"
    )
    assert "no event is stated" in faults(known, {})[0]
    assert "nothing that probabilities can be read from" in faults(known, [SANCTIONS])[0]


def test_what_is_known_must_be_clear(known: Case) -> None:
    with pytest.raises(CoherenceError, match=r"venezuela-2025.*not cut to a day; cut it first"):
        coherence(embedded(), {SANCTIONS: 0.5})
    assert "a case states no probabilities" in faults(known, None)[0]
    with pytest.raises(CoherenceError, match=r"tolerance \('0.5'\): out of range"):
        coherence(known, {SANCTIONS: 0.5}, tolerance=0.5)


def test_too_many_worlds_are_refused_with_the_events_that_make_them(known: Case) -> None:
    days = pd.date_range("2025-02-10", "2025-12-20", periods=20).strftime("%Y-%m-%d")
    told = faults(known, {f"state(sanctions = re_escalated) on {day}": 0.5 for day in days})
    assert told[0].startswith("stated: events about sanctions: with 20 dates can happen in too many ways")
    assert told[0].endswith("state fewer of them at once, or with fewer dates or smaller counts")
    outcomes = [o.id for o in known.spec.outcomes if not o.recurrent]
    active = {o.id: o.active for o in known.spec.outcomes}
    every = " and ".join(f"state({o} = {active[o]}) on {day}" for o in outcomes for day in days[:4])
    told = faults(known, {every: 0.5})
    assert "1 events about several outcomes: see the outcomes in too many ways together" in told[0]


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    code = (
        "import sys, vzforecast.stated; "
        "assert not {'scipy', 'pymc', 'lark'} & set(sys.modules), sorted(set(sys.modules) & {'scipy', 'pymc', 'lark'})"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert vz.coherence is coherence
