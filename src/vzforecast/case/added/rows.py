"""Items as new rows: news, transitions, licence decisions, actions, days ahead."""

import datetime as dt
from collections.abc import Iterator

from vzforecast.case.added.draft import Cells, Draft
from vzforecast.case.added.words import ADDED, NOT_GIVEN, common_cells, fault, governing, repeated_row, text, ungoverned
from vzforecast.errors import Fault
from vzforecast.evidence import Action, LicenceDecision, ScheduledDecision, Signal, Transition
from vzforecast.inputs.wording import choices, meant_or


def write_signal(draft: Draft, item: Signal) -> Iterator[Fault]:
    """Write a news row."""
    leaning = f"{item.outcome} leaning to {item.lean}" if item.outcome else ""
    summary = ", ".join(
        part for part in (item.kind, f"favours {item.faction}" if item.faction else "", leaning) if part
    )
    is_new = draft.add(
        "news",
        item,
        common_cells(item)
        | {name: text(getattr(item, name)) for name in ("id", "date", "published", "kind", "actor", "strength")}
        | {name: text(getattr(item, name)) for name in ("is_decision", "outcome", "lean", "episode")}
        | {"faction": item.faction or "none", "headline": item.headline or summary}
        | {"bears_on": item.outcome or "several", "direction": "neutral", "coding_reason": ADDED},
    )
    if not is_new:
        yield repeated_row(item, "news", "id")


def write_transition(draft: Draft, item: Transition) -> Iterator[Fault]:
    """Write a transition, the latest of its outcome, or an event of a recurrent one, which come in any order."""
    own = [row for row in draft.rows("transitions") if row["outcome"] == item.outcome]
    recurrent = {outcome.id for outcome in draft.spec.outcomes if outcome.recurrent}
    if item.outcome in recurrent:
        if str(item.date) in {row["date"] for row in own}:
            problem = f"{item.outcome} has an event on that day already, and a day counts once"
            yield fault(item, "date", problem, "correct the date, or leave the item out")
    elif later := [row for row in own if row["date"] >= str(item.date)]:
        last = max(later, key=lambda row: row["date"])
        problem = f"not after the last known transition of {item.outcome}, to {last['to']} on {last['date']}"
        yield fault(item, "date", problem, "correct the date, or begin with the case as known before it")
    names = ("outcome", "date", "published", "to", "episode", "confidence", "note", "source")
    draft.add("transitions", item, {name: text(getattr(item, name)) for name in names})


def write_licence(draft: Draft, item: LicenceDecision) -> Iterator[Fault]:
    """Write a decision on a licence, after the last one of its series."""
    term = governing(draft.spec, item.date)
    if term is None:
        yield ungoverned(item)
    record = draft.rows("licences")
    known = list(dict.fromkeys(row["series"] for row in record if row["licence"] == item.licence))
    series = item.series or (known[0] if known else item.licence)
    if not item.series and not known and item.decision != "initial":
        remedy = meant_or(item.licence, {row["licence"] for row in record}, "give series to begin a record")
        yield fault(item, "licence", "unknown licence, and no initial decision", remedy)
    if not item.series and len(known) > 1:
        yield fault(item, "series", "missing, though the licence has several", choices("", known))
    is_new = draft.add(
        "licences",
        item,
        common_cells(item)
        | {name: text(getattr(item, name)) for name in ("licence", "decision", "new_expiry", "self_renewing")}
        | {"series": series, "version": item.version or item.id, "issued": str(item.date)}
        | {"scope": item.scope or item.headline or NOT_GIVEN, "administration": term.id if term else ""}
        | {"own_history_of": text(item.own_history_of), **_term_before(record, item, series)},
    )
    if not is_new:
        yield repeated_row(item, "licences", "licence")


def write_action(draft: Draft, item: Action) -> Iterator[Fault]:
    """Write a step of the administration of its day."""
    term = governing(draft.spec, item.date)
    if term is None:
        yield ungoverned(item)
    names = ("date", "direction", "kind", "sectoral", "severity", "own_history_of")
    is_new = draft.add(
        "actions",
        item,
        common_cells(item)
        | {name: text(getattr(item, name)) for name in names}
        | {"instrument": item.instrument or NOT_GIVEN, "administration": term.id if term else ""}
        | {"description": item.headline or f"{item.direction} by {item.kind} ({item.id})"},
    )
    if not is_new:
        yield repeated_row(item, "actions", "date")


def write_scheduled(draft: Draft, item: ScheduledDecision) -> Iterator[Fault]:
    """Write a day ahead, unless the case has it, or another end of the same term that was published on that day."""
    kinds = draft.spec.scheduled.kinds if draft.spec.scheduled else {}
    hazard = kinds.get(item.kind, "none")
    same = [row for row in draft.rows("schedule") if hazard != "none" and kinds.get(row["kind"]) == hazard]
    rivals = [row for row in same if (row["outcome"], row["published"]) == (item.outcome, str(item.published))]
    names = ("outcome", "kind", "published")
    cells = {name: text(getattr(item, name)) for name in names} | {"date": str(item.due)}
    if not draft.add("schedule", item, common_cells(item) | cells):
        yield repeated_row(item, "schedule", "due")
    elif rivals:
        problem = f"another end of the term, {rivals[0]['date']}, was published on {item.published} too; one can govern"
        yield fault(item, "due", problem, 'leave one of them out, or give one a kind that is "none"')


def _term_before(record: list[Cells], item: LicenceDecision, series: str) -> Cells:
    """Return when the present term ends and how many days are left of it."""
    mine = [row for row in record if (row["licence"], row["series"]) == (item.licence, series)]
    earlier = sorted((row for row in mine if row["issued"] <= str(item.date)), key=lambda row: row["issued"])
    expiry = earlier[-1]["new_expiry"] if earlier else ""
    days = str((dt.date.fromisoformat(expiry) - item.date).days) if expiry else ""
    return {"prev_expiry": expiry, "days_before_expiry": days}
