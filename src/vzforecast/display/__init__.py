"""What a forecast says: tables for a terminal, documents for another program."""

from vzforecast.display.documents import scenario_csv, summary_json
from vzforecast.display.summary import Run, Summary
from vzforecast.display.terminal import print_summary

__all__ = ["Run", "Summary", "print_summary", "scenario_csv", "summary_json"]
