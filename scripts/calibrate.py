"""Check that the inference is calibrated and the model fits its rows, and write docs/calibration.md.

    .venv/bin/python scripts/calibrate.py [--from-prior 200] [--from-posterior 100] [--as-of 2025-08-31]

A simulated data set takes two to thirteen seconds on two cores with the density of the PyMC model, one to four with
that written out; both are checked. What the page concludes in words is to be checked against its numbers after each
run. Exit code 1 if a check of the inference fails.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pandas as pd

import vzforecast as vz
from vzforecast.checking.calibrating import CAREFUL
from vzforecast.settings import Density

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"
BEGIN, END = "<!-- numbers -->", "<!-- end of numbers -->"
BLOCKS = {
    "variable": "block",
    "scalars": "numbers",
    "mean_rank": "mean rank",
    "coverage": "90 % intervals that hold the truth",
    "worst": "least uniform",
    "ecdf": "its p-value",
    "whole": "p-value of the block",
    "adjusted": "least p-value, all counted",
}
ROWS = {
    "kind": "kind",
    "label": "row",
    "observed": "observed",
    "elpd": "elpd, nats",
    "p_loo": "pull, nats",
    "khat": "k-hat",
}


def table_of(table: pd.DataFrame, header: dict[str, str]) -> Iterator[str]:
    """Yield the lines of a markdown table of some columns, and a blank one."""
    rows = [[_cell(row[column]) for column in header] for row in table.reset_index().to_dict(orient="records")]
    for cells in [list(header.values()), ["---"] * len(header), *rows]:
        yield f"| {' | '.join(cells)} |"
    yield ""


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else f"{value:.3g}"


def simulation_lines(check: vz.SimulationCheck, seconds: float) -> Iterator[str]:
    yield f"### {check.title[0].upper()}{check.title[1:]}"
    yield ""
    yield from check.text.splitlines()[:2]
    yield f"Took {seconds / 60:.0f} minutes; {check.table['ess'].min():.0f} effective draws or more behind every rank."
    yield ""
    yield from table_of(check.blocks, BLOCKS)


def simulated(
    case: vz.Case, as_of: str, count: int, density: Density, *, given_data: bool
) -> tuple[vz.SimulationCheck, list[str]]:
    """Check the sampler on one of the two densities and return the verdict with its lines."""
    begun, settings = time.perf_counter(), replace(CAREFUL, density=density)
    check = vz.simulation_check(case, as_of, replications=count, settings=settings, given_data=given_data)
    print(check, file=sys.stderr)
    return check, list(simulation_lines(check, time.perf_counter() - begun))


def predictive_lines(fc: vz.Forecast, *, whole: bool) -> Iterator[str]:
    """Yield the text of the check, or only what is flagged."""
    lines = vz.posterior_check(fc).text.splitlines()
    yield f"### Rows predicted again, as of {fc.as_of}"
    yield ""
    yield "```"
    yield from lines if whole else lines[: lines.index("")]
    yield "```"
    yield ""


def left_out_lines(fc: vz.Forecast, *, exact: bool) -> Iterator[str]:
    plain = vz.loo(fc)
    best = vz.loo(fc, exact=True) if exact else plain
    yield f"### Rows left out, as of {fc.as_of}"
    yield ""
    yield from table_of(
        best.total, {"kind": "kind", "n": "rows", "elpd": "elpd, nats", "se": "standard error", "p_loo": "parameters"}
    )
    yield f"Rows with a k-hat of {plain.limit:.2f} or more, by weights:"
    yield ""
    yield from table_of(plain.influential, ROWS)
    if exact and not plain.influential.empty:
        yield "The same from a fit without each:"
        yield ""
        yield from table_of(best.influential, {**ROWS, "flagged": "fit failed its diagnostics"})
    yield "The ten rows with the largest pull on the posterior:"
    yield ""
    yield from table_of(best.table.sort_values("p_loo", ascending=False).head(10), ROWS)


def prior_lines(case: vz.Case) -> Iterator[str]:
    yield "### What the priors imply"
    yield ""
    yield "```"
    yield from vz.prior_predictive(case).text.splitlines()
    yield "```"
    yield ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from-prior", type=int, default=200, metavar="N", help="data sets drawn from the prior")
    parser.add_argument("--from-posterior", type=int, default=100, metavar="N", help="data sets beside the real ones")
    parser.add_argument("--as-of", default="2025-08-31", metavar="DATE", help="day whose rows are taken")
    chosen = parser.parse_args()
    case = vz.load_case()
    lines, good = [], True
    for density in get_args(Density):
        for count, given_data in ((chosen.from_prior, False), (chosen.from_posterior, True)):
            check, found = simulated(case, chosen.as_of, count, density, given_data=given_data)
            lines += found
            good &= check.ok
    late, early = (vz.fit(case, as_of=day) for day in (chosen.as_of, None))
    lines += [*predictive_lines(late, whole=True), *predictive_lines(early, whole=False)]
    lines += [*left_out_lines(late, exact=True), *left_out_lines(early, exact=False), *prior_lines(case)]
    head, _, tail = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    verdict, body = tail.partition(END)[2], "\n".join(lines)
    PAGE.write_text(f"{head}{BEGIN}\n\n{body}\n{END}{verdict}", encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
