"""Interventions: what would happen if something were brought about, which is not what learning of it would tell."""

from vzforecast.intervening.intervening import intervene

__all__ = ["intervene"]
