"""Whatever text is given for an event, the answer is a tree or an EventError, and nothing is ever run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vzforecast.errors import EventError
from vzforecast.events import Event, OpenEvent, Vocabulary, check_names, parse_event, parse_open_event

NAMES = Vocabulary(
    {"sanctions": ("not_escalated", "re_escalated"), "on": ("by", "and")},
    origin=date(2025, 1, 20),
    horizon=date(2025, 12, 31),
    events={"worst": "not calm", "calm": "held(sanctions = not_escalated, days = 30) by 2025-06-30"},
)
# What would betray that a text was run, imported or opened, by the names of CPython's audit events.
RUNS = ("exec", "compile", "import", "open", "os.", "subprocess.", "socket.", "ctypes.", "shutil.", "code.", "pickle.")
WORDS = [
    *("state", "ever", "count", "first", "held", "not", "and", "or", "on", "after", "by", "before", "days"),
    *("(", ")", "=", ">=", ",", ">", "==", "sanctions", "re_escalated", "not_escalated", "worst", "calm", "x"),
    *("2025-06-01", "2025-02-30", "2026-01-01", "14", "0", "1.5", "-1", "9" * 5000, "\u0662\u0660", "\x00", "'", "#"),
]
ATTACKS = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "ever(sanctions = re_escalated) by __import__('datetime').date.today()",
    "held(sanctions = re_escalated, days = exec('x')) by 2025-06-01",
    "{sanctions.__class__}",
    "%s" * 20 + "{0}",
    "lambda: 0",
    "calm or (x := 1)",
]

watching: list[str] | None = None


def watch(event: str, _: tuple[Any, ...]) -> None:
    if watching is not None and event.startswith(RUNS):
        watching.append(event)


@pytest.fixture(scope="module", autouse=True)
def audited() -> None:
    """An audit hook cannot be removed; it does nothing outside ``nothing_runs``."""
    sys.addaudithook(watch)
    for parse in (parse_event, parse_open_event):  # the parser is loaded and built before anyone looks
        with pytest.raises(EventError):
            parse("worst and nothing", NAMES)


@contextmanager
def nothing_runs() -> Iterator[None]:
    global watching  # noqa: PLW0603  (what an audit hook sees)
    watching = seen = []
    try:
        yield
    finally:
        watching = None
    assert seen == []


def answered(text: str) -> list[Event | OpenEvent]:
    """Parse a text in both ways; anything but an EventError goes up."""
    found: list[Event | OpenEvent] = []
    for parse in (parse_event, parse_open_event):
        with nothing_runs():
            try:
                found.append(parse(text, NAMES))
            except EventError as error:
                message = str(error)
                assert message.startswith("event, column ")
                assert message.count("\n") == 2
                line, caret = message.split("\n")[1:]
                assert caret.strip() == "^"
                assert len(caret) <= len(line) + 1
    return found


def test_the_audit_hook_sees_what_it_should() -> None:
    for run in (lambda: eval("1 + 1"), lambda: exec("x = 1"), lambda: compile("1", "", "eval")):  # noqa: S102, S307
        with pytest.raises(AssertionError), nothing_runs():
            run()


@given(st.text())
@example("")
@example("\ud800")
@example("(" * 5000)
@example("not " * 5000)
@example("9" * 5000)
def test_any_text_gives_a_tree_or_an_error(text: str) -> None:
    assert all(isinstance(event, Event | OpenEvent) for event in answered(text))


@given(st.lists(st.sampled_from(WORDS), max_size=25), st.sampled_from(["", " ", "\n"]))
def test_any_words_of_the_language_give_a_tree_or_an_error(words: list[str], between: str) -> None:
    for event in answered(between.join(words)):
        parse = parse_event if isinstance(event, Event) else parse_open_event
        assert parse(str(event), NAMES) == event


@given(st.data())
def test_any_damage_to_a_good_text_gives_a_tree_or_an_error(data: st.DataObject) -> None:
    text = data.draw(
        st.sampled_from(
            [
                "count(sanctions = re_escalated) after 2025-02-05 by 2025-06-01 >= 2 and not worst",
                "first(sanctions = re_escalated) before first(on = and) by 2025-06-01 or state(on = by) on 2025-06-01",
                "(held(on = by, days = 14) by 2025-06-01 or ever(on = and) by 2025-06-01)",
                "held(on = by, days = 14) after 2025-02-05 by 2025-06-01 and not worst",
                "first(sanctions = re_escalated) before first(on = and) after 2025-02-05 by 2025-06-01",
            ]
        )
    )
    start, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 8))
    patch = data.draw(st.one_of(st.text(max_size=4), st.sampled_from(WORDS)))
    found = answered(text[:start] + patch + text[start + length :])
    assert all(isinstance(event, Event | OpenEvent) for event in found)


@pytest.mark.parametrize("text", ATTACKS)
def test_code_is_no_event(text: str) -> None:
    assert answered(text) == []
    with nothing_runs():
        assert [name for name, _ in check_names(Vocabulary({}, NAMES.origin, NAMES.horizon, events={"x": text}))] == [
            "x"
        ]


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from([*"abcdef", "not", "and", "or", "(", ")"]))))
def test_any_names_give_faults_or_trees(texts: dict[str, list[str]]) -> None:
    events = {name: " ".join(words) for name, words in texts.items()} | {"f": NAMES.events["calm"]}
    names = Vocabulary(NAMES.outcomes, NAMES.origin, NAMES.horizon, events=events)
    with nothing_runs():
        faulty = {name for name, _ in check_names(names)}
    for name in events:
        try:
            parsed = parse_event(name, names)
        except EventError:
            assert faulty, "an event of a case without faults cannot be asked for"
        else:
            assert name not in faulty
            assert parse_event(str(parsed), NAMES) == parsed
