"""A forecast: draws, paths and where they come from; it answers questions and never changes."""

from vzforecast.forecast.forecast import Forecast, load_forecast
from vzforecast.forecast.probability import Probability
from vzforecast.forecast.revision import UpdateReport

__all__ = ["Forecast", "Probability", "UpdateReport", "load_forecast"]
