"""Who would be in post: the table of actors with what is brought about in it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from vzforecast.case import Case
from vzforecast.errors import Fault
from vzforecast.forecast.intervention import Intervention, Post
from vzforecast.inputs.wording import choices

_SCORES: Final = ("office", "proximity", "salience")


def check_posts(case: Case, made: tuple[Intervention, ...]) -> Iterator[Fault]:
    """Yield what cannot be brought about among the actors by the last intervention.

    Parameters
    ----------
    case : Case
        Cut to what is known.
    made : tuple of Intervention
        Those before the last are taken as they are.

    Yields
    ------
    Fault
        An actor who is not there, or is in post already, or leaves a faction empty.
    """
    new = made[-1]
    before = actors_under(case, made[:-1])
    found = [fault for actor, post in new.actors.items() for fault in _check(case, before, actor, post, new)]
    yield from found
    if new.actors and not found:
        yield from _vacant(case, actors_under(case, made), new)


def actors_under(case: Case, made: tuple[Intervention, ...]) -> pd.DataFrame:
    """Return the table of actors, spells in post, under interventions.

    Parameters
    ----------
    case : Case
        Cut to what is known.
    made : tuple of Intervention
        In order.

    Returns
    -------
    DataFrame
        As the table ``actors`` of a case.
    """
    table = case.tables["actors"]
    for intervention in made:
        for actor, post in intervention.actors.items():
            table = _posted(table, actor, post, intervention, case.spec.horizon)
    return table


def _posted(table: pd.DataFrame, actor: str, post: str | Post, span: Intervention, horizon: Any) -> pd.DataFrame:
    """Return the table in which an actor has another post, or none, between two days."""
    start, after = pd.Timestamp(span.start), pd.Timestamp(span.end) + timedelta(days=1)
    returns = span.end < horizon  # else what comes after is not simulated
    own = table[table["actor"] == actor]
    present = own[(own["from"] < start) & (own["to"].isna() | (own["to"] > start))]
    rows = [table.drop(index=present.index), present.assign(to=start)]
    if returns:
        rows.append(present[present["to"].isna() | (present["to"] > after)].assign(**{"from": after}))
    if post != "out":
        last = present if len(present) else own.sort_values("from").tail(1)
        given = {} if isinstance(post, str) else post.model_dump(exclude_none=True)
        template = last.tail(1) if len(last) else table.head(1).assign(role="", actor=actor)
        rows.append(template.assign(**{**given, "from": start, "to": after if returns else pd.NaT}))
    joined = pd.concat([part for part in rows if len(part)], ignore_index=True)
    return joined.astype(dict.fromkeys(_SCORES, float))


def _check(case: Case, table: pd.DataFrame, actor: str, post: str | Post, new: Intervention) -> Iterator[Fault]:
    place, day = f"actors.{actor}", pd.Timestamp(new.start)
    posts = table[table["actor"] == actor]
    in_post = bool(((posts["from"] <= day) & (posts["to"].isna() | (posts["to"] > day))).any())
    if post == "out" and not in_post:
        there = table.loc[table["to"].isna() | (table["to"] > day), "actor"]
        yield _fault(place, "out", f"nobody of that name is in post on {new.start}", choices(actor, list(there)))
    if post == "in" and in_post:
        yield _fault(place, "in", f"is in post on {new.start} already", "leave it out, or give other scores")
    if post == "in" and posts.empty:
        remedy = "give faction, office, proximity and salience as a mapping"
        yield _fault(place, "in", "the case knows no post of that name whose scores could be taken", remedy)
    if isinstance(post, Post):
        yield from _check_post(case, place, post, known=not posts.empty)


def _check_post(case: Case, place: str, post: Post, *, known: bool) -> Iterator[Fault]:
    factions = [faction.id for faction in case.spec.factions]
    if post.faction is not None and post.faction not in factions:
        yield _fault(f"{place}.faction", post.faction, "the case has no such faction", choices(post.faction, factions))
    missing = [name for name in ("faction", *_SCORES) if getattr(post, name) is None]
    if missing and not known:
        yield _fault(place, ", ".join(missing), "a new actor has none of these yet", "give them all")
    if known and len(missing) == 1 + len(_SCORES):
        yield _fault(place, "", "nothing is given", 'give a score, or "in" or "out"')


def _vacant(case: Case, table: pd.DataFrame, new: Intervention) -> Iterator[Fault]:
    """Yield the factions that would have nobody in post with attention and scores; their logs would mean nothing."""
    day = pd.Timestamp(new.start)
    there = table[(table["from"] <= day) & (table["to"].isna() | (table["to"] > day)) & (table["salience"] > 0)]
    for faction in case.spec.factions:
        own = there[there["faction"] == faction.id]
        if own.empty or not own["office"].max() > 0 or not own["proximity"].max() > 0:
            problem = f"{faction.id} would have nobody in post with office and proximity above 0 on {new.start}"
            yield _fault("actors", ", ".join(new.actors), problem, f'silence it instead: silence=["{faction.id}"]')


def _fault(place: str, value: str, problem: str, remedy: str) -> Fault:
    return Fault("intervention", place, value, problem, remedy)
