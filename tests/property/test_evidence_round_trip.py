"""Evidence of any content survives every file format, and the table of a case."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.cases import skeleton
from helpers.evidence import any_item, batches, labels, prose
from vzforecast.case import Case
from vzforecast.errors import EvidenceError
from vzforecast.evidence import KINDS, Evidence, Signal, in_order, parse_item, read_evidence, write_evidence


@pytest.mark.parametrize("suffix", [".csv", ".toml", ".json"])
@given(items=batches())
def test_what_is_written_reads_back_the_same(suffix: str, items: list[Evidence]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = read_evidence(write_evidence(items, Path(folder) / f"news{suffix}"))
    assert found == tuple(items)
    assert [repr(one) for one in found] == [repr(one) for one in items]


@given(item=any_item())
def test_an_item_is_made_again_from_what_was_given(item: Evidence) -> None:
    assert KINDS[item.type](**item.given()) == item
    nameless = {name: value for name, value in item.given().items() if name != "id"}
    assert KINDS[item.type](**nameless).id.startswith(f"{item.type}-{item.date}-")


@given(item=any_item())
def test_an_item_can_be_typed_in_a_line(item: Evidence) -> None:
    def typed(value: object) -> str:
        quoted = str(value).replace("'", "'\"'\"'")
        return f"'{quoted}'"

    line = " ".join([item.type, *(f"{name}={typed(value)}" for name, value in item.given().items())])
    assert parse_item(line) == item


@given(items=batches())
def test_the_canonical_order_is_one(items: list[Evidence]) -> None:
    assert in_order(reversed(items)) == in_order(items)
    assert in_order(in_order(items)) == in_order(items)


def is_value(text: str) -> bool:
    """Tell a text from what tables read as the lack of one."""
    return text.lower() not in {"nan", "nat", "null", "n/a", "#n/a", "<na>"}


some_prose, some_labels = prose.filter(is_value), labels.filter(is_value)


@given(
    headline=some_prose, note=some_prose, source=some_prose, kind=some_labels, actor=st.one_of(st.none(), some_labels)
)
def test_any_text_lives_in_a_table(headline: str, note: str, source: str, kind: str, actor: str | None) -> None:
    words = {"headline": headline, "note": note, "source": source, "kind": kind, "actor": actor}
    item = Signal(id="x", date="2024-04-20", faction="wardens", **words)
    case = skeleton().known_on("2024-04-15").with_evidence([item])
    assert Case.from_payload(case.to_payload()).digest == case.digest
    row = case.tables["news"].iloc[-1]
    expected = (item.note, item.kind, item.actor or "", item.source or "not given")
    assert (row["note"], row["kind"], row["actor"], row["source"]) == expected
    assert row["headline"] == (item.headline or f"{item.kind}, favours wardens")


@pytest.mark.parametrize("text", ["NAN", "n/a", "<NA>"])
def test_a_text_that_says_there_is_none_is_refused_in_a_table(text: str) -> None:
    with pytest.raises(EvidenceError, match="not a value; give the value, or drop the item"):
        skeleton().known_on("2024-04-15").with_evidence(
            [Signal(id="x", date="2024-04-20", faction="wardens", kind=text)]
        )
