"""From a forecast and news to a new forecast: reweight its draws, or move them on, or refit."""

from vzforecast.updating.judged import JudgementWarning
from vzforecast.updating.updating import update

__all__ = ["JudgementWarning", "update"]
