"""Check stated probabilities, and find the nearest coherent ones."""

import warnings
from collections.abc import Sequence
from math import prod

import numpy as np
import pandas as pd

from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.convergence import UnconvergedWarning
from vzforecast.errors import CoherenceError, Fault
from vzforecast.forecast import Forecast
from vzforecast.history.recorded import recorded
from vzforecast.paths import Floats, Record
from vzforecast.stated.building import components
from vzforecast.stated.joint import broken_together
from vzforecast.stated.logic import Logic
from vzforecast.stated.nearest import nearest
from vzforecast.stated.own import own_statements, probabilities
from vzforecast.stated.reading import Stated, StatedLike, read_stated
from vzforecast.stated.report import CoherenceReport
from vzforecast.stated.rules import Broken, broken_pairs_and_sums


def coherence(known: Forecast | Case, stated: StatedLike | None = None, tolerance: float = 0.005) -> CoherenceReport:
    """Check whether stated probabilities can all be right at once, and find the nearest that can.

    They can if some distribution over the possible worlds gives them all: over everything that the outcomes of the
    case can still do after what is on record. No model is asked.

    Parameters
    ----------
    known : Forecast or Case
        Gives the outcomes and the record. A case must be cut to a day: ``case.known_on(day)``.
    stated : str, pathlib.Path, pandas.DataFrame or mapping of str to float, optional
        A CSV file or a table with the columns ``event`` (in the event language) and ``probability``, and if wanted
        ``name`` and ``note``; or a mapping from events to probabilities. Without it, and with a forecast, what the
        forecast itself says of scenarios, outcomes, pairs of outcomes and open questions.
    tolerance : float, default 0.005
        How far each number may be from what was meant: half a point, for numbers in whole percents. A rule about k
        numbers counts as broken if it is by more than k times that.

    Returns
    -------
    CoherenceReport
        Verdict, number of possible worlds, broken rules, nearest coherent numbers.

    Raises
    ------
    CoherenceError
        What is stated has faults, the case is not cut to a day, or there are too many possible worlds.

    Warns
    -----
    UnconvergedWarning
        If the forecast comes from a failed fit.

    Examples
    --------
    >>> import vzforecast as vz
    >>> known = vz.load_case().known_on("2025-02-05")
    >>> by = "ever(sanctions = re_escalated) by {}".format
    >>> report = vz.coherence(known, {by("2025-03-31"): 0.4, by("2025-06-30"): 0.3})
    >>> report.incoherences["kind"].tolist(), report.nearest["coherent"].round(3).tolist()
    (['implies'], [0.35, 0.35])
    """
    if not 0.0 <= tolerance < 0.5:
        remedy = "give a number from 0 to less than 0.5, such as 0.005 for numbers in whole percents"
        raise CoherenceError([Fault("coherence", "tolerance", f"{tolerance:g}", "out of range", remedy)])
    case, record = _known(known)
    if stated is not None:
        statements = read_stated(stated, case.spec.vocabulary)
    elif isinstance(known, Forecast):
        statements = own_statements(known)
    else:
        remedy = "give the probabilities, or a forecast to check its own"
        raise CoherenceError([Fault("coherence", "stated", "None", "a case states no probabilities", remedy)])
    recurrent = {outcome.id for outcome in case.spec.outcomes if outcome.recurrent}
    return _report(statements, record, recurrent, tolerance, known if isinstance(known, Forecast) else None)


def _known(known: Forecast | Case) -> tuple[Case, Record]:
    """Return the case, and what has happened by its as-of date."""
    if isinstance(known, Forecast):
        if not known.ok:
            message = f"this forecast comes from a failed fit, do not use its numbers: {known.diagnostics.text}"
            warnings.warn(message, UnconvergedWarning, stacklevel=3)
        return known.case, known.simulated.record
    case = given_case(known, "coherence")
    if case.as_of is None:
        remedy = "cut it first, as in coherence(case.known_on('2025-02-05'), ...)"
        raise CoherenceError([Fault("coherence", "case", case.spec.name, "not cut to a day", remedy)])
    return case, recorded(case, case.as_of)


def _report(
    statements: Sequence[Stated], record: Record, recurrent: set[str], tolerance: float, forecast: Forecast | None
) -> CoherenceReport:
    events = [item.event for item in statements]
    numbers = np.array([item.probability for item in statements])
    parts = components(events, record, recurrent)
    coherent = numbers.copy()
    for part in parts:
        coherent[part.events] = nearest(part, numbers[part.events]).coherent
    # Where coherent numbers are as near as the tolerance, no rule is broken by more than it allows.
    faulty = [part for part in parts if np.abs((coherent - numbers)[part.events]).max() > tolerance]
    logic = Logic(faulty, len(events))
    broken = list(broken_pairs_and_sums(logic, numbers, tolerance))
    broken += broken_together(logic, numbers, tolerance, tuple(broken))
    atoms = prod(part.count for part in parts)
    own = None if forecast is None else probabilities(forecast, events)
    table = _nearest_table(statements, numbers, coherent, own)
    distance = float(np.sqrt(np.mean((coherent - numbers) ** 2)))
    return CoherenceReport(record.as_of, atoms, _incoherences(broken, statements), table, distance)


def _nearest_table(
    statements: Sequence[Stated], numbers: Floats, coherent: Floats, own: list[float] | None
) -> pd.DataFrame:
    index = pd.Index([item.text for item in statements], name="event")
    table = pd.DataFrame({"stated": numbers, "coherent": coherent, "change": coherent - numbers}, index=index)
    if own is not None:
        table["model"] = own
    if any(item.name for item in statements):
        table["name"] = [item.name for item in statements]
    return table


def _incoherences(broken: Sequence[Broken], statements: Sequence[Stated]) -> pd.DataFrame:
    rows = [
        {
            "kind": rule.kind,
            "events": "; ".join(statements[n].text for n in rule.events),
            "stated": "; ".join(f"{statements[n].probability:g}" for n in rule.events),
            "rule": rule.rule,
            "points": 100.0 * rule.excess,
        }
        for rule in broken
    ]
    return pd.DataFrame(rows, columns=["kind", "events", "stated", "rule", "points"])
