"""What a forecast says: tables for a terminal, documents for another program."""

from vzforecast.display.documents import move_csv, move_json, scenario_csv, summary_json
from vzforecast.display.move import Move
from vzforecast.display.questions import question_csv
from vzforecast.display.summary import Run, Summary
from vzforecast.display.terminal import print_move, print_summary

__all__ = [
    "Move",
    "Run",
    "Summary",
    "move_csv",
    "move_json",
    "print_move",
    "print_summary",
    "question_csv",
    "scenario_csv",
    "summary_json",
]
