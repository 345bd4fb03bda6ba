"""Events with a name: a name stands for its tree, and every fault of the names is told, word for word."""

from dataclasses import replace
from datetime import date

import pytest

from vzforecast.errors import EventError
from vzforecast.events import RESERVED, Vocabulary, check_names, in_brief, parse_event, parse_open_event

SANCTIONS = "ever(sanctions = re_escalated) by 2025-06-01"
HALT = "held(flights = halted, days = 14) by 2025-06-30"
FIRST = "first(flights = halted) before first(sanctions = re_escalated) by 2025-12-31"
EITHER = f"{SANCTIONS} or {FIRST}"
NAMES = Vocabulary(
    {"sanctions": ("not_escalated", "re_escalated"), "flights": ("running", "halted")},
    origin=date(2025, 1, 20),
    horizon=date(2025, 12, 31),
    # One before and one after those it refers to; a keyword within a name is no keyword.
    events={"worst": "long_halt and everything", "long_halt": HALT, "everything": EITHER},
)
START = "'state', 'ever', 'count', 'first', 'held', the name of an event, 'not' or '('"


def among(**events: str) -> Vocabulary:
    return replace(NAMES, events=events)


def faults(**events: str) -> list[str]:
    return [f"{name}: {error}".partition("\n")[0] for name, error in check_names(among(**events))]


def shown(text: str, before: str, message: str) -> str:
    return f"event, column {len(before) + 1}: {message}\n  {text}\n  {' ' * len(before)}^"


@pytest.mark.parametrize(
    ("text", "expansion"),
    [
        ("long_halt", HALT),
        ("not  long_halt", f"not {HALT}"),
        ("everything", EITHER),
        ("worst", f"{HALT} and ({EITHER})"),
        (f"worst and not everything and {HALT}", f"{HALT} and ({EITHER}) and not ({EITHER}) and {HALT}"),
        ("(long_halt)or(everything)", f"{HALT} or {SANCTIONS} or {FIRST}"),
    ],
    ids=["alone", "negated", "joined", "names in names", "all together", "in brackets"],
)
def test_a_name_stands_for_its_tree(text: str, expansion: str) -> None:
    event = parse_event(text, NAMES)
    assert str(event) == expansion
    assert event == parse_event(expansion, replace(NAMES, events={}))
    assert hash(event) == hash(parse_event(expansion, NAMES))


@pytest.mark.parametrize(
    ("text", "before", "message"),
    [
        ("", "", f"expected {START}, but the text ends"),
        ("long_hault", "", "unknown event 'long_hault'; did you mean 'long_halt'? valid: worst, long_halt, everything"),
        ("worst and tariffs", "worst and ", "unknown event 'tariffs'; valid: worst, long_halt, everything"),
        ("Ever(sanctions = re_escalated)", "", f"expected {START}, found 'Ever'"),
        ("worst(", "", f"expected {START}, found 'worst'"),
        ("worst by 2025-06-01", "worst ", "expected 'and', 'or' or the end, found 'by'"),
        ("worst everything", "worst ", "expected 'and', 'or' or the end, found 'everything'"),
        (
            f"ever(long_halt = halted) by 2025-06-01 and {HALT}",
            "ever(",
            "unknown outcome 'long_halt'; valid: sanctions, flights",
        ),
    ],
    ids=["empty", "misspelt", "unknown", "keyword", "called", "deadline", "no connective", "no outcome"],
)
def test_errors_about_names_point_at_the_place(text: str, before: str, message: str) -> None:
    with pytest.raises(EventError) as error:
        parse_event(text, NAMES)
    assert str(error.value) == shown(text, before, message)


def test_an_open_event_cannot_hold_a_name() -> None:
    text = "ever(sanctions = re_escalated) and long_halt"
    with pytest.raises(EventError) as error:
        parse_open_event(text, NAMES)
    message = "leave out 'long_halt': it has a deadline of its own, and this event takes its deadline from elsewhere"
    assert str(error.value) == shown(text, "ever(sanctions = re_escalated) and ", message)


