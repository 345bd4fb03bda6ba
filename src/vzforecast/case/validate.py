"""All cross-checks of a case: each declaration, prior and row against the others."""

from vzforecast.case.checks.declarations import check_declarations
from vzforecast.case.checks.events import check_events
from vzforecast.case.checks.headline import check_headline
from vzforecast.case.checks.parts import Parts
from vzforecast.case.checks.priors import check_priors
from vzforecast.case.checks.processes import check_processes
from vzforecast.case.checks.questions import check_questions
from vzforecast.case.checks.record import check_posts, check_transitions
from vzforecast.case.checks.references import check_references
from vzforecast.case.checks.rows import check_rows
from vzforecast.case.checks.schedule import check_schedule
from vzforecast.errors import Fault


def find_faults(parts: Parts) -> list[Fault]:
    """Return every contradiction between the parts of a case that could be read.

    Parameters
    ----------
    parts : Parts
        What could be read; a check runs if what it compares was read.

    Returns
    -------
    list of Fault
        All of them, file by file in no fixed order.
    """
    faults = list(check_rows(parts))
    spec = parts.spec
    if spec is None:
        return faults
    faults += check_declarations(spec)
    faults += check_processes(parts, spec)
    faults += check_events(spec)
    faults += check_headline(parts, spec)
    faults += check_references(parts, spec)
    faults += check_questions(parts, spec)
    faults += check_transitions(parts, spec)
    faults += check_schedule(parts, spec)
    if not any(fault.file == "actors.csv" for fault in faults):  # a spell misdated or misnamed leaves a gap
        faults += check_posts(parts, spec)
    if parts.priors is not None:
        faults += check_priors(spec, parts.priors)
    return faults
