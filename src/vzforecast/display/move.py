"""What an update moved: news, before, after, change, and whether that can be trusted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from vzforecast import figures
from vzforecast.display.summary import Run, rows
from vzforecast.display.tables import FIGURE, ID, LABEL, PROSE, Section, new_table
from vzforecast.forecast import UpdateReport

ABOUT_CHANGE = (
    "Change and Monte Carlo error of the change (MC error, at most) in percentage points; a change of less than twice "
    "the error is none."
)


@dataclass(frozen=True)
class Move:
    """A forecast and what an update made of it.

    Attributes
    ----------
    before, after : Run
        Both with the scenarios of one day.
    """

    before: Run
    after: Run

    @property
    def report(self) -> UpdateReport:
        """How the update went; raises ValueError if there was none."""
        found = self.after.forecast.update_report
        if found is None:
            raise ValueError("the forecast after the move was never updated")
        return found

    @property
    def new_items(self) -> pd.DataFrame:
        """The lines of the report's items that the forecast before did not have."""
        there = [item.id for item in self.before.forecast.evidence]
        return self.report.items.drop(index=[name for name in there if name in self.report.items.index])

    @property
    def change(self) -> pd.DataFrame:
        """By scenario: ``before``, ``after``, ``change`` (probabilities) and ``mcse`` of the change, at most."""
        return changes(self.before.scenarios, self.after.scenarios)


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return two tables of probabilities beside each other; they share draws, so that the error is an upper bound."""
    columns = {
        "before": before["probability"],
        "after": after["probability"],
        "change": after["probability"] - before["probability"],
        "mcse": (before["mcse"] ** 2 + after["mcse"] ** 2) ** 0.5,
    }
    return pd.DataFrame(columns)


def sections(move: Move) -> Iterator[Section]:
    """Yield the tables of an update, in the order in which they are read."""
    if len(move.new_items):
        yield news_table(move.new_items)
    yield from moved(move)
    if len(move.report.quotes):
        yield quote_table(move.report)


def moved(move: Move) -> Iterator[Section]:
    """Yield scenarios, outcomes and influence before and after, of any two forecasts of one case."""
    yield _scenarios(move)
    yield _outcomes(move)
    yield _influence(move)


def news_table(items: pd.DataFrame) -> Section:
    """Return items of evidence, with what each enters as; ``items`` is that of an update report, or lines of it."""
    table = new_table({"News": PROSE, "Published": ID, "Confidence": LABEL, "Enters as": PROSE})
    for name, item in items.iterrows():
        shown = f"{item['type']}: {item['headline'] or name}"
        table.add_row(shown, item["published"], item["confidence"], item["enters_as"])
    caption = "Confidence is shown and weighs nothing: what is not to count is left out, or retracted."
    return Section("News", table, caption)


def _scenarios(move: Move) -> Section:
    table = new_table({"Scenario": LABEL, "Id": ID} | _CHANGE)
    found = rows(move.change)
    for declared in move.after.forecast.case.spec.scenarios:
        table.add_row(declared.label, declared.id, *_cells(found[declared.id]))
    return Section(f"Scenarios on {move.after.by}", table, ABOUT_CHANGE, ok=move.after.ok)


def _outcomes(move: Move) -> Section:
    table = new_table({"Outcome": LABEL, "State": ID} | _CHANGE)
    found = rows(changes(move.before.on_the_day, move.after.on_the_day))
    for declared in move.after.forecast.case.spec.outcomes:
        if not declared.recurrent:  # which is over before the day ends
            table.add_row(declared.label, declared.active, *_cells(found[declared.id]))
    return Section(f"Outcomes on {move.after.by}", table, ok=move.after.ok)


_CHANGE = dict.fromkeys(("Before", "After", "Change", "MC error"), FIGURE)


def _cells(row: Mapping[str, float]) -> list[str]:
    shown = figures.percent(row["before"]), figures.percent(row["after"])
    return [*shown, figures.change(row["change"]), figures.error(row["mcse"])]


def _influence(move: Move) -> Section:
    """Set the last month of each forecast beside the other."""
    before, after = (rows(run.influence) for run in (move.before, move.after))
    then, now = (max(month for month, _ in table) for table in (before, after))
    headers = {"Faction": LABEL, "Id": ID, f"{then:%b %Y}, before": FIGURE, f"{now:%b %Y}, after": FIGURE}
    table = new_table(headers | {"Change": FIGURE})
    for faction in move.after.forecast.case.spec.factions:
        old, new = before[then, faction.id]["mean"], after[now, faction.id]["mean"]
        cells = figures.percent(old), figures.percent(new), figures.change(new - old)
        table.add_row(faction.label, faction.id, *cells)
    worst = max(row["mcse"] for own in (before, after) for row in own.values())
    caption = f"Monte Carlo error of a share at most {figures.error(worst)} points."
    return Section("Influence by faction", table, caption, ok=move.after.ok)


def quote_table(report: UpdateReport) -> Section:
    """Return where the model and the market differ."""
    headers = {"Event": PROSE, "Platform": LABEL}
    table = new_table(headers | dict.fromkeys(("Model", "Market", "Points", "Log-odds", "Weight", "Pooled"), FIGURE))
    for _, quote in report.quotes.iterrows():
        chances = figures.percent(quote["model"]), figures.percent(quote["market"])
        apart = figures.change(quote["difference"]), f"{quote['log_odds']:+.2f}"
        row = quote["event"], quote["platform"], *chances, *apart, f"{quote['weight']:g}"
        table.add_row(*row, figures.percent(quote["pooled"]))
    caption = "Market less model, each as of the day of the quote; pooled in log-odds with the weight of the market."
    return Section("Model and market", table, caption)
