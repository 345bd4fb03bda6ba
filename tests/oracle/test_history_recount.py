"""The rows of the embedded case against a recount from its CSV files, by a plain program that shares no code with it.

Compared are, for every reference class and every hazard of every outcome, the total exposure and the number of events.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from helpers.cases import embedded
from vzforecast.history import build_history

MONTH = 30.4375
DAYS = ["2025-02-05", "2025-03-04", "2025-03-24", "2025-04-30", "2025-08-31", "2025-12-31"]
TERMS = {  # first day, and the day after the last
    "obama": ("2009-01-20", "2017-01-20"),
    "trump1": ("2017-01-20", "2021-01-20"),
    "biden": ("2021-01-20", "2025-01-20"),
    "trump2": ("2025-01-20", "9999-12-31"),
}
STARTS = {
    "chevron_licence": "2025-01-20",
    "sanctions": "2025-01-20",
    "deportation_flights": "2025-01-31",
    "detained_americans": "2025-01-31",
    "maduro_exit": "2025-01-20",
    "formal_relief": "2025-01-20",
}
GONE = {"winddown", "revoked", "lapsed"}
Totals = dict[object, tuple[float, float]]


@pytest.fixture(scope="module")
def tables(root: Path) -> dict[str, list[dict[str, str]]]:
    files = (root / "priors" / "venezuela-2025").glob("*.csv")
    return {
        file.stem: list(csv.DictReader(file.read_text(encoding="utf-8").splitlines(keepends=True))) for file in files
    }


def days(start: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def commitments(tables: dict[str, list[dict[str, str]]], form: str, as_of: str) -> Iterator[tuple[float, int]]:
    signed = {row["agreement_id"]: row["signed"] for row in tables["agreements"]}
    known = {row["agreement_id"] for row in tables["agreements"] if (row["published"] or row["signed"]) <= as_of}
    for row in tables["commitments"]:
        if row["form"] != form or row["own_history_of"] or row["agreement_id"] not in known:
            continue
        breached_later = not row["resolved_on"] and row["first_breach"] > as_of
        if row["result"] == "unresolved" and not breached_later:
            continue
        resolved = row["result"] if row["resolved_on"] <= as_of and not breached_later else ""
        broken = resolved in ("broken", "partial")
        if form == "one_off":
            if resolved:
                yield MONTH, int(broken)
        else:
            end = (row["first_breach"] or row["resolved_on"]) if broken else row["resolved_on"] if resolved else as_of
            yield max(days(signed[row["agreement_id"]], end), 0.5), int(broken)


def licences(tables: dict[str, list[dict[str, str]]], as_of: str) -> Iterator[tuple[float, int]]:
    """Walk each series day by day: at risk from a grant to the end; one event a cut. GL 41 belongs to its outcome."""
    series = defaultdict(list)
    for row in tables["licences"]:
        if not row["own_history_of"] and row["issued"] <= as_of:
            series[row["series"]].append(row)
    for name, rows in series.items():
        stop = STARTS["chevron_licence"] if name == "GL 41" else as_of
        at_risk, expiry, risk, events = False, "", 0, 0
        decisions = {row["issued"]: row for row in rows}
        assert len(decisions) == len(rows), "two decisions of one series on one day need thought"
        day = min(decisions)
        while day <= stop:
            if day in decisions:
                row = decisions[day]
                events += at_risk and row["decision"] in GONE | {"narrowed"}
                at_risk = row["decision"] not in GONE
                expiry = "" if row["self_renewing"] == "1" else row["new_expiry"]
            if at_risk and expiry and day >= expiry:
                at_risk = False
            risk += at_risk and day < stop
            day = str(date.fromisoformat(day) + timedelta(days=1))
        yield risk, events


def actions(tables: dict[str, list[dict[str, str]]], direction: str, as_of: str) -> Iterator[tuple[float, int]]:
    """First steps of each administration since there was anything to count; this one's months belong to the outcome."""
    since = {"tighten": "2014-01-01", "ease": "2017-08-24"}[direction]
    for administration, (start, end) in TERMS.items():
        if administration == "trump2" or end <= since:
            continue
        first = min(
            (
                row["date"]
                for row in tables["actions"]
                if row["administration"] == administration
                and row["direction"] == direction
                and not row["own_history_of"]
                and (int(row["severity"]) == 3 or (row["sectoral"] == "1" and int(row["severity"]) == 2))
            ),
            default="",
        )
        yield days(max(start, since), first or min(end, as_of)), int(bool(first))


def counts(tables: dict[str, list[dict[str, str]]], process: str, as_of: str) -> Iterator[tuple[float, int]]:
    for row in tables["counts"]:
        if row["process"] == process and row["published"] <= as_of:
            yield float(row["exposure"]) * MONTH, int(row["events"])


def outcomes(tables: dict[str, list[dict[str, str]]], as_of: str) -> Totals:
    """Days in each state, and changes out of it."""
    totals: Totals = {}
    for outcome, start in STARTS.items():
        changes = sorted(
            row["date"] for row in tables["transitions"] if row["outcome"] == outcome and row["published"] <= as_of
        )
        for number, (first, last) in enumerate(zip([start, *changes], [*changes, as_of], strict=True)):
            hazard = (("onset", "recovery")[number % 2], outcome)
            risk, events = totals.get(hazard, (0, 0))
            totals[hazard] = (risk + days(first, last), events + (number < len(changes)))
    return totals


def recount(tables: dict[str, list[dict[str, str]]], as_of: str) -> Totals:
    rows = {
        "defection_one_off": commitments(tables, "one_off", as_of),
        "defection_flow": commitments(tables, "flow", as_of),
        "licence": licences(tables, as_of),
        "pressure": actions(tables, "tighten", as_of),
        "relief": actions(tables, "ease", as_of),
    }
    named = ("licence_restored", "sanctions_lifted", "flights_resumed", "releases_resumed", "leader_exit")
    rows |= {process: counts(tables, process, as_of) for process in (*named, "relief_withdrawn")}
    listed = {process: list(found) for process, found in rows.items()}
    totals: Totals = {p: (sum(r for r, _ in found), sum(e for _, e in found)) for p, found in listed.items()}
    return totals | outcomes(tables, as_of)


@pytest.mark.parametrize("as_of", DAYS)
def test_exposure_and_events(tables: dict[str, list[dict[str, str]]], as_of: str) -> None:
    found: dict[object, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in build_history(embedded().known_on(as_of)).rows.itertuples():
        total = found[(row.transition, row.outcome) if row.outcome else row.process]
        total[0] += row.exposure * MONTH
        total[1] += row.events
    expected = {key: total for key, total in recount(tables, as_of).items() if any(total)}
    assert set(found) == set(expected)
    for key, total in expected.items():
        assert found[key] == pytest.approx(list(total), abs=1e-6), key


@pytest.mark.parametrize("as_of", DAYS)
def test_every_one_off_is_one_row_of_one_promise(tables: dict[str, list[dict[str, str]]], as_of: str) -> None:
    rows = build_history(embedded().known_on(as_of)).rows
    own = rows[rows["process"] == "defection_one_off"]
    assert (own["exposure"] == 1.0).all()
    assert len(own) == len(list(commitments(tables, "one_off", as_of)))


def test_the_recount_sees_something(tables: dict[str, list[dict[str, str]]]) -> None:
    totals = recount(tables, "2025-08-31")
    assert totals["leader_exit"] == (26376 * MONTH, 45)
    assert totals["onset", "deportation_flights"][1] == 1
    assert all(events > 0 for _, events in (totals[p] for p in ("licence", "pressure", "relief", "defection_flow")))
