"""The main job's answers on a terminal, or in a pipe: text that fits 80 columns if labels let it."""

import sys
from collections.abc import Iterator
from typing import Final, TextIO

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from vzforecast.display import tables
from vzforecast.display.move import Move, sections
from vzforecast.display.questions import question_sections
from vzforecast.display.summary import Summary
from vzforecast.forecast import Forecast

LEAST_WIDTH: Final = 80
MOST_WIDTH: Final = 110  # beyond it lines of prose are hard to follow

ABOUT_INTERVALS: Final = (
    "The 90 % interval is where the probability itself may lie, given all that the evidence leaves open about the "
    "rates at work; it is no range for what will happen (one scenario will), and more draws would shrink only the "
    "Monte Carlo error (MC error, in percentage points), not the interval."
)


def print_summary(summary: Summary, file: TextIO | None = None, *, questions: bool = False) -> None:
    """Print the answers as tables.

    Parameters
    ----------
    summary : Summary
        The answers.
    file : text file, optional
        Standard output by default. Colours only on a terminal, and not if ``NO_COLOR`` is set.
    questions : bool, default False
        Whether the open questions of the case follow.
    """
    print_parts(list(_parts(summary, questions=questions)), file)


def print_move(move: Move, file: TextIO | None = None) -> None:
    """Print what an update did, in the manner of `print_summary`.

    Parameters
    ----------
    move : Move
        Before and after.
    file : text file, optional
        Standard output by default.
    """
    print_parts(list(_move_parts(move)), file)


def print_parts(parts: list[RenderableType], file: TextIO | None = None) -> None:
    """Print tables and texts, one below the other, as wide as the terminal within limits."""
    console = Console(file=file or sys.stdout, highlight=False, emoji=False, markup=False)
    console.width = _width(console, parts)
    for part in parts:
        console.print(part)


def _width(console: Console, parts: list[RenderableType]) -> int:
    """Return the terminal's width within limits, or more if a table could not keep its figures and ids whole."""
    unlimited = console.options.update_width(10_000)
    needed = [Measurement.get(console, unlimited, part).minimum for part in parts if isinstance(part, Table)]
    return max(min(max(console.width, LEAST_WIDTH), MOST_WIDTH), *needed)


def _parts(summary: Summary, *, questions: bool) -> Iterator[RenderableType]:
    """Yield what is printed, in order."""
    yield from _header(summary)
    for position, section in enumerate(_sections(summary, questions=questions)):
        yield Text()
        yield from section.lines()
        if position == 0:
            yield Text(f"\n{ABOUT_INTERVALS}")
    if not summary.ok:
        yield Text()
        yield _alarm(summary)


def _move_parts(move: Move) -> Iterator[RenderableType]:
    """Yield what is printed of an update, in order."""
    spec, report = move.after.forecast.case.spec, move.report
    yield Text(f"{spec.title} ({spec.name})", style="bold")
    yield Text(f"From {move.before.forecast.as_of} to {move.after.forecast.as_of}, by {move.after.by}.")
    yield Text(report.text[0].upper() + report.text[1:] + ".")
    yield from _variant(move.after.forecast)
    if not move.after.ok:
        yield Text(f"FAILED FIT: do not use these numbers: {move.after.forecast.diagnostics.text}", style="bold red")
    for section in sections(move):
        yield Text()
        yield from section.lines()


def _sections(summary: Summary, *, questions: bool) -> Iterator[tables.Section]:
    yield tables.scenario_table(summary)
    if len(summary.main.outcomes):  # the case may have no deadline after the as-of date
        yield tables.outcome_table(summary)
    yield tables.influence_table(summary)
    yield tables.closeness_table(summary)
    if summary.record_lines:
        yield tables.record_table(summary)
    if summary.left_out is not None and summary.headline is not None:
        yield tables.left_out_table(summary.main, summary.left_out, summary.headline)
    yield tables.verdict_table(summary)
    yield tables.time_table(summary)
    if questions:
        yield from question_sections(summary.main)


def _header(summary: Summary) -> Iterator[Text]:
    forecast = summary.main.forecast
    settings, seed = forecast.provenance["settings"], forecast.provenance["seed"]
    work = f"{settings['draws'] * settings['chains']:,} draws x {settings['paths']} paths"
    yield Text(f"{summary.spec.title} ({summary.spec.name})", style="bold")
    yield Text(f"As of {forecast.as_of}, by {summary.main.by}; {work}, seed {seed}.")
    yield from _variant(forecast)
    if not summary.ok:
        yield _alarm(summary)


def _variant(forecast: Forecast) -> Iterator[Text]:
    """Say what the model does without or averages, so that nobody takes it for a fit of the full model."""
    variant = forecast.case.spec.variant
    if variant.without:
        yield Text(f"A variant of the model, {variant}.", style="bold")
    if forecast.averaged is not None:
        yield Text(f"An {forecast.averaged}.", style="bold")


def _alarm(summary: Summary) -> Text:
    """Say which fits failed, for the top and the end of the page."""
    failed = ", ".join(what for what, run in summary.runs.items() if not run.ok)
    return Text(f"FAILED FIT ({failed}): do not use the numbers marked FAILED.", style="bold red")
