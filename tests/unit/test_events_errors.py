"""Every error of the event language, letter by letter: what is wrong, where, and what would be right."""

from datetime import date

import pytest

from vzforecast.errors import EventError
from vzforecast.events import Vocabulary, parse_event, parse_open_event

NAMES = Vocabulary(
    {"chevron_licence": ("in_force", "suspended"), "sanctions": ("not_escalated", "re_escalated")},
    origin=date(2025, 1, 20),
    horizon=date(2025, 12, 31),
)
EVENT = "ever(sanctions = re_escalated)"
COUNT = "count(sanctions = re_escalated)"
FIRST = "first(sanctions = re_escalated)"
START = "'state', 'ever', 'count', 'first', 'held', 'not' or '('"

# Text, what comes before the place, the message.
CASES = {
    "empty": ("", "", f"expected {START}, but the text ends"),
    "blank": ("  ", "", f"expected {START}, but the text ends"),
    "unknown outcome": (
        "ever(chevron_license = suspended) by 2025-06-01",
        "ever(",
        "unknown outcome 'chevron_license'; did you mean 'chevron_licence'? valid: chevron_licence, sanctions",
    ),
    "nothing like it": (
        "ever(oil_price = high) by 2025-06-01",
        "ever(",
        "unknown outcome 'oil_price'; valid: chevron_licence, sanctions",
    ),
    "outcome in capitals": (
        f"{EVENT} by 2025-06-01 and ever(Sanctions = re_escalated) by 2025-06-01",
        f"{EVENT} by 2025-06-01 and ever(",
        "unknown outcome 'Sanctions'; did you mean 'sanctions'? valid: chevron_licence, sanctions",
    ),
    "unknown state": (
        "state(sanctions = escalated) on 2025-06-01",
        "state(sanctions = ",
        "unknown state of sanctions 'escalated'; did you mean 're_escalated'? valid: not_escalated, re_escalated",
    ),
    "state of another outcome": (
        "state(sanctions = suspended) on 2025-06-01",
        "state(sanctions = ",
        "unknown state of sanctions 'suspended'; valid: not_escalated, re_escalated",
    ),
    "impossible day": (f"{EVENT} by 2025-02-29", f"{EVENT} by ", "there is no day 2025-02-29"),
    "not ISO": (
        f"{EVENT} by 01/06/2025",
        f"{EVENT} by ",
        "'01/06/2025' is not a date of the form YYYY-MM-DD",
    ),
    "short ISO": (f"{EVENT} by 2025-6-1", f"{EVENT} by ", "'2025-6-1' is not a date of the form YYYY-MM-DD"),
    "basic ISO": (f"{EVENT} by 20250601", f"{EVENT} by ", "'20250601' is not a date of the form YYYY-MM-DD"),
    "a word for a date": (
        f"{EVENT} by June",
        f"{EVENT} by ",
        "expected a date (YYYY-MM-DD), found 'June'",
    ),
    "before the origin": (
        f"{EVENT} after 2025-01-19 by 2025-06-01",
        f"{EVENT} after ",
        "2025-01-19 is outside 2025-01-20 to 2025-12-31",
    ),
    "after the horizon": (
        f"{EVENT} by 2026-01-01",
        f"{EVENT} by ",
        "2026-01-01 is outside 2025-01-20 to 2025-12-31",
    ),
    "empty span": (
        f"{EVENT} after 2025-06-01 by 2025-06-01",
        f"{EVENT} after 2025-06-01 by ",
        "the deadline 2025-06-01 is not after 2025-06-01",
    ),
    "no deadline": (EVENT, EVENT, "expected 'by' and a date (YYYY-MM-DD)"),
    "no deadline after a start": (
        f"{EVENT} after 2025-06-01",
        f"{EVENT} after 2025-06-01",
        "expected 'by' and a date (YYYY-MM-DD)",
    ),
    "no day": (
        "state(sanctions = re_escalated)",
        "state(sanctions = re_escalated)",
        "expected 'on' and a date (YYYY-MM-DD)",
    ),
    "by instead of on": (
        "state(sanctions = re_escalated) by 2025-06-01",
        "state(sanctions = re_escalated) ",
        "expected 'on', found 'by'",
    ),
    "on instead of by": (f"{EVENT} on 2025-06-01", f"{EVENT} ", "expected 'after' or 'by', found 'on'"),
    "two equals signs": ("ever(sanctions == re_escalated)", "ever(sanctions =", "expected a state, found '='"),
    "open bracket": (
        "ever(sanctions = re_escalated by 2025-06-01",
        "ever(sanctions = re_escalated ",
        "expected ')', found 'by'",
    ),
    "unclosed": (
        f"({EVENT} by 2025-06-01",
        f"({EVENT} by 2025-06-01",
        "expected ')', but the text ends",
    ),
    "closed twice": (f"{EVENT} by 2025-06-01)", f"{EVENT} by 2025-06-01", "expected the end, found ')'"),
    "ends in and": (
        f"{EVENT} by 2025-06-01 and  ",
        f"{EVENT} by 2025-06-01 and",
        f"expected {START}, but the text ends",
    ),
    "words run together": (
        f"{EVENT} by 2025-06-01 andnot {EVENT} by 2025-06-01",
        f"{EVENT} by 2025-06-01 ",
        "expected 'and', 'or' or the end, found 'andnot'",
    ),
    "keyword in capitals": (f"Ever{EVENT[4:]} by 2025-06-01", "", f"expected {START}, found 'Ever'"),
    "a name that starts like a keyword": (
        "stately(sanctions = re_escalated)",
        "",
        f"expected {START}, found 'stately'",
    ),
    "another language": ("__import__('os').system('ls')", "", f"expected {START}, found '__import__'"),
    "a word alone": ("sanctions", "", f"expected {START}, found 'sanctions'"),
    "a keyword alone": ("ever", "ever", "expected '(', but the text ends"),
    "count without a number": (
        f"{COUNT} by 2025-06-01",
        f"{COUNT} by 2025-06-01",
        "expected '>=', but the text ends",
    ),
    "count with another comparison": (
        f"{COUNT} by 2025-06-01 > 2",
        f"{COUNT} by 2025-06-01 ",
        "expected '>=', found '>'",
    ),
    "count without a deadline": (f"{COUNT} >= 2", COUNT, "expected 'by' and a date (YYYY-MM-DD)"),
    "count on a day": (f"{COUNT} on 2025-06-01 >= 2", f"{COUNT} ", "expected 'after' or 'by', found 'on'"),
    "count of an empty span": (
        f"{COUNT} after 2025-06-01 by 2025-05-31 >= 2",
        f"{COUNT} after 2025-06-01 by ",
        "the deadline 2025-05-31 is not after 2025-06-01",
    ),
    "count of none": (
        f"{COUNT} by 2025-06-01 >= 0",
        f"{COUNT} by 2025-06-01 >= ",
        "'0' is not a whole number from 1 to 999999",
    ),
    "count of a half": (
        f"{COUNT} by 2025-06-01 >= 1.5",
        f"{COUNT} by 2025-06-01 >= ",
        "'1.5' is not a whole number from 1 to 999999",
    ),
    "count in words": (
        f"{COUNT} by 2025-06-01 >= two",
        f"{COUNT} by 2025-06-01 >= ",
        "expected a whole number, found 'two'",
    ),
    "count below none": (
        f"{COUNT} by 2025-06-01 >= -1",
        f"{COUNT} by 2025-06-01 >= ",
        "expected a whole number, found '-'",
    ),
    "count beyond counting": (
        f"{COUNT} by 2025-06-01 >= {'9' * 5000}",
        f"{COUNT} by 2025-06-01 >= ",
        f"'{'9' * 5000}' is not a whole number from 1 to 999999",
    ),
    "first of one": (f"{FIRST} by 2025-06-01", f"{FIRST} ", "expected 'before', found 'by'"),
    "first before something else": (
        f"{FIRST} before {EVENT} by 2025-06-01",
        f"{FIRST} before ",
        "expected 'first', found 'ever'",
    ),
    "first without a deadline": (
        f"{FIRST} before {FIRST}",
        f"{FIRST} before {FIRST}",
        "expected 'by' and a date (YYYY-MM-DD)",
    ),
    "first of an empty span": (
        f"{FIRST} before {FIRST} after 2025-06-01 by 2025-06-01",
        f"{FIRST} before {FIRST} after 2025-06-01 by ",
        "the deadline 2025-06-01 is not after 2025-06-01",
    ),
    "first after a day without a deadline": (
        f"{FIRST} before {FIRST} after 2025-06-01",
        f"{FIRST} before {FIRST} after 2025-06-01",
        "expected 'by' and a date (YYYY-MM-DD)",
    ),
    "first with a span too early": (
        f"{FIRST} after 2025-06-01 before {FIRST} by 2025-07-01",
        f"{FIRST} ",
        "expected 'before', found 'after'",
    ),
    "first of an unknown outcome": (
        f"{FIRST} before first(tariffs = on) by 2025-06-01",
        f"{FIRST} before first(",
        "unknown outcome 'tariffs'; valid: chevron_licence, sanctions",
    ),
    "held without days": (
        "held(sanctions = re_escalated) by 2025-06-01",
        "held(sanctions = re_escalated",
        "expected ', days = N', found ')'",
    ),
    "held with days unnamed": (
        "held(sanctions = re_escalated, 14) by 2025-06-01",
        "held(sanctions = re_escalated, ",
        "expected 'days = N', found '14'",
    ),
    "held for a while": (
        "held(sanctions = re_escalated, days = 2w) by 2025-06-01",
        "held(sanctions = re_escalated, days = ",
        "'2w' is not a whole number from 1 to 999999",
    ),
    "held in a state of another outcome": (
        "held(sanctions = suspended, days = 14) by 2025-06-01",
        "held(sanctions = ",
        "unknown state of sanctions 'suspended'; valid: not_escalated, re_escalated",
    ),
    "held without a deadline": (
        "held(sanctions = re_escalated, days = 14)",
        "held(sanctions = re_escalated, days = 14)",
        "expected 'by' and a date (YYYY-MM-DD)",
    ),
    "held on a day": (
        "held(sanctions = re_escalated, days = 14) on 2025-06-01",
        "held(sanctions = re_escalated, days = 14) ",
        "expected 'after' or 'by', found 'on'",
    ),
    "held in an empty span": (
        "held(sanctions = re_escalated, days = 14) after 2025-06-01 by 2025-05-01",
        "held(sanctions = re_escalated, days = 14) after 2025-06-01 by ",
        "the deadline 2025-05-01 is not after 2025-06-01",
    ),
    "held after the case": (
        "held(sanctions = re_escalated, days = 14) after 2026-01-01 by 2025-12-31",
        "held(sanctions = re_escalated, days = 14) after ",
        "2026-01-01 is outside 2025-01-20 to 2025-12-31",
    ),
    "days of what is not held": (
        "ever(sanctions = re_escalated, days = 14) by 2025-06-01",
        "ever(sanctions = re_escalated",
        "expected ')', found ','",
    ),
    "a comment": (
        f"{EVENT} by 2025-06-01 # why",
        f"{EVENT} by 2025-06-01 ",
        "expected 'and', 'or' or the end, found '#'",
    ),
}


