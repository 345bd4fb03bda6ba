"""One forecast as one page that can be sent: everything in the file, and nothing that leaves it."""

from vzforecast.reporting.writing import report

__all__ = ["report"]
