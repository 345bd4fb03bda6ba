"""A case with evidence added: every item becomes what a row of a file would be, and is checked as one."""

from vzforecast.case.added.add import add_evidence

__all__ = ["add_evidence"]