def shown(text: str, before: str, message: str) -> str:
    return f"event, column {len(before) + 1}: {message}\n  {text}\n  {' ' * len(before)}^"


@pytest.mark.parametrize(("text", "before", "message"), CASES.values(), ids=CASES.keys())
def test_errors_point_at_the_place_and_name_what_would_be_right(text: str, before: str, message: str) -> None:
    with pytest.raises(EventError) as error:
        parse_event(text, NAMES)
    assert str(error.value) == shown(text, before, message)


@pytest.mark.parametrize(
    ("word", "before"),
    [
        ("on", "state(sanctions = re_escalated) on "),
        ("by", f"{EVENT} by "),
        ("by", f"{FIRST} before {FIRST} by "),
        ("by", "held(sanctions = re_escalated, days = 14) by "),
    ],
    ids=["state", "ever", "first", "held"],
)
def test_an_open_event_refuses_a_deadline_of_its_own(word: str, before: str) -> None:
    with pytest.raises(EventError) as error:
        parse_open_event(f"{before}2025-06-01", NAMES)
    message = f"leave out '{word} 2025-06-01': this event takes its deadline from elsewhere"
    assert str(error.value) == shown(f"{before}2025-06-01", before, message)


def test_an_open_event_is_not_told_to_name_a_deadline() -> None:
    with pytest.raises(EventError) as error:
        parse_open_event(f"{EVENT} in 2025-06-01", NAMES)
    message = "expected 'after', 'and', 'or' or the end, found 'in'"
    assert str(error.value) == shown(f"{EVENT} in 2025-06-01", f"{EVENT} ", message)


