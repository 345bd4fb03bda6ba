"""Draws of an earlier fit and rows known since: weights, and whether they can be trusted."""

from vzforecast.reweight.psis import khat_limit
from vzforecast.reweight.reweight import MIN_ESS_PER_CHAIN, Reweighted, reweight

__all__ = ["MIN_ESS_PER_CHAIN", "Reweighted", "khat_limit", "reweight"]
