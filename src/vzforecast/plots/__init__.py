"""Figures, reached as ``vzforecast.plot``. matplotlib is imported when one is drawn; none is ever shown by itself."""

from vzforecast.plots.information import information
from vzforecast.plots.move import move
from vzforecast.plots.reliability import reliability
from vzforecast.plots.tornado import tornado

__all__ = ["information", "move", "reliability", "tornado"]
