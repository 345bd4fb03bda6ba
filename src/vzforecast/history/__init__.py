"""From a case to the rows of the model: reference classes, outcome histories, signals and leans."""

from vzforecast.history.build import History, build_history
from vzforecast.history.calendar import Periods
from vzforecast.history.design import Design, encode
from vzforecast.history.gathering import Gathering
from vzforecast.history.known import Known
from vzforecast.history.levels import NoPlaceError, Places
from vzforecast.history.schedule import Multiplier
from vzforecast.history.standing import standing

__all__ = [
    "Design",
    "Gathering",
    "History",
    "Known",
    "Multiplier",
    "NoPlaceError",
    "Periods",
    "Places",
    "build_history",
    "encode",
    "standing",
]
