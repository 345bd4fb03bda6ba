"""Bayesian scenario forecasts of United States policy towards Venezuela, on an engine in which every case is files.

Names are loaded when first used, so that ``import vzforecast`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vzforecast.cache import CacheWarning
    from vzforecast.case import Case, load_case, new_case
    from vzforecast.convergence import ConvergenceReport, UnconvergedWarning
    from vzforecast.errors import (
        CaseError,
        CoherenceError,
        DateError,
        EventError,
        EvidenceError,
        Fault,
        ForecastFileError,
        InterventionError,
        PriorError,
        UpdateError,
        VzForecastError,
    )
    from vzforecast.evidence import (
        Action,
        Appointment,
        CommitmentResolved,
        Departure,
        Evidence,
        LicenceDecision,
        LikelihoodJudgement,
        MarketQuote,
        ProbabilityJudgement,
        ScheduledDecision,
        Signal,
        Transition,
        read_evidence,
        write_evidence,
    )
    from vzforecast.evidence_log import EvidenceLog
    from vzforecast.fitting import fit
    from vzforecast.forecast import (
        FirstPassage,
        Forecast,
        Intervention,
        LowEvidenceWarning,
        Probability,
        UpdateReport,
        load_forecast,
    )
    from vzforecast.intervening import intervene
    from vzforecast.prior_check import prior_check
    from vzforecast.priors import PriorSpec
    from vzforecast.settings import SamplerSettings
    from vzforecast.stated import CoherenceReport, coherence
    from vzforecast.updating import JudgementWarning, update

__version__ = "0.1.0"

_HOMES = {
    "Action": "evidence",
    "Appointment": "evidence",
    "CacheWarning": "cache",
    "Case": "case",
    "CaseError": "errors",
    "CoherenceError": "errors",
    "CoherenceReport": "stated",
    "CommitmentResolved": "evidence",
    "ConvergenceReport": "convergence",
    "DateError": "errors",
    "Departure": "evidence",
    "EventError": "errors",
    "Evidence": "evidence",
    "EvidenceError": "errors",
    "EvidenceLog": "evidence_log",
    "Fault": "errors",
    "FirstPassage": "forecast",
    "Forecast": "forecast",
    "ForecastFileError": "errors",
    "Intervention": "forecast",
    "InterventionError": "errors",
    "JudgementWarning": "updating",
    "LicenceDecision": "evidence",
    "LikelihoodJudgement": "evidence",
    "LowEvidenceWarning": "forecast",
    "MarketQuote": "evidence",
    "PriorError": "errors",
    "PriorSpec": "priors",
    "Probability": "forecast",
    "ProbabilityJudgement": "evidence",
    "SamplerSettings": "settings",
    "ScheduledDecision": "evidence",
    "Signal": "evidence",
    "Transition": "evidence",
    "UnconvergedWarning": "convergence",
    "UpdateError": "errors",
    "UpdateReport": "forecast",
    "VzForecastError": "errors",
    "coherence": "stated",
    "fit": "fitting",
    "intervene": "intervening",
    "load_case": "case",
    "load_forecast": "forecast",
    "new_case": "case",
    "prior_check": "prior_check",
    "read_evidence": "evidence",
    "update": "updating",
    "write_evidence": "evidence",
}

__all__ = [
    "Action",
    "Appointment",
    "CacheWarning",
    "Case",
    "CaseError",
    "CoherenceError",
    "CoherenceReport",
    "CommitmentResolved",
    "ConvergenceReport",
    "DateError",
    "Departure",
    "EventError",
    "Evidence",
    "EvidenceError",
    "EvidenceLog",
    "Fault",
    "FirstPassage",
    "Forecast",
    "ForecastFileError",
    "Intervention",
    "InterventionError",
    "JudgementWarning",
    "LicenceDecision",
    "LikelihoodJudgement",
    "LowEvidenceWarning",
    "MarketQuote",
    "PriorError",
    "PriorSpec",
    "Probability",
    "ProbabilityJudgement",
    "SamplerSettings",
    "ScheduledDecision",
    "Signal",
    "Transition",
    "UnconvergedWarning",
    "UpdateError",
    "UpdateReport",
    "VzForecastError",
    "__version__",
    "coherence",
    "fit",
    "intervene",
    "load_case",
    "load_forecast",
    "new_case",
    "prior_check",
    "read_evidence",
    "update",
    "write_evidence",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vzforecast' has no attribute {name!r}")
    # No module that others import may share its name with a function here: importing it would hide the function.
    value = getattr(import_module(f"vzforecast.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
