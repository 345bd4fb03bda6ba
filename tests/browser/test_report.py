"""A report in a real browser: headless chromium, driven by Playwright, with axe-core for what keeps people from it."""

import dataclasses
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

import vzforecast as vz
from helpers.cases import skeleton, with_spec
from helpers.synthetic import synthetic_forecast
from vzforecast.evidence import Signal

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE = {"width": 390, "height": 844}
HOSTILE = "<script>window.stolen = 1</script><img src=x onerror='window.stolen = 2'>"


def program(name: str) -> str:
    """Return where a program is; where submissions are examined it must be there."""
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"no {name} on PATH: run `make browser`, which installs it"
        )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an updated forecast since the one before, with markup in a headline and in the title."""
    before = synthetic_forecast(skeleton(), draws=400, paths=6, width=0.3)
    item = Signal(id="seized", date="2024-04-20", kind="decision", strength=3, faction="wardens", headline=HOSTILE)
    after = vz.update(before, [item], method="reweight")
    named = dataclasses.replace(after, case=with_spec(after.case, title=f"Two islands {HOSTILE}"))
    return vz.report(named, tmp_path_factory.mktemp("report") / "report.html", since=before)


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The page, what its console said, and what it asked for."""
    with browser.new_context() as context:
        page, said, asked = context.new_page(), [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(report.as_uri())
        yield page, said, asked


def test_it_opens_without_an_error_and_asks_for_nothing_but_itself(
    opened: tuple[Page, list[str], list[str]], report: Path
) -> None:
    page, said, asked = opened
    page.wait_for_load_state("networkidle")
    assert (said, asked) == ([], [report.as_uri()])


def test_its_policy_stops_what_would_leave_it(opened: tuple[Page, list[str], list[str]]) -> None:
    page, said, _ = opened
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => 0)")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'}))")
    page.wait_for_timeout(200)
    for what in ("Connecting to", "Loading the image"):
        assert any(line.startswith(what) and line.endswith("The action has been blocked.") for line in said), said


def test_markup_from_data_is_text(opened: tuple[Page, list[str], list[str]]) -> None:
    page, _, _ = opened
    assert page.inner_text("h1") == f"Two islands {HOSTILE}"
    assert page.get_by_text(f"signal: {HOSTILE}").first.is_visible()
    assert page.evaluate("window.stolen") is None
    assert page.locator("img").count() == 0


def test_the_deadline_that_is_chosen_is_the_one_that_is_shown(opened: tuple[Page, list[str], list[str]]) -> None:
    page, _, _ = opened
    days = page.locator("#deadline option").evaluate_all("all => all.map(one => one.value)")
    assert len(days) > 1
    for day in days:
        page.get_by_label("Deadline").select_option(day)
        shown = page.locator(".deadline caption:visible").all_inner_texts()
        assert shown == [f"Scenarios on {day}", f"Outcomes by {day}"]


def test_a_faction_can_be_hidden_with_the_keyboard_and_shown_again(opened: tuple[Page, list[str], list[str]]) -> None:
    page, _, _ = opened
    box, line = page.locator(".legend input").first, page.locator("g.curve").first
    assert line.is_visible()
    box.focus()
    page.keyboard.press("Space")
    assert not line.is_visible()
    page.keyboard.press("Space")
    assert line.is_visible()


def test_a_pointer_is_told_the_figures(opened: tuple[Page, list[str], list[str]]) -> None:
    page, _, _ = opened
    titles = page.locator("svg.bar > title, svg.drawing circle > title").all_text_contents()
    assert titles
    assert all(re.search(r"\d", title) for title in titles)


def test_without_javascript_everything_is_shown(browser: Browser, report: Path) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        for deadline in page.locator(".deadline").all():
            assert deadline.is_visible()
        assert page.locator(".deadline").count() > 1
        assert not page.locator(".choose").is_visible()
        assert not page.locator(".legend input").first.is_visible()


def test_a_phone_does_not_scroll_sideways(browser: Browser, report: Path) -> None:
    with browser.new_context(viewport=PHONE) as context:  # type: ignore[arg-type]  # a dict of the right keys
        page = context.new_page()
        page.goto(report.as_uri())
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE["width"], 1100])
def test_axe_finds_nothing_serious(browser: Browser, report: Path, scheme: Any, width: int) -> None:
    # The policy of the page would keep axe out.
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        found = Axe().run(page).response
    assert len(found["passes"]) > 10, "axe did not look"
    serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []


def test_the_print_is_a4_and_has_the_scenarios_and_what_is_folded(
    opened: tuple[Page, list[str], list[str]], tmp_path: Path
) -> None:
    page, _, _ = opened
    printed = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    sizes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[0 0 ([\d. ]+)\]", printed)}
    assert {(round(width), round(height)) for width, height in sizes} == {(595, 842)}
    command = [program("pdftotext"), "-layout", str(tmp_path / "report.pdf"), "-"]
    text = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    for scenario in skeleton().spec.scenarios:
        assert re.search(rf"{scenario.label[:12]}.*\d %", text), scenario.label
    for name in (
        "Scenarios on 2024-12-31",
        "Scenarios on 2024-06-30",
        "Influence by month",
        "Outcomes by then",
        "Convergence by variable",
    ):
        assert name in text, name
