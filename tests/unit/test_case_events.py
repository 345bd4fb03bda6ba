"""Events that case.toml gives a name: optional, carried with the case, and those that ship are sound."""

import datetime as dt
import json
import re
from pathlib import Path

from helpers.cases import edited_skeleton, embedded, skeleton
from vzforecast.case import Case, load_case, new_case
from vzforecast.events import parse_event

NAMED = "[events]\nlost = 'ever(ferry_permit = withdrawn) by 2024-12-31'\nkept = 'not lost'\n\n[tension]"


def named() -> Case:
    return edited_skeleton({"case.toml": [(r"\[tension\]", NAMED)]})


def test_a_case_without_any_is_saved_as_before_there_were_any() -> None:
    payload = skeleton().to_payload()
    assert not skeleton().spec.events
    assert "events" not in json.loads(payload["case.json"])["spec"]
    assert Case.from_payload(payload).digest == skeleton().digest
    # Nor does the order of the keys tell: what was saved by an earlier version has the digest of today.
    assert list(json.loads(payload["case.json"])["spec"])[-3:] == ["scenarios", "headline", "sources"]


def test_named_events_belong_to_the_case() -> None:
    case = named()
    assert dict(case.spec.events) == {"lost": "ever(ferry_permit = withdrawn) by 2024-12-31", "kept": "not lost"}
    assert case.digest != skeleton().digest
    assert case.priors_digest == skeleton().priors_digest
    for one in (case, case.known_on("2024-04-15")):
        again = Case.from_payload(one.to_payload())
        assert again.digest == one.digest
        assert dict(again.spec.events) == dict(one.spec.events)
    assert str(parse_event("kept", case.spec.vocabulary)) == "not ever(ferry_permit = withdrawn) by 2024-12-31"


def test_the_vocabulary_holds_outcomes_their_starts_and_the_span() -> None:
    names = named().spec.vocabulary
    assert names.outcomes == {"ferry_permit": ("in_force", "withdrawn"), "fishing_truce": ("held", "broken")}
    assert names.starts == {"ferry_permit": dt.date(2024, 1, 1), "fishing_truce": dt.date(2024, 3, 1)}
    assert (names.origin, names.horizon) == (dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    assert list(names.events) == ["lost", "kept"]


def test_the_commented_events_of_a_new_case_are_good_ones(tmp_path: Path) -> None:
    file = new_case(tmp_path / "mine") / "case.toml"
    text = file.read_text(encoding="utf-8")
    shown, count = re.subn(r"(# \[events\]\n(?:# .*\n)+)", lambda found: found[0].replace("# ", ""), text)
    assert count == 1
    file.write_text(shown, encoding="utf-8")
    case = load_case(file.parent)
    assert list(case.spec.events) == ["permit_lost_for_a_month", "truce_first", "worst_case"]
    assert str(parse_event("worst_case", case.spec.vocabulary)) == (
        "held(ferry_permit = withdrawn, days = 30) by 2024-12-31 and state(fishing_truce = broken) on 2024-12-31"
    )


def test_the_embedded_events_are_sound() -> None:
    names = embedded().spec.vocabulary
    assert {name: str(parse_event(name, names)) for name in names.events} == {
        "flights_halted_14_days": "held(deportation_flights = halted, days = 14) by 2025-06-30",
        "caracas_breaks_first": (
            "first(deportation_flights = halted) before first(sanctions = re_escalated) by 2025-12-31"
        ),
        "licence_lost_and_sanctions_back": (
            "ever(chevron_licence = suspended) by 2025-12-31 and ever(sanctions = re_escalated) by 2025-12-31"
        ),
    }
