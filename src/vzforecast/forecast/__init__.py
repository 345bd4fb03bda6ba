"""A forecast: draws, paths and where they come from; it answers questions and never changes."""

from vzforecast.forecast.conditional import LowEvidenceWarning
from vzforecast.forecast.forecast import Forecast
from vzforecast.forecast.intervention import Intervention
from vzforecast.forecast.opening import load_forecast
from vzforecast.forecast.passage import FirstPassage
from vzforecast.forecast.probability import Probability
from vzforecast.forecast.revision import UpdateReport

__all__ = [
    "FirstPassage",
    "Forecast",
    "Intervention",
    "LowEvidenceWarning",
    "Probability",
    "UpdateReport",
    "load_forecast",
]
