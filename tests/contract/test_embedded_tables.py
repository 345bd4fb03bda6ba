"""The hand-coded tables of the embedded case are complete, unique by key and consistent with each other."""

import csv
from pathlib import Path
from typing import Final

import pandas as pd
import pytest

FOLDER: Final = Path(__file__).parents[2] / "priors" / "venezuela-2025"

# Rows of each table as of 31 August 2025. A change here is a change of the evidence: say why in the commit.
# transitions: five changes of three outcomes on record, four of detained_americans, one of formal_relief, two releases
# of Americans and two posts left.
# counts: one published study, twenty-one lines of dated spells (eight halts of flights by four countries), five of
# releases, nine of tenures, two of public licences.
EXPECTED_ROWS: Final = {
    "actors": 9,
    "agreements": 43,
    "commitments": 95,
    "licences": 66,
    "actions": 119,
    "news": 89,
    "transitions": 14,
    "questions": 28,
    "markets": 1,
    "flights": 23,
    "counts": 38,
}

COLUMNS: Final = {
    "actors": "actor,faction,role,from,to,office,proximity,salience,confidence,note",
    "agreements": "agreement_id,name,signed,published,counterpart,mediator,domain,relief_offered,summary,source,"
    "confidence",
    "commitments": "agreement_id,commitment_id,description,kind,form,form_reason,regime_threat,verifiable,due,result,"
    "first_breach,resolved_on,days_to_breach,relief_at_stake,own_history_of,source,confidence,note",
    "licences": "licence,series,version,issued,prev_expiry,new_expiry,decision,scope,administration,"
    "days_before_expiry,self_renewing,own_history_of,source,confidence,note",
    "actions": "date,administration,direction,kind,sectoral,severity,instrument,description,own_history_of,source,"
    "confidence,note",
    "news": "id,date,published,headline,kind,actor,faction,strength,is_decision,bears_on,direction,outcome,lean,"
    "episode,coding_reason,source,confidence,note",
    "transitions": "outcome,date,published,to,episode,confidence,note,source",
    "questions": "question_id,text,opened,horizon,outcome_id,event,why_not,resolution,resolved_on,source,confidence,"
    "note",
    "markets": "platform,question,question_url,date,probability,horizon,resolution,source,note",
    "flights": "month,flights,returnees,source,confidence,note",
    "counts": "process,level,group,published,events,exposure,unit,source,confidence,note",
}

KEYS: Final = {
    "actors": ["actor", "from"],
    "agreements": ["agreement_id"],
    "commitments": ["commitment_id"],
    "licences": ["licence", "version"],
    "actions": ["date", "direction", "instrument"],
    "news": ["id"],
    "transitions": ["outcome", "date"],
    "questions": ["question_id"],
    "markets": ["platform", "question", "date"],
    "flights": ["month"],
    "counts": ["process", "level", "published"],  # the embedded case has no use for the group to tell rows apart
}

DATES: Final = {
    "actors": ["from", "to"],
    "agreements": ["signed", "published"],
    "commitments": ["due", "first_breach", "resolved_on"],
    "licences": ["issued", "prev_expiry", "new_expiry"],
    "actions": ["date"],
    "news": ["date", "published"],
    "transitions": ["date", "published"],
    "questions": ["opened", "horizon", "resolved_on"],
    "markets": ["date", "horizon"],
    "counts": ["published"],
}

STATES: Final = {
    "chevron_licence": ("in_force", "suspended"),
    "sanctions": ("not_escalated", "re_escalated"),
    "deportation_flights": ("running", "halted"),
    "detained_americans": ("releasing", "stalled"),
    "maduro_exit": ("in_office", "out"),
    "formal_relief": ("no_easing", "eased"),
    "american_freed": ("none_freed", "freed"),
    "oil_licence_published": ("none_published", "published"),
    "rubio_secretary": ("in_post", "left"),
    "waltz_adviser": ("in_post", "left"),
    "claver_carone_envoy": ("in_post", "left"),
}
RECURRENT: Final = ("american_freed", "oil_licence_published")


