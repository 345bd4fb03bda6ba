"""Density and gradient written by hand, compiled once for all cases: for NUTS, and for chains that go on from draws."""

from vzforecast.hamiltonian.moving_on import move_on
from vzforecast.hamiltonian.target import Target, target_of
from vzforecast.hamiltonian.written import WrittenModel, written_model

__all__ = ["Target", "WrittenModel", "move_on", "target_of", "written_model"]
