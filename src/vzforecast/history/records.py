"""Tables of a case row by row: what reads them many times over shares the rows."""

from typing import Any, cast

from vzforecast.case import Case
from vzforecast.inputs.frozen import Tables


def records(case: Case, table: str) -> tuple[Any, ...]:
    """Return the rows of a table as named tuples; their types were checked when the case was read.

    They are made once for a case, and shared by the cases that evidence for other tables makes of it.

    Parameters
    ----------
    case : Case
        Any.
    table : str
        Name of the table.

    Returns
    -------
    tuple of namedtuple
        In the order of the table, columns as fields: days as Timestamp or NaT, text with "".
    """
    return cast("Tables", case.tables).records(table)
