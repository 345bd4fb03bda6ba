"""What a case has on record of its outcomes, as paths read it."""

from datetime import date

from vzforecast.case import Case
from vzforecast.paths import Record


def recorded(case: Case, as_of: date) -> Record:
    """Return the states of all outcomes from their start to a day.

    Parameters
    ----------
    case : Case
        With no transition after the day.
    as_of : datetime.date
        The day, included.

    Returns
    -------
    Record
        Up to the end of the day; its horizon is that of the case.
    """
    table = case.tables["transitions"]
    changes = zip(table["outcome"], (day.date() for day in table["date"]), strict=True)
    start = {outcome.id: outcome.state_at_start == outcome.active for outcome in case.spec.outcomes}
    recurrent = [outcome.id for outcome in case.spec.outcomes if outcome.recurrent]
    return Record.from_transitions(as_of, case.spec.horizon, start, changes, recurrent)
