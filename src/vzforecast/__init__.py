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
        DateError,
        EventError,
        Fault,
        ForecastFileError,
        PriorError,
        VzForecastError,
    )
    from vzforecast.fit import fit
    from vzforecast.forecast import Forecast, Probability, load_forecast
    from vzforecast.prior_check import prior_check
    from vzforecast.priors import PriorSpec
    from vzforecast.settings import SamplerSettings

__version__ = "0.1.0"

_HOMES = {
    "CacheWarning": "cache",
    "Case": "case",
    "CaseError": "errors",
    "ConvergenceReport": "convergence",
    "DateError": "errors",
    "EventError": "errors",
    "Fault": "errors",
    "Forecast": "forecast",
    "ForecastFileError": "errors",
    "PriorError": "errors",
    "PriorSpec": "priors",
    "Probability": "forecast",
    "SamplerSettings": "settings",
    "UnconvergedWarning": "convergence",
    "VzForecastError": "errors",
    "fit": "fit",
    "load_case": "case",
    "load_forecast": "forecast",
    "new_case": "case",
    "prior_check": "prior_check",
}

__all__ = [
    "CacheWarning",
    "Case",
    "CaseError",
    "ConvergenceReport",
    "DateError",
    "EventError",
    "Fault",
    "Forecast",
    "ForecastFileError",
    "PriorError",
    "PriorSpec",
    "Probability",
    "SamplerSettings",
    "UnconvergedWarning",
    "VzForecastError",
    "__version__",
    "fit",
    "load_case",
    "load_forecast",
    "new_case",
    "prior_check",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vzforecast' has no attribute {name!r}")
    # `vzforecast.fit` is both a function and the module it lives in: the function is what a user means.
    value = getattr(import_module(f"vzforecast.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
