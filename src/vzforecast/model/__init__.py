"""The hierarchical model: rows and priors in, one plain ``pm.Model`` out."""

from vzforecast.model.build import build_model
from vzforecast.model.packing import pack

__all__ = ["build_model", "pack"]
