"""The bar of a notebook, with a notebook that only takes notes: shown while it runs, gone when it is over."""

import sys
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from helpers.pages import read
from vzforecast.notebook_bar import NotebookBar, bar, in_notebook
from vzforecast.progress import Stages

OVER = {"text/plain": ""}


class Notebook:
    """Stands in for IPython: what was put in each place below the cell, one list a place."""

    def __init__(self) -> None:
        self.places: list[list[dict[str, str]]] = []

    def display(self, content: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        place = [content]
        self.places.append(place)

        def update(content: dict[str, str], *, raw: bool) -> None:
            assert raw
            place.append(content)

        return SimpleNamespace(update=update)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    made, package, shown = Notebook(), ModuleType("IPython"), ModuleType("IPython.display")
    package.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    shown.display = made.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    return made


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10.0
    while not holds():
        assert time.monotonic() < end, "waited for nothing"
        time.sleep(0.005)


def test_a_stage_is_shown_with_its_share_and_then_gone(notebook: Notebook) -> None:
    with NotebookBar(every=0.01).stage("sampling") as report:
        until(lambda: bool(notebook.places))
        report(0.4)
        until(lambda: "40 %" in notebook.places[0][-1]["text/plain"])
    assert len(notebook.places) == 1
    assert notebook.places[0][0]["text/plain"] == "sampling, 0 s"
    assert notebook.places[0][-1] == OVER


def test_stages_share_one_place(notebook: Notebook) -> None:
    below = NotebookBar(every=0.01)
    for number, name in enumerate(["compiling", "sampling"], start=1):
        with below.stage(name):
            until(lambda name=name: bool(notebook.places) and name in notebook.places[0][-1]["text/plain"])
        assert notebook.places[0].count(OVER) == number
    assert len(notebook.places) == 1


def test_a_stage_that_fails_leaves_nothing_behind(notebook: Notebook) -> None:
    def interrupted() -> None:
        with NotebookBar(every=0.01).stage("sampling"):
            until(lambda: bool(notebook.places))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert notebook.places[0][-1] == OVER
    count = len(notebook.places[0])
    time.sleep(0.05)
    assert len(notebook.places[0]) == count


def test_a_short_stage_shows_nothing(notebook: Notebook) -> None:
    with Stages().stage("reading") as report:
        report(1.0)
    assert notebook.places == []


@pytest.mark.parametrize(("show", "places"), [(None, 1), (True, 1), (False, 0)])
def test_stages_show_a_bar_in_a_notebook_unless_told_not_to(
    notebook: Notebook, show: bool | None, places: int, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = Stages(show)
    stages._below = NotebookBar(every=0.01)
    with stages.stage("sampling"):
        time.sleep(0.1)
    assert len(notebook.places) == places
    assert stages.seconds["sampling"] >= 0.1
    assert capsys.readouterr() == ("", "")


def test_only_a_kernel_is_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("IPython")
    monkeypatch.setitem(sys.modules, "IPython", package)
    for shell, expected in ((None, False), (SimpleNamespace(), False), (SimpleNamespace(kernel=1), True)):
        package.get_ipython = lambda shell=shell: shell  # type: ignore[attr-defined]
        assert in_notebook() is expected
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()
    assert "IPython" not in sys.modules


def test_elsewhere_a_bar_is_shown_only_where_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("vzforecast.progress.in_notebook", lambda: False)
    with Stages().stage("sampling") as report:
        report(0.5)
    assert capsys.readouterr() == ("", "")
    with Stages(True).stage("sampling") as report:
        report(0.5)
    assert capsys.readouterr().out == ""


def test_what_is_shown_is_an_element_of_the_page_and_escaped() -> None:
    known, unknown = bar("samp<b>ling", 0.4, 3.2), bar("compiling", -1.0, 12.6)
    assert known["text/plain"] == "samp<b>ling 40 %, 3 s"
    assert unknown["text/plain"] == "compiling, 13 s"
    (progress,) = read(known["text/html"]).all("progress")
    assert (progress["value"], progress["max"], progress["aria-label"]) == ("0.400", "1", "samp<b>ling")
    assert "value" not in read(unknown["text/html"]).all("progress")[0]
