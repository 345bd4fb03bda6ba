"""The tables of the main job."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.box import Box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vzforecast import figures
from vzforecast.case.schema import Headline
from vzforecast.display.summary import Run, Summary, headline_line, rows

FAILED: Final = "FAILED FIT, DO NOT USE: "

# A rule under the header and nothing else: what is left of a box in a pipe, an e-mail or a log.
_RULE: Final = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)

_RATES: Final = ("pooled", "lower", "upper", "mcse")

LABEL, ID, FIGURE, PROSE = "label", "id", "figure", "prose"


@dataclass(frozen=True)
class Section:
    """A table, what it is of, how to read it, and whether its numbers may be used."""

    title: str
    table: Table
    caption: str = ""
    ok: bool = True

    def lines(self) -> Iterator[RenderableType]:
        """Yield what is printed; the title says so if the numbers come from a failed fit."""
        yield Text.assemble(("" if self.ok else FAILED, "bold red"), (self.title, "bold"))
        yield self.table
        if self.caption:
            yield Text(self.caption, style="dim")


def scenario_table(summary: Summary) -> Section:
    """Return the probability of every scenario on the day asked about."""
    headers = {"Scenario": LABEL, "Id": ID, "Probability": FIGURE, "90 % interval": FIGURE, "MC error": FIGURE}
    table = new_table(headers)
    found = rows(summary.main.scenarios)
    for declared in summary.spec.scenarios:
        row = found[declared.id]
        shown = figures.percent(row["probability"]), figures.percent_interval(row["lower"], row["upper"])
        table.add_row(declared.label, declared.id, *shown, figures.error(row["mcse"]))
    return Section(f"Scenarios on {summary.main.by}", table, ok=summary.main.ok)


def outcome_table(summary: Summary) -> Section:
    """Return how likely each outcome is to be active by, and on, each deadline still to come."""
    found = rows(summary.main.outcomes)
    days = list(dict.fromkeys(day for _, day in found))
    worst = max(max(row["ever_mcse"], row["at_mcse"]) for row in found.values())
    caption = (
        f"By: some time after {summary.main.forecast.as_of}, up to the day. On: on the day itself. 90 % intervals in "
        f"brackets; Monte Carlo error at most {figures.error(worst)} points."
    )
    table = new_table({"Outcome": LABEL, "": ID} | {str(day.date()): FIGURE for day in days})
    for declared in summary.spec.outcomes:
        lines = [("ever", declared.label, "by"), ("at", f"  {declared.active}", "on")]
        for kind, label, when in lines[:1] if declared.recurrent else lines:  # it is over before the day ends
            table.add_row(label, when, *(_probability(found[declared.id, day], kind) for day in days))
    return Section("Outcomes", table, caption, ok=summary.main.ok)


def influence_table(summary: Summary) -> Section:
    """Return each faction's share of influence in the last month, and how it moved since the first."""
    found = rows(summary.main.influence)
    months = [month for month, _ in found]
    first, last = months[0], months[-1]
    worst = max(row["mcse"] for row in found.values())
    caption = (
        "The chance that the next ordinary statement in the news favours the faction. "
        f"Monte Carlo error at most {figures.error(worst)} points."
    )
    headers = {"Faction": LABEL, "Id": ID, "Share": FIGURE, "90 % interval": FIGURE}
    since = {f"Points since {figures.month(first)}": FIGURE} if last > first else {}
    table = new_table(headers | since)
    for faction in summary.spec.factions:
        now, before = found[last, faction.id], found[first, faction.id]
        shown = figures.percent(now["mean"]), figures.percent_interval(now["lower"], now["upper"])
        moved = [figures.change(now["mean"] - before["mean"])] if since else []
        table.add_row(faction.label, faction.id, *shown, *moved)
    return Section(f"Influence by faction, {figures.month(last)}", table, caption, ok=summary.main.ok)


def closeness_table(summary: Summary) -> Section:
    """Return the probability that closeness counts for more than office, beside its prior."""
    value, prior = summary.main.closeness_beats_office, summary.main.prior_closeness_beats_office
    caption = "Of what gives a faction influence. Near its prior, the probability says that the data are silent."
    table = new_table(dict.fromkeys(("Probability", "Prior", "MC error"), FIGURE))
    table.add_row(figures.percent(value.mean), figures.percent(prior), figures.error(value.mcse))
    return Section("Does closeness count for more than office?", table, caption, ok=summary.main.ok)


