"""Figures, reached as ``vzforecast.plot``. matplotlib is imported when one is drawn; none is ever shown by itself."""

from vzforecast.plots.actors import actors
from vzforecast.plots.defection import defection
from vzforecast.plots.history import history
from vzforecast.plots.influence import influence
from vzforecast.plots.information import information
from vzforecast.plots.move import move
from vzforecast.plots.outcomes import outcomes
from vzforecast.plots.reliability import reliability
from vzforecast.plots.scenarios import scenarios
from vzforecast.plots.survival import survival
from vzforecast.plots.tornado import tornado

__all__ = [
    "actors",
    "defection",
    "history",
    "influence",
    "information",
    "move",
    "outcomes",
    "reliability",
    "scenarios",
    "survival",
    "tornado",
]
