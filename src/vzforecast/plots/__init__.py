"""Figures, reached as ``vzforecast.plot``. matplotlib is imported when one is drawn; none is ever shown by itself."""

from vzforecast.plots.information import information
from vzforecast.plots.move import move
from vzforecast.plots.reliability import reliability

__all__ = ["information", "move", "reliability"]
