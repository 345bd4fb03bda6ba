"""What the summary of a forecast is to show: optional, and what the skeleton says of it is true."""

import datetime as dt
import re
from pathlib import Path

from vzforecast.case import Case, load_case, new_case


def test_a_case_without_a_headline_is_valid(tmp_path: Path) -> None:
    assert load_case(new_case(tmp_path / "case")).spec.headline is None


def test_the_commented_headline_of_the_skeleton_is_valid(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "case")
    text = (folder / "case.toml").read_text(encoding="utf-8")
    head, rest = text.split("# [headline]\n")
    block = re.sub(r"^# (?=\w+ = )", "", rest, flags=re.MULTILINE)
    (folder / "case.toml").write_text(f"{head}[headline]\n{block}", encoding="utf-8")
    headline = load_case(folder).spec.headline
    assert headline is not None
    assert (headline.process, headline.level, headline.leave_out) == ("promise_one_off", "prisoners", "harbour_2018")


def test_the_embedded_case_shows_migration_flights_and_leaves_barbados_out() -> None:
    headline = load_case().spec.headline
    assert headline is not None
    assert headline.model_dump() == {
        "process": "defection_flow",
        "grouping": "kind",
        "level": "migration_flights",
        "leave_out": "barbados_2023",
        "scenario": "detente",
    }


def test_a_saved_case_keeps_its_headline_and_a_cut_one_stays_valid() -> None:
    case = load_case().known_on(dt.date(2025, 2, 5))
    case.validate()
    assert Case.from_payload(case.to_payload()).spec.headline == case.spec.headline
