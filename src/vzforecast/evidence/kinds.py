"""The kinds of evidence, by their type."""

from collections.abc import Mapping
from typing import Final

from vzforecast.evidence.base import Evidence
from vzforecast.evidence.decisions import Action, CommitmentResolved, LicenceDecision
from vzforecast.evidence.judgements import LikelihoodJudgement, MarketQuote, ProbabilityJudgement
from vzforecast.evidence.news import ScheduledDecision, Signal, Transition
from vzforecast.evidence.posts import Appointment, Departure
from vzforecast.inputs.frozen import FrozenMapping

_ALL: Final[tuple[type[Evidence], ...]] = (
    Signal,
    Transition,
    CommitmentResolved,
    LicenceDecision,
    Action,
    ScheduledDecision,
    Appointment,
    Departure,
    LikelihoodJudgement,
    ProbabilityJudgement,
    MarketQuote,
)

KINDS: Final[Mapping[str, type[Evidence]]] = FrozenMapping({kind.type: kind for kind in _ALL})
"""Every kind of evidence, by its type."""
