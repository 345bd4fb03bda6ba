"""The rows of the embedded case against a recount from its CSV files, by a plain program that shares no code with it.

Compared are, for every reference class and every hazard of every outcome, the total exposure and the number of events.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from math import exp, log
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
    "american_freed": "2025-01-31",
    "oil_licence_published": "2025-01-20",
    "rubio_secretary": "2025-01-21",
    "waltz_adviser": "2025-01-20",
    "claver_carone_envoy": "2025-01-20",
}
RECURRENT = ("american_freed", "oil_licence_published")
ENDING = {("recovery", "chevron_licence")}
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


def next_day(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))


def last_whole_day(named: str) -> str:
    """Terms end at 12:01 a.m. of the day they name."""
    return str(date.fromisoformat(named) - timedelta(days=1))


def by_series(tables: dict[str, list[dict[str, str]]], as_of: str) -> dict[str, list[dict[str, str]]]:
    series = defaultdict(list)
    for row in tables["licences"]:
        if not row["own_history_of"] and row["issued"] <= as_of:
            series[row["series"]].append(row)
    return series


class Schedule:
    """Share, days and mean term of the decisions on a term of known end, by sums over a plain grid."""

    def __init__(self, tables: dict[str, list[dict[str, str]]], as_of: str) -> None:
        found = []
        for name, rows in by_series(tables, as_of).items():
            for one, following in pairwise(sorted(rows, key=lambda row: row["issued"])):
                if name == "GL 41" or one["decision"] in GONE or not one["new_expiry"]:
                    continue
                assert following["issued"] <= one["new_expiry"], "a decision after the end needs thought"
                last = last_whole_day(one["new_expiry"])
                decided = min(following["issued"], last)
                found.append((days(one["issued"], last), days(decided, last), days(one["issued"], decided)))
        self.mean = sum(served for _, _, served in found) / len(found)
        # log-odds 0 to 4 and 1.5 to 30 days as 90 % intervals, 1.6449 standard deviations to each side
        sums = [0.0, 0.0, 0.0]
        for a in range(-50, 51):
            for b in range(-50, 51):
                share = 1 / (1 + exp(-(2 + 2 / 1.6448536 * a / 10)))
                scale = exp((log(1.5) + log(30)) / 2 + log(20) / 2 / 1.6448536 * b / 10)
                weight = exp(-(a * a + b * b) / 200)
                for length, left, _ in found:
                    weight *= 100 * ((1 - share) / length + share * self.density(left, length, scale))
                sums = [old + weight * new for old, new in zip(sums, (1.0, share, scale), strict=True)]
        self.share, self.days = sums[1] / sums[0], sums[2] / sums[0]

    @staticmethod
    def density(left: float, length: float, scale: float) -> float:
        return exp(-left / scale) / scale / (1 - exp(-length / scale))

    def day(self, left: int, length: int, mean: float) -> float:
        """What the day that ends so many days before the end of a term counts as."""
        gathered = self.density(left, length, self.days) - self.density(left + 1, length, self.days)
        return 1 - self.share + self.share * mean * gathered * self.days


def licences(tables: dict[str, list[dict[str, str]]], as_of: str) -> Iterator[tuple[float, int]]:
    """Walk each series day by day: at risk from a grant to the end; one event a cut. GL 41 belongs to its outcome.

    A day counts as the schedule has it where the end is known; a term continued early counts to its last whole day.
    """
    law = Schedule(tables, as_of)
    for name, rows in by_series(tables, as_of).items():
        stop = STARTS["chevron_licence"] if name == "GL 41" else as_of
        granted, start, last, risk, events = False, "", "", 0.0, 0
        decisions = {row["issued"]: row for row in rows}
        assert len(decisions) == len(rows), "two decisions of one series on one day need thought"
        day = min(decisions)
        while day <= stop:
            if day in decisions:
                row = decisions[day]
                cut = row["decision"] in GONE | {"narrowed"}
                events += granted and cut  # of a term that ran out too: a loss may be recorded late
                if granted and last and not cut:
                    rest = range(days(day, last))
                    risk += sum(law.day(left, days(start, last), law.mean) - (1 - law.share) for left in rest)
                granted, start = row["decision"] not in GONE, day
                rolls_on = row["self_renewing"] == "1" or not row["new_expiry"]
                last = "" if rolls_on else last_whole_day(row["new_expiry"])
            if granted and day < stop and (not last or day < last):
                risk += law.day(days(day, last) - 1, days(start, last), law.mean) if last else 1
            day = next_day(day)
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
    """Days in each state, and changes out of it; while the licence winds down, as the end known that day has it."""
    totals: Totals = {}
    law = Schedule(tables, as_of)
    ends = [row for row in tables["schedule"] if row["kind"] == "wind_down_end" and row["published"] <= as_of]
    for outcome, start in STARTS.items():
        changes = sorted(
            row["date"] for row in tables["transitions"] if row["outcome"] == outcome and row["published"] <= as_of
        )
        for number, (first, last) in enumerate(zip([start, *changes], [*changes, as_of], strict=True)):
            hazard = ("onset" if outcome in RECURRENT else ("onset", "recovery")[number % 2], outcome)
            risk, events = totals.get(hazard, (0, 0))
            day = first
            while day < last:
                known = [row for row in ends if first <= row["published"] <= day] if hazard in ENDING else []
                end = max(known, key=lambda row: row["published"], default=None)
                last_whole = last_whole_day(end["date"]) if end else ""
                length = days(end["published"], last_whole) if end else 0
                risk += law.day(days(day, last_whole) - 1, length, length) if day < last_whole else 1
                day = next_day(day)
            totals[hazard] = (risk, events + (number < len(changes)))
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
    named += ("relief_withdrawn", "releases", "oil_licences", "post_left")
    rows |= {process: counts(tables, process, as_of) for process in named}
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
