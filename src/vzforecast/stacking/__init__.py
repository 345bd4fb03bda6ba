"""Several variants of a case as one forecast, weighted by how well each foresaw the months that are known."""

from vzforecast.stacking.stacking import stack, stack_known

__all__ = ["stack", "stack_known"]
