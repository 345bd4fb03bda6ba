"""Checks of the schedule: its class, its kinds, and that of two ends only one can govern a hazard."""

from collections.abc import Iterator

from vzforecast.case.checks.parts import Parts, Row, case_fault
from vzforecast.case.processes import LicencesProcess
from vzforecast.case.schema import CaseSpec
from vzforecast.errors import Fault
from vzforecast.inputs.wording import choices


def check_schedule(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Yield the faults of the schedule and of what declares it.

    Parameters
    ----------
    parts : Parts
        The tables.
    spec : CaseSpec
        The declarations.

    Yields
    ------
    Fault
        Each contradiction.
    """
    rows = parts.rows("schedule")
    if spec.scheduled is None:
        for row in rows:
            yield row.fault("kind", "no kind is declared", "add [scheduled] with its kinds to case.toml")
        return
    yield from _process(spec, spec.scheduled.process)
    ends: dict[tuple[object, ...], int] = {}
    for row in rows:
        yield from _kind(spec, row)
        transition = spec.scheduled.kinds.get(row.text("kind"), "none")
        if transition != "none" and row.sound:
            key = row.text("outcome"), transition, row.day("published")
            line = ends.setdefault(key, row.line)
            if line != row.line:
                problem = f"ends a term of the same hazard as row {line} and was published that day too; one can govern"
                yield row.fault("date", problem, 'keep one, or give one a kind that is "none"')


def _process(spec: CaseSpec, name: str) -> Iterator[Fault]:
    licences = [one for one, process in spec.processes.items() if isinstance(process, LicencesProcess)]
    if name not in licences:
        problem = "not a process of licences" if name in spec.processes else "unknown process"
        yield case_fault("scheduled.process", name, problem, choices(name, licences))


def _kind(spec: CaseSpec, row: Row) -> Iterator[Fault]:
    """Look up the kind, and the hazard that it ends a term of."""
    kinds = spec.scheduled.kinds if spec.scheduled else {}
    kind = row.text("kind")
    if not kind:
        return
    if kind not in kinds:
        yield row.unknown("kind", "kind, not declared in scheduled.kinds", sorted(kinds))
        return
    recurrent = {outcome.id for outcome in spec.outcomes if outcome.recurrent}
    if kinds[kind] != "none" and row.text("outcome") in recurrent:
        problem = f"ends a term of {row.text('outcome')}, which is recurrent and has none"
        yield row.fault("kind", problem, 'use a kind that is "none"')
