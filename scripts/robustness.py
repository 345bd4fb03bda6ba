"""Write docs/robustness.md: the embedded forecast under other readings of the same evidence.

Run with the project's environment: `.venv/bin/python scripts/robustness.py`. Each line is a fit; fits are cached.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

import vzforecast as vz

PAGE = Path(__file__).parent.parent / "docs" / "robustness.md"
DEADLINE = "2025-12-31"

HEAD = """# What the forecast rests on

The embedded case as of 5 February 2025, by the end of 2025, under other readings of the same evidence. Percent; the
Monte Carlo error is 0.2 to 0.4 points, so a difference below one point is noise. Written by `scripts/robustness.py`.

"""

TAIL = """
- *Partial promises*: kept late or in part. `half` is two fits with equal weight, not half an event.
- *Tone*: prior standard deviation of `tension.psi`, how far one standard deviation of the tone of the news moves a log
  rate; there are few transitions to learn it from.
- *Threat*: the code `regime_threat` was given by one person who knew how the promises ended.
- *GL 5*: its renewals keep bondholders away from CITGO and are no relief for Caracas.
- *Barbados and roadmap*: the parallel understanding with Washington repeats some of Barbados's promises.
"""


def readings(case: vz.Case) -> Iterator[tuple[str, vz.Case]]:
    """Yield what is changed, and the case so changed."""
    yield "as declared (partial promises count as broken)", case
    yield "partial promises count as kept", case.with_partial("as_kept")
    yield "partial promises count half", case.with_partial("half")
    yield "tone moves rates more (sd 1 instead of 0.5)", case.with_prior("tension.psi", "0 to 1.96")
    yield "threat to power has no effect", case.with_prior("slope.regime_threat", "-0.001 to 0.001")
    yield "licences without GL 5", without_series(case, "GL 5")
    yield "without Barbados", case.without_agreement("barbados_2023")
    yield (
        "without Barbados and the roadmap",
        case.without_agreement("barbados_2023").without_agreement("us_roadmap_2023"),
    )


def without_series(case: vz.Case, series: str) -> vz.Case:
    """Leave a licence series out of the reference rows, keeping its place among the levels."""
    licences = case.tables["licences"]
    licences.loc[licences["series"] == series, "own_history_of"] = "chevron_licence"
    return replace(case, tables={**case.tables, "licences": licences})


def line(fc: vz.Forecast) -> dict[str, float]:
    """Scenario probabilities and the chance that each outcome becomes active."""
    ever = fc.outcomes(by=[DEADLINE])["ever"].droplevel("by")
    return {**fc.scenarios()["probability"], **ever}


def main() -> None:
    lines = {}
    for name, case in readings(vz.load_case()):
        fc = vz.fit(case)
        lines[name] = line(fc)
        print(f"{name}: {fc.diagnostics.text}")
    table = (100 * pd.DataFrame.from_dict(lines, orient="index")).round(1)
    spec = vz.load_case().spec
    scenarios = table[[scenario.id for scenario in spec.scenarios]]
    outcomes = table[[outcome.id for outcome in spec.outcomes]]
    parts = ("## Scenarios\n", markdown(scenarios), "\n## Becomes active some time by then\n", markdown(outcomes))
    PAGE.write_text(HEAD + "\n".join(parts) + "\n" + TAIL)


def markdown(table: pd.DataFrame) -> str:
    """Return a table as markdown."""
    rows = [["reading", *(f"`{column}`" for column in table.columns)], ["---"] * (1 + len(table.columns))]
    rows += [
        [str(name), *(f"{value:.1f}" for value in values)]
        for name, values in zip(table.index, table.to_numpy(), strict=True)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    main()
