"""Resolved promises: the result of one that the case has, or a promise that it does not have yet."""

from collections.abc import Iterator, Mapping
from typing import Final

from vzforecast.case.added.draft import Cells, Draft
from vzforecast.case.added.words import ADDED, NOT_GIVEN, common_cells, fault, text
from vzforecast.errors import Fault
from vzforecast.evidence import CommitmentResolved
from vzforecast.inputs.dates import as_day
from vzforecast.inputs.wording import meant_or

# What describes a promise: field of the item, column of the table.
_DESCRIBING: Final[Mapping[str, str]] = {
    "agreement": "agreement_id",
    "kind": "kind",
    "form": "form",
    "regime_threat": "regime_threat",
    "relief_at_stake": "relief_at_stake",
    "own_history_of": "own_history_of",
}
_NEEDED: Final = tuple(name for name in _DESCRIBING if name != "own_history_of")


def write_promise(draft: Draft, item: CommitmentResolved) -> Iterator[Fault]:
    """Write the result of a promise."""
    promises = {row["commitment_id"]: row for row in draft.rows("commitments")}
    agreements = {row["agreement_id"]: row for row in draft.rows("agreements")}
    row = promises.get(item.commitment)
    if row is not None:
        yield from _unlike(item, row, agreements.get(row["agreement_id"]))
        if row["result"]:
            problem = f"already resolved: {row['result']}, known on {row['resolved_on'] or NOT_GIVEN}"
            yield fault(item, "commitment", problem, "leave the item out, or correct the earlier one")
            return
        signed = agreements[row["agreement_id"]]["signed"]
        draft.change("commitments", row, item, _resolution(item, signed) | {"note": row["note"] or item.note})
        return
    agreement = agreements.get(item.agreement or "")
    missing = [name for name in _NEEDED if getattr(item, name) is None]
    missing += ["signed"] if agreement is None and item.signed is None else []
    if missing:
        remedy = meant_or(item.commitment, promises, f"give also {', '.join(missing)}, to add a promise")
        yield fault(item, "commitment", "unknown commitment", remedy)
        return
    if agreement is None:
        _add_agreement(draft, item)
    else:
        yield from _unlike_agreement(item, agreement)
    _add_promise(draft, item, agreement["signed"] if agreement else str(item.signed))


def _resolution(item: CommitmentResolved, signed: str) -> Cells:
    """Return the cells that a result fills; a breach before the signature is left for the checks to find."""
    days = (item.first_breach - as_day(signed)).days if item.first_breach else -1
    return {
        "result": item.result,
        "resolved_on": str(item.date),
        "first_breach": text(item.first_breach),
        "days_to_breach": str(days) if days >= 0 else "",
    }


def _unlike(item: CommitmentResolved, row: Cells, agreement: Cells | None) -> Iterator[Fault]:
    """Compare the description of a promise with that in the case."""
    for name, column in _DESCRIBING.items():
        given = getattr(item, name)
        if given is not None and str(given) != row[column]:
            problem = f"not what the case says of {item.commitment}, {row[column] or 'nothing'}"
            yield fault(item, name, problem, "leave it out, or correct it")
    if agreement is not None:
        yield from _unlike_agreement(item, agreement)


def _unlike_agreement(item: CommitmentResolved, agreement: Cells) -> Iterator[Fault]:
    if item.signed is not None and str(item.signed) != agreement["signed"]:
        problem = f"not the day on which {agreement['agreement_id']} was signed, {agreement['signed']}"
        yield fault(item, "signed", problem, "leave it out, or correct it")


def _add_agreement(draft: Draft, item: CommitmentResolved) -> None:
    name, signed = text(item.agreement), text(item.signed)
    published = "" if item.published == item.signed else text(item.published)
    told = dict.fromkeys(("counterpart", "mediator", "domain"), NOT_GIVEN)
    given = {"agreement_id": name, "name": name, "signed": signed, "published": published}
    rest = {"relief_offered": text(item.relief_at_stake), "summary": item.headline or ADDED}
    draft.add("agreements", item, common_cells(item) | told | given | rest)


def _add_promise(draft: Draft, item: CommitmentResolved, signed: str) -> None:
    draft.add(
        "commitments",
        item,
        common_cells(item)
        | {column: text(getattr(item, name)) for name, column in _DESCRIBING.items()}
        | {"commitment_id": item.commitment, "description": item.headline or item.commitment}
        | {"form_reason": ADDED, "verifiable": "1"}
        | _resolution(item, signed),
    )
