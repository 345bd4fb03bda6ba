"""A forecast: draws, paths and where they come from; it answers questions and never changes."""

from vzforecast.forecast.forecast import Forecast, load_forecast
from vzforecast.forecast.probability import Probability

__all__ = ["Forecast", "Probability", "load_forecast"]
