"""Whether a case can take what a log says, and what speaks against one more entry if it cannot."""

import datetime as dt
from collections.abc import Iterator, Sequence

from vzforecast.case import Case
from vzforecast.errors import EvidenceError, Fault
from vzforecast.evidence_log.entry import Entry
from vzforecast.evidence_log.ledger import Ledger


def faults_brought(case: Case, before: Ledger, after: Ledger, new: Sequence[Entry]) -> list[Fault]:
    """Return what new entries bring about that a case cannot take.

    Additions are judged by what is in force on the newest day of the log. A retraction or correction is judged by every
    day from its own on on which something changes: what was added later may build on what it takes away.

    Parameters
    ----------
    case : Case
        Cut to a day.
    before, after : Ledger
        Without and with the new entries.
    new : sequence of Entry
        Of one kind.

    Returns
    -------
    list of Fault
        Those of the items named by the new entries, and those that were not there before; each once.
    """
    mine = {str(entry.item) for entry in new}
    found: dict[Fault, None] = {}
    for day in _days(case, after, new):
        if faults := _faults(case, after, day):
            known = set(_faults(case, before, day))
            found |= dict.fromkeys(fault for fault in faults if fault.file in mine or fault not in known)
    return [fault if fault.file in mine else _explained(fault, new) for fault in found]


def _days(case: Case, after: Ledger, new: Sequence[Entry]) -> Iterator[dt.date]:
    """Yield the days to look at, none before that of the case, which knows nothing of them."""
    if not new:
        return
    days = {max(entry.on for entry in after.entries)}
    if any(entry.what != "add" for entry in new):
        first = min(entry.on for entry in new)
        days |= {entry.on for entry in after.entries if entry.on >= first}
    yield from sorted({max(day, case.as_of or day) for day in days})


def _faults(case: Case, ledger: Ledger, day: dt.date) -> Sequence[Fault]:
    try:
        case.with_evidence(ledger.in_force(day), as_of=day)
    except EvidenceError as error:
        return error.faults
    return ()


def _explained(fault: Fault, new: Sequence[Entry]) -> Fault:
    """Say of a fault of another item which change it follows from."""
    changes = {"retract": "retracted", "correct": "corrected"}
    for entry in new:
        if entry.what in changes:
            problem = f"{fault.problem}, once {entry.id} is {changes[entry.what]} from {entry.on} on"
            remedy = "retract or correct this item first, from that day on or earlier"
            return Fault(fault.file, fault.place, fault.value, problem, remedy)
    return fault
