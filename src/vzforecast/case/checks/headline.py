"""Checks of what the summary of a forecast is to show of the record of promises."""

from collections.abc import Iterator

from vzforecast.case.checks.parts import Parts, case_fault
from vzforecast.case.processes import CommitmentsProcess
from vzforecast.case.schema import CaseSpec, Headline
from vzforecast.errors import Fault
from vzforecast.inputs.wording import choices

# Column of the commitments table that holds the members of a grouping.
_COLUMNS = {"kind": "kind", "agreement": "agreement_id"}


def check_headline(parts: Parts, spec: CaseSpec) -> Iterator[Fault]:
    """Yield what the headline names and the case does not have.

    Parameters
    ----------
    parts : Parts
        The tables.
    spec : CaseSpec
        The declarations.

    Yields
    ------
    Fault
        Each unknown name.
    """
    headline = spec.headline
    if headline is None:
        return
    yield from _line(parts, spec, headline)
    # A case cut to a day may not know the agreement yet.
    agreements = parts.values("agreements", "agreement_id") if parts.whole else None
    if agreements is not None and headline.leave_out not in agreements:
        remedy = choices(headline.leave_out, sorted(agreements))
        yield case_fault("headline.leave_out", headline.leave_out, "unknown agreement", remedy)
    scenarios = [scenario.id for scenario in spec.scenarios]
    if headline.scenario not in scenarios:
        remedy = choices(headline.scenario, scenarios)
        yield case_fault("headline.scenario", headline.scenario, "unknown scenario", remedy)


def _line(parts: Parts, spec: CaseSpec, headline: Headline) -> Iterator[Fault]:
    """Look up one line of the record: its process, grouping and level."""
    records = {name: p for name, p in spec.processes.items() if isinstance(p, CommitmentsProcess)}
    process = records.get(headline.process)
    if process is None:
        found = "not a process of commitments" if headline.process in spec.processes else "unknown process"
        yield case_fault("headline.process", headline.process, found, choices(headline.process, records))
        return
    if headline.grouping not in process.groupings:
        remedy = choices(headline.grouping, process.groupings)
        yield case_fault("headline.grouping", headline.grouping, f"not a grouping of {headline.process}", remedy)
        return
    if not parts.whole or "commitments" not in parts.complete:
        return
    column = _COLUMNS[headline.grouping]
    promises = [row for row in parts.rows("commitments") if row.text("form") == process.form]
    levels = {row.text(column) for row in promises if not row.text("own_history_of")}
    if headline.level not in levels:
        problem = f"unknown {headline.grouping} among the promises of {headline.process}"
        yield case_fault("headline.level", headline.level, problem, choices(headline.level, sorted(levels)))
