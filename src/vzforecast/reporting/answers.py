"""What a forecast says: scenarios and outcomes by deadline, influence, the record of promises, open questions."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from math import isnan
from typing import Final

import pandas as pd

from vzforecast import figures
from vzforecast.convergence import quietly
from vzforecast.display.questions import question_sections
from vzforecast.display.summary import Run, Summary, rows
from vzforecast.display.tables import closeness_table, influence_table, rate_error, scenario_table
from vzforecast.forecast import Forecast
from vzforecast.reporting.grids import Grid, Line, grid_of, share_bars
from vzforecast.reporting.subject import long_day

ON_BARS: Final = "Bars run from 0 to 100 %; the thin line on a bar is the 90 % interval."
_OUTCOMES: Final = (
    *(("Outcome", False), ("By then", True), ("90 % interval", True), ("MC error", True)),
    ("On the day", True),
)
_RECORD: Final = (
    *(("Record", False), ("Promises", True), ("Broken", True), ("Raw", True), ("Pooled", True)),
    *(("90 % interval", True), ("Shrinkage", True)),
)


def deadlines(fc: Forecast) -> list[date]:
    """Return the days that a reader can choose: the case's own deadlines still to come, and the horizon."""
    return sorted({*(day for day in fc.case.spec.deadlines if fc.as_of < day <= fc.horizon), fc.horizon})


def headline(run: Run) -> str:
    """Return the sentence that a reader takes away."""
    fc = run.forecast
    labels = {scenario.id: scenario.label for scenario in fc.case.spec.scenarios}
    ranked = run.scenarios.sort_values("probability", ascending=False, kind="stable")
    first = ranked.iloc[0]
    others = [f"{labels[str(name)]} ({figures.percent(row['probability'])})" for name, row in ranked[1:3].iterrows()]
    then = f"; next come {' and '.join(others)}" if others else ""
    leading = labels[str(ranked.index[0])]
    said = f"a probability of {figures.percent(first['probability'])} (90 % interval {_range(first)})"
    sentence = (
        f"As of {long_day(fc.as_of)}, the most likely scenario on {long_day(run.by)} is {leading}, with {said}{then}."
    )
    return figures.unbroken(sentence)


def _range(row: pd.Series) -> str:
    """Return an interval as a sentence has it."""
    lower, upper = (figures.percent(row[name]) for name in ("lower", "upper"))
    return f"{lower.removesuffix(' %')} to {upper}"


def scenario_grid(run: Run) -> Grid:
    """Return the probability of every scenario on the day of the run."""
    return grid_of(scenario_table(Summary(run)), share_bars(run.scenarios), ON_BARS)


def outcome_grid(run: Run) -> Grid:
    """Return how likely each outcome is to be active by, and on, the day of the run, a day after the as-of date."""
    fc = run.forecast
    table = quietly(lambda: fc.outcomes([run.by])).droplevel("by").loc[[one.id for one in fc.case.spec.outcomes]]
    ever = table.rename(columns={"ever": "probability", "ever_lower": "lower", "ever_upper": "upper"})
    lines, found = [], rows(table)
    for declared, bar in zip(fc.case.spec.outcomes, share_bars(ever), strict=True):
        row = found[declared.id]
        interval = figures.percent_interval(row["ever_lower"], row["ever_upper"])
        # A recurrent outcome is over before the day ends.
        on = figures.BLANK if declared.recurrent else figures.percent(row["at"])
        said = figures.percent(row["ever"]), interval, figures.error(row["ever_mcse"]), on
        lines.append(Line((f"{declared.label}: {declared.active}", *said), bar))
    note = f"By then: active some time after {fc.as_of}, up to the day, which the bars show. On the day: active on it."
    return Grid(f"Outcomes by {run.by}", _OUTCOMES, tuple(lines), f"{note} {ON_BARS}", run.ok)


def influence_grids(run: Run) -> Iterator[Grid]:
    """Yield the shares of the last month, and whether closeness counts for more than office."""
    months = run.influence.index.get_level_values("period")
    last = run.influence[months == months.max()].droplevel("period")
    shares = last.loc[[faction.id for faction in run.forecast.case.spec.factions]]
    yield grid_of(influence_table(Summary(run)), share_bars(shares, "mean"), ON_BARS)
    closeness = grid_of(closeness_table(Summary(run)))
    lines = tuple(Line(("Closeness counts for more than office", *line.cells)) for line in closeness.lines)
    yield replace(closeness, headers=(("Statement", False), *closeness.headers), lines=lines)


def month_grid(run: Run) -> Grid:
    """Return the share of every faction in every month: what the drawing shows."""
    factions, found = run.forecast.case.spec.factions, rows(run.influence)
    headers = (("Month", False), *((faction.label, True) for faction in factions))
    cells = {
        month: [_share(found[month, one.id]) for one in factions]
        for month in dict.fromkeys(month for month, _ in found)
    }
    lines = tuple(Line((figures.month(month), *own)) for month, own in cells.items())
    note = f"Monte Carlo error at most {figures.error(max(row['mcse'] for row in found.values()))} points."
    return Grid("Influence by month", headers, lines, note, run.ok)


def _share(row: Mapping[str, float]) -> str:
    return figures.percent_with_interval(row["mean"], row["lower"], row["upper"])


def record_grids(run: Run) -> tuple[list[Grid], list[Grid]]:
    """Return the lines of the record that the case shows first, and then all of it, a table a grouping."""
    shown = Summary(run).record_lines
    if run.defection.empty:
        return [], []
    caption = (
        "Raw: as counted. Pooled: drawn towards what is known of promises like them; shrinkage, how far, from 0 to 1. "
        "One-off promises are counted by promise, flows by month."
    )
    first = [_record_grid(run, "Breaches of promises", run.defection.loc[shown], caption)] if shown else []
    groups = run.defection.groupby(level="grouping", sort=False)
    return first, [_record_grid(run, str(name), lines) for name, lines in groups]


def _record_grid(run: Run, title: str, table: pd.DataFrame, note: str = "") -> Grid:
    lines = []
    scale = float(table["upper"].max())
    bars = share_bars(table[["pooled", "lower", "upper"]] / scale, "pooled", _rates(table))
    for ((grouping, level), row), bar in zip(rows(table).items(), bars, strict=True):
        process = grouping.split(".", 1)[0]
        name = f"{process}, {run.forecast.case.spec.processes[process].unit}" if level == "all" else level
        counts = f"{row['n']:g}", f"{row['broken']:g}"
        rates = figures.rate(row["raw"]), figures.rate(row["pooled"]), figures.rate_interval(row["lower"], row["upper"])
        shrunk = figures.BLANK if isnan(row["shrinkage"]) else f"{round(row['shrinkage'], 2) + 0.0:.2f}"  # no -0.00
        lines.append(Line((name, *counts, *rates, shrunk), bar))
    error = rate_error(rows(table).values())
    said = f"Bars run from 0 to {figures.rate(scale)}; Monte Carlo error of a pooled rate at most {error}."
    return Grid(title, _RECORD, tuple(lines), f"{note} {said}".strip(), run.ok)


def _rates(table: pd.DataFrame) -> list[str]:
    return [
        f"{row['pooled']:.3f}, 90 % interval {row['lower']:.3f} to {row['upper']:.3f}" for row in rows(table).values()
    ]


def question_grids(run: Run) -> Iterator[Grid]:
    """Yield the open questions with a probability, and those without."""
    priced = run.questions[run.questions["why_not"] == ""]
    answered, *others = question_sections(run)
    yield grid_of(answered, share_bars(priced), ON_BARS if len(priced) else "")
    yield from map(grid_of, others)
