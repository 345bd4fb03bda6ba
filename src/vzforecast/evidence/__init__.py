"""News and judgements as items: checked when made, read from files and written to them without loss."""

from vzforecast.evidence.base import Evidence, item_label
from vzforecast.evidence.batch import check_batch, collected, in_order, repeat_fault, repeats
from vzforecast.evidence.decisions import Action, CommitmentResolved, LicenceDecision
from vzforecast.evidence.files import read_evidence, write_evidence
from vzforecast.evidence.judgements import LikelihoodJudgement, MarketQuote, ProbabilityJudgement
from vzforecast.evidence.kinds import KINDS
from vzforecast.evidence.news import ScheduledDecision, Signal, Transition
from vzforecast.evidence.posts import Appointment, Departure
from vzforecast.evidence.records import Record, Records, fields_of, items_of
from vzforecast.evidence.text import parse_item

__all__ = [
    "KINDS",
    "Action",
    "Appointment",
    "CommitmentResolved",
    "Departure",
    "Evidence",
    "LicenceDecision",
    "LikelihoodJudgement",
    "MarketQuote",
    "ProbabilityJudgement",
    "Record",
    "Records",
    "ScheduledDecision",
    "Signal",
    "Transition",
    "check_batch",
    "collected",
    "fields_of",
    "in_order",
    "item_label",
    "items_of",
    "parse_item",
    "read_evidence",
    "repeat_fault",
    "repeats",
    "write_evidence",
]
