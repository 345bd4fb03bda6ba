"""Bayesian scenario forecasts of United States policy towards Venezuela, on an engine in which every case is files.

Names are loaded when first used, so that ``import vzforecast`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vzforecast import plots as plot
    from vzforecast.backtesting import BacktestResult, backtest
    from vzforecast.cache import CacheWarning
    from vzforecast.case import Case, load_case, new_case
    from vzforecast.checking import (
        LeaveOneOut,
        PredictiveCheck,
        PriorPredictive,
        SimulationCheck,
        loo,
        posterior_check,
        prior_predictive,
        simulation_check,
    )
    from vzforecast.convergence import ConvergenceReport, UnconvergedWarning
    from vzforecast.errors import (
        BacktestError,
        CaseError,
        CheckError,
        CoherenceError,
        DateError,
        EventError,
        EvidenceError,
        ExplainError,
        Fault,
        ForecastFileError,
        InterventionError,
        PlotError,
        PriorError,
        ReportError,
        ScoreError,
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
    from vzforecast.explaining import (
        ByFaction,
        ByRecord,
        Information,
        MoveLedger,
        Sensitivity,
        Support,
        by_faction,
        by_record,
        explain,
        leave_out,
        sensitivity,
        value_of_information,
    )
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
    from vzforecast.reporting import report
    from vzforecast.scoring import Calibration, calibration, pool_odds, score, skill
    from vzforecast.settings import SamplerSettings
    from vzforecast.stacking import stack
    from vzforecast.stated import CoherenceReport, coherence
    from vzforecast.updating import JudgementWarning, update

__version__ = "0.1.0"

_HOMES = {
    "Action": "evidence",
    "Appointment": "evidence",
    "BacktestError": "errors",
    "BacktestResult": "backtesting",
    "ByFaction": "explaining",
    "ByRecord": "explaining",
    "CacheWarning": "cache",
    "Calibration": "scoring",
    "Case": "case",
    "CaseError": "errors",
    "CheckError": "errors",
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
    "ExplainError": "errors",
    "Fault": "errors",
    "FirstPassage": "forecast",
    "Forecast": "forecast",
    "ForecastFileError": "errors",
    "Information": "explaining",
    "Intervention": "forecast",
    "InterventionError": "errors",
    "JudgementWarning": "updating",
    "LeaveOneOut": "checking",
    "LicenceDecision": "evidence",
    "LikelihoodJudgement": "evidence",
    "LowEvidenceWarning": "forecast",
    "MarketQuote": "evidence",
    "MoveLedger": "explaining",
    "PlotError": "errors",
    "PredictiveCheck": "checking",
    "PriorError": "errors",
    "PriorPredictive": "checking",
    "PriorSpec": "priors",
    "Probability": "forecast",
    "ProbabilityJudgement": "evidence",
    "ReportError": "errors",
    "SamplerSettings": "settings",
    "ScheduledDecision": "evidence",
    "ScoreError": "errors",
    "Sensitivity": "explaining",
    "Signal": "evidence",
    "SimulationCheck": "checking",
    "Support": "explaining",
    "Transition": "evidence",
    "UnconvergedWarning": "convergence",
    "UpdateError": "errors",
    "UpdateReport": "forecast",
    "VzForecastError": "errors",
    "calibration": "scoring",
    "backtest": "backtesting",
    "by_faction": "explaining",
    "by_record": "explaining",
    "coherence": "stated",
    "explain": "explaining",
    "fit": "fitting",
    "intervene": "intervening",
    "leave_out": "explaining",
    "load_case": "case",
    "load_forecast": "forecast",
    "loo": "checking",
    "new_case": "case",
    "pool_odds": "scoring",
    "posterior_check": "checking",
    "prior_check": "prior_check",
    "prior_predictive": "checking",
    "read_evidence": "evidence",
    "report": "reporting",
    "score": "scoring",
    "sensitivity": "explaining",
    "simulation_check": "checking",
    "skill": "scoring",
    "stack": "stacking",
    "update": "updating",
    "value_of_information": "explaining",
    "write_evidence": "evidence",
}
# Modules that users reach under a name of their own.
_MODULES = {"plot": "plots"}

__all__ = [
    "Action",
    "Appointment",
    "BacktestError",
    "BacktestResult",
    "ByFaction",
    "ByRecord",
    "CacheWarning",
    "Calibration",
    "Case",
    "CaseError",
    "CheckError",
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
    "ExplainError",
    "Fault",
    "FirstPassage",
    "Forecast",
    "ForecastFileError",
    "Information",
    "Intervention",
    "InterventionError",
    "JudgementWarning",
    "LeaveOneOut",
    "LicenceDecision",
    "LikelihoodJudgement",
    "LowEvidenceWarning",
    "MarketQuote",
    "MoveLedger",
    "PlotError",
    "PredictiveCheck",
    "PriorError",
    "PriorPredictive",
    "PriorSpec",
    "Probability",
    "ProbabilityJudgement",
    "ReportError",
    "SamplerSettings",
    "ScheduledDecision",
    "ScoreError",
    "Sensitivity",
    "Signal",
    "SimulationCheck",
    "Support",
    "Transition",
    "UnconvergedWarning",
    "UpdateError",
    "UpdateReport",
    "VzForecastError",
    "__version__",
    "backtest",
    "by_faction",
    "by_record",
    "calibration",
    "coherence",
    "explain",
    "fit",
    "intervene",
    "leave_out",
    "load_case",
    "load_forecast",
    "loo",
    "new_case",
    "plot",
    "pool_odds",
    "posterior_check",
    "prior_check",
    "prior_predictive",
    "read_evidence",
    "report",
    "score",
    "sensitivity",
    "simulation_check",
    "skill",
    "stack",
    "update",
    "value_of_information",
    "write_evidence",
]


def __getattr__(name: str) -> Any:
    value: Any
    if name in _MODULES:
        value = import_module(f"vzforecast.{_MODULES[name]}")
    elif name in _HOMES:
        # No module that others import may share its name with a function here: importing it would hide the function.
        value = getattr(import_module(f"vzforecast.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module 'vzforecast' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
