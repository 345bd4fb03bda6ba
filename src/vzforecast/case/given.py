"""What is given where a case is asked for."""

from vzforecast.case.case import Case
from vzforecast.errors import CaseError, Fault


def given_case(case: Case, where: str) -> Case:
    """Return a case, and refuse what is none, such as the name of one.

    Parameters
    ----------
    case : Case
        What was given, which may be anything.
    where : str
        The function that it was given to.

    Returns
    -------
    Case
        The same.

    Raises
    ------
    CaseError
        It is no case.

    Examples
    --------
    >>> given_case("venezuela-2025", "fit")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    vzforecast.errors.CaseError: the case has 1 fault: ...
    """
    found: object = case  # callers may well pass what the annotation forbids
    if isinstance(found, Case):
        return case
    kind = type(found).__name__
    if isinstance(found, str):
        remedy = f"load it first, with vzforecast.load_case({found!r})"
        raise CaseError([Fault(where, "case", found, "the name of a case, or of its folder, and not a case", remedy)])
    remedy = "give what vzforecast.load_case returns"
    raise CaseError([Fault(where, "case", "", f"of type {kind}, and not a case", remedy)])
