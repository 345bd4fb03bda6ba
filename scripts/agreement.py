"""Compare quick updates with refits of the same evidence, along the real timeline, and write docs/agreement.md.

    .venv/bin/python scripts/agreement.py [--draws 1000]

Every few days from February to August 2025 the embedded case is fitted to what was known. From each of these fits the
news of the next days is added by weights alone, and the scenarios are set beside those of the fit of that day: another
seed, other draws, other paths. About five minutes. The slow tests run the same comparison, every week.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

import vzforecast as vz
from vzforecast.fitting import fit_known
from vzforecast.forecast.posterior import places

PAGE = Path(__file__).parents[1] / "docs" / "agreement.md"
EVERY, LAST, AHEAD = "5D", "2025-08-31", (1, 2, 4)


@dataclass(frozen=True)
class Fit:
    """The fit of one day."""

    day: date
    forecast: vz.Forecast


def fits(case: vz.Case, settings: vz.SamplerSettings, every: str = EVERY) -> list[Fit]:
    """Fit the case every few days; one compiled model serves them all."""
    first = vz.fit(case, settings=settings)
    room = places(first.posterior)
    days = [day.date() for day in pd.date_range(first.as_of, LAST, freq=every)]
    found = [Fit(first.as_of, first)]
    for seed, day in enumerate(days[1:], start=2):
        found.append(Fit(day, fit_known(case.known_on(day), settings, seed, places=room)))
    return found


def compare(case: vz.Case, made: list[Fit], ahead: tuple[int, ...] = AHEAD) -> pd.DataFrame:
    """Return one row an update: what it took, whether it was trusted, and how far it is from the refit.

    Pairs with a fit that failed its diagnostics are left out: its numbers are not to be used for anything.
    """
    pairs = [(one, made[place + steps]) for steps in ahead for place, one in enumerate(made[:-steps])]
    pairs = [(one, other) for one, other in pairs if one.forecast.ok and other.forecast.ok]
    return pd.DataFrame([_row(case, base, refit) for base, refit in sorted(pairs, key=lambda pair: pair[0].day)])


def _row(case: vz.Case, base: Fit, refit: Fit) -> dict[str, object]:
    items = case.evidence_between(base.day, refit.day)
    row: dict[str, object] = {"from": base.day, "to": refit.day, "items": len(items)}
    try:
        quick = vz.update(base.forecast, items, method="reweight", as_of=refit.day)
    except vz.UpdateError as error:
        return row | {"accepted": False, "khat": error.khat, "ess": error.ess, "why": str(error)}
    report = quick.update_report
    old, new = quick.scenarios(), refit.forecast.scenarios()
    apart = (old["probability"] - new["probability"]).abs()
    scores = apart / np.hypot(old["mcse"], new["mcse"])
    shown = {"khat": report.khat, "ess": report.ess, "seconds": report.seconds}
    return row | {
        "accepted": True,
        **shown,
        "points": 100 * apart.max(),
        "z": scores.max(),
        "scores": scores.to_numpy(),
    }


def beyond(table: pd.DataFrame, limit: float) -> int:
    """Count the scenario probabilities further than so many combined Monte Carlo standard errors from the refit's."""
    return int((_scores(table) > limit).sum())


def _scores(table: pd.DataFrame) -> np.ndarray:
    return np.concatenate(table.loc[table["accepted"], "scores"].to_list())


def page(table: pd.DataFrame, made: list[Fit]) -> str:
    """Return the document."""
    return "\n".join(_lines(table, made)) + "\n"


def _lines(table: pd.DataFrame, made: list[Fit]) -> Iterator[str]:
    draws, failed = made[0].forecast.simulated.draws, sum(not one.forecast.ok for one in made)
    kept, scores = table[table["accepted"]], _scores(table)
    yield "# Quick updates against refits"
    yield ""
    yield (
        f"Written by `scripts/agreement.py`. {len(table)} updates of the embedded case along the real timeline, "
        f"{draws:,} draws, forced to reweight. The refit of the same evidence has another seed. A distance is the "
        f"difference of a scenario's probability in combined Monte Carlo standard errors; each line shows the largest "
        f"of the six scenarios, and the largest difference in percentage points. {failed} of {len(made)} fits failed "
        f"their diagnostics and are left out."
    )
    yield ""
    yield (
        f"Accepted: {len(kept)} of {len(table)}; refused: {len(table) - len(kept)}. Of {scores.size} probabilities "
        f"{beyond(table, 2.0)} are more than 2 errors apart, {beyond(table, 3.0)} more than 3, {beyond(table, 4.0)} "
        f"more than 4; chance alone would give {scores.size * 0.0455:.1f}, {scores.size * 0.0027:.1f} and 0.0. The "
        f"largest distance is {scores.max():.1f}."
    )
    yield ""
    yield "| from | to | items | k-hat | ESS | seconds | points | errors |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in table.to_dict(orient="records"):
        head = f"| {row['from']} | {row['to']} | {row['items']} | {row['khat']:.2f} | {row['ess']:,.0f} |"
        tail = (
            f" {row['seconds']:.2f} | {row['points']:.1f} | {row['z']:.1f} |" if row["accepted"] else " | refused | |"
        )
        yield head + tail


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare quick updates with refits.")
    parser.add_argument("--draws", type=int, default=1000, help="draws kept per chain")
    settings = vz.SamplerSettings(draws=parser.parse_args().draws)
    case = vz.load_case()
    made = fits(case, settings)
    text = page(compare(case, made), made)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
