"""Why a forecast says what it says, why it moved, and what would move it next."""

from vzforecast.explaining.factions import by_faction
from vzforecast.explaining.factions_report import ByFaction
from vzforecast.explaining.information_report import Information
from vzforecast.explaining.ledger import MoveLedger
from vzforecast.explaining.moving import explain
from vzforecast.explaining.record import by_record
from vzforecast.explaining.record_report import ByRecord
from vzforecast.explaining.sensing import sensitivity
from vzforecast.explaining.sensitivity_report import Sensitivity
from vzforecast.explaining.support import leave_out
from vzforecast.explaining.support_report import Support
from vzforecast.explaining.value import value_of_information

__all__ = [
    "ByFaction",
    "ByRecord",
    "Information",
    "MoveLedger",
    "Sensitivity",
    "Support",
    "by_faction",
    "by_record",
    "explain",
    "leave_out",
    "sensitivity",
    "value_of_information",
]
