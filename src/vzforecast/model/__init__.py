"""The hierarchical model: rows and priors in, one plain ``pm.Model`` out."""

from vzforecast.model.build import build_model

__all__ = ["build_model"]
