"""Hamiltonian Monte Carlo that goes on from draws: density and gradient by hand, compiled once for all cases."""

from vzforecast.hamiltonian.moving_on import move_on
from vzforecast.hamiltonian.target import Target, target_of

__all__ = ["Target", "move_on", "target_of"]
