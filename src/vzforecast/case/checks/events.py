"""Checks of the events that case.toml gives a name."""

from collections.abc import Iterator

from vzforecast.case.checks.parts import case_fault
from vzforecast.case.schema import CaseSpec
from vzforecast.errors import Fault
from vzforecast.events import check_names, in_brief


def check_events(spec: CaseSpec) -> Iterator[Fault]:
    """Yield the faults of names and texts of events; what is wrong with outcomes and dates is told elsewhere.

    Parameters
    ----------
    spec : CaseSpec
        The declarations.

    Yields
    ------
    Fault
        Each contradiction.
    """
    if spec.horizon <= spec.origin:
        return  # no date could be right
    for name, error in check_names(spec.vocabulary):
        yield case_fault(f"events.{name}", spec.events[name], *in_brief(error))
