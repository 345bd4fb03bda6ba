"""Why a forecast says what it says, why it moved, and what would move it next.

Names are loaded when first used: what one of these asks for, another need not wait for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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

_HOMES: Final = {
    "ByFaction": "factions_report",
    "ByRecord": "record_report",
    "Information": "information_report",
    "MoveLedger": "ledger",
    "Sensitivity": "sensitivity_report",
    "Support": "support_report",
    "by_faction": "factions",
    "by_record": "record",
    "explain": "moving",
    "leave_out": "support",
    "sensitivity": "sensing",
    "value_of_information": "value",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vzforecast.explaining' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"vzforecast.explaining.{_HOMES[name]}"), name)
    return value
