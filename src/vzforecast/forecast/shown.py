"""A forecast at a glance: a line for a terminal, a small page for a notebook."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from vzforecast import figures, markup
from vzforecast.forecast.parts import Parts

_ABOUT_INTERVALS: Final = (
    "The 90 % interval is where the probability itself may lie, given all that the evidence leaves open; MC error, in "
    "percentage points, is what more draws would remove."
)
_NEXT: Final = (
    "Ask on: outcomes(), probability(event), curve(event), questions(), influence(), defection(); "
    "diagnostics, provenance."
)


def in_a_line(parts: Parts, scenarios: pd.DataFrame) -> str:
    """Return the probability of every scenario, and below it what one must know before using it.

    Parameters
    ----------
    parts : Parts
        Of the forecast.
    scenarios : DataFrame
        ``Forecast.scenarios`` on its horizon.

    Returns
    -------
    str
        For a terminal.
    """
    listed = ", ".join(f"{name} {value:.0%}" for name, value in scenarios["probability"].items())
    verdict = [] if parts.ok else [_verdict(parts)]
    below = "".join(f"\n  {line}" for line in [*_notes(parts), *verdict])
    return f"<Forecast of {parts.case.spec.label} as of {parts.as_of}, by {parts.horizon}: {listed}>{below}"


def as_page(parts: Parts, scenarios: pd.DataFrame) -> str:
    """Return as HTML, from the same: verdict, scenarios, what they come from, and what to ask next."""
    return markup.block(*_page(parts, scenarios))


def _page(parts: Parts, scenarios: pd.DataFrame) -> Iterator[markup.Html]:
    spec, paths = parts.case.spec, parts.simulated
    if not parts.ok:
        yield markup.alarm(_verdict(parts))
    yield markup.title(f"{spec.title} ({spec.label})")
    work = f"{paths.draws:,} draws x {paths.paths} paths"
    yield markup.line(f"As of {parts.as_of}, by {parts.horizon}; {work}, seed {parts.provenance['seed']}.")
    for note in _notes(parts):
        yield markup.line(note[0].upper() + note[1:] + ".")
    columns = ("Id", "Probability", "90 % interval", "MC error")
    failed = "" if parts.ok else "FAILED FIT, DO NOT USE: "
    yield markup.table(_scenarios(parts, scenarios), f"{failed}Scenarios on {parts.horizon}", figures=columns[1:])
    yield markup.quiet(_ABOUT_INTERVALS)
    if parts.ok:
        yield markup.quiet(f"Fit {parts.diagnostics.text}.")
    yield markup.quiet(_NEXT)


def _scenarios(parts: Parts, scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return the table as people read it; labels beside the ids that questions are asked with."""
    rows = [
        {
            "Id": declared.id,
            "Probability": figures.percent(row["probability"]),
            "90 % interval": figures.percent_interval(row["lower"], row["upper"]),
            "MC error": figures.error(row["mcse"]),
        }
        for declared, row in zip(parts.case.spec.scenarios, scenarios.to_dict("records"), strict=True)
    ]
    labels = [declared.label for declared in parts.case.spec.scenarios]
    return pd.DataFrame(rows, index=pd.Index(labels, name="Scenario"))


def _notes(parts: Parts) -> list[str]:
    """Say what sets it apart from the fit of a case: an average, an update, an intervention."""
    notes = [] if parts.averaged is None else [str(parts.averaged)]
    notes += [] if parts.update_report is None else [str(parts.update_report)]
    return notes + ([] if parts.intervened is None else [f"under an intervention: {parts.intervened}"])


def _verdict(parts: Parts) -> str:
    return f"FAILED FIT: do not use these numbers: {parts.diagnostics.text}"
