"""Why a forecast says what it says, why it moved, and what would move it next."""

from vzforecast.explaining.information_report import Information
from vzforecast.explaining.value import value_of_information

__all__ = ["Information", "value_of_information"]
