"""One item of every kind for the skeleton, and any item at all for property tests."""

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from vzforecast import evidence as ev
from vzforecast.case.tables import TABLES

EVENT = "ever(fishing_truce = broken) by 2024-12-31"

# What each kind needs beside a date, and suits the skeleton as known on 15 April 2024.
LEAST: dict[str, dict[str, Any]] = {
    "signal": {"faction": "wardens"},
    "transition": {"outcome": "fishing_truce", "to": "broken"},
    "commitment_resolved": {"commitment": "tr24_seizures", "result": "broken"},
    "licence_decision": {"licence": "Ferry", "decision": "renewed"},
    "action": {"direction": "ease", "kind": "dues", "severity": 2},
    "scheduled_decision": {"outcome": "ferry_permit", "due": "2024-07-31", "kind": "permit_ends"},
    "appointment": {"actor": "Cora Vane", "office": 30, "proximity": 60, "salience": 70},
    "departure": {"actor": "Cora Vane"},
    "likelihood_judgement": {"event": EVENT, "ratio": 3.0},
    "probability_judgement": {"event": EVENT, "probability": 0.8},
    "market_quote": {"event": EVENT, "probability": 0.2, "platform": "Exchange"},
}


def item(kind: str, /, **fields: Any) -> ev.Evidence:
    """Return an item of a kind, dated 20 April 2024 and called "x" unless said otherwise."""
    return ev.KINDS[kind](**{"id": "x", "date": "2024-04-20", **LEAST[kind], **fields})


days = st.dates(dt.date(2014, 1, 1), dt.date(2026, 12, 31))
# Anything a person may write: quotes, commas, line breaks, other scripts; no control characters.
prose = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\"',;=[]{}#\\"), max_size=40)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\"',;=[]{}#\\"), min_size=1)
labels = lines.filter(lambda text: text.strip() != "")
chances = st.floats(0, 1, exclude_min=True, exclude_max=True)
shares = st.floats(0, 1)
scores = st.one_of(st.integers(0, 100), st.floats(0, 100))

_OWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "signal": {"kind": labels, "strength": st.integers(1, 3), "episode": labels, "actor": labels}
    | {"is_decision": st.booleans()},
    "transition": {"outcome": labels, "to": labels, "episode": labels},
    "commitment_resolved": {"commitment": labels, "agreement": labels, "kind": labels, "own_history_of": labels}
    | {"result": st.sampled_from(["kept", "partial", "broken", "unresolved"])}
    | {"form": st.sampled_from(["one_off", "flow"]), "regime_threat": st.integers(0, 2)}
    | {"relief_at_stake": st.sampled_from(["none", "minor", "major"])},
    "licence_decision": {"licence": labels, "version": labels, "series": labels, "scope": labels}
    | {"new_expiry": days, "self_renewing": st.booleans(), "own_history_of": labels}
    | {"decision": st.sampled_from(TABLES["licences"].column("decision").codes)},
    "action": {"direction": st.sampled_from(["tighten", "ease"]), "kind": labels, "severity": st.integers(1, 3)}
    | {"sectoral": st.booleans(), "instrument": labels, "own_history_of": labels},
    "scheduled_decision": {"outcome": labels, "kind": labels, "due": days},
    "appointment": {"actor": labels, "office": scores, "proximity": scores, "salience": scores}
    | {"faction": labels, "role": labels},
    "departure": {"actor": labels},
    "likelihood_judgement": {"event": labels, "ratio": st.floats(1e-300, 1e300)},
    "probability_judgement": {"event": labels, "probability": chances},
    "market_quote": {"event": labels, "probability": chances, "platform": labels, "weight": shares},
}


@st.composite
def any_item(draw: st.DrawFn) -> ev.Evidence:
    """Draw an item of any kind, with any of its fields given."""
    kind = ev.KINDS[draw(st.sampled_from(sorted(_OWN)))]
    required = {name for name, field in kind.model_fields.items() if field.is_required()}
    common = {"headline": prose, "source": prose, "note": prose, "id": lines}
    common |= {"confidence": st.sampled_from(["high", "medium", "low"])}
    chosen = {name: own for name, own in (common | _OWN[kind.type]).items() if name in required or draw(st.booleans())}
    date = draw(days)
    fields = {"date": date} | {name: draw(own) for name, own in chosen.items()}
    if draw(st.booleans()):
        fields["published"] = draw(st.dates(date, dt.date(2027, 12, 31)))
    if kind is ev.ScheduledDecision:
        fields["due"] = draw(st.dates(fields.get("published", date), dt.date(2030, 12, 31)))
    if kind is ev.Signal:
        fields |= draw(st.sampled_from([{"faction": "f"}, {"outcome": "o", "lean": "rest"}]))
    if kind is ev.CommitmentResolved and fields["result"] != "kept" and draw(st.booleans()):
        fields |= {"signed": draw(st.dates(dt.date(2010, 1, 1), date)), "first_breach": date}
    return kind(**fields)


def batches() -> st.SearchStrategy[list[ev.Evidence]]:
    """Draw several items with ids of their own."""
    return st.lists(any_item(), max_size=5, unique_by=lambda one: one.id)