def test_a_fault_in_the_text_of_a_name_is_told_with_the_name() -> None:
    bad = among(outer="not inner", inner="ever(sanctions = on) by 2025-06-01", apart=SANCTIONS)
    with pytest.raises(EventError) as error:
        parse_event("outer", bad)
    message = "unknown state of sanctions 'on'; valid: not_escalated, re_escalated"
    assert str(error.value) == "in the event 'inner': " + shown(bad.events["inner"], "ever(sanctions = ", message)
    assert str(parse_event("apart", bad)) == SANCTIONS  # what is not used does no harm


def test_a_name_that_refers_to_itself_is_refused() -> None:
    for events, message in (
        ({"a": "not a"}, "the event 'a' refers to itself; leave one of these references out"),
        (
            {"a": f"b and {HALT}", "b": "not c", "c": "a"},
            "the event 'a' refers to itself by way of 'b' and 'c'; leave one of these references out",
        ),
    ):
        with pytest.raises(EventError) as error:
            parse_event("a", among(**events))
        assert str(error.value) == message


def test_good_names_have_no_faults() -> None:
    assert list(check_names(NAMES)) == []
    assert list(check_names(replace(NAMES, events={}))) == []


def test_every_fault_is_told_and_no_name_is_accused_of_another_s() -> None:
    assert faults(
        good=SANCTIONS,
        held=SANCTIONS,
        sanctions=HALT,
        typo="evr(sanctions = re_escalated)",
        late="ever(sanctions = re_escalated) by 2026-06-01",
        open="ever(sanctions = re_escalated)",
        uses_typo="typo and late",
        lost="god and good",
        one="two or good",
        two="not (one and self)",
        self="self",
        uses_circle="one",
    ) == [
        "held: 'held' is a word of the event language; choose another name",
        "sanctions: 'sanctions' is the id of an outcome; choose another name",
        f"typo: event, column 1: expected {START}, found 'evr'",
        "late: event, column 35: 2026-06-01 is outside 2025-01-20 to 2025-12-31",
        "open: event, column 31: expected 'by' and a date (YYYY-MM-DD)",
        (
            "lost: event, column 1: unknown event 'god'; did you mean 'good'? valid: good, held, sanctions, typo, "
            "late, open, uses_typo, lost, one, two, self, uses_circle"
        ),
        "one: refers to itself by way of 'two'; leave one of these references out",
        "two: refers to itself by way of 'one'; leave one of these references out",
        "self: refers to itself; leave one of these references out",
    ]


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_no_word_of_the_language_is_a_name(word: str) -> None:
    assert faults(**{word: SANCTIONS}) == [f"{word}: {word!r} is a word of the event language; choose another name"]


def test_names_within_names_have_limits_and_take_no_time() -> None:
    chain = {f"a{n}": f"a{n + 1}" for n in range(1_000)} | {"a1000": SANCTIONS}
    assert str(parse_event("a0", among(**chain))) == SANCTIONS
    doubled = {"a0": SANCTIONS} | {f"a{n}": f"not (a{n - 1} and not a{n - 1})" for n in range(1, 60)}
    assert faults(**doubled) == ["a14: event, column 1: the event has more than 10,000 parts"]
    with pytest.raises(EventError, match=r"^in the event 'a14': event, column 1: the event has more than 10,000 parts"):
        parse_event("a59", among(**doubled))
    deep = {"a0": SANCTIONS} | {f"a{n}": f"not a{n - 1}" for n in range(1, 200)}
    assert faults(**deep) == ["a100: event, column 1: the event is nested more than 100 deep"]


def test_an_error_in_brief_is_a_problem_and_a_remedy() -> None:
    found = dict(check_names(among(typo="ever(sanction = re_escalated)", by=HALT, cut="not")))
    assert in_brief(found["typo"]) == (
        "column 6: unknown outcome 'sanction'",
        "did you mean 'sanctions'? valid: sanctions, flights",
    )
    assert in_brief(found["by"]) == ("'by' is a word of the event language", "choose another name")
    assert in_brief(found["cut"]) == (
        f"column 4: expected {START}, but the text ends",
        "correct the text there",
    )
