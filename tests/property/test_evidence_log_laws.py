"""What holds for every history of a log: retraction, correction, order, replay, and what stands in its file."""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import example, given
from hypothesis import strategies as st

from helpers.cases import skeleton
from vzforecast.errors import EvidenceError
from vzforecast.evidence import Appointment, Evidence, LikelihoodJudgement, Signal, Transition
from vzforecast.evidence_log import Entry, EvidenceLog, JsonLinesStore

FIRST: Final = dt.date(2024, 5, 1)
DAYS: Final = [FIRST + dt.timedelta(days) for days in range(12)]


class Memory:
    """A store of no file: the laws of a log are not those of its file."""

    def __init__(self) -> None:
        self.entries: tuple[Entry, ...] = ()

    def read(self) -> tuple[Entry, ...]:
        return self.entries

    def append(self, entries: Sequence[Entry]) -> None:
        self.entries += tuple(entries)


@dataclass(frozen=True)
class Life:
    """What happens to one item: versions and the days from which they count, then perhaps a retraction."""

    versions: tuple[tuple[dt.date, Signal], ...]
    retracted: dt.date | None

    @property
    def id(self) -> str:
        return self.versions[0][1].id

    def steps(self) -> Iterator[Entry]:
        (first, added), *corrections = self.versions
        yield Entry(what="add", on=first, item=added)
        yield from (Entry(what="correct", on=on, item=item) for on, item in corrections)
        if self.retracted is not None:
            yield Entry(what="retract", on=self.retracted, id=self.id)


@st.composite
def lives(draw: st.DrawFn, name: str, *, at_most: int = 3, retracted: bool = True) -> Life:
    first = draw(st.sampled_from(DAYS[:8]))
    days = st.sampled_from([day for day in DAYS if day >= first])
    ons = [first, *draw(st.lists(days, max_size=at_most - 1))]
    versions = [(on, draw(signals(name, published_by=min(on, first)))) for on in ons]
    return Life(tuple(versions), draw(st.none() | days) if retracted else None)


@st.composite
def signals(draw: st.DrawFn, name: str, published_by: dt.date = DAYS[-1]) -> Signal:
    published = published_by - dt.timedelta(draw(st.integers(0, 3)))
    date = published - dt.timedelta(draw(st.integers(0, 3)))
    return Signal(id=name, date=date, published=published, faction="wardens", strength=draw(st.integers(1, 3)))


@st.composite
def histories(draw: st.DrawFn, **options: Any) -> list[Life]:
    return [draw(lives(name, **options)) for name in "abcd"[: draw(st.integers(1, 4))]]


@st.composite
def interleaved(draw: st.DrawFn, history: Sequence[Life]) -> list[Entry]:
    """Return the steps of all lives in some order that keeps each life's own."""
    waiting = [list(life.steps()) for life in history]
    steps = []
    while waiting := [steps_of for steps_of in waiting if steps_of]:
        steps.append(draw(st.sampled_from(waiting)).pop(0))
    return steps


def played(steps: Sequence[Entry]) -> EvidenceLog:
    log = EvidenceLog(Memory())
    for step in steps:
        play(log, step)
    return log


def play(log: EvidenceLog, step: Entry) -> None:
    if step.item is None:
        log.retract(step.id, step.on, step.why)
    elif step.what == "add":
        log.add(step.item, on=step.on)
    else:
        log.correct(step.item, step.on, step.why)


def replay(log: EvidenceLog) -> list[tuple[Evidence, ...]]:
    """Return what is in force on each day."""
    return [log.as_of(day) for day in DAYS]


@given(histories(), st.data())
def test_a_retraction_equals_never_having_added_from_its_day_on(history: list[Life], data: st.DataObject) -> None:
    others, life = history[1:], data.draw(lives("x", retracted=False))
    on = data.draw(st.sampled_from([day for day in DAYS if day >= life.versions[0][0]]))
    kept = data.draw(interleaved([*others, life]))
    with_it, without_it, taken_back = played(kept), played([s for s in kept if s.id != "x"]), played(kept)
    taken_back.retract("x", on)
    for day, found, before, after in zip(DAYS, *map(replay, (taken_back, with_it, without_it)), strict=True):
        assert found == (after if day >= on else before)


@given(histories(), st.data())
def test_a_correction_equals_a_retraction_and_a_new_item(history: list[Life], data: st.DataObject) -> None:
    steps, life = data.draw(interleaved(history)), data.draw(lives("x", at_most=1, retracted=False))
    first = life.versions[0][0]
    on = data.draw(st.sampled_from([day for day in DAYS if day >= first]))
    new = data.draw(signals("x", published_by=on))
    corrected, replaced = played([*steps, *life.steps()]), played([*steps, *life.steps()])
    corrected.correct(new, on)
    replaced.retract("x", on)
    replaced.add(renamed(new, "x", "y"), on)
    for ours, theirs in zip(replay(corrected), replay(replaced), strict=True):
        assert set(ours) == {renamed(item, "y", "x") for item in theirs}


