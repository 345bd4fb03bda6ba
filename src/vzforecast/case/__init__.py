"""What is asked and known: the files of a case, read, checked, and cut to a day."""

from vzforecast.case.case import Case
from vzforecast.case.load import DEFAULT_CASE, embedded_cases, load_case
from vzforecast.case.schema import CaseSpec
from vzforecast.case.skeleton import CaseFolderError, new_case
from vzforecast.case.structure import coupling_ids, required_priors

__all__ = [
    "DEFAULT_CASE",
    "Case",
    "CaseFolderError",
    "CaseSpec",
    "coupling_ids",
    "embedded_cases",
    "load_case",
    "new_case",
    "required_priors",
]
