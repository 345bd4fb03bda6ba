"""Fits planted in the cache: what asks for them gets them without sampling, in this process or another."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from helpers.synthetic import synthetic_forecast
from vzforecast.cache import write_cached
from vzforecast.case import Case, new_case
from vzforecast.convergence import ConvergenceReport
from vzforecast.fitting import fit_key
from vzforecast.forecast import Forecast
from vzforecast.settings import SamplerSettings

SETTINGS: Final = SamplerSettings(draws=50, tune=50, chains=2, paths=4)
OPTIONS: Final[Sequence[str]] = ("--draws", "50", "--tune", "50", "--chains", "2", "--paths", "4")

HEADLINE: Final = """
[headline]
process = "promise_one_off"
grouping = "kind"
level = "prisoners"
leave_out = "harbour_2018"
scenario = "calm"
"""


def plant(
    case: Case,
    as_of: str | None = None,
    *,
    settings: SamplerSettings = SETTINGS,
    seed: int = 1,
    width: float = 0.5,
    report: ConvergenceReport | None = None,
) -> Forecast:
    """Keep a synthetic forecast as if it were the fit of a case as of a day, by default the case's own."""
    known = case.known_on(as_of or case.spec.default_as_of)
    shape = {"draws": settings.draws, "chains": settings.chains, "paths": settings.paths}
    made = synthetic_forecast(known, **shape, seed=seed, width=width, report=report)
    key = fit_key(known, settings, seed)
    provenance = {**made.provenance, "settings": settings.as_dict(), "cache_key": key, "from_cache": False}
    kept = replace(made, provenance=provenance)
    write_cached(key, kept)
    return kept


def case_folder(folder: Path, *, headline: bool = False) -> Path:
    """Write the skeleton case, with what its summary is to show declared or not."""
    written = new_case(folder)
    if headline:
        text = (written / "case.toml").read_text(encoding="utf-8")
        (written / "case.toml").write_text(text + HEADLINE, encoding="utf-8")
    return written
