"""What was known on a day: which rows stay, and which of their fields are still blank."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from vzforecast.case import Case, load_case, new_case
from vzforecast.case.asof import cut_tables
from vzforecast.case.csvfile import read_table
from vzforecast.case.tables import TABLES
from vzforecast.errors import DateError

DAY = dt.date(2024, 4, 15)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load_case(new_case(tmp_path_factory.mktemp("cases") / "case"))


def cut(case: Case, name: str, *rows: str, as_of: dt.date = DAY) -> pd.DataFrame:
    """Cut a case whose one table holds the rows given, cells in the usual order of columns."""
    schema = TABLES[name]
    reading = read_table(schema, "\n".join([",".join(schema.headers), *rows]))
    assert reading.frame is not None
    assert not reading.faults
    return cut_tables({**case.tables, name: reading.frame}, as_of)[name]


def test_actors_stay_from_their_first_day_and_their_end_is_unknown(case: Case) -> None:
    table = cut(
        case,
        "actors",
        "gone,wardens,r,2023-01-01,2024-04-15,1,1,1,high,",
        "leaves tomorrow,wardens,r,2023-01-01,2024-04-16,1,1,1,high,",
        "starts today,wardens,r,2024-04-15,,1,1,1,high,",
        "starts tomorrow,wardens,r,2024-04-16,,1,1,1,high,",
    )
    assert table["actor"].tolist() == ["gone", "leaves tomorrow", "starts today"]
    assert table["to"].isna().tolist() == [False, True, True]
    assert table["to"].iloc[0] == pd.Timestamp(DAY)


def test_agreements_are_known_when_published_or_else_signed(case: Case) -> None:
    table = cut(
        case,
        "agreements",
        "open,n,2024-04-15,,c,m,d,none,s,src,high",
        "later,n,2024-04-16,,c,m,d,none,s,src,high",
        "secret,n,2023-01-01,2024-08-01,c,m,d,none,s,src,high",
        "revealed,n,2023-01-01,2024-04-15,c,m,d,none,s,src,high",
    )
    assert table["agreement_id"].tolist() == ["open", "revealed"]


def commitment(name: str, result: str, breach: str, resolved: str, days: str, agreement: str = "truce_2021") -> str:
    return f"{agreement},{name},d,k,flow,why,0,1,,{result},{breach},{resolved},{days},none,,src,high,a note"


def test_commitments_reopen(case: Case) -> None:
    table = cut(
        case,
        "commitments",
        commitment("resolved today", "broken", "2024-01-01", "2024-04-15", "1036"),
        commitment("resolved tomorrow", "broken", "2024-01-01", "2024-04-16", "1036"),
        commitment("kept later", "kept", "", "2024-05-01", ""),
        commitment("still open", "", "", "", ""),
    ).set_index("commitment_id")
    later = ["result", "first_breach", "resolved_on", "days_to_breach", "note"]
    assert table.loc["resolved today", later].tolist() == [
        "broken",
        pd.Timestamp(2024, 1, 1),
        pd.Timestamp(DAY),
        1036.0,
        "a note",
    ]
    for name in ("resolved tomorrow", "kept later"):
        row = table.loc[name, later]
        assert row["result"] == row["note"] == ""
        assert row[["first_breach", "resolved_on", "days_to_breach"]].isna().all()
        assert table.loc[name, ["source", "confidence"]].tolist() == ["src", "high"]
    assert table.loc["still open", "note"] == "a note"


def test_a_later_breach_is_unknown_even_if_nothing_resolved_it(case: Case) -> None:
    row = cut(case, "commitments", commitment("never judged", "unresolved", "2024-05-01", "", "1157")).iloc[0]
    assert row["result"] == ""
    assert row["note"] == ""
    assert row[["first_breach", "days_to_breach"]].isna().all()


def test_commitments_of_unknown_agreements_are_unknown(case: Case) -> None:
    row = commitment("early", "kept", "", "2024-03-10", "", agreement="truce_2024")
    assert len(cut(case, "commitments", row, as_of=dt.date(2024, 3, 3))) == 1
    assert len(cut(case, "commitments", row, as_of=dt.date(2024, 3, 2))) == 0  # signed on the first, secret till then


def test_licences_by_issue(case: Case) -> None:
    table = cut(
        case,
        "licences",
        "L,L,today,2024-04-15,,2030-01-01,initial,s,marsh1,,0,,src,high,",
        "L,L,tomorrow,2024-04-16,,2030-01-01,initial,s,marsh1,,0,,src,high,",
    )
    assert table["version"].tolist() == ["today"]
    assert table["new_expiry"].tolist() == [pd.Timestamp(2030, 1, 1)]  # printed on the licence, so known


def test_actions_by_date(case: Case) -> None:
    table = cut(
        case,
        "actions",
        "2024-04-15,marsh1,ease,k,0,1,today,d,,src,high,",
        "2024-04-16,marsh1,ease,k,0,1,tomorrow,d,,src,high,",
    )
    assert table["instrument"].tolist() == ["today"]


def test_news_by_publication(case: Case) -> None:
    table = cut(
        case,
        "news",
        "today,2024-04-01,2024-04-15,h,k,,none,1,0,b,neutral,,,,r,src,high,",
        "leaked later,2024-04-01,2024-04-16,h,k,,none,1,0,b,neutral,,,,r,src,high,",
    )
    assert table["id"].tolist() == ["today"]


def test_transitions_by_publication(case: Case) -> None:
    table = cut(
        case,
        "transitions",
        "fishing_truce,2024-04-10,2024-04-15,broken,,high,,",
        "ferry_permit,2024-04-10,2024-04-16,withdrawn,,high,,",
    )
    assert table["outcome"].tolist() == ["fishing_truce"]


def test_counts_by_publication(case: Case) -> None:
    table = cut(
        case,
        "counts",
        "truce_restored,today,,2024-04-15,1,2,months,src,high,",
        "truce_restored,tomorrow,,2024-04-16,1,2,months,src,high,",
    )
    assert table["level"].tolist() == ["today"]


def test_questions_reopen(case: Case) -> None:
    table = cut(
        case,
        "questions",
        "resolved,t,2024-04-01,2024-12-31,,an event,,1,2024-04-15,src,high,n",
        "open,t,2024-04-15,2024-12-31,,an event,,0,2024-04-16,src,high,n",
        "not asked yet,t,2024-04-16,2024-12-31,,an event,,,,,,",
    ).set_index("question_id")
    assert table.index.tolist() == ["resolved", "open"]
    later = ["resolution", "resolved_on", "source", "confidence", "note"]
    assert table.loc["resolved", later].tolist() == [1.0, pd.Timestamp(DAY), "src", "high", "n"]
    row = table.loc["open"]
    assert row[["source", "confidence", "note"]].tolist() == ["", "", ""]
    assert row[["resolution", "resolved_on"]].isna().all()
    assert row["event"] == "an event"


def test_markets_are_unresolved_before_their_horizon(case: Case) -> None:
    table = cut(
        case,
        "markets",
        "P,due today,,2024-04-01,0.5,2024-04-15,1,src,",
        "P,due tomorrow,,2024-04-15,0.5,2024-04-16,1,src,",
        "P,quoted tomorrow,,2024-04-16,0.5,2024-04-30,1,src,",
    )
    assert table["question"].tolist() == ["due today", "due tomorrow"]
    assert table["resolution"].iloc[0] == 1.0
    assert pd.isna(table["resolution"].iloc[1])


@pytest.mark.parametrize(("day", "months"), [("2024-02-28", 1), ("2024-02-29", 2), ("2024-03-30", 2)])
def test_flights_when_the_month_is_over(case: Case, day: str, months: int) -> None:
    rows = [f"2024-0{month},1,1,src,high," for month in (1, 2, 3)]
    assert len(cut(case, "flights", *rows, as_of=dt.date.fromisoformat(day))) == months


def test_types_survive_even_where_no_row_does(case: Case) -> None:
    known = cut_tables(case.tables, dt.date(1900, 1, 1))
    for name in TABLES:
        assert len(known[name]) == 0
        assert known[name].dtypes.to_dict() == case.tables[name].dtypes.to_dict()


def test_rows_are_numbered_from_zero(case: Case) -> None:
    news = case.known_on("2024-03-03").tables["news"]
    assert news["id"].tolist() == ["captain_warns", "guild_dinner", "truce_signed"]
    assert news.index.tolist() == [0, 1, 2]


def test_the_last_day_leaves_everything_known(case: Case) -> None:
    known = case.known_on("2024-12-31")
    for name in TABLES:
        pd.testing.assert_frame_equal(known.tables[name], case.tables[name].reset_index(drop=True))


@pytest.mark.parametrize(
    "as_of",
    ["2024-04-15", dt.date(2024, 4, 15), pd.Timestamp("2024-04-15"), pd.Timestamp("2024-04-15").to_pydatetime()],
    ids=["text", "date", "Timestamp", "datetime"],
)
def test_days_in_any_form(case: Case, as_of: str | dt.date | pd.Timestamp) -> None:
    assert case.known_on(as_of).as_of == DAY


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        (
            "15/4/2024",
            "as-of date '15/4/2024' is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05",
        ),
        (
            "20240415",
            "as-of date '20240415' is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05",
        ),
        (
            "2024-04-31",
            "as-of date '2024-04-31' is not an ISO date; write it as YYYY-MM-DD, for example 2025-02-05",
        ),
        (
            pd.Timestamp("2024-04-15 12:00"),
            "as-of date 2024-04-15 12:00:00 has a time of day or a time zone; give the day alone",
        ),
        (
            pd.Timestamp("2024-04-15", tz="UTC"),
            "as-of date 2024-04-15 00:00:00+00:00 has a time of day or a time zone; give the day alone",
        ),
        (pd.NaT, "as-of date is not a time; give a day as YYYY-MM-DD, a date or a Timestamp"),
        (20240415, "as-of date 20240415 is not a date; give a day as YYYY-MM-DD, a date or a Timestamp"),
        (None, "as-of date None is not a date; give a day as YYYY-MM-DD, a date or a Timestamp"),
        (
            "2023-12-31",
            (
                "as-of date 2023-12-31 is before the origin of the case, 2024-01-01; "
                "choose a day from 2024-01-01 to 2024-12-31"
            ),
        ),
        (
            "2025-01-01",
            (
                "as-of date 2025-01-01 is after the horizon of the case, 2024-12-31; "
                "choose a day from 2024-01-01 to 2024-12-31"
            ),
        ),
        (
            "2024-02-29",
            (
                "as-of date 2024-02-29 is before the start of the outcome fishing_truce, 2024-03-01; "
                "choose a day from 2024-03-01 to 2024-12-31"
            ),
        ),
    ],
    ids=lambda value: str(value)[:24],
)
def test_days_refused(case: Case, as_of: str, message: str) -> None:
    with pytest.raises(DateError) as caught:
        case.known_on(as_of)
    assert str(caught.value) == message


def test_the_day_it_is_asked_on_is_given_or_that_of_the_cut_or_the_default(case: Case) -> None:
    cut = case.known_on("2024-04-20")
    assert case.known_when_asked().as_of == case.spec.default_as_of
    assert cut.known_when_asked() is cut
    assert cut.known_when_asked("2024-04-16").as_of == dt.date(2024, 4, 16)
    with pytest.raises(DateError, match="as-of date '' is not an ISO date"):
        case.known_when_asked("")


def test_a_cut_case_can_be_cut_further_but_not_back(case: Case) -> None:
    cut_twice = case.known_on("2024-06-01").known_on("2024-04-15")
    assert cut_twice == case.known_on("2024-04-15")
    with pytest.raises(DateError) as caught:
        case.known_on("2024-04-15").known_on("2024-06-01")
    assert str(caught.value) == (
        "as-of date 2024-06-01 cannot be asked: the case was cut to 2024-04-15 and knows nothing after it; "
        "cut the whole case instead"
    )


def test_the_embedded_case_on_its_default_day() -> None:
    case = load_case()
    known = case.known_on(case.spec.default_as_of)
    assert len(known.tables["transitions"]) == 0
    assert known.tables["news"]["published"].max() <= pd.Timestamp(2025, 2, 5)
    commitments = known.tables["commitments"].set_index("commitment_id")
    assert commitments.loc["gre_six_americans", "result"] == "kept"
    assert "qatar_mou_2023" in set(known.tables["agreements"]["agreement_id"])
    assert known.tables["actors"]["to"].isna().all()


def test_a_path_is_no_day(case: Case, tmp_path: Path) -> None:
    with pytest.raises(DateError, match="is not a date"):
        case.known_on(tmp_path)  # type: ignore[arg-type]
