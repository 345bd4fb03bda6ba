"""The tables that can be scored, those that cannot, and what is printed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vzforecast.errors import ScoreError, SettingsError, VzForecastError
from vzforecast.scoring import (
    brier_score,
    log_score,
    passage_score,
    pool_odds,
    ranked_probability_score,
    score,
    skill,
)

GOOD = pd.DataFrame(
    {
        "question": ["a", "b", "a", "b"],
        "forecaster": ["model", "model", "coin", "coin"],
        "probability": [0.8, 0.3, 0.5, 0.5],
        "resolution": [1, 0, 1, 0],
        "note": ["left", "alone", "", None],
    }
)


def refused(table: object, **options: object) -> str:
    with pytest.raises(ScoreError) as caught:
        score(table, **options)  # type: ignore[arg-type]
    assert isinstance(caught.value, VzForecastError)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


def test_means_by_hand() -> None:
    found = score(GOOD)
    assert found.index.tolist() == ["coin", "model"]
    assert found["brier"].tolist() == pytest.approx([0.25, (0.04 + 0.09) / 2])
    assert found["log_score"].tolist() == pytest.approx([np.log(2), -(np.log(0.8) + np.log(0.7)) / 2])
    row = skill(GOOD, "coin").loc[("model", "coin", "brier")]
    assert row["difference"] == pytest.approx(0.065 - 0.25)
    assert row["skill"] == pytest.approx(1 - 0.065 / 0.25)


def test_every_form_of_a_table_gives_the_same_numbers(tmp_path: Path) -> None:
    path = tmp_path / "record.csv"
    GOOD.to_csv(path, index=False)
    kinds = {"question": object, "probability": object, "resolution": object}
    others = {
        "file": path,
        "its name": str(path),
        "objects": GOOD.astype(kinds),
        "text": pd.read_csv(path, dtype=str),
        "true and false": GOOD.assign(resolution=GOOD["resolution"] == 1),
        "index": GOOD.set_index(["question", "forecaster"]),
        "categories": GOOD.astype({"question": "category", "forecaster": "category"}),
        "numbers for questions": GOOD.assign(question=[1, 2, 1, 2]),
    }
    expected = score(GOOD).to_csv()
    assert {name: score(other).to_csv() == expected for name, other in others.items()} == dict.fromkeys(others, True)


def test_what_nobody_knows_is_counted_and_not_scored() -> None:
    more = GOOD.assign(question=["c", "d", "c", "d"], resolution=[None, "", None, ""])
    found = score(pd.concat([GOOD.astype(object), more]))
    assert found["unresolved"].tolist() == [2, 2]
    assert found["brier"].tolist() == score(GOOD)["brier"].tolist()
    assert "as the resolution is blank: 4 forecasts (coin 2, model 2)" in found.text


def test_a_forecaster_with_nothing_resolved_has_blanks() -> None:
    found = score(pd.concat([GOOD, GOOD.iloc[:1].assign(forecaster="late", question="z", resolution=np.nan)]))
    assert found.loc["late", ["n", "questions", "unresolved", "floored"]].tolist() == [0, 0, 1, 0]
    assert found.loc["late", ["brier", "brier_lower", "log_score", "uncertainty"]].isna().all()
    assert "What n shows (late): nothing is resolved" in found.text
    against = skill(pd.concat([GOOD, GOOD.iloc[:1].assign(forecaster="late", question="z", resolution=np.nan)]), "late")
    assert against.loc[("model", "late", "brier"), "n"] == 0
    assert np.isnan(against.loc[("model", "late", "brier"), "difference"])


def test_one_question_gives_no_interval() -> None:
    found = score(GOOD[GOOD["question"] == "a"])
    assert found[["brier_lower", "brier_upper"]].isna().all(axis=None)
    assert "1 question cannot tell skill from luck" in found.text


def test_blocks_may_be_made_by_another_column() -> None:
    table = GOOD.assign(episode=["x", "x", "x", "y"])
    found = score(table, by="episode")
    assert np.isnan(found.loc["model", "brier_lower"])  # one block
    assert not np.isnan(found.loc["coin", "brier_lower"])
    assert found.attrs["by"] == "episode"
    assert "whole blocks of one episode" in found.text
    assert "by ('epsode'): no such column; did you mean episode?" in refused(table, by="epsode")


def test_seed_and_floor() -> None:
    table = pd.DataFrame({"question": range(30), "probability": np.linspace(0, 1, 30), "resolution": [0, 1] * 15})
    assert score(table, seed=1).equals(score(table, seed=1))
    assert not score(table, seed=1).equals(score(table, seed=2))
    strict, loose = score(table, floor=0.001), score(table, floor=0.1)
    assert strict["floored"].item() == 2
    assert loose["floored"].item() == 6
    assert loose["log_score"].item() < strict["log_score"].item()
    assert loose["brier"].item() == strict["brier"].item()
    assert "count as from 0.1 to 0.9" in loose.text
    assert "floor ('0'): out of range; give a number above 0 and below 0.5" in refused(table, floor=0.0)
    assert "floor ('0.5')" in refused(table, floor=0.5)


def test_all_faults_at_once_with_their_rows() -> None:
    table = pd.DataFrame(
        {
            "question": ["a", "", "c", "d", "e", "f", "g"],
            "as_of": ["2025-01-01", "2025-01-01", "May", None, "2025-01-01", "2025-01-01", "2025-01-01"],
            "probability": [1.2, 0.5, None, -0.1, float("inf"), 60, "much"],
            "resolution": [0, 1, 2, "yes", 0.5, None, 1],
        },
        index=list("tuvwxyz"),
    )
    said = "give a number from 0 to 1, such as 0.6 for 60%"
    known = "give 1 for yes, 0 for no, or leave it blank until it is known"
    assert refused(table).splitlines() == [
        "5 faults in what is to be scored:",
        "  table: row u, column question: blank; write one in every row",
        "  table: rows v and w, column as_of ('May'): not a day; write YYYY-MM-DD in every row",
        f"  table: rows v and z, column probability: not a number; {said}",
        f"  table: rows t, w, x and 1 more, column probability ('1.2'): out of range; {said}",
        f"  table: rows v, w and x, column resolution ('2'): neither 0 nor 1; {known}",
    ]


def test_twice_and_two_ways() -> None:
    twice = pd.concat([GOOD, GOOD], ignore_index=True)
    assert "rows 0 and 4 ('a'): two forecasts of one question by one forecaster (4 such rows in all)" in refused(twice)
    dated = GOOD.assign(as_of="2025-01-01")
    other_day = pd.concat([dated, dated.assign(as_of="2025-01-02")])
    assert score(other_day)["n"].tolist() == [4, 4]
    assert "on one as-of date" in refused(pd.concat([dated, dated], ignore_index=True))
    # The same day in two spellings is one day.
    mixed = pd.concat([dated, dated.assign(as_of=pd.Timestamp("2025-01-01"))], ignore_index=True)
    assert "on one as-of date" in refused(mixed)
    assert "rows 0 and 2 ('a'): resolved in two ways" in refused(GOOD.assign(resolution=[1, 0, 0, 0]))
    assert "resolved in two ways" in refused(GOOD.assign(resolution=[1, 0, None, 0]))


def test_a_line_of_another_length_hides_no_other_fault(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("question,probability,resolution\na,0.5\nb,50%,1\nc,0.5,yes\n", encoding="utf-8")
    assert [line.split("; ")[0].removeprefix(f"  {path}: ") for line in refused(path).splitlines()[1:]] == [
        "row 2: 2 cells where the header has 3",
        "row 3, column probability ('50%'): not a number",
        "row 4, column resolution ('yes'): neither 0 nor 1",
    ]
    path.write_text("question,probability,resolution\na,0.5\nb,0.5,1\n", encoding="utf-8")
    assert "row 2: 2 cells where the header has 3" in refused(path)  # though the rest could be scored


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_other_separators_are_named(mark: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"question{mark}probability{mark}resolution\na{mark}0.5{mark}1\n", encoding="utf-8")
    remedy = "separate them by commas, and write 0.5 with a point"
    assert refused(path).splitlines()[1:] == [f"  {path}: file: its cells are separated by {name}; {remedy}"]


def test_a_column_in_capitals_is_pointed_out() -> None:
    said = "header ('resolution'): column missing; write resolution in place of Resolution"
    assert said in refused(GOOD.rename(columns={"resolution": "Resolution"}))


@pytest.mark.parametrize("kind", ["datetime64[ns]", "timedelta64[ns]", "complex128"])
def test_days_and_complex_numbers_are_no_numbers(kind: str) -> None:
    zeros = pd.Series([0, 0, 0, 0]).astype(kind)
    assert "column probability" in refused(GOOD.assign(probability=zeros))
    assert "column resolution" in refused(GOOD.assign(resolution=zeros))


def test_seeds_that_cannot_be_are_refused() -> None:
    for call in (lambda: score(GOOD, seed=-1), lambda: skill(GOOD, "coin", seed=-1)):
        with pytest.raises(SettingsError, match="seed is -1; give a whole number from 0 to 4294967295"):
            call()


def test_columns_and_files(tmp_path: Path) -> None:
    assert "header ('resolution'): column missing" in refused(GOOD.drop(columns="resolution"))
    assert "header ('forcaster'): taken for forecaster" in refused(GOOD.rename(columns={"forecaster": "forcaster"}))
    doubled = pd.concat([GOOD, GOOD[["probability"]]], axis=1)
    assert "header ('probability'): column given twice" in refused(doubled)
    assert "there is no forecast" in refused(GOOD.iloc[:0])
    assert "give the path of a CSV file, or a DataFrame" in refused([0.5])
    assert "no such file" in refused(tmp_path / "none.csv")
    for content, message in (
        (b"", "the file is empty; begin it with the header question,probability,resolution"),
        (b"question,probability,resolution\n", "there is no forecast"),
        (b"question,probability,resolution\na,0.5\n", "row 2: 2 cells where the header has 3"),
        (b'question,probability,resolution\n"a,0.5,1\n', "not readable as CSV"),
        (b"question,probability,resolution\n\xff,0.5,1\n", "not UTF-8 text"),
    ):
        path = tmp_path / "bad.csv"
        path.write_bytes(content)
        assert message in refused(path)


def test_references() -> None:
    with pytest.raises(ScoreError, match=r"forecaster \('con'\): not in the table; did you mean coin\?"):
        skill(GOOD, "con")
    with pytest.raises(ScoreError, match="there is nobody to compare"):
        skill(GOOD[GOOD["forecaster"] == "coin"], "coin")
    both = skill(GOOD, ["coin", "model"])
    assert both.index.droplevel("score").unique().tolist() == [("model", "coin"), ("coin", "model")]
    perfect = GOOD.assign(probability=[0.8, 0.3, 1.0, 0.0])
    assert np.isnan(skill(perfect, "coin").loc[("model", "coin", "brier"), "skill"])


def test_a_table_prints_its_notes_and_what_is_cut_from_it_is_plain() -> None:
    found = score(GOOD)
    assert repr(found) == found.text
    assert "from 2 questions a share of yes near one half is known to 58 points either way" in str(found)
    assert "one-sided" in found._repr_html_()
    assert type(found[["n", "brier"]]) is pd.DataFrame
    assert "one-sided" not in repr(found[["n", "brier"]])
    assert "brier" in found.drop(columns="n").to_string()


REFUSED = [
    (lambda: brier_score(1.00001, 1), r"probability \('1.00001'\): out of range"),
    (lambda: brier_score(np.nan, 1), "probability"),
    (lambda: log_score(0.5, 0.5), "neither 0 nor 1"),
    (lambda: ranked_probability_score([0.5, 0.4], 0), r"\('0.9'\): a distribution does not sum to one"),
    (lambda: ranked_probability_score([1.000005, 0.0], 0), "out of range"),
    (lambda: ranked_probability_score([0.5, 0.5], 2), "give whole numbers from 0 to 1"),
    (lambda: ranked_probability_score([0.5, 0.5], 1.0), "not the number of a category"),
    (lambda: passage_score([1.0, np.nan], 1.0, 5.0), r"times \('nan'\)"),
    (lambda: passage_score([1.0, 2.0], -1.0, 5.0), r"observed \('-1'\)"),
    (lambda: passage_score([1.0, 2.0], 1.0, np.inf), r"end \('inf'\)"),
    (lambda: passage_score([1.0, 2.0], 1.0, 5.0, [0.0, 0.0]), "weights"),
    (lambda: pool_odds([]), "give one number a forecaster"),
    (lambda: pool_odds([0.5, 1.5]), r"probability \('1.5'\): out of range"),
    (lambda: pool_odds([0.5], [1.0, 1.0]), "not usable as weights"),
    (lambda: pool_odds([0.5], extremise=0.0), r"extremise \('0'\)"),
    (lambda: pool_odds([0.0, 1.0]), "two are certain of opposites"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_arrays_that_cannot_be_scored(call: object, message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        call()  # type: ignore[operator]


def test_certainty_decides_a_pool() -> None:
    assert pool_odds([0.0, 0.5]) == 0.0
    assert pool_odds([1.0, 0.5]) == 1.0
    assert pool_odds([0.0, 0.5], [0.0, 1.0]) == 0.5
