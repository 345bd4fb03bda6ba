"""What changed since the forecast before, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vzforecast import figures
from vzforecast.case.schema import CaseSpec
from vzforecast.convergence import quietly
from vzforecast.display.move import Move, moved, news_table, quote_table
from vzforecast.display.summary import Run
from vzforecast.display.tables import Section
from vzforecast.errors import ReportError, VzForecastError
from vzforecast.evidence import Evidence
from vzforecast.explaining.shapley import EXACT_PARTS
from vzforecast.forecast import Forecast, Probability
from vzforecast.reporting.grids import Grid, Line, grid_of, steps
from vzforecast.reporting.subject import Subject, long_day

if TYPE_CHECKING:
    from vzforecast.explaining import MoveLedger  # only named here: a report of one forecast splits no move

# News that is split item by item while a reader waits: of any kind, and where no item bears on another, since then
# sampled orders build no case anew. More of it would take minutes.
MOST_ITEMS: Final = EXACT_PARTS
MOST_ALONE: Final = 40
_ORDERS: Final = 40  # sampled beyond twelve items; what that leaves open is in the error of each line
_LEDGER: Final = (
    ("What moved it", False),
    ("Published", False),
    ("Points", True),
    ("MC error", True),
    ("Log-odds", True),
)


@dataclass(frozen=True)
class Changed:
    """What is said of a change: sentences, tables, and longer tables that are folded away."""

    sentences: tuple[str, ...]
    grids: tuple[Grid, ...]
    folded: tuple[Grid, ...] = ()


def check_since(fc: Forecast, since: Forecast) -> None:
    """Refuse two forecasts that cannot stand beside each other.

    Raises
    ------
    ReportError
        They are of two cases, end on two days, or the second is the later one.
    """
    own, other = fc.case.spec, since.case.spec
    if own.name != other.name:
        remedy = "give an earlier forecast of the same case"
        raise ReportError(f"since: a forecast of {other.name!r}, and the report is of {own.name!r}; {remedy}")
    if since.as_of > fc.as_of:
        raise ReportError(f"since: as of {since.as_of}, later than the report's forecast, {fc.as_of}; swap them")
    if since.horizon != fc.horizon or _declared(own) != _declared(other):
        what = "another horizon, or other scenarios, outcomes or factions"
        remedy = "give a forecast of the case as it is declared now"
        raise ReportError(f"since: the forecast of {since.as_of} has {what}; {remedy}")


def _declared(spec: CaseSpec) -> list[list[str]]:
    return [[one.id for one in group] for group in (spec.scenarios, spec.outcomes, spec.factions)]


def changed(run: Run, since: Forecast | None, about: Subject) -> Changed:
    """Return what changed since a forecast, or else what the last update did.

    Parameters
    ----------
    run : Run
        The forecast of the report.
    since : Forecast or None
        An earlier one of the same case.
    about : Subject
        The event whose change is taken apart.

    Returns
    -------
    Changed
        Ready to be shown.
    """
    fc = run.forecast
    own = [] if fc.update_report is None else [_sentence(fc.update_report.text)]
    if since is None:
        if fc.update_report is None:
            return Changed(("No earlier forecast was given, and this one was fitted afresh.",), ())
        items = [news_table(fc.update_report.items)] if len(fc.update_report.items) else []
        return Changed(tuple(own), tuple(map(grid_of, [*items, *_quotes(fc)])))
    move = Move(Run(since, run.by, 0.0), run)
    alarm = () if since.ok else ("The earlier forecast comes from a FAILED FIT: do not use the changes.",)
    said, ledger, between = _why(since, fc, about)
    there = {item.id for item in since.evidence}
    new = [] if fc.update_report is None else [fc.update_report.items.drop(index=list(there), errors="ignore")]
    scenarios, *others = moved(move)
    grids = [grid_of(scenarios), *ledger, *(grid_of(news_table(items)) for items in new if len(items))]
    sentences = (*alarm, figures.unbroken(f"Since {long_day(since.as_of)}. {said}"), *own)
    folded = (*map(grid_of, others), *between)
    return Changed(sentences, (*grids, *map(grid_of, _quotes(fc))), folded)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _quotes(fc: Forecast) -> Iterator[Section]:
    if fc.update_report is not None and len(fc.update_report.quotes):
        yield quote_table(fc.update_report)


def _why(since: Forecast, fc: Forecast, about: Subject) -> tuple[str, list[Grid], list[Grid]]:
    """Return why the probability of the event moved, in words and as a waterfall.

    Where that cannot be said, the words give the reason; where too much lies between, it is listed to be folded away.
    """
    from vzforecast.explaining import explain  # noqa: PLC0415 - a tenth of a second that other reports need not wait
    from vzforecast.explaining.changes import Changes  # noqa: PLC0415 - the same

    try:
        changes = Changes.between(since, fc)
        items = changes.items
        if len(items) > (MOST_ALONE if len(changes.plain) == len(items) else MOST_ITEMS):
            then, now = (figures.percent(_asked(one, about).mean) for one in (since, fc))
            remedy = "compare with a nearer forecast, or use vzforecast.explain, which may take minutes"
            said = (
                f"{about.name}: from {then} to {now}. {len(items)} items lie between, too many to split here: {remedy}."
            )
            return said, [], [_between(items)]
        ledger = quietly(lambda: explain(since, fc, about.text, permutations=_ORDERS))
    except VzForecastError as error:
        return f"The change of {about.name} could not be split by what moved it: {error}.", [], []
    said = ledger.text.removeprefix(f"{ledger.event}: ")
    return f"{about.name}: {said}", [_waterfall(ledger, about)], []


def _between(items: Sequence[Evidence]) -> Grid:
    lines = tuple(Line((f"{item.type}: {item.headline or item.id}", str(item.published))) for item in items)
    return Grid("What lies between", (("Item", False), ("Published", False)), lines)


def _asked(fc: Forecast, about: Subject) -> Probability:
    return quietly(lambda: fc.probability(about.text))


def _waterfall(ledger: "MoveLedger", about: Subject) -> Grid:
    table = ledger.table
    bars = steps(100.0 * ledger.before.mean, table["points"].tolist(), table["clear"].tolist())
    lines = []
    for (name, row), bar in zip(table.iterrows(), bars, strict=True):
        item = row["published"] == row["published"]  # what is no item has no day
        shown = f"{str(row['kind']).replace('_', ' ')}: {row['headline'] or name}" if item else str(name)
        published = str(row["published"].date()) if item else figures.BLANK
        odds = figures.BLANK if row["log_odds"] != row["log_odds"] else f"{row['log_odds']:+.2f}"
        points = figures.change(row["points"] / 100.0), figures.error(row["mcse"] / 100.0)
        lines.append(Line((shown, published, *points, odds), bar))
    ends = f"from {figures.percent(ledger.before.mean)} to {figures.percent(ledger.after.mean)}"
    note = (
        "Each bar begins where the one above it ends; grey: within twice its Monte Carlo error. Points and log-odds "
        "each sum to the whole change."
    )
    ok = ledger.before.ok and ledger.after.ok
    return Grid(f"What moved {about.name}, {ends}", _LEDGER, tuple(lines), note, ok)