def table(name: str) -> pd.DataFrame:
    """Read a table as text, a blank being the empty string."""
    return pd.read_csv(FOLDER / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8")


@pytest.mark.parametrize("name", EXPECTED_ROWS)
def test_a_table_has_the_expected_rows_and_columns(name: str) -> None:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == COLUMNS[name].split(",")
    assert len(rows) == EXPECTED_ROWS[name]
    assert {len(row) for row in rows} == {len(header)}
    assert len(table(name)) == EXPECTED_ROWS[name]


@pytest.mark.parametrize("name", EXPECTED_ROWS)
def test_a_file_is_utf8_with_unix_line_ends_and_no_stray_spaces(name: str) -> None:
    raw = (FOLDER / f"{name}.csv").read_bytes()
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert not raw.startswith(b"\xef\xbb\xbf")
    frame = table(name)
    assert all((frame[column] == frame[column].str.strip()).all() for column in frame)


@pytest.mark.parametrize("name", EXPECTED_ROWS)
def test_every_row_is_unique_by_its_key(name: str) -> None:
    frame = table(name)
    assert not frame.duplicated(KEYS[name]).any()
    assert all((frame[column] != "").all() for column in KEYS[name])


@pytest.mark.parametrize(("name", "column"), [(name, column) for name in DATES for column in DATES[name]])
def test_every_date_is_iso(name: str, column: str) -> None:
    values = table(name)[column]
    given = values[values != ""]
    assert given.str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()
    assert (pd.to_datetime(given, format="%Y-%m-%d").dt.strftime("%Y-%m-%d") == given).all()


@pytest.mark.parametrize("name", [name for name in EXPECTED_ROWS if "source" in COLUMNS[name].split(",")])
def test_every_row_names_its_source(name: str) -> None:
    frame = table(name)
    if name == "questions":  # a question still open has nothing to cite yet
        frame = frame[frame["resolution"] != ""]
    assert frame["source"].str.match(r"https?://\S+$").all()


@pytest.mark.parametrize("name", [name for name in EXPECTED_ROWS if "confidence" in COLUMNS[name].split(",")])
def test_every_row_states_its_confidence(name: str) -> None:
    frame = table(name)
    if name == "questions":
        assert (frame.loc[frame["resolution"] == "", "confidence"] == "").all()
        frame = frame[frame["resolution"] != ""]
    allowed = {"judgement"} if name == "actors" else {"high", "medium", "low"}
    assert set(frame["confidence"]) <= allowed


def test_news_is_coded_in_full() -> None:
    news = table("news")
    assert set(news["outcome"]) - {""} <= set(STATES)
    assert set(news["lean"]) == {"", "rest", "neither", "active"}
    assert ((news["outcome"] == "") == (news["lean"] == "")).all()
    assert set(news["faction"]) <= {"hardliners", "engagement", "oil", "none", "mixed"}
    assert set(news["strength"]) == {"1", "2", "3"}
    assert (news["published"] >= news["date"]).all()


@pytest.mark.parametrize(
    ("name", "column"), [("news", "coding_reason"), ("commitments", "form_reason")], ids=["news", "commitments"]
)
def test_every_coding_has_a_reason_of_its_own(name: str, column: str) -> None:
    reasons = table(name)[column]
    assert reasons.str.match(r"[A-Z0-9].{15,}\.$").all()
    assert reasons.is_unique


def test_an_episode_ties_several_rows() -> None:
    news = table("news")
    named = pd.concat([news["episode"], table("transitions")["episode"]])
    sizes = named[named != ""].value_counts()
    assert (sizes >= 2).all()


@pytest.mark.parametrize(
    ("announcement", "paper"),
    [
        ("trump_reverses_oil_concession", "gl41a_issued"),
        ("rubio_licence_will_expire", "gl41b_expires"),
        ("chevron_cleared_to_pump", "restricted_chevron_licence_issued"),
    ],
)
def test_an_announcement_and_its_paper_share_an_episode(announcement: str, paper: str) -> None:
    episodes = table("news").set_index("id")["episode"]
    assert episodes[announcement] == episodes[paper] != ""


def test_commitments_are_coded_in_full() -> None:
    rows = table("commitments")
    assert set(rows["agreement_id"]) == set(table("agreements")["agreement_id"])
    assert set(rows["form"]) == {"one_off", "flow"}
    assert set(rows["result"]) == {"kept", "partial", "broken", "unresolved", ""}
    assert rows.loc[rows["result"] == "", "commitment_id"].tolist() == ["fl_sustained"]
    judged = rows[rows["result"].isin(["kept", "partial", "broken"])]
    assert (judged["resolved_on"] != "").all()
    assert (rows.loc[rows["result"].isin(["kept", ""]), "first_breach"] == "").all()


def test_a_breach_is_dated_from_the_signature() -> None:
    rows = table("commitments").merge(table("agreements")[["agreement_id", "signed"]], on="agreement_id")
    breached = rows[rows["first_breach"] != ""]
    days = (pd.to_datetime(breached["first_breach"]) - pd.to_datetime(breached["signed"])).dt.days
    assert (days == breached["days_to_breach"].astype(int)).all()
    assert (rows.loc[rows["first_breach"] == "", "days_to_breach"] == "").all()
    for column in ("due", "first_breach", "resolved_on"):
        given = rows[rows[column] != ""]
        assert (given[column] >= given["signed"]).all()


def test_only_the_secret_memorandum_was_known_later_than_signed() -> None:
    agreements = table("agreements")
    late = agreements[agreements["published"] != ""]
    assert dict(zip(late["agreement_id"], late["published"], strict=True)) == {"qatar_mou_2023": "2024-08-01"}


@pytest.mark.parametrize(
    ("name", "date", "expected"),
    [
        ("commitments", "", {"deportation_flights": 4, "detained_americans": 2}),
        ("licences", "issued", {"chevron_licence": 5}),
        ("actions", "date", {"chevron_licence": 4, "sanctions": 2, "formal_relief": 1}),
    ],
    ids=["commitments", "licences", "actions"],
)
def test_own_history_is_of_this_term_and_of_a_known_outcome(name: str, date: str, expected: dict[str, int]) -> None:
    rows = table(name)
    own = rows[rows["own_history_of"] != ""]
    assert own["own_history_of"].value_counts().to_dict() == expected
    if date:
        assert (own[date] >= "2025-01-20").all()


def test_a_private_licence_has_a_series_for_its_holders() -> None:
    rows = table("licences")
    private = rows["licence"] == "specific licences"
    assert (rows.loc[~private, "series"] == rows.loc[~private, "licence"]).all()
    decisions = rows[private].groupby("series")["decision"].agg(list).to_dict()
    assert decisions == {
        "private: European partners": ["initial", "revoked"],
        "private: Trinidad gas": ["initial", "revoked"],
    }


def test_only_the_standing_chevron_licence_rolls_forward() -> None:
    rows = table("licences")
    assert set(rows["self_renewing"]) == {"0", "1"}
    rolling = rows[rows["self_renewing"] == "1"]
    assert rolling["version"].tolist() == ["41", "41 (auto-renewal)"]


def test_transitions_alternate_from_the_rest_state() -> None:
    rows = table("transitions")
    assert rows["published"].is_monotonic_increasing
    for outcome, group in rows.groupby("outcome"):
        rest, active = STATES[str(outcome)]
        if outcome in RECURRENT:
            assert set(group["to"]) == {active}
            continue
        expected = [(active, rest)[i % 2] for i in range(len(group))]
        assert group.sort_values("date")["to"].tolist() == expected


def test_a_transition_replaces_leans_of_its_own_outcome() -> None:
    news = table("news")
    for _, row in table("transitions").iterrows():
        if row["episode"] != "":
            leans = news[(news["episode"] == row["episode"]) & (news["outcome"] == row["outcome"])]
            assert len(leans) > 0


def test_counts_are_numbers_known_at_the_default_origin() -> None:
    rows = table("counts")
    assert (rows["published"] <= "2025-02-05").all()
    assert rows["events"].str.fullmatch(r"\d+").all()
    assert (rows["exposure"].astype(float) > 0).all()
    assert set(rows["unit"]) == {"months", "country-months"}
    study = rows.set_index("process").loc["leader_exit"]
    assert (study["events"], study["exposure"]) == ("45", str(168 * 157))


def test_numbers_keep_to_their_scales() -> None:
    actors = table("actors")[["office", "proximity", "salience"]].astype(float)
    assert actors.to_numpy().min() >= 0
    assert actors.to_numpy().max() <= 100
    assert set(table("commitments")["regime_threat"]) == {"0", "1", "2"}
    assert set(table("commitments")["relief_at_stake"]) == {"none", "minor", "major"}
    assert set(table("actions")["severity"]) == {"1", "2", "3"}
    assert set(table("actions")["sectoral"]) == {"0", "1"}
