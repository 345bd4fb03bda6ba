"""Everything that a report says, gathered before any of it is written."""

from dataclasses import dataclass, replace
from datetime import date

from vzforecast.display.summary import Run
from vzforecast.display.terminal import ABOUT_INTERVALS
from vzforecast.forecast import Forecast
from vzforecast.reporting import answers
from vzforecast.reporting.changing import Changed, changed
from vzforecast.reporting.curves import Drawing, influence_drawing
from vzforecast.reporting.grids import Grid
from vzforecast.reporting.origin import diagnostics_grid, origin_lines
from vzforecast.reporting.rising import Rises, outcome_rises
from vzforecast.reporting.subject import Subject, subject
from vzforecast.reporting.watching import watch_grid


@dataclass(frozen=True)
class Deadline:
    """The tables of one day; no outcomes on the as-of date, which is on record."""

    day: date
    scenarios: Grid
    outcomes: Grid | None


@dataclass(frozen=True)
class Contents:
    """The parts of a report, in the order in which they are read.

    Attributes
    ----------
    title, headline, about_intervals : str
        What it is of, and the sentences above and below the scenarios.
    marks : tuple of str
        What a reader must not miss: a variant, an average, an intervention.
    ok : bool
        Whether the fit passed its diagnostics; if not, every page says so.
    verdict : str
        Of the fit, in one line.
    as_of : date
        Forecast origin.
    deadlines : tuple of Deadline
        Days that can be chosen; the last is the horizon.
    rises : Rises or None
        Outcomes as the deadline moves; None if no day is left.
    changed : Changed
        Since the forecast before.
    influence : Drawing
        Shares through the months; ``influence_grids`` has the numbers of the last one, ``months`` of all.
    record, whole_record : list of Grid
        What the case shows first of the record of promises, and all of it.
    watch : Grid or None
        What to watch for; None if no day is left.
    about : Subject
        The event that is explained.
    """

    title: str
    headline: str
    about_intervals: str
    marks: tuple[str, ...]
    ok: bool
    verdict: str
    as_of: date
    deadlines: tuple[Deadline, ...]
    rises: Rises | None
    changed: Changed
    influence: Drawing
    influence_grids: tuple[Grid, ...]
    months: Grid
    record: list[Grid]
    whole_record: list[Grid]
    questions: tuple[Grid, ...]
    watch: Grid | None
    about: Subject
    diagnostics: Grid
    origin: dict[str, str]


def contents_of(fc: Forecast, since: Forecast | None, event: str | None) -> Contents:
    """Ask a forecast for everything that a report says.

    Parameters
    ----------
    fc : Forecast
        Any; nothing is sampled.
    since : Forecast or None
        An earlier one of the same case.
    event : str or None
        What is explained; the most likely scenario on the horizon if None.

    Returns
    -------
    Contents
        In words, numbers as people read them, and shapes.

    Raises
    ------
    EventError
        The event does not parse.
    """
    run = Run(fc, fc.horizon, 0.0)
    about = subject(run, event)
    first, whole = answers.record_grids(run)
    days_left = fc.as_of < fc.horizon
    return Contents(
        title=fc.case.spec.title,
        headline=answers.headline(run),
        about_intervals=ABOUT_INTERVALS,
        marks=tuple(_marks(fc)),
        ok=fc.ok,
        verdict=fc.diagnostics.text,
        as_of=fc.as_of,
        deadlines=tuple(_deadline(run if day == run.by else replace(run, by=day)) for day in answers.deadlines(fc)),
        rises=outcome_rises(run) if days_left else None,
        changed=changed(run, since, about),
        influence=influence_drawing(run),
        influence_grids=tuple(answers.influence_grids(run)),
        months=answers.month_grid(run),
        record=first,
        whole_record=whole,
        questions=tuple(answers.question_grids(run)),
        watch=watch_grid(fc, about) if days_left else None,
        about=about,
        diagnostics=diagnostics_grid(fc),
        origin=origin_lines(fc),
    )


def _deadline(run: Run) -> Deadline:
    outcomes = answers.outcome_grid(run) if run.by > run.forecast.as_of else None
    return Deadline(run.by, answers.scenario_grid(run), outcomes)


def _marks(fc: Forecast) -> list[str]:
    """Return what keeps anybody from taking the forecast for the plain one of the full model."""
    marks = [f"A variant of the model, {fc.case.spec.variant}."] if fc.case.spec.variant.without else []
    marks += [] if fc.averaged is None else [f"An {fc.averaged}."]
    made = fc.intervened
    return marks + ([] if made is None else [f"Under an intervention, not a forecast of what will be: {made}."])
