"""Draw the pictures of docs/plots.md: every figure of the embedded case.

    python scripts/plots.py [--out FOLDER] [saved.nc ...]

Without saved forecasts, in order of their days, the case is fitted as of its default as-of date and updated along the
record. One fit takes a minute and is cached; an update reweights or, where weights will not carry it, moves draws on.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

from matplotlib.figure import Figure

import vzforecast as vz

IMAGES = Path(__file__).parents[1] / "docs" / "images"
DAYS = ("2025-02-26", "2025-03-12", "2025-03-31")
SCENARIO = "maximum_pressure"
SOON = "ever(chevron_licence = suspended) by 2025-06-30"
DOTS = 100  # an inch


def along_the_record() -> list[vz.Forecast]:
    """Return a fit and its updates."""
    case = vz.load_case()
    made = [vz.fit(case)]
    for day in DAYS:
        items = case.evidence_between(made[-1].as_of, day)
        made.append(vz.update(made[-1], items, as_of=day))
        print(made[-1].update_report, file=sys.stderr)
    return made


def figures(forecasts: list[vz.Forecast]) -> Iterator[tuple[str, Figure]]:
    first, last = forecasts[0], forecasts[-1]
    yield "scenarios", vz.plot.scenarios(first)
    yield "outcomes", vz.plot.outcomes(first)
    yield "influence", vz.plot.influence(last)
    yield "survival", vz.plot.survival(first, ["ever(sanctions = re_escalated)", "ever(chevron_licence = suspended)"])
    yield "actors", vz.plot.actors(first)
    yield "defection", vz.plot.defection(first)
    yield "history", vz.plot.history(forecasts, SCENARIO)
    if len(forecasts) > 1:
        yield "move", vz.plot.move(vz.explain(first, forecasts[1], SOON))
    yield "information", vz.plot.information(vz.value_of_information(first, None, SOON))
    yield "tornado", vz.plot.tornado(vz.sensitivity(first, SOON))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("saved", nargs="*", type=Path, help="saved forecasts to draw instead of a fit")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder of the pictures")
    asked = parser.parse_args()
    forecasts = [vz.load_forecast(path) for path in asked.saved] or along_the_record()
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, figure in figures(forecasts):
        figure.savefig(asked.out / f"plot-{name}.png", dpi=DOTS, metadata={"Software": None})
        print(f"plot-{name}.png")


if __name__ == "__main__":
    main()
