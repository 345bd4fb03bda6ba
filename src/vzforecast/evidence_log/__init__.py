"""News as it came, was taken back and was put right: a log that gives the items in force on any day."""

from vzforecast.evidence_log.entry import Entry
from vzforecast.evidence_log.jsonlines import JsonLinesStore
from vzforecast.evidence_log.log import EvidenceLog
from vzforecast.evidence_log.store import EntryStore

__all__ = ["Entry", "EntryStore", "EvidenceLog", "JsonLinesStore"]
