"""Appointments and departures: spells in the table of actors that begin and end."""

from collections.abc import Iterator

from vzforecast.case.added.draft import Cells, Draft
from vzforecast.case.added.words import NOT_GIVEN, fault, text
from vzforecast.errors import Fault
from vzforecast.evidence import Appointment, Departure
from vzforecast.inputs.wording import choices, meant_or


def write_appointment(draft: Draft, item: Appointment) -> Iterator[Fault]:
    """End the actor's present post, if any, and begin the new one."""
    posts = _posts_of(draft, item.actor)
    if not posts and item.faction is None:
        known = {row["actor"] for row in draft.rows("actors")}
        yield fault(item, "actor", "unknown actor", meant_or(item.actor, known, "give the faction of a new one"))
        return
    if found := list(_overlaps(item, posts)):
        yield from found
        return
    present = _present(posts)
    if present is not None:
        _end(draft, present, item)
    last = posts[-1] if posts else {"faction": ""}
    role = item.role or (present["role"] if present is not None else NOT_GIVEN)
    cells = {name: text(getattr(item, name)) for name in ("actor", "office", "proximity", "salience", "confidence")}
    cells |= {"faction": item.faction or last["faction"], "role": role, "from": str(item.date), "note": item.note}
    draft.add("actors", item, cells)


def write_departure(draft: Draft, item: Departure) -> Iterator[Fault]:
    """End the actor's present post."""
    posts = _posts_of(draft, item.actor)
    present = _present(posts)
    if present is None:
        in_post = [row["actor"] for row in draft.rows("actors") if not row["to"]]
        yield fault(item, "actor", "nobody of that name is in post", choices(item.actor, in_post))
    elif found := list(_overlaps(item, posts)):
        yield from found
    else:
        _end(draft, present, item)


def _posts_of(draft: Draft, actor: str) -> list[Cells]:
    """Return the posts of an actor, the latest last."""
    return sorted((row for row in draft.rows("actors") if row["actor"] == actor), key=lambda row: row["from"])


def _present(posts: list[Cells]) -> Cells | None:
    return next((row for row in posts if not row["to"]), None)


def _end(draft: Draft, post: Cells, item: Appointment | Departure) -> None:
    draft.vacated.append((post["faction"], item))
    draft.change("actors", post, item, {"to": str(item.date)})


def _overlaps(item: Appointment | Departure, posts: list[Cells]) -> Iterator[Fault]:
    """Refuse a day on which a post known already has not begun, or has not ended."""
    day = str(item.date)
    for post in posts:
        if post["from"] >= day or post["to"] > day:
            until = f" to {post['to']}" if post["to"] else ""
            problem = f"not after the post that {item.actor} holds from {post['from']}{until}"
            yield fault(item, "date", problem, "correct the date, or the earlier item")
            return
