"""CSV text to typed tables and back."""

import datetime as dt

import pandas as pd
import pytest

from vzforecast.case.csvfile import read_table, write_table
from vzforecast.case.tables import TABLES
from vzforecast.inputs.wording import choices, meant

FLIGHTS = TABLES["flights"]
HEADER = "month,flights,returnees,source,confidence,note\n"


def read(text: str) -> pd.DataFrame:
    reading = read_table(FLIGHTS, text)
    assert reading.faults == ()
    assert reading.frame is not None
    return reading.frame


def test_a_header_alone_is_an_empty_table() -> None:
    table = read(HEADER)
    assert len(table) == 0
    assert table.dtypes.astype(str).to_dict() == {
        "month": "datetime64[us]",
        "flights": "float64",
        "returnees": "float64",
        "source": "str",
        "confidence": "str",
        "note": "str",
    }


def test_quotes_commas_and_line_ends_survive() -> None:
    note = 'said "no", twice,\nand left'
    table = read(HEADER + '2024-01,1,,src,high,"said ""no"", twice,\nand left"\n2024-02,2,,src,high,\n')
    assert table["note"].tolist() == [note, ""]
    assert table.index.tolist() == [2, 4]
    again = read(write_table(FLIGHTS, table))
    pd.testing.assert_frame_equal(again.reset_index(drop=True), table.reset_index(drop=True))


def test_text_is_canonical_whatever_the_spelling() -> None:
    spelt = HEADER.replace("month,flights", "flights, month") + " +007 ,2024-01,,src,high,\n"
    assert write_table(FLIGHTS, read(spelt)) == HEADER + "2024-01,7,,src,high,\n"


def test_early_years_keep_their_digits() -> None:
    assert write_table(FLIGHTS, read(HEADER + "0987-01,1,,src,high,\n")) == HEADER + "0987-01,1,,src,high,\n"


def test_numbers_are_exact() -> None:
    schema = TABLES["markets"]
    text = f"{','.join(schema.headers)}\nP,q,,2024-01-01,0.1000000000000000055,2024-02-01,,,\n"
    table = read_table(schema, text).frame
    assert table is not None
    assert table["probability"].tolist() == [0.1]
    assert ",0.1," in write_table(schema, table)


def test_a_row_with_a_faulty_cell_keeps_the_others() -> None:
    reading = read_table(FLIGHTS, HEADER + "2024-01,many,3,src,high,\n2024-02,2,3,src,high,\n")
    assert reading.faulty == {2}
    assert reading.frame is not None
    assert reading.frame["returnees"].tolist() == [3.0, 3.0]
    assert pd.isna(reading.frame["flights"].iloc[0])
    assert reading.frame["month"].tolist() == [pd.Timestamp(dt.date(2024, month, 1)) for month in (1, 2)]


@pytest.mark.parametrize(
    ("value", "valid", "remedy"),
    [
        ("gas", ["hardliners", "oil"], "choose one of hardliners, oil"),
        ("hardliner", ["hardliners", "oil"], "did you mean hardliners? choose one of hardliners, oil"),
        ("a", [], "there is none to choose from"),
        ("id99", [f"id{n}" for n in range(13)], "did you mean id9? choose one of the 13 that exist"),
    ],
)
def test_choices(value: str, valid: list[str], remedy: str) -> None:
    assert choices(value, valid) == remedy


def test_meant_is_silent_without_a_close_name() -> None:
    assert meant("gas", ["hardliners"]) == ""


def test_a_file_may_do_without_an_optional_column() -> None:
    """Questions of before there was a column for why no event is bound."""
    schema = TABLES["questions"]
    headers = [name for name in schema.headers if name != "why_not"]
    cells = {"question_id": "q", "text": "Will it?", "opened": "2025-02-05", "horizon": "2025-03-01"}
    text = ",".join(headers) + "\n" + ",".join(cells.get(name, "") for name in headers) + "\n"
    reading = read_table(schema, text)
    assert reading.faults == ()
    assert reading.frame is not None
    assert list(reading.frame["why_not"]) == [""]
    assert list(reading.frame.columns) == list(schema.headers)
