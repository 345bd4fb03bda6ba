"""The answers for other programs: one JSON document, or the scenario table as CSV."""

import json
import math
from typing import Any

import pandas as pd

from vzforecast.display.move import Move
from vzforecast.display.summary import Run, Summary


def summary_json(summary: Summary) -> str:
    """Return everything the main job shows as one JSON document.

    Parameters
    ----------
    summary : Summary
        The answers.

    Returns
    -------
    str
        In full precision; what is not a number is null. ``ok`` is false if a fit failed its diagnostics.
    """
    main = summary.main
    document = {
        "ok": summary.ok,
        "case": summary.spec.name,
        "title": summary.spec.title,
        "as_of": str(main.forecast.as_of),
        "by": str(main.by),
        "scenarios": _records(main.scenarios),
        "outcomes": _records(main.outcomes),
        "influence": _records(main.influence),
        "closeness_beats_office": _closeness(main),
        "defection": _records(main.defection),
        "questions": _records(main.questions),
        "leave_out": _left_out(summary),
        **_fit(main),
    }
    return json.dumps(_plain(document), indent=2, allow_nan=False)


def scenario_csv(run: Run) -> str:
    """Return the scenario table as CSV, with the day it is of and whether the fit passed its diagnostics."""
    table = run.scenarios.assign(by=str(run.by), ok=str(run.ok).lower())
    return table.to_csv(lineterminator="\n")


def move_json(move: Move) -> str:
    """Return everything that an update shows as one JSON document.

    Parameters
    ----------
    move : Move
        Before and after.

    Returns
    -------
    str
        In full precision; what is not a number is null. ``ok`` is false if the fit behind it failed its diagnostics.
    """
    after, report = move.after, move.report
    document = {
        "ok": after.ok,
        "case": after.forecast.case.spec.name,
        "by": str(after.by),
        "before": {"as_of": str(move.before.forecast.as_of), **_state(move.before)},
        "after": {"as_of": str(after.forecast.as_of), **_state(after)},
        "change": _records(move.change),
        "update": {
            **{name: getattr(report, name) for name in ("method", "khat", "ess", "draws", "seconds", "why", "fitted")},
            "items": _records(report.items),
            "quotes": _records(report.quotes),
        },
        **_fit(after),
    }
    return json.dumps(_plain(document), indent=2, allow_nan=False)


def move_csv(move: Move) -> str:
    """Return the scenario table before and after as CSV, with the two days and whether the fit passed."""
    days = {"from": str(move.before.forecast.as_of), "to": str(move.after.forecast.as_of), "by": str(move.after.by)}
    return move.change.assign(**days, ok=str(move.after.ok).lower()).to_csv(lineterminator="\n")


def _state(run: Run) -> dict[str, Any]:
    return {
        "scenarios": _records(run.scenarios),
        "outcomes": _records(run.on_the_day),
        "influence": _records(run.influence),
    }


def _closeness(run: Run) -> dict[str, float]:
    value = run.closeness_beats_office
    return {"probability": value.mean, "mcse": value.mcse, "prior": run.prior_closeness_beats_office}


def _left_out(summary: Summary) -> dict[str, Any] | None:
    """Describe the fit without one agreement: the scenarios, and the lines of the record that the case names."""
    run, headline = summary.left_out, summary.headline
    if run is None or headline is None:
        return None
    lines = run.defection.loc[run.defection.index.isin(summary.record_lines)]
    named = {"agreement": headline.leave_out, "scenario": headline.scenario}
    return {**named, "scenarios": _records(run.scenarios), "defection": _records(lines), **_fit(run)}


def _fit(run: Run) -> dict[str, Any]:
    """Say where the numbers come from, and whether they may be used."""
    report = run.forecast.diagnostics
    diagnostics = {
        "ok": report.ok,
        "failures": list(report.failures),
        "rhat": float(report.table["rhat"].max()),
        "ess_bulk": float(report.table["ess_bulk"].min()),
        "ess_tail": float(report.table["ess_tail"].min()),
        "bfmi": report.bfmi,
        "divergences": report.divergences,
        "draws": report.draws,
    }
    return {"diagnostics": diagnostics, "provenance": dict(run.forecast.provenance), "seconds": run.seconds}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as objects, the index among their keys."""
    return [{str(key): value for key, value in row.items()} for row in table.reset_index().to_dict(orient="records")]


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: days as text, NaN as null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return None if isinstance(value, float) and not math.isfinite(value) else value