def record_table(summary: Summary) -> Section:
    """Return the record of promises: what was counted, and what the model makes of it."""
    found = rows(summary.main.defection)
    caption = (
        "Raw: as counted. Pooled: drawn towards what is known of promises like them; "
        f"Monte Carlo error at most {rate_error(found[line] for line in summary.record_lines)}."
    )
    figure_headers = ("Promises", "Broken", "Raw", "Pooled", "90 % interval")
    table = new_table({"Record": LABEL} | dict.fromkeys(figure_headers, FIGURE))
    for line in summary.record_lines:
        row, process = found[line], line[0].split(".")[0]
        name = f"{process}, {summary.spec.processes[process].unit}" if line[1] == "all" else f"  {line[1]}"
        interval = figures.rate_interval(row["lower"], row["upper"])
        rates = figures.rate(row["raw"]), figures.rate(row["pooled"]), interval
        table.add_row(name, f"{row['n']:.0f}", f"{row['broken']:.0f}", *rates)
    return Section("Breaches of promises", table, caption, ok=summary.main.ok)


def rate_error(lines: Iterable[Mapping[str, float]]) -> str:
    """Return the largest Monte Carlo error of the pooled rates of some lines of the record; a dash of no rate."""
    return figures.rate(max((row["mcse"] for row in lines if not math.isnan(row["mcse"])), default=math.nan))


def left_out_table(main: Run, other: Run, headline: Headline) -> Section:
    """Return what the headline names, in the fit of all data and in the one without its agreement."""
    before, after = (rows(run.scenarios)[headline.scenario] for run in (main, other))
    noise = math.hypot(before["mcse"], after["mcse"])
    unit = main.forecast.case.spec.processes[headline.process].unit
    rates = [_record_line(run, headline) for run in (main, other)]
    caption = (
        f"Pooled breaches {unit} (Monte Carlo error at most {rate_error(rates)}), and the chance of the scenario on "
        f"{main.by}; its change is in points, with a Monte Carlo error of {figures.error(noise)}."
    )
    columns = ("All data", f"Without {headline.leave_out}", "Change")
    table = new_table({"": LABEL} | dict.fromkeys(columns, FIGURE))
    cells = [f"{figures.rate(row['pooled'])} {figures.rate_interval(row['lower'], row['upper'])}" for row in rates]
    table.add_row(headline.level, *cells, figures.rate_change(rates[1]["pooled"] - rates[0]["pooled"]))
    chances = [figures.percent_with_interval(row["probability"], row["lower"], row["upper"]) for row in (before, after)]
    difference = figures.change(after["probability"] - before["probability"])
    table.add_row(headline.scenario, *chances, difference)
    return Section(f"How much rests on {headline.leave_out}", table, caption, ok=main.ok and other.ok)


def _record_line(run: Run, headline: Headline) -> Mapping[str, float]:
    """Return the headline's line of the record; blank if nothing of its kind was known by the as-of date."""
    return rows(run.defection).get(headline_line(headline), dict.fromkeys(_RATES, math.nan))


def verdict_table(summary: Summary) -> Section:
    """Return the convergence verdict of each fit."""
    table = new_table({"Fit": LABEL, "Verdict": PROSE})
    for what, run in summary.runs.items():
        table.add_row(what, Text(run.forecast.diagnostics.text, style="" if run.ok else "bold red"))
    return Section("Convergence", table)


def time_table(summary: Summary) -> Section:
    """Return how long each stage of each fit took, now or when it was computed."""
    table = new_table({"Fit": LABEL, "Took": FIGURE, "Stages, in seconds": PROSE})
    for what, run in summary.runs.items():
        table.add_row(what, figures.seconds(run.seconds), _stages(run))
    return Section("Time", table)


def _stages(run: Run) -> str:
    stages: dict[str, float] = run.forecast.provenance["seconds"]
    listed = ", ".join(f"{name} {taken:.1f}" for name, taken in stages.items() if taken >= 0.05)
    if not run.from_cache:
        return listed
    made = datetime.fromisoformat(run.forecast.provenance["made"])
    return f"from the cache; computed on {made:%Y-%m-%d} in {figures.seconds(sum(stages.values()))} ({listed})"


def new_table(headers: Mapping[str, str]) -> Table:
    """Start a table with columns by kind: labels and prose may wrap between words; ids and figures may not."""
    table = Table(box=_RULE, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="")
    for header, kind in headers.items():
        whole = kind in (ID, FIGURE)
        table.add_column(header, justify="right" if kind == FIGURE else "left", no_wrap=whole, overflow="fold")
    return table


def _probability(row: Mapping[str, float], kind: str) -> str:
    return figures.percent_with_interval(row[kind], row[f"{kind}_lower"], row[f"{kind}_upper"])
