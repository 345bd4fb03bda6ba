"""Who would be in post: the table of actors with what is brought about in it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import pandas as pd

from vzforecast.case import Case
from vzforecast.errors import Fault
from vzforecast.forecast.intervention import Intervention, Post
from vzforecast.inputs.wording import choices
from vzforecast.intervening.asked import fault

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
    found = [one for actor, post in new.actors.items() for one in _check(case, before, actor, post, new)]
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


def _posted(table: pd.DataFrame, actor: str, post: str | Post, span: Intervention, horizon: date) -> pd.DataFrame:
    """Return the table in which an actor has another post, or none, between two days, whatever it was to have then."""
    start, after = pd.Timestamp(span.start), pd.Timestamp(span.end) + timedelta(days=1)
    returns = span.end < horizon  # else what comes after is not simulated
    own = table[table["actor"] == actor]
    before = own[own["from"] < start]
    rows = [table.drop(index=own.index), before.assign(to=before["to"].where(before["to"] < start, start))]
    if returns:
        later = own[own["to"].isna() | (own["to"] > after)]
        rows.append(later.assign(**{"from": later["from"].where(later["from"] > after, after)}))
    if post != "out":
        given = {} if isinstance(post, str) else post.model_dump(exclude_none=True)
        template = _template(table, actor, start, one="faction" in given)
        rows.append(template.assign(**{**given, "from": start, "to": after if returns else pd.NaT}))
    joined = pd.concat([part for part in rows if len(part)], ignore_index=True)
    return joined.astype(dict.fromkeys(_SCORES, float))


def _template(table: pd.DataFrame, actor: str, day: pd.Timestamp, *, one: bool) -> pd.DataFrame:
    """Return the posts that an actor has on a day, else the last one before it, else any: what is not given is theirs.

    Who speaks for two factions has two posts, which both get the scores given; with a faction there is ``one``.
    """
    own = table[table["actor"] == actor].sort_values("from", kind="stable")
    if own.empty:
        return table.head(1).assign(role="", actor=actor)
    begun = own[own["from"] <= day]
    present = begun[_in_post(begun, day)]
    if len(present) and not one:
        return present
    return next(found for found in (present, begun, own) if len(found)).tail(1)


def _in_post(table: pd.DataFrame, day: pd.Timestamp) -> "pd.Series[bool]":
    """Tell who is in post on a day; the day in ``to`` is the first one out of post."""
    return (table["from"] <= day) & (table["to"].isna() | (table["to"] > day))


def _check(case: Case, table: pd.DataFrame, actor: str, post: str | Post, new: Intervention) -> Iterator[Fault]:
    place, day = f"actors.{actor}", pd.Timestamp(new.start)
    posts = table[table["actor"] == actor]
    in_post = bool(_in_post(posts, day).any())
    if post == "out" and not in_post:
        there = table.loc[_in_post(table, day), "actor"]
        yield fault(place, "out", f"nobody of that name is in post on {new.start}", choices(actor, list(there)))
    if post == "in" and in_post:
        yield fault(place, "in", f"is in post on {new.start} already", "leave it out, or give other scores")
    if post == "in" and posts.empty:
        remedy = "give faction, office, proximity and salience as a mapping"
        yield fault(place, "in", "the case knows no post of that name whose scores could be taken", remedy)
    if isinstance(post, Post):
        yield from _check_post(case, place, post, known=not posts.empty)


def _check_post(case: Case, place: str, post: Post, *, known: bool) -> Iterator[Fault]:
    factions = [faction.id for faction in case.spec.factions]
    if post.faction is not None and post.faction not in factions:
        yield fault(f"{place}.faction", post.faction, "the case has no such faction", choices(post.faction, factions))
    missing = [name for name in ("faction", *_SCORES) if getattr(post, name) is None]
    if missing and not known:
        yield fault(place, ", ".join(missing), "a new actor has none of these yet", "give them all")
    if known and len(missing) == 1 + len(_SCORES):
        yield fault(place, "", "nothing is given", 'give a score, or "in" or "out"')


def _vacant(case: Case, table: pd.DataFrame, new: Intervention) -> Iterator[Fault]:
    """Yield the factions that would have nobody in post with attention and scores; their logs would mean nothing."""
    start, horizon = pd.Timestamp(new.start), pd.Timestamp(case.spec.horizon)
    turns = pd.concat([table["from"], table["to"]])
    days = sorted({start, *turns[(turns > start) & (turns <= horizon)]})
    for faction in case.spec.factions:
        own = table[(table["faction"] == faction.id) & (table["salience"] > 0)]
        vacant = next((day for day in days if not _has_scores(own[_in_post(own, day)])), None)
        if vacant is not None:
            on = f"on {vacant.date()}"
            problem = f"{faction.id} would have nobody in post with office and proximity above 0 {on}"
            yield fault("actors", ", ".join(new.actors), problem, f'silence it instead: silence=["{faction.id}"]')


def _has_scores(there: pd.DataFrame) -> bool:
    return bool(len(there) and there["office"].max() > 0 and there["proximity"].max() > 0)