def test_an_open_count_refuses_a_deadline_and_asks_for_its_number() -> None:
    with pytest.raises(EventError) as error:
        parse_open_event(f"{COUNT} by 2025-06-01 >= 2", NAMES)
    message = "leave out 'by 2025-06-01': this event takes its deadline from elsewhere"
    assert str(error.value) == shown(f"{COUNT} by 2025-06-01 >= 2", f"{COUNT} by ", message)
    with pytest.raises(EventError) as error:
        parse_open_event(COUNT, NAMES)
    assert str(error.value) == shown(COUNT, COUNT, "expected 'after' or '>=', but the text ends")


def test_the_text_is_shown_on_one_line_with_the_caret_under_the_place() -> None:
    text = "ever(sanctions = re_escalated)\n\tby 2025-06-01\nand state(tariffs = on) on 2025-06-01"
    with pytest.raises(EventError) as error:
        parse_event(text, NAMES)
    _, line, caret = str(error.value).split("\n")
    assert line[caret.index("^") :].startswith("tariffs")


def test_length_has_a_limit() -> None:
    with pytest.raises(EventError, match=r"^event, column 1: the event has more than 10,000 parts\n"):
        parse_event(" or ".join([f"{EVENT} by 2025-06-01"] * 10_001), NAMES)


def test_nesting_has_a_limit() -> None:
    assert str(parse_event("not " * 99 + f"{EVENT} by 2025-06-01", NAMES)).count("not") == 99
    with pytest.raises(EventError, match=r"^event, column 1: the event is nested more than 100 deep\n"):
        parse_event("not " * 10_000 + f"{EVENT} by 2025-06-01", NAMES)
