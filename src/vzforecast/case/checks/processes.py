"""Checks of reference classes, and of the hazards that name them and members of their groupings."""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator

from vzforecast.case.checks.parts import Parts, case_fault, repeated
from vzforecast.case.processes import Process
from vzforecast.case.schema import CaseSpec, Hazard
from vzforecast.case.tables import COVARIATE_CODES
from vzforecast.errors import Fault
from vzforecast.inputs.wording import choices

# Where the members of a grouping are listed, if it is one table and column.
_MEMBER_COLUMNS = {
    "kind": ("commitments", "kind"),
    "agreement": ("agreements", "agreement_id"),
    "series": ("licences", "series"),
}


def check_processes(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Yield the faults of reference classes and hazards.

    Parameters
    ----------
    parts : Parts
        The tables whose rows are the members of groupings.
    spec : CaseSpec
        The declarations.

    Yields
    ------
    Fault
        Each contradiction.
    """
    for name, process in spec.processes.items():
        yield from _process(name, process)
    yield from _families(spec)
    yield from _shared_rows(spec)
    for outcome in spec.outcomes:
        for transition, hazard in outcome.hazards.items():
            yield from _hazard(parts, spec, outcome.id, transition, hazard)


def _process(name: str, process: Process) -> Iterator[Fault]:
    place = f"processes.{name}"
    unit = "per promise" if process.table == "commitments" and process.form == "one_off" else "per month"
    if process.unit != unit:
        yield case_fault(f"{place}.unit", process.unit, "not the unit of its rows", f'write "{unit}"')
    for key in ("groupings", "covariates"):
        for repeat in repeated(list(getattr(process, key))):
            yield case_fault(f"{place}.{key}", repeat, "given twice", "name each once")


def _families(spec: CaseSpec) -> Iterator[Fault]:
    families: defaultdict[str, list[str]] = defaultdict(list)
    for name, process in spec.processes.items():
        families[process.family].append(name)
    for first, *others in families.values():
        for other, key in itertools.product(others, ("groupings", "covariates")):
            expected, found = (set(getattr(spec.processes[name], key)) for name in (first, other))
            if found != expected:
                remedy = f"write the same {key} as there, or give it a family of its own"
                problem = f"not those of {first}, which is of the same family"
                yield case_fault(f"processes.{other}.{key}", ", ".join(sorted(found)), problem, remedy)


def _shared_rows(spec: CaseSpec) -> Iterator[Fault]:
    """Refuse two processes of the same rows: a row of promises or licences may teach one only."""
    readers: dict[tuple[str, str], str] = {}
    for name, process in spec.processes.items():
        if process.table not in ("commitments", "licences"):
            continue
        form = process.form if process.table == "commitments" else ""
        first = readers.setdefault((process.table, form), name)
        if first != name:
            problem = f"reads the same rows as {first}, so that each would count twice"
            yield case_fault(f"processes.{name}.table", process.table, problem, "keep one of the two")


def _hazard(parts: Parts, spec: CaseSpec, outcome: str, transition: str, hazard: Hazard) -> Iterator[Fault]:
    place, process = f"outcomes.{outcome}.{transition}", spec.processes.get(hazard.process)
    if process is None:
        yield case_fault(f"{place}.process", hazard.process, "unknown process", choices(hazard.process, spec.processes))
        return
    if process.unit != "per month":
        remedy = "name a process per month, since a rate per promise has no clock"
        yield case_fault(f"{place}.process", hazard.process, f"a process {process.unit}", remedy)
    misnamed = set(hazard.members) - set(process.groupings)  # reported below; most likely the one that is missing
    for needed in process.groupings:
        if needed not in hazard.members and not misnamed:
            problem = f"no member of {needed}, a grouping of {hazard.process}"
            yield case_fault(f"{place}.members", "", problem, "name the member it stands for")
    for grouping, member in hazard.members.items():
        if grouping not in process.groupings:
            remedy = choices(grouping, process.groupings)
            yield case_fault(f"{place}.members", grouping, f"not a grouping of {hazard.process}", remedy)
            continue
        known = _members(parts, spec, process.family, grouping, outcome)
        if known is not None and member not in known:
            yield case_fault(
                f"{place}.members.{grouping}", member, f"unknown {grouping}", choices(member, sorted(known))
            )
    yield from _codes(place, hazard, process)


def _members(parts: Parts, spec: CaseSpec, family: str, grouping: str, outcome: str) -> Collection[str] | None:
    """Return the members of a grouping that an outcome may name, or None if not all of them can be known."""
    if grouping in ("administration", "president"):
        return {one.id if grouping == "administration" else one.president for one in spec.administrations}
    if not parts.whole:
        return None
    if grouping in _MEMBER_COLUMNS:
        return parts.values(*_MEMBER_COLUMNS[grouping])
    if "counts" not in parts.complete:
        return None
    mates = {name for name, process in spec.processes.items() if process.family == family}
    counted = {row.text(grouping) for row in parts.rows("counts") if row.text("process") in mates} - {""}
    # An outcome may be a level of its own, under its own id: its spells are no row of the table.
    return counted | {outcome} if grouping == "level" else counted


def _codes(place: str, hazard: Hazard, process: Process) -> Iterator[Fault]:
    for needed in process.covariates:
        if needed not in hazard.covariates:
            problem = f"no code for {needed}, a covariate of {hazard.process}"
            yield case_fault(f"{place}.covariates", "", problem, "give the code of the promise it stands for")
    for covariate, code in hazard.covariates.items():
        if covariate not in process.covariates:
            remedy = choices(covariate, process.covariates)
            yield case_fault(f"{place}.covariates", covariate, f"not a covariate of {hazard.process}", remedy)
        elif code not in COVARIATE_CODES[covariate]:
            remedy = choices(str(code), [str(valid) for valid in COVARIATE_CODES[covariate]])
            yield case_fault(f"{place}.covariates.{covariate}", code, "not a code of this covariate", remedy)
