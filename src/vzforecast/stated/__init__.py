"""Stated probabilities: whether one distribution over what can still happen gives them all, and if not, the nearest.

`trajectories` finds every course of one outcome that its events can tell apart, `worlds` puts them together, `nearest`
projects, `rules` says in words what is broken. Nothing here needs a model.
"""

from vzforecast.stated.checking import coherence
from vzforecast.stated.report import CoherenceReport

__all__ = ["CoherenceReport", "coherence"]
