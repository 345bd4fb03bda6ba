"""What is known and what was simulated of every outcome: the record up to as-of and the paths after it."""

from vzforecast.paths.answers import Answers
from vzforecast.paths.paths import Paths
from vzforecast.paths.record import Bools, Floats, Int16s, Int64s, Record

__all__ = ["Answers", "Bools", "Floats", "Int16s", "Int64s", "Paths", "Record"]