def renamed(item: Evidence, old: str, new: str) -> Evidence:
    return item.model_copy(update={"id": new}) if item.id == old else item


@given(histories(), st.data())
def test_the_order_of_entries_of_different_items_does_not_matter(history: list[Life], data: st.DataObject) -> None:
    one, other = (played(data.draw(interleaved(history))) for _ in range(2))
    assert replay(one) == replay(other)
    assert one.list().equals(other.list())


@given(st.lists(st.sampled_from("abcdef"), unique=True).flatmap(lambda ids: st.tuples(*map(signals, ids))), st.data())
def test_a_batch_equals_its_items_one_by_one_in_any_order(items: tuple[Signal, ...], data: st.DataObject) -> None:
    whole, single = EvidenceLog(Memory()), EvidenceLog(Memory())
    whole.add(items)
    for item in data.draw(st.permutations(items)):
        single.add(item)
    assert replay(whole) == replay(single)
    for earlier, later in itertools.pairwise(replay(whole)):
        assert set(earlier) <= set(later)


@given(histories(), st.data())
def test_what_is_in_force_changes_on_days_of_entries_only(history: list[Life], data: st.DataObject) -> None:
    steps = data.draw(interleaved(history))
    log = played(steps)
    for (before, then), (day, now) in itertools.pairwise(zip(DAYS, replay(log), strict=True)):
        changed = {item.id for item in set(then) ^ set(now)}
        assert changed <= {step.id for step in steps if before < step.on <= day}
        shown = log.list(as_of=day)
        assert sorted(shown.loc[shown["status"] == "in force", "id"]) == sorted(item.id for item in now)
        assert len(shown) == sum(step.on <= day for step in steps)


@given(histories(), st.data())
def test_the_list_of_a_day_is_that_of_the_entries_until_then(history: list[Life], data: st.DataObject) -> None:
    steps, day = data.draw(interleaved(history)), data.draw(st.sampled_from(DAYS))
    until = played([step for step in steps if step.on <= day])
    assert played(steps).list(as_of=day).equals(until.list())


# --- In a file -----------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=20)
words = texts.map(lambda text: " ".join(text.split())).filter(bool)
reals = st.floats(1e-300, 1e300)


@st.composite
def anything(draw: st.DrawFn, name: str) -> Evidence:
    prose = {field: draw(texts) for field in ("headline", "source", "note")}
    day = {"id": name, "date": draw(st.dates()), "confidence": draw(st.sampled_from(["high", "medium", "low"]))}
    if draw(st.booleans()):
        return LikelihoodJudgement(**day, **prose, event=draw(words), ratio=draw(reals))
    scores = {score: draw(st.floats(0, 100)) for score in ("office", "proximity", "salience")}
    return Appointment(**day, **prose, actor=draw(words), role=draw(st.none() | words), **scores)


@contextmanager
def a_file() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder) / "evidence.jsonl"


@given(st.tuples(*map(anything, "abc")), texts, st.data())
def test_a_log_read_back_equals_the_one_written(items: tuple[Evidence, ...], why: str, data: st.DataObject) -> None:
    written = Memory()
    with a_file() as path:
        for log in (EvidenceLog(written), EvidenceLog(path)):
            log.add(items)
            log.retract("a", items[0].published, why)
            log.correct(items[1].model_copy(update={"note": "", "headline": "new"}), items[1].published, why)
        assert JsonLinesStore(path).read() == written.read()
        assert EvidenceLog(path).list().equals(EvidenceLog(written).list())

        content = path.read_bytes()
        path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
        with suppress(EvidenceError):  # torn: refused, or a line less
            found = JsonLinesStore(path).read()
            assert found == written.read()[: len(found)]


# --- For a case ----------------------------------------------------------------------------------------------------

states = st.sampled_from(["held", "broken"])
names = st.sampled_from("abcd")


@st.composite
def attempts(draw: st.DrawFn) -> Entry:
    """Return something that may well make no sense."""
    what, name, on = (
        draw(st.sampled_from(["add", "add", "retract", "correct"])),
        draw(names),
        draw(st.sampled_from(DAYS)),
    )
    if what == "retract":
        return Entry(what=what, on=on, id=name)
    day = draw(st.sampled_from(DAYS[:6]))
    item = Transition(id=name, date=day, outcome="fishing_truce", to=draw(states))
    return Entry(what=what, on=draw(st.sampled_from([on, day])), item=item)


@given(st.lists(attempts(), max_size=8))
@example([Entry(what="add", on=DAYS[1], item=Transition(id="a", date=DAYS[1], outcome="fishing_truce", to="broken"))])
def test_what_is_refused_changes_nothing_and_what_is_taken_applies(steps: list[Entry]) -> None:
    known = skeleton().known_on("2024-04-15")
    store = Memory()
    log = EvidenceLog(store, known)
    for step in steps:
        before = store.read()
        try:
            play(log, step)
        except EvidenceError:
            assert store.read() == before
        else:
            assert store.read() == (*before, step)
        newest = max((entry.on for entry in store.read()), default=FIRST)
        assert known.with_evidence(log.as_of(newest), as_of=newest).as_of == newest
